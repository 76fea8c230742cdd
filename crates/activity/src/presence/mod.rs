//! Vehicles that are there, whether or not anybody looks: one subject for a stay, however often its track
//! breaks, the camera looks away, or another aircraft takes over.
//!
//! A vehicle that stood when it was last seen stands there still until somebody looks and finds its place
//! empty; one that is found where nothing stood has come since. Both are said with the time between the two
//! looks: "left unseen between 05:20 and 05:31". What nobody could have seen is never taken for absence:
//! only time in which the place was covered, weighed with the probability of seeing a vehicle there, counts.
//!
//! Persons are not carried over: their tracks stay what they are.

mod link;
mod offset;
mod resident;

pub use resident::{Look, Resident, Votes, WITHIN};

use crate::fix::{Finding, Fix};
use crate::visits::{Change, ChangeKind, Visits};
use crate::zone::Zone;
use atalaya_geo::{Polygon, Vector2};
use atalaya_model::operation::ZoneRole;
use atalaya_model::{About, Arrived, Departed, EventKind, Micros};
use offset::Offsets;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What was covered at a moment, and how well.
#[derive(Clone, Debug)]
pub struct Cover {
    /// The ground in the picture.
    pub outline: Polygon,
    /// Probability that a person there is being followed.
    pub p_person: f64,
    /// Probability that a vehicle that stands there is being followed.
    pub p_vehicle: f64,
}

/// Covered seconds without a vehicle after which its place counts as empty, at a sure eye.
const EMPTY_S: f64 = 120.0;
/// Covered seconds without a vehicle that say nothing when the look ends with them.
const GLANCE_S: f64 = 20.0;
/// A vehicle that moved when it was last seen may be found again within so many seconds.
const MOVING_GAP_S: f64 = 25.0;
/// Covered seconds of a place after which what shows up there has come since, and was not just found late.
const KNOWN_S: f64 = 60.0;
/// What shows up in a place that is being watched has come within so many microseconds.
const LATE_US: i64 = 150_000_000;
/// A step of time longer than this is no cover in between, seconds.
const STEP_S: f64 = 30.0;
/// A visit goes on for so long without an observation, seconds: presence itself says when it is over.
const ALWAYS_S: f64 = 1e10;
/// Residents that are kept; the one unseen for longest goes.
const MOST: usize = 4_096;
/// Tracks whose resident is remembered.
const TRACKS: usize = 65_536;
/// Side of the squares in which it is remembered what was covered when, metres.
const SQUARE_M: f64 = 10.0;

/// When a square of ground was covered.
#[derive(Clone, Copy, Debug)]
struct Covered {
    /// Covered without a break since.
    since: Micros,
    last: Micros,
    /// The last moment of the stretch before this one.
    before: Option<Micros>,
}

/// Vehicles at the zones, in event time.
pub struct Presence {
    visits: Visits,
    residents: Vec<Resident>,
    /// The resident of a live track.
    of_track: BTreeMap<Arc<str>, usize>,
    squares: BTreeMap<(i64, i64), Covered>,
    offsets: Offsets,
}

impl Presence {
    /// For these zones. Visits are told for yards; a visit goes on while nobody looks.
    pub fn new(zones: &[Zone]) -> Self {
        let yards = zones.iter().filter(|z| z.role == ZoneRole::Yard);
        let visits = yards.map(|z| {
            let mut z = z.clone();
            z.gap_s = ALWAYS_S;
            z
        });
        Self {
            visits: Visits::new(visits.collect()),
            residents: Vec::new(),
            of_track: BTreeMap::new(),
            squares: BTreeMap::new(),
            offsets: Offsets::default(),
        }
    }

    /// The yards.
    pub fn zones(&self) -> &[Zone] {
        self.visits.zones()
    }

    /// Vehicles that are taken to be there.
    pub fn residents(&self) -> impl Iterator<Item = &Resident> {
        self.residents.iter()
    }

    /// The resident with this name.
    pub fn resident(&self, name: &str) -> Option<&Resident> {
        self.residents.iter().find(|r| &*r.name == name)
    }

    /// The resident that a live track shows, or showed last.
    pub fn shown_by(&self, track: &str) -> Option<&Resident> {
        self.of_track.get(track).map(|i| &self.residents[*i])
    }

    /// An observed position of a vehicle by a camera. Findings are given with the index of their zone.
    pub fn push(
        &mut self,
        fix: &Fix,
        camera: u16,
        look: Option<&Look>,
        out: &mut Vec<(usize, Finding)>,
    ) {
        let i = self.resident_of(fix, camera, look);
        let offset = self.offsets.of(camera).at;
        let r = &mut self.residents[i];
        r.observe(fix, camera, offset, look);
        let name = r.name.clone();
        let mut changes = Vec::new();
        self.visits.observe(&name, fix.t, fix.at, &mut changes);
        for c in &changes {
            self.tell(i, c, out);
        }
    }

    /// A track was a double of another, or not a vehicle: a resident that nothing else shows is dropped.
    pub fn forget(&mut self, track: &str) {
        let Some(i) = self.of_track.remove(track) else {
            return;
        };
        if &*self.residents[i].name == track && &*self.residents[i].track == track {
            self.remove(i);
        }
    }

    /// What is covered now. Called at least every few seconds while anybody looks.
    pub fn cover(&mut self, t: Micros, cover: &Cover, out: &mut Vec<(usize, Finding)>) {
        self.note(t, &cover.outline);
        let mut gone = Vec::new();
        for (i, r) in self.residents.iter_mut().enumerate() {
            if t <= r.last || !cover.outline.contains(r.at) {
                continue;
            }
            let step = t.since(r.looked.max(r.last));
            r.looked = t;
            if step <= STEP_S {
                r.missing_s += step * cover.p_vehicle;
            } else if r.missing_s < GLANCE_S {
                // The end of the look in which it was seen last says nothing.
                r.missing_s = 0.0;
                r.missing_from = None;
            }
            r.missing_from.get_or_insert(t);
            if r.missing_s > EMPTY_S {
                gone.push(i);
            }
        }
        for i in gone.into_iter().rev() {
            self.depart(i, t, out);
        }
    }

    /// Time goes on: who was last seen on the way out and is not seen again has left.
    pub fn advance(&mut self, t: Micros, out: &mut Vec<(usize, Finding)>) {
        let mut gone = Vec::new();
        for (i, r) in self.residents.iter().enumerate() {
            if !r.stands() && t.since(r.last) > MOVING_GAP_S && !r.adrift {
                gone.push(i);
            }
        }
        for i in gone.into_iter().rev() {
            self.drive_on(i, t, out);
        }
    }

    /// Which resident a fix belongs to; a new one when none.
    fn resident_of(&mut self, fix: &Fix, camera: u16, look: Option<&Look>) -> usize {
        self.offsets.heard(camera, fix.t);
        if let Some(i) = self.of_track.get(&fix.subject) {
            return *i;
        }
        let offset = self.offsets.of(camera);
        let linked = link::best(&self.residents, fix, camera, &offset, look);
        if let Some(i) = linked.filter(|i| self.residents[*i].stands()) {
            self.offsets.learn(camera, fix.at - self.residents[i].home);
        }
        let i = linked.unwrap_or_else(|| {
            if self.residents.len() >= MOST {
                self.drop_oldest();
            }
            self.residents.push(Resident::new(fix));
            self.residents.len() - 1
        });
        self.residents[i].track = fix.subject.clone();
        if self.of_track.len() >= TRACKS {
            // Only tracks that show somebody now are needed.
            let live = |t: &Arc<str>| self.residents.iter().any(|r| r.track == *t);
            self.of_track.retain(|t, _| live(t));
        }
        self.of_track.insert(fix.subject.clone(), i);
        i
    }

    fn drop_oldest(&mut self) {
        let oldest = self
            .residents
            .iter()
            .enumerate()
            .min_by_key(|(_, r)| r.last);
        if let Some((i, _)) = oldest {
            self.remove(i);
        }
    }

    fn remove(&mut self, i: usize) {
        let r = self.residents.remove(i);
        self.visits.forget(&r.name);
        self.of_track.retain(|_, k| *k != i);
        for k in self.of_track.values_mut() {
            if *k > i {
                *k -= 1;
            }
        }
    }

    /// A change of a visit, in words and with what is known of the time before.
    fn tell(&mut self, i: usize, c: &Change, out: &mut Vec<(usize, Finding)>) {
        let covered = self.square(c.at).copied();
        let r = &mut self.residents[i];
        match c.kind {
            ChangeKind::Arrival | ChangeKind::Appeared => r.enter(c.zone),
            ChangeKind::Departure => r.inside.retain(|z| *z != c.zone),
            ChangeKind::Lost => {}
        }
        let r = &*r;
        let finding = |kind, time, end, p: f64, reason: String, about| Finding {
            kind,
            time,
            time_end: end,
            decided_at: c.decided_at,
            subjects: vec![r.name.clone()],
            at: c.at,
            p,
            reason,
            about,
        };
        let mut say = |f: Finding| out.push((c.zone, f));
        match c.kind {
            ChangeKind::Arrival => {
                say(finding(
                    EventKind::Arrival,
                    c.time,
                    None,
                    r.p(),
                    "seen outside the zone, then inside".into(),
                    None,
                ));
            }
            ChangeKind::Appeared => {
                // Its place was looked at before and held nothing: it has come since then.
                let empty = covered.and_then(|k| {
                    let watched = c.time.since(k.since);
                    if c.time.since(k.last) > STEP_S {
                        // This look has only begun.
                        Some((k.last, false))
                    } else if watched > KNOWN_S {
                        // Through a short gap, or found late.
                        Some((k.since.max(Micros(c.time.0 - LATE_US)), true))
                    } else {
                        Some((k.before?, false))
                    }
                });
                match empty {
                    Some((empty, in_view)) => say(finding(
                        EventKind::Arrival,
                        empty.min(c.time),
                        Some(c.time),
                        0.9 * r.p(),
                        format!(
                            "came unseen between {} and {}: its place was empty before",
                            hour(empty.min(c.time)),
                            hour(c.time)
                        ),
                        Some(About::Arrival(Arrived {
                            unseen: true,
                            in_view,
                        })),
                    )),
                    None => say(finding(
                        EventKind::Appeared,
                        c.time,
                        None,
                        r.p(),
                        "there when its place was first looked at".into(),
                        None,
                    )),
                }
            }
            ChangeKind::Departure => {
                say(finding(
                    EventKind::Departure,
                    c.time,
                    None,
                    r.p(),
                    "seen beyond the exit margin".into(),
                    None,
                ));
            }
            ChangeKind::Lost => {}
        }
    }

    /// A resident that moved when it was last seen, a while ago. Seen to go beyond the margin it has left; else it
    /// is somewhere in the zone, or has left unseen: who looks will know.
    fn drive_on(&mut self, i: usize, t: Micros, out: &mut Vec<(usize, Finding)>) {
        let r = &self.residents[i];
        let wait = self.visits.zones().iter().map(|z| z.exit_after_s);
        let wait = wait.fold(0.0, f64::max) + t.since(r.last).max(0.0);
        let later = Micros(r.last.0 + (wait * 1e6) as i64);
        let (name, at) = (r.name.clone(), r.at);
        let mut changes = Vec::new();
        self.visits.assume(&name, later, at, &mut changes);
        for c in &mut changes {
            c.decided_at = t;
            self.tell(i, c, out);
            if let Some((_, f)) = out.last_mut() {
                f.p *= 0.95;
                f.reason = "seen beyond the exit margin, then out of the picture".into();
                f.about = Some(About::Departure(Departed {
                    out_of_picture: true,
                    unseen: false,
                }));
            }
        }
        if self.residents[i].inside.is_empty() {
            self.remove(i);
        } else {
            self.residents[i].adrift = true;
        }
    }

    /// A resident whose place is empty.
    fn depart(&mut self, i: usize, t: Micros, out: &mut Vec<(usize, Finding)>) {
        let r = &self.residents[i];
        let until = r.missing_from.unwrap_or(t).max(r.last);
        for zone in &r.inside {
            let finding = Finding {
                kind: EventKind::Departure,
                time: r.last,
                time_end: Some(until),
                decided_at: t,
                subjects: vec![r.name.clone()],
                at: r.at,
                p: 0.9 * r.p(),
                reason: format!(
                    "left unseen between {} and {}: its place is empty now",
                    hour(r.last),
                    hour(until)
                ),
                about: Some(About::Departure(Departed {
                    out_of_picture: true,
                    unseen: true,
                })),
            };
            out.push((*zone, finding));
        }
        self.remove(i);
    }

    fn square(&self, at: Vector2<f64>) -> Option<&Covered> {
        self.squares.get(&cell(at))
    }

    /// Remembers which squares around zones are covered.
    fn note(&mut self, t: Micros, outline: &Polygon) {
        let (lo, hi) = outline.bounds();
        for z in self.visits.zones() {
            let (zlo, zhi) = z.reach();
            let (a, b) = (cell(lo.sup(&zlo)), cell(hi.inf(&zhi)));
            for x in a.0..=b.0 {
                for y in a.1..=b.1 {
                    let middle = Vector2::new(x as f64 + 0.5, y as f64 + 0.5) * SQUARE_M;
                    if !outline.contains(middle) {
                        continue;
                    }
                    let k = self.squares.entry((x, y)).or_insert(Covered {
                        since: t,
                        last: t,
                        before: None,
                    });
                    if t.since(k.last) > STEP_S {
                        k.before = Some(k.last);
                        k.since = t;
                    }
                    k.last = k.last.max(t);
                }
            }
        }
    }
}

fn cell(p: Vector2<f64>) -> (i64, i64) {
    (
        (p.x / SQUARE_M).floor() as i64,
        (p.y / SQUARE_M).floor() as i64,
    )
}

/// Hours, minutes and seconds of a moment.
pub(crate) fn hour(t: Micros) -> String {
    let text = t.to_rfc3339();
    text.get(11..19).unwrap_or(&text).to_owned() + "Z"
}
