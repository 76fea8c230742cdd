//! What a watch officer is told, as `alert/1` records.

use crate::evidence::EvidenceRef;
use crate::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How loud.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// For the log.
    Info,
    /// For the screen.
    #[default]
    Warning,
    /// For the bell.
    Critical,
}

/// Open → acknowledged → closed; or rejected by a person as not so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has answered.
    Open,
    /// A person has seen it.
    Acknowledged,
    /// A person says it is not so.
    Rejected,
    /// Done.
    Closed,
}

/// An `alert/1` record (FORMATS).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alert {
    /// Always `alert/1`.
    pub schema: String,
    /// Unique within a run, and the same when the run is repeated.
    pub id: String,
    /// The rule that raised it.
    pub rule: String,
    /// Event time at which it was raised.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub opened_at: Micros,
    /// Zone it concerns.
    pub zone: String,
    /// Who.
    pub subjects: Vec<String>,
    /// Ids of the events that led to it.
    pub events: Vec<String>,
    /// How loud.
    pub severity: Severity,
    /// Why, in words.
    pub reason: String,
    /// Where it stands.
    pub state: AlertState,
    /// Latitude, degrees, when placed.
    pub lat: Option<f64>,
    /// Longitude, degrees, when placed.
    pub lon: Option<f64>,
    /// What it rests on.
    pub evidence: Vec<EvidenceRef>,
}

impl Alert {
    /// `alert/1`.
    pub const SCHEMA: &'static str = "alert/1";
}
