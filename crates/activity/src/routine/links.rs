//! What follows what: "a delivery is followed by emission within six hours, 7 of 8 times".

use super::{Happening, Key};
use atalaya_model::{EventKind, Micros};
use std::collections::{BTreeMap, VecDeque};

/// What follows within so many seconds counts.
const WITHIN_S: f64 = 6.0 * 3_600.0;
/// Happenings that are kept of a site and kind.
const MOST: usize = 4_096;

/// How often one kind followed another at a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed {
    /// The site.
    pub site: String,
    /// First this …
    pub first: EventKind,
    /// … then that …
    pub then: EventKind,
    /// … within so many seconds.
    pub within_s: f64,
    /// So often …
    pub times: u32,
    /// … of so many times.
    pub of: u32,
    /// So often would have been chance, given how often the second comes at all.
    pub by_chance: f64,
}

/// Times of what happened.
#[derive(Default)]
pub struct Links {
    times: BTreeMap<(String, EventKind), VecDeque<Micros>>,
    first: Option<Micros>,
    last: Option<Micros>,
}

impl Links {
    pub(super) fn happened(&mut self, h: &Happening) {
        let Key { site, kind, .. } = &h.key;
        let all = self.times.entry((site.clone(), *kind)).or_default();
        if all.len() == MOST {
            all.pop_front();
        }
        all.push_back(h.to);
        self.first = Some(self.first.map_or(h.to, |t| t.min(h.to)));
        self.last = Some(self.last.map_or(h.to, |t| t.max(h.to)));
    }

    /// All pairs of kinds at one site, the most telling first; those that are no more than chance are left out.
    pub fn all(&self) -> Vec<Followed> {
        let span = match (self.first, self.last) {
            (Some(a), Some(b)) => b.since(a).max(1.0),
            _ => return Vec::new(),
        };
        let end = self.last.unwrap_or(Micros::MIN);
        let mut out = Vec::new();
        for ((site, first), firsts) in &self.times {
            for ((other, then), thens) in &self.times {
                if site != other || first == then {
                    continue;
                }
                // Only those after which there was time for it.
                let due: Vec<&Micros> = firsts
                    .iter()
                    .filter(|t| end.since(**t) >= WITHIN_S)
                    .collect();
                let follows = |t: &Micros| {
                    let mut after = thens.iter().map(|u| u.since(*t));
                    after.any(|s| s > 0.0 && s <= WITHIN_S)
                };
                let times = due.iter().filter(|t| follows(t)).count() as u32;
                let chance = 1.0 - (-(thens.len() as f64) * WITHIN_S / span).exp();
                let of = due.len() as u32;
                let by_chance = chance * f64::from(of);
                let spread = (by_chance * (1.0 - chance)).sqrt().max(0.5);
                if of >= 4 && (f64::from(times) - by_chance) / spread > 3.0 {
                    out.push(Followed {
                        site: site.clone(),
                        first: *first,
                        then: *then,
                        within_s: WITHIN_S,
                        times,
                        of,
                        by_chance: (by_chance * 10.0).round() / 10.0,
                    });
                }
            }
        }
        out.sort_by(|a, b| {
            let excess = |f: &Followed| f64::from(f.times) - f.by_chance;
            excess(b).total_cmp(&excess(a))
        });
        out
    }
}
