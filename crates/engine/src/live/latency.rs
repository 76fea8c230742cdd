//! How long alerts take, measured.

use std::time::Duration;

/// Most samples kept; later ones replace the oldest.
const KEPT: usize = 4096;

/// Wall times, for percentiles.
#[derive(Clone, Debug, Default)]
pub struct Latencies {
    samples: Vec<Duration>,
    next: usize,
}

impl Latencies {
    /// Adds a sample.
    pub fn add(&mut self, d: Duration) {
        if self.samples.len() < KEPT {
            self.samples.push(d);
        } else {
            self.samples[self.next] = d;
        }
        self.next = (self.next + 1) % KEPT;
    }

    /// The samples, in no order.
    pub fn samples(&self) -> impl Iterator<Item = Duration> + '_ {
        self.samples.iter().copied()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// None yet.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// The sample below which the share `q` lies (nearest rank).
    pub fn percentile(&self, q: f64) -> Option<Duration> {
        let mut sorted = self.samples.clone();
        sorted.sort();
        let rank = ((q * sorted.len() as f64).ceil() as usize).max(1) - 1;
        sorted.get(rank).copied()
    }
}
