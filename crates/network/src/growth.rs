//! A graph that grows from events by itself.

use crate::graph::{Graph, NodeKind, Refused, Sighting};
use atalaya_model::{Event, EventKind, EvidenceRef, Micros};
use std::collections::BTreeMap;

/// A vehicle was at a place.
pub const VISIT: &str = "visit";
/// The same vehicle was at two places, one after the other.
pub const ROUTE: &str = "route";
/// Two vehicles were at a place at the same time.
pub const MEETING: &str = "meeting";

/// What the subject of an event is to the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A vehicle, by the id and name of its entity. That two tracks are one vehicle is said here,
    /// by the caller who has reason to; the graph never guesses it.
    Vehicle {
        /// Id in the graph.
        id: String,
        /// For people.
        name: String,
    },
    /// Persons, and what has not been told apart from them: never an entity.
    Anonymous,
}

/// Where a vehicle is.
#[derive(Clone, Debug)]
struct Visit {
    since: Micros,
    p: f64,
    evidence: Vec<EvidenceRef>,
    link: u32,
    sighting: usize,
}

/// Where a vehicle was last.
#[derive(Clone, Debug)]
struct Left {
    zone: String,
    at: Micros,
    p: f64,
    evidence: Vec<EvidenceRef>,
}

/// Joins events of one operation to a [`Graph`]: vehicle to place ([`VISIT`]), place to place by the
/// same vehicle ([`ROUTE`]), vehicle to vehicle ([`MEETING`]). Arrival and first sight open a visit,
/// departure and loss close it; the other events say nothing about links. Events come in order of
/// time. All state is small: who is where, and where each vehicle was last.
#[derive(Clone, Debug)]
pub struct Growth {
    scope: String,
    meeting_s: f64,
    /// By zone and vehicle.
    inside: BTreeMap<(String, u32), Visit>,
    left: BTreeMap<u32, Left>,
    anonymous: u64,
}

impl Growth {
    /// For an operation, whose id stands before the ids of its zones. Vehicles that are at a place
    /// together for `meeting_s` seconds meet.
    pub fn new(scope: &str, meeting_s: f64) -> Self {
        Self {
            scope: scope.to_owned(),
            meeting_s,
            inside: BTreeMap::new(),
            left: BTreeMap::new(),
            anonymous: 0,
        }
    }

    /// Subjects that were passed over because they are anonymous, counted by event.
    pub fn anonymous(&self) -> u64 {
        self.anonymous
    }

    /// Takes an event; `who` says what its subjects are.
    pub fn push(
        &mut self,
        graph: &mut Graph,
        event: &Event,
        who: impl Fn(&str) -> Who,
    ) -> Result<(), Refused> {
        let opens = match event.kind {
            EventKind::Arrival | EventKind::Appeared => true,
            EventKind::Departure | EventKind::Lost => false,
            // A dwell is inside a visit, and what was not observed links nobody.
            _ => return Ok(()),
        };
        for subject in &event.subjects {
            let Who::Vehicle { id, name } = who(subject) else {
                self.anonymous += 1;
                continue;
            };
            let vehicle = graph.node(&id, &name, NodeKind::Vehicle)?;
            if opens {
                self.open(graph, event, vehicle)?;
            } else {
                self.close(graph, event, vehicle)?;
            }
        }
        Ok(())
    }

    fn place(&self, graph: &mut Graph, zone: &str) -> Result<u32, Refused> {
        graph.node(&format!("{}/{zone}", self.scope), zone, NodeKind::Place)
    }

    fn open(&mut self, graph: &mut Graph, e: &Event, vehicle: u32) -> Result<(), Refused> {
        let key = (e.zone.clone(), vehicle);
        if e.p <= 0.0 || self.inside.contains_key(&key) {
            return Ok(());
        }
        let place = self.place(graph, &e.zone)?;
        let link = graph.link(
            vehicle,
            place,
            VISIT,
            seen(e.time, e.time, e.p, &e.evidence),
        )?;
        let sighting = graph.links()[link as usize].sightings.len() - 1;
        // From where: a place it is still in, if it came there last, or the one it left last.
        let here = self
            .inside
            .iter()
            .filter(|((_, v), _)| *v == vehicle)
            .map(|((zone, _), visit)| (visit.since, zone, visit.p, &visit.evidence));
        let before = self.left.get(&vehicle);
        let from = here
            .chain(before.map(|l| (l.at, &l.zone, l.p, &l.evidence)))
            .max_by_key(|f| (f.0, f.1));
        if let Some((at, zone, p, evidence)) = from
            && *zone != e.zone
        {
            let reasons: Vec<EvidenceRef> = evidence.iter().chain(&e.evidence).cloned().collect();
            let (zone, span) = (zone.clone(), (at.min(e.time), e.time));
            let other = self.place(graph, &zone)?;
            graph.link(
                other,
                place,
                ROUTE,
                seen(span.0, span.1, p.min(e.p), &reasons),
            )?;
        }
        self.inside.insert(
            key,
            Visit {
                since: e.time,
                p: e.p,
                evidence: e.evidence.clone(),
                link,
                sighting,
            },
        );
        Ok(())
    }

    fn close(&mut self, graph: &mut Graph, e: &Event, vehicle: u32) -> Result<(), Refused> {
        let Some(visit) = self.inside.remove(&(e.zone.clone(), vehicle)) else {
            return Ok(());
        };
        let end = e.time.max(visit.since);
        if let Some(s) = graph.sighting_mut(visit.link, visit.sighting) {
            s.span = Some((visit.since, end));
            s.evidence.extend(e.evidence.iter().cloned());
        }
        // Those still there: each pair is counted once, when the first of the two leaves.
        let first = (e.zone.clone(), 0);
        let last = (e.zone.clone(), u32::MAX);
        for ((_, other), there) in self.inside.range(first..=last) {
            let from = visit.since.max(there.since);
            if end.since(from) >= self.meeting_s {
                let reasons: Vec<EvidenceRef> = visit
                    .evidence
                    .iter()
                    .chain(&there.evidence)
                    .chain(&e.evidence)
                    .cloned()
                    .collect();
                let p = visit.p * there.p;
                graph.link(vehicle, *other, MEETING, seen(from, end, p, &reasons))?;
            }
        }
        self.left.insert(
            vehicle,
            Left {
                zone: e.zone.clone(),
                at: end,
                p: visit.p,
                evidence: e.evidence.clone(),
            },
        );
        Ok(())
    }
}

fn seen(t0: Micros, t1: Micros, p: f64, evidence: &[EvidenceRef]) -> Sighting {
    Sighting {
        span: Some((t0, t1)),
        weight: p,
        evidence: evidence.to_vec(),
    }
}
