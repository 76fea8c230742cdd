//! What does not fit the routine: something at an hour at which it does not happen, or more at once than come at
//! once.

use super::rates::{HOURS, Rates, day_hour, day_type};
use super::{Happening, Key};
use crate::fix::Finding;
use crate::table::round3;
use atalaya_model::{About, EventKind, Micros, Unusual};
use std::collections::{BTreeMap, VecDeque};

/// Hours of the day count alike when they are no further apart than this (one sigma).
const ALIKE_H: f64 = 1.0;
/// What days of another type (weekday, Saturday, Sunday) count for.
const OTHER_DAYS: f64 = 0.15;
/// Watched hours, so weighed, without which nothing is called unusual.
const LEAST_H: f64 = 4.0;
/// Something is unusual when the routine would have one in the hours around with no more than this probability.
const UNUSUAL: f64 = 0.06;
/// The hours around, of which an event stands for.
const AROUND_H: f64 = 2.0;
/// The whole day's rate counts as so many watched hours of each hour.
const PRIOR_H: f64 = 0.6;
/// Arrivals within so many seconds belong together …
const TOGETHER_S: f64 = 600.0;
/// … and are too many when so many come by chance only with this probability.
const TOO_MANY: f64 = 0.001;
/// When it happened is not known well enough to be unusual, hours.
const VAGUE_H: f64 = 3.0;
/// The same is not said again within so many seconds.
const QUIET_S: f64 = 6.0 * 3_600.0;

/// What was said, and what came last.
#[derive(Clone, Debug, Default)]
pub(super) struct Novelties {
    recent: BTreeMap<Key, VecDeque<Micros>>,
    said: BTreeMap<(Key, bool), Micros>,
}

/// What the routine has at an hour: weighed count, weighed hours, and the last one like it.
struct Usual {
    n: f64,
    hours: f64,
    last: Option<Micros>,
}

fn usual(rates: &Rates, key: &Key, t: Micros) -> Usual {
    let (today, now) = day_hour(t);
    let weight = |day: i64, hour: usize| {
        let d = now.abs_diff(hour);
        let d = d.min(HOURS - d) as f64 / ALIKE_H;
        let alike = (-0.5 * d * d).exp();
        if day_type(day) == day_type(today) {
            alike
        } else {
            alike * OTHER_DAYS
        }
    };
    let (mut n, mut hours, mut all_n, mut all_h) = (0.0, 0.0, 0.0, 0.0);
    let mut last = None;
    for (day, d) in rates.days.get(&key.site).into_iter().flatten() {
        for (h, w) in d.watched_h.iter().enumerate() {
            hours += weight(*day, h) * w;
            all_h += w;
        }
    }
    for (day, c) in rates.counts.get(key).into_iter().flatten() {
        for (h, k) in c.n.iter().enumerate() {
            n += weight(*day, h) * k;
            all_n += k;
            if *k > 0.0 && weight(*day, h) > 0.3 {
                last = c.last;
            }
        }
    }
    let rate = (all_n + 0.5) / (all_h + 1.0);
    Usual {
        n: n + rate * PRIOR_H,
        hours: hours + PRIOR_H,
        last,
    }
}

impl Novelties {
    pub(super) fn judge(&mut self, h: &Happening, rates: &Rates, out: &mut Vec<(String, Finding)>) {
        let vague = h.to.since(h.from) > VAGUE_H * 3_600.0;
        if vague {
            return;
        }
        // Of the moments at which it may have happened, the least surprising.
        let (a, b) = (usual(rates, &h.key, h.from), usual(rates, &h.key, h.to));
        let u = if a.n / a.hours >= b.n / b.hours { a } else { b };
        if u.hours - PRIOR_H < LEAST_H {
            return;
        }
        // A negative binomial has nothing in the hours around with this probability.
        let none = (u.hours / (u.hours + AROUND_H)).powf(u.n);
        let expected = u.n / u.hours * AROUND_H;
        if 1.0 - none < UNUSUAL {
            let last = u.last.map_or_else(
                || format!("none in {:.0} watched hours like these", u.hours),
                |t| format!("the last one like it: {}", t.to_rfc3339()),
            );
            let why = format!(
                "{} of a {} at this hour: {expected:.2} would be usual; {last}",
                h.key.kind.name(),
                what(&h.key)
            );
            self.say(h, false, 1.0 - (1.0 - none), why, 1.0, expected, &u, out);
        }
        if h.key.kind == EventKind::Arrival {
            self.many(h, &u, out);
        }
    }

    /// More at once than come at once.
    fn many(&mut self, h: &Happening, u: &Usual, out: &mut Vec<(String, Finding)>) {
        let recent = self.recent.entry(h.key.clone()).or_default();
        recent.push_back(h.to);
        while recent.front().is_some_and(|t| h.to.since(*t) > TOGETHER_S) {
            recent.pop_front();
        }
        let k = recent.len();
        if k < 3 {
            return;
        }
        let tail = at_least(k, u.n, u.hours, TOGETHER_S / 3_600.0);
        if tail < TOO_MANY {
            let expected = u.n / u.hours * TOGETHER_S / 3_600.0;
            let why = format!(
                "{k} {}s came within {:.0} minutes; {expected:.2} would be usual",
                what(&h.key),
                TOGETHER_S / 60.0
            );
            self.say(h, true, 1.0 - tail, why, k as f64, expected, u, out);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "all of one sentence")]
    fn say(
        &mut self,
        h: &Happening,
        many: bool,
        p: f64,
        reason: String,
        seen: f64,
        expected: f64,
        u: &Usual,
        out: &mut Vec<(String, Finding)>,
    ) {
        let key = (h.key.clone(), many);
        let said = self.said.get(&key);
        if said.is_some_and(|t| h.to.since(*t) < QUIET_S) {
            return;
        }
        self.said.insert(key, h.to);
        let site = h.key.site.clone();
        let finding = Finding {
            kind: EventKind::Novelty,
            time: h.finding.time,
            time_end: h.finding.time_end,
            decided_at: h.finding.decided_at,
            subjects: h.finding.subjects.clone(),
            at: h.finding.at,
            p: round3(p * h.finding.p),
            reason,
            about: Some(About::Routine(Unusual {
                kind: h.key.kind,
                class: if h.key.truck { "truck" } else { "" }.into(),
                seen,
                expected: round3(expected),
                watched_h: round3(u.hours),
                last: u.last,
            })),
        };
        out.push((site, finding));
    }
}

fn what(key: &Key) -> &'static str {
    if key.truck { "truck" } else { "vehicle" }
}

/// Probability of at least `k` in `hours`, when `n` were counted in `watched` (gamma-Poisson).
fn at_least(k: usize, n: f64, watched: f64, hours: f64) -> f64 {
    let p = watched / (watched + hours);
    let mut term = p.powf(n);
    let mut below = 0.0;
    for i in 0..k {
        below += term;
        term *= (n + i as f64) / (i as f64 + 1.0) * (1.0 - p);
    }
    (1.0 - below).max(0.0)
}
