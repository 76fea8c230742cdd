//! The effective settings of a run, and their hash.

use atalaya_model::Operation;
use atalaya_track::TrackSettings;
use atalaya_vision::VisionSettings;
use sha2::{Digest, Sha256};

/// Settings of all stages.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EngineSettings {
    /// Of vision.
    pub vision: VisionSettings,
    /// Of tracking.
    pub track: TrackSettings,
}

impl EngineSettings {
    /// A deliberately weak detector and tracker: it sees a quarter of the picture's width, never
    /// recognises what has stopped, and forgets what it does not see at once. A score that does not
    /// fall with it measures nothing.
    pub fn weakened() -> Self {
        let mut s = Self::default();
        s.vision.max_width = 320;
        s.vision.hold_likeness = 1.1;
        s.track.hold_likeness = 1.1;
        s.track.coast_s = 0.3;
        s.track.stopped_gap_s = 0.3;
        s.track.ground_smooth_s = 0.05;
        s
    }

    /// The beginning of the SHA-256 of all settings: tables of speed and of accuracy print it, so that
    /// everybody sees that both are of one configuration.
    pub fn configuration(&self) -> String {
        hex(&Sha256::digest(format!("{self:?}"))[..6])
    }

    /// SHA-256, in hex, of all settings and of the operation: two runs with the same hash, build
    /// and input give the same bytes.
    pub fn hash(&self, operation: &Operation) -> String {
        let mut h = Sha256::new();
        h.update(env!("CARGO_PKG_VERSION"));
        h.update(format!("{self:?}"));
        h.update(serde_json::to_vec(operation).unwrap_or_default());
        hex(&h.finalize())
    }
}

/// Bytes as hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
