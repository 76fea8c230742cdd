//! The numbers that a chip is known by.

use std::f32::consts::PI;

/// Side of the normalised square, samples.
pub const SIDE: usize = 24;
/// Side of a cell of the histograms, samples.
const CELL: usize = 4;
const CELLS: usize = SIDE / CELL;
/// Directions of edges.
const BINS: usize = 6;
/// Side of a patch of coarse brightness, samples.
const COARSE: usize = 3;
const COARSES: usize = SIDE / COARSE;
/// Ratios and flags.
const SCALARS: usize = 10;
/// How many numbers there are.
pub const FEATURES: usize = CELLS * CELLS * BINS + COARSES * COARSES + SCALARS;
/// Deviations below this are noise, and are not stretched, grey levels.
const FAINT: f32 = 4.0;

/// What is known beside the square's pixels.
pub struct Given {
    /// Half the box's sides over the square's.
    pub half: (f32, f32),
    /// Width over height.
    pub aspect: f32,
    /// Of a thermal camera.
    pub thermal: bool,
    /// The longer side of the box, metres.
    pub metres: Option<f32>,
}

/// Appends the [`FEATURES`] numbers of a square of `SIDE` x `SIDE` grey levels, which is changed.
pub fn write(patch: &mut [f32], given: &Given, out: &mut Vec<f32>) {
    let (mean, deviation) = moments(patch.iter().copied());
    let stretch = 1.0 / deviation.max(FAINT);
    for v in patch.iter_mut() {
        *v = (*v - mean) * stretch;
    }
    directions(patch, out);
    for cy in 0..COARSES {
        for cx in 0..COARSES {
            let mut sum = 0.0;
            for y in cy * COARSE..(cy + 1) * COARSE {
                let start = y * SIDE + cx * COARSE;
                sum += patch[start..start + COARSE].iter().sum::<f32>();
            }
            out.push(sum / (COARSE * COARSE) as f32);
        }
    }
    scalars(patch, deviation, given, out);
}

/// Mean and standard deviation; zeros of nothing.
fn moments(all: impl Iterator<Item = f32>) -> (f32, f32) {
    let (mut n, mut sum, mut squares) = (0f32, 0f32, 0f32);
    for v in all {
        n += 1.0;
        sum += v;
        squares += v * v;
    }
    if n == 0.0 {
        return (0.0, 0.0);
    }
    let mean = sum / n;
    (mean, (squares / n - mean * mean).max(0.0).sqrt())
}

/// How strong edges of each direction, without their sign, are in each cell.
fn directions(patch: &[f32], out: &mut Vec<f32>) {
    let axes: [(f32, f32); BINS] = std::array::from_fn(|k| {
        let (s, c) = (PI * k as f32 / BINS as f32).sin_cos();
        (c, s)
    });
    let mut cells = [[0f32; BINS]; CELLS * CELLS];
    for y in 1..SIDE - 1 {
        for x in 1..SIDE - 1 {
            let at = y * SIDE + x;
            let (gx, gy) = (
                patch[at + 1] - patch[at - 1],
                patch[at + SIDE] - patch[at - SIDE],
            );
            // What lies beyond 45 degrees from an axis does not count for it: no angle is needed.
            let least = 0.707 * (gx * gx + gy * gy).sqrt();
            let cell = &mut cells[(y / CELL) * CELLS + x / CELL];
            for (v, (c, s)) in cell.iter_mut().zip(&axes) {
                *v += ((gx * c + gy * s).abs() - least).max(0.0);
            }
        }
    }
    // The root keeps one strong edge from hiding the others.
    out.extend(
        cells
            .iter()
            .flatten()
            .map(|v| (v / (CELL * CELL) as f32).sqrt()),
    );
}

fn scalars(patch: &[f32], deviation: f32, given: &Given, out: &mut Vec<f32>) {
    let inside = |i: usize| {
        let at = |k: usize| ((k as f32 + 0.5) / SIDE as f32 - 0.5).abs();
        at(i % SIDE) <= given.half.0.max(0.06) && at(i / SIDE) <= given.half.1.max(0.06)
    };
    let of = |wanted: bool| {
        let all = patch.iter().enumerate();
        moments(all.filter(|(i, _)| inside(*i) == wanted).map(|(_, v)| *v))
    };
    let (within, around) = (of(true), of(false));
    let (metres, known) = match given.metres {
        Some(m) => ((m / 3.0).ln().clamp(-3.0, 3.0), 1.0),
        None => (0.0, 0.0),
    };
    out.extend([
        given.aspect.max(1e-3).ln().clamp(-2.5, 2.5),
        (1.0 + deviation / 8.0).ln(),
        within.0 - around.0,
        (within.0 - around.0).abs(),
        within.1,
        around.1,
        within.1 - around.1,
        if given.thermal { 1.0 } else { 0.0 },
        metres,
        known,
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(patch: &mut [f32]) -> Vec<f32> {
        let mut out = Vec::new();
        let given = Given {
            half: (0.28, 0.28),
            aspect: 1.0,
            thermal: false,
            metres: None,
        };
        write(patch, &given, &mut out);
        out
    }

    #[test]
    fn as_many_as_said_finite_and_blind_to_brightness_and_contrast() {
        let ramp: Vec<f32> = (0..SIDE * SIDE).map(|i| (i % 37) as f32).collect();
        let a = numbers(&mut ramp.clone());
        let mut other: Vec<f32> = ramp.iter().map(|v| 40.0 + 2.0 * v).collect();
        let b = numbers(&mut other);
        assert_eq!(a.len(), FEATURES);
        assert!(a.iter().all(|v| v.is_finite()));
        // All but the number that says how much contrast there is.
        let shown = CELLS * CELLS * BINS + COARSES * COARSES;
        assert!(a[..shown].iter().zip(&b).all(|(x, y)| (x - y).abs() < 1e-3));
        assert!((a[shown + 1] - b[shown + 1]).abs() > 0.1);
        let flat = numbers(&mut [90.0; SIDE * SIDE]);
        assert!(flat.iter().all(|v| v.is_finite()));
    }

    #[test]
    fn upright_and_lying_edges_are_told_apart() {
        let upright: Vec<f32> = (0..SIDE * SIDE)
            .map(|i| {
                if ((i % SIDE) / 4).is_multiple_of(2) {
                    0.0
                } else {
                    100.0
                }
            })
            .collect();
        let n = numbers(&mut upright.clone());
        let sum = |k: usize| -> f32 { (0..CELLS * CELLS).map(|c| n[c * BINS + k]).sum() };
        assert!(sum(0) > 5.0 * sum(3).max(0.1));
    }
}
