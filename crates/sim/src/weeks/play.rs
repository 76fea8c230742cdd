//! Where everybody is: a visit as paths of a vehicle and of persons, in the site's own metres.

use super::fleet::Vehicle;
use super::places::{At, Place, ROAD_X, ROAD_Y, door, slot};
use super::plan::{Goods, Visit};
use crate::rng::Stream;

/// Who moves along a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// A vehicle of the fleet.
    Vehicle(usize),
    Person,
}

/// A path: places at times, straight in between; nobody before the first and after the last.
#[derive(Clone, Debug)]
pub(super) struct Mover {
    pub who: Who,
    pub keys: Vec<(f64, At)>,
}

impl Mover {
    /// Where it is at `t`, if it is there.
    pub fn at(&self, t: f64) -> Option<At> {
        let (first, last) = (self.keys.first()?, self.keys.last()?);
        if t < first.0 || t > last.0 {
            return None;
        }
        let i = self.keys.partition_point(|k| k.0 <= t);
        if i == self.keys.len() {
            return Some(last.1);
        }
        let (a, b) = (self.keys[i - 1], self.keys[i]);
        let f = (t - a.0) / (b.0 - a.0).max(1e-9);
        Some([
            a.1[0] + f * (b.1[0] - a.1[0]),
            a.1[1] + f * (b.1[1] - a.1[1]),
        ])
    }

    pub fn from(&self) -> f64 {
        self.keys.first().map_or(0.0, |k| k.0)
    }

    pub fn to(&self) -> f64 {
        self.keys.last().map_or(0.0, |k| k.0)
    }

    /// Goes on to a place at a speed in world metres a second.
    fn go(&mut self, place: &Place, to: At, speed: f64) {
        if let Some(&(t, a)) = self.keys.last() {
            let d = (to[0] - a[0]).hypot(to[1] - a[1]) * place.scale();
            self.keys.push((t + d / speed.max(0.1), to));
        }
    }

    /// Stays.
    fn wait(&mut self, s: f64) {
        if let Some(&(t, a)) = self.keys.last() {
            self.keys.push((t + s, a));
        }
    }
}

/// Everybody of a visit; the vehicle is the first.
pub(super) fn movers(v: &Visit, body: &Vehicle, place: &Place, seed: u64) -> Vec<Mover> {
    let mut r = Stream::new(seed, &format!("weeks visit {}", v.number));
    let side = if r.unit() < 0.5 { -ROAD_X } else { ROAD_X };
    let leaves = if r.unit() < 0.5 { -ROAD_X } else { ROAD_X };
    let fast = r.range(7.0, 11.0);
    let before = side.abs() * place.scale() / fast;
    let mut car = Mover {
        who: Who::Vehicle(v.vehicle),
        keys: vec![(v.t0 - before, [side, ROAD_Y])],
    };
    car.go(place, [0.0, ROAD_Y], fast);
    if v.turns_away {
        car.go(place, [0.0, -52.0], 2.5);
        car.wait(r.range(5.0, 30.0));
        car.go(place, [0.0, ROAD_Y], 2.0);
        car.go(place, [leaves, ROAD_Y], fast);
        return vec![car];
    }
    let stand = slot(v.slot);
    car.go(place, [0.0, -40.0], 4.0);
    car.go(place, [0.0, -18.0], 3.5);
    car.go(place, stand, 3.0);
    let stood = car.to();
    let off = v.t1.max(stood + 60.0);
    car.wait(off - stood);
    car.go(place, [0.0, -18.0], 3.0);
    car.go(place, [0.0, -40.0], 3.5);
    car.go(place, [0.0, ROAD_Y], 4.0);
    car.go(place, [leaves, ROAD_Y], fast);
    let mut all = vec![car];
    // Where people get out, and where goods are handled: beside it, and behind it.
    let beside = [stand[0] + 0.6 * body.width_m + 0.5, stand[1]];
    let behind = [stand[0], stand[1] + 0.5 * body.length_m + 0.6];
    let through = door(v.slot % 2);
    let busy = goods(v, place, &mut r, stood, behind, through, &mut all);
    for _ in 0..v.persons {
        let speed = 1.35 + 0.15 * r.normal();
        let out = stood + r.range(6.0, 25.0);
        let mut walk = Mover {
            who: Who::Person,
            keys: vec![(out, beside)],
        };
        walk.wait(r.range(1.0, 15.0));
        walk.go(place, through, speed);
        all.push(walk);
        let d = (through[0] - beside[0]).hypot(through[1] - beside[1]) * place.scale();
        let back = (off - d / speed - r.range(12.0, 60.0)).max(busy);
        if back > out + d / speed + 5.0 {
            let mut walk = Mover {
                who: Who::Person,
                keys: vec![(back, through)],
            };
            walk.go(place, beside, speed);
            all.push(walk);
        }
    }
    all
}

/// Carriers walk to and fro; gives the time at which they are done.
fn goods(
    v: &Visit,
    place: &Place,
    r: &mut Stream,
    stood: f64,
    behind: At,
    through: At,
    all: &mut Vec<Mover>,
) -> f64 {
    if v.goods == Goods::None {
        return stood;
    }
    // How much slower one walks with what is carried today: from hardly to a fifth.
    let slow = r.range(0.78, 0.97);
    let begin = stood + r.range(60.0, 180.0);
    let mut done = begin;
    for k in 0..v.carriers {
        let own = 1.35 + 0.13 * r.normal();
        let mut t = begin + r.range(0.0, 30.0);
        let mine = v.pieces / v.carriers + u32::from(k < v.pieces % v.carriers);
        for _ in 0..mine {
            let pace = |r: &mut Stream, loaded: bool| {
                own * (1.0 + 0.06 * r.normal()) * if loaded { slow } else { 1.0 }
            };
            // Out of the door, to the vehicle, back through the door.
            let mut walk = Mover {
                who: Who::Person,
                keys: vec![(t, through)],
            };
            let to_vehicle = pace(r, v.goods == Goods::Out);
            walk.go(place, behind, to_vehicle);
            walk.wait(r.range(5.0, 22.0));
            let to_door = pace(r, v.goods == Goods::In);
            walk.go(place, through, to_door);
            t = walk.to() + r.range(8.0, 40.0);
            all.push(walk);
        }
        done = done.max(t);
    }
    done
}

/// People who are about in the yard of a site on a day, for no reason that matters.
pub(super) fn strolls(site: usize, place: &Place, day: u32, seed: u64) -> Vec<Mover> {
    let mut r = Stream::new(seed, &format!("weeks strolls {site} {day}"));
    let n = 3 + r.below(6);
    (0..n)
        .map(|_| {
            let t = (f64::from(day) * 24.0 + r.range(7.5, 18.0)) * 3_600.0;
            let mut m = Mover {
                who: Who::Person,
                keys: vec![(t, door(r.below(2)))],
            };
            for _ in 0..2 + r.below(5) {
                let to = [r.range(-36.0, 36.0), r.range(-25.0, 42.0)];
                let speed = r.range(0.7, 1.5);
                m.go(place, to, speed);
                m.wait(r.range(5.0, 120.0));
            }
            let home = door(r.below(2));
            m.go(place, home, 1.2);
            m
        })
        .collect()
}
