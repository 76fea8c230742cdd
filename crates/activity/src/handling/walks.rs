//! Walks of persons between vehicles and buildings, from their tracks.

use crate::fix::Fix;
use crate::zone::Zone;
use atalaya_geo::Vector2;
use atalaya_model::Micros;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One end of a walk.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// A standing vehicle.
    Vehicle(Arc<str>),
    /// A building: index of its zone.
    Structure(usize),
}

/// Somebody went from one to the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Walk {
    /// The person's track.
    pub person: Arc<str>,
    /// From where.
    pub from: End,
    /// To where.
    pub to: End,
    /// When it left the one.
    pub t0: Micros,
    /// When it reached the other.
    pub t1: Micros,
    /// Speed between the two, m/s.
    pub speed: f64,
}

/// A building is reached within so many metres of its outline: places of a look are off by a metre or two.
const STRUCTURE_M: f64 = 3.0;
/// A vehicle is reached within so many metres of its outline.
const VEHICLE_M: f64 = 2.2;
/// Half its length, metres, when nothing else is known.
const HALF_M: f64 = 2.5;
/// A walk is at least so long, metres.
const LEAST_M: f64 = 4.0;
/// A track without a fix for so long is over, seconds.
const OVER_S: f64 = 6.0;
/// Tracks at once.
const MOST: usize = 4_096;

#[derive(Clone, Debug)]
struct Walker {
    /// The end where it was last, when it was last there, and where that was.
    left: Option<(End, Micros, Vector2<f64>)>,
    last: Micros,
}

/// A standing vehicle as walkers see it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its name.
    pub name: Arc<str>,
    /// Where.
    pub at: Vector2<f64>,
    /// Half its length, metres; `None` when unknown.
    pub half_m: Option<f64>,
}

/// All persons who are about.
#[derive(Default)]
pub struct Walkers {
    all: BTreeMap<Arc<str>, Walker>,
}

impl Walkers {
    /// A person's position. A walk that ends with it is given.
    pub fn push(&mut self, fix: &Fix, vehicles: &[Standing], zones: &[Zone]) -> Option<Walk> {
        if self.all.len() >= MOST {
            self.all.retain(|_, w| fix.t.since(w.last) < OVER_S);
        }
        let here = end_at(fix.at, vehicles, zones);
        let w = self.all.entry(fix.subject.clone()).or_insert(Walker {
            left: None,
            last: fix.t,
        });
        if fix.t.since(w.last) > OVER_S {
            w.left = None;
        }
        w.last = fix.t;
        let here = here?;
        let before = w.left.replace((here.clone(), fix.t, fix.at));
        let (from, t0, at0) = before?;
        let d = (fix.at - at0).norm();
        let took = fix.t.since(t0);
        (from != here && d >= LEAST_M && took > 0.0).then(|| Walk {
            person: fix.subject.clone(),
            from,
            to: here,
            t0,
            t1: fix.t,
            speed: d / took,
        })
    }

    /// Persons seen within the last seconds.
    pub fn about(&self, now: Micros) -> usize {
        let recent = self.all.values();
        recent.filter(|w| now.since(w.last) < OVER_S).count()
    }
}

/// What a place belongs to: the nearest vehicle or building that it touches.
fn end_at(at: Vector2<f64>, vehicles: &[Standing], zones: &[Zone]) -> Option<End> {
    let of_vehicle = |v: &Standing| (v.at - at).norm() - v.half_m.unwrap_or(HALF_M) - VEHICLE_M;
    let v = vehicles
        .iter()
        .map(|v| (of_vehicle(v), v))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let z = zones
        .iter()
        .enumerate()
        .map(|(i, z)| (z.shape.signed_distance(at) - STRUCTURE_M, i))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let structure = z.filter(|z| z.0 <= 0.0);
    match v.filter(|v| v.0 <= 0.0) {
        Some((d, v)) if structure.is_none_or(|s| d < s.0) => Some(End::Vehicle(v.name.clone())),
        _ => structure.map(|(_, i)| End::Structure(i)),
    }
}
