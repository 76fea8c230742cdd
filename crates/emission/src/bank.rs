//! The hypotheses: a Kalman filter of a sensor's background for each place and rate.

use crate::fast;

/// Release rates at each place, evenly spaced in their logarithm.
pub const RATES: usize = 24;

/// Degrees of freedom of the noise: Student's t with three, so that what no hypothesis explains costs
/// each of them about the same.
const NU: f32 = 3.0;
/// ln of the density, below that of a perfect prediction by this much, under which a reading can't push:
/// one reading alone convinces nobody.
const FLOOR: f32 = 12.0;

/// One sensor's background under every hypothesis, ppm.
#[derive(Clone, Debug)]
pub struct Backgrounds {
    mean: Vec<f32>,
    var: Vec<f32>,
    none: (f32, f32),
}

/// What a step needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The reading, ppm.
    pub ppm: f32,
    /// Variance of the sensor's noise, ppm².
    pub noise: f32,
    /// By how much the background's variance has grown since the last reading, ppm².
    pub walked: f32,
    /// The background's variance is never above this, ppm².
    pub widest: f32,
    /// Standard deviation of a prediction, as a share of the predicted signal.
    pub model: f32,
}

/// ln density of a reading, and the background after it.
#[inline(always)]
fn lane(s: &Step, signal: f32, mean: f32, var: f32, floor: f32) -> (f32, f32, f32) {
    let prior = (var + s.walked).min(s.widest);
    let off = s.model * signal;
    let own = s.noise + off * off;
    let total = prior + own;
    let v = s.ppm - signal - mean;
    let z2 = v * v / total;
    // A variance of n + (model * signal)^2 is made 1 by y -> asinh(model * y / sqrt(n)) / model: taken so, a
    // signal twice as strong and one half as strong as predicted are equally wrong, and rates come out
    // neither too small nor too great.
    let still = prior + s.noise;
    let scale = s.model / still.sqrt();
    let (seen, said) = (((s.ppm - mean) * scale).clamp(-20.0, 1e6), signal * scale);
    let root = (seen * seen + 1.0).sqrt();
    let off = fast::ln((seen + root) / (said + (said * said + 1.0).sqrt())) / s.model;
    let density = -0.5 * fast::ln(still) - fast::ln(root);
    let ln = (density - 0.5 * (NU + 1.0) * fast::ln(1.0 + off * off / NU)).max(floor);
    // An outlier moves the background less, in the way of the EM algorithm for Student's t.
    let trust = ((NU + 1.0) / (NU + z2)).min(1.0);
    let gain = prior / (prior + own / trust);
    (ln, mean + gain * v, (1.0 - gain) * prior)
}

impl Backgrounds {
    /// For so many places, all at a mean and variance.
    pub fn new(places: usize, mean: f32, var: f32) -> Self {
        Self {
            mean: vec![mean; places * RATES],
            var: vec![var; places * RATES],
            none: (mean, var),
        }
    }

    /// The background where there is no source, ppm.
    pub fn without_source(&self) -> f64 {
        f64::from(self.none.0)
    }

    /// The background under one hypothesis, ppm.
    pub fn under(&self, hypothesis: usize) -> f64 {
        f64::from(self.mean[hypothesis])
    }

    /// How many standard deviations a reading is off under one hypothesis.
    pub fn surprise(&self, s: &Step, hypothesis: Option<(usize, f32)>) -> f32 {
        let (mean, var, signal) = match hypothesis {
            Some((h, signal)) => (self.mean[h], self.var[h], signal),
            None => (self.none.0, self.none.1, 0.0),
        };
        let off = s.model * signal;
        (s.ppm - signal - mean) / (var + s.noise + off * off).sqrt()
    }

    /// Takes a reading: adds to each hypothesis' weight against no source (`odds`, natural logarithm),
    /// and gives which one leads now.
    pub fn take(
        &mut self,
        s: &Step,
        rates: &[f32; RATES],
        couplings: &[f32],
        odds: &mut [f64],
    ) -> usize {
        let floor = -0.5 * fast::ln(s.noise) - FLOOR;
        let (null, mean, var) = lane(s, 0.0, self.none.0, self.none.1, floor);
        self.none = (mean, var);
        let mut best = (0, f64::NEG_INFINITY);
        let means = self.mean.chunks_exact_mut(RATES);
        let vars = self.var.chunks_exact_mut(RATES);
        let odds = odds.chunks_exact_mut(RATES);
        for (place, (((means, vars), odds), &a)) in
            means.zip(vars).zip(odds).zip(couplings).enumerate()
        {
            let mut gain = [0.0f32; RATES];
            for k in 0..RATES {
                let (ln, mean, var) = lane(s, rates[k] * a, means[k], vars[k], floor);
                means[k] = mean;
                vars[k] = var;
                gain[k] = ln - null;
            }
            for k in 0..RATES {
                odds[k] += f64::from(gain[k]);
            }
            let mut top = f64::NEG_INFINITY;
            for o in odds.iter() {
                top = top.max(*o);
            }
            if top > best.1 {
                let k = odds.iter().position(|o| *o == top).unwrap_or(0);
                best = (place * RATES + k, top);
            }
        }
        best.0
    }
}
