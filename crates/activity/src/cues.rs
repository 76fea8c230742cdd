//! What ground sensors say to `cue` events, and the rules about them.

use crate::activity::{ActivityOut, alert};
use crate::table::round7;
use crate::zone::Zone;
use atalaya_geo::Vector2;
use atalaya_model::operation::{ANYWHERE, Rule, RuleKind};
use atalaya_model::{
    About, Class, Cue, Cued, Event, EventKind, EvidenceRef, Micros, SampleRange, Stamped,
};
use std::collections::BTreeMap;

/// Objects that are kept in mind; the one that has been silent longest goes.
const OBJECTS: usize = 1024;

/// A cue of a feed, with its place on the operation's plane.
#[derive(Clone, Debug)]
pub struct CueFix {
    /// The feed's id in the operation.
    pub feed: String,
    /// East and north, metres.
    pub at: Vector2<f64>,
    /// The same object is not said again before it has been silent for so long, seconds.
    pub quiet_s: f64,
    /// What the sensor says.
    pub cue: Cue,
}

/// The objects that sensors speak of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cues {
    last: BTreeMap<(String, String), Micros>,
}

impl Cues {
    /// The next cue.
    pub fn push(
        &mut self,
        input: &Stamped<CueFix>,
        zones: &[Zone],
        rules: &[Rule],
        out: &mut Vec<Stamped<ActivityOut>>,
    ) {
        let (fix, cue) = (&input.body, &input.body.cue);
        let key = (cue.node.clone(), cue.object.clone());
        let before = self.last.insert(key, cue.t);
        if before.is_some_and(|t| cue.t.since(t) < fix.quiet_s) {
            return;
        }
        if self.last.len() > OBJECTS {
            let oldest = self.last.iter().min_by_key(|(_, t)| **t);
            if let Some(oldest) = oldest.map(|(k, _)| k.clone()) {
                self.last.remove(&oldest);
            }
        }
        let inside = zones.iter().find(|z| z.shape.contains(fix.at));
        let what = match cue.class {
            Class::Person => "person",
            c if c.is_vehicle() => "vehicle",
            _ => "unknown",
        };
        let sigma = cue.cov[0].max(cue.cov[3]).max(0.0).sqrt();
        let event = Event {
            schema: Event::SCHEMA.into(),
            class: Some(cue.class),
            id: format!(
                "{}-{}-{}-{}",
                EventKind::Cue.name(),
                fix.feed,
                cue.number,
                cue.t.0
            ),
            kind: EventKind::Cue,
            time: cue.t,
            time_end: None,
            decided_at: input.t,
            zone: inside.map_or_else(String::new, |z| z.id.clone()),
            subjects: Vec::new(),
            p: (cue.p * 1e3).round() / 1e3,
            lat: Some(round7(cue.lon_lat[1])),
            lon: Some(round7(cue.lon_lat[0])),
            reason: format!(
                "ground sensor {} reports {what} here, within {:.0} m: look there",
                cue.node,
                sigma.max(1.0)
            ),
            about: Some(About::Cue(Cued {
                node: cue.node.clone(),
                what: what.into(),
                sigma_m: (sigma * 10.0).round() / 10.0,
            })),
            evidence: vec![EvidenceRef {
                feed: fix.feed.clone(),
                segment: None,
                t0: cue.t,
                t1: cue.t,
                frames: Vec::new(),
                samples: Some(SampleRange {
                    first: cue.number,
                    last: cue.number,
                }),
            }],
        };
        let alerts: Vec<_> = rules
            .iter()
            .filter(|r| r.kind == RuleKind::Tripwire && r.subject.covers(cue.class))
            .filter(|r| r.zone == ANYWHERE || r.zone == event.zone)
            .map(|r| alert(r, &event, event.reason.clone(), input.t))
            .collect();
        out.push(input.with(ActivityOut::Event(event)));
        out.extend(
            alerts
                .into_iter()
                .map(|a| input.with(ActivityOut::Alert(a))),
        );
    }
}
