//! `[feed.gas]` and `[feed.ground]`: feeds that are not video.

use super::LonLat;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a sample of gas may say. The place is `lat` and `lon`, or `e` and `n` with `origin`; a second
/// place is the other end of an open path.
pub const GAS_FIELDS: [&str; 20] = [
    "time",
    "t_s",
    "sensor",
    "lat",
    "lon",
    "height_m",
    "lat2",
    "lon2",
    "height2_m",
    "e",
    "n",
    "u",
    "e2",
    "n2",
    "u2",
    "ppm",
    "wind_speed",
    "wind_dir_from",
    "sig_h",
    "sig_v",
];

/// What a message of a live gas feed is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// A JSON object for each sample.
    #[default]
    Json,
    /// A row of comma-separated values for each sample, its columns as `columns` says.
    Csv,
}

/// Samples of air, with the wind, at a few a second or fewer. One source in the surroundings of the
/// zones is looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GasFeed {
    /// The gas, by its formula.
    pub gas: String,
    /// Other names of fields: `{ time = "t_utc", ppm = "ch4" }`. A name that begins with `/` is a
    /// JSON pointer (RFC 6901).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, String>,
    /// What a message of a live feed is.
    pub payload: Payload,
    /// The columns of `payload = "csv"`, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// A table of wind beside the samples (`t_s` or `time`, `wind_speed`, `wind_dir_from`), for a
    /// recording whose samples do not carry it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wind: Option<String>,
    /// Where a sensor stands whose samples do not say: longitude, latitude in degrees, height above
    /// ground in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<[f64; 3]>,
    /// Where `e` and `n` are zero: longitude, latitude in degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<LonLat>,
    /// What is reported times this is parts per million.
    pub scale: f64,
    /// A source is looked for in the zones' box and so far around it, metres.
    pub margin_m: f64,
    /// Zones in which a source is likelier than elsewhere (four fifths of the odds): sheds and tanks,
    /// not the road.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub likely: Vec<String>,
    /// Sources are at most so high above ground, metres.
    pub height_m: f64,
    /// Samples are forgotten after this to twice this, seconds.
    pub window_s: f64,
    /// Pause between estimates, seconds of event time.
    pub step_s: f64,
    /// Background's standard deviation in an hour, as a share of it: drift of the sensor, or of the
    /// air along a flight.
    pub wander_per_hour: f64,
}

impl Default for GasFeed {
    fn default() -> Self {
        Self {
            gas: "ch4".into(),
            map: BTreeMap::new(),
            payload: Payload::Json,
            columns: Vec::new(),
            wind: None,
            at: None,
            origin: None,
            scale: 1.0,
            margin_m: 60.0,
            likely: Vec::new(),
            height_m: 10.0,
            window_s: 1800.0,
            step_s: 10.0,
            wander_per_hour: 0.05,
        }
    }
}

impl GasFeed {
    /// What a field is called in the samples.
    pub fn name<'a>(&'a self, field: &'a str) -> &'a str {
        self.map.get(field).map_or(field, String::as_str)
    }
}

/// Unattended ground sensors that speak SAPIENT (BSI Flex 335 v2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GroundFeed {
    /// The nodes that may speak, by their id (a UUID); any, when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<String>,
    /// Where a node stands that does not say: longitude, latitude in degrees, height above ground in
    /// metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<[f64; 3]>,
    /// One-sigma error of a place per axis where the message says none, metres.
    pub sigma_m: f64,
    /// The same object is not said again before it has been silent for so long, seconds.
    pub quiet_s: f64,
    /// Nodes whose registration says that they take the task are asked to look at what other nodes
    /// report, inside the authority's area; the authority must name a camera.
    #[serde(skip_serializing_if = "is_false")]
    pub look: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(b: &bool) -> bool {
    !b
}

impl Default for GroundFeed {
    fn default() -> Self {
        Self {
            nodes: Vec::new(),
            at: None,
            sigma_m: 5.0,
            quiet_s: 60.0,
            look: false,
        }
    }
}
