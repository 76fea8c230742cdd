//! Composed events: what one vehicle does and what two do, from the fixes of all subjects.

use crate::fix::{Finding, Fix};
use crate::table::round7;
use crate::together::{Away, Convoys, End, Ends, Meetings, Rides, Scene, Vehicles};
use crate::zone::Zone;
use crate::zones::ZoneIndex;
use atalaya_geo::{Polygon, Vector2};
use atalaya_model::{Class, Event, EventKind, Micros};
use std::sync::Arc;

/// Seconds between looks at all subjects.
const TICK_S: f64 = 1.0;
/// How long after a beginning it is judged, seconds: which way the person goes is part of it.
const BEGIN_S: f64 = 4.0;
/// Places farther from the plane's origin than this are none, metres.
const FARTHEST_M: f64 = 1e8;
/// Errors of places, metres.
const SMALLEST_M: f64 = 0.05;
const LARGEST_M: f64 = 100.0;
/// Silence after which nobody's beginning or end says anything: the sensor was away, seconds.
const BLACKOUT_S: f64 = 3.0;

/// The stages of composed events, for all subjects of one place.
///
/// Fixes come in the order of time (of one subject at least); `advance` says that time has gone on, `finish`
/// that nothing more comes. Nothing is said of a fix that never came: what depends on silence is decided
/// by the time of later fixes.
#[derive(Clone, Debug, Default)]
pub struct Composed {
    zones: Vec<Zone>,
    index: ZoneIndex,
    scene: Scene,
    ends: Ends,
    rides: Rides,
    meetings: Meetings,
    convoys: Convoys,
    away: Away,
    tick: Option<Micros>,
}

impl Composed {
    /// With these zones: those whose role is a structure have doors, before the others one may turn away.
    pub fn new(zones: Vec<Zone>) -> Self {
        Self {
            index: ZoneIndex::new(&zones, 0.0),
            zones,
            ..Self::default()
        }
    }

    /// What a camera's picture covers from now on: tracks that end at its edge have left it.
    pub fn cover(&mut self, camera: u16, picture: Polygon) {
        self.ends.pictures.insert(camera, picture);
    }

    /// The next fix.
    pub fn push(&mut self, fix: &Fix, out: &mut Vec<Finding>) {
        self.advance(fix.t, out);
        // What comes from outside need not be a place on earth, nor an error that one can have.
        if !(fix.at.x.abs() < FARTHEST_M && fix.at.y.abs() < FARTHEST_M) {
            return;
        }
        if !(SMALLEST_M..=LARGEST_M).contains(&fix.sigma_m) {
            let sigma_m = if fix.sigma_m.is_nan() {
                1.0
            } else {
                fix.sigma_m.clamp(SMALLEST_M, LARGEST_M)
            };
            let fix = Fix {
                sigma_m,
                ..fix.clone()
            };
            return self.take(&fix, out);
        }
        self.take(fix, out);
    }

    fn take(&mut self, fix: &Fix, out: &mut Vec<Finding>) {
        let from = out.len();
        self.scene.push(fix, out);
        self.rides(from, out);
    }

    /// Time has gone on.
    pub fn advance(&mut self, t: Micros, out: &mut Vec<Finding>) {
        let mut tick = *self.tick.get_or_insert(t);
        let step = Micros::from_secs(TICK_S);
        // (At the end of time one more second is no later.)
        while tick + step <= t && tick + step > tick {
            tick = tick + step;
            self.look(tick, out);
            // Nobody left: nothing happens until the next fix.
            if self.scene.is_empty() {
                tick = t;
            }
        }
        self.tick = Some(tick);
    }

    /// The end of the input: who is still seen is not known to have ended.
    pub fn finish(&mut self, t: Micros, out: &mut Vec<Finding>) {
        let from = out.len();
        let mut over = Vec::new();
        self.begins(t, out);
        self.scene
            .silent(t + Micros::from_secs(1e6), out, &mut over);
        self.rides(from, out);
        let zones = std::mem::take(&mut self.zones);
        *self = Self::new(zones);
    }

    /// A subject was a double of another: what is known of it is dropped.
    pub fn forget(&mut self, subject: &str) {
        self.scene.forget(subject);
    }

    /// What a subject is taken for.
    pub fn class_of(&self, subject: &str) -> Class {
        self.scene
            .get(subject)
            .map_or(Class::Unknown, |a| a.class())
    }

    /// The zone in which a finding lies: the first that holds it.
    pub fn zone_of(&self, at: Vector2<f64>) -> Option<&Zone> {
        self.zones.iter().find(|z| z.shape.contains(at))
    }

    /// A finding as an event, without evidence.
    pub fn event(&self, f: &Finding, lat_lon: Option<(f64, f64)>) -> Event {
        let zone = self.zone_of(f.at).map_or("", |z| z.id.as_str());
        let first: &str = f.subjects.first().map_or("", |s| s);
        let name = f.subjects.join("+");
        Event {
            schema: Event::SCHEMA.into(),
            id: Event::id_of(f.kind, zone, &name, f.time),
            kind: f.kind,
            class: Some(self.class_of(first)),
            time: f.time,
            time_end: f.time_end,
            decided_at: f.decided_at,
            zone: zone.into(),
            subjects: f.subjects.iter().map(|s| s.to_string()).collect(),
            p: (f.p * 1e3).round() / 1e3,
            lat: lat_lon.map(|l| round7(l.0.to_degrees())),
            lon: lat_lon.map(|l| round7(l.1.to_degrees())),
            reason: f.reason.clone(),
            about: f.about.clone(),
            evidence: Vec::new(),
        }
    }

    /// One look at everybody.
    fn look(&mut self, now: Micros, out: &mut Vec<Finding>) {
        let from = out.len();
        for a in self.scene.seen().filter(|a| a.is_person()) {
            self.ends.doors.present(a.at(), TICK_S);
        }
        self.begins(now, out);
        let mut over = Vec::new();
        self.scene.silent(now, out, &mut over);
        self.overs(&over, now, out);
        self.meetings.tick(now, &self.scene, out);
        self.convoys.tick(now, &self.scene, out);
        if !self.zones.is_empty() {
            let index = &self.index;
            let mut near = |at: Vector2<f64>, reach: f64| index.near(at, reach);
            self.away
                .tick(now, &self.scene, &self.zones, &mut near, out);
        }
        self.rides(from, out);
    }

    /// Judges beginnings that are old enough.
    fn begins(&mut self, now: Micros, out: &mut Vec<Finding>) {
        let due: Vec<Arc<str>> = self
            .scene
            .seen()
            .filter(|a| !a.begun && now.since(a.first.0) >= BEGIN_S)
            .map(|a| a.name.clone())
            .collect();
        if due.is_empty() {
            return;
        }
        for name in &due {
            self.scene.begun(name);
        }
        let vehicles = Vehicles::of(&self.scene);
        let persons = due.iter().filter_map(|n| self.scene.get(n));
        for a in persons.filter(|a| a.is_person()) {
            self.ends
                .judge(a, End::Begin, now, &vehicles, &self.zones, out);
        }
    }

    /// Judges ends.
    fn overs(&mut self, over: &[Arc<str>], now: Micros, out: &mut Vec<Finding>) {
        if over.is_empty() {
            return;
        }
        let vehicles = Vehicles::of(&self.scene);
        for name in over {
            let Some(a) = self.scene.get(name).filter(|a| a.is_person()) else {
                continue;
            };
            if !a.begun {
                self.ends
                    .judge(a, End::Begin, now, &vehicles, &self.zones, out);
            }
            // A sensor that saw nobody any more has not seen anybody go.
            let t = a.last.0;
            let seen_since = |b: &crate::together::Actor| b.last.0.since(t) > BLACKOUT_S;
            if self.scene.all().any(seen_since) {
                self.ends
                    .judge(a, End::End, now, &vehicles, &self.zones, out);
            }
        }
    }

    /// Lets drop-offs and pick-ups see what is new.
    fn rides(&mut self, from: usize, out: &mut Vec<Finding>) {
        let mut new = Vec::new();
        for f in &out[from..] {
            if !matches!(f.kind, EventKind::DropOff | EventKind::PickUp) {
                self.rides.note(f, &mut new);
            }
        }
        out.append(&mut new);
    }
}
