//! What is held to be likely before any reading.

use super::model::{ACROSS, ERROR, NOISE, SHARED, Source, TURN, UP, WANDER, WIDTH};
use crate::estimator::Settings;
use crate::grid::{Area, Candidate};
use atalaya_geo::Vector3;

/// No more sources than this are looked for in one stretch of readings.
pub const MOST: usize = 6;
/// A further source is so probable, given those that are there.
const FURTHER: f64 = 0.2;
/// No plume predicts a signal better than by this share of it.
const SUREST: f64 = 0.1;
/// A source that emits from before the readings is so many times as likely as one that begins among them; so
/// with its end.
pub const STEADY: f64 = 9.0;
/// What emits stands on the ground or on low things: scale of its height (half of a normal distribution), m.
const LOW_M: f64 = 4.0;
/// A source emits for at least this share of the readings' span.
const SHORTEST: f64 = 0.02;

/// Beliefs about sources, air and sensors.
#[derive(Clone, Debug)]
pub struct Prior {
    area: Area,
    /// The area and a strip around it: what emits outside is smelled inside, too.
    reach: Area,
    candidates: Vec<Candidate>,
    share: f64,
    sd_m: f64,
    /// ln of the least and the greatest rate.
    pub rates: (f64, f64),
    any: f64,
    /// ln of the sum of the heights' densities over the area's.
    ln_heights: f64,
    /// Mean and standard deviation of each shared number.
    pub shared: [(f64, f64); SHARED],
}

impl Prior {
    /// By settings; around the area a strip of `strip_m` metres is thought of; `background` is what the air without a source holds, ppm, and `measured` the share of
    /// readings whose plume's spread was measured.
    pub fn new(
        s: &Settings,
        (area, strip_m): (&Area, f64),
        candidates: &[Candidate],
        background: f64,
        measured: f64,
    ) -> Self {
        let mut shared = [(0.0, 1.0); SHARED];
        let spread = 0.25 + 0.25 * (1.0 - measured);
        shared[TURN] = (0.0, s.direction_sd.max(1e-3));
        shared[ACROSS] = (0.0, spread);
        shared[UP] = (0.0, spread);
        shared[WIDTH] = (0.4f64.ln(), 0.8);
        shared[ERROR] = (s.model_error.max(1e-3).ln(), 1.0);
        shared[NOISE] = (0.2, 0.5);
        let wander = (s.wander_per_hour * background.abs()).max(1e-4);
        shared[WANDER] = (wander.ln(), 1.0);
        let strip = Vector3::new(strip_m, strip_m, 0.0);
        Self {
            area: *area,
            reach: Area {
                lo: area.lo - strip,
                hi: area.hi + strip,
            },
            candidates: candidates.to_vec(),
            share: if candidates.is_empty() {
                0.0
            } else {
                s.candidates_share.clamp(0.0, 0.999)
            },
            sd_m: s.candidate_sd_m.max(0.1),
            rates: (s.rates_kg_h.0.ln(), s.rates_kg_h.1.ln()),
            ln_heights: heights(area).ln(),
            any: s.prior.clamp(1e-6, 1.0 - 1e-6),
            shared,
        }
    }

    /// Where sources are looked for.
    pub fn area(&self) -> &Area {
        &self.area
    }

    /// Whether a source is there, and not around it.
    pub fn inside(&self, s: &Source) -> bool {
        (0..2).all(|i| (self.area.lo[i]..=self.area.hi[i]).contains(&s.at[i]))
    }

    /// Density of a place by each candidate, then by none, 1/m² (all heights are taken as even).
    pub fn shares(&self, e: f64, n: f64) -> impl Iterator<Item = f64> + '_ {
        let d = self.reach.hi - self.reach.lo;
        let each = self.share / self.candidates.len().max(1) as f64;
        let var = self.sd_m * self.sd_m;
        self.candidates
            .iter()
            .map(move |c| {
                let d2 = (c.at.x - e).powi(2) + (c.at.y - n).powi(2);
                each * (-0.5 * d2 / var).exp() / (std::f64::consts::TAU * var)
            })
            .chain([(1.0 - self.share) / (d.x * d.y)])
    }

    /// ln of the density of a height, m.
    pub fn height(&self, up: f64) -> f64 {
        -0.5 * (up / LOW_M).powi(2) - self.ln_heights
    }

    /// ln of the density of a source.
    pub fn source(&self, s: &Source) -> f64 {
        let (lo, hi) = (self.reach.lo, self.reach.hi);
        let inside = (lo.x..=hi.x).contains(&s.at[0])
            && (lo.y..=hi.y).contains(&s.at[1])
            && (lo.z..=hi.z).contains(&s.at[2])
            && (self.rates.0..=self.rates.1).contains(&s.ln_rate)
            && (-STEADY..1.0).contains(&s.on[0])
            && (0.0..1.0 + STEADY).contains(&s.on[1])
            && s.on[1].min(1.0) - s.on[0].max(0.0) >= SHORTEST;
        if !inside {
            return f64::NEG_INFINITY;
        }
        let place: f64 = self.shares(s.at[0], s.at[1]).sum();
        place.ln() + self.height(s.at[2])
            - (self.rates.1 - self.rates.0).ln()
            - 2.0 * (1.0 + STEADY).ln()
    }

    /// Brings what is out of bounds back to the edge.
    pub fn bring_in(&self, shared: &mut [f64; SHARED], sources: &mut [Source]) {
        shared[ERROR] = shared[ERROR].max(SUREST.ln());
        for s in sources {
            for (i, at) in s.at.iter_mut().enumerate() {
                *at = at.clamp(self.reach.lo[i], self.reach.hi[i]);
            }
            s.ln_rate = s.ln_rate.clamp(self.rates.0, self.rates.1);
        }
    }

    /// ln of the density of the shared numbers and of how many sources there are and where.
    pub fn ln(&self, shared: &[f64; SHARED], sources: &[Source]) -> f64 {
        if shared[ERROR] < SUREST.ln() {
            return f64::NEG_INFINITY;
        }
        let numbers: f64 = shared
            .iter()
            .zip(&self.shared)
            .map(|(x, (mean, sd))| -0.5 * ((x - mean) / sd).powi(2))
            .sum();
        let sources: f64 =
            sources.iter().map(|s| self.source(s)).sum::<f64>() + self.number(sources.len());
        numbers + sources
    }

    /// ln of the probability of so many sources.
    pub fn number(&self, n: usize) -> f64 {
        match n {
            0 => (1.0 - self.any).ln(),
            n if n > MOST => f64::NEG_INFINITY,
            n => (self.any * (1.0 - FURTHER)).ln() + (n - 1) as f64 * FURTHER.ln(),
        }
    }
}

/// Sum of the heights' densities over an area's, by the middle of strips.
fn heights(area: &Area) -> f64 {
    const STRIPS: usize = 64;
    let thick = (area.hi.z - area.lo.z).max(0.1);
    let strip = |i: usize| {
        let up = area.lo.z + thick * (i as f64 + 0.5) / STRIPS as f64;
        (-0.5 * (up / LOW_M).powi(2)).exp()
    };
    (0..STRIPS).map(strip).sum::<f64>().max(1e-300) * thick / STRIPS as f64
}
