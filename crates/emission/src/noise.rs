//! How noisy a sensor is, learned from its own readings.

use std::collections::VecDeque;

/// So many differences are remembered.
const MOST: usize = 256;
/// The lower quartile of |z| for a standard normal z, times the square root of two for a difference.
const QUARTILE: f64 = 0.450_6;

/// Follows the noise by the lower quartile of differences of neighbouring readings, which a plume that
/// is there for half of the time does not reach.
#[derive(Clone, Debug, Default)]
pub struct Noise {
    last: Option<f64>,
    differences: VecDeque<f64>,
    since: usize,
    sigma: f64,
}

impl Noise {
    /// Adds a reading, ppm.
    pub fn push(&mut self, ppm: f64) {
        if let Some(last) = self.last.replace(ppm) {
            if self.differences.len() == MOST {
                self.differences.pop_front();
            }
            self.differences.push_back((ppm - last).abs());
            self.since += 1;
            if self.since >= 16 || self.differences.len() < 32 {
                self.since = 0;
                let mut sorted: Vec<f64> = self.differences.iter().copied().collect();
                sorted.sort_by(f64::total_cmp);
                self.sigma = sorted[sorted.len() / 4] / QUARTILE;
            }
        }
    }

    /// Standard deviation of the noise, ppm.
    pub fn sigma(&self) -> f64 {
        self.sigma
    }
}

/// What is at a share of a list in the order of size; the list must not be empty.
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let i = (share * (values.len().saturating_sub(1)) as f64).round() as usize;
    values.get(i).copied().unwrap_or(0.0)
}

/// Standard deviation of the noise of readings in the order of time, by the lower quartile of the
/// differences of all neighbours.
pub fn of_all(ppm: &[f64]) -> f64 {
    let mut differences: Vec<f64> = ppm.windows(2).map(|w| (w[1] - w[0]).abs()).collect();
    if differences.is_empty() {
        return 0.0;
    }
    quantile(&mut differences, 0.25) / QUARTILE
}
