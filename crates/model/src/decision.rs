//! What people decide on an alert, as `decision/1` records, and the targets it may match.

use crate::person::{Author, Done};
use crate::time::Micros;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What can be decided. There is nothing else: no choice sends anything but words and eyes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Go on watching as tasked.
    Continue,
    /// Watch something else, or otherwise.
    ChangeTasking,
    /// Give it to a partner that the authority names.
    ReferToPartner,
    /// Ask the issuing authority for an order.
    SeekOrder,
    /// Recommend to those authorised that they enter. Only after a person has confirmed that the
    /// alert matches a target that the authority named in advance.
    RecommendEntry,
}

impl Choice {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Continue,
        Self::ChangeTasking,
        Self::ReferToPartner,
        Self::SeekOrder,
        Self::RecommendEntry,
    ];

    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Continue => "continue",
            Self::ChangeTasking => "change_tasking",
            Self::ReferToPartner => "refer_to_partner",
            Self::SeekOrder => "seek_order",
            Self::RecommendEntry => "recommend_entry",
        }
    }
}

/// A `decision/1` record: who decided what on an alert, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Always `decision/1`.
    pub schema: String,
    /// Number in the store, from 1.
    pub n: i64,
    /// The run of the alert.
    pub run: String,
    /// The alert's id in its run.
    pub alert: String,
    /// What is known and what is not.
    pub assessment: String,
    /// What was considered; the choice is one of them.
    pub options: Vec<Choice>,
    /// What was decided.
    pub choice: Choice,
    /// Why.
    pub reason: String,
    /// For `refer_to_partner`: to whom.
    pub partner: Option<String>,
    /// For `recommend_entry`: the target whose match was confirmed.
    pub target: Option<String>,
    /// Who decided.
    pub by: Author,
    /// When, wall time.
    #[serde(with = "crate::time::rfc3339")]
    #[schemars(with = "String")]
    pub at: Micros,
}

impl Decision {
    /// `decision/1`.
    pub const SCHEMA: &'static str = "decision/1";
}

/// Where a match with a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchState {
    /// Somebody thinks so.
    Proposed,
    /// Another person has looked, and says so too.
    Confirmed,
    /// Another person has looked, and says that it is not so.
    Denied,
}

impl MatchState {
    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Confirmed => "confirmed",
            Self::Denied => "denied",
        }
    }
}

/// A `target-match/1` record: an alert may be about a target that the authority named in advance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetMatch {
    /// Always `target-match/1`.
    pub schema: String,
    /// Number in the store, from 1.
    pub n: i64,
    /// The run of the alert.
    pub run: String,
    /// The alert's id in its run.
    pub alert: String,
    /// The target's name in the authority.
    pub target: String,
    /// Where it stands.
    pub state: MatchState,
    /// Why it may be so.
    pub reason: String,
    /// Who proposed it.
    pub proposed: Done,
    /// What the other person says.
    pub answer: Option<String>,
    /// Who answered: never who proposed it.
    pub answered: Option<Done>,
}

impl TargetMatch {
    /// `target-match/1`.
    pub const SCHEMA: &'static str = "target-match/1";
}
