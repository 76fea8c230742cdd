//! Sources of stretches of readings that overlap, joined to episodes.

use crate::estimate::{Source, round};

/// No more episodes than this are remembered: the oldest go first.
const MOST: usize = 200;
/// Episodes belong together when the time between is no longer than this share of a stretch.
const GAP: f64 = 0.08;
/// Rates that differ by more than this are those of different sources.
const STRONGER: f64 = 4.0;

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
            let known = self
                .all
                .iter_mut()
                .find(|k| touch(k, &source, gap) && alike(k, &source) && as_strong(k, &source));
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

/// Whether there is no more time than a gap between two.
fn touch(a: &Source, b: &Source, gap: f64) -> bool {
    a.t0_s <= b.t1_s + gap && b.t0_s <= a.t1_s + gap
}

/// Whether two can be one source: the same candidate, or places within the lesser of their errors.
fn alike(a: &Source, b: &Source) -> bool {
    if a.candidate.is_some() && b.candidate.is_some() {
        return a.candidate == b.candidate;
    }
    let spread = |s: &Source| s.cov[0] + s.cov[4];
    let d2 = (a.e - b.e).powi(2) + (a.n - b.n).powi(2);
    d2 <= 9.0 * spread(a).min(spread(b)) + 25.0
}

/// Whether two rates can be one.
fn as_strong(a: &Source, b: &Source) -> bool {
    let ratio = a.rate_kg_h / b.rate_kg_h;
    (1.0 / STRONGER..STRONGER).contains(&ratio)
}

/// Where it is said to be is what the one says that was seen for longer, how strong the mean of both by their time; the times
/// are those of both.
fn join(known: &mut Source, more: Source) {
    let span = (known.t0_s.min(more.t0_s), known.t1_s.max(more.t1_s));
    let p = known.p.max(more.p);
    let (a, b) = (lasts(known), lasts(&more));
    let share = b / (a + b);
    let rates = rates(known)
        .into_iter()
        .zip(rates(&more))
        .map(|(a, b)| (a.ln() * (1.0 - share) + b.ln() * share).exp())
        .collect();
    if b > a {
        *known = more;
    }
    (known.t0_s, known.t1_s) = span;
    known.p = p;
    say(known, rates);
}

/// Sources at the same candidate that touch in time are one that changes: together they let go what each does.
pub fn merged(found: Vec<Source>, span: (f64, f64)) -> Vec<Source> {
    let gap = GAP * (span.1 - span.0);
    let mut all: Vec<Source> = Vec::new();
    for mut source in found {
        // What was added to one may join it with another.
        while let Some(i) = all.iter().position(|k| {
            k.candidate.is_some() && k.candidate == source.candidate && touch(k, &source, gap)
        }) {
            source = together(all.swap_remove(i), source);
        }
        all.push(source);
    }
    all
}

/// Two as one: where the one is that lets go more, for as long as either, with the mass of both.
fn together(a: Source, b: Source) -> Source {
    let span = (a.t0_s.min(b.t0_s), a.t1_s.max(b.t1_s));
    let whole = (span.1 - span.0).max(1.0);
    let (la, lb) = (lasts(&a), lasts(&b));
    let masses = rates(&a).into_iter().zip(rates(&b));
    let rates = masses.map(|(x, y)| (x * la + y * lb) / whole).collect();
    let p = a.p.max(b.p);
    let mut one = if a.rate_kg_h * la >= b.rate_kg_h * lb {
        a
    } else {
        b
    };
    (one.t0_s, one.t1_s) = span;
    one.p = p;
    say(&mut one, rates);
    one
}

/// For how long, s.
fn lasts(s: &Source) -> f64 {
    (s.t1_s - s.t0_s).max(1.0)
}

/// The rate and the ends of its intervals, kg/h.
fn rates(s: &Source) -> [f64; 5] {
    [
        s.rate_kg_h,
        s.rate_lo90,
        s.rate_hi90,
        s.rate_lo50,
        s.rate_hi50,
    ]
    .map(|r| r.max(1e-6))
}

fn say(s: &mut Source, rates: Vec<f64>) {
    let to = [
        &mut s.rate_kg_h,
        &mut s.rate_lo90,
        &mut s.rate_hi90,
        &mut s.rate_lo50,
        &mut s.rate_hi50,
    ];
    to.into_iter()
        .zip(rates)
        .for_each(|(to, r)| *to = round(r, 4));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::region::Region;

    fn source(candidate: &str, (t0_s, t1_s): (f64, f64), rate: f64, e: f64) -> Source {
        let region = Region::of(&crate::grid::Grid::new(&area(), 4, 1), &[true; 4]);
        Source {
            p: 0.9,
            e,
            n: 0.0,
            u: 1.0,
            cov: [4.0, 0.0, 0.0, 0.0, 4.0, 0.0, 0.0, 0.0, 1.0],
            rate_kg_h: rate,
            rate_lo90: 0.5 * rate,
            rate_hi90: 2.0 * rate,
            rate_lo50: 0.8 * rate,
            rate_hi50: 1.25 * rate,
            region50: region.clone(),
            region90: region,
            t0_s,
            t1_s,
            candidate: Some(candidate.to_owned()),
            candidates: Vec::new(),
        }
    }

    fn area() -> crate::grid::Area {
        let at = atalaya_geo::Vector3::new;
        crate::grid::Area {
            lo: at(0.0, 0.0, 0.0),
            hi: at(10.0, 10.0, 1.0),
        }
    }

    #[test]
    fn what_one_candidate_lets_go_is_added() {
        // 2 kg/h for an hour and 1 kg/h for three, of which two together: 5 kg in three and a half hours.
        let parts = vec![
            source("tank", (0.0, 3600.0), 2.0, 5.0),
            source("tank", (1800.0, 12600.0), 1.0, 9.0),
            source("well", (0.0, 12600.0), 7.0, 1.0),
        ];
        let all = merged(parts, (0.0, 20000.0));
        assert_eq!(all.len(), 2);
        let tank = all.iter().find(|s| s.candidate.as_deref() == Some("tank"));
        let tank = tank.unwrap_or_else(|| panic!("{all:?}"));
        assert_eq!((tank.t0_s, tank.t1_s), (0.0, 12600.0));
        assert!((tank.rate_kg_h * 3.5 - 5.0).abs() < 1e-3);
        assert!(tank.rate_lo90 < tank.rate_kg_h && tank.rate_kg_h < tank.rate_hi90);
        assert_eq!(tank.e, 9.0, "it is where more was let go");
    }

    #[test]
    fn an_episode_goes_on_only_as_strong_as_it_was() {
        let mut all = Episodes::default();
        let span = (0.0, 10000.0);
        all.add(vec![source("tank", (0.0, 9000.0), 2.0, 5.0)], span, 0.0);
        all.add(vec![source("tank", (8000.0, 12000.0), 1.0, 6.0)], span, 0.0);
        assert_eq!(all.sources().len(), 1);
        let one = &all.sources()[0];
        assert_eq!((one.t0_s, one.t1_s, one.e), (0.0, 12000.0, 5.0));
        // By their time: 9/13 of ln 2.
        assert!((one.rate_kg_h.ln() - 2f64.ln() * 9.0 / 13.0).abs() < 1e-3);
        all.add(
            vec![source("tank", (12000.0, 19000.0), 0.2, 5.0)],
            span,
            0.0,
        );
        assert_eq!(all.sources().len(), 2, "a tenth of it is another");
    }
}
