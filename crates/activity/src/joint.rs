//! Visits and emissions that belong together: one alert for both.

use crate::activity::ActivityOut;
use crate::emissions::Emissions;
use atalaya_model::operation::{Rule, RuleKind};
use atalaya_model::{Alert, AlertState, Class, EvidenceRef, Micros, Stamped, TrackId};
use std::collections::BTreeSet;

/// Visits that are kept in mind; the oldest goes.
const VISITS: usize = 512;

/// Somebody who is, or was, in a zone.
#[derive(Clone, Debug)]
pub(crate) struct Presence {
    pub zone: String,
    pub track: TrackId,
    pub class: Class,
    /// Inside since.
    pub since: Micros,
    /// Last seen inside.
    pub last: Micros,
    /// The event with which it began.
    pub event: String,
    /// The frames that show it.
    pub evidence: Vec<EvidenceRef>,
}

/// Recent visits to zones that a rule joins with emissions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Joint {
    visits: Vec<Presence>,
    raised: BTreeSet<(String, String, TrackId)>,
}

impl Joint {
    /// Somebody is seen in a zone.
    pub fn note(&mut self, p: Presence) {
        let same = |v: &&mut Presence| v.track == p.track && v.zone == p.zone && v.since == p.since;
        if let Some(known) = self.visits.iter_mut().find(same) {
            *known = p;
            return;
        }
        if self.visits.len() == VISITS {
            let gone = self.visits.remove(0);
            self.raised.retain(|(_, _, track)| *track != gone.track);
        }
        self.visits.push(p);
    }

    /// When the evidence of a visit was last renewed.
    pub fn renewed(&self, track: TrackId, zone: &str) -> Option<Micros> {
        let mine = self.visits.iter().rev();
        mine.clone()
            .find(|v| v.track == track && v.zone == zone)
            .map(|v| v.last)
    }

    /// A track turned out to be a double of another.
    pub fn forget(&mut self, track: TrackId) {
        self.visits.retain(|v| v.track != track);
    }

    /// Raises what is due.
    pub fn check(
        &mut self,
        at: &Stamped<()>,
        emissions: &Emissions,
        rules: &[Rule],
        out: &mut Vec<Stamped<ActivityOut>>,
    ) {
        for r in rules.iter().filter(|r| r.kind == RuleKind::EmissionVisit) {
            for e in emissions.all().filter(|e| e.met.contains(&r.id)) {
                for v in self.visits.iter().filter(|v| v.zone == r.zone) {
                    let apart = e.event.time.since(v.last).max(v.since.since(e.until));
                    let stayed = v.last.since(v.since);
                    if apart > r.within_s()
                        || stayed < r.longer_than_s.unwrap_or(0.0)
                        || !r.subject.covers(v.class)
                    {
                        continue;
                    }
                    let key = (r.id.clone(), e.event.id.clone(), v.track);
                    if !self.raised.insert(key) {
                        continue;
                    }
                    let mut evidence = v.evidence.clone();
                    evidence.extend(e.event.evidence.iter().cloned());
                    let alert = Alert {
                        schema: Alert::SCHEMA.into(),
                        life: None,
                        id: format!("{}-{}-{}", r.id, e.event.id, v.track),
                        rule: r.id.clone(),
                        opened_at: at.t,
                        zone: r.zone.clone(),
                        subjects: vec![v.track.to_string()],
                        events: vec![v.event.clone(), e.event.id.clone()],
                        severity: r.severity,
                        reason: format!(
                            "{} in {} within {:.0} s of an emission from {}; {}",
                            v.class.name(),
                            r.zone,
                            r.within_s(),
                            r.source_zone(),
                            e.event.reason
                        ),
                        state: AlertState::Open,
                        lat: e.event.lat,
                        lon: e.event.lon,
                        evidence,
                    };
                    out.push(at.with(ActivityOut::Alert(alert)));
                }
            }
        }
    }
}
