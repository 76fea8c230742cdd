//! How well a classifier does on chips whose labels are known.

use crate::chip::classifier::Said;
use crate::chip::label::Label;
use serde::{Deserialize, Serialize};

const N: usize = Label::COUNT;
/// Bins of the table of reliability.
const BINS: usize = 10;

/// A chip's label and what was said of it.
pub struct Told {
    /// What it shows.
    pub label: Label,
    /// What was said.
    pub said: Said,
}

/// How well a classifier does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Chips.
    pub chips: u64,
    /// Share whose likeliest label is theirs.
    pub accuracy: f64,
    /// Mean of the classes' recalls.
    pub balanced_accuracy: f64,
    /// Of each label that occurs or is said.
    pub classes: Vec<ClassScore>,
    /// Rows: what they show; columns: what is said; by the labels' numbers.
    pub confusion: [[u64; N]; N],
    /// Expected calibration error (Guo et al. 2017): mean distance of what is said and what is so, each
    /// class of chips counting alike.
    pub calibration_error: f64,
    /// What was said, and how often it was so.
    pub reliability: Vec<ReliabilityBin>,
    /// Share of things that would be dropped as nothing.
    pub things_dropped: f64,
    /// Share of nothings that would be.
    pub nothings_dropped: f64,
}

/// How well a classifier does on one label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassScore {
    /// The label.
    pub label: Label,
    /// Chips that show it.
    pub chips: u64,
    /// Share of those of which it is said.
    pub recall: f64,
    /// Share of those of which it is said that show it.
    pub precision: f64,
}

/// Chips whose likeliest label was said with about the same probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// From this probability.
    pub from: f64,
    /// Chips.
    pub chips: u64,
    /// Mean probability that was said, each class of chips counting alike.
    pub said: f64,
    /// Share of which it is so.
    pub so: f64,
}

fn share(part: u64, of: u64) -> f64 {
    if of == 0 {
        0.0
    } else {
        part as f64 / of as f64
    }
}

/// Four digits: a file is no place for noise.
fn short(v: f64) -> f64 {
    (v * 1e4).round() / 1e4
}

impl Score {
    /// Of chips that something was said of.
    pub fn of(told: &[Told]) -> Self {
        let mut confusion = [[0u64; N]; N];
        let (mut things, mut nothings) = ((0, 0), (0, 0));
        for t in told {
            confusion[t.label.index()][t.said.best().0.index()] += 1;
            let sort = if t.label == Label::Nothing {
                &mut nothings
            } else {
                &mut things
            };
            sort.1 += 1;
            sort.0 += u64::from(t.said.nothing);
        }
        let of_label = |l: usize| confusion[l].iter().sum::<u64>();
        let said = |l: usize| confusion.iter().map(|r| r[l]).sum::<u64>();
        let right = (0..N).map(|l| confusion[l][l]).sum();
        let classes: Vec<ClassScore> = Label::ALL
            .into_iter()
            .filter(|l| of_label(l.index()) + said(l.index()) > 0)
            .map(|label| {
                let l = label.index();
                ClassScore {
                    label,
                    chips: of_label(l),
                    recall: short(share(confusion[l][l], of_label(l))),
                    precision: short(share(confusion[l][l], said(l))),
                }
            })
            .collect();
        let shown: Vec<&ClassScore> = classes.iter().filter(|c| c.chips > 0).collect();
        let recalls: f64 = shown.iter().map(|c| c.recall).sum();
        let (reliability, calibration_error) = reliability(told, of_label);
        Self {
            chips: told.len() as u64,
            accuracy: short(share(right, told.len() as u64)),
            balanced_accuracy: short(recalls / shown.len().max(1) as f64),
            classes,
            confusion,
            calibration_error,
            reliability,
            things_dropped: short(share(things.0, things.1)),
            nothings_dropped: short(share(nothings.0, nothings.1)),
        }
    }
}

fn reliability(told: &[Told], of_label: impl Fn(usize) -> u64) -> (Vec<ReliabilityBin>, f64) {
    // Chips, weight, what was said, what is so.
    let mut bins = [(0u64, 0f64, 0f64, 0f64); BINS];
    for t in told {
        let weight = 1.0 / of_label(t.label.index()).max(1) as f64;
        let (label, p) = t.said.best();
        let bin = &mut bins[((f64::from(p) * BINS as f64) as usize).min(BINS - 1)];
        bin.0 += 1;
        bin.1 += weight;
        bin.2 += weight * f64::from(p);
        bin.3 += if label == t.label { weight } else { 0.0 };
    }
    let all: f64 = bins.iter().map(|b| b.1).sum();
    let error: f64 = bins.iter().map(|b| (b.2 - b.3).abs()).sum();
    let table = bins
        .iter()
        .enumerate()
        .filter(|(_, b)| b.0 > 0)
        .map(|(i, b)| ReliabilityBin {
            from: i as f64 / BINS as f64,
            chips: b.0,
            said: short(b.2 / b.1),
            so: short(b.3 / b.1),
        })
        .collect();
    (table, short(error / all.max(1e-12)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(label: Label, best: Label, p: f32) -> Told {
        let mut said = Said {
            p: [(1.0 - p) / 5.0; N],
            thing: (best, p),
            nothing: best == Label::Nothing && p > 0.9,
        };
        said.p[best.index()] = p;
        Told { label, said }
    }

    #[test]
    fn confusion_and_reliability_add_up() {
        let mut all = Vec::new();
        for i in 0..10 {
            let best = if i < 8 { Label::Truck } else { Label::Car };
            all.push(told(Label::Truck, best, 0.85));
            all.push(told(Label::Nothing, Label::Nothing, 0.95));
        }
        let s = Score::of(&all);
        assert_eq!(s.chips, 20);
        assert_eq!(s.confusion[4][4], 8);
        assert_eq!(s.confusion[4][2], 2);
        assert!((s.accuracy - 0.9).abs() < 1e-9);
        assert!((s.balanced_accuracy - 0.9).abs() < 1e-9);
        // 0.85 was said and 0.8 is so; 0.95 was said and all is so.
        assert!((s.calibration_error - 0.05).abs() < 1e-3);
        assert_eq!(s.reliability.len(), 2);
        assert!((s.nothings_dropped - 1.0).abs() < 1e-9 && s.things_dropped == 0.0);
        assert_eq!(Score::of(&[]).chips, 0);
    }
}
