//! What a claim rests on.

use crate::detection::PixelBox;
use crate::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A frame, by number and time, with the box that matters in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FrameRef {
    /// Number in the feed, from 1.
    pub frame: u64,
    /// Event time.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub t: Micros,
    /// The box.
    #[serde(rename = "box")]
    pub bbox: Option<PixelBox>,
}

/// Samples of a sensor that is not a camera, by their numbers in the feed, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SampleRange {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// Leads back to the bytes: which feed, which stretch of which segment, which frames or
/// samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceRef {
    /// The feed's id in the operation.
    pub feed: String,
    /// SHA-256 of the segment's bytes in hex; `None` while the segment is still open
    /// (provisional).
    pub segment: Option<String>,
    /// First moment.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub t0: Micros,
    /// Last moment.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub t1: Micros,
    /// The frames that say so.
    pub frames: Vec<FrameRef>,
    /// Or the samples, of a feed that is not video.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<SampleRange>,
}

/// A stretch of a feed as it was stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// The feed's id in the operation.
    pub feed: String,
    /// Path relative to the store's folder, or of the recording itself.
    pub path: String,
    /// SHA-256 of its bytes in hex.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// First moment.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub t0: Micros,
    /// Last moment.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub t1: Micros,
}
