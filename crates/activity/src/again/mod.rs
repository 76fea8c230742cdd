//! The same vehicle again, by what it looks like and by habit, as a probability that an analyst confirms or
//! rejects. Nothing here names a vehicle or its people, and nothing is done for persons.
//!
//! A newcomer is compared with every vehicle that was here before. How well its look fits one of them is weighed
//! against how many others it would fit as well (a white van says little), and against how often that vehicle
//! comes at this hour; a vehicle never seen before is always one of the answers, with the weight that a Chinese
//! restaurant process gives it (Aldous 1985).

use crate::presence::{Look, WITHIN};
use crate::table::round3;
use atalaya_geo::Vector2;
use atalaya_model::{Micros, Reason};
use std::collections::VecDeque;
use std::sync::Arc;

/// A stay as it is compared.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The subject.
    pub name: Arc<str>,
    /// The site.
    pub site: String,
    /// Where it stood, metres.
    pub at: Vector2<f64>,
    /// From when …
    pub from: Micros,
    /// … to when.
    pub to: Micros,
    /// What it looks like.
    pub look: Look,
    /// In how many tracks it was seen.
    pub tracks: usize,
}

/// Which of those that were here before, and how likely.
#[derive(Clone, Debug)]
pub struct Match {
    /// Its number among the known.
    pub vehicle: usize,
    /// The subject of its last stay.
    pub earlier: Arc<str>,
    /// The end of that stay.
    pub left_at: Micros,
    /// Probability that it is the same.
    pub p: f64,
    /// What speaks for and against it.
    pub reasons: Vec<Reason>,
}

/// One known vehicle.
#[derive(Clone, Debug)]
struct Known {
    look: Look,
    tracks: f64,
    stays: u32,
    last: Seen,
    /// Site and second of the day of its last stays.
    habits: VecDeque<(String, f64)>,
}

/// One-sigma of a look between the light of different hours (ln m, ln m, L*, a*, b*).
const BETWEEN: [f64; 5] = [0.025, 0.03, 8.0, 2.0, 3.5];
/// The look of a vehicle never seen before: mean and one-sigma, with the errors of an ordinary track.
const ANY: [(f64, f64); 5] = [
    (1.6, 0.25),
    (0.68, 0.14),
    (60.0, 28.0),
    (3.0, 16.0),
    (0.0, 16.0),
];
/// A vehicle never seen before weighs as much as so many stays.
const NEW: f64 = 3.0;
/// What a known vehicle's stay at another site counts for here.
const ELSEWHERE: f64 = 0.3;
/// Breadth of a habit, seconds of the day, and the share of stays that keep to none.
const HABIT_S: f64 = 4_500.0;
const NO_HABIT: f64 = 0.35;
/// No vehicle is faster between two places, m/s.
const FASTEST: f64 = 35.0;
/// It is taken for the same from this probability.
const SAME: f64 = 0.7;
/// Known vehicles, and habits of each, that are kept.
const MOST: usize = 2_000;
const HABITS: usize = 40;
const DAY_S: f64 = 86_400.0;

/// Vehicles that were here before.
#[derive(Default)]
pub struct Again {
    known: Vec<Known>,
}

fn day_second(t: Micros) -> f64 {
    (t.0 as f64 / 1e6).rem_euclid(DAY_S)
}

/// Logarithm of the density of a look given another, seen in `n` tracks.
fn fit(a: &Look, b: &Look, na: f64, nb: f64) -> f64 {
    let mut sum = 0.0;
    for (i, between) in BETWEEN.iter().enumerate() {
        let within = a.sd[i].powi(2) / na + b.sd[i].powi(2) / nb;
        let var = within + 2.0 * between.powi(2) / na.min(nb).sqrt();
        sum += -0.5 * ((a.v[i] - b.v[i]).powi(2) / var + var.ln());
    }
    sum
}

/// The same for a vehicle never seen before.
fn fit_any(a: &Look) -> f64 {
    let mut sum = 0.0;
    for (i, (mean, spread)) in ANY.iter().enumerate() {
        let var = spread.powi(2) + (a.sd[i].powi(2) - WITHIN[i].powi(2)).max(0.0);
        sum += -0.5 * ((a.v[i] - mean).powi(2) / var + var.ln());
    }
    sum
}

impl Known {
    /// Density of its coming at this second of the day, per day, beside a uniform one of 1.
    fn habit(&self, second: f64, site: &str) -> f64 {
        let mut sum = 0.0;
        for (where_, s) in &self.habits {
            let d = (second - s).abs();
            let d = d.min(DAY_S - d) / HABIT_S;
            let peak = DAY_S / (HABIT_S * std::f64::consts::TAU.sqrt());
            let density = NO_HABIT + (1.0 - NO_HABIT) * peak * (-0.5 * d * d).exp();
            sum += density * if where_ == site { 1.0 } else { ELSEWHERE };
        }
        let n = self.habits.len().max(1) as f64;
        sum / n * f64::from(self.stays)
    }
}

impl Again {
    /// Compares a stay with all before it: the likeliest first, at most `most`. Those of `there` (they are still
    /// somewhere) and those who could not have got here are none of them.
    pub fn compare(&self, s: &Seen, there: &[Arc<str>], most: usize) -> Vec<Match> {
        let second = day_second(s.from);
        let new = fit_any(&s.look) + NEW.ln();
        let mut all: Vec<(usize, f64, f64, f64)> = Vec::new();
        for (i, k) in self.known.iter().enumerate() {
            let gap = s.from.since(k.last.to);
            let reach = (s.at - k.last.at).norm() / FASTEST;
            if gap < reach || there.contains(&k.last.name) {
                continue;
            }
            let look = fit(&s.look, &k.look, s.tracks as f64, k.tracks);
            let habit = k.habit(second, &s.site).max(1e-6).ln();
            all.push((i, look + habit, look, habit));
        }
        let top = all.iter().map(|a| a.1).fold(new, f64::max);
        let sum: f64 = (new - top).exp() + all.iter().map(|a| (a.1 - top).exp()).sum::<f64>();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let any = fit_any(&s.look);
        all.into_iter()
            .take(most)
            .map(|(i, total, look, habit)| {
                let k = &self.known[i];
                Match {
                    vehicle: i,
                    earlier: k.last.name.clone(),
                    left_at: k.last.to,
                    p: (total - top).exp() / sum,
                    reasons: vec![
                        Reason {
                            what: "look".into(),
                            value: f64::from(k.stays),
                            weight: round3(look - any),
                        },
                        Reason {
                            what: "habit".into(),
                            value: round3(second / 3_600.0),
                            weight: round3(habit),
                        },
                    ],
                }
            })
            .collect()
    }

    /// The site of a known vehicle's last stay.
    pub fn site_of(&self, vehicle: usize) -> Option<&str> {
        self.known.get(vehicle).map(|k| &*k.last.site)
    }

    /// Takes a stay in, as one of the known vehicle `same` or as a new one; its number.
    pub fn learn(&mut self, s: Seen, same: Option<&Match>) -> usize {
        let habit = (s.site.clone(), day_second(s.from));
        if let Some(m) = same.filter(|m| m.p >= SAME)
            && let Some(k) = self.known.get_mut(m.vehicle)
        {
            let n = k.tracks + s.tracks as f64;
            for (a, b) in k.look.v.iter_mut().zip(s.look.v) {
                *a += (b - *a) * s.tracks as f64 / n;
            }
            k.tracks = n;
            k.stays += 1;
            if k.habits.len() == HABITS {
                k.habits.pop_front();
            }
            k.habits.push_back(habit);
            k.last = s;
            return m.vehicle;
        }
        if self.known.len() >= MOST {
            // The one that stayed away for longest makes room; numbers keep their meaning.
            let oldest = self
                .known
                .iter()
                .enumerate()
                .min_by_key(|(_, k)| k.last.to)
                .map_or(0, |(i, _)| i);
            self.known[oldest] = Known::new(s, habit);
            return oldest;
        }
        self.known.push(Known::new(s, habit));
        self.known.len() - 1
    }
}

impl Known {
    fn new(s: Seen, habit: (String, f64)) -> Self {
        Self {
            look: s.look,
            tracks: s.tracks.max(1) as f64,
            stays: 1,
            habits: VecDeque::from([habit]),
            last: s,
        }
    }
}
