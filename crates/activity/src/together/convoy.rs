//! Vehicles that follow one another: over the same ground, a few seconds apart, for long enough.
//!
//! A queue of parked cars has no way in common, and cars in traffic share a way and a headway for a
//! while: the probability grows with the length, with turns taken together, and with a headway that is
//! short and steady.

use super::near::Near;
use super::scene::{Actor, Scene};
use crate::fix::Finding;
use atalaya_geo::Vector2;
use atalaya_model::{About, EventKind, Micros, Together};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Way in common, metres, at least.
const WAY_M: f64 = 80.0;
/// Longest and shortest headway, seconds.
const HEADWAY_S: (f64, f64) = (0.4, 8.0);
/// Two ways are one within this, metres, and two sigmas.
const SAME_M: f64 = 4.0;
/// Ahead by more than this is no candidate, metres.
const AHEAD_M: f64 = 120.0;
/// A place of the way is looked at every so many metres.
const STEP_M: f64 = 10.0;
/// A convoy is forgotten after this much silence, seconds.
const FORGET_S: f64 = 300.0;
/// Leaders tried for one vehicle.
const LEADERS: usize = 16;

/// Convoys that were told: members in order.
#[derive(Clone, Debug, Default)]
pub struct Convoys {
    /// Follower, leader: when they were last seen so.
    told: BTreeMap<(Arc<str>, Arc<str>), Micros>,
}

/// What two ways have in common.
struct Shared {
    length: f64,
    headway: f64,
    spread: f64,
    turns: u32,
    from: Micros,
    apart: f64,
}

impl Convoys {
    /// Looks at all who drive.
    pub fn tick(&mut self, now: Micros, scene: &Scene, out: &mut Vec<Finding>) {
        let drive: Vec<&Actor> = scene
            .seen()
            .filter(|a| a.is_vehicle() && a.standing() < 0.3 && length(a) >= WAY_M)
            .collect();
        let near = Near::new(drive.iter().map(|a| a.at()), AHEAD_M / 2.0);
        for (i, b) in drive.iter().enumerate() {
            let mut leaders: Vec<usize> =
                near.around(b.at(), AHEAD_M).filter(|j| *j != i).collect();
            leaders.sort_by(|x, y| {
                let d = |k: &usize| (drive[*k].at() - b.at()).norm();
                d(x).total_cmp(&d(y)).then(x.cmp(y))
            });
            for a in leaders.iter().take(LEADERS).map(|j| drive[*j]) {
                let key = (b.name.clone(), a.name.clone());
                if let Some(t) = self.told.get_mut(&key) {
                    *t = now;
                    continue;
                }
                let Some(s) = shared(a, b) else { continue };
                let odds = -1.0
                    + 0.015 * (s.length - WAY_M)
                    + 0.25 * (5.0 - s.headway)
                    + 0.8 * f64::from(s.turns.min(3))
                    - 0.5 * s.spread;
                let p = 1.0 / (1.0 + (-odds).exp());
                if p < 0.5 {
                    continue;
                }
                self.told.insert(key, now);
                out.push(Finding {
                    kind: EventKind::Convoy,
                    time: s.from,
                    time_end: None,
                    decided_at: now,
                    subjects: self.chain(a, b),
                    at: b.at(),
                    p,
                    reason: format!(
                        "one has followed the other for {:.0} m over the same ground, {:.1} s behind, through {} turns",
                        s.length, s.headway, s.turns
                    ),
                    about: Some(About::Together(Together {
                        apart_m: (s.apart * 10.0).round() / 10.0,
                        lasted_s: now.since(s.from),
                    })),
                });
                // Who follows this one follows its leader's leader, too: once is enough.
                break;
            }
        }
        self.told.retain(|_, t| now.since(*t) < FORGET_S);
    }

    /// Those ahead of the leader, the leader, the follower.
    fn chain(&self, a: &Actor, b: &Actor) -> Vec<Arc<str>> {
        let mut all = vec![b.name.clone(), a.name.clone()];
        while let Some(last) = all.last() {
            let ahead = self
                .told
                .keys()
                .find(|(f, l)| f == last && !all.contains(l));
            match ahead {
                Some((_, l)) => all.push(l.clone()),
                None => break,
            }
        }
        all.reverse();
        all
    }
}

fn length(a: &Actor) -> f64 {
    let way = a.way.iter().zip(a.way.iter().skip(1));
    way.map(|(x, y)| (y.1 - x.1).norm()).sum()
}

/// The way that `b` drove where `a` had just driven, back from now.
fn shared(a: &Actor, b: &Actor) -> Option<Shared> {
    let reach = SAME_M + 2.0 * (a.sigma_m + b.sigma_m);
    let (mut length, mut step) = (0.0, f64::INFINITY);
    let (mut headways, mut turns) = (Vec::new(), 0);
    let mut from = b.last.0;
    let mut course: Option<Vector2<f64>> = None;
    let mut corner: Option<Vector2<f64>> = None;
    let back: Vec<_> = b.way.iter().rev().collect();
    for pair in back.windows(2) {
        let (late, early) = (pair[0], pair[1]);
        let d = (late.1 - early.1).norm();
        step += d;
        if step >= STEP_M {
            step = 0.0;
            let Some(t) = passed(a, early.1, early.0, reach) else {
                break;
            };
            let headway = early.0.since(t);
            if !(HEADWAY_S.0..=HEADWAY_S.1).contains(&headway) {
                break;
            }
            headways.push(headway);
            from = early.0;
            if let Some(c) = corner {
                let now = c - early.1;
                if let Some(before) = course
                    && now.norm() > 1.0
                    && now.angle(&before) > 0.8
                {
                    turns += 1;
                    course = Some(now);
                } else if course.is_none() {
                    course = Some(now);
                }
            }
            corner = Some(early.1);
        }
        length += d;
    }
    if length < WAY_M || headways.len() < 4 {
        return None;
    }
    let n = headways.len() as f64;
    let mean = headways.iter().sum::<f64>() / n;
    let var = headways.iter().map(|h| (h - mean).powi(2)).sum::<f64>() / n;
    Some(Shared {
        length,
        headway: mean,
        spread: var.sqrt(),
        turns,
        from,
        apart: (a.at() - b.at()).norm(),
    })
}

/// When `a` last passed a place before `t`.
fn passed(a: &Actor, at: Vector2<f64>, t: Micros, reach: f64) -> Option<Micros> {
    let way: Vec<_> = a.way.iter().rev().filter(|w| w.0 <= t).collect();
    let mut best: Option<(f64, Micros)> = None;
    for pair in way.windows(2) {
        let (late, early) = (pair[0], pair[1]);
        if t.since(late.0) > HEADWAY_S.1 + 2.0 {
            break;
        }
        let ab = late.1 - early.1;
        let len2 = ab.norm_squared();
        let f = if len2 > 0.0 {
            ((at - early.1).dot(&ab) / len2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let d = (early.1 + ab * f - at).norm();
        if d < reach && best.is_none_or(|b| d < b.0) {
            let dt = Micros::from_secs(late.0.since(early.0) * f);
            best = Some((d, early.0 + dt));
        }
    }
    best.map(|b| b.1)
}
