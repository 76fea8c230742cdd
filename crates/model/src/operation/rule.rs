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
    /// Gas is emitted from the zone, or from no further than `near_m` outside it.
    Emission,
    /// Somebody is in the zone within `within_s` of an emission from it (or from `source_zone`): one
    /// alert for both.
    EmissionVisit,
    /// A ground sensor says that somebody is in the zone.
    Tripwire,
}

/// The zone of a rule that holds everywhere.
pub const ANYWHERE: &str = "*";

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
    /// Where: a zone; for `emission` and `tripwire` also `"*"`, anywhere.
    pub zone: String,
    /// Who.
    #[serde(default)]
    pub subject: Subject,
    /// For `dwell`: seconds. For `emission_visit`: the visit lasts at least so many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longer_than_s: Option<f64>,
    /// For `emission` and `emission_visit`: the emission's probability is at least this [default:
    /// 0.9].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_at_least: Option<f64>,
    /// For `emission` and `emission_visit`: the source may lie so far outside its zone, metres
    /// [default: 0].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub near_m: Option<f64>,
    /// For `emission_visit`: seconds between visit and emission [default: 600].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_s: Option<f64>,
    /// For `emission_visit`: the zone that the gas comes from, when it is another than `zone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_zone: Option<String>,
    /// How loud.
    #[serde(default)]
    pub severity: Severity,
}

impl Rule {
    /// The least probability of an emission.
    pub fn p_at_least(&self) -> f64 {
        self.p_at_least.unwrap_or(0.9)
    }

    /// How far outside its zone a source may lie, metres.
    pub fn near_m(&self) -> f64 {
        self.near_m.unwrap_or(0.0)
    }

    /// The longest time between a visit and an emission, seconds.
    pub fn within_s(&self) -> f64 {
        self.within_s.unwrap_or(600.0)
    }

    /// The zone that gas comes from.
    pub fn source_zone(&self) -> &str {
        self.source_zone.as_deref().unwrap_or(&self.zone)
    }
}
