//! What may never be lost or changed: found by shape, by lists, by the words around it.
//!
//! Every digit of a line is part of some entity, so that an engine that makes up or changes a number
//! is always caught. Kinds are a guess where shapes are shared (a Colombian plate and a case number);
//! what is kept does not depend on them.

mod lists;
mod names;
mod patterns;
mod words;

use crate::Language;
use serde::{Deserialize, Serialize};
use std::ops::Range;

pub(crate) use lists::{fold, ordinary};

/// What an entity is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EntityKind {
    /// A person's name, without the title.
    Person,
    /// An organisation's name, acronyms among them.
    Organisation,
    /// A place's name.
    Place,
    /// A proper name of which it can't be told whose it is: makes of cars, ships, nicknames.
    Name,
    /// A number plate.
    Plate,
    /// A telephone number.
    Phone,
    /// A position: decimal degrees, degrees and minutes, UTM, MGRS.
    Coordinate,
    /// A time of day, a date, both.
    Time,
    /// A number, with its unit where that is a symbol.
    Quantity,
    /// An address on the net, a case number, a serial number.
    Reference,
}

/// An entity in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What it is.
    pub kind: EntityKind,
    /// How the other language writes it, where that is not the same: a date with the month's name.
    pub other: Option<String>,
}

/// The entities of a line in a language, in order, apart from each other.
pub fn find(text: &str, language: Language) -> Vec<Entity> {
    let mut taken = Taken {
        marks: vec![false; text.len()],
        found: Vec::new(),
    };
    patterns::find(text, language, &mut taken);
    names::find(text, language, &mut taken);
    taken.found.sort_by_key(|e| e.span.start);
    taken.found
}

/// What has been found so far: the first to claim a stretch has it.
pub(crate) struct Taken {
    marks: Vec<bool>,
    found: Vec<Entity>,
}

impl Taken {
    fn free(&self, span: &Range<usize>) -> bool {
        !self.marks[span.clone()].contains(&true)
    }

    fn take(&mut self, span: Range<usize>, kind: EntityKind, other: Option<String>) -> bool {
        if span.is_empty() || !self.free(&span) {
            return false;
        }
        self.marks[span.clone()].fill(true);
        self.found.push(Entity { span, kind, other });
        true
    }
}
