//! What a watch officer is told, as `alert/1` records.

use crate::event::Reason;
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

/// Open → acknowledged → closed; or rejected by a person as not so; or expired unanswered.
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
    /// Nobody answered in the time that its rule gives.
    Expired,
}

/// What has become of an alert since it was raised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertLife {
    /// Event time of the last thing that joined or changed it.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub updated_at: Micros,
    /// How often it would have been raised: 1, and one more for every duplicate that joined. Its
    /// `events` and `evidence` are bounded; this is not.
    pub count: u32,
    /// When it became louder because nobody answered.
    #[serde(
        default,
        with = "crate::time::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub escalated_at: Option<Micros>,
    /// When it expires if nobody answers.
    #[serde(
        default,
        with = "crate::time::rfc3339::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub expires_at: Option<Micros>,
    /// Probability that people will call it right, as they called those before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_right: Option<f64>,
    /// What was held against it or for it: quiet hours, answers to earlier alerts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
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
    /// What has become of it, where its rule keeps count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life: Option<AlertLife>,
}

impl Alert {
    /// `alert/1`.
    pub const SCHEMA: &'static str = "alert/1";
}
