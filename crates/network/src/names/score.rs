//! From agreement to a probability.

use super::features::{FEATURES, Features, features};
use super::parse::Name;
use crate::judgements::Verdict;

/// Weights for persons, fitted by `cargo run -p atalaya-network --example fit_names` to synthetic
/// pairs of which half are the same name. docs/measurements.md says how well the score is
/// calibrated on pairs that were not used. In the order of the features: none, given names,
/// surnames, initials, words in another role, given names that contradict, surnames that contradict,
/// given names on one side only, surnames on one side only, short forms, same sound, typing errors,
/// exchanged order, nothing to compare.
const PERSON: [f64; FEATURES] = [
    -0.71, 0.24, 1.50, 0.14, 1.37, -4.82, -3.29, -0.08, 0.30, 0.24, 0.18, 0.14, -3.49, -1.17,
];

/// The same for organisations: none, own words, words of trade, own words that contradict, own words
/// on one side only, trades that contradict, trades on one side only, short forms, same sound,
/// typing errors, different legal forms, legal form on one side only, numbers that differ, acronym.
const ORGANISATION: [f64; FEATURES] = [
    2.01, 0.01, -0.02, -4.24, -3.21, -7.48, -2.03, 0.40, 0.43, 0.45, -3.42, 0.04, -2.50, 9.66,
];

/// A person and an organisation are hardly ever one.
const MIXED: f64 = 0.2;

/// The same words in the same roles: one name, but for a rare error of the roles.
const REARRANGED: f64 = 0.99;

/// Scores from this one on suggest the same name.
pub const SAME_FROM: f64 = 0.9;
/// Scores below this one suggest different names; what lies between is undecided.
pub const UNDECIDED_FROM: f64 = 0.1;

/// Probability that two names are the same name, 0 to 1: not that they belong to the same person.
pub fn score(a: &Name, b: &Name) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    if a.folded == b.folded && a.organisation == b.organisation {
        return 1.0;
    }
    if a.same_words(b) {
        return REARRANGED;
    }
    let f = features(a, b);
    let p = probability(&f);
    if f.mixed { p * MIXED } else { p }
}

fn probability(f: &Features) -> f64 {
    let weights = if f.organisation { ORGANISATION } else { PERSON };
    let sum: f64 = weights.iter().zip(&f.values).map(|(w, v)| w * v).sum();
    1.0 / (1.0 + (-sum).exp())
}

/// A score with what it suggests. People decide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// 0 to 1, to three digits.
    pub score: f64,
    /// What it suggests.
    pub verdict: Verdict,
}

/// What a score suggests, once rounded to the three digits that are written.
pub fn suggestion(score: f64) -> Judged {
    let score = (score * 1000.0).round() / 1000.0;
    let verdict = if score >= SAME_FROM {
        Verdict::Same
    } else if score < UNDECIDED_FROM {
        Verdict::Distinct
    } else {
        Verdict::Undecided
    };
    Judged { score, verdict }
}
