//! Who is in which zone now, for how long, and how much of it was seen.
//!
//! A vehicle that was lost and appears again where it stood is the same stay: a parked car does not
//! arrive twice. A person is taken for the same only within five minutes.

use super::found::{metres, there_since};
use atalaya_model::{Class, Event, EventKind, Micros};
use std::collections::{BTreeMap, BTreeSet};

/// Most stays that are kept; the oldest goes.
const MOST_STAYS: usize = 8192;
/// One that appears no further than this from where one was lost is the same, metres.
const SAME_PLACE_M: f64 = 15.0;
/// For so long, microseconds: a vehicle, a person.
const VEHICLE_GAP_US: i64 = 86_400_000_000;
const PERSON_GAP_US: i64 = 300_000_000;

/// A subject in a zone.
#[derive(Clone, Debug)]
pub(crate) struct Stay {
    /// The event with which it began.
    pub event: Event,
    pub since: Micros,
    /// Not seen since.
    pub paused: Option<Micros>,
    /// The subject was lost: it is not seen when its zone is.
    pub lost: bool,
    /// Before that, microseconds.
    pub unseen_us: i64,
    /// Rules that have told of it, a bit each.
    pub told: u64,
}

impl Stay {
    /// When it will have been seen for so long, if it goes on being seen.
    pub fn due(&self, long_us: i64) -> Micros {
        Micros(
            self.since
                .0
                .saturating_add(self.unseen_us)
                .saturating_add(long_us),
        )
    }

    /// Seconds seen and unseen, until now.
    pub fn seconds(&self, now: Micros) -> (f64, f64) {
        let unseen = self.unseen_us + self.paused.map_or(0, |p| (now.0 - p.0).max(0));
        let all = (now.0 - self.since.0).max(0);
        (
            (all - unseen).max(0) as f64 / 1e6,
            unseen.min(all) as f64 / 1e6,
        )
    }

    fn resume(&mut self, at: Micros) {
        if let Some(p) = self.paused.take() {
            self.unseen_us += (at.0 - p.0).max(0);
        }
    }
}

/// What an event meant for who is where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// Nothing.
    No,
    /// Somebody new is there, or somebody came back.
    New,
    /// Somebody was there all along, under this name.
    Same(String),
}

/// All stays: by zone, then subject.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    zones: BTreeMap<String, BTreeMap<String, Stay>>,
    /// Persons and vehicles in each zone that have not been lost.
    there: BTreeMap<String, (usize, usize)>,
    unwatched: BTreeMap<String, Micros>,
    /// All of them, the oldest first.
    order: BTreeSet<(Micros, String, String)>,
}

impl Presence {
    pub fn stay(&self, zone: &str, subject: &str) -> Option<&Stay> {
        self.zones.get(zone)?.get(subject)
    }

    pub fn stay_mut(&mut self, zone: &str, subject: &str) -> Option<&mut Stay> {
        self.zones.get_mut(zone)?.get_mut(subject)
    }

    /// How many stays there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Persons and vehicles in a zone that have not been lost.
    pub fn counts(&self, zone: &str) -> (usize, usize) {
        self.there.get(zone).copied().unwrap_or_default()
    }

    /// One more, or one less, of a class is there.
    fn count(&mut self, zone: &str, class: Option<Class>, more: bool) {
        let n = self.there.entry(zone.to_owned()).or_default();
        let n = match class {
            Some(Class::Person) => &mut n.0,
            Some(c) if c.is_vehicle() => &mut n.1,
            _ => return,
        };
        *n = if more { *n + 1 } else { n.saturating_sub(1) };
    }

    /// Is the zone out of sight, and since when?
    pub fn unwatched_since(&self, zone: &str) -> Option<Micros> {
        self.unwatched.get(zone).copied()
    }

    /// Nobody sees the zone from here on. The number of zones is bounded with the stays.
    pub fn unwatch(&mut self, zone: &str, at: Micros) {
        if self.unwatched.len() >= MOST_STAYS || self.unwatched.contains_key(zone) {
            return;
        }
        self.unwatched.insert(zone.to_owned(), at);
        for stay in self
            .zones
            .get_mut(zone)
            .into_iter()
            .flat_map(BTreeMap::values_mut)
        {
            stay.paused.get_or_insert(at);
        }
    }

    /// It is seen again: the subjects whose stay goes on.
    pub fn watch(&mut self, zone: &str, at: Micros) -> Vec<String> {
        if self.unwatched.remove(zone).is_none() {
            return Vec::new();
        }
        let mut going = Vec::new();
        for (subject, stay) in self.zones.get_mut(zone).into_iter().flatten() {
            if !stay.lost {
                stay.resume(at);
                going.push(subject.clone());
            }
        }
        going
    }

    /// What an arrival, an appearance or a loss means; a departure ends with [`Presence::leave`].
    pub fn take(&mut self, e: &Event) -> Came {
        let Some(subject) = e.subjects.first() else {
            return Came::No;
        };
        match e.kind {
            EventKind::Arrival => {
                self.begin(e, subject);
                Came::New
            }
            EventKind::Appeared => {
                if let Some(was) = self.lost_there(e, subject)
                    && let Some(mut stay) = self.remove(&e.zone, &was)
                {
                    stay.lost = false;
                    stay.resume(e.time);
                    stay.event.subjects.clone_from(&e.subjects);
                    if let Some(since) = self.unwatched_since(&e.zone) {
                        stay.paused = Some(since.max(e.time));
                    }
                    self.insert(&e.zone, subject, stay);
                    return Came::Same(was);
                }
                self.begin(e, subject);
                Came::New
            }
            EventKind::Lost => {
                if let Some(stay) = self.stay_mut(&e.zone, subject) {
                    let gone = (!stay.lost).then_some(stay.event.class);
                    stay.lost = true;
                    stay.paused.get_or_insert(e.time);
                    // Where it was last seen, not where it came in.
                    if e.lat.is_some() {
                        (stay.event.lat, stay.event.lon) = (e.lat, e.lon);
                    }
                    if let Some(class) = gone {
                        self.count(&e.zone, class, false);
                    }
                }
                Came::No
            }
            _ => Came::No,
        }
    }

    /// A departure: the stay that it ends.
    pub fn leave(&mut self, e: &Event) -> Option<Stay> {
        self.remove(&e.zone, e.subjects.first()?)
    }

    fn begin(&mut self, e: &Event, subject: &str) {
        let since = there_since(e);
        let stay = Stay {
            event: e.clone(),
            since,
            paused: self.unwatched_since(&e.zone).map(|t| t.max(since)),
            lost: false,
            unseen_us: 0,
            told: 0,
        };
        self.insert(&e.zone, subject, stay);
    }

    fn insert(&mut self, zone: &str, subject: &str, stay: Stay) {
        self.remove(zone, subject);
        if self.order.len() >= MOST_STAYS
            && let Some((_, z, s)) = self.order.first().cloned()
        {
            self.remove(&z, &s);
        }
        self.order
            .insert((stay.since, zone.to_owned(), subject.to_owned()));
        if !stay.lost {
            self.count(zone, stay.event.class, true);
        }
        let stays = self.zones.entry(zone.to_owned()).or_default();
        stays.insert(subject.to_owned(), stay);
    }

    fn remove(&mut self, zone: &str, subject: &str) -> Option<Stay> {
        let stays = self.zones.get_mut(zone)?;
        let stay = stays.remove(subject)?;
        if stays.is_empty() {
            self.zones.remove(zone);
        }
        if !stay.lost {
            self.count(zone, stay.event.class, false);
        }
        if !self.zones.contains_key(zone) {
            self.there.remove(zone);
        }
        self.order
            .remove(&(stay.since, zone.to_owned(), subject.to_owned()));
        Some(stay)
    }

    /// The one that was lost where this one appears.
    fn lost_there(&self, e: &Event, subject: &str) -> Option<String> {
        let stays = self.zones.get(&e.zone)?;
        let place = e.lat.zip(e.lon);
        let near = |s: &Stay| match (place, s.event.lat.zip(s.event.lon)) {
            (Some(a), Some(b)) => Some(metres(a, b)).filter(|d| *d <= SAME_PLACE_M),
            _ => None,
        };
        let gap = |s: &Stay, most: i64| {
            s.paused
                .is_some_and(|p| (0..=most).contains(&(e.time.0 - p.0)))
        };
        let known = |c: Option<Class>| c.filter(|c| *c != Class::Unknown);
        if let Some(mine) = stays.get(subject) {
            let vehicle = known(mine.event.class).is_some_and(Class::is_vehicle);
            let most = if vehicle {
                VEHICLE_GAP_US
            } else {
                PERSON_GAP_US
            };
            return (mine.lost && gap(mine, most)).then(|| subject.to_owned());
        }
        let candidates = stays.iter().filter(|(_, s)| s.lost).filter(|(_, s)| {
            let (a, b) = (known(e.class), known(s.event.class));
            let vehicle = a.is_some_and(Class::is_vehicle) && b.is_some_and(Class::is_vehicle);
            (a == b || a.is_none() || b.is_none() || vehicle)
                && gap(
                    s,
                    if vehicle {
                        VEHICLE_GAP_US
                    } else {
                        PERSON_GAP_US
                    },
                )
        });
        candidates
            .filter_map(|(name, s)| Some((near(s)?, name)))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, name)| name.clone())
    }
}
