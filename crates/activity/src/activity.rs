//! Tracks of an operation to events and alerts.

use crate::cues::{CueFix, Cues};
use crate::emissions::Emissions;
use crate::gallery::Gallery;
use crate::joint::{Joint, Presence};
use crate::table::{kind_of, reason, round3, round7};
use crate::understood::{Told, Understood};
use crate::visits::{Change, ChangeKind, Visits};
use crate::zone::{Shape, Zone};
use atalaya_geo::{Cov2, Geodetic, LocalFrame, Polygon, Vector2, Vector3};
use atalaya_model::operation::{Rule, RuleKind, ZoneConfig, ZoneRole};
use atalaya_model::{
    About, Alert, AlertState, Class, Coverage, Departed, EmissionMap, Event, EventKind,
    EvidenceRef, FeedIx, Micros, Operation, Stamped, TrackId, TrackPoint, TrackState,
};
use std::collections::{BTreeMap, BTreeSet};

/// A zone unseen for longer than this is a coverage gap, seconds.
const COVERAGE_GAP_S: f64 = 5.0;
/// Seconds between two notes of who is in a zone that a rule joins with emissions.
const NOTE_STEP_S: f64 = 1.0;
/// Seconds without a subject's feed before another feed takes over.
const FEED_CHANGE_S: f64 = 1.0;
/// Frames of a subject that is not there any more are remembered for so long, seconds.
const MEMORY_S: f64 = 300.0;

/// A point of a track, with the feed's name.
#[derive(Clone, Debug)]
pub struct TrackFix {
    /// The feed's id in the operation.
    pub feed: String,
    /// The point.
    pub point: TrackPoint,
}

/// What comes out.
#[derive(Clone, Debug, PartialEq)]
pub enum ActivityOut {
    /// Something happened.
    Event(Event),
    /// A watch rule says so.
    Alert(Alert),
}

/// How a zone is being watched.
#[derive(Clone, Debug)]
struct Watched {
    observed: Option<Micros>,
}

/// Events and alerts of an operation; one instance for all its feeds.
pub struct Activity {
    frame: LocalFrame,
    rules: Vec<Rule>,
    /// On the ground, structures too.
    zones: Vec<Zone>,
    /// Visits to those that are no structure.
    ground: Visits,
    /// Zones outlined on a frame of a feed without position.
    drawn: BTreeMap<FeedIx, Visits>,
    /// What subjects are taken for, and the frames that show them.
    classes: BTreeMap<TrackId, Class>,
    gallery: Gallery,
    understood: Understood,
    raised: BTreeSet<(String, TrackId, Micros)>,
    watched: Vec<Watched>,
    start: Option<Micros>,
    emissions: Emissions,
    cues: Cues,
    joint: Joint,
    /// The event with which a subject's stay in a zone began.
    entered: BTreeMap<(TrackId, usize), String>,
}

impl Activity {
    /// For an operation, in its local frame.
    pub fn new(operation: &Operation, frame: LocalFrame) -> Self {
        let origin_height = frame.origin().hae_m;
        let zones: Vec<Zone> = operation
            .site
            .zones
            .iter()
            .filter_map(|z| {
                let outline = z.polygon.as_ref()?;
                let points = outline
                    .iter()
                    .map(|[lon, lat]| {
                        frame
                            .to_enu(&Geodetic::from_degrees(*lat, *lon, origin_height))
                            .xy()
                    })
                    .collect();
                Some(Zone::new(z, Shape::Polygon(Polygon::new(points)?)))
            })
            .collect();
        // Who is in a building can't be seen: nobody's visit to it is told.
        let seen = |z: &&Zone| z.role != ZoneRole::Structure;
        let visited: Vec<Zone> = zones.iter().filter(seen).cloned().collect();
        let watched = zones.iter().map(|_| Watched { observed: None });
        Self {
            frame,
            rules: operation.rules.clone(),
            watched: watched.collect(),
            ground: Visits::new(visited),
            drawn: BTreeMap::new(),
            classes: BTreeMap::new(),
            gallery: Gallery::default(),
            understood: Understood::new(&zones),
            zones,
            raised: BTreeSet::new(),
            start: None,
            emissions: Emissions::default(),
            cues: Cues::default(),
            joint: Joint::default(),
            entered: BTreeMap::new(),
        }
    }

    /// A zone outlined on a frame of `feed`, in the anchored pixels of that feed.
    pub fn draw_zone(&mut self, feed: FeedIx, config: &ZoneConfig, outline: Polygon) {
        self.drawn
            .entry(feed)
            .or_default()
            .add_zone(Zone::new(config, Shape::Polygon(outline)));
    }

    /// The anchored pixels of `feed` have lost their meaning: its drawn zones are suspended.
    pub fn suspend(&mut self, at: &Stamped<FeedIx>, out: &mut Vec<Stamped<ActivityOut>>) {
        if let Some(mut visits) = self.drawn.remove(&at.body) {
            let mut changes = Vec::new();
            visits.end_all(at.t, &mut changes);
            self.report(&at.with(()), &changes, visits.zones(), None, false, out);
        }
    }

    /// A point of a track.
    pub fn push(&mut self, input: &Stamped<TrackFix>, out: &mut Vec<Stamped<ActivityOut>>) {
        self.start.get_or_insert(input.t);
        let fix = &input.body;
        let p = &fix.point;
        let subject = p.track.to_string();
        let mut changes = Vec::new();
        let ground = p.ground.is_some();
        if p.state == TrackState::Ended {
            self.ground.end(&subject, input.t, &mut changes);
            let zones = self.ground.zones().to_vec();
            self.report(&input.with(()), &changes, &zones, Some(p), true, out);
            changes.clear();
            if let Some(mut v) = self.drawn.remove(&input.feed) {
                v.end(&subject, input.t, &mut changes);
                self.report(&input.with(()), &changes, v.zones(), Some(p), false, out);
                self.drawn.insert(input.feed, v);
            }
            self.classes.remove(&p.track);
            self.understood.end(p.track);
            self.raised.retain(|(_, track, _)| *track != p.track);
            self.entered.retain(|(track, _), _| *track != p.track);
            return;
        }
        if p.state == TrackState::Unobserved {
            self.assume(input, out);
        }
        if !p.state.is_observed() || self.is_followed_by_another(input) {
            return;
        }
        self.remember(input);
        if let Some(g) = &p.ground {
            self.ground
                .observe(&subject, input.t, Vector2::new(g.e, g.n), &mut changes);
            let zones = self.ground.zones().to_vec();
            self.report(&input.with(()), &changes, &zones, Some(p), true, out);
            self.note_visits(input, &changes, out);
            self.understand(input, out);
        } else if let (Some(a), Some(mut v)) = (p.anchored, self.drawn.remove(&input.feed)) {
            v.observe(&subject, input.t, Vector2::new(a[0], a[1]), &mut changes);
            self.report(&input.with(()), &changes, v.zones(), Some(p), false, out);
            self.drawn.insert(input.feed, v);
        }
        self.dwell(input, ground, out);
    }

    /// What a point means beyond coming and going.
    fn understand(&mut self, input: &Stamped<TrackFix>, out: &mut Vec<Stamped<ActivityOut>>) {
        let p = &input.body.point;
        let mut told = Vec::new();
        self.understood.push(input, &mut told);
        // A vehicle that goes by another track's name has its frames there, too.
        let known = self.understood.known_as(p.track);
        if known != p.track {
            self.gallery
                .push(known, &input.body.feed, input.t, p.frame, p.bbox);
        }
        self.tell(&input.with(()), told, out);
    }

    /// Places, evidence, and out.
    fn tell(&self, at: &Stamped<()>, told: Vec<Told>, out: &mut Vec<Stamped<ActivityOut>>) {
        for t in told {
            let mut event = t.event;
            if let Some(e) = t.at {
                let g = self.frame.to_geodetic(&Vector3::new(e.x, e.y, 0.0));
                event.lat = Some(round7(g.lat_deg()));
                event.lon = Some(round7(g.lon_deg()));
            }
            if let Some(who) = t.who {
                event.evidence = self.gallery.evidence(who, &t.moments);
            }
            out.push(at.with(ActivityOut::Event(event)));
        }
    }

    /// Where a subject must be that has left the picture: it may complete a departure that was seen
    /// to begin.
    fn assume(&mut self, input: &Stamped<TrackFix>, out: &mut Vec<Stamped<ActivityOut>>) {
        let p = &input.body.point;
        let Some(g) = &p.ground else { return };
        let mut changes = Vec::new();
        let at = Vector2::new(g.e, g.n);
        self.ground
            .assume(&p.track.to_string(), input.t, at, &mut changes);
        if changes.is_empty() {
            return;
        }
        let zones = self.ground.zones().to_vec();
        self.report(&input.with(()), &changes, &zones, Some(p), true, out);
    }

    /// A track turned out to be a double of another subject: what is open about it is dropped.
    pub fn forget(&mut self, track: TrackId) {
        self.ground.forget(&track.to_string());
        self.classes.remove(&track);
        self.gallery.forget(track);
        self.understood.forget(track);
        self.raised.retain(|(_, t, _)| *t != track);
        self.entered.retain(|(t, _), _| *t != track);
        self.joint.forget(track);
    }

    /// What is known of a source of gas.
    pub fn emission(&mut self, input: &Stamped<EmissionMap>, out: &mut Vec<Stamped<ActivityOut>>) {
        let from = out.len();
        self.emissions.push(input, &self.zones, &self.rules, out);
        let mut told = Vec::new();
        for o in &out[from..] {
            if let ActivityOut::Event(e) = &o.body {
                self.understood.emission(e.time, &e.zone, e.p, &mut told);
            }
        }
        self.tell(&input.with(()), told, out);
        self.joint
            .check(&input.with(()), &self.emissions, &self.rules, out);
    }

    /// A ground sensor asks for a look.
    pub fn cue(&mut self, input: &Stamped<CueFix>, out: &mut Vec<Stamped<ActivityOut>>) {
        let from = out.len();
        self.cues.push(input, &self.zones, &self.rules, out);
        for o in &out[from..] {
            if let ActivityOut::Event(e) = &o.body {
                self.understood.cue(e.time, &e.zone);
            }
        }
    }

    /// Keeps in mind who is in a zone that a rule joins with emissions.
    fn note_visits(
        &mut self,
        input: &Stamped<TrackFix>,
        changes: &[Change],
        out: &mut Vec<Stamped<ActivityOut>>,
    ) {
        let p = &input.body.point;
        let subject = p.track.to_string();
        let joins = |r: &Rule| r.kind == RuleKind::EmissionVisit;
        if !self.rules.iter().any(joins) {
            return;
        }
        for c in changes {
            if matches!(c.kind, ChangeKind::Arrival | ChangeKind::Appeared) {
                let zone = &self.ground.zones()[c.zone].id;
                let id = Event::id_of(kind_of(c.kind), zone, &c.subject, c.time);
                self.entered.insert((p.track, c.zone), id);
            }
        }
        let mut noted = false;
        for i in 0..self.ground.zones().len() {
            let zone = self.ground.zones()[i].id.clone();
            if !self.rules.iter().any(|r| joins(r) && r.zone == zone) {
                continue;
            }
            let Some(since) = self.ground.inside_since(&subject, i) else {
                continue;
            };
            let renewed = self.joint.renewed(p.track, &zone);
            if renewed.is_some_and(|t| input.t.since(t) < NOTE_STEP_S && t >= since) {
                continue;
            }
            noted = true;
            self.joint.note(Presence {
                event: self.entered.get(&(p.track, i)).cloned().unwrap_or_default(),
                zone,
                track: p.track,
                class: p.class,
                since,
                last: input.t,
                evidence: self.evidence(p.track, since, input.t),
            });
        }
        if noted {
            self.joint
                .check(&input.with(()), &self.emissions, &self.rules, out);
        }
    }

    /// True when another feed has shown the same subject within the last second: two feeds place it
    /// a little apart, and one of them is enough.
    fn is_followed_by_another(&self, input: &Stamped<TrackFix>) -> bool {
        self.gallery
            .last(input.body.point.track)
            .is_some_and(|(feed, t)| feed != input.body.feed && input.t.since(t) < FEED_CHANGE_S)
    }

    /// What a frame covered.
    pub fn cover(&mut self, input: &Stamped<Coverage>, out: &mut Vec<Stamped<ActivityOut>>) {
        self.start.get_or_insert(input.t);
        let Some(footprint) = input.body.footprint.filter(|_| input.body.tracking) else {
            return;
        };
        let corners = footprint.iter().map(|c| Vector2::new(c[0], c[1])).collect();
        let Some(picture) = Polygon::new(corners) else {
            return;
        };
        for i in 0..self.watched.len() {
            let zone = &self.zones[i];
            if !zone.shape.outline().iter().all(|v| picture.contains(*v)) {
                continue;
            }
            let from = self.watched[i].observed.or(self.start).unwrap_or(input.t);
            if input.t.since(from) > COVERAGE_GAP_S {
                let event = self.gap(i, from, input.t);
                out.push(input.with(ActivityOut::Event(event)));
            }
            self.watched[i].observed = Some(input.t);
        }
        let mut told = Vec::new();
        let ticked = self.understood.cover(&input.with(picture), &mut told);
        self.tell(&input.with(()), told, out);
        if ticked {
            let here: BTreeSet<TrackId> = self.understood.residents().into_iter().collect();
            let long_ago = input.t - Micros::from_secs(MEMORY_S);
            self.gallery.prune(long_ago, |k| here.contains(&k));
        }
    }

    /// Zones on the ground, and when each was last in view as a whole; `None` before it ever was.
    pub fn observed(&self) -> impl Iterator<Item = (&str, Option<Micros>)> {
        let zones = self.zones.iter().map(|z| z.id.as_str());
        zones.zip(self.watched.iter().map(|w| w.observed))
    }

    /// The end of the input: what is open ends as lost, what is unseen as a gap.
    pub fn finish(&mut self, at: &Stamped<()>, out: &mut Vec<Stamped<ActivityOut>>) {
        let mut changes = Vec::new();
        self.ground.end_all(at.t, &mut changes);
        let zones = self.ground.zones().to_vec();
        self.report(at, &changes, &zones, None, true, out);
        for (_, mut v) in std::mem::take(&mut self.drawn) {
            changes.clear();
            v.end_all(at.t, &mut changes);
            self.report(at, &changes, v.zones(), None, false, out);
        }
        for i in 0..self.watched.len() {
            let from = self.watched[i].observed.or(self.start).unwrap_or(at.t);
            if at.t.since(from) > COVERAGE_GAP_S {
                let event = self.gap(i, from, at.t);
                out.push(at.with(ActivityOut::Event(event)));
            }
        }
        let mut told = Vec::new();
        self.understood.finish(at.t, &mut told);
        self.tell(at, told, out);
        self.classes.clear();
    }

    fn gap(&self, zone: usize, from: Micros, to: Micros) -> Event {
        let zone = &self.zones[zone];
        Event {
            about: None,
            schema: Event::SCHEMA.into(),
            class: None,
            id: Event::id_of(EventKind::CoverageGap, &zone.id, "-", from),
            kind: EventKind::CoverageGap,
            time: from,
            time_end: Some(to),
            decided_at: to,
            zone: zone.id.clone(),
            subjects: Vec::new(),
            p: 1.0,
            lat: None,
            lon: None,
            reason: format!("the zone was not in view for {:.0} s", to.since(from)),
            evidence: Vec::new(),
        }
    }

    fn remember(&mut self, input: &Stamped<TrackFix>) {
        let p = &input.body.point;
        self.classes.insert(p.track, p.class);
        self.gallery
            .push(p.track, &input.body.feed, input.t, p.frame, p.bbox);
    }

    /// Frames that show a subject between two moments: the first, one in between, the last.
    fn evidence(&self, track: TrackId, t0: Micros, t1: Micros) -> Vec<EvidenceRef> {
        let middle = Micros(t0.0.midpoint(t1.0));
        self.gallery.evidence(track, &[t0, middle, t1])
    }

    /// Events for changes, and alerts of rules about coming and going; `placed` when the zones lie on
    /// the ground.
    fn report(
        &self,
        at: &Stamped<()>,
        changes: &[Change],
        zones: &[Zone],
        point: Option<&TrackPoint>,
        placed: bool,
        out: &mut Vec<Stamped<ActivityOut>>,
    ) {
        for c in changes {
            let zone = &zones[c.zone];
            let track: Option<TrackId> = c.subject.parse().ok();
            let place = placed.then(|| self.frame.to_geodetic(&Vector3::new(c.at.x, c.at.y, 0.0)));
            let assumed = c.kind == ChangeKind::Departure
                && point.is_some_and(|p| p.state == TrackState::Unobserved);
            let class = track.and_then(|t| self.classes.get(&t));
            let class = class.copied().unwrap_or_default();
            let (why, sure) = if assumed {
                ("seen beyond the exit margin, then out of the picture", 0.8)
            } else {
                (reason(c.kind), 1.0)
            };
            let event = Event {
                about: assumed.then_some(About::Departure(Departed {
                    out_of_picture: true,
                    unseen: false,
                })),
                schema: Event::SCHEMA.into(),
                class: Some(class),
                id: Event::id_of(kind_of(c.kind), &zone.id, &c.subject, c.time),
                kind: kind_of(c.kind),
                time: c.time,
                time_end: None,
                decided_at: c.decided_at,
                zone: zone.id.clone(),
                subjects: vec![c.subject.clone()],
                p: round3(point.map_or(0.5, |p| probability(c.kind, zone, p)) * sure),
                lat: place.map(|g| round7(g.lat_deg())),
                lon: place.map(|g| round7(g.lon_deg())),
                reason: why.into(),
                evidence: track.map_or_else(Vec::new, |t| self.evidence(t, c.time, c.decided_at)),
            };
            let wanted = match c.kind {
                ChangeKind::Arrival => Some(RuleKind::Arrival),
                ChangeKind::Departure => Some(RuleKind::Departure),
                ChangeKind::Appeared | ChangeKind::Lost => None,
            };
            let alerts: Vec<Alert> = self
                .rules
                .iter()
                .filter(|r| Some(r.kind) == wanted && r.zone == zone.id && r.subject.covers(class))
                .map(|r| {
                    let what = format!(
                        "{} {} {}",
                        class.name(),
                        if r.kind == RuleKind::Arrival {
                            "came into"
                        } else {
                            "left"
                        },
                        zone.id
                    );
                    alert(r, &event, what, at.t)
                })
                .collect();
            out.push(at.with(ActivityOut::Event(event)));
            out.extend(alerts.into_iter().map(|a| at.with(ActivityOut::Alert(a))));
        }
    }

    /// Rules about staying.
    fn dwell(
        &mut self,
        input: &Stamped<TrackFix>,
        ground: bool,
        out: &mut Vec<Stamped<ActivityOut>>,
    ) {
        let p = &input.body.point;
        let subject = p.track.to_string();
        for r in self.rules.iter().filter(|r| r.kind == RuleKind::Dwell) {
            let visits = if ground {
                Some(&self.ground)
            } else {
                self.drawn.get(&input.feed)
            };
            let Some(visits) = visits else { continue };
            let Some(zone) = visits.zones().iter().position(|z| z.id == r.zone) else {
                continue;
            };
            let Some(since) = visits.inside_since(&subject, zone) else {
                continue;
            };
            let limit = r.longer_than_s.unwrap_or(f64::INFINITY);
            if input.t.since(since) < limit || !r.subject.covers(p.class) {
                continue;
            }
            let key = (r.id.clone(), p.track, since);
            if self.raised.contains(&key) {
                continue;
            }
            let due = since + Micros::from_secs(limit);
            let event = Event {
                about: None,
                schema: Event::SCHEMA.into(),
                class: Some(p.class),
                id: Event::id_of(EventKind::Dwell, &r.zone, &subject, due),
                kind: EventKind::Dwell,
                time: due,
                time_end: None,
                decided_at: input.t,
                zone: r.zone.clone(),
                subjects: vec![subject.clone()],
                p: round3(probability(ChangeKind::Arrival, &visits.zones()[zone], p)),
                lat: p.ground.map(|g| round7(g.lat)),
                lon: p.ground.map(|g| round7(g.lon)),
                reason: format!("inside since {since}, longer than {limit:.0} s"),
                evidence: self.evidence(p.track, since, input.t),
            };
            let what = format!(
                "{} stays in {} for more than {limit:.0} s",
                p.class.name(),
                r.zone
            );
            let alert = alert(r, &event, what, input.t);
            self.raised.insert(key);
            out.push(input.with(ActivityOut::Event(event)));
            out.push(input.with(ActivityOut::Alert(alert)));
        }
    }
}

pub(crate) fn alert(rule: &Rule, event: &Event, reason: String, now: Micros) -> Alert {
    Alert {
        schema: Alert::SCHEMA.into(),
        life: None,
        id: format!("{}-{}", rule.id, event.id),
        rule: rule.id.clone(),
        opened_at: now,
        zone: event.zone.clone(),
        subjects: event.subjects.clone(),
        events: vec![event.id.clone()],
        severity: rule.severity,
        reason,
        state: AlertState::Open,
        lat: event.lat,
        lon: event.lon,
        evidence: event.evidence.clone(),
    }
}

/// That the track is real and stands where the event says, given the uncertainty of its place.
fn probability(kind: ChangeKind, zone: &Zone, p: &TrackPoint) -> f64 {
    let real = f64::from(p.p);
    let (Some(g), Shape::Polygon(outline)) = (&p.ground, &zone.shape) else {
        return real;
    };
    let sum = |i: usize| g.cov_random[i] + g.cov_common[i];
    let cov = Cov2::new(sum(0), sum(1), sum(2), sum(3));
    let inside = outline.probability(Vector2::new(g.e, g.n), &cov);
    real * match kind {
        ChangeKind::Departure => 1.0 - inside,
        _ => inside,
    }
}
