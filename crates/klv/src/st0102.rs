//! Security metadata (MISB ST 0102): local and universal sets, alone or inside
//! ST 0601 (item 48) and EG 0104.

use crate::ber;
use crate::element::{Decoded, ElementId, Elements};
use crate::key::{Key, Standard};
use crate::value::{State, Value, text, unsigned};

/// Classifications by their code in the local set.
const CLASSIFICATIONS: [&str; 5] = [
    "UNCLASSIFIED",
    "RESTRICTED",
    "CONFIDENTIAL",
    "SECRET",
    "TOP SECRET",
];

/// Names of the local set's items by tag (tag 1 first; empty: not assigned).
const NAMES: [&str; 24] = [
    "Security Classification",
    "Classifying Country and Releasing Instructions Country Coding Method",
    "Classifying Country",
    "Security-SCI/SHI Information",
    "Caveats",
    "Releasing Instructions",
    "Classified By",
    "Derived From",
    "Classification Reason",
    "Declassification Date",
    "Classification and Marking System",
    "Object Country Coding Method",
    "Object Country Codes",
    "Classification Comments",
    "",
    "",
    "",
    "",
    "Stream ID",
    "Transport Stream ID",
    "Item Designator ID",
    "Version",
    "Classifying Country Coding Method Version Date",
    "Object Country Coding Method Version Date",
];

/// Labels of the universal set and the local tag with the same meaning.
#[rustfmt::skip]
const UNIVERSAL: [(u128, u32); 6] = [
    (0x060E_2B34_0101_0103_0208_0201_0000_0000, 1),
    (0x060E_2B34_0101_0103_0701_2001_0207_0000, 2),
    (0x060E_2B34_0101_0103_0701_2001_0208_0000, 3),
    (0x060E_2B34_0101_0101_0E01_0203_0200_0000, 4),
    (0x060E_2B34_0101_0103_0208_0202_0000_0000, 5),
    (0x060E_2B34_0101_0103_0701_2001_0209_0000, 6),
];

/// What a marking says, as far as people read it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Security {
    /// Classification in words, upper case (`UNCLASSIFIED`).
    pub classification: Option<String>,
    /// Classifying country as sent (`//US`).
    pub country: Option<String>,
    /// Caveats.
    pub caveats: Option<String>,
    /// Countries that it may be released to.
    pub releasing: Option<String>,
}

impl Security {
    /// Reads the value of a security set.
    pub fn of(elements: Elements<'_>) -> Self {
        let mut security = Self::default();
        for element in elements {
            let ElementId::Tag(tag) = element.id else {
                continue;
            };
            match (tag, element.value) {
                (1, Value::Unsigned(code)) => {
                    security.classification = classification(code).map(str::to_owned);
                }
                (1, Value::Text(text)) => {
                    security.classification = Some(text.trim_end_matches('/').to_owned());
                }
                (3, Value::Text(text)) => security.country = Some(text.to_owned()),
                (5, Value::Text(text)) => security.caveats = Some(text.to_owned()),
                (6, Value::Text(text)) => security.releasing = Some(text.to_owned()),
                _ => {}
            }
        }
        security
    }

    /// One line, as it is burnt into pictures: classification, country,
    /// caveats, releasing. Empty if nothing is known.
    pub fn line(&self) -> String {
        [
            &self.classification,
            &self.country,
            &self.caveats,
            &self.releasing,
        ]
        .into_iter()
        .flatten()
        .map(|part| part.trim_start_matches('/'))
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("//")
    }
}

/// The words of a classification code of the local set.
pub fn classification(code: u64) -> Option<&'static str> {
    let row = usize::try_from(code).ok()?.checked_sub(1)?;
    CLASSIFICATIONS.get(row).copied()
}

/// Items of a security local set that has no label of its own (item 48).
pub fn local_elements(value: &[u8], offset: u64) -> Elements<'_> {
    Elements::new(Standard::St0102Local, value, offset)
}

/// Items of a security universal set inside another.
pub fn universal_elements(value: &[u8], offset: u64) -> Elements<'_> {
    Elements::new(Standard::St0102Universal, value, offset)
}

/// The value of a security local set for item 48 of ST 0601: classification
/// code (1 unclassified to 5 top secret), classifying country as a code of
/// ISO 3166 with two letters, caveats, version.
pub fn local_set(classification: u8, country: &str, caveats: &str) -> Vec<u8> {
    const ISO_3166_TWO_LETTER: u8 = 1;
    const VERSION: u8 = 12;
    let mut out = Vec::new();
    let mut item = |tag: u32, bytes: &[u8]| {
        ber::write_oid(tag, &mut out);
        ber::write_length(bytes.len(), &mut out);
        out.extend_from_slice(bytes);
    };
    item(1, &[classification]);
    item(2, &[ISO_3166_TWO_LETTER]);
    item(3, format!("//{country}").as_bytes());
    if !caveats.is_empty() {
        item(5, caveats.as_bytes());
    }
    item(22, &[0, VERSION]);
    out
}

/// Decodes one item of the local set.
pub(crate) fn decode(tag: u32, raw: &[u8]) -> Option<Decoded<'_>> {
    let name = name(tag)?;
    let (value, state) = match tag {
        1 | 2 | 12 | 19 | 20 | 22 => number(raw),
        // UTF-16, which cannot be borrowed, and an identifier.
        13 | 21 => (Value::None, State::Unknown),
        _ => text(raw),
    };
    Some(decoded(None, name, value, state))
}

/// Decodes one item of the universal set, under its local tag.
pub(crate) fn decode_universal(key: Key, raw: &[u8]) -> Option<Decoded<'_>> {
    let &(_, tag) = UNIVERSAL
        .iter()
        .find(|(label, _)| Key::of(*label).same(key))?;
    let (value, state) = text(raw);
    Some(decoded(Some(tag), name(tag)?, value, state))
}

fn decoded<'a>(
    tag: Option<u32>,
    name: &'static str,
    value: Value<'a>,
    state: State,
) -> Decoded<'a> {
    Decoded {
        tag,
        name,
        unit: "",
        value,
        state,
    }
}

fn number(raw: &[u8]) -> (Value<'_>, State) {
    unsigned(raw).map_or((Value::None, State::Malformed), |n| {
        (Value::Unsigned(n), State::Ok)
    })
}

fn name(tag: u32) -> Option<&'static str> {
    let row = usize::try_from(tag).ok()?.checked_sub(1)?;
    NAMES.get(row).copied().filter(|name| !name.is_empty())
}
