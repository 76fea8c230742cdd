//! Counts over watched hours, by day and hour.

use super::Key;
use atalaya_model::Micros;
use std::collections::BTreeMap;

/// Microseconds of an hour.
const HOUR_US: i64 = 3_600_000_000;
/// Days that are kept.
const DAYS: i64 = 120;
/// Hours of a day.
pub(super) const HOURS: usize = 24;

/// A rate with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// How many.
    pub seen: f64,
    /// Hours watched.
    pub watched_h: f64,
    /// Mean of the posterior, an hour.
    pub mean: f64,
    /// Its 5 % quantile (Wilson and Hilferty 1931).
    pub lo90: f64,
    /// Its 95 % quantile.
    pub hi90: f64,
}

impl Rate {
    /// Of a count in some hours, after Jeffreys' prior.
    pub fn of(seen: f64, watched_h: f64) -> Self {
        let shape = seen + 0.5;
        let hours = watched_h.max(1e-9);
        let quantile = |z: f64| {
            let c = 1.0 / (9.0 * shape);
            shape * (1.0 - c + z * c.sqrt()).max(0.0).powi(3) / hours
        };
        Self {
            seen,
            watched_h,
            mean: shape / hours,
            lo90: quantile(-1.645),
            hi90: quantile(1.645),
        }
    }
}

/// One day of a site.
#[derive(Clone, Debug, Default)]
pub(super) struct Day {
    /// Hours watched in each hour.
    pub watched_h: [f64; HOURS],
}

/// One day of a key.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts {
    pub n: [f64; HOURS],
    pub last: Option<Micros>,
}

/// Counts and watched hours of all sites.
#[derive(Clone, Debug, Default)]
pub struct Rates {
    pub(super) days: BTreeMap<String, BTreeMap<i64, Day>>,
    pub(super) counts: BTreeMap<Key, BTreeMap<i64, Counts>>,
}

/// Day and hour (UTC) of a moment.
pub(super) fn day_hour(t: Micros) -> (i64, usize) {
    let hours = t.0.div_euclid(HOUR_US);
    (hours.div_euclid(24), hours.rem_euclid(24) as usize)
}

/// Saturday, Sunday, or neither: days are counted from Thursday 1 January 1970.
pub(super) fn day_type(day: i64) -> u8 {
    match (day + 3).rem_euclid(7) {
        5 => 1,
        6 => 2,
        _ => 0,
    }
}

impl Rates {
    pub(super) fn watched(&mut self, site: &str, t: Micros, seconds: f64) {
        if !(seconds.is_finite() && seconds > 0.0) {
            return;
        }
        let (day, hour) = day_hour(t);
        if !self.days.contains_key(site) {
            self.days.insert(site.to_owned(), BTreeMap::new());
        }
        if let Some(days) = self.days.get_mut(site) {
            days.entry(day).or_default().watched_h[hour] += seconds / 3_600.0;
            while days.first_key_value().is_some_and(|(d, _)| *d < day - DAYS) {
                days.pop_first();
            }
        }
    }

    /// Something happened between two moments; it counts where they lie, in equal parts.
    pub(super) fn happened(&mut self, key: &Key, from: Micros, to: Micros) {
        let days = self.counts.entry(key.clone()).or_default();
        let hours = (to.0.max(from.0) / HOUR_US - from.0 / HOUR_US).clamp(0, 23) + 1;
        for k in 0..hours {
            let at = Micros(from.0 + k * HOUR_US);
            let (day, hour) = day_hour(at);
            let d = days.entry(day).or_default();
            d.n[hour] += 1.0 / hours as f64;
            d.last = Some(d.last.map_or(to, |l| l.max(to)));
        }
        let newest = day_hour(to).0;
        while days
            .first_key_value()
            .is_some_and(|(d, _)| *d < newest - DAYS)
        {
            days.pop_first();
        }
    }

    /// How often, at which hour of the week (0 = Monday, midnight UTC), what happens at a site.
    pub fn week(&self, key: &Key) -> Vec<Rate> {
        let mut seen = [0.0; 168];
        let mut watched = [0.0; 168];
        let bin = |day: i64, hour: usize| ((day + 3).rem_euclid(7) as usize) * HOURS + hour;
        for (day, d) in self.days.get(&key.site).into_iter().flatten() {
            for (h, w) in d.watched_h.iter().enumerate() {
                watched[bin(*day, h)] += w;
            }
        }
        for (day, c) in self.counts.get(key).into_iter().flatten() {
            for (h, n) in c.n.iter().enumerate() {
                seen[bin(*day, h)] += n;
            }
        }
        seen.iter()
            .zip(&watched)
            .map(|(n, w)| Rate::of(*n, *w))
            .collect()
    }

    /// What was ever counted.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.counts.keys()
    }
}
