//! What a translation says of itself.

use crate::EntityKind;
use serde::Serialize;

/// A line's translation: a record of `translation/1`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Translation {
    /// `translation/1`.
    pub schema: &'static str,
    /// The line.
    pub source: String,
    /// What it became.
    pub target: String,
    /// Whose work this is: the engine's name for a machine's, `memory` for people's, both joined by `+`.
    pub engine: String,
    /// What had to be kept.
    pub entities: Vec<KeptEntity>,
    /// What a person has to look at.
    pub flags: Vec<String>,
    /// Terms of the trade.
    pub glossary: Vec<UsedTerm>,
    /// Similar sentences that people have translated.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub memory: Vec<Suggestion>,
    /// People's corrections that stand in the target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Correction>,
}

/// A correction that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// Who stands for it.
    pub author: String,
    /// Its number in the store it is kept in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<i64>,
    /// It was made of this very sentence; else of one with other names and numbers in the same places.
    pub exact: bool,
}

/// An entity of the source, and whether the target has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptEntity {
    /// As it stands in the source.
    pub text: String,
    /// What it is.
    pub kind: EntityKind,
    /// First byte in the source.
    pub start: usize,
    /// Byte behind the last.
    pub end: usize,
    /// The target has it once for each time that the source has it.
    pub kept: bool,
    /// As it stands in the target, where that differs: a date with the month's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<String>,
}

/// A term of the glossary that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UsedTerm {
    /// As it stands in the source.
    pub term: String,
    /// What was put in its place.
    pub used: String,
    /// `legal`, `technical`, `colloquial`, `slang`.
    pub register: String,
    /// Where it is documented.
    pub source: String,
}

/// A similar sentence of the memory.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suggestion {
    /// How similar, 0 to 1.
    pub score: f64,
    /// The sentence in the memory.
    pub source: String,
    /// Its translation.
    pub target: String,
}
