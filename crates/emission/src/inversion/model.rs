//! What readings say of sources: plumes, a wandering background of each sensor, and errors of both.

use super::couple::Coupling;
use super::data::{Data, Run};

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

/// What a pass over the readings left, for each of them.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Reading less what was predicted, ppm.
    pub off: Vec<f32>,
    /// Variance of the prediction, ppm².
    pub var: Vec<f32>,
    /// Each run's background after its last reading, ppm.
    pub last: Vec<f32>,
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
        for run in &data.runs {
            let t_s = &data.t_s[run.range.0..run.range.1];
            let first = run.range.0 + t_s.partition_point(|t| *t < t0);
            let after = run.range.0 + t_s.partition_point(|t| *t <= t1);
            let on = first..after.max(first);
            let add = |to: &mut [f32], of: &[f32]| {
                to.iter_mut().zip(of).for_each(|(a, b)| *a += rate * b);
            };
            add(&mut self.mean[on.clone()], &coupling.mean[on.clone()]);
            add(&mut self.wide[on.clone()], &coupling.wide[on]);
        }
    }

    /// ln of the readings' probability, with every sensor's background left to a Kalman filter.
    pub fn ln(&self, data: &Data, shared: &[f64; SHARED]) -> f64 {
        let mut sum = 0.0;
        // One filter waits for its own last step, so several are gone through at once.
        let mut runs = data.runs.chunks_exact(AT_ONCE);
        for runs in &mut runs {
            sum += self.together::<AT_ONCE>(data, shared, runs);
        }
        for run in runs.remainder() {
            sum += self.together::<1>(data, shared, std::slice::from_ref(run));
        }
        sum
    }

    fn together<const N: usize>(&self, data: &Data, shared: &[f64; SHARED], runs: &[Run]) -> f64 {
        let mut filters: [Filter; N] = std::array::from_fn(|k| Filter::new(shared, &runs[k]));
        let mut products = [Product::default(); N];
        let begins: [usize; N] = std::array::from_fn(|k| runs[k].range.0);
        let lengths: [usize; N] = std::array::from_fn(|k| runs[k].len());
        let all = lengths.iter().copied().min().unwrap_or(0);
        for step in 0..all {
            for k in 0..N {
                let said = filters[k].step(data, self, begins[k] + step);
                products[k].times(&said);
            }
        }
        for k in 0..N {
            for step in all..lengths[k] {
                let said = filters[k].step(data, self, begins[k] + step);
                products[k].times(&said);
            }
        }
        products.iter().map(Product::ln).sum()
    }

    /// The readings' own parts of [`Signal::ln`].
    pub fn trace(&self, data: &Data, shared: &[f64; SHARED], trace: &mut Trace) {
        let n = data.len();
        for v in [&mut trace.off, &mut trace.var] {
            v.clear();
            v.resize(n, 0.0);
        }
        trace.last.clear();
        let mut runs = data.runs.chunks_exact(AT_ONCE);
        for runs in &mut runs {
            self.trace_some::<AT_ONCE>(data, shared, runs, trace);
        }
        for run in runs.remainder() {
            self.trace_some::<1>(data, shared, std::slice::from_ref(run), trace);
        }
    }

    fn trace_some<const N: usize>(
        &self,
        data: &Data,
        shared: &[f64; SHARED],
        runs: &[Run],
        trace: &mut Trace,
    ) {
        let mut filters: [Filter; N] = std::array::from_fn(|k| Filter::new(shared, &runs[k]));
        let all = runs.iter().map(Run::len).min().unwrap_or(0);
        let mut one = |filter: &mut Filter, i: usize| {
            let said = filter.step(data, self, i);
            (trace.off[i], trace.var[i]) = (said.off, said.total);
        };
        for step in 0..all {
            for k in 0..N {
                one(&mut filters[k], runs[k].range.0 + step);
            }
        }
        for k in 0..N {
            for i in runs[k].range.0 + all..runs[k].range.1 {
                one(&mut filters[k], i);
            }
        }
        trace.last.extend(filters.iter().map(|f| f.mean));
    }
}

/// So many sensors are gone through at once.
const AT_ONCE: usize = 4;

/// The background of one sensor.
struct Filter {
    mean: f32,
    var: f32,
    noise: f32,
    error: f32,
    wander: f32,
    widest: f32,
}

/// What one reading says.
struct Said {
    off: f32,
    total: f32,
    /// Student's sum: degrees of freedom times the variance, and the square of what is off.
    sum: f32,
}

impl Filter {
    #[inline(always)]
    fn new(shared: &[f64; SHARED], run: &Run) -> Self {
        let square = |i: usize| (2.0 * shared[i]).exp() as f32;
        let (typical, sd) = run.background;
        Self {
            mean: typical,
            var: sd * sd,
            noise: square(NOISE) * run.noise,
            error: square(ERROR),
            wander: square(WANDER),
            widest: sd * sd,
        }
    }

    #[inline(always)]
    fn step(&mut self, data: &Data, signal: &Signal, i: usize) -> Said {
        let walked = self.var + self.wander * data.hours[i];
        let var = if walked < self.widest {
            walked
        } else {
            self.widest
        };
        let (signal, wide) = (signal.mean[i], signal.wide[i]);
        let own = self.noise + self.error * (signal * signal + ASTRAY_SHARE * wide * wide);
        let total = var + own;
        let off = data.ppm[i] - signal - self.mean;
        let sum = NU * total + off * off;
        // An outlier moves the background less, in the way of the EM algorithm for Student's t: its trust is the
        // ratio of these two, at most 1. One division is enough.
        let trust = (NU + 1.0) * total;
        let taken = var * trust;
        let gain = taken / (taken + own * if sum > trust { sum } else { trust });
        self.mean += gain * off;
        self.var = var - gain * var;
        Said { off, total, sum }
    }
}

/// A sum of logarithms as the logarithm of products.
#[derive(Clone, Copy)]
struct Product {
    above: f64,
    below: f64,
    ln: f64,
}

impl Default for Product {
    fn default() -> Self {
        Self {
            above: 1.0,
            below: 1.0,
            ln: 0.0,
        }
    }
}

impl Product {
    /// Twice the ln of Student's density with 5 degrees of freedom is, less a constant, that of the variance's fifth power
    /// over the sum's sixth.
    #[inline(always)]
    fn times(&mut self, said: &Said) {
        let (t, s) = (f64::from(said.total), f64::from(said.sum));
        let (t2, s2) = (t * t, s * s);
        self.above *= t2 * t2 * t;
        self.below *= s2 * s2 * s2;
        let fine = 1e-100..1e100;
        if !fine.contains(&self.above) || !fine.contains(&self.below) {
            *self = Self {
                ln: self.ln(),
                ..Self::default()
            };
        }
    }

    fn ln(&self) -> f64 {
        self.ln + 0.5 * (self.above.ln() - self.below.ln())
    }
}
