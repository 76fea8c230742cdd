//! The closed list of what a chip may show.

use atalaya_model::{Class, never};
use serde::{Deserialize, Serialize};

/// What a chip shows. Numbers are those of [`Class`], with nothing in place of unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Ground, a shadow, leaves, a part of a building.
    Nothing,
    /// A person.
    Person,
    /// A car.
    Car,
    /// A pickup.
    Pickup,
    /// A truck.
    Truck,
    /// Something else that moves.
    Other,
}

/// A word that is no label: one line for people.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// Faces, plates, bodies.
    #[error("class '{0}' is never taken: {1}")]
    Forbidden(String, &'static str),
    /// Not in the list.
    #[error("class '{0}' is not known; write nothing, person, car, pickup, truck or other")]
    Unknown(String),
}

const BIOMETRIC: &str = "a biometric; people are followed as anonymous tracks only";
const PLATE: &str = "number plates are not read";

/// Words beside those of `model::never` that name a part of a body by which people are told apart.
const BODY: [&str; 9] = [
    "palmprint",
    "palmprints",
    "fingerprint",
    "ear",
    "ears",
    "tattoo",
    "tattoos",
    "eye",
    "eyes",
];
/// Words that name a number plate.
const PLATES: [&str; 8] = [
    "plate",
    "plates",
    "licenseplate",
    "licenceplate",
    "numberplate",
    "anpr",
    "alpr",
    "matricula",
];

/// Why a class of this name is never taken, if it is one of a face, another part of a body that tells
/// people apart, or a number plate.
pub fn forbidden(name: &str) -> Option<&'static str> {
    if never(name).is_some_and(|n| n.name() == "biometric") {
        return Some(BIOMETRIC);
    }
    let lower = name.to_lowercase();
    lower
        .split(|c: char| !c.is_alphabetic())
        .find_map(|word| match word {
            w if PLATES.contains(&w) => Some(PLATE),
            w if BODY.contains(&w) || w.starts_with("face") => Some(BIOMETRIC),
            _ => None,
        })
}

impl Label {
    /// All, by their numbers.
    pub const ALL: [Self; 6] = [
        Self::Nothing,
        Self::Person,
        Self::Car,
        Self::Pickup,
        Self::Truck,
        Self::Other,
    ];
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The number, 0 to 5.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The label of a number.
    pub fn from_index(i: usize) -> Option<Self> {
        Self::ALL.get(i).copied()
    }

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            _ => self.class().name(),
        }
    }

    /// As the class of a detection; nothing is of no known class.
    pub fn class(self) -> Class {
        Class::from_number(self.index() as u8).unwrap_or_default()
    }

    /// A word of a manifest, in any case.
    pub fn parse(word: &str) -> Result<Self, LabelError> {
        let said = word.trim();
        let shown: String = said.chars().take(40).collect();
        if let Some(why) = forbidden(said) {
            return Err(LabelError::Forbidden(shown, why));
        }
        let lower = said.to_lowercase();
        Self::ALL
            .into_iter()
            .find(|l| l.name() == lower)
            .ok_or(LabelError::Unknown(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_labels_or_refused_with_the_reason() {
        assert_eq!(Label::parse(" Truck "), Ok(Label::Truck));
        assert_eq!(Label::parse("nothing"), Ok(Label::Nothing));
        for bad in [
            "face",
            "Human Face",
            "license_plate",
            "number-plate",
            "gait",
            "faces",
            "iris",
        ] {
            let said = Label::parse(bad).unwrap_err();
            assert!(matches!(said, LabelError::Forbidden(..)), "{bad}: {said}");
        }
        assert!(matches!(
            Label::parse("boat"),
            Err(LabelError::Unknown(w)) if w == "boat"
        ));
        for (i, l) in Label::ALL.into_iter().enumerate() {
            assert_eq!((l.index(), Label::from_index(i)), (i, Some(l)));
            assert_eq!(Label::parse(l.name()), Ok(l));
        }
    }

    #[test]
    fn harmless_words_are_not_forbidden() {
        for fine in [
            "person",
            "surface",
            "template",
            "car",
            "gear",
            "interface",
            "0",
        ] {
            assert_eq!(forbidden(fine), None, "{fine}");
        }
    }
}
