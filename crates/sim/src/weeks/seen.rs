//! What a look makes of what is there: tracks with the errors of tracks.

use super::fleet::{Body, Fleet, Vehicle};
use super::places::{At, Place};
use super::play::{Mover, Who};
use super::watch::Look;
use crate::rng::Stream;

/// A row of the table of tracks.
pub(super) struct Row {
    pub t: f64,
    pub id: u64,
    /// World plane, metres.
    pub at: At,
    pub class: &'static str,
    pub sigma_m: f64,
    pub drone: usize,
    /// Length, width, L*, a*, b* as measured; only of vehicles.
    pub look: Option<[f64; 5]>,
}

/// Whose track it is.
pub(super) struct Named {
    pub id: u64,
    /// The vehicle of the fleet; `None` for persons and for what is nothing.
    pub vehicle: Option<usize>,
}

/// Error of place from fix to fix, metres, and how long it keeps, seconds.
const SIGMA_M: f64 = 0.5;
const KEEPS_S: f64 = 3.0;
/// Seconds between fixes of what moves, and of what stands.
const MOVING_S: f64 = 1.0;
const STANDING_S: f64 = 5.0;
/// A track breaks once in so many seconds, of what moves and of what stands.
const BREAKS_MOVING_S: f64 = 400.0;
const BREAKS_STANDING_S: f64 = 4_000.0;
/// False tracks an hour.
const FALSE_PER_H: f64 = 0.6;

/// Sees look after look; what it saw lies in `rows` and `names`.
pub(super) struct Seeing<'a> {
    fleet: &'a Fleet,
    r: Stream,
    next: u64,
    pub rows: Vec<Row>,
    pub names: Vec<Named>,
}

impl<'a> Seeing<'a> {
    pub fn new(fleet: &'a Fleet, r: Stream) -> Self {
        Self {
            fleet,
            r,
            next: 0,
            rows: Vec::new(),
            names: Vec::new(),
        }
    }

    /// All tracks of a look.
    pub fn look(&mut self, look: &Look, place: &Place, there: &[&Mover]) {
        for m in there {
            self.follow(look, place, m);
        }
        let hours = (look.to - look.from) / 3_600.0;
        if self.r.unit() < FALSE_PER_H * hours {
            self.nothing(look, place);
        }
    }

    /// A track of what is nothing.
    fn nothing(&mut self, look: &Look, place: &Place) {
        let id = self.name(None);
        let mut t = self.r.range(look.from, look.to);
        let end = (t + self.r.range(4.0, 40.0)).min(look.to);
        let mut at = [self.r.range(-45.0, 45.0), self.r.range(-40.0, 50.0)];
        while t < end {
            at[0] += 0.6 * self.r.normal();
            at[1] += 0.6 * self.r.normal();
            self.rows.push(Row {
                t,
                id,
                at: off(look, place, at, [0.0; 2]),
                class: "person",
                sigma_m: SIGMA_M,
                drone: look.drone,
                look: None,
            });
            t += MOVING_S;
        }
    }

    fn name(&mut self, vehicle: Option<usize>) -> u64 {
        self.next += 1;
        self.names.push(Named {
            id: self.next,
            vehicle,
        });
        self.next
    }

    fn follow(&mut self, look: &Look, place: &Place, m: &Mover) {
        let (vehicle, p) = match m.who {
            Who::Vehicle(v) => (Some(v), look.p_vehicle),
            Who::Person => (None, look.p_person),
        };
        let mut t = m.from().max(look.from) + self.r.range(0.3, 2.5);
        let end = m.to().min(look.to);
        let mut track: Option<(u64, &'static str, [f64; 5])> = None;
        let mut error = [0.0; 2];
        let mut broken_until = if self.r.unit() < p {
            f64::MIN
        } else {
            // Not found at first; perhaps later.
            t + self.r.range(10.0, 120.0)
        };
        while t < end {
            let Some(at) = m.at(t) else { break };
            let moves =
                m.at(t + 1.0).is_none_or(|b| b != at) || m.at(t - 1.0).is_none_or(|b| b != at);
            let step = if moves || vehicle.is_none() {
                MOVING_S
            } else {
                STANDING_S
            };
            let breaks = if moves {
                BREAKS_MOVING_S
            } else {
                BREAKS_STANDING_S
            };
            if self.r.unit() < step / breaks {
                track = None;
                broken_until = t + self.r.range(2.0, 20.0);
            }
            if t >= broken_until && Place::in_view(at) {
                let (id, class, shown) = match track {
                    Some(known) => known,
                    None => *track.insert(self.begin(look, vehicle)),
                };
                let keep = (-step / KEEPS_S).exp();
                let fresh = (1.0 - keep * keep).sqrt() * SIGMA_M;
                error = [
                    keep * error[0] + fresh * self.r.normal(),
                    keep * error[1] + fresh * self.r.normal(),
                ];
                self.rows.push(Row {
                    t,
                    id,
                    at: off(look, place, at, error),
                    class,
                    sigma_m: SIGMA_M,
                    drone: look.drone,
                    look: vehicle.map(|_| shown),
                });
            } else if !Place::in_view(at) {
                track = None;
            }
            t += step;
        }
    }

    /// A new track: its number, class and look.
    fn begin(&mut self, look: &Look, vehicle: Option<usize>) -> (u64, &'static str, [f64; 5]) {
        let id = self.name(vehicle);
        match vehicle.map(|v| &self.fleet.all[v]) {
            Some(v) => (id, class_of(v, &mut self.r), measured(v, look, &mut self.r)),
            None => (id, "person", [0.0; 5]),
        }
    }
}

/// Where a look places it.
fn off(look: &Look, place: &Place, at: At, error: At) -> At {
    let w = place.world(at);
    [
        w[0] + look.bias[0] + error[0],
        w[1] + look.bias[1] + error[1],
    ]
}

fn class_of(v: &Vehicle, r: &mut Stream) -> &'static str {
    let u = r.unit();
    match v.body {
        Body::Car if u < 0.15 => "pickup",
        Body::Pickup if u < 0.25 => "car",
        Body::Truck if u < 0.08 => "other",
        body => body.word(),
    }
}

fn measured(v: &Vehicle, look: &Look, r: &mut Stream) -> [f64; 5] {
    [
        v.length_m * (1.0 + 0.07 * r.normal()),
        v.width_m * (1.0 + 0.09 * r.normal()),
        v.colour[0] + look.light[0] + 3.0 * r.normal(),
        v.colour[1] + look.light[1] + 2.0 * r.normal(),
        v.colour[2] + look.light[2] + 2.0 * r.normal(),
    ]
}
