//! Sources of stretches of readings that overlap, joined to episodes.

use crate::estimate::{Source, round};

/// No more episodes than this are remembered: the oldest go first.
const MOST: usize = 200;
/// Episodes belong together when the time between is no longer than this share of a stretch.
const GAP: f64 = 0.08;

/// What was found so far.
#[derive(Clone, Debug, Default)]
pub struct Episodes {
    all: Vec<Source>,
    /// Probability that no stretch holds a source, by the least of them.
    none: Option<f64>,
}

impl Episodes {
    /// Adds what a stretch of readings says, with the probability that it holds no source.
    pub fn add(&mut self, found: Vec<Source>, span: (f64, f64), none: f64) {
        self.none = Some(self.none.map_or(none, |n| n.min(none)));
        let gap = GAP * (span.1 - span.0);
        for source in found {
            let known = self.all.iter_mut().find(|k| {
                k.t0_s <= source.t1_s + gap && source.t0_s <= k.t1_s + gap && alike(k, &source)
            });
            match known {
                Some(k) => join(k, source),
                None => self.all.push(source),
            }
        }
        let extra = self.all.len().saturating_sub(MOST);
        self.all.drain(..extra);
    }

    /// Probability that there was a source at any time.
    pub fn any(&self) -> f64 {
        1.0 - self.none.unwrap_or(1.0)
    }

    /// Probabilities of how many there were, each taken as independent of the others.
    pub fn numbers(&self) -> Vec<f64> {
        let mut p = vec![1.0];
        for s in &self.all {
            p.push(0.0);
            for i in (0..p.len()).rev() {
                let before = if i > 0 { p[i - 1] } else { 0.0 };
                p[i] = p[i] * (1.0 - s.p) + before * s.p;
            }
        }
        p.iter().map(|p| round(*p, 6)).collect()
    }

    /// All of them by their beginning.
    pub fn sources(&self) -> Vec<Source> {
        let mut all = self.all.clone();
        all.sort_by(|a, b| a.t0_s.total_cmp(&b.t0_s));
        all
    }
}

/// Whether two can be one source: the same candidate, or places within their errors.
fn alike(a: &Source, b: &Source) -> bool {
    if a.candidate.is_some() && b.candidate.is_some() {
        return a.candidate == b.candidate;
    }
    let spread = |s: &Source| s.cov[0] + s.cov[4];
    let d2 = (a.e - b.e).powi(2) + (a.n - b.n).powi(2);
    d2 <= 9.0 * (spread(a) + spread(b)) / 2.0 + 25.0
}

/// The one that was seen for longer says where and how strong; the times are those of both.
fn join(known: &mut Source, more: Source) {
    let span = (known.t0_s.min(more.t0_s), known.t1_s.max(more.t1_s));
    let p = known.p.max(more.p);
    if more.t1_s - more.t0_s > known.t1_s - known.t0_s {
        *known = more;
    }
    (known.t0_s, known.t1_s) = span;
    known.p = p;
}
