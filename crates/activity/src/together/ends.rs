//! Persons who get into and out of vehicles, and go into and come out of buildings: tracks that end and
//! begin.
//!
//! A track's end has causes that compete: the person got into a vehicle that stands there, went through a
//! door (drawn, or learnt), left the picture, or was lost. Each has a density of places; Bayes' rule
//! gives its probability. What was seen before the end, or after the beginning, speaks for or against: who
//! gets in has walked up to the vehicle.

use super::doors::{AREA_M2, Doors};
use super::near::Near;
use super::scene::{Actor, Scene};
use crate::fix::Finding;
use crate::zone::Zone;
use atalaya_geo::{Polygon, Vector2};
use atalaya_model::operation::ZoneRole;
use atalaya_model::{About, Class, EventKind, Micros, Together};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Relative frequency of the causes: of a vehicle that stands, of doors, of the picture's edge, of loss.
const VEHICLE: f64 = 1.0;
const DOOR: f64 = 1.0;
const EDGE: f64 = 1.0;
const LOST: f64 = 3.0;
/// Two that began or ended at a place may be chance; so many more make it a door.
const DOOR_SEEN: f64 = 2.0;
/// Places at which one gets in and out, about the middle of a car and of a truck, metres (one sigma).
const CAR_M: f64 = 1.5;
const TRUCK_M: f64 = 2.4;
/// No vehicle and no outline farther than this has to do with it, metres.
const NEAR_M: f64 = 15.0;
/// Width of the strip at an outline or an edge, metres (one sigma).
const STRIP_M: f64 = 1.5;
/// A vehicle counts as there when it was seen within this of the moment, seconds.
const THERE_S: f64 = 8.0;
/// How long before an end, or after a beginning, one looks at which way the person went, seconds.
const LOOK_S: f64 = 4.0;
/// Natural logarithm of the likelihood ratio for a metre of coming nearer, and its limit.
const NEARER: f64 = 0.35;
const NEARER_MOST: f64 = 1.2;
/// A vehicle that was not seen any more after the end may have been out of the picture with the person.
const NOT_SEEN_AFTER: f64 = 0.4;
/// What is less likely than this is not said.
const SAID: f64 = 0.5;

/// Which end of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// Its beginning.
    Begin,
    /// Its end.
    End,
}

/// What a beginning or an end comes from.
#[derive(Clone, Debug)]
struct Causes {
    vehicle: Option<(Arc<str>, f64, f64)>,
    vehicles: f64,
    drawn: Option<(String, f64)>,
    door: f64,
    seen_at_door: f64,
    edge: f64,
    lost: f64,
}

/// The vehicles of a moment, by place.
pub struct Vehicles<'a> {
    all: Vec<&'a Actor>,
    near: Near,
}

impl<'a> Vehicles<'a> {
    /// Those that are seen, or were a moment ago.
    pub fn of(scene: &'a Scene) -> Self {
        let all: Vec<&Actor> = scene.all().filter(|v| v.is_vehicle()).collect();
        let near = Near::new(all.iter().map(|v| v.at()), NEAR_M);
        Self { all, near }
    }

    fn around(&self, at: Vector2<f64>) -> impl Iterator<Item = &'a Actor> {
        self.near.around(at, NEAR_M).map(|i| self.all[i])
    }
}

/// Judges beginnings and ends.
#[derive(Clone, Debug, Default)]
pub struct Ends {
    /// What was learnt.
    pub doors: Doors,
    /// What the picture of each camera covers, where that is known.
    pub pictures: BTreeMap<u16, Polygon>,
}

impl Ends {
    /// Judges one end of a person's track.
    pub fn judge(
        &mut self,
        a: &Actor,
        end: End,
        now: Micros,
        vehicles: &Vehicles<'_>,
        zones: &[Zone],
        out: &mut Vec<Finding>,
    ) {
        let (t, at) = match end {
            End::Begin => a.first,
            End::End => a.last,
        };
        let c = self.causes(a, end, t, at, vehicles, zones);
        let drawn = c.drawn.as_ref().map_or(0.0, |d| d.1);
        let all = c.vehicles + drawn + c.door + c.edge + c.lost;
        if all <= 0.0 {
            return;
        }
        let (v, s) = (c.vehicles / all, (drawn + c.door) / all);
        // What may have been a door teaches where doors are.
        self.doors.learn(at, (c.door + c.lost) / all);
        if v.max(s) < SAID {
            return;
        }
        let share = |p: f64| (p * 100.0).round();
        let verb = if end == End::Begin { "begins" } else { "ends" };
        let mut f = Finding {
            kind: EventKind::EnterVehicle,
            time: t,
            time_end: None,
            decided_at: now,
            subjects: vec![a.name.clone()],
            at,
            p: v.max(s),
            reason: String::new(),
            about: None,
        };
        if v >= s {
            let Some((vehicle, d, _)) = c.vehicle else {
                return;
            };
            f.kind = pick(end, EventKind::ExitVehicle, EventKind::EnterVehicle);
            f.reason = format!(
                "the person's track {verb} {d:.1} m from a standing vehicle; a door {} %, lost {} %, edge of the picture {} %",
                share(s),
                share(c.lost / all),
                share(c.edge / all)
            );
            f.subjects.insert(0, vehicle);
            f.about = Some(About::Together(Together {
                apart_m: (d * 10.0).round() / 10.0,
                lasted_s: 0.0,
            }));
        } else {
            f.kind = pick(end, EventKind::ExitStructure, EventKind::EnterStructure);
            let place = match c.drawn {
                Some((id, p)) if p > c.door => format!("at {id}"),
                _ => format!(
                    "where {:.0} tracks began or ended before",
                    c.seen_at_door.round()
                ),
            };
            f.reason = format!(
                "the person's track {verb} {place}; a vehicle {} %, lost {} %, edge of the picture {} %",
                share(v),
                share(c.lost / all),
                share(c.edge / all)
            );
        }
        out.push(f);
    }

    fn causes(
        &self,
        a: &Actor,
        end: End,
        t: Micros,
        at: Vector2<f64>,
        vehicles: &Vehicles<'_>,
        zones: &[Zone],
    ) -> Causes {
        let sigma = a.sigma_m;
        let look = match end {
            End::Begin => a.at_time(t + Micros::from_secs(LOOK_S)).unwrap_or(a.last.1),
            End::End => a
                .at_time(t - Micros::from_secs(LOOK_S))
                .unwrap_or(a.first.1),
        };
        let (mut all, mut vehicle) = (0.0, None::<(Arc<str>, f64, f64)>);
        for v in vehicles.around(at) {
            if v.first.0.since(t) > THERE_S || t.since(v.last.0) > THERE_S {
                continue;
            }
            let place = v.at();
            let d = (at - place).norm();
            let reach = if v.class() == Class::Truck {
                TRUCK_M
            } else {
                CAR_M
            };
            let var = reach * reach + sigma * sigma + v.sigma_m * v.sigma_m;
            let nearer = ((look - place).norm() - d) * NEARER;
            let mut f = VEHICLE * v.standing() * (-0.5 * d * d / var).exp()
                / (std::f64::consts::TAU * var)
                * nearer.clamp(-NEARER_MOST, NEARER_MOST).exp();
            if end == End::End && v.last.0.since(t) <= 0.5 {
                f *= NOT_SEEN_AFTER;
            }
            all += f;
            if vehicle.as_ref().is_none_or(|b| f > b.2) {
                vehicle = Some((v.name.clone(), d, f));
            }
        }
        let (door, seen_at_door) = self.doors.door(at, sigma);
        let drawn = zones
            .iter()
            .filter(|z| z.role == ZoneRole::Structure)
            .filter_map(|z| {
                let out = z.shape.signed_distance(at).max(0.0);
                if out > NEAR_M {
                    return None;
                }
                let way = perimeter(&z.shape.outline()).max(1.0);
                Some((z.id.clone(), DOOR * strip(out, sigma) / way))
            })
            .max_by(|x, y| x.1.total_cmp(&y.1))
            .filter(|d| d.1 > 0.0);
        // Of several pictures that one counts in which it is farthest from an edge.
        let depth = |p: &&Polygon| -p.signed_distance(at);
        let pictures = self.pictures.values();
        let deepest = pictures.max_by(|a, b| depth(a).total_cmp(&depth(b)));
        let edge = deepest.map_or(0.0, |p| {
            EDGE * strip(depth(&p).max(0.0), sigma) / perimeter(p.vertices()).max(1.0)
        });
        Causes {
            vehicle,
            vehicles: all,
            drawn,
            door: DOOR * door * ((seen_at_door - 1.0) / DOOR_SEEN).clamp(0.0, 1.0),
            seen_at_door,
            edge: edge.max(if self.pictures.is_empty() {
                0.1 * EDGE / AREA_M2
            } else {
                0.0
            }),
            lost: LOST * self.doors.presence(at),
        }
    }
}

fn pick(end: End, begin: EventKind, over: EventKind) -> EventKind {
    if end == End::Begin { begin } else { over }
}

/// Density across a strip along a line, per metre.
fn strip(d: f64, sigma: f64) -> f64 {
    let var = STRIP_M * STRIP_M + sigma * sigma;
    (-0.5 * d * d / var).exp() * (2.0 / (std::f64::consts::PI * var)).sqrt()
}

fn perimeter(outline: &[Vector2<f64>]) -> f64 {
    let next = outline.iter().cycle().skip(1);
    outline.iter().zip(next).map(|(a, b)| (b - a).norm()).sum()
}
