//! What a model says about itself.

use crate::chip::label::Label;
use crate::chip::score::Score;
use atalaya_model::Micros;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a model was trained on, how well it does, and until when it may be used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// The seed of its training.
    pub seed: u64,
    /// Chips that it was trained on, with variations, by what they show.
    pub chips: BTreeMap<Label, u64>,
    /// Where they come from.
    pub sources: Vec<Source>,
    /// Chips that must be deleted one day: a model goes with the first of them.
    pub retained: Vec<Retained>,
    /// When that is, event time.
    #[serde(with = "atalaya_model::rfc3339::option")]
    pub delete_by: Option<Micros>,
    /// How well it does on chips of the same sources that it was neither trained nor calibrated on.
    pub held_out: Option<Score>,
    /// How well it does on chips of other sources; none was used for anything else.
    pub checked: Vec<Checked>,
}

/// What kind of place chips come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// A simulated world.
    Simulated,
    /// Pictures of the real world.
    Real,
}

/// Where chips come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// What kind it is.
    pub kind: SourceKind,
    /// Under which licence, or whose operation's.
    pub licence: String,
    /// SHA-256 of its pictures in hex; of a folder, of the SHA-256 of its chips in order.
    pub sha256: String,
    /// Chips, without variations, by what they show.
    pub chips: BTreeMap<Label, u64>,
}

/// A chip that must be deleted one day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Retained {
    /// SHA-256 of its picture in hex.
    pub sha256: String,
    /// The operation it is from.
    pub operation: String,
    /// When it has to go.
    #[serde(with = "atalaya_model::rfc3339")]
    pub delete_by: Micros,
}

/// A score on chips of another source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// The source.
    pub name: String,
    /// What kind it is.
    pub kind: SourceKind,
    /// The score.
    pub score: Score,
}
