//! A link that loses, doubles and delays frames by a seed, and an aircraft at its far end.

use crate::vehicle::Vehicle;
use atalaya_mav::{Message, Reader, Writer};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::BTreeMap;

/// A link both ways.
pub struct Link {
    rng: ChaCha8Rng,
    /// Shares lost and doubled.
    pub loss: f64,
    pub doubled: f64,
    /// Frames under way: when they arrive, in order of sending, to the ground or not.
    under_way: BTreeMap<(u64, u64), (bool, Vec<u8>)>,
    n: u64,
    pub sent: u64,
    pub lost: u64,
}

impl Link {
    pub fn new(seed: u64, loss: f64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            loss,
            doubled: loss,
            under_way: BTreeMap::new(),
            n: 0,
            sent: 0,
            lost: 0,
        }
    }

    pub fn send(&mut self, now: u64, down: bool, frame: Vec<u8>) {
        self.sent += 1;
        if self.rng.random_bool(self.loss) {
            self.lost += 1;
            return;
        }
        for _ in 0..1 + usize::from(self.rng.random_bool(self.doubled)) {
            let at = now + self.rng.random_range(5_000..80_000);
            self.n += 1;
            self.under_way.insert((at, self.n), (down, frame.clone()));
        }
    }

    pub fn arrived(&mut self, now: u64) -> Vec<(bool, Vec<u8>)> {
        let later = self.under_way.split_off(&(now + 1, 0));
        std::mem::replace(&mut self.under_way, later)
            .into_values()
            .collect()
    }
}

/// One vehicle with its ends of the wire.
pub struct Far {
    pub vehicle: Vehicle,
    reader: Reader,
    writer: Writer,
}

impl Far {
    pub fn new(vehicle: Vehicle) -> Self {
        Self {
            reader: Reader::new(None),
            writer: Writer::new(vehicle.system, 1, None),
            vehicle,
        }
    }

    pub fn run(&mut self, now: u64, frames: &[Vec<u8>], link: &mut Link) {
        let mut messages: Vec<Message> = Vec::new();
        for f in frames {
            self.reader.push(f, 0, &mut messages);
        }
        for m in &messages {
            self.vehicle.take(now, &m.body);
        }
        self.vehicle.tick(now);
        let out = std::mem::take(&mut self.vehicle.out);
        for m in out {
            link.send(now, true, self.writer.frame(&m, 0));
        }
    }
}
