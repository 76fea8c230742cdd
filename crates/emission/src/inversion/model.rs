//! What readings say of sources: plumes, a wandering background of each sensor, and errors of both.

use super::data::{Air, Data};
use crate::fast;

/// How many numbers describe the air and the sensors.
pub const SHARED: usize = 7;
/// Lasting error of the wind's direction, radians.
pub const TURN: usize = 0;
/// ln of what the spread across is to be multiplied by.
pub const ACROSS: usize = 1;
/// The same for the vertical.
pub const UP: usize = 2;
/// ln of the plume's half width at its source, m.
pub const WIDTH: usize = 3;
/// ln of the standard deviation of a signal, as a share of what is predicted.
pub const ERROR: usize = 4;
/// ln of what the sensors' own noise is to be multiplied by.
pub const NOISE: usize = 5;
/// ln of the background's wander, ppm in the square root of an hour.
pub const WANDER: usize = 6;

/// Degrees of freedom of the noise (Student's t): near to normal, but a reading that nothing explains does
/// not decide alone.
pub const NU: f32 = 5.0;
/// Tangent of the direction's deviation within which a signal may also turn up: the plume of a minute
/// lies beside the mean one.
const ASTRAY: f32 = 0.21;
/// A source is no flatter than this, m.
const THIN: f32 = 0.05;
/// What is astray counts so much of the error's variance.
pub const ASTRAY_SHARE: f32 = 0.5;

/// A source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Source {
    /// East, north, up, m.
    pub at: [f64; 3],
    /// ln of the rate in kg/h.
    pub ln_rate: f64,
    /// When it begins and ends, as a share of the readings' span; begins before them below 0, ends after
    /// them above 1.
    pub on: [f64; 2],
}

impl Source {
    /// First and last moment of a span in which it emits.
    pub fn span(&self, (t0, t1): (f64, f64)) -> (f64, f64) {
        let at = |share: f64| t0 + share.clamp(0.0, 1.0) * (t1 - t0);
        (at(self.on[0]), at(self.on[1]))
    }
}

/// ppm for each kg/h at every reading: the mean, and the same with what may go astray.
#[derive(Clone, Debug, Default)]
pub struct Coupling {
    /// By the mean plume.
    pub mean: Vec<f32>,
    /// By one that also wanders.
    pub wide: Vec<f32>,
}

/// What a pass over the readings left, for each of them.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Reading less what was predicted, ppm.
    pub off: Vec<f32>,
    /// Variance of the prediction, ppm².
    pub var: Vec<f32>,
    /// How much of `off` the background took.
    pub gain: Vec<f32>,
    /// ln of the reading's density, less a constant.
    pub ln: Vec<f32>,
    /// Each run's background after its last reading, ppm.
    pub last: Vec<f32>,
}

/// So many points of a path are looked at at once.
pub const LANES: usize = 4;

/// Spread at a distance.
#[inline(always)]
fn spread(a: f32, b: f32, whole: bool, x: f32) -> f32 {
    let bend = 1.0 + b * x;
    a * x / if whole { bend } else { bend.sqrt() }
}

/// Signal of one kg/h at the readings of `data`.
pub fn couple(data: &Data, at: &[f64; 3], shared: &[f64; SHARED], out: &mut Coupling) {
    let (sin, cos) = shared[TURN].sin_cos();
    let (sin, cos) = (sin as f32, cos as f32);
    let (h, v) = (shared[ACROSS].exp() as f32, shared[UP].exp() as f32);
    let width = shared[WIDTH].exp() as f32;
    let at = at.map(|c| c as f32);
    out.mean.clear();
    out.wide.clear();
    for (air, range) in data.air.iter().zip(data.first.windows(2)) {
        let points = &data.points[range[0] as usize..range[1] as usize];
        let (e, n) = air.downwind;
        let downwind = (e * cos + n * sin, n * cos - e * sin);
        let (mut mean, mut wide) = (0.0, 0.0);
        if let [p] = points {
            let x = (p[0] - at[0]) * downwind.0 + (p[1] - at[1]) * downwind.1;
            if x > 0.0 {
                let d = [p[0] - at[0], p[1] - at[1], p[2]];
                (mean, wide) = plume(air, downwind, (h, v, width), d, at[2]);
            }
        } else {
            // Several at once become vector instructions.
            for points in points.chunks_exact(LANES) {
                let d: [[f32; 3]; LANES] = std::array::from_fn(|k| {
                    [points[k][0] - at[0], points[k][1] - at[1], points[k][2]]
                });
                if d.iter()
                    .all(|d| d[0] * downwind.0 + d[1] * downwind.1 <= 0.0)
                {
                    continue;
                }
                let mut both = [(0.0, 0.0); LANES];
                for (both, d) in both.iter_mut().zip(&d) {
                    *both = plume(air, downwind, (h, v, width), *d, at[2]);
                }
                for (a, b) in both {
                    mean += a;
                    wide += b;
                }
            }
        }
        let each = air.strength / points.len() as f32;
        out.mean.push(mean * each);
        out.wide.push(wide * each);
    }
}

/// The Gaussian plume with reflection at the ground (Seinfeld and Pandis, Atmospheric Chemistry and Physics,
/// 18.9), its spreads counted from a virtual source so that it has a width from the beginning.
#[inline(always)]
fn plume(
    air: &Air,
    downwind: (f32, f32),
    (h, v, width): (f32, f32, f32),
    d: [f32; 3],
    height: f32,
) -> (f32, f32) {
    let along = d[0] * downwind.0 + d[1] * downwind.1;
    let x = along.max(1e-3);
    let y = d[0] * downwind.1 - d[1] * downwind.0;
    let sy = h * spread(air.across.0, air.across.1, false, x) + width;
    let astray = ASTRAY * x;
    let wide = sy * sy + astray * astray;
    let y2 = -0.5 * y * y;
    let sz = v * spread(air.up.0, air.up.1, air.whole, x) + THIN;
    let half = -0.5 / (sz * sz);
    let (below, above) = (d[2] - height, d[2] + height);
    let vertical = (fast::exp(half * below * below) + fast::exp(half * above * above)) / sz;
    let vertical = if along > 0.0 { vertical } else { 0.0 };
    (
        vertical * fast::exp(y2 / (sy * sy)) / sy,
        vertical * fast::exp(y2 / wide) / wide.sqrt(),
    )
}

/// What is predicted at every reading.
#[derive(Clone, Debug, Default)]
pub struct Signal {
    mean: Vec<f32>,
    wide: Vec<f32>,
}

impl Signal {
    /// Nothing, for so many readings.
    pub fn clear(&mut self, n: usize) {
        for v in [&mut self.mean, &mut self.wide] {
            v.clear();
            v.resize(n, 0.0);
        }
    }

    /// What is predicted at a reading, ppm: the mean, and what may also go astray.
    pub fn at(&self, i: usize) -> (f32, f32) {
        (self.mean[i], self.wide[i])
    }

    /// Adds a source.
    pub fn add(&mut self, data: &Data, source: &Source, coupling: &Coupling) {
        let rate = source.ln_rate.exp() as f32;
        let (t0, t1) = source.span(data.span);
        let always = t0 <= data.span.0 && t1 >= data.span.1;
        for i in 0..self.mean.len() {
            if always || (t0 <= data.t_s[i] && data.t_s[i] <= t1) {
                self.mean[i] += rate * coupling.mean[i];
                self.wide[i] += rate * coupling.wide[i];
            }
        }
    }

    /// ln of the readings' probability, with every sensor's background left to a Kalman filter; `trace`
    /// gets the readings' own.
    pub fn ln(&self, data: &Data, shared: &[f64; SHARED], trace: Option<&mut Trace>) -> f64 {
        match trace {
            None => self.pass(data, shared, |_, _| {}),
            Some(t) => {
                let n = data.len();
                for v in [&mut t.off, &mut t.var, &mut t.gain, &mut t.ln] {
                    v.clear();
                    v.resize(n, 0.0);
                }
                t.last.clear();
                self.pass(data, shared, |i, [off, var, gain, ln, mean]| {
                    (t.off[i], t.var[i], t.gain[i], t.ln[i]) = (off, var, gain, ln);
                    if data.runs.iter().any(|r| r.range.1 == i + 1) {
                        t.last.push(mean);
                    }
                })
            }
        }
    }

    #[inline(always)]
    fn pass(
        &self,
        data: &Data,
        shared: &[f64; SHARED],
        mut each: impl FnMut(usize, [f32; 5]),
    ) -> f64 {
        let error = (2.0 * shared[ERROR]).exp() as f32;
        let noise = (2.0 * shared[NOISE]).exp() as f32;
        let wander = (2.0 * shared[WANDER]).exp() as f32;
        let (typical, sd) = data.background;
        let widest = sd * sd;
        let mut sum = 0.0;
        for run in &data.runs {
            let (mut mean, mut var) = (typical, widest);
            let noise = noise * run.noise;
            for i in run.range.0..run.range.1 {
                var = (var + wander * data.hours[i]).min(widest);
                let (signal, wide) = (self.mean[i], self.wide[i]);
                let own = noise + error * (signal * signal + ASTRAY_SHARE * wide * wide);
                let total = var + own;
                let off = data.ppm[i] - signal - mean;
                let z2 = off * off / total;
                let ln = -0.5 * fast::ln(total) - 0.5 * (NU + 1.0) * fast::ln(1.0 + z2 / NU);
                // An outlier moves the background less, in the way of the EM algorithm for Student's t.
                let trust = ((NU + 1.0) / (NU + z2)).min(1.0);
                let gain = var * trust / (var * trust + own);
                mean += gain * off;
                var *= 1.0 - gain;
                sum += f64::from(ln);
                each(i, [off, total, gain, ln, mean]);
            }
        }
        sum
    }
}
