//! `[[authority.target]]`: what the authority named in advance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of thing a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// A vehicle.
    Vehicle,
    /// A place.
    Place,
    /// A person, only one that `authority.persons` names. No picture is ever compared with a person:
    /// a match is what people say who know the case.
    Person,
}

/// A target. That an alert is about it is proposed by one person and confirmed by another; nothing
/// says so by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Its name in the order.
    pub name: String,
    /// What it is.
    pub kind: TargetKind,
    /// How the order describes it.
    #[serde(default)]
    pub description: String,
}
