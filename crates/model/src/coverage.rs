//! What the sensor covered: "not observed" is never "absent".

use crate::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one frame covered on the ground.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema, Default)]
pub struct Coverage {
    /// The frame's number in its feed.
    pub frame: u64,
    /// Corners of the picture on the ground (upper left, upper right, lower right, lower left),
    /// east and north in the operation's local frame, metres; `None` when the video has no usable
    /// position.
    pub footprint: Option<[[f64; 2]; 4]>,
    /// The same corners as (longitude, latitude) in degrees.
    pub footprint_lon_lat: Option<[[f64; 2]; 4]>,
    /// Sensor position: longitude, latitude in degrees, height above the ellipsoid in metres.
    pub sensor: Option<[f64; 3]>,
    /// Height of the ground that it looks at, metres above the ellipsoid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground_m: Option<f64>,
    /// Columns and rows of the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
    /// False while the picture can't be followed (a cut, a loss of registration, damage).
    pub tracking: bool,
}

/// What a feed is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum FeedStatus {
    /// Frames come.
    Live,
    /// Nothing for a while.
    Stopped {
        /// Last frame seen.
        since: Micros,
    },
    /// Frames come, and the gate lets none of them in: nothing is analysed, shown or recorded.
    Refused {
        /// Name of the reason, as in the gate's counts.
        why: String,
    },
    /// The recording is at its end, or the source closed.
    Ended,
    /// It could not be opened or read.
    Failed {
        /// One line: what, where, what to do.
        why: String,
    },
}
