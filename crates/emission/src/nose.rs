//! Kind of gas from an array of sensors, or "unknown".
//!
//! What says the kind is how sensors answer beside each other, not how strongly: every feature is divided by its norm over all
//! sensors. Then each column is made to have mean 0 and deviation 1, later batches by their own rows (no labels
//! are needed for that; it takes out what all sensors' ageing has in common, as long as a batch holds kinds in
//! similar shares). Kernel ridge regression against each kind (one against the rest, Gaussian kernel of width
//! 1 for each column) learns from few rows and is solved in one step, so that leaving each row out is, too
//! (Rifkin and Lippert 2007, MIT-CSAIL-TR-2007-025): probabilities are scaled by, and "unknown" measured against, rows
//! that were left out. It names a class of gas, never an activity, and knows no mixtures.

use crate::linear::Square;

/// Most labelled rows.
pub const MOST_LABELLED: usize = 2000;
/// Most columns.
pub const MOST_COLUMNS: usize = 4096;
/// Fewer rows than this are not made even by their own mean and deviation.
const OWN: usize = 30;
/// Ridge.
const RIDGE: f64 = 0.1;
/// A label of the batch that is read counts as much as so many older ones.
const FRESH: f64 = 10.0;
/// A row is unknown if fewer than this share of labelled rows, each left out, were as strange.
const STRANGE: f64 = 0.05;
/// Labels of the newest batch alone say what is strange if there are so many.
const ENOUGH: usize = 10;

/// A row whose kind is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// Index of its kind.
    pub kind: usize,
    /// Features: of each sensor the same ones in the same order.
    pub features: Vec<f64>,
}

/// Why nothing can be learned or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoseFault {
    /// Rows of another width.
    #[error("row {0} has {1} features, not {2}; give every row the same columns")]
    Width(usize, usize, usize),
    /// The features are not so many for each sensor.
    #[error(
        "{0} features are not a multiple of {1} sensors of at least two; check the number of sensors"
    )]
    Sensors(usize, usize),
    /// Not a number.
    #[error("row {0} holds what is not a number; leave it out")]
    Value(usize),
    /// Fewer than two kinds.
    #[error("labels of two kinds at least are needed, and two rows of each")]
    Kinds,
    /// Too much.
    #[error("more than {MOST_LABELLED} labelled rows or {MOST_COLUMNS} columns; give fewer")]
    Many,
    /// The numbers allow no solution.
    #[error("the labelled rows allow no solution; leave out rows that repeat")]
    Singular,
}

/// What is said of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// Probability of each kind that was learned, given that it is one of them.
    pub p: Vec<f64>,
    /// Share of labelled rows that, left out, were at least as strange.
    pub typical: f64,
    /// The kind; none if it is unknown, or no kind is more likely than all others together.
    pub kind: Option<usize>,
}

/// Rows that are made even, with their kinds and how much each counts.
#[derive(Clone, Debug, Default)]
struct Known {
    rows: Vec<Vec<f64>>,
    kinds: Vec<usize>,
    weights: Vec<f64>,
}

/// A classifier that follows the drift of its sensors from batch to batch.
#[derive(Clone, Debug)]
pub struct Nose {
    sensors: usize,
    width: usize,
    kinds: usize,
    even: Vec<(f64, f64)>,
    known: Known,
}

impl Nose {
    /// Learns from a first batch. `kinds` is how many kinds have a name, `sensors` how many sensors the features are of.
    pub fn learn(sensors: usize, kinds: usize, first: &[Labelled]) -> Result<Self, NoseFault> {
        let width = first.first().map_or(0, |r| r.features.len());
        if first.len() > MOST_LABELLED || width > MOST_COLUMNS {
            return Err(NoseFault::Many);
        }
        let mut counts = vec![0usize; kinds];
        for r in first {
            *counts.get_mut(r.kind).ok_or(NoseFault::Kinds)? += 1;
        }
        if counts.iter().filter(|c| **c > 1).count() < 2 {
            return Err(NoseFault::Kinds);
        }
        if sensors < 2 || width == 0 || !width.is_multiple_of(sensors) {
            return Err(NoseFault::Sensors(width, sensors));
        }
        let mut it = Self {
            sensors,
            width,
            kinds,
            even: Vec::new(),
            known: Known::default(),
        };
        let rows: Vec<&[f64]> = first.iter().map(|r| r.features.as_slice()).collect();
        let patterns = it.patterns(&rows)?;
        it.even = even(&patterns);
        for (pattern, r) in patterns.iter().zip(first) {
            it.known.rows.push(level(pattern, &it.even));
            it.known.kinds.push(r.kind);
            it.known.weights.push(1.0);
        }
        Ok(it)
    }

    /// Says what the rows of a batch are: those with a label (an index into `rows` and a kind) correct the drift,
    /// for this batch and the following ones. What is said stands in the order of the rows, labelled ones too.
    pub fn read(
        &mut self,
        rows: &[&[f64]],
        labels: &[(usize, usize)],
    ) -> Result<Vec<Said>, NoseFault> {
        let patterns = self.patterns(rows)?;
        let own = if rows.len() >= OWN {
            even(&patterns)
        } else {
            self.even.clone()
        };
        let level: Vec<Vec<f64>> = patterns.iter().map(|p| level(p, &own)).collect();
        let before = self.known.rows.len();
        for &(row, kind) in labels {
            if kind >= self.kinds {
                return Err(NoseFault::Kinds);
            }
            let Some(row) = level.get(row) else { continue };
            self.known.rows.push(row.clone());
            self.known.kinds.push(kind);
            self.known.weights.push(FRESH);
        }
        if self.known.rows.len() > MOST_LABELLED {
            return Err(NoseFault::Many);
        }
        let fitted = Fitted::new(&self.known, self.kinds, before)?;
        let said = level.iter().map(|r| fitted.say(&self.known, r)).collect();
        self.known.weights[before..].fill(1.0);
        Ok(said)
    }

    /// Features as shares of their norm over all sensors.
    fn patterns(&self, rows: &[&[f64]]) -> Result<Vec<Vec<f64>>, NoseFault> {
        let each = self.width / self.sensors;
        let one = |(i, row): (usize, &&[f64])| {
            if row.len() != self.width {
                return Err(NoseFault::Width(i + 1, row.len(), self.width));
            }
            if row.iter().any(|v| !v.is_finite() || v.abs() > 1e15) {
                return Err(NoseFault::Value(i + 1));
            }
            let mut out = row.to_vec();
            for f in 0..each {
                let of = || (0..self.sensors).map(|s| s * each + f);
                let norm = of().map(|j| row[j] * row[j]).sum::<f64>().sqrt().max(1e-12);
                of().for_each(|j| out[j] /= norm);
            }
            Ok(out)
        };
        rows.iter().enumerate().map(one).collect()
    }
}

/// Mean and standard deviation of each column.
fn even(rows: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let n = rows.len().max(1) as f64;
    let width = rows.first().map_or(0, Vec::len);
    (0..width)
        .map(|j| {
            let mean = rows.iter().map(|r| r[j]).sum::<f64>() / n;
            let var = rows.iter().map(|r| (r[j] - mean).powi(2)).sum::<f64>() / n;
            (mean, var.sqrt().max(1e-9))
        })
        .collect()
}

fn level(row: &[f64], even: &[(f64, f64)]) -> Vec<f64> {
    row.iter()
        .zip(even)
        .map(|(v, (m, s))| (v - m) / s)
        .collect()
}

fn apart(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The mean over columns keeps the kernel's width from depending on how many there are.
fn kernel(squared: f64, width: usize) -> f64 {
    (-squared / width.max(1) as f64).exp()
}

/// Regressions against each kind, and what is strange.
struct Fitted {
    /// Of each kind, a number for each labelled row.
    alphas: Vec<Vec<f64>>,
    /// What scores are multiplied by before probabilities are made of them.
    sharp: f64,
    /// Scores for their own kind, and squared distances to the nearest other row, of rows left out; sorted.
    scores: Vec<f64>,
    nearest: Vec<f64>,
}

impl Fitted {
    /// `fresh` is the first row of the newest batch.
    fn new(known: &Known, kinds: usize, fresh: usize) -> Result<Self, NoseFault> {
        let n = known.rows.len();
        let width = known.rows.first().map_or(0, Vec::len);
        let mut squared = Square::zeros(n);
        let mut gram = Square::zeros(n);
        for i in 0..n {
            for j in 0..=i {
                let d2 = apart(&known.rows[i], &known.rows[j]);
                for at in [i * n + j, j * n + i] {
                    squared.at[at] = d2;
                    gram.at[at] = kernel(d2, width);
                }
            }
            gram.at[i * n + i] += RIDGE / known.weights[i];
        }
        let root = gram.cholesky().ok_or(NoseFault::Singular)?;
        let diagonal = root.inverse_diagonal();
        let wanted = |i: usize, kind: usize| if known.kinds[i] == kind { 1.0 } else { -1.0 };
        let alphas: Vec<Vec<f64>> = (0..kinds)
            .map(|k| root.solve(&(0..n).map(|i| wanted(i, k)).collect::<Vec<_>>()))
            .collect();
        // What each row would get if it had been left out.
        let left_out = |i: usize| -> Vec<f64> {
            let score = |k: usize| wanted(i, k) - alphas[k][i] / diagonal[i];
            (0..kinds).map(score).collect()
        };
        let first = if n - fresh >= ENOUGH { fresh } else { 0 };
        let of: Vec<(usize, Vec<f64>)> =
            (first..n).map(|i| (known.kinds[i], left_out(i))).collect();
        let mut scores: Vec<f64> = of.iter().map(|(k, s)| s[*k]).collect();
        let near = |i: usize| {
            let others = (0..n).filter(|j| *j != i);
            others
                .map(|j| squared.at[i * n + j])
                .fold(f64::INFINITY, f64::min)
        };
        let mut nearest: Vec<f64> = (first..n).map(near).collect();
        scores.sort_by(f64::total_cmp);
        nearest.sort_by(f64::total_cmp);
        Ok(Self {
            sharp: sharpness(&of),
            alphas,
            scores,
            nearest,
        })
    }

    fn say(&self, known: &Known, row: &[f64]) -> Said {
        let squared: Vec<f64> = known.rows.iter().map(|r| apart(r, row)).collect();
        let near: Vec<f64> = squared.iter().map(|d| kernel(*d, row.len())).collect();
        let score = |a: &Vec<f64>| a.iter().zip(&near).map(|(a, k)| a * k).sum::<f64>();
        let scores: Vec<f64> = self.alphas.iter().map(score).collect();
        let best = (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        let least = squared.iter().copied().fold(f64::INFINITY, f64::min);
        let n = self.scores.len().max(1) as f64;
        let top = best.map_or(0.0, |b| scores[b]);
        let by_score = self.scores.partition_point(|s| *s <= top) as f64 / n;
        let by_place =
            (self.nearest.len() - self.nearest.partition_point(|d| *d < least)) as f64 / n;
        let typical = by_score.min(by_place);
        let p = shares(&scores, self.sharp);
        let sure = |b: &usize| typical >= STRANGE && p[*b] > 0.5;
        Said {
            kind: best.filter(sure),
            p,
            typical,
        }
    }
}

/// Shares by scores.
fn shares(scores: &[f64], sharp: f64) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let each: Vec<f64> = scores.iter().map(|s| (sharp * (s - top)).exp()).collect();
    let sum: f64 = each.iter().sum();
    each.iter().map(|e| e / sum).collect()
}

/// What scores are to be multiplied by so that rows left out are as probable as can be (Platt's idea, one number for all).
fn sharpness(of: &[(usize, Vec<f64>)]) -> f64 {
    let cost = |sharp: f64| -> f64 {
        of.iter()
            .map(|(kind, s)| -shares(s, sharp)[*kind].max(1e-12).ln())
            .sum()
    };
    let tries = (0..40).map(|i| 0.3 * 1.12f64.powi(i));
    tries
        .map(|s| (cost(s), s))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(1.0, |best| best.1)
}
