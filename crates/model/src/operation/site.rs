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
    /// `[site.reference]`: a picture of the ground whose place is known, on which the feeds' pictures are
    /// looked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ReferenceImage>,
    /// Zones.
    #[serde(default, rename = "zone")]
    pub zones: Vec<ZoneConfig>,
}

/// A picture of the ground whose place is known: an orthophoto. A flight's pictures that are recognised on
/// it lose what is constantly wrong with their places, down to the reference's own error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferenceImage {
    /// GeoTIFF, relative to this document: 8 bits of grey or RGB, north up, in degrees or UTM on WGS84 or ETRS89.
    pub image: String,
    /// How well its place is known, metres per axis (one sigma), as its maker states it.
    #[serde(default = "default_reference_sigma")]
    pub sigma_m: f64,
}

fn default_reference_sigma() -> f64 {
    1.0
}

impl ReferenceImage {
    /// The first thing wrong with it: a field, and what to give.
    pub fn fault(&self) -> Option<(&'static str, String)> {
        if self.image.trim().is_empty() || self.image.contains("://") {
            let what = "is not a file; name a GeoTIFF beside this document";
            return Some(("image", format!("'{}' {what}", self.image)));
        }
        (!(0.01..=100.0).contains(&self.sigma_m)).then(|| {
            let v = self.sigma_m;
            (
                "sigma_m",
                format!("sigma_m = {v} is out of range; give 0.01 to 100 metres"),
            )
        })
    }
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

/// What a zone is to those who use it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ZoneRole {
    /// Ground on which one stands, parks, and handles goods.
    #[default]
    Yard,
    /// A passage.
    Gate,
    /// A building: who goes in can't be seen there.
    Structure,
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
    /// What it is to those who use it.
    #[serde(default)]
    pub role: ZoneRole,
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
