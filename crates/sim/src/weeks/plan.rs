//! What happens: visits with their purposes, emissions, and changes that are planted.

use super::fleet::{Body, Fleet};
use super::places::{BAYS, PARKING};
use super::{DAY_S, Planted, WeeksOptions};
use crate::rng::Stream;

/// Which way goods go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goods {
    None,
    /// Out of the vehicle.
    In,
    /// Into the vehicle.
    Out,
}

/// A vehicle's visit.
#[derive(Clone, Debug)]
pub(super) struct Visit {
    pub vehicle: usize,
    pub site: usize,
    /// When it turns in from the road, and when it drives off its place, seconds since the start.
    pub t0: f64,
    pub t1: f64,
    /// Persons in it.
    pub persons: u32,
    pub goods: Goods,
    /// Pieces that are carried.
    pub pieces: u32,
    pub carriers: u32,
    /// It turns at the gate.
    pub turns_away: bool,
    /// Where it stands.
    pub slot: usize,
    /// The number of its own random streams.
    pub number: u64,
}

const HOUR_S: f64 = 3_600.0;
/// The truth of one in so many farm deliveries is not followed by an emission.
const FOLLOWED: f64 = 0.875;

type Planned = (Vec<Visit>, Vec<(usize, f64, f64)>, Vec<Planted>);

/// Draws everything.
pub(super) fn plan(o: &WeeksOptions, f: &Fleet) -> Planned {
    let mut p = Planner {
        r: Stream::new(o.seed, "weeks plan"),
        f,
        visits: Vec::new(),
        emissions: Vec::new(),
        planted: Vec::new(),
    };
    let days = o.days;
    // Changes begin in the last third, when there is a routine to differ from.
    let late = f64::from(days) * 0.62;
    let more_from = (late + p.r.range(0.0, 3.0)).floor() as u32;
    for day in 0..days {
        p.day(day, day >= more_from);
    }
    let plant_day = |p: &mut Planner| {
        (f64::from(days) * p.r.range(0.72, 0.97))
            .floor()
            .min(f64::from(days - 1))
    };
    p.plant("more_deliveries", 0, f64::from(more_from) * DAY_S, None);
    let t = plant_day(&mut p) * DAY_S + p.r.range(1.0, 4.0) * HOUR_S;
    let night = p.visit(f.night, 0, t, 2_400.0, 2);
    p.goods(night, Goods::In);
    p.plant("truck_at_night", 0, t, Some(f.night));
    let d = plant_day(&mut p);
    for (k, site) in [0usize, 2, 1].into_iter().enumerate() {
        let t = d * DAY_S + (19.5 + 1.3 * k as f64 + p.r.range(0.0, 0.4)) * HOUR_S;
        p.visit(f.stranger, site, t, 900.0, 2);
    }
    p.plant("stranger", 0, d * DAY_S + 19.5 * HOUR_S, Some(f.stranger));
    // A Sunday.
    let sunday = (plant_day(&mut p) / 7.0).floor() * 7.0 + 6.0;
    let sunday = if sunday >= f64::from(days) {
        sunday - 7.0
    } else {
        sunday
    };
    if sunday >= 0.0 {
        let t = sunday * DAY_S + p.r.range(8.0, 18.0) * HOUR_S;
        for (k, v) in f.convoy.into_iter().enumerate() {
            p.visit(v, 1, t + 7.0 * k as f64, 1_800.0 + 10.0 * k as f64, 2);
        }
        p.plant("convoy", 1, t, Some(f.convoy[0]));
    }
    p.finish(f64::from(days) * DAY_S)
}

struct Planner<'a> {
    r: Stream,
    f: &'a Fleet,
    visits: Vec<Visit>,
    emissions: Vec<(usize, f64, f64)>,
    planted: Vec<Planted>,
}

impl Planner<'_> {
    fn plant(&mut self, what: &'static str, site: usize, t: f64, vehicle: Option<usize>) {
        self.planted.push(Planted {
            what,
            site,
            t,
            vehicle,
        });
    }

    /// A visit without goods; its index.
    fn visit(&mut self, vehicle: usize, site: usize, t0: f64, stay: f64, persons: u32) -> usize {
        self.visits.push(Visit {
            vehicle,
            site,
            t0,
            t1: t0 + stay.max(90.0),
            persons,
            goods: Goods::None,
            pieces: 0,
            carriers: 0,
            turns_away: false,
            slot: 0,
            number: self.visits.len() as u64,
        });
        self.visits.len() - 1
    }

    fn goods(&mut self, visit: usize, goods: Goods) {
        let truck = self.f.all[self.visits[visit].vehicle].body == Body::Truck;
        let pieces = if truck {
            8 + self.r.below(20)
        } else {
            3 + self.r.below(6)
        };
        let v = &mut self.visits[visit];
        v.goods = goods;
        v.pieces = pieces as u32;
        v.carriers = 1 + self.r.below(3) as u32;
        v.t1 =
            v.t1.max(v.t0 + 240.0 + 75.0 * pieces as f64 / f64::from(v.carriers));
    }

    fn chance(&mut self, p: f64) -> bool {
        self.r.unit() < p
    }

    /// About `hour` of `day`.
    fn at(&mut self, day: u32, hour: f64, sigma_h: f64) -> f64 {
        f64::from(day) * DAY_S + (hour + sigma_h * self.r.normal()).clamp(0.1, 23.5) * HOUR_S
    }

    fn day(&mut self, day: u32, more: bool) {
        let weekday = day % 7;
        let work = if weekday < 5 {
            0.92
        } else if weekday == 5 {
            0.3
        } else {
            0.03
        };
        for site in 0..3 {
            for v in self.f.workers[site].clone() {
                if self.chance(work) {
                    let t = self.at(day, 7.5, 0.3);
                    let end = self.at(day, 17.0, 0.5);
                    self.visit(v, site, t, end - t, 1);
                }
            }
        }
        let open = weekday < 6;
        let due = |days: &[u32]| days.contains(&weekday);
        let supplied = if more { open } else { due(&[0, 2, 4]) };
        if supplied && self.chance(0.88) {
            let hours: &[f64] = if more && self.chance(0.7) {
                &[9.5, 15.0]
            } else {
                &[10.0]
            };
            for h in hours {
                let t = self.at(day, *h, 0.7);
                let v = self.visit(self.f.supplier, 0, t, 600.0, 2);
                self.goods(v, Goods::In);
                let end = self.visits[v].t1;
                if self.chance(FOLLOWED) {
                    let from = end + self.r.range(0.8, 4.5) * HOUR_S;
                    let to = from + self.r.range(0.7, 1.8) * HOUR_S;
                    self.emissions.push((0, from, to));
                }
            }
        }
        if due(&[1, 3]) && self.chance(0.9) {
            let t = self.at(day, 13.5, 0.6);
            let v = self.visit(self.f.hauler, 0, t, 600.0, 2);
            self.goods(v, Goods::Out);
            let there = self.visits[v].t1 + self.r.range(1_200.0, 3_000.0);
            let w = self.visit(self.f.hauler, 1, there, 600.0, 2);
            self.goods(w, Goods::In);
        }
        if open {
            let n = self.r.below(4);
            for _ in 0..n {
                let v = self.f.customers[self.r.below(self.f.customers.len())];
                let t = f64::from(day) * DAY_S + self.r.range(9.0, 16.0) * HOUR_S;
                let k = self.visit(v, 1, t, 500.0, 1);
                self.goods(k, Goods::Out);
            }
        }
        for k in 0..2 + self.r.below(2) {
            let t = self.at(day, 9.0 + 3.5 * k as f64, 0.8);
            let stay = self.r.range(0.5, 2.0) * HOUR_S;
            self.visit(self.f.errand, 2, t, stay, 1);
        }
        for site in 0..3 {
            for _ in 0..self.r.below(3) {
                let v = self.f.visitors[self.r.below(self.f.visitors.len())];
                let t = f64::from(day) * DAY_S + self.r.range(8.5, 20.0) * HOUR_S;
                let stay = self.r.range(0.1, 1.2) * HOUR_S;
                let persons = 1 + self.r.below(3) as u32;
                self.visit(v, site, t, stay, persons);
            }
            if open && self.chance(0.25) {
                let v = self.f.strays[self.r.below(self.f.strays.len())];
                let t = f64::from(day) * DAY_S + self.r.range(8.0, 18.0) * HOUR_S;
                let stay = self.r.range(200.0, 1_500.0);
                self.visit(v, site, t, stay, 1);
            }
            if self.chance(0.3) {
                let v = self.f.visitors[self.r.below(self.f.visitors.len())];
                let t = f64::from(day) * DAY_S + self.r.range(8.0, 22.0) * HOUR_S;
                let k = self.visit(v, site, t, 0.0, 1);
                self.visits[k].turns_away = true;
            }
            if self.chance(0.12) {
                // Gas comes from elsewhere too.
                let from = f64::from(day) * DAY_S + self.r.range(0.0, 22.0) * HOUR_S;
                self.emissions.push((site, from, from + HOUR_S));
            }
        }
    }

    /// Sorts, drops what one vehicle can't do at once, and gives everybody a place to stand.
    fn finish(mut self, end: f64) -> Planned {
        self.visits.retain(|v| v.t0 > 600.0 && v.t1 + 600.0 < end);
        self.visits.sort_by(|a, b| a.t0.total_cmp(&b.t0));
        let mut kept: Vec<Visit> = Vec::with_capacity(self.visits.len());
        for mut v in self.visits {
            let busy = |k: &Visit| k.t1 + 900.0 > v.t0;
            if kept.iter().any(|k| k.vehicle == v.vehicle && busy(k)) {
                continue;
            }
            if !v.turns_away {
                let there: Vec<usize> = kept
                    .iter()
                    .filter(|k| k.site == v.site && k.t1 + 60.0 > v.t0 && !k.turns_away)
                    .map(|k| k.slot)
                    .collect();
                let bays = if v.goods == Goods::None { BAYS } else { 0 };
                let free = (bays..BAYS + PARKING).find(|s| !there.contains(s));
                let Some(slot) = free else { continue };
                v.slot = slot;
            }
            kept.push(v);
        }
        self.emissions.sort_by(|a, b| a.1.total_cmp(&b.1));
        self.planted.sort_by(|a, b| a.t.total_cmp(&b.t));
        (kept, self.emissions, self.planted)
    }
}
