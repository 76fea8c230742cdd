//! What sensors do to readings: they lag, recover late, need to warm up, and answer to humidity and warmth, too.

use crate::estimator::Reading;
use std::collections::BTreeMap;

/// The step over which a lagging sensor is undone is so many of its time constants at least, so that noise grows no
/// more than threefold and a half.
const STEP: f64 = 0.3;
/// Rounds of reweighting.
const ROUNDS: usize = 12;
/// Fewer readings than this say nothing of humidity or warmth.
const LEAST: usize = 20;

/// How a sensor follows the air: as a first-order system, faster up than down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lag {
    /// Time constant when the gas rises, s (63 % of a step).
    pub rise_s: f64,
    /// Time constant when it falls, s.
    pub fall_s: f64,
}

impl Lag {
    /// Whether both are from 0 to 600 s.
    pub fn fine(&self) -> bool {
        [self.rise_s, self.fall_s]
            .iter()
            .all(|s| (0.0..=600.0).contains(s))
    }

    /// Undoes the lag of readings in the order of time, each sensor for itself: what entered it on the mean since some time
    /// ago is what it rose since then, divided by the share that it had time to rise.
    pub fn undo(&self, readings: &mut [Reading]) {
        let mut before: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
        for r in readings {
            let past = before.entry(r.sensor.clone()).or_default();
            let shown = r.ppm;
            if let Some((_, last)) = past.last() {
                let tau = if shown >= *last {
                    self.rise_s
                } else {
                    self.fall_s
                };
                let enough = |p: &&(f64, f64)| r.t_s - p.0 >= STEP * tau;
                if let Some((t, from)) = past.iter().rev().find(enough).filter(|_| tau > 0.0) {
                    let share = 1.0 - (-(r.t_s - t) / tau).exp();
                    r.ppm = from + (shown - from) / share.max(1e-6);
                }
            }
            past.push((r.t_s, shown));
            let longest = STEP * self.rise_s.max(self.fall_s);
            let old = past.partition_point(|p| r.t_s - p.0 > longest);
            // The last one that is old enough is still needed.
            past.drain(..old.saturating_sub(1));
        }
    }
}

/// Leaves out the readings of each sensor's first seconds.
pub fn warm_up(readings: &mut Vec<Reading>, seconds: f64) {
    let mut first: BTreeMap<String, f64> = BTreeMap::new();
    readings.retain(|r| r.t_s - *first.entry(r.sensor.clone()).or_insert(r.t_s) >= seconds);
}

/// Takes out what goes with humidity and warmth (or any other two numbers beside each reading), each sensor for itself: a
/// line by least squares that readings in a plume hardly move (Huber's weights), taken away about its middle. A
/// sensor with fewer than 20 readings is left as it is.
pub fn cross(readings: &mut [Reading], beside: &[[f64; 2]]) {
    let mut of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, r) in readings.iter().enumerate().take(beside.len()) {
        of.entry(&r.sensor).or_default().push(i);
    }
    let groups: Vec<Vec<usize>> = of.into_values().filter(|g| g.len() >= LEAST).collect();
    for group in groups {
        let n = group.len() as f64;
        let mean: [f64; 2] =
            std::array::from_fn(|k| group.iter().map(|i| beside[*i][k]).sum::<f64>() / n);
        let at = |i: usize| [1.0, beside[i][0] - mean[0], beside[i][1] - mean[1]];
        let mut line = [0.0; 3];
        let mut weights = vec![1.0; group.len()];
        for _ in 0..ROUNDS {
            let (mut a, mut b) = ([[0.0; 3]; 3], [0.0; 3]);
            for (i, w) in group.iter().zip(&weights) {
                let x = at(*i);
                for r in 0..3 {
                    b[r] += w * x[r] * readings[*i].ppm;
                    (0..3).for_each(|c| a[r][c] += w * x[r] * x[c]);
                }
            }
            line = solve(a, b);
            let off = |i: &usize| {
                let x = at(*i);
                readings[*i].ppm - (0..3).map(|k| line[k] * x[k]).sum::<f64>()
            };
            let mut sizes: Vec<f64> = group.iter().map(|i| off(i).abs()).collect();
            let scale = 1.5 * 1.4826 * crate::noise::quantile(&mut sizes, 0.5).max(1e-12);
            weights = group
                .iter()
                .map(|i| (scale / off(i).abs().max(1e-12)).min(1.0))
                .collect();
        }
        for i in group {
            let x = at(i);
            readings[i].ppm -= line[1] * x[1] + line[2] * x[2];
        }
    }
}

/// Three equations; a direction in which nothing varies gets 0.
fn solve(mut a: [[f64; 3]; 3], mut b: [f64; 3]) -> [f64; 3] {
    for k in 0..3 {
        if a[k][k].abs() < 1e-9 {
            (a[k], b[k]) = ([0.0; 3], 0.0);
            a[k][k] = 1.0;
        }
        let row = (a[k], b[k]);
        for r in (0..3).filter(|r| *r != k) {
            let by = a[r][k] / row.0[k];
            (0..3).for_each(|c| a[r][c] -= by * row.0[c]);
            b[r] -= by * row.1;
        }
    }
    std::array::from_fn(|k| b[k] / a[k][k])
}
