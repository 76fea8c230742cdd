//! Who comes when: proposes visits, passes and walks, and keeps those that meet nobody.
//!
//! A proposal that would bring two movers too close is dropped and tried again at
//! another time, so that the accepted set is free of collisions by construction.

use super::Density;
use super::actors::{Actor, Kind, SAMPLE_S, Sample, wrap};
use super::path::{Limits, Moment, follow};
use crate::rng::Stream;

type Points = Vec<[f64; 2]>;

/// Lanes of the road, metres north: traffic keeps right.
const EASTBOUND_Y: f64 = -39.6;
const WESTBOUND_Y: f64 = -36.4;
/// Where vehicles enter and leave the world, metres from the middle.
const FAR_M: f64 = 170.0;
/// Lanes through the gate, metres east.
const GATE_IN_X: f64 = 9.6;
const GATE_OUT_X: f64 = 6.4;

/// A part of an actor's life.
enum Leg {
    /// Follows points; `v_start` and `v_end` tell whether it starts or ends standing.
    Go(Points, f64, f64),
    /// Stands for a time, seconds.
    Stand(f64),
    /// Takes up or puts down a box.
    Carry(bool),
}

struct Plan {
    kind: Kind,
    t0: f64,
    limits: Limits,
    legs: Vec<Leg>,
}

impl Plan {
    /// The plan as a table of samples, cut at `t_end`.
    fn samples(&self, t_end: f64) -> Vec<Sample> {
        let rounds = if self.kind == Kind::Person { 2 } else { 4 };
        let mut out: Vec<Sample> = Vec::new();
        let (mut way0, mut carries) = (0.0, false);
        for leg in &self.legs {
            match leg {
                Leg::Carry(c) => carries = *c,
                Leg::Stand(seconds) => {
                    let Some(last) = out.last().copied() else {
                        continue;
                    };
                    for _ in 0..(seconds / SAMPLE_S).round() as usize {
                        out.push(Sample { carries, ..last });
                    }
                }
                Leg::Go(points, v0, v1) => {
                    let moments: Vec<Moment> = follow(points, rounds, &self.limits, *v0, *v1);
                    let turn = self.kind == Kind::Person;
                    for m in &moments {
                        out.push(Sample {
                            at: m.at,
                            heading: if turn || out.is_empty() {
                                m.heading
                            } else {
                                // A vehicle that starts again keeps its direction and
                                // bends into the way, as wheels make it.
                                let h = out[out.len() - 1].heading;
                                let step = (m.way * 0.35).min(1.0);
                                h + wrap(m.heading - h) * step.max(0.02)
                            },
                            way: way0 + m.way,
                            carries,
                            warmth: 0.0,
                        });
                    }
                    way0 = out.last().map_or(0.0, |s| s.way);
                }
            }
            if self.t0 + out.len() as f64 * SAMPLE_S > t_end {
                break;
            }
        }
        let keep = ((t_end - self.t0) / SAMPLE_S).floor().max(0.0) as usize + 1;
        out.truncate(keep);
        warm_up(self.kind, &mut out);
        out
    }
}

/// Engines warm within minutes while driving and cool in tens of minutes; who
/// comes from the road has driven for a while.
fn warm_up(kind: Kind, samples: &mut [Sample]) {
    let mut warmth = if kind == Kind::Person { 1.0 } else { 0.85 };
    let mut before = samples.first().map_or(0.0, |s| s.way);
    for s in samples.iter_mut() {
        if kind != Kind::Person {
            let rate = if s.way - before > 0.02 {
                (1.0 - warmth) / 60.0
            } else {
                -warmth / 600.0
            };
            warmth += rate * SAMPLE_S;
        }
        before = s.way;
        s.warmth = warmth;
    }
}

/// From the road to inside the gate.
fn way_in(from_west: bool) -> Points {
    let x = GATE_IN_X;
    if from_west {
        vec![
            [-FAR_M, EASTBOUND_Y],
            [x - 9.0, EASTBOUND_Y],
            [x, EASTBOUND_Y],
            [x, -30.0],
            [x, -20.0],
            [x - 0.6, -12.0],
        ]
    } else {
        vec![
            [FAR_M, WESTBOUND_Y],
            [x + 7.0, WESTBOUND_Y],
            [x, WESTBOUND_Y],
            [x, -30.0],
            [x, -20.0],
            [x - 0.6, -12.0],
        ]
    }
}

/// From inside the gate to far along the road.
fn way_out(to_west: bool) -> Points {
    let x = GATE_OUT_X;
    if to_west {
        vec![
            [x, -12.0],
            [x, -20.0],
            [x, -29.0],
            [x, WESTBOUND_Y],
            [x - 8.0, WESTBOUND_Y],
            [-FAR_M, WESTBOUND_Y],
        ]
    } else {
        vec![
            [x, -12.0],
            [x, -20.0],
            [x, -30.0],
            [x, EASTBOUND_Y],
            [x + 9.0, EASTBOUND_Y],
            [FAR_M, EASTBOUND_Y],
        ]
    }
}

/// Ways from the gate to a parking place and from there back to the gate.
fn slot(n: usize) -> (Points, Points) {
    match n {
        0 => (
            vec![[8.0, -7.0], [3.0, 1.0], [-7.0, 2.0]],
            vec![[-7.0, 2.0], [-11.5, 1.0], [-10.5, -5.5], [-2.0, -7.0], [5.5, -8.0]],
        ),
        1 => (
            vec![[9.0, -8.0], [10.5, -4.0], [12.0, 2.0]],
            vec![[12.0, 2.0], [11.0, 5.3], [5.0, 4.5], [4.0, -3.0], [6.0, -9.0]],
        ),
        2 => (
            vec![[7.0, -8.0], [3.0, -5.5], [-5.0, -4.5]],
            vec![[-5.0, -4.5], [-10.0, -4.0], [-10.0, 3.0], [-1.0, 3.0], [5.5, -2.0], [6.3, -8.0]],
        ),
        // Beside the north shed, for trucks that load.
        _ => (
            vec![[8.3, -2.0], [7.5, 6.0], [5.0, 11.6], [-3.0, 11.8], [-11.5, 11.8]],
            vec![
                [-11.5, 11.8],
                [-20.0, 11.8],
                [-26.5, 10.0],
                [-26.5, 1.0],
                [-20.0, -4.5],
                [-4.0, -5.0],
                [5.0, -6.5],
            ],
        ),
    }
}

fn join(a: Points, b: Points) -> Points {
    a.into_iter().chain(b).collect()
}

fn vehicle_limits(kind: Kind, rng: &mut Stream) -> Limits {
    let heavy = kind == Kind::Truck;
    Limits {
        speed: if heavy {
            rng.range(6.5, 8.0)
        } else {
            rng.range(7.0, 9.5)
        },
        speed_inside: if heavy {
            rng.range(3.2, 4.2)
        } else {
            rng.range(3.5, 5.0)
        },
        accel: if heavy { 0.9 } else { 1.4 },
        lateral: 1.4,
    }
}

fn walking(rng: &mut Stream) -> Limits {
    let v = rng.range(1.15, 1.55);
    Limits {
        speed: v,
        speed_inside: v,
        accel: 1.5,
        lateral: 4.0,
    }
}

/// A vehicle that comes, stands, and leaves. Truck plans name the time its loading begins.
fn visit(rng: &mut Stream, kind: Kind, t0: f64) -> (Plan, f64) {
    let stay = match (kind, rng.below(3)) {
        (Kind::Truck, _) => rng.range(45.0, 85.0),
        (_, 0) => rng.range(15.0, 24.0),
        (_, 1) => rng.range(38.0, 55.0),
        _ => rng.range(62.0, 80.0),
    };
    let place = if kind == Kind::Truck { 3 } else { rng.below(3) };
    let (inside, outside) = slot(place);
    let limits = vehicle_limits(kind, rng);
    let arrive = join(way_in(rng.unit() < 0.5), inside);
    let leave = join(outside, way_out(rng.unit() < 0.5));
    let travel = follow(&arrive, 4, &limits, limits.speed, 0.0).len() as f64 * SAMPLE_S;
    let legs = vec![
        Leg::Go(arrive, limits.speed, 0.0),
        Leg::Stand(stay),
        Leg::Go(leave, 0.0, limits.speed),
    ];
    let plan = Plan {
        kind,
        t0,
        limits,
        legs,
    };
    (plan, travel)
}

fn pass(rng: &mut Stream, kind: Kind, t0: f64) -> Plan {
    let limits = vehicle_limits(kind, rng);
    let (y, s) = if rng.unit() < 0.5 {
        (EASTBOUND_Y, 1.0)
    } else {
        (WESTBOUND_Y, -1.0)
    };
    Plan {
        kind,
        t0,
        limits,
        legs: vec![Leg::Go(
            vec![[-s * FAR_M, y], [s * FAR_M, y]],
            limits.speed,
            limits.speed,
        )],
    }
}

/// Persons on errands of their own.
fn walk(rng: &mut Stream, t0: f64) -> Plan {
    let limits = walking(rng);
    let errand = rng.below(5);
    let idle = rng.range(0.0, 14.0);
    let mut j = |x: f64, y: f64| [x + rng.range(-0.7, 0.7), y + rng.range(-0.5, 0.5)];
    let (out, there, back): (Points, f64, Points) = match errand {
        // From the east shed into the yard, a look around, and back.
        0 => (
            vec![[20.8, 14.0], j(17.5, 9.5), j(8.0, 8.8), j(7.0, -1.0)],
            12.0,
            vec![j(10.0, 8.6), j(17.5, 10.0), [20.8, 14.0]],
        ),
        // From the office to the yard and back.
        1 => (
            vec![[-22.8, -12.0], j(-18.5, -9.0), j(-4.0, -1.5)],
            9.0,
            vec![j(-12.0, -2.5), j(-19.0, -9.5), [-22.8, -12.0]],
        ),
        // Along the road's shoulder, past the gate, eastwards.
        2 => (
            vec![[-62.0, -33.4], j(-20.0, -33.6), j(40.0, -33.6), [64.0, -33.4]],
            0.0,
            vec![],
        ),
        // From the road through the gate to the office.
        3 => (
            vec![[58.0, -33.6], j(13.0, -33.0), [10.6, -25.0], [10.8, -19.0], j(9.0, -12.0), j(-17.0, -11.6), [-22.8, -12.0]],
            0.0,
            vec![],
        ),
        // From the office out by the gate, westwards along the road.
        _ => (
            vec![[-22.8, -12.0], j(-17.0, -11.6), j(3.0, -12.0), [5.2, -19.0], [5.0, -26.0], j(1.0, -33.2), [-60.0, -33.6]],
            0.0,
            vec![],
        ),
    };
    let mut legs = vec![Leg::Go(out.clone(), limits.speed, 0.3)];
    if !back.is_empty() {
        let turn = out.last().copied().unwrap_or([0.0, 0.0]);
        legs.push(Leg::Stand(there + idle));
        legs.push(Leg::Go(join(vec![turn], back), 0.3, limits.speed));
    }
    Plan {
        kind: Kind::Person,
        t0,
        limits,
        legs,
    }
}

/// Somebody who carries boxes between the stack at the shed and a truck's tail.
fn carrier(rng: &mut Stream, truck_stops: f64, truck_leaves: f64, lane: f64, loads: bool) -> Plan {
    let limits = walking(rng);
    let door = [3.4 + lane, 20.5];
    let corner = [4.2 + lane, 15.2];
    let stack = [-17.4 + 1.1 * lane, 14.7];
    let tail = [-7.0, 11.2 + 1.2 * lane];
    let approach: Points = vec![door, corner, [-3.0, 14.3 - 0.4 * lane], stack];
    let walk_s = follow(&approach, 2, &limits, limits.speed, 0.3).len() as f64 * SAMPLE_S;
    let t0 = (truck_stops - walk_s * 0.5 + 3.0 * lane).max(0.0);
    let there: Points = vec![stack, [-11.0 - lane, 14.5], [-7.2, 13.6], tail];
    let back: Points = there.iter().rev().copied().collect();
    let shuttle = follow(&there, 2, &limits, 0.3, 0.3).len() as f64 * SAMPLE_S;
    let mut legs = vec![Leg::Go(approach, limits.speed, 0.3)];
    let mut t = t0 + walk_s;
    loop {
        legs.push(Leg::Carry(loads));
        legs.push(Leg::Stand(rng.range(1.5, 3.5)));
        legs.push(Leg::Go(there.clone(), 0.3, 0.3));
        legs.push(Leg::Carry(!loads));
        legs.push(Leg::Stand(rng.range(1.5, 3.5)));
        legs.push(Leg::Go(back.clone(), 0.3, 0.3));
        t += 2.0 * shuttle + 5.0;
        if t + 2.0 * shuttle + 5.0 > truck_leaves || legs.len() > 200 {
            break;
        }
    }
    legs.push(Leg::Carry(false));
    legs.push(Leg::Go(
        vec![stack, [-3.0, 14.4 - 0.4 * lane], corner, door],
        0.3,
        limits.speed,
    ));
    Plan {
        kind: Kind::Person,
        t0,
        limits,
        legs,
    }
}

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
            let least = match (both, persons) {
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
    [0.70, 0.55, 0.20],
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
    for k in 0..(t_end / 2.0) as usize {
        let t = 2.0 * k as f64;
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
pub(crate) fn actors(seed: u64, duration_s: f64, density: Density) -> Vec<Actor> {
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

fn propose(rng: &mut Stream, what: u8, t0: f64, t_end: f64) -> Vec<Actor> {
    match what {
        0 => {
            let (plan, travel) = visit(rng, Kind::Truck, t0);
            let stop = t0 + travel;
            let stay = plan.legs.iter().map(|l| match l {
                Leg::Stand(s) => *s,
                _ => 0.0,
            });
            let leave = stop + stay.sum::<f64>();
            let mut group = vec![actor(rng, &plan, t_end)];
            let hands = 1 + rng.below(3);
            let loads = rng.unit() < 0.5;
            for k in 0..hands.min(2) {
                let p = carrier(rng, stop, leave, k as f64, loads);
                group.push(actor(rng, &p, t_end));
            }
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
