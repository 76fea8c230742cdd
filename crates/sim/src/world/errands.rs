//! What movers come for: visits, loading, passing by, errands on foot, as plans of legs.

use super::actors::{Kind, SAMPLE_S, Sample, wrap};
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
pub(super) enum Leg {
    /// Follows points; `v_start` and `v_end` tell whether it starts or ends standing.
    Go(Points, f64, f64),
    /// Stands for a time, seconds.
    Stand(f64),
    /// Takes up or puts down a box.
    Carry(bool),
}

pub(super) struct Plan {
    pub(super) kind: Kind,
    pub(super) t0: f64,
    pub(super) limits: Limits,
    pub(super) legs: Vec<Leg>,
}

impl Plan {
    /// The plan as a table of samples, cut at `t_end`.
    pub(super) fn samples(&self, t_end: f64) -> Vec<Sample> {
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
                    let limits = self.limits.with(carries);
                    let moments: Vec<Moment> = follow(points, rounds, &limits, *v0, *v1);
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
            vec![
                [-7.0, 2.0],
                [-11.5, 1.0],
                [-10.5, -5.5],
                [-2.0, -7.0],
                [5.5, -8.0],
            ],
        ),
        1 => (
            vec![[9.0, -8.0], [10.5, -4.0], [12.0, 2.0]],
            vec![
                [12.0, 2.0],
                [11.0, 5.3],
                [5.0, 4.5],
                [4.0, -3.0],
                [6.0, -9.0],
            ],
        ),
        2 => (
            vec![[7.0, -8.0], [3.0, -5.5], [-5.0, -4.5]],
            vec![
                [-5.0, -4.5],
                [-10.0, -4.0],
                [-10.0, 3.0],
                [-1.0, 3.0],
                [5.5, -2.0],
                [6.3, -8.0],
            ],
        ),
        // Beside the north shed, for trucks that load.
        _ => (
            vec![
                [8.3, -2.0],
                [7.5, 6.0],
                [5.0, 11.6],
                [-3.0, 11.8],
                [-11.5, 11.8],
            ],
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
pub(super) fn visit(rng: &mut Stream, kind: Kind, t0: f64) -> (Plan, f64) {
    let stay = match (kind, rng.below(3)) {
        (Kind::Truck, _) => rng.range(45.0, 85.0),
        (_, 0) => rng.range(15.0, 24.0),
        (_, 1) => rng.range(38.0, 55.0),
        _ => rng.range(62.0, 80.0),
    };
    stay_for(rng, kind, t0, stay)
}

/// The same with a stay of so many seconds.
pub(super) fn stay_for(rng: &mut Stream, kind: Kind, t0: f64, stay: f64) -> (Plan, f64) {
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

pub(super) fn pass(rng: &mut Stream, kind: Kind, t0: f64) -> Plan {
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

/// Two trucks that meet on the road at `t`, before the compound.
pub(super) fn cross(rng: &mut Stream, t: f64) -> Vec<Plan> {
    let x = rng.range(-45.0, 45.0);
    [(EASTBOUND_Y, 1.0), (WESTBOUND_Y, -1.0)]
        .map(|(y, s)| {
            let kind = if rng.unit() < 0.8 {
                Kind::Truck
            } else {
                Kind::Pickup
            };
            let limits = vehicle_limits(kind, rng);
            let way = x * s + FAR_M;
            Plan {
                kind,
                t0: ((t - way / limits.speed) * 10.0).round() / 10.0,
                limits,
                legs: vec![Leg::Go(
                    vec![[-s * FAR_M, y], [s * FAR_M, y]],
                    limits.speed,
                    limits.speed,
                )],
            }
        })
        .into()
}

/// A truck that halts on the road's shoulder, stands, and drives on.
pub(super) fn halt(rng: &mut Stream, t0: f64) -> Plan {
    let kind = if rng.unit() < 0.7 {
        Kind::Truck
    } else {
        Kind::Car
    };
    let limits = vehicle_limits(kind, rng);
    let x = rng.range(-60.0, 25.0);
    let (y, shoulder) = (EASTBOUND_Y, EASTBOUND_Y - 3.6);
    Plan {
        kind,
        t0: (t0 * 10.0).round() / 10.0,
        limits,
        legs: vec![
            Leg::Go(
                vec![
                    [-FAR_M, y],
                    [x - 28.0, y],
                    [x - 12.0, shoulder],
                    [x, shoulder],
                ],
                limits.speed,
                0.0,
            ),
            Leg::Stand(rng.range(35.0, 80.0)),
            Leg::Go(
                vec![
                    [x, shoulder],
                    [x + 10.0, shoulder],
                    [x + 26.0, y],
                    [FAR_M, y],
                ],
                0.0,
                limits.speed,
            ),
        ],
    }
}

/// Persons on errands of their own.
pub(super) fn walk(rng: &mut Stream, t0: f64) -> Plan {
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
            vec![
                [-62.0, -33.4],
                j(-20.0, -33.6),
                j(40.0, -33.6),
                [64.0, -33.4],
            ],
            0.0,
            vec![],
        ),
        // From the road through the gate to the office.
        3 => (
            vec![
                [58.0, -33.6],
                j(13.0, -33.0),
                [10.6, -25.0],
                [10.8, -19.0],
                j(9.0, -12.0),
                j(-17.0, -11.6),
                [-22.8, -12.0],
            ],
            0.0,
            vec![],
        ),
        // From the office out by the gate, westwards along the road.
        _ => (
            vec![
                [-22.8, -12.0],
                j(-17.0, -11.6),
                j(3.0, -12.0),
                [5.2, -19.0],
                [5.0, -26.0],
                j(1.0, -33.2),
                [-60.0, -33.6],
            ],
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

/// Where somebody walks who carries boxes between the stack at the shed and a truck's tail.
pub(super) struct Way {
    /// From the shed's door to the stack.
    approach: Points,
    /// From the stack to the tail.
    there: Points,
    /// From the stack back to the door.
    home: Points,
    /// Sets out when the truck stands, and not before.
    waits: bool,
}

impl Way {
    /// One of two, who keep out of each other's way by waiting.
    pub fn of_two(lane: f64) -> Self {
        let door = [3.4 + lane, 20.5];
        let corner = [4.2 + lane, 15.2];
        let stack = [-17.4 + 1.1 * lane, 14.7];
        Self {
            approach: vec![door, corner, [-3.0, 14.3 - 0.4 * lane], stack],
            there: vec![
                stack,
                [-11.0 - lane, 14.5],
                [-7.2, 13.6],
                [-7.0, 11.2 + 1.2 * lane],
            ],
            home: vec![stack, [-3.0, 14.4 - 0.4 * lane], corner, door],
            waits: false,
        }
    }

    /// One of three, each with a lane of their own.
    pub fn of_three(lane: f64) -> Self {
        let y = 13.8 + 0.9 * lane;
        // Who walks farthest from the truck turns first, so that no two ways cross.
        let x = 6.6 - 1.6 * lane;
        let (door, corner, stack) = ([x, 20.5], [x, y], [-17.4, y]);
        Self {
            approach: vec![door, corner, stack],
            there: vec![stack, [-9.0, y], [-6.9, y - 0.5]],
            home: vec![stack, corner, door],
            waits: true,
        }
    }
}

/// Somebody who carries boxes between the stack at the shed and a truck's tail; `turn` is his place in the order in which
/// they set out.
pub(super) fn carrier(
    rng: &mut Stream,
    truck_stops: f64,
    truck_leaves: f64,
    way: Way,
    turn: f64,
    loads: bool,
) -> Plan {
    let limits = walking(rng);
    let Way {
        approach,
        there,
        home,
        waits,
    } = way;
    let walk_s = follow(&approach, 2, &limits, limits.speed, 0.3).len() as f64 * SAMPLE_S;
    let early = if waits { 0.0 } else { walk_s * 0.5 };
    let t0 = (truck_stops - early + 3.0 * turn).max(0.0);
    let back: Points = there.iter().rev().copied().collect();
    let takes =
        |carries: bool| follow(&there, 2, &limits.with(carries), 0.3, 0.3).len() as f64 * SAMPLE_S;
    let round = takes(false) + takes(true) + 5.0;
    let mut legs = vec![Leg::Go(approach, limits.speed, 0.3)];
    let mut t = t0 + walk_s;
    loop {
        legs.push(Leg::Carry(loads));
        legs.push(Leg::Stand(rng.range(1.5, 3.5)));
        legs.push(Leg::Go(there.clone(), 0.3, 0.3));
        legs.push(Leg::Carry(!loads));
        legs.push(Leg::Stand(rng.range(1.5, 3.5)));
        legs.push(Leg::Go(back.clone(), 0.3, 0.3));
        t += round;
        if t + round > truck_leaves || legs.len() > 200 {
            break;
        }
    }
    legs.push(Leg::Carry(false));
    legs.push(Leg::Go(home, 0.3, limits.speed));
    Plan {
        kind: Kind::Person,
        t0,
        limits,
        legs,
    }
}
