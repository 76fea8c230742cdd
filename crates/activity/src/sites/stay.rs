//! A vehicle's stay while it lasts, and what is remembered of such stays.

use crate::again::Seen;
use crate::fix::Finding;
use crate::handling::{self, Standing};
use crate::presence::{Look, Presence, Resident};
use atalaya_geo::Vector2;
use atalaya_model::{About, Class, EventKind, Micros};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Covered steps longer than this are gaps, seconds.
const STEP_S: f64 = 30.0;

/// A stay.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    pub site: String,
    /// The zone that it entered first.
    pub zone: String,
    /// Zones of the site in which it is.
    pub inside: BTreeSet<usize>,
    /// First seen at the site.
    pub first: Micros,
    /// Stood from and to, and where.
    pub stood: Option<(Micros, Micros)>,
    pub at: Vector2<f64>,
    pub class: Class,
    look: Option<(Look, usize)>,
    /// Seconds in which walks would have been seen, and the last moment of them.
    watched_s: f64,
    covered: Micros,
    /// It was looked up.
    pub compared: bool,
}

impl Stay {
    pub fn new(site: String, zone: String, f: &Finding) -> Self {
        let first = f.time_end.unwrap_or(f.time);
        Self {
            site,
            zone,
            inside: BTreeSet::new(),
            first,
            stood: None,
            at: f.at,
            class: Class::Unknown,
            look: None,
            watched_s: 0.0,
            covered: first,
            compared: false,
        }
    }

    /// What is known of the vehicle now.
    pub fn observe(&mut self, r: &Resident) {
        self.class = r.votes.best();
        self.look = r.look();
        if let Some(since) = r.stood_since {
            let from = self.stood.map_or(since, |s| s.0);
            self.stood = Some((from, r.last));
            self.at = r.at;
        }
    }

    pub fn cover(&mut self, t: Micros, p: f64) {
        let step = t.since(self.covered);
        if step > 0.0 && step <= STEP_S {
            self.watched_s += step * p;
        }
        self.covered = self.covered.max(t);
    }

    /// As it is compared with others; `None` without a look.
    pub fn seen(&self, name: &Arc<str>, to: Micros) -> Option<Seen> {
        let (look, tracks) = self.look?;
        Some(Seen {
            name: name.clone(),
            site: self.site.clone(),
            at: self.at,
            from: self.first,
            to,
            look,
            tracks,
        })
    }

    /// As goods are judged.
    pub fn for_handling(&self, name: &Arc<str>, left: Micros, habit: f64) -> handling::Stay {
        let (from, to) = self.stood.unwrap_or((self.first, left));
        let length = to.since(from).max(30.0);
        handling::Stay {
            vehicle: name.clone(),
            class: self.class,
            from,
            to: to.max(from),
            at: self.at,
            watched: (self.watched_s / length).min(1.0),
            habit,
        }
    }
}

/// Vehicles that stand, for walkers.
pub(super) fn standing(presence: &Presence) -> Vec<Standing> {
    let all = presence.residents().filter(|r| r.stands());
    all.map(|r| Standing {
        name: r.name.clone(),
        at: r.at,
        half_m: r.look().map(|(l, _)| 0.5 * l.v[0].exp()),
    })
    .collect()
}

/// Which way goods went before, by vehicle and by site.
#[derive(Default)]
pub(super) struct Habits {
    vehicle: BTreeMap<(String, usize), [f64; 2]>,
    site: BTreeMap<(String, bool), [f64; 2]>,
}

/// Whose habit.
pub(super) struct HabitKey {
    vehicle: Option<(String, usize)>,
    site: (String, bool),
}

/// Weight of what is not known yet, for a vehicle and for a site, and the most that a habit says.
const VEHICLE_PRIOR: f64 = 0.7;
const SITE_PRIOR: f64 = 2.0;
const MOST: f64 = 2.5;
/// Vehicles that are kept.
const KEPT: usize = 4_096;

impl Habits {
    pub fn key(&self, site: &str, class: Class, vehicle: Option<usize>) -> HabitKey {
        HabitKey {
            vehicle: vehicle.map(|v| (site.to_owned(), v)),
            site: (site.to_owned(), class == Class::Truck),
        }
    }

    /// Natural logarithm of the odds for "in".
    pub fn odds(&self, key: &HabitKey) -> f64 {
        let of = |n: Option<&[f64; 2]>, prior: f64| {
            n.map_or(0.0, |n| ((n[0] + prior) / (n[1] + prior)).ln())
        };
        let vehicle = key.vehicle.as_ref().and_then(|k| self.vehicle.get(k));
        let sum = of(vehicle, VEHICLE_PRIOR) + of(self.site.get(&key.site), SITE_PRIOR);
        sum.clamp(-MOST, MOST)
    }

    /// What this stay alone says, without the habit: else it would feed itself.
    pub fn learn(&mut self, key: &HabitKey, f: &Finding) {
        if !matches!(f.kind, EventKind::Delivery | EventKind::Shipment) {
            return;
        }
        let Some(About::Handling(h)) = &f.about else {
            return;
        };
        let slower = h.reasons.iter().find(|r| r.what == "slower_to_vehicle");
        let p_out = 1.0 / (1.0 + (-slower.map_or(0.0, |r| r.weight)).exp());
        let add = |n: &mut [f64; 2]| {
            n[0] += 1.0 - p_out;
            n[1] += p_out;
        };
        if let Some(k) = &key.vehicle
            && self.vehicle.len() < KEPT
        {
            add(self.vehicle.entry(k.clone()).or_default());
        }
        add(self.site.entry(key.site.clone()).or_default());
    }
}
