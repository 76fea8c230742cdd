//! Persons, or vehicles, that come together and stay together.
//!
//! Two parked cars beside one another have not met: both must have come from apart within the last
//! minutes, and a vehicle that stops among others that stand is likelier to park.

use super::near::Near;
use super::scene::{Actor, Scene};
use crate::fix::Finding;
use crate::moments::normal_cdf;
use atalaya_model::{About, EventKind, Micros, Together};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Distance of persons and of vehicles that meet, metres.
const PERSONS_M: f64 = 2.5;
const VEHICLES_M: f64 = 8.0;
/// They have come together when they were farther apart than so many times that.
const APART: f64 = 3.0;
/// They stay for so long, seconds.
const PERSONS_S: f64 = 12.0;
const VEHICLES_S: f64 = 20.0;
/// A pair out of reach for longer than this has parted, seconds.
const PARTED_S: f64 = 5.0;
/// Who has stood for longer than this before the other came was parked, seconds.
const PARKED_S: f64 = 600.0;
/// Pairs at once.
const MOST: usize = 100_000;

#[derive(Clone, Debug)]
struct Pair {
    since: Micros,
    last: Micros,
    least: f64,
    came: bool,
    told: bool,
}

/// The pairs that are together.
#[derive(Clone, Debug, Default)]
pub struct Meetings {
    pairs: BTreeMap<(Arc<str>, Arc<str>), Pair>,
}

impl Meetings {
    /// Looks at all who stand.
    pub fn tick(&mut self, now: Micros, scene: &Scene, out: &mut Vec<Finding>) {
        let stand: Vec<&Actor> = scene
            .seen()
            .filter(|a| (a.is_person() || a.is_vehicle()) && a.standing() > 0.7)
            .collect();
        let near = Near::new(stand.iter().map(|a| a.at()), VEHICLES_M);
        for (i, j) in near.pairs() {
            let (a, b) = (stand[i], stand[j]);
            if a.is_person() != b.is_person() {
                continue;
            }
            let reach = if a.is_person() { PERSONS_M } else { VEHICLES_M };
            let d = (a.at() - b.at()).norm();
            let sigma = (a.sigma_m.powi(2) + b.sigma_m.powi(2)).sqrt();
            if d > reach + sigma.min(reach) {
                continue;
            }
            let key = (a.name.clone(), b.name.clone());
            if self.pairs.len() >= MOST && !self.pairs.contains_key(&key) {
                continue;
            }
            let pair = self.pairs.entry(key).or_insert_with(|| Pair {
                since: now,
                last: now,
                least: d,
                came: came_together(a, b, now, APART * reach),
                told: false,
            });
            pair.last = now;
            pair.least = pair.least.min(d);
            let stay = if a.is_person() { PERSONS_S } else { VEHICLES_S };
            if pair.told || !pair.came || now.since(pair.since) < stay {
                continue;
            }
            pair.told = true;
            let (apart, since) = (pair.least, pair.since);
            let others = near
                .around(a.at(), 15.0)
                .filter(|k| *k != i && *k != j && stand[*k].is_vehicle() && a.is_vehicle())
                .count();
            let parked = a.is_vehicle()
                && [a, b]
                    .iter()
                    .any(|v| v.stands.is_some_and(|s| since.since(s) > PARKED_S));
            let mut p =
                a.standing() * b.standing() * normal_cdf((1.5 * reach - d) / sigma.max(0.3));
            p *= if a.is_person() { 0.9 } else { 0.8 };
            p /= 1.0 + 0.5 * others as f64;
            if parked {
                p *= 0.4;
            }
            if p < 0.5 {
                continue;
            }
            let who = if a.is_person() { "persons" } else { "vehicles" };
            out.push(Finding {
                kind: EventKind::Meeting,
                time: since,
                time_end: None,
                decided_at: now,
                subjects: vec![a.name.clone(), b.name.clone()],
                at: (a.at() + b.at()) * 0.5,
                p,
                reason: format!(
                    "two {who} came from apart and have stood {apart:.1} m from each other for {:.0} s; {others} other vehicles stand around",
                    now.since(since)
                ),
                about: Some(About::Together(Together {
                    apart_m: (apart * 10.0).round() / 10.0,
                    lasted_s: now.since(since),
                })),
            });
        }
        self.pairs.retain(|_, p| now.since(p.last) <= PARTED_S);
    }
}

/// Both were seen apart from each other within their remembered ways.
fn came_together(a: &Actor, b: &Actor, now: Micros, apart: f64) -> bool {
    let far = |x: &Actor, y: &Actor| {
        x.way
            .iter()
            .any(|w| y.at_time(w.0).is_some_and(|p| (w.1 - p).norm() > apart))
    };
    // One of them may be new here: it has come if it was apart from where the other stands now.
    let walked = |x: &Actor| x.way.iter().any(|w| (w.1 - x.at()).norm() > apart);
    now.since(a.first.0.max(b.first.0)) >= 0.0
        && (far(a, b) || far(b, a))
        && (walked(a) || walked(b))
}
