//! The part that understands a place: from tracks, what was covered, and what sensors say, to what a watch officer
//! would write in the log. It joins presence, goods, "the same again", routine and flow; each of them knows
//! nothing of the others.

mod stay;
pub mod table;

use crate::again::Again;
use crate::fix::{Finding, Fix};
use crate::flow::{Flow, Leg};
use crate::handling::{End, Handling, Walkers};
use crate::presence::{Cover, Look, Presence, hour};
use crate::routine::{Happening, Key, Routine};
use crate::table::round3;
use crate::zone::Zone;
use atalaya_geo::Polygon;
use atalaya_model::operation::ZoneRole;
use atalaya_model::{About, Class, Event, EventKind, Micros, Reason, Returned};
use stay::{Habits, Stay};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// A stay: of whom, and at which site.
type StayKey = (Arc<str>, usize);

/// A finding with the zone that it belongs to and the class of its first subject.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The zone's id.
    pub zone: String,
    /// What the subject is taken for.
    pub class: Class,
    /// What happened.
    pub finding: Finding,
}

impl Placed {
    /// As a record, without place and evidence.
    pub fn event(&self) -> Event {
        let f = &self.finding;
        let subjects: Vec<String> = f.subjects.iter().map(ToString::to_string).collect();
        let first = subjects.first().map_or("-", String::as_str);
        Event {
            schema: Event::SCHEMA.into(),
            id: Event::id_of(f.kind, &self.zone, first, f.time),
            kind: f.kind,
            time: f.time,
            time_end: f.time_end,
            decided_at: f.decided_at,
            zone: self.zone.clone(),
            class: (self.class != Class::Unknown).then_some(self.class),
            subjects,
            p: round3(f.p),
            lat: None,
            lon: None,
            reason: f.reason.clone(),
            about: f.about.clone(),
            evidence: Vec::new(),
        }
    }
}

/// A vehicle's look is compared when it has been there for so many seconds.
const LOOK_AFTER_S: f64 = 10.0;
/// "The same again" is said from this probability.
const AGAIN: f64 = 0.5;
/// A cue of the gate belongs to an unseen arrival or departure when it lies in its window, or so many microseconds
/// outside it.
const CUE_SLACK_US: i64 = 20_000_000;
/// Cues that are kept of a site.
const CUES: usize = 512;
/// Stays that are kept before those of vehicles that nobody remembers are let go.
const STAYS: usize = 8_192;

/// All sites of a table or an operation.
pub struct Sites {
    zones: Vec<Zone>,
    structures: Vec<Zone>,
    /// Sites by name, and that of each yard.
    names: Vec<String>,
    site_of: Vec<usize>,
    presence: Presence,
    walkers: Walkers,
    handling: Handling,
    again: Again,
    habits: Habits,
    /// Rates, novelties, changes, links.
    pub routine: Routine,
    /// Which vehicles connect which sites.
    pub flow: Flow,
    stays: BTreeMap<StayKey, Stay>,
    cues: BTreeMap<String, VecDeque<Micros>>,
}

impl Sites {
    /// For these zones: visits are told for yards, goods go to structures.
    pub fn new(zones: Vec<Zone>) -> Self {
        let structures = zones.iter().filter(|z| z.role == ZoneRole::Structure);
        let presence = Presence::new(&zones);
        let yards = presence.zones().iter();
        let mut names: Vec<String> = yards.clone().map(|z| z.site.clone()).collect();
        names.sort();
        names.dedup();
        let site_of = yards.map(|z| names.partition_point(|n| *n < z.site));
        Self {
            site_of: site_of.collect(),
            names,
            presence,
            structures: structures.cloned().collect(),
            zones,
            walkers: Walkers::default(),
            handling: Handling::default(),
            again: Again::default(),
            habits: Habits::default(),
            routine: Routine::default(),
            flow: Flow::default(),
            stays: BTreeMap::new(),
            cues: BTreeMap::new(),
        }
    }

    /// An observed position; `look` only of a vehicle.
    pub fn push(&mut self, fix: &Fix, camera: u16, look: Option<&Look>, out: &mut Vec<Placed>) {
        match fix.class {
            Class::Person => self.person(fix),
            Class::Unknown => {}
            _ => self.vehicle(fix, camera, look, out),
        }
    }

    fn person(&mut self, fix: &Fix) {
        let standing = stay::standing(&self.presence);
        if let Some(walk) = self.walkers.push(fix, &standing, &self.structures) {
            let vehicle = |e: &End| matches!(e, End::Vehicle(_));
            if vehicle(&walk.from) || vehicle(&walk.to) {
                let about = self.walkers.about(fix.t);
                self.handling.push(&walk, about);
            }
        }
    }

    fn vehicle(&mut self, fix: &Fix, camera: u16, look: Option<&Look>, out: &mut Vec<Placed>) {
        let mut findings = Vec::new();
        self.presence.push(fix, camera, look, &mut findings);
        self.take(findings, out);
        let Some(r) = self.presence.shown_by(&fix.subject) else {
            return;
        };
        let mut due = Vec::new();
        let all = (r.name.clone(), 0)..=(r.name.clone(), usize::MAX);
        for (key, s) in self.stays.range_mut(all) {
            s.observe(r);
            if !s.compared && r.look().is_some() && r.last.since(s.first) > LOOK_AFTER_S {
                s.compared = true;
                due.push(key.clone());
            }
        }
        for key in due {
            self.returned(&key, fix.t, out);
        }
    }

    /// A track was a double of another: what only it has shown is dropped.
    pub fn forget(&mut self, track: &str) {
        self.presence.forget(track);
        self.drop_orphans();
    }

    /// Stays of vehicles that presence knows no more.
    fn drop_orphans(&mut self) {
        let known: BTreeSet<&Arc<str>> = self.presence.residents().map(|r| &r.name).collect();
        self.stays.retain(|(name, _), _| known.contains(name));
    }

    /// The name under which the vehicle is known that a track shows.
    pub fn known_as(&self, track: &str) -> Option<&Arc<str>> {
        self.presence.shown_by(track).map(|r| &r.name)
    }

    /// Vehicles that are taken to be there.
    pub fn residents(&self) -> impl Iterator<Item = &Arc<str>> {
        self.presence.residents().map(|r| &r.name)
    }

    /// What is covered now, by anybody.
    pub fn cover(&mut self, t: Micros, cover: &Cover, out: &mut Vec<Placed>) {
        let mut findings = Vec::new();
        self.presence.cover(t, cover, &mut findings);
        self.take(findings, out);
        for s in self.stays.values_mut() {
            if cover.outline.contains(s.at) {
                s.cover(t, cover.p_person);
            }
        }
    }

    /// A site was watched for some seconds that end at `t`.
    pub fn watched(&mut self, site: &str, t: Micros, seconds: f64, p: f64, out: &mut Vec<Placed>) {
        let mut said = Vec::new();
        self.routine.watched(site, t, seconds, p, &mut said);
        self.say(said, Class::Unknown, out);
    }

    /// Time goes on.
    pub fn advance(&mut self, t: Micros, out: &mut Vec<Placed>) {
        let mut findings = Vec::new();
        self.presence.advance(t, &mut findings);
        self.take(findings, out);
    }

    /// Sites of which a yard's middle lies in one of these pictures.
    pub fn in_view(&self, pictures: &[&Polygon]) -> BTreeSet<String> {
        let seen = |z: &&Zone| pictures.iter().any(|p| p.contains(z.middle()));
        let yards = self.presence.zones().iter().filter(seen);
        yards.map(|z| z.site.clone()).collect()
    }

    /// A ground sensor at a zone says that a vehicle passed.
    pub fn cue(&mut self, t: Micros, zone: &str) {
        let site = self.zones.iter().find(|z| z.id == zone);
        let site = site.map_or(zone, |z| &z.site).to_owned();
        let all = self.cues.entry(site).or_default();
        if all.len() == CUES {
            all.pop_front();
        }
        all.push_back(t);
    }

    /// Gas came from a zone.
    pub fn emission(&mut self, t: Micros, zone: &str, p: f64, out: &mut Vec<Placed>) {
        let site = self.zones.iter().find(|z| z.id == zone);
        let Some(z) = site else { return };
        let finding = Finding {
            kind: EventKind::Emission,
            time: t,
            time_end: None,
            decided_at: t,
            subjects: Vec::new(),
            at: z.middle(),
            p,
            reason: String::new(),
            about: None,
        };
        let site = z.site.clone();
        self.count(&site, &finding, Class::Unknown, out);
    }

    fn yard_of(&self, site: &str) -> String {
        let mut yards = self.presence.zones().iter();
        let yard = yards.find(|z| z.site == site);
        yard.map_or_else(|| site.to_owned(), |z| z.id.clone())
    }

    /// What presence says: it goes out, and what it means follows. A vehicle has one stay at a site, in however many
    /// of its zones: from the first that it enters to the last that it leaves.
    fn take(&mut self, findings: Vec<(usize, Finding)>, out: &mut Vec<Placed>) {
        for (zone, mut f) in findings {
            let Some(name) = f.subjects.first().cloned() else {
                continue;
            };
            let key = (name, self.site_of[zone]);
            let site = self.names[key.1].clone();
            let zone_id = self.presence.zones()[zone].id.clone();
            let mut new = false;
            if matches!(f.kind, EventKind::Arrival | EventKind::Appeared) {
                if self.stays.len() >= STAYS {
                    self.drop_orphans();
                }
                new = !self.stays.contains_key(&key);
                let stay = self.stays.entry(key.clone());
                let stay = stay.or_insert_with(|| Stay::new(site.clone(), zone_id.clone(), &f));
                stay.inside.insert(zone);
            }
            let Some(s) = self.stays.get(&key) else {
                continue;
            };
            let class = self
                .presence
                .resident(&key.0)
                .map_or(s.class, |r| r.votes.best());
            self.narrow(&site, &mut f);
            out.push(Placed {
                zone: zone_id,
                class,
                finding: f.clone(),
            });
            if new && f.kind == EventKind::Arrival {
                self.count(&site, &f, class, out);
            }
            if f.kind == EventKind::Departure
                && let Some(s) = self.stays.get_mut(&key)
            {
                s.inside.remove(&zone);
                if s.inside.is_empty()
                    && let Some(s) = self.stays.remove(&key)
                {
                    self.close(&key.0, s, &f, out);
                }
            }
        }
    }

    /// A cue within the window of what nobody saw says when it was.
    fn narrow(&self, site: &str, f: &mut Finding) {
        let (Some(end), Some(cues)) = (f.time_end, self.cues.get(site)) else {
            return;
        };
        let inside: Vec<Micros> = cues
            .iter()
            .filter(|c| c.0 >= f.time.0 - CUE_SLACK_US && c.0 <= end.0 + CUE_SLACK_US)
            .copied()
            .collect();
        if let [one] = inside[..] {
            f.time = one;
            f.time_end = Some(one);
            f.reason = format!(
                "{}; a ground sensor at the gate reports a vehicle at {}",
                f.reason,
                hour(one)
            );
        } else if !inside.is_empty() {
            let n = inside.len();
            f.reason = format!(
                "{}; ground sensors report {n} vehicles in that time",
                f.reason
            );
        }
    }

    /// Counts an event, and says what is unusual about it.
    fn count(&mut self, site: &str, f: &Finding, class: Class, out: &mut Vec<Placed>) {
        // A delivery lasts; of what nobody saw begin, only the window is known.
        let lasts = matches!(f.kind, EventKind::Delivery | EventKind::Shipment);
        let end = f.time_end.filter(|_| !lasts).unwrap_or(f.time);
        let h = Happening {
            key: Key::new(site, f.kind, class),
            from: f.time,
            to: end.max(f.time),
            finding: f.clone(),
        };
        let mut said = Vec::new();
        self.routine.happened(&h, &mut said);
        self.say(said, class, out);
    }

    fn say(&self, said: Vec<(String, Finding)>, class: Class, out: &mut Vec<Placed>) {
        for (site, finding) in said {
            out.push(Placed {
                zone: self.yard_of(&site),
                class,
                finding,
            });
        }
    }

    /// A stay is over: what was handled, and whose it was.
    fn close(&mut self, name: &Arc<str>, s: Stay, f: &Finding, out: &mut Vec<Placed>) {
        let here = self.here();
        let seen = s.seen(name, f.time);
        let same = seen
            .as_ref()
            .and_then(|seen| self.again.compare(seen, &here, 1).into_iter().next());
        let number = seen.map(|seen| self.again.learn(seen, same.as_ref()));
        let key = self.habits.key(&s.site, s.class, number);
        let stay = s.for_handling(name, f.time, self.habits.odds(&key));
        for g in self.handling.close(&stay, f.decided_at) {
            self.habits.learn(&key, &g);
            out.push(Placed {
                zone: s.zone.clone(),
                class: s.class,
                finding: g.clone(),
            });
            self.count(&s.site, &g, s.class, out);
        }
    }

    fn here(&self) -> Vec<Arc<str>> {
        self.presence.residents().map(|r| r.name.clone()).collect()
    }

    /// Was it here before?
    fn returned(&mut self, key: &StayKey, now: Micros, out: &mut Vec<Placed>) {
        let here = self.here();
        let Some(s) = self.stays.get(key) else {
            return;
        };
        let name = &key.0;
        let Some(seen) = s.seen(name, now) else {
            return;
        };
        for m in self.again.compare(&seen, &here, 3) {
            if m.p < AGAIN {
                continue;
            }
            let site = self.again.site_of(m.vehicle).unwrap_or_default();
            if site != s.site {
                self.flow.push(Leg {
                    from: site.to_owned(),
                    to: s.site.clone(),
                    left: m.earlier.clone(),
                    came: name.clone(),
                    left_at: m.left_at,
                    came_at: s.first,
                    p: m.p,
                });
            }
            let why = |r: &Reason| format!("{} {:+.1}", r.what, r.weight);
            let why: Vec<String> = m.reasons.iter().map(why).collect();
            out.push(Placed {
                zone: s.zone.clone(),
                class: s.class,
                finding: Finding {
                    kind: EventKind::Return,
                    time: s.first,
                    time_end: None,
                    decided_at: now,
                    subjects: vec![name.clone()],
                    at: s.at,
                    p: round3(m.p),
                    reason: format!(
                        "looks like {} that left at {} ({})",
                        m.earlier,
                        m.left_at.to_rfc3339(),
                        why.join(", ")
                    ),
                    about: Some(About::Return(Returned {
                        earlier: m.earlier.to_string(),
                        left_at: m.left_at,
                        reasons: m.reasons,
                    })),
                },
            });
        }
    }
}
