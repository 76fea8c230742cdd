//! `[[rule]]`: what a watch officer wants to be told.

use crate::alert::Severity;
use crate::detection::Class;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// Somebody stays in the zone for longer than `longer_than_s`.
    Dwell,
    /// Somebody comes into the zone.
    Arrival,
    /// Somebody leaves the zone.
    Departure,
}

/// Whom a rule is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Cars, pickups, trucks.
    Vehicle,
    /// Trucks only.
    Truck,
    /// Persons.
    Person,
    /// Anything that is followed.
    #[default]
    Any,
}

impl Subject {
    /// Does a class belong?
    pub fn covers(self, class: Class) -> bool {
        match self {
            Self::Vehicle => class.is_vehicle(),
            Self::Truck => class == Class::Truck,
            Self::Person => class == Class::Person,
            Self::Any => true,
        }
    }
}

/// A watch rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Short name, used in alerts.
    pub id: String,
    /// What happens.
    pub kind: RuleKind,
    /// Where.
    pub zone: String,
    /// Who.
    #[serde(default)]
    pub subject: Subject,
    /// For `dwell`: seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longer_than_s: Option<f64>,
    /// How loud.
    #[serde(default)]
    pub severity: Severity,
}
