//! Who is inside which zone.
//!
//! A subject's standing is kept for the zones that it is in (or coming into) and for no other, and zones
//! are looked up by a grid: the work for a fix depends on how many zones are near it, not on how many
//! there are.

use crate::zone::{Place, Zone};
use crate::zones::ZoneIndex;
use atalaya_geo::Vector2;
use atalaya_model::Micros;
use std::collections::HashMap;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Came in from outside.
    Arrival,
    /// Left and kept away.
    Departure,
    /// First observed inside.
    Appeared,
    /// Last observed inside.
    Lost,
}

/// A change of a subject's standing with a zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What.
    pub kind: ChangeKind,
    /// Index of the zone.
    pub zone: usize,
    /// The subject.
    pub subject: String,
    /// First observation that qualifies.
    pub time: Micros,
    /// When it was known.
    pub decided_at: Micros,
    /// Place at `time`.
    pub at: Vector2<f64>,
}

#[derive(Clone, Copy, Debug)]
enum Standing {
    Outside,
    /// Inside, but not long enough yet.
    Entering(Micros, Vector2<f64>),
    Inside {
        since: Micros,
        /// First observation beyond the margin of those that keep beyond it.
        beyond: Option<(Micros, Vector2<f64>)>,
    },
}

/// A subject; `standing` holds the zones outside of which it is not, by their index.
#[derive(Clone, Debug)]
struct Subject {
    name: Box<str>,
    last: Option<Micros>,
    at: Vector2<f64>,
    standing: Vec<(u32, Standing)>,
}

/// A subject's number: valid until it ends or is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubjectIx(u32);

/// The state of all subjects with all zones.
#[derive(Clone, Debug, Default)]
pub struct Visits {
    zones: Vec<Zone>,
    index: ZoneIndex,
    /// For looking up only: its order is never used.
    names: HashMap<Box<str>, u32>,
    subjects: Vec<Option<Subject>>,
    free: Vec<u32>,
}

impl Visits {
    /// For these zones.
    pub fn new(zones: Vec<Zone>) -> Self {
        Self {
            index: ZoneIndex::new(&zones, 0.0),
            zones,
            ..Self::default()
        }
    }

    /// The zones.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// Adds a zone; subjects count as not yet observed in it.
    pub fn add_zone(&mut self, zone: Zone) {
        self.zones.push(zone);
        self.index = ZoneIndex::new(&self.zones, 0.0);
    }

    /// Takes a zone out (its outline has lost its meaning); open visits end as lost.
    pub fn remove_zone(&mut self, index: usize, now: Micros, out: &mut Vec<Change>) {
        if index >= self.zones.len() {
            return;
        }
        for i in self.by_name() {
            let Some(s) = &mut self.subjects[i as usize] else {
                continue;
            };
            if let Some(k) = s.standing.iter().position(|(z, _)| *z as usize == index) {
                if let Standing::Inside { .. } = s.standing[k].1 {
                    out.push(lost(index, s, now));
                }
                s.standing.remove(k);
            }
            for (z, _) in &mut s.standing {
                *z -= u32::from(*z as usize > index);
            }
        }
        self.zones.remove(index);
        self.index = ZoneIndex::new(&self.zones, 0.0);
    }

    /// Since when a subject has been inside a zone (not counting one that is on its way out).
    pub fn inside_since(&self, subject: &str, zone: usize) -> Option<Micros> {
        let s = self.subjects[*self.names.get(subject)? as usize].as_ref()?;
        match s.standing.iter().find(|(z, _)| *z as usize == zone)?.1 {
            Standing::Inside {
                since,
                beyond: None,
            } => Some(since),
            _ => None,
        }
    }

    /// The number of a subject, which is made known if it is not.
    pub fn subject(&mut self, name: &str) -> SubjectIx {
        if let Some(i) = self.names.get(name) {
            return SubjectIx(*i);
        }
        let subject = Some(Subject {
            name: name.into(),
            last: None,
            at: Vector2::zeros(),
            standing: Vec::new(),
        });
        let i = if let Some(i) = self.free.pop() {
            self.subjects[i as usize] = subject;
            i
        } else {
            self.subjects.push(subject);
            (self.subjects.len() - 1) as u32
        };
        self.names.insert(name.into(), i);
        SubjectIx(i)
    }

    /// The name of a subject.
    pub fn name(&self, subject: SubjectIx) -> &str {
        match self.subjects.get(subject.0 as usize) {
            Some(Some(s)) => &s.name,
            _ => "",
        }
    }

    /// An observed position. Positions of one subject come in order of time; earlier ones are
    /// ignored.
    pub fn observe(&mut self, subject: &str, t: Micros, at: Vector2<f64>, out: &mut Vec<Change>) {
        let subject = self.subject(subject);
        self.observe_ix(subject, t, at, out);
    }

    /// The same for a subject by its number; false when it was too early and is ignored.
    pub fn observe_ix(
        &mut self,
        subject: SubjectIx,
        t: Micros,
        at: Vector2<f64>,
        out: &mut Vec<Change>,
    ) -> bool {
        let Some(Some(s)) = self.subjects.get_mut(subject.0 as usize) else {
            return false;
        };
        if s.last.is_some_and(|last| t < last) {
            return false;
        }
        // Never seen before is like not seen for ever.
        let gap = s.last.map_or(f64::INFINITY, |last| t.since(last));
        let first = out.len();
        let change = |kind, zone: u32, time, at, name: &str| Change {
            kind,
            zone: zone as usize,
            subject: name.to_owned(),
            time,
            decided_at: t,
            at,
        };
        let near = self.index.at(at);
        let mut k = 0;
        while k < s.standing.len() {
            let (i, standing) = &mut s.standing[k];
            let i = *i;
            let zone = &self.zones[i as usize];
            let place = zone.place(at);
            if gap > zone.gap_s {
                if let (Standing::Inside { .. }, Some(last)) = (*standing, s.last) {
                    out.push(change(ChangeKind::Lost, i, last, s.at, &s.name));
                }
                *standing = fresh(place, t);
                if place == Place::Inside {
                    out.push(change(ChangeKind::Appeared, i, t, at, &s.name));
                }
            } else if let Some((kind, time, at)) = step(zone, standing, place, t, at) {
                out.push(change(kind, i, time, at, &s.name));
            }
            if let Standing::Outside = standing {
                s.standing.swap_remove(k);
            } else {
                k += 1;
            }
        }
        for i in near {
            let zone = &self.zones[*i as usize];
            if s.standing.iter().any(|(z, _)| z == i) || zone.place(at) != Place::Inside {
                continue;
            }
            let (standing, kind) = if gap > zone.gap_s {
                (fresh(Place::Inside, t), Some(ChangeKind::Appeared))
            } else {
                let (standing, event) = enter(zone, t, at, t);
                (standing, event.map(|e| e.0))
            };
            s.standing.push((*i, standing));
            if let Some(kind) = kind {
                out.push(change(kind, *i, t, at, &s.name));
            }
        }
        s.last = Some(t);
        s.at = at;
        if out.len() > first + 1 {
            out[first..].sort_by_key(|c| (c.time, c.zone, c.kind));
        }
        true
    }

    /// Where a subject must be that has left the picture. Who was seen to go beyond the margin and
    /// goes on so has departed; nothing else follows from what nobody saw.
    pub fn assume(&mut self, subject: &str, t: Micros, at: Vector2<f64>, out: &mut Vec<Change>) {
        let Some(i) = self.names.get(subject) else {
            return;
        };
        let Some(s) = &mut self.subjects[*i as usize] else {
            return;
        };
        s.standing.sort_unstable_by_key(|(z, _)| *z);
        let (zones, name) = (&self.zones, &s.name);
        s.standing.retain(|(i, standing)| {
            let zone = &zones[*i as usize];
            let Standing::Inside {
                beyond: Some(first),
                ..
            } = *standing
            else {
                return true;
            };
            if zone.place(at) != Place::Beyond || t.since(first.0) < zone.exit_after_s {
                return true;
            }
            out.push(Change {
                kind: ChangeKind::Departure,
                zone: *i as usize,
                subject: name.to_string(),
                time: first.0,
                decided_at: t,
                at: first.1,
            });
            false
        });
    }

    /// A subject will not be observed any more; open visits end as lost.
    pub fn end(&mut self, subject: &str, now: Micros, out: &mut Vec<Change>) {
        if let Some(mut s) = self.take(subject) {
            s.standing.sort_unstable_by_key(|(z, _)| *z);
            for (i, standing) in &s.standing {
                if let Standing::Inside { .. } = standing {
                    out.push(lost(*i as usize, &s, now));
                }
            }
        }
    }

    /// Ends who has been silent for longer than any zone's gap: in a stream nothing else would.
    pub fn end_silent(&mut self, now: Micros, out: &mut Vec<Change>) {
        let gap = self.zones.iter().map(|z| z.gap_s).fold(0.0, f64::max);
        let mut silent: Vec<Box<str>> = self
            .subjects
            .iter()
            .flatten()
            .filter(|s| s.last.is_some_and(|last| now.since(last) > gap))
            .map(|s| s.name.clone())
            .collect();
        silent.sort_unstable();
        for name in silent {
            self.end(&name, now, out);
        }
    }

    /// A subject was a double of another: it is dropped without a word.
    pub fn forget(&mut self, subject: &str) {
        self.take(subject);
    }

    /// The end of the input: all open visits end as lost.
    pub fn end_all(&mut self, now: Micros, out: &mut Vec<Change>) {
        for i in self.by_name() {
            if let Some(name) = self.subjects[i as usize].as_ref().map(|s| s.name.clone()) {
                self.end(&name, now, out);
            }
        }
    }

    /// All subjects in the order of their names.
    fn by_name(&self) -> Vec<u32> {
        let mut all: Vec<(&str, u32)> = self
            .subjects
            .iter()
            .enumerate()
            .filter_map(|(i, s)| Some((s.as_ref()?.name.as_ref(), i as u32)))
            .collect();
        all.sort_unstable();
        all.into_iter().map(|(_, i)| i).collect()
    }

    fn take(&mut self, subject: &str) -> Option<Subject> {
        let i = self.names.remove(subject)?;
        self.free.push(i);
        self.subjects[i as usize].take()
    }
}

fn lost(zone: usize, s: &Subject, now: Micros) -> Change {
    Change {
        kind: ChangeKind::Lost,
        zone,
        subject: s.name.to_string(),
        time: s.last.unwrap_or(now),
        decided_at: now,
        at: s.at,
    }
}

fn fresh(place: Place, t: Micros) -> Standing {
    if place == Place::Inside {
        Standing::Inside {
            since: t,
            beyond: None,
        }
    } else {
        Standing::Outside
    }
}

/// One observation of a subject that is known.
fn step(
    zone: &Zone,
    standing: &mut Standing,
    place: Place,
    t: Micros,
    at: Vector2<f64>,
) -> Option<(ChangeKind, Micros, Vector2<f64>)> {
    let (next, change) = match (*standing, place) {
        (Standing::Outside, Place::Inside) => enter(zone, t, at, t),
        (Standing::Entering(since, first), Place::Inside) => enter(zone, since, first, t),
        (Standing::Outside | Standing::Entering(..), _) => (Standing::Outside, None),
        (Standing::Inside { since, beyond }, Place::Beyond) => {
            let first = beyond.unwrap_or((t, at));
            if t.since(first.0) >= zone.exit_after_s {
                (
                    Standing::Outside,
                    Some((ChangeKind::Departure, first.0, first.1)),
                )
            } else {
                (
                    Standing::Inside {
                        since,
                        beyond: Some(first),
                    },
                    None,
                )
            }
        }
        (Standing::Inside { since, .. }, _) => (
            Standing::Inside {
                since,
                beyond: None,
            },
            None,
        ),
    };
    *standing = next;
    change
}

fn enter(
    zone: &Zone,
    since: Micros,
    first: Vector2<f64>,
    now: Micros,
) -> (Standing, Option<(ChangeKind, Micros, Vector2<f64>)>) {
    if now.since(since) >= zone.enter_after_s {
        (
            Standing::Inside {
                since,
                beyond: None,
            },
            Some((ChangeKind::Arrival, since, first)),
        )
    } else {
        (Standing::Entering(since, first), None)
    }
}

#[cfg(test)]
mod tests;
