//! The operation document: one authority, its site, feeds and rules, in TOML.
//!
//! [`Operation::parse`] reads it; every error names the line and the remedy. [`schema_json`] gives
//! the JSON Schema that editors use. Positions are `[longitude, latitude]` in degrees, as in
//! GeoJSON.

mod aircraft;
mod authority;
mod feed;
mod parse;
mod parse_sensors;
mod pose_errors;
mod rule;
mod sensors;
mod site;
mod source;
mod stream;
mod target;

pub use aircraft::AircraftConfig;
pub use authority::{Authority, NoLook, ObjectKind, Retention, SensorKind};
pub use feed::{Broker, FeedConfig, FeedKind, SensorErrors, SourceAddress};
pub use parse::{OperationError, schema_json};
pub use rule::{ANYWHERE, Rule, RuleKind, Subject};
pub use sensors::{GAS_FIELDS, GasFeed, GroundFeed, Payload};
pub use site::{DrawnZone, ReferenceImage, Site, ZoneConfig, ZoneRole};
pub use source::FeedSource;
pub use stream::{SecretText, SrtAddress, StreamAddress, UdpAddress};
pub use target::{Target, TargetKind};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Longitude and latitude in degrees.
pub type LonLat = [f64; 2];

/// An operation document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// Always `operation/1`.
    pub schema: String,
    /// Short name, used in file names and records: letters, digits, `-` and `_`.
    pub id: String,
    /// Title for people.
    pub name: String,
    /// True for a simulated world: screens and reports then say SIMULATED.
    #[serde(default)]
    pub simulated: bool,
    /// Who may watch what, where, until when. There is no default.
    pub authority: Authority,
    /// The place and its zones.
    pub site: Site,
    /// What is received.
    #[serde(default, rename = "feed")]
    pub feeds: Vec<FeedConfig>,
    /// Aircraft that say over MAVLink where they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aircraft: Vec<AircraftConfig>,
    /// What raises an alert.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
    /// Where tracks and alerts are sent as Cursor on Target: `udp://host:port` or
    /// `tcp://host:port`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cot: Option<String>,
}
