//! Days of puffs: releases that come and go at a site's groups of equipment, calm nights, wind that veers, background that
//! builds up at night and rises when gas from elsewhere drifts over, neighbours' plumes, and sensors that drift more.

use super::harsh::Harsh;
use super::posts::SENSORS;
use super::{PuffSource, PuffWorld};
use crate::rng::{Stream, Wander};
use std::fmt::Write;

/// Groups of equipment.
pub(super) const GROUPS: usize = 5;
/// They are this far apart, m.
const APART_M: f64 = 14.0;
const HOUR: f64 = 3600.0;

/// What days bring, beside the air of an hour.
pub(super) struct Days {
    hours: f64,
    /// First and last moment of each source, s.
    on: Vec<(f64, f64)>,
    /// How much of the wind a night leaves.
    night: f64,
    veer: Wander,
    veer_deg: f64,
    builds_ppm: f64,
    /// Gas from elsewhere: middle, half width, s, and height, ppm.
    drifts: Vec<(f64, f64, f64)>,
    /// How much more sensors are off, and drift, than in an hour.
    pub(super) worse: (f64, f64),
    /// What emits outside of the area is no source to be found.
    inside: usize,
    harsh: Option<Harsh>,
}

impl Days {
    /// So many hours, with what emits in them and the groups that it is at.
    pub(super) fn new(rng: &mut Stream, hours: f64) -> (Self, Vec<PuffSource>, Vec<[f64; 2]>) {
        let mut groups: Vec<[f64; 2]> = Vec::new();
        for _ in 0..1000 {
            let g = [rng.range(-32.0, 32.0), rng.range(-32.0, 32.0)];
            let far = |o: &[f64; 2]| (o[0] - g[0]).hypot(o[1] - g[1]) > APART_M;
            if groups.len() < GROUPS && groups.iter().all(far) {
                groups.push(g);
            }
        }
        let (mut sources, mut on) = (Vec::new(), Vec::new());
        let mut begin = rng.range(1.0, 6.0);
        while begin < hours {
            let end = begin + rng.range(1.5, 8.0);
            let g = groups[rng.below(groups.len())];
            sources.push(PuffSource {
                at: [
                    g[0] + 2.0 * rng.normal(),
                    g[1] + 2.0 * rng.normal(),
                    rng.range(0.3, 4.0),
                ],
                rate_kg_h: 10f64.powf(rng.range(-0.4, 0.7)),
            });
            on.push((begin * HOUR, end.min(hours) * HOUR));
            // Now and then the next begins before this one ends.
            begin = end + rng.range(-1.0, 9.0);
        }
        let mut drifts = Vec::new();
        let mut at = rng.range(0.0, 16.0);
        while at < hours {
            drifts.push((at * HOUR, rng.range(4.0, 25.0) * 60.0, rng.range(0.05, 0.4)));
            at += rng.range(1.0, 15.0);
        }
        let inside = sources.len();
        // Neighbours, whose plumes come over when the wind is theirs.
        for _ in 0..rng.below(3) {
            let (angle, far) = (
                rng.range(0.0, std::f64::consts::TAU),
                rng.range(90.0, 180.0),
            );
            sources.push(PuffSource {
                at: [far * angle.sin(), far * angle.cos(), rng.range(0.3, 4.0)],
                rate_kg_h: 10f64.powf(rng.range(-0.3, 0.9)),
            });
            let begin = rng.range(0.0, hours) * HOUR;
            on.push((begin, begin + rng.range(3.0, 40.0) * HOUR));
        }
        let days = Self {
            hours,
            worse: (rng.range(1.0, 4.0), rng.range(1.0, 5.0)),
            inside,
            on,
            night: rng.range(0.2, 0.6),
            veer: Wander::new(rng, 6, 1.0 / 90_000.0, 1.0 / 9000.0, 0.7),
            veer_deg: rng.range(40.0, 110.0),
            builds_ppm: rng.range(0.05, 0.25),
            drifts,
            harsh: None,
        };
        (days, sources, groups)
    }

    /// The same, harder.
    fn harden(&mut self, harsh: Harsh, sources: &mut Vec<PuffSource>) {
        for (source, on) in &harsh.neighbours {
            sources.push(*source);
            self.on.push(*on);
        }
        (self.night, self.worse) = (harsh.night, harsh.worse);
        self.harsh = Some(harsh);
    }

    /// Standard deviation of the wind's logarithm over minutes, where it is not the usual one.
    pub(super) fn gusts(&self) -> Option<f64> {
        self.harsh.as_ref().map(|h| h.gusts)
    }

    /// What a sensor alone reads too much, ppm.
    pub(super) fn error(&self, sensor: usize, t: f64) -> f64 {
        self.harsh.as_ref().map_or(0.0, |h| h.error(sensor, t))
    }

    /// Seconds.
    pub(super) fn duration_s(&self) -> f64 {
        self.hours * HOUR
    }

    /// Whether a source emits.
    pub(super) fn emits(&self, source: usize, t: f64) -> bool {
        self.on
            .get(source)
            .is_some_and(|(a, b)| (*a..*b).contains(&t))
    }

    /// By how much it is night: 0 at noon, 1 at midnight; recordings begin at noon.
    fn dark(t: f64) -> f64 {
        let s = 0.5 - 0.5 * (std::f64::consts::TAU * t / (24.0 * HOUR)).cos();
        s * s
    }

    /// What the wind is multiplied by, and how far it has veered, degrees.
    pub(super) fn wind(&self, t: f64) -> (f64, f64) {
        let calm = 1.0 - (1.0 - self.night) * Self::dark(t);
        (calm, self.veer_deg * self.veer.at(t))
    }

    /// What the air holds beside the usual, ppm.
    pub(super) fn background(&self, t: f64) -> f64 {
        let drift = |(at, half, ppm): &(f64, f64, f64)| ppm * (-((t - at) / half).powi(4)).exp();
        self.builds_ppm * Self::dark(t) + self.drifts.iter().map(drift).sum::<f64>()
    }

    /// First and last moment of each source within the area, s.
    pub(super) fn spans(&self) -> &[(f64, f64)] {
        &self.on[..self.inside]
    }
}

impl PuffWorld {
    /// So many hours in which releases come and go at five groups of equipment; `harsh` days have nearly no wind at night, hard gusts,
    /// more neighbours, and sensors whose errors last.
    pub fn days(seed: u64, hours: f64, harsh: bool) -> Self {
        let mut rng = Stream::new(seed, "days");
        let (mut days, mut sources, groups) = Days::new(&mut rng, hours);
        if harsh {
            days.harden(Harsh::new(seed, hours, SENSORS), &mut sources);
        }
        let mut it = Self::with(seed, 0, None, Some((days, sources)), false);
        it.groups = groups;
        it
    }

    /// The groups of equipment: `name,e,n`.
    pub fn groups_csv(&self) -> String {
        let mut out = String::from("name,e,n\n");
        for (i, [e, n]) in self.groups.iter().enumerate() {
            // Writing to a string does not fail.
            let _ = writeln!(out, "g{i},{e:.2},{n:.2}");
        }
        out
    }

    /// The group that a source is at.
    pub(super) fn group(&self, source: &PuffSource) -> Option<String> {
        let off = |g: &[f64; 2]| (g[0] - source.at[0]).hypot(g[1] - source.at[1]);
        let best = |a: &(usize, f64), b: &(usize, f64)| a.1.total_cmp(&b.1);
        let offs = self.groups.iter().map(off).enumerate();
        offs.min_by(best).map(|(i, _)| format!("g{i}"))
    }
}
