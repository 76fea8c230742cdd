//! Who comes when: proposes visits, passes and walks, and keeps those that meet nobody.
//!
//! A proposal that would bring two movers too close is dropped and tried again at
//! another time, so that the accepted set is free of collisions by construction.

use super::actors::{Actor, Kind, wrap};
use super::errands::{Leg, Plan, Way, carrier, cross, halt, pass, stay_for, visit, walk};
use super::{Density, WorldOptions};
use crate::rng::Stream;

/// Whether `a` keeps clear of `b` at all common times.
fn clear(a: &Actor, b: &Actor) -> bool {
    let (t0, t1) = (a.t0.max(b.t0), a.t1().min(b.t1()));
    let both = a.kind.is_vehicle() && b.kind.is_vehicle();
    let persons = !a.kind.is_vehicle() && !b.kind.is_vehicle();
    let mut t = t0;
    while t <= t1 {
        if let (Some(p), Some(q)) = (a.pose(t), b.pose(t)) {
            let d = [q.at[0] - p.at[0], q.at[1] - p.at[1]];
            let dist = d[0].hypot(d[1]);
            let along = wrap(p.heading - q.heading).abs() < 1.0;
            let inside = p.at[1] > -33.0 && q.at[1] > -33.0;
            // One that halts on the road's shoulder is passed.
            let halted = p.at[1].min(q.at[1]) < -41.0 && p.at[1].max(q.at[1]) < -33.0;
            let least = match (both, persons) {
                (true, _) if halted => 2.9,
                (true, _) if along => 11.0,
                (true, _) if inside => 6.0,
                (true, _) => 2.9,
                (_, true) => 0.75,
                // A person beside a vehicle: the distance to its rectangle.
                _ => {
                    let (v, veh) = if a.kind.is_vehicle() { (p, a) } else { (q, b) };
                    let (s, c) = v.heading.sin_cos();
                    let sign = if a.kind.is_vehicle() { 1.0 } else { -1.0 };
                    let e = [d[0] * sign, d[1] * sign];
                    let size = veh.kind.size_m();
                    let u = (e[0] * c + e[1] * s).abs() - 0.5 * f64::from(size[0]);
                    let w = (e[1] * c - e[0] * s).abs() - 0.5 * f64::from(size[1]);
                    if u.max(0.0).hypot(w.max(0.0)) < 0.5 {
                        return false;
                    }
                    0.0
                }
            };
            if dist < least {
                return false;
            }
        }
        t += 0.25;
    }
    true
}

const PAINT: [[f32; 3]; 8] = [
    [0.86, 0.86, 0.84],
    [0.62, 0.63, 0.65],
    [0.16, 0.16, 0.18],
    [0.55, 0.13, 0.11],
    [0.14, 0.22, 0.42],
    [0.42, 0.44, 0.40],
    [0.72, 0.66, 0.52],
    [0.24, 0.30, 0.24],
];
const CLOTH: [[f32; 3]; 7] = [
    [0.80, 0.78, 0.74],
    [0.16, 0.17, 0.22],
    [0.60, 0.20, 0.16],
    [0.20, 0.28, 0.46],
    [0.30, 0.32, 0.28],
    [0.12, 0.12, 0.12],
    [0.88, 0.85, 0.80],
];

fn actor(rng: &mut Stream, plan: &Plan, t_end: f64) -> Actor {
    let (color, color2) = if plan.kind == Kind::Person {
        (CLOTH[rng.below(CLOTH.len())], CLOTH[1 + rng.below(5)])
    } else {
        let body = [[0.82, 0.82, 0.80], [0.66, 0.68, 0.70], [0.45, 0.50, 0.58]];
        // Country roads leave a veil of dust on every paint.
        let veil = rng.range(0.15, 0.4) as f32;
        let dust = [0.60, 0.55, 0.47];
        let dusty = |c: [f32; 3]| [0, 1, 2].map(|k| c[k] + veil * (dust[k] - c[k]));
        (
            dusty(PAINT[rng.below(PAINT.len())]),
            dusty(body[rng.below(body.len())]),
        )
    };
    let samples = plan.samples(t_end);
    Actor {
        id: 0,
        kind: plan.kind,
        color,
        color2,
        t0: plan.t0,
        samples,
    }
}

/// How many of the actors are in the world at the busiest moment.
fn crowd(actors: &[Actor], t_end: f64) -> usize {
    let mut most = 0;
    for k in 0..=(t_end * 2.0) as usize {
        let t = 0.5 * k as f64;
        let seen = |a: &&Actor| {
            a.pose(t)
                .is_some_and(|p| p.at[0].abs() < 90.0 && !a.samples.is_empty())
        };
        most = most.max(actors.iter().filter(seen).count());
    }
    most
}

/// Greatest number of movers near the compound at once.
const CROWD: usize = 8;

/// Makes the actors of a world of `duration_s` seconds.
pub(crate) fn actors(seed: u64, options: &WorldOptions) -> Vec<Actor> {
    let (duration_s, density, crossing) = (options.duration_s, options.density, options.pair);
    let rng = &mut Stream::new(seed, "schedule");
    let per_s = match density {
        Density::Quiet => 0.45,
        Density::Normal => 0.75,
        Density::Busy => 1.3,
    } / 60.0;
    let mut all: Vec<Actor> = Vec::new();
    let accept = |all: &mut Vec<Actor>, group: Vec<Actor>| {
        let fits = group
            .iter()
            .all(|a| a.samples.len() > 20 && all.iter().all(|b| clear(a, b)));
        let inner = group
            .iter()
            .enumerate()
            .all(|(i, a)| group[..i].iter().all(|b| clear(a, b)));
        if !fits || !inner {
            return false;
        }
        let before = all.len();
        all.extend(group);
        if crowd(all, duration_s) > CROWD {
            all.truncate(before);
            return false;
        }
        true
    };
    if crossing {
        let rng = &mut Stream::new(seed, "crossings");
        // Who meets before has set out before the world begins.
        let mut t = 32.0;
        while t < duration_s - 20.0 {
            for _ in 0..10 {
                let group = if rng.unit() < 0.6 {
                    let meet = t + rng.range(0.0, 12.0);
                    cross(rng, meet)
                } else {
                    vec![halt(rng, t - 20.0)]
                };
                let group = group.iter().map(|p| actor(rng, p, duration_s)).collect();
                if accept(&mut all, group) {
                    break;
                }
            }
            t += rng.range(14.0, 22.0);
        }
    }
    if options.goods {
        let rng = &mut Stream::new(seed, "goods");
        // The first has set out before the world begins: it has left again when a short one ends.
        let mut t0 = -25.0;
        while t0 < duration_s - 150.0 {
            for attempt in 0..80 {
                let stay = rng.range(82.0, 95.0);
                let t0 = ((t0 + rng.range(0.0, 6.0)) * 10.0).round() / 10.0;
                let (plan, travel) = stay_for(rng, Kind::Truck, t0, stay);
                let hands = if attempt < 40 { 3 } else { 2 };
                let group = hauled(rng, &plan, t0 + travel, Some(hands), duration_s);
                if accept(&mut all, group) {
                    break;
                }
            }
            t0 += rng.range(200.0, 260.0);
        }
    }
    // Trucks first: they need the most room; then cars, passers-by and persons.
    let counts = [
        ((0.55 * per_s * duration_s).round().max(1.0) as usize, 0u8),
        ((0.85 * per_s * duration_s).round().max(1.0) as usize, 1),
        ((0.75 * per_s * duration_s).round() as usize, 2),
        ((1.15 * per_s * duration_s).round() as usize, 3),
    ];
    for (count, what) in counts {
        for n in 0..count {
            for attempt in 0..60 {
                // Spread over the time, with freedom that grows as attempts fail.
                let even = (n as f64 + rng.unit()) / count as f64;
                let u = if attempt < 15 { even } else { rng.unit() };
                // The first quarter minute starts before the recording: somebody is on the way.
                let t0 = ((u * (duration_s - 20.0)) * 10.0).round() / 10.0;
                let group = propose(rng, what, t0, duration_s);
                if accept(&mut all, group) {
                    break;
                }
            }
        }
    }
    all.sort_by(|a, b| a.t0.total_cmp(&b.t0));
    for (n, a) in all.iter_mut().enumerate() {
        a.id = n as u32 + 1;
    }
    all
}

/// A truck that stops at `stop`, and those who carry boxes into it or out of it while it stands: so many, or one or two.
fn hauled(
    rng: &mut Stream,
    plan: &Plan,
    stop: f64,
    asked: Option<usize>,
    t_end: f64,
) -> Vec<Actor> {
    let stay = plan.legs.iter().map(|l| match l {
        Leg::Stand(s) => *s,
        _ => 0.0,
    });
    let leave = stop + stay.sum::<f64>();
    let mut group = vec![actor(rng, plan, t_end)];
    let few = 1 + rng.below(3).min(1);
    let hands = asked.unwrap_or(few);
    let loads = rng.unit() < 0.5;
    for k in 0..hands {
        let turn = k as f64;
        let way = if asked.is_some() {
            Way::of_three(turn)
        } else {
            Way::of_two(turn)
        };
        let p = carrier(rng, stop, leave, way, turn, loads);
        group.push(actor(rng, &p, t_end));
    }
    group
}

fn propose(rng: &mut Stream, what: u8, t0: f64, t_end: f64) -> Vec<Actor> {
    match what {
        0 => {
            let (plan, travel) = visit(rng, Kind::Truck, t0);
            let mut group = hauled(rng, &plan, t0 + travel, None, t_end);
            group.retain(|a| a.t0 < t_end - 5.0);
            group
        }
        1 => {
            let kind = if rng.unit() < 0.5 {
                Kind::Car
            } else {
                Kind::Pickup
            };
            let (plan, _) = visit(rng, kind, t0);
            vec![actor(rng, &plan, t_end)]
        }
        2 => {
            let kind = [Kind::Car, Kind::Car, Kind::Pickup, Kind::Truck][rng.below(4)];
            let plan = pass(rng, kind, t0);
            vec![actor(rng, &plan, t_end)]
        }
        _ => {
            let plan = walk(rng, t0);
            vec![actor(rng, &plan, t_end)]
        }
    }
}
