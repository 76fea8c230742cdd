//! What walks at a vehicle amount to.

use super::walks::{End, Walk};
use crate::fix::Finding;
use crate::table::round3;
use atalaya_geo::Vector2;
use atalaya_model::{About, Class, EventKind, Handled, Micros, Reason, Walked};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Vehicles at which somebody walks, at once.
const VEHICLES: usize = 4_096;
/// Walks that are kept of a stay.
const MOST: usize = 512;
/// Walks that a record lists.
const TOLD: usize = 64;
/// Rounds (to the vehicle and away from it) of a visit in which nothing is handled: people get out and come back.
const IDLE_ROUNDS: f64 = 0.22;
/// Rounds of one in which goods are: mean and shape of a negative binomial distribution.
const BUSY_ROUNDS: (f64, f64) = (6.0, 1.3);
/// Natural logarithm of the mean slowing of who carries, and its spread between loads.
const SLOWING: (f64, f64) = (0.13, 0.06);
/// Spread of the logarithm of speed from walk to walk of different people.
const WALK_SPREAD: f64 = 0.15;
/// A share of walks is nobody's work, and speeds are mistaken: no more is ever said for one direction.
const MOST_WEIGHT: f64 = 4.0;
/// Rounds of one piece of work lie within so many seconds.
const STRETCH_S: f64 = 1_800.0;
/// A finding needs at least this probability.
const SAID: f64 = 0.5;

/// A vehicle's stay, when it is over.
#[derive(Clone, Debug)]
pub struct Stay {
    /// The vehicle.
    pub vehicle: Arc<str>,
    /// What it is taken for.
    pub class: Class,
    /// When it began to stand.
    pub from: Micros,
    /// When it was last there.
    pub to: Micros,
    /// Where it stood, metres.
    pub at: Vector2<f64>,
    /// Share of the stay in which walks would have been seen.
    pub watched: f64,
    /// Goods that came in (positive) or went out with this vehicle, or this kind of vehicle, before: natural
    /// logarithm of the odds for "in".
    pub habit: f64,
}

#[derive(Clone, Debug, Default)]
struct Session {
    walks: Vec<Walk>,
    persons: BTreeSet<Arc<str>>,
    /// Most persons who were about at once.
    at_once: usize,
}

/// Walks by the vehicle at which they begin or end.
#[derive(Default)]
pub struct Handling {
    sessions: BTreeMap<Arc<str>, Session>,
}

impl Handling {
    /// A walk; `about` is the number of persons who are about.
    pub fn push(&mut self, walk: &Walk, about: usize) {
        for end in [&walk.from, &walk.to] {
            if let End::Vehicle(name) = end {
                self.make_room(name, walk.t1);
                let s = self.sessions.entry(name.clone()).or_default();
                if s.walks.len() < MOST {
                    s.walks.push(walk.clone());
                    s.persons.insert(walk.person.clone());
                }
                s.at_once = s.at_once.max(about);
            }
        }
    }

    /// Vehicles that stand where no visits are told never leave: the one without walks for longest goes.
    fn make_room(&mut self, name: &Arc<str>, now: Micros) {
        if self.sessions.len() < VEHICLES || self.sessions.contains_key(name) {
            return;
        }
        let last = |s: &Session| s.walks.last().map_or(now, |w| w.t1);
        let oldest = self.sessions.iter().min_by_key(|(_, s)| last(s));
        if let Some(oldest) = oldest.map(|(n, _)| n.clone()) {
            self.sessions.remove(&oldest);
        }
    }

    /// The stay is over: what was handled. Gives loading or unloading, then what the visit was; nothing when
    /// nothing was.
    pub fn close(&mut self, stay: &Stay, decided_at: Micros) -> Vec<Finding> {
        let Some(s) = self.sessions.remove(&stay.vehicle) else {
            return Vec::new();
        };
        judge(stay, &s, decided_at)
    }
}

fn judge(stay: &Stay, s: &Session, decided_at: Micros) -> Vec<Finding> {
    let to = |w: &&Walk| matches!(&w.to, End::Vehicle(v) if *v == stay.vehicle);
    // Who passes one parked vehicle on the way to another handles nothing.
    let building = |w: &&Walk| {
        [&w.from, &w.to]
            .iter()
            .any(|e| matches!(e, End::Structure(_)))
    };
    let (walks_in, walks_out): (Vec<&Walk>, Vec<&Walk>) =
        s.walks.iter().filter(building).partition(to);
    let rounds = rounds(&walks_in, &walks_out);
    let share = stay.watched.clamp(0.05, 1.0);
    let mut reasons = Vec::new();
    let mut reason = |what: &str, value: f64, weight: f64| {
        reasons.push(Reason {
            what: what.into(),
            value: round3(value),
            weight: round3(weight),
        });
        weight
    };
    let prior: f64 = match stay.class {
        Class::Truck => 0.5,
        Class::Pickup | Class::Other => 0.2,
        _ => 0.06,
    };
    let busy = reason(
        "vehicle",
        f64::from(stay.class as u8),
        (prior / (1.0 - prior)).ln(),
    ) + reason("rounds", rounds, rounds_weight(rounds, share));
    let p_busy = logistic(busy);
    let (difference, weight) = direction(&walks_in, &walks_out);
    // Positive: slower on the way to the vehicle, so into it.
    let into =
        reason("slower_to_vehicle", difference, weight) + reason("habit", -stay.habit, -stay.habit);
    let p_into = logistic(into.clamp(-MOST_WEIGHT - 1.0, MOST_WEIGHT + 1.0));
    if p_busy < SAID || s.walks.is_empty() {
        return Vec::new();
    }
    let (loaded, p) = if p_into >= 0.5 {
        (true, p_into)
    } else {
        (false, 1.0 - p_into)
    };
    let first = s.walks.iter().map(|w| w.t0).min().unwrap_or(stay.from);
    let last = s.walks.iter().map(|w| w.t1).max().unwrap_or(stay.to);
    let persons = s.at_once.min(s.persons.len()).max(1) as u32;
    let handled = Handled {
        persons,
        walks_in: walks_in.len() as u32,
        walks_out: walks_out.len() as u32,
        lasted_s: last.since(first).round(),
        reasons,
        walks: told(&s.walks, &to),
    };
    let words = format!(
        "{} walks to the vehicle and {} from it within {:.0} s, at least {persons} person(s); walks {} were \
         {:.0} % slower",
        walks_in.len(),
        walks_out.len(),
        handled.lasted_s,
        if difference >= 0.0 {
            "to it"
        } else {
            "from it"
        },
        100.0 * (1.0 - (-difference.abs()).exp()),
    );
    let finding = |kind, from: Micros, end: Micros, p: f64| Finding {
        kind,
        time: from,
        time_end: Some(end),
        decided_at,
        subjects: vec![stay.vehicle.clone()],
        at: stay.at,
        p: round3(p),
        reason: words.clone(),
        about: Some(About::Handling(handled.clone())),
    };
    let (work, visit) = if loaded {
        (EventKind::Load, EventKind::Shipment)
    } else {
        (EventKind::Unload, EventKind::Delivery)
    };
    let mut out = vec![finding(work, first, last, p_busy * p)];
    if p_busy * p >= SAID {
        out.push(finding(visit, stay.from, stay.to, p_busy * p));
    }
    out
}

/// Walks as a record has them.
fn told(walks: &[Walk], to: &impl Fn(&&Walk) -> bool) -> Vec<Walked> {
    let mut all: Vec<Walked> = walks
        .iter()
        .map(|w| Walked {
            from: w.t0,
            to: w.t1,
            to_vehicle: to(&w),
            speed_m_s: (w.speed * 100.0).round() / 100.0,
        })
        .collect();
    all.sort_by_key(|w| w.to);
    all.truncate(TOLD);
    all
}

/// The most rounds within a stretch of time: those who come in the morning and leave at night carry nothing.
fn rounds(walks_in: &[&Walk], walks_out: &[&Walk]) -> f64 {
    let within = |walks: &[&Walk], from: Micros| {
        let mut n = 0usize;
        for w in walks {
            let s = w.t1.since(from);
            n += usize::from((0.0..=STRETCH_S).contains(&s));
        }
        n
    };
    let starts = walks_in.iter().chain(walks_out).map(|w| w.t1);
    let most = starts.map(|t| within(walks_in, t).min(within(walks_out, t)));
    most.max().unwrap_or(0) as f64
}

/// What a number of rounds says for handling, when a share of the stay was watched.
fn rounds_weight(rounds: f64, share: f64) -> f64 {
    let (mean, shape) = (BUSY_ROUNDS.0 * share, BUSY_ROUNDS.1);
    let idle = IDLE_ROUNDS * share;
    let k = rounds;
    // Negative binomial against Poisson; what both have of k! falls out.
    let mut busy = shape * (shape / (shape + mean)).ln() + k * (mean / (shape + mean)).ln();
    for i in 0..k as u32 {
        busy += (shape + f64::from(i)).ln();
    }
    let idle = k * idle.ln() - idle;
    (busy - idle).clamp(-6.0, 12.0)
}

/// How much slower the walks to the vehicle were than those from it (logarithm), and what it says for "into
/// the vehicle".
fn direction(walks_in: &[&Walk], walks_out: &[&Walk]) -> (f64, f64) {
    let (a, b) = (middle(walks_in), middle(walks_out));
    let (Some(a), Some(b)) = (a, b) else {
        return (0.0, 0.0);
    };
    let difference = b - a;
    // The median of n has a variance a half larger than the mean's.
    let var =
        WALK_SPREAD.powi(2) * 1.57 * (1.0 / walks_in.len() as f64 + 1.0 / walks_out.len() as f64);
    let spread = var + SLOWING.1.powi(2);
    let weight = 2.0 * difference * SLOWING.0 / spread;
    (difference, weight.clamp(-MOST_WEIGHT, MOST_WEIGHT))
}

/// Median of the logarithm of speed.
fn middle(walks: &[&Walk]) -> Option<f64> {
    let mut all: Vec<f64> = walks
        .iter()
        .map(|w| w.speed.clamp(0.05, 10.0).ln())
        .collect();
    all.sort_by(f64::total_cmp);
    let n = all.len();
    (n > 0).then(|| 0.5 * (all[(n - 1) / 2] + all[n / 2]))
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
