//! Kinds of gas from an array of sensors that drifts. The arrays are made up.

use atalaya_emission::nose::{Labelled, Nose, NoseFault};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SENSORS: usize = 6;

/// How each sensor answers to each of four kinds; the last is kept for what nobody taught.
const ANSWERS: [[f64; SENSORS]; 4] = [
    [1.0, 0.2, 0.5, 0.9, 0.1, 0.3],
    [0.2, 1.0, 0.4, 0.2, 0.8, 0.3],
    [0.5, 0.5, 1.0, 0.1, 0.2, 0.9],
    [0.1, 0.9, 0.1, 0.9, 0.1, 0.9],
];

/// Rows of some kinds: two features a sensor, any strength, each sensor's answer bent by drift.
fn batch(rng: &mut ChaCha8Rng, kinds: &[usize], drift: f64, each: usize) -> Vec<Labelled> {
    let bent: Vec<f64> = (0..SENSORS)
        .map(|s| 1.0 + drift * (s as f64 / 5.0 - 0.5))
        .collect();
    let mut rows = Vec::new();
    for &kind in kinds {
        for _ in 0..each {
            let strength = 10f64.powf(rng.random_range(0.0..2.0));
            let features = (0..2 * SENSORS)
                .map(|j| {
                    let noise = 1.0 + 0.05 * rng.random_range(-1.0..1.0);
                    let power = if j % 2 == 0 { 1.0 } else { 0.7 };
                    (strength * ANSWERS[kind][j / 2] * bent[j / 2] * noise).powf(power)
                })
                .collect();
            rows.push(Labelled { kind, features });
        }
    }
    rows
}

fn rows(of: &[Labelled]) -> Vec<&[f64]> {
    of.iter().map(|r| r.features.as_slice()).collect()
}

#[test]
fn kinds_are_told_after_drift_and_strangers_are_unknown() {
    let mut rng = ChaCha8Rng::seed_from_u64(4);
    let first = batch(&mut rng, &[0, 1, 2], 0.0, 20);
    let mut nose = Nose::learn(SENSORS, 3, &first).unwrap();
    let later = batch(&mut rng, &[0, 1, 2], 1.2, 30);
    let labels: Vec<(usize, usize)> = (0..90).step_by(6).map(|i| (i, later[i].kind)).collect();
    let said = nose.read(&rows(&later), &labels).unwrap();
    let right = said
        .iter()
        .zip(&later)
        .filter(|(s, r)| s.kind == Some(r.kind));
    assert!(right.count() >= 80, "most are named, and rightly");
    let wrong = said
        .iter()
        .zip(&later)
        .filter(|(s, r)| s.kind.is_some_and(|k| k != r.kind));
    assert!(wrong.count() <= 2);
    assert!(
        said.iter()
            .all(|s| (s.p.iter().sum::<f64>() - 1.0).abs() < 1e-9)
    );
    // Too few to be made even by themselves.
    let strangers = batch(&mut rng, &[3], 0.0, 10);
    let said = nose.read(&rows(&strangers), &[]).unwrap();
    assert!(said.iter().filter(|s| s.kind.is_none()).count() >= 9);
    assert!(said.iter().all(|s| s.typical < 0.3));
}

#[test]
fn what_is_no_array_is_refused() {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut first = batch(&mut rng, &[0, 1], 0.0, 4);
    assert_eq!(
        Nose::learn(SENSORS, 2, &first[..4]).unwrap_err(),
        NoseFault::Kinds
    );
    assert_eq!(
        Nose::learn(5, 2, &first).unwrap_err(),
        NoseFault::Sensors(12, 5)
    );
    let mut nose = Nose::learn(SENSORS, 2, &first).unwrap();
    assert_eq!(
        nose.read(&[&[1.0; 3]], &[]).unwrap_err(),
        NoseFault::Width(1, 3, 12)
    );
    first[3].features[0] = f64::NAN;
    assert_eq!(
        Nose::learn(SENSORS, 2, &first).unwrap_err(),
        NoseFault::Value(4)
    );
    // A sensor that is dead answers nothing, which is a pattern like others.
    assert!(nose.read(&[&[0.0; 12]], &[]).unwrap()[0].kind.is_none());
}
