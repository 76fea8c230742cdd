//! The routine itself has changed: a rate of the last days differs from the rate before.
//!
//! For each count, two rates with a change between two days are weighed against one rate throughout (Bayes factor
//! of gamma-Poisson marginals, the day of the change being any of the last weeks; Raftery and Akman 1986).

use super::Key;
use super::rates::{Rates, day_hour};
use crate::fix::Finding;
use crate::table::round3;
use atalaya_geo::Vector2;
use atalaya_model::{About, EventKind, Micros, Unusual};
use std::collections::BTreeMap;

/// Days that are looked at, and the least before and after the change.
const DAYS: i64 = 42;
const LEAST: usize = 5;
/// A change is said at this Bayes factor's logarithm.
const SAID: f64 = 2.3;
/// Days before another change of the same is said.
const QUIET_DAYS: i64 = 7;
const DAY_US: i64 = 86_400_000_000;

#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    day: Option<i64>,
    said: BTreeMap<Key, i64>,
}

impl Changes {
    /// Looks at the days that are over, once a day.
    pub(super) fn day(&mut self, t: Micros, rates: &Rates, out: &mut Vec<(String, Finding)>) {
        let today = day_hour(t).0;
        if self.day.replace(today) == Some(today) {
            return;
        }
        for (key, counts) in &rates.counts {
            let Some(days) = rates.days.get(&key.site) else {
                continue;
            };
            if self.said.get(key).is_some_and(|d| today - d < QUIET_DAYS) {
                continue;
            }
            // Only days since the last change that was said.
            let from = self.said.get(key).map_or(today - DAYS, |d| d - QUIET_DAYS);
            let each: Vec<(i64, f64, f64)> = days
                .range(from..today)
                .map(|(d, w)| {
                    let n = counts.get(d).map_or(0.0, |c| c.n.iter().sum());
                    (*d, n, w.watched_h.iter().sum())
                })
                .collect();
            if let Some((split, factor)) = changed(&each) {
                self.said.insert(key.clone(), today);
                let sum = |part: &[(i64, f64, f64)]| {
                    part.iter().fold((0.0, 0.0), |s, d| (s.0 + d.1, s.1 + d.2))
                };
                let (before, after) = (sum(&each[..split]), sum(&each[split..]));
                let expected = before.0 / before.1.max(1e-9) * after.1;
                let since = Micros(each[split].0 * DAY_US);
                let finding = Finding {
                    kind: EventKind::Change,
                    time: since,
                    time_end: None,
                    decided_at: t,
                    subjects: Vec::new(),
                    at: Vector2::zeros(),
                    p: round3(1.0 / (1.0 + (-factor).exp())),
                    reason: format!(
                        "{} at {} since about {}: {:.1} in {:.0} watched hours, {expected:.1} would be usual",
                        key.kind.name(),
                        key.site,
                        since.to_rfc3339().get(..10).unwrap_or_default(),
                        after.0,
                        after.1
                    ),
                    about: Some(About::Routine(Unusual {
                        kind: key.kind,
                        class: if key.truck { "truck" } else { "" }.into(),
                        seen: round3(after.0),
                        expected: round3(expected),
                        watched_h: round3(after.1),
                        last: None,
                    })),
                };
                out.push((key.site.clone(), finding));
            }
        }
    }
}

/// Where the rate changed, and the logarithm of the Bayes factor; `None` when it did not.
fn changed(days: &[(i64, f64, f64)]) -> Option<(usize, f64)> {
    let n = days.len();
    if n < 2 * LEAST {
        return None;
    }
    let total = days.iter().fold((0.0, 0.0), |s, d| (s.0 + d.1, s.1 + d.2));
    // A prior that knows no more than one day of the average.
    let prior = (1.0, total.1.max(1.0) / total.0.max(1.0));
    let one = marginal(total, prior);
    let mut sum = (0.0, 0.0);
    let mut best: Option<(usize, f64)> = None;
    let mut all = Vec::new();
    for (i, d) in days.iter().enumerate() {
        if i >= LEAST && n - i >= LEAST {
            let rest = (total.0 - sum.0, total.1 - sum.1);
            let two = marginal(sum, prior) + marginal(rest, prior) - one;
            all.push(two);
            if best.is_none_or(|b| two > b.1) {
                best = Some((i, two));
            }
        }
        sum = (sum.0 + d.1, sum.1 + d.2);
    }
    let top = best?.1;
    let mean = all.iter().map(|x| (x - top).exp()).sum::<f64>() / all.len() as f64;
    let factor = top + mean.ln();
    (factor > SAID).then_some((best?.0, factor))
}

/// Logarithm of the gamma-Poisson marginal of a count in some hours, but for what all splits share.
fn marginal((n, hours): (f64, f64), (a, b): (f64, f64)) -> f64 {
    ln_gamma(a + n) - ln_gamma(a) + a * b.ln() - (a + n) * (b + hours).ln()
}

/// Logarithm of the gamma function (Lanczos 1964, g = 5), for positive numbers.
fn ln_gamma(x: f64) -> f64 {
    const C: [f64; 6] = [
        76.180_091_729_471_46,
        -86.505_320_329_416_77,
        24.014_098_240_830_91,
        -1.231_739_572_450_155,
        0.120_865_097_386_617_9e-2,
        -0.539_523_938_495_3e-5,
    ];
    let t = x + 5.5;
    let t = t - (x + 0.5) * t.ln();
    let mut s = 1.000_000_000_190_015;
    for (i, c) in C.iter().enumerate() {
        s += c / (x + 1.0 + i as f64);
    }
    -t + (2.506_628_274_631_000_5 * s / x).ln()
}
