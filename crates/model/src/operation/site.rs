//! `[site]` and its zones.

use super::LonLat;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place that is watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Short name.
    pub id: String,
    /// Title for people.
    pub name: String,
    /// Height of the ground, metres, in the datum that the feeds' metadata use (above the WGS84
    /// ellipsoid when they give ellipsoidal height, else above mean sea level). Without it the frame
    /// centre's height in the metadata is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground_m: Option<f64>,
    /// Zones.
    #[serde(default, rename = "zone")]
    pub zones: Vec<ZoneConfig>,
}

/// A zone outlined on one frame and carried along by registration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawnZone {
    /// The feed.
    pub feed: String,
    /// The frame, from 1.
    pub frame: u64,
    /// Outline in display pixels of that frame.
    pub polygon: Vec<[f64; 2]>,
}

/// A part of a site: a gate, a yard, a shed's apron.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZoneConfig {
    /// Short name, used in events.
    pub id: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// Outline on the ground, `[longitude, latitude]` in degrees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub polygon: Option<Vec<LonLat>>,
    /// Or outlined on a frame, for video without position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<DrawnZone>,
    /// A departure counts from this far outside, metres (pixels for a drawn zone).
    #[serde(default = "default_exit_margin")]
    pub exit_margin_m: f64,
    /// … when kept up for this long, seconds.
    #[serde(default = "default_exit_after")]
    pub exit_after_s: f64,
    /// An arrival counts when inside for this long, seconds.
    #[serde(default)]
    pub enter_after_s: f64,
    /// Without observation for longer than this, a visit ends as `lost`, seconds.
    #[serde(default = "default_gap")]
    pub gap_s: f64,
}

fn default_exit_margin() -> f64 {
    10.0
}

fn default_exit_after() -> f64 {
    20.0
}

fn default_gap() -> f64 {
    120.0
}
