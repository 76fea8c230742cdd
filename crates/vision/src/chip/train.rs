//! Training with a named seed: the same examples and seed give the same bits.

use crate::chip::card::Card;
use crate::chip::classifier::Classifier;
use crate::chip::cut::Chip;
use crate::chip::features::FEATURES;
use crate::chip::label::Label;
use crate::chip::net::{Adam, MOST_HIDDEN, Net, shares, size};
use crate::chip::random::Random;
use std::collections::BTreeMap;

const N: usize = Label::COUNT;
/// Groups of a class below which none is held out.
const LEAST_GROUPS: usize = 4;
/// Share of things that may be dropped as nothing, of the chips for calibration.
const DROPPED: f64 = 0.01;
/// Least probability of nothing at which a box may be dropped: real pictures are not the simulated ones
/// that it is calibrated on, and a thing that is dropped is gone.
const SURE: f32 = 0.95;

/// A chip that shows something known.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The chip.
    pub chip: Chip,
    /// What it shows.
    pub label: Label,
    /// Chips of one group (a track, a stretch of a video) are all held out or none.
    pub group: u64,
    /// Cut with [`Chip::varied`]: for training only.
    pub varied: bool,
}

/// How to train.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainOptions {
    /// Everything that looks random follows from it.
    pub seed: u64,
    /// Times that each example is seen.
    pub epochs: usize,
    /// Hidden units, up to 512.
    pub hidden: usize,
    /// Examples of a step.
    pub batch: usize,
    /// Rate of learning at the start; it falls to nothing along a cosine.
    pub rate: f32,
    /// Decay of weights.
    pub decay: f32,
    /// Share of inputs hidden at each step (dropout; Srivastava et al. 2014).
    pub hide: f32,
    /// Part of each label given to the others (Szegedy et al. 2016).
    pub smoothing: f32,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            epochs: 24,
            hidden: 64,
            batch: 64,
            rate: 1e-3,
            decay: 2e-2,
            hide: 0.15,
            smoothing: 0.02,
        }
    }
}

/// Why nothing was learnt: one line for people.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum TrainError {
    /// Too few classes.
    #[error("only {0} classes have chips; give chips of two at least")]
    Classes(usize),
    /// Unusable options.
    #[error("hidden units must be 1 to {MOST_HIDDEN}, epochs and batch at least 1")]
    Options,
}

/// What each example is for.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Train,
    Calibrate,
    Test,
}

/// A classifier of `examples`, calibrated; its card has the held-out score and nothing else yet.
/// About 15 in 100 groups of each class are kept for calibration, and as many for the score.
pub fn train(examples: &[Example], o: &TrainOptions) -> Result<Classifier, TrainError> {
    if o.hidden == 0 || o.hidden > MOST_HIDDEN || o.epochs == 0 || o.batch == 0 {
        return Err(TrainError::Options);
    }
    let uses = split(examples, o.seed);
    let of = |wanted: Use| {
        let both = examples.iter().zip(&uses);
        both.filter(move |(e, u)| **u == wanted && (wanted == Use::Train || !e.varied))
            .map(|(e, _)| e)
    };
    let learn: Vec<&Example> = of(Use::Train).collect();
    let mut counts = [0usize; N];
    learn.iter().for_each(|e| counts[e.label.index()] += 1);
    let known = counts.map(|n| n > 0);
    let classes = known.iter().filter(|k| **k).count();
    if classes < 2 {
        return Err(TrainError::Classes(classes));
    }
    let net = fit(&learn, &counts, classes, o);
    let mut model = Classifier {
        net,
        temperature: 1.0,
        known,
        reject_at: 1.0,
        card: Card {
            seed: o.seed,
            chips: Label::ALL
                .into_iter()
                .zip(counts)
                .filter(|(_, n)| *n > 0)
                .map(|(l, n)| (l, n as u64))
                .collect(),
            ..Card::default()
        },
    };
    calibrate(&mut model, &of(Use::Calibrate).collect::<Vec<_>>());
    let test: Vec<Example> = of(Use::Test).cloned().collect();
    model.card.held_out = (!test.is_empty()).then(|| model.score(&test));
    Ok(model)
}

/// What each example is for: whole groups, chosen in each class by the seed.
fn split(examples: &[Example], seed: u64) -> Vec<Use> {
    let mut groups: BTreeMap<Label, BTreeMap<u64, u64>> = BTreeMap::new();
    let place = |g: u64| Random::new(g ^ seed.rotate_left(32)).bits();
    for e in examples {
        groups
            .entry(e.label)
            .or_default()
            .insert(place(e.group), e.group);
    }
    let mut uses: BTreeMap<(Label, u64), Use> = BTreeMap::new();
    for (label, all) in groups {
        let n = all.len();
        for (i, group) in all.into_values().enumerate() {
            let at = (i as f64 + 0.5) / n as f64;
            let held = n >= LEAST_GROUPS;
            let purpose = match at {
                a if held && a >= 0.85 => Use::Test,
                a if held && a >= 0.70 => Use::Calibrate,
                _ => Use::Train,
            };
            uses.insert((label, group), purpose);
        }
    }
    examples
        .iter()
        .map(|e| uses.get(&(e.label, e.group)).copied().unwrap_or(Use::Train))
        .collect()
}

fn fit(learn: &[&Example], counts: &[usize; N], classes: usize, o: &TrainOptions) -> Net {
    let n = learn.len() as f64;
    let (mut mean, mut square) = (vec![0f64; FEATURES], vec![0f64; FEATURES]);
    for e in learn {
        for ((m, s), v) in mean.iter_mut().zip(&mut square).zip(e.chip.numbers()) {
            *m += f64::from(*v) / n;
            *s += f64::from(*v) * f64::from(*v) / n;
        }
    }
    let deviation: Vec<f32> = mean
        .iter()
        .zip(&square)
        .map(|(m, s)| (s - m * m).max(0.0).sqrt() as f32)
        .collect();
    let mut random = Random::new(o.seed);
    let mean = mean.into_iter().map(|m| m as f32).collect();
    let mut net = Net::new(o.hidden, mean, &deviation, &mut random);
    let inputs: Vec<Vec<f32>> = learn.iter().map(|e| net.normal(e.chip.numbers())).collect();
    // Each class counts alike, however many chips it has.
    let weight = counts.map(|c| n as f32 / (classes * c.max(1)) as f32);
    let known = counts.map(|c| c > 0);
    let mut adam = Adam::new(size(o.hidden));
    let mut order: Vec<usize> = (0..learn.len()).collect();
    let steps = o.epochs * learn.len().div_ceil(o.batch);
    let mut step = 0;
    let mut active = vec![0f32; o.hidden];
    let mut gradient = vec![0f32; size(o.hidden)];
    let mut input = vec![0f32; FEATURES];
    for _ in 0..o.epochs {
        random.shuffle(&mut order);
        for batch in order.chunks(o.batch) {
            gradient.fill(0.0);
            let total: f32 = batch.iter().map(|i| weight[learn[*i].label.index()]).sum();
            for &i in batch {
                let keep = 1.0 / (1.0 - o.hide).max(0.1);
                for (to, v) in input.iter_mut().zip(&inputs[i]) {
                    *to = if random.unit() < o.hide {
                        0.0
                    } else {
                        v * keep
                    };
                }
                let out = net.forward(&input, &mut active);
                let label = learn[i].label.index();
                let share = weight[label] / total;
                let mut error = shares(&out, 1.0, &known);
                for (k, e) in error.iter_mut().enumerate() {
                    if known[k] {
                        let even = o.smoothing / classes as f32;
                        *e -= even + if k == label { 1.0 - o.smoothing } else { 0.0 };
                    }
                    *e *= share;
                }
                net.backward(&input, &active, &error, &mut gradient);
            }
            let at = step as f32 / steps as f32;
            let rate = 0.5 * o.rate * (1.0 + (std::f32::consts::PI * at).cos());
            adam.step(&mut net.weights, &gradient, rate, o.decay);
            step += 1;
        }
    }
    net
}

/// The temperature at which held-out chips are least surprising, each class counting alike, and the
/// probability of nothing above which hardly a thing lies.
fn calibrate(model: &mut Classifier, held: &[&Example]) {
    let mut counts = [0usize; N];
    held.iter().for_each(|e| counts[e.label.index()] += 1);
    if counts.iter().filter(|c| **c > 0).count() < 2 {
        return;
    }
    let mut active = vec![0f32; model.net.hidden];
    let outs: Vec<(usize, [f32; N])> = held
        .iter()
        .map(|e| {
            let input = model.net.normal(e.chip.numbers());
            (e.label.index(), model.net.forward(&input, &mut active))
        })
        .filter(|(l, _)| model.known[*l])
        .collect();
    let surprise = |ln_t: f32| -> f64 {
        outs.iter()
            .map(|(l, out)| {
                let p = shares(out, ln_t.exp(), &model.known)[*l].max(1e-9);
                -f64::from(p.ln()) / counts[*l] as f64
            })
            .sum()
    };
    // It has one minimum: golden section search over 0.1 to 20.
    let (mut a, mut b) = (0.1f32.ln(), 20f32.ln());
    let golden = 0.618_034;
    for _ in 0..40 {
        let (c, d) = (b - golden * (b - a), a + golden * (b - a));
        if surprise(c) < surprise(d) {
            b = d;
        } else {
            a = c;
        }
    }
    model.temperature = (0.5 * (a + b)).exp();
    let mut things: Vec<f32> = outs
        .iter()
        .filter(|(l, _)| *l != Label::Nothing.index())
        .map(|(_, out)| shares(out, model.temperature, &model.known)[Label::Nothing.index()])
        .collect();
    things.sort_by(f32::total_cmp);
    let most = (things.len() as f64 * (1.0 - DROPPED)) as usize;
    if let Some(at) = things.get(most.min(things.len().saturating_sub(1))) {
        // Just above it, so that the thing itself is kept.
        model.reject_at = (at + 1e-4).clamp(SURE, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Chips of two kinds that differ in a few numbers, with noise.
    fn examples(n: usize, noise: f32) -> Vec<Example> {
        let mut r = Random::new(7);
        (0..n)
            .map(|i| {
                let label = if i % 3 == 0 {
                    Label::Truck
                } else {
                    Label::Nothing
                };
                let sign = if label == Label::Truck { 1.0 } else { -1.0 };
                let numbers = (0..FEATURES)
                    .map(|k| noise * r.bell() + if k < 12 { sign } else { 0.0 })
                    .collect();
                Example {
                    chip: Chip::from_numbers(numbers),
                    label,
                    group: i as u64 / 3,
                    varied: false,
                }
            })
            .collect()
    }

    fn options() -> TrainOptions {
        TrainOptions {
            epochs: 20,
            hidden: 8,
            batch: 16,
            ..TrainOptions::default()
        }
    }

    #[test]
    fn learns_what_can_be_learnt_and_says_how_sure() {
        let all = examples(600, 1.0);
        let model = train(&all, &options()).unwrap();
        let held = model.card.held_out.as_ref().unwrap();
        assert!(held.chips >= 60, "{held:?}");
        assert!(held.balanced_accuracy > 0.9, "{held:?}");
        assert!(held.calibration_error < 0.1, "{held:?}");
        assert!(held.things_dropped <= 0.1, "{held:?}");
        // What it never saw is never said.
        let said = model.tell(&all[0].chip);
        assert_eq!(said.p[Label::Person.index()], 0.0);
        assert!((said.p.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        assert_eq!(model.known().count(), 2);
    }

    #[test]
    fn the_same_seed_gives_the_same_bits_and_another_others() {
        let all = examples(90, 1.0);
        let a = train(&all, &options()).unwrap();
        assert_eq!(a, train(&all, &options()).unwrap());
        let other = TrainOptions {
            seed: 2,
            ..options()
        };
        assert_ne!(a, train(&all, &other).unwrap());
    }

    #[test]
    fn noise_is_not_learnt_and_not_claimed() {
        let mut all = examples(300, 1.0);
        let mut r = Random::new(3);
        for e in &mut all {
            let numbers = (0..FEATURES).map(|_| r.bell()).collect();
            e.chip = Chip::from_numbers(numbers);
        }
        let held = train(&all, &options()).unwrap().card.held_out.unwrap();
        assert!(held.balanced_accuracy < 0.8, "{held:?}");
    }

    #[test]
    fn one_class_is_none() {
        let one: Vec<Example> = examples(30, 1.0)
            .into_iter()
            .filter(|e| e.label == Label::Truck)
            .collect();
        assert_eq!(train(&one, &options()), Err(TrainError::Classes(1)));
        assert_eq!(train(&[], &options()), Err(TrainError::Classes(0)));
    }
}
