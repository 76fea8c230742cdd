//! Halts that are hardly stands: a vehicle that rolls through a stop, one that is first seen pulling away,
//! one that is last seen braking.
//!
//! The speed of the motion filter is followed as a zigzag: a low between two heights that are a multiple of
//! it is a halt at the low. At the beginning and the end of a track one height is enough, and less sure.

use super::normal_cdf;
use atalaya_geo::Vector2;
use atalaya_model::Micros;
use std::collections::VecDeque;

/// Seconds between samples, and how long they are kept.
const STEP_S: f64 = 0.18;
const KEPT_S: f64 = 10.0;
/// Speeds with a larger error say nothing, m/s.
const SIGMA: f64 = 1.0;
/// A halt is slower than this, m/s …
const SLOW: f64 = 2.0;
/// … and the heights around it are this many times as fast (and a little more, m/s).
const RATIO: f64 = 2.0;
const MORE: f64 = 0.5;
/// How much one height is worth where two would be asked for.
const CUT_P: f64 = 0.75;
/// Braking before the end of a track is looked for over so long, seconds.
const BRAKE_S: f64 = 4.0;
/// A track that is first seen pulling away has its low within this of its first velocity, and its height later, seconds.
const FIRST_S: f64 = 1.0;

#[derive(Clone, Copy, Debug)]
struct Sample {
    t: Micros,
    v: f64,
    sigma: f64,
    at: Vector2<f64>,
}

/// A halt: when and where it was slowest, and how likely it was one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Low {
    /// When.
    pub t: Micros,
    /// Where.
    pub at: Vector2<f64>,
    /// Probability.
    pub p: f64,
}

/// The speed of one vehicle.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    samples: VecDeque<Sample>,
    /// The samples begin with the track.
    fresh: bool,
    begun: bool,
}

/// What the speed says at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Paced {
    /// It rolled through a halt.
    pub rolled: Option<Low>,
    /// It was first seen pulling away.
    pub pulled: Option<Low>,
}

impl Pace {
    /// The next speed, with its one-sigma error, m/s.
    pub fn push(&mut self, t: Micros, v: f64, sigma: f64, at: Vector2<f64>) -> Paced {
        let mut paced = Paced::default();
        if sigma > SIGMA || self.samples.back().is_some_and(|s| t.since(s.t) < STEP_S) {
            return paced;
        }
        if !self.begun {
            self.begun = true;
            self.fresh = true;
        }
        self.samples.push_back(Sample { t, v, sigma, at });
        while self.samples.front().is_some_and(|s| t.since(s.t) > KEPT_S) {
            self.samples.pop_front();
            self.fresh = false;
        }
        let Some((low, s)) = self.lowest() else {
            return paced;
        };
        let before = self.samples.range(..low).fold(0.0, |m: f64, s| m.max(s.v));
        let Some(after) = height(s, v, sigma) else {
            return paced;
        };
        if let Some(p) = height_p(s, before) {
            paced.rolled = Some(Low {
                t: s.t,
                at: s.at,
                p: p.min(after),
            });
            self.clear_to(low);
        } else if self.fresh
            && t.since(self.samples[0].t) > FIRST_S
            && s.t.since(self.samples[0].t) < FIRST_S
        {
            let p = after * CUT_P;
            paced.pulled = Some(Low {
                t: self.samples[0].t,
                at: self.samples[0].at,
                p,
            });
            self.clear_to(low);
        }
        paced
    }

    /// The track is over: it was braking when last seen. `v` is what the filter knows at the end (the speeds here are
    /// means over a window, which the end cuts in half).
    pub fn end(&self, v: f64, sigma: f64) -> Option<Low> {
        let mut last = *self.samples.back()?;
        if v < last.v && sigma < SIGMA {
            (last.v, last.sigma) = (v, sigma);
        }
        let recent = self.samples.iter().filter(|s| last.t.since(s.t) < BRAKE_S);
        let before = recent.fold(0.0, |m: f64, s| m.max(s.v));
        let p = height_p(last, before)? * CUT_P;
        Some(Low {
            t: last.t,
            at: last.at,
            p,
        })
    }

    /// It stands: what was before is told.
    pub fn stood(&mut self) {
        self.samples.clear();
        self.begun = true;
        self.fresh = false;
    }

    fn lowest(&self) -> Option<(usize, Sample)> {
        let low = self.samples.iter().enumerate();
        low.min_by(|a, b| a.1.v.total_cmp(&b.1.v))
            .map(|(i, s)| (i, *s))
    }

    fn clear_to(&mut self, low: usize) {
        self.samples.drain(..=low);
        self.fresh = false;
    }
}

fn height_p(low: Sample, before: f64) -> Option<f64> {
    height(low, before, low.sigma)
}

/// That a height is well above a low, and the low is slow enough for a halt.
fn height(low: Sample, v: f64, sigma: f64) -> Option<f64> {
    if v < RATIO * low.v + MORE {
        return None;
    }
    let slow = normal_cdf((SLOW - low.v) / low.sigma.max(0.2));
    let above = normal_cdf((v - low.v) / sigma.hypot(low.sigma).max(0.1) - 1.0);
    (slow * above > 0.5).then_some(slow * above)
}
