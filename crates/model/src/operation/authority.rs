//! `[authority]`: mandatory, and nothing is looked at, stored or sent outside it.

use super::{LonLat, Target};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A sensor that an authority may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SensorKind {
    /// Visible-light camera.
    Eo,
    /// Thermal camera.
    Ir,
    /// Gas sensor: concentrations in air.
    Gas,
    /// Unattended ground sensor: tripwire, seismic, acoustic, radar.
    Ground,
}

/// A kind of object that an authority may allow to be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// Cars, pickups, trucks.
    Vehicle,
    /// Persons, as anonymous tracks within one visit.
    Person,
    /// What moves and has not been told apart.
    Unknown,
}

/// How long what is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Tracks that no event refers to, and video without events.
    pub bystander_hours: u32,
    /// Events, alerts, and the tracks and video they rest on.
    pub evidence_days: u32,
}

/// An area nobody may look at, inside the authority's area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoLook {
    /// What it is, for people.
    pub name: String,
    /// Outline, `[longitude, latitude]` in degrees.
    pub polygon: Vec<LonLat>,
}

/// The legal authority of an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Who granted it.
    pub issuer: String,
    /// Law and article.
    pub legal_basis: String,
    /// File number of the order.
    pub reference: String,
    /// What it is for.
    pub purpose: String,
    /// First moment, RFC 3339.
    pub valid_from: String,
    /// Last moment, RFC 3339.
    pub valid_until: String,
    /// Sensors that may be used.
    pub sensors: Vec<SensorKind>,
    /// Kinds of object that may be followed.
    pub objects: Vec<ObjectKind>,
    /// Where: outline, `[longitude, latitude]` in degrees.
    pub area: Vec<LonLat>,
    /// Areas that must not be looked at.
    #[serde(default)]
    pub no_look: Vec<NoLook>,
    /// Persons whom the order names: the only ones that may be entities of the network. Nobody is
    /// recognised by it in pictures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub persons: Vec<String>,
    /// What the order names in advance: vehicles and places, and persons only of `persons`.
    #[serde(default, rename = "target", skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// Whom results may be given to, by the names on their cards (`atalaya partner`): nobody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partners: Vec<String>,
    /// How long what is kept.
    pub retention: Retention,
}
