//! Drop-offs and pick-ups: a vehicle stops, somebody gets out or in, it drives on.

use crate::fix::Finding;
use atalaya_geo::Vector2;
use atalaya_model::{About, EventKind, Micros, Together};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest time between the stop and the person, and between the person and driving on, seconds.
const WAIT_S: f64 = 180.0;
/// Vehicles that are kept in mind; the one that has been silent longest goes.
const MOST: usize = 2048;
/// Persons of one halt.
const PERSONS: usize = 16;

/// A person who got in or out.
#[derive(Clone, Debug)]
struct Rider {
    kind: EventKind,
    t: Micros,
    p: f64,
    person: Arc<str>,
    at: Vector2<f64>,
    told: bool,
}

/// A vehicle's halt so far.
#[derive(Clone, Debug, Default)]
struct Halt {
    stop: Option<(Micros, f64)>,
    start: Option<(Micros, f64)>,
    persons: Vec<Rider>,
    touched: Micros,
}

/// The halts of all vehicles.
#[derive(Clone, Debug, Default)]
pub struct Rides {
    halts: BTreeMap<Arc<str>, Halt>,
}

impl Rides {
    /// Takes note of a finding; what it completes goes to `out`. Findings come in the order in which they
    /// are known, which for a person's end is later than for the start that follows it.
    pub fn note(&mut self, f: &Finding, out: &mut Vec<Finding>) {
        let Some(vehicle) = f.subjects.first() else {
            return;
        };
        let relevant = matches!(
            f.kind,
            EventKind::Stop | EventKind::Start | EventKind::EnterVehicle | EventKind::ExitVehicle
        );
        if !relevant {
            return;
        }
        let halt = self.halts.entry(vehicle.clone()).or_default();
        halt.touched = f.decided_at;
        match f.kind {
            EventKind::Stop => {
                *halt = Halt {
                    stop: Some((f.time, f.p)),
                    touched: f.decided_at,
                    ..Halt::default()
                };
            }
            EventKind::Start => halt.start = Some((f.time, f.p)),
            kind => {
                if let (Some(person), true) = (f.subjects.get(1), halt.persons.len() < PERSONS) {
                    halt.persons.push(Rider {
                        kind,
                        t: f.time,
                        p: f.p,
                        person: person.clone(),
                        at: f.at,
                        told: false,
                    });
                }
            }
        }
        halt.complete(vehicle, f.decided_at, out);
        if self.halts.len() > MOST {
            let oldest = self.halts.iter().min_by_key(|(_, h)| h.touched);
            if let Some(name) = oldest.map(|(n, _)| n.clone()) {
                self.halts.remove(&name);
            }
        }
    }
}

impl Halt {
    fn complete(&mut self, vehicle: &Arc<str>, now: Micros, out: &mut Vec<Finding>) {
        let (Some((stop, p_stop)), Some((start, p_start))) = (self.stop, self.start) else {
            return;
        };
        for r in &mut self.persons {
            let (after, before) = (r.t.since(stop), start.since(r.t));
            if r.told || !(-2.0..WAIT_S).contains(&after) || !(-2.0..WAIT_S).contains(&before) {
                continue;
            }
            r.told = true;
            let (kind, what) = match r.kind {
                EventKind::ExitVehicle => (EventKind::DropOff, "got out"),
                _ => (EventKind::PickUp, "got in"),
            };
            out.push(Finding {
                kind,
                time: r.t,
                time_end: Some(start),
                decided_at: now,
                subjects: vec![vehicle.clone(), r.person.clone()],
                at: r.at,
                p: p_stop * r.p * p_start,
                reason: format!(
                    "the vehicle stopped, a person {what} {after:.0} s later, and it drove on {before:.0} s after that"
                ),
                about: Some(About::Together(Together {
                    apart_m: 0.0,
                    lasted_s: start.since(stop).max(0.0),
                })),
            });
        }
    }
}
