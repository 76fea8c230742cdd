//! Tracks: the same thing over time, on the ground and in the image.

use crate::detection::{Class, PixelBox};
use crate::id::TrackId;
use crate::look::VehicleLook;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A position on the ground with its uncertainty.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroundFix {
    /// East in the operation's local frame, metres.
    pub e: f64,
    /// North, metres.
    pub n: f64,
    /// Latitude, degrees.
    pub lat: f64,
    /// Longitude, degrees.
    pub lon: f64,
    /// Covariance of east, north (row-major, m²) that averaging over time removes.
    pub cov_random: [f64; 4],
    /// Covariance shared by all fixes of the flight (metadata offsets): averaging never removes it.
    pub cov_common: [f64; 4],
    /// Velocity east, m/s.
    pub ve: f64,
    /// Velocity north, m/s.
    pub vn: f64,
}

/// Where in its life a track is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrackState {
    /// Seen in this frame.
    Seen,
    /// Standing still and recognised in this frame.
    Stopped,
    /// In view but not seen in this frame: the position is predicted.
    Coasting,
    /// Out of view, or the picture is lost: not observed.
    Unobserved,
    /// Over: this is its last point. It left, or was not found again in time.
    Ended,
}

impl TrackState {
    /// True when the point rests on this frame's pixels.
    pub fn is_observed(self) -> bool {
        matches!(self, Self::Seen | Self::Stopped)
    }
}

/// One track in one frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackPoint {
    /// The track.
    pub track: TrackId,
    /// The frame's number in its feed.
    pub frame: u64,
    /// State.
    pub state: TrackState,
    /// Box in the frame, display pixels.
    pub bbox: PixelBox,
    /// Place on the ground; `None` when the video has no usable position.
    pub ground: Option<GroundFix>,
    /// Place in the pixels of the frame the picture is anchored to, when it has no position.
    pub anchored: Option<[f64; 2]>,
    /// What it most likely is.
    pub class: Class,
    /// Probability of that class.
    pub class_p: f32,
    /// Probability that this is a real object and not clutter.
    pub p: f32,
    /// What it looks like, when it is a vehicle and that is known; never of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<VehicleLook>,
}
