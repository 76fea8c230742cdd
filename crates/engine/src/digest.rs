//! A running hash of all that a run said: two runs with the same digest said the same bytes.

use crate::item::Item;
use crate::junction::Passed;
use crate::settings::hex;
use atalaya_model::Stamped;
use sha2::{Digest as _, Sha256};

/// The hash.
#[derive(Clone, Default)]
pub struct Digest(Sha256);

impl Digest {
    /// Takes a frame or a sensor's word and what it led to.
    pub fn item(&mut self, item: &Stamped<Item>, passed: &Passed) {
        self.0.update(item.t.0.to_le_bytes());
        self.0.update(item.feed.0.to_le_bytes());
        self.0.update(item.body.number().to_le_bytes());
        self.passed(passed);
    }

    /// Takes what passed.
    pub fn passed(&mut self, passed: &Passed) {
        // These types always serialise; a failure would show as a difference.
        for part in [
            serde_json::to_vec(&passed.coverage),
            serde_json::to_vec(&passed.points),
            serde_json::to_vec(&passed.events),
            serde_json::to_vec(&passed.alerts),
        ] {
            self.0.update(part.unwrap_or_default());
        }
        if !passed.emissions.is_empty() {
            let maps = serde_json::to_vec(&passed.emissions);
            self.0.update(maps.unwrap_or_default());
        }
    }

    /// In hex.
    pub fn finish(&self) -> String {
        hex(&self.0.clone().finalize())
    }
}
