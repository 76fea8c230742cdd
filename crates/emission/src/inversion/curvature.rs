//! How sharply readings speak of every number, and how far they are to be believed when they err together.
//!
//! A likelihood that multiplies readings as if each erred alone is too sure of itself when neighbouring
//! minutes and neighbouring sensors err alike. By how much is seen in the readings: the scores of stretches
//! of time vary more than the information that the model claims (Godambe's sandwich; Ribatet, Cooley and
//! Davison 2012, Statistica Sinica 22, 813, the adjustment of magnitude).

use super::chain::{Chain, vector};
use super::data::Data;
use super::model::{ACROSS, NU, SHARED, TURN, Trace, UP, WIDTH};
use super::prior::Prior;
use crate::linear::Square;

/// So many stretches of time.
const STRETCHES: usize = 20;
/// Caution is never less than this.
const LEAST: f64 = 0.02;

/// Precision of what is not to be moved.
const FIRM: f64 = 1e12;

/// Scores and information around a draw.
pub struct Curvature {
    /// Of each stretch, the slope of ln likelihood by each number.
    scores: Vec<Vec<f64>>,
    /// Fisher's information, without the prior.
    information: Square,
    /// Precision of each number's prior.
    precision: Vec<f64>,
    /// Slope of the prior's ln.
    pull: Vec<f64>,
}

/// A number's step for differences, and the standard deviation of its prior.
fn scale(prior: &Prior, j: usize) -> (f64, f64) {
    let d = prior.area().hi - prior.area().lo;
    match j {
        TURN => (0.005, prior.shared[j].1),
        j if j < SHARED => (0.02, prior.shared[j].1),
        j => match (j - SHARED) % 4 {
            0 => (0.001 * d.x, d.x),
            1 => (0.001 * d.y, d.y),
            2 => (0.005 * d.z.max(0.1), d.z.max(0.1)),
            _ => (0.02, 1.5),
        },
    }
}

impl Curvature {
    /// Around where a chain is, by central differences; information as of Student's t (Lange, Little and Taylor 1989). Of air
    /// and sensors nothing is asked while the chain holds their shape.
    pub fn new(chain: &mut Chain<'_>, data: &Data, prior: &Prior) -> Self {
        let dims = vector(&chain.now).len();
        let n = data.len();
        let (mut up, mut down) = (Trace::default(), Trace::default());
        let from = if chain.shape { 0 } else { SHARED };
        let mut slopes = vec![[0.0f32; 2]; n * dims];
        let mut scores = vec![vec![0.0; dims]; STRETCHES];
        let stretches: Vec<usize> = (0..n).map(|i| stretch(data, i)).collect();
        for j in from..dims {
            let step = scale(prior, j).0;
            chain.trace(j, step, &mut up);
            chain.trace(j, -step, &mut down);
            let by = (2.0 * step) as f32;
            for i in 0..n {
                let var = 0.5 * (up.var[i] + down.var[i]);
                let z = 0.5 * (up.off[i] + down.off[i]) / var.sqrt();
                let slope = (up.off[i] - down.off[i]) / (by * var.sqrt());
                let wider = (up.var[i] - down.var[i]) / (by * var);
                // The slope of Student's ln density, by that of what is off and that of the variance.
                let pull = (NU + 1.0) * z * (slope - 0.5 * z * wider) / (NU + z * z);
                scores[stretches[i]][j] -= f64::from(0.5 * wider + pull);
                slopes[i * dims + j] = [slope, wider];
            }
        }
        let mut information = Square::zeros(dims);
        let nu = f64::from(NU);
        let shares = [(nu + 1.0) / (nu + 3.0), 0.5 * nu / (nu + 3.0)];
        let mut v = vec![0.0; dims];
        for of in slopes.chunks_exact(dims) {
            for (part, share) in shares.iter().enumerate() {
                v.iter_mut()
                    .zip(of)
                    .for_each(|(v, s)| *v = f64::from(s[part]));
                information.add_outer(&v, *share);
            }
        }
        let precision: Vec<f64> = (0..dims).map(|j| scale(prior, j).1.powi(-2)).collect();
        let pull = (0..dims)
            .map(|j| match prior.shared.get(j) {
                Some((mean, sd)) => (mean - chain.now.shared[j]) / (sd * sd),
                None => 0.0,
            })
            .collect();
        Self {
            scores,
            information,
            precision,
            pull,
        }
    }

    /// The step that would lead to the best place if the readings were plain (Fisher's scoring), held back by
    /// so many times the information. Of air and sensors nothing is moved unless `shape`.
    pub fn step(&self, held: f64, shape: bool) -> Option<Vec<f64>> {
        let n = self.precision.len();
        let mut h = self.information.clone();
        for j in 0..n {
            h.at[j * n + j] = h.at[j * n + j] * (1.0 + held) + self.precision[j];
            if j < SHARED && !shape {
                h.at[j * n + j] += FIRM;
            }
        }
        let slope: Vec<f64> = (0..n)
            .map(|j| self.pull[j] + self.scores.iter().map(|s| s[j]).sum::<f64>())
            .collect();
        Some(h.cholesky()?.solve(&slope))
    }

    /// The triangle of the covariance of what is likely, with so much caution.
    pub fn root(&self, caution: f64) -> Option<Square> {
        let n = self.precision.len();
        let mut h = self.information.clone();
        h.at.iter_mut().for_each(|at| *at *= caution);
        for (j, p) in self.precision.iter().enumerate() {
            h.at[j * n + j] += p;
        }
        let root = h.cholesky()?;
        let mut covariance = Square::zeros(n);
        for j in 0..n {
            let mut unit = vec![0.0; n];
            unit[j] = 1.0;
            for (i, v) in root.solve(&unit).iter().enumerate() {
                covariance.at[i * n + j] = *v;
            }
        }
        covariance.cholesky()
    }

    /// What ln likelihoods are to be multiplied by: at most 1.
    pub fn caution(&self) -> f64 {
        let all = self.precision.len();
        // Noise and wander are left out: their scores speak of the shape of the noise.
        let counted: Vec<usize> = (0..all)
            .filter(|j| [TURN, ACROSS, UP, WIDTH].contains(j) || *j >= SHARED)
            .collect();
        let dims = counted.len();
        let mut h = Square::zeros(dims);
        for (a, &i) in counted.iter().enumerate() {
            for (b, &j) in counted.iter().enumerate() {
                h.at[a * dims + b] = self.information.at[i * all + j];
            }
            h.at[a * dims + a] += self.precision[i];
        }
        let Some(root) = h.cholesky() else {
            return LEAST;
        };
        let prior = |(a, j): (usize, &usize)| {
            let mut unit = vec![0.0; dims];
            unit[a] = self.precision[*j].sqrt();
            1.0 - root.whitened_square(&unit)
        };
        let claimed: f64 = counted.iter().enumerate().map(prior).sum();
        let n = self.scores.len() as f64;
        let mean = |j: usize| self.scores.iter().map(|s| s[j]).sum::<f64>() / n;
        let means: Vec<f64> = counted.iter().map(|j| mean(*j)).collect();
        let seen: f64 = self
            .scores
            .iter()
            .map(|s| {
                let d: Vec<f64> = counted.iter().zip(&means).map(|(j, m)| s[*j] - m).collect();
                root.whitened_square(&d)
            })
            .sum::<f64>()
            * n
            / (n - 1.0);
        let caution = claimed.max(0.1) / seen.max(1e-9);
        if caution.is_finite() {
            caution.clamp(LEAST, 1.0)
        } else {
            LEAST
        }
    }
}

/// Which stretch of time a reading belongs to.
fn stretch(data: &Data, i: usize) -> usize {
    let (a, b) = data.span;
    let share = (data.t_s[i] - a) / (b - a).max(1e-9);
    ((share * STRETCHES as f64) as usize).min(STRETCHES - 1)
}
