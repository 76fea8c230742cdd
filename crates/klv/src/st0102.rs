//! Security metadata (MISB ST 0102): local and universal sets, alone or inside ST 0601 (item 48)
//! and EG 0104.

use crate::element::{ElementId, Elements};
use crate::form::Form::{Bytes, Text, Uint, Wide, Words};
use crate::form::{Checked::Peers, Form, ItemDef, LabelDef, SetDef, def, item};
use crate::value::Value;
use crate::write::SetWriter;

const CLASSIFICATIONS: &[(u64, &str)] = &[
    (1, "UNCLASSIFIED"),
    (2, "RESTRICTED"),
    (3, "CONFIDENTIAL"),
    (4, "SECRET"),
    (5, "TOP SECRET"),
];

/// Ways to name countries (item 2; item 122 of ST 0601).
pub(crate) const COUNTRY_METHODS: &[(u64, &str)] = &[
    (1, "ISO-3166 Two Letter"),
    (2, "ISO-3166 Three Letter"),
    (3, "FIPS 10-4 Two Letter"),
    (4, "FIPS 10-4 Four Letter"),
    (5, "ISO-3166 Numeric"),
    (6, "STANAG 1059 Two Letter"),
    (7, "STANAG 1059 Three Letter"),
    (10, "FIPS 10-4 Mixed"),
    (11, "ISO-3166 Mixed"),
    (12, "STANAG 1059 Mixed"),
    (13, "GENC Two Letter"),
    (14, "GENC Three Letter"),
    (15, "GENC Numeric"),
    (16, "GENC Mixed"),
];

/// The same for the countries in the picture (item 12).
const OBJECT_METHODS: &[(u64, &str)] = &[
    (1, "ISO-3166 Two Letter"),
    (2, "ISO-3166 Three Letter"),
    (3, "ISO-3166 Numeric"),
    (4, "FIPS 10-4 Two Letter"),
    (5, "FIPS 10-4 Four Letter"),
    (6, "STANAG 1059 Two Letter"),
    (7, "STANAG 1059 Three Letter"),
    (13, "GENC Two Letter"),
    (14, "GENC Three Letter"),
    (15, "GENC Numeric"),
    (64, "GENC Administrative Subdivision"),
];

/// The local set.
pub static LOCAL: SetDef = SetDef {
    source: "MISB ST 0102.12",
    clause: "table of the local set, tag {}",
    name: "Security Metadata Local Set",
    items: &ITEMS,
    labels: &[],
};

#[rustfmt::skip]
const ITEMS: [ItemDef; 24] = [
    item(1, "Security Classification", "", Words(1, CLASSIFICATIONS)),
    item(2, "Classifying Country and Releasing Instructions Country Coding Method", "", Words(1, COUNTRY_METHODS)),
    item(3, "Classifying Country", "", Text),
    item(4, "Security-SCI/SHI Information", "", Text),
    item(5, "Caveats", "", Text),
    item(6, "Releasing Instructions", "", Text),
    item(7, "Classified By", "", Text),
    item(8, "Derived From", "", Text),
    item(9, "Classification Reason", "", Text),
    item(10, "Declassification Date", "", Text),
    item(11, "Classification and Marking System", "", Text),
    item(12, "Object Country Coding Method", "", Words(1, OBJECT_METHODS)),
    item(13, "Object Country Codes", "", Wide),
    item(14, "Classification Comments", "", Text),
    item(15, "UMID Video", "", Bytes(32, 32)).checked(Peers),
    item(16, "UMID Audio", "", Bytes(32, 32)).checked(Peers),
    item(17, "UMID Data", "", Bytes(32, 32)).checked(Peers),
    item(18, "UMID System", "", Bytes(32, 32)).checked(Peers),
    item(19, "Stream ID", "", Uint(1)).checked(Peers),
    item(20, "Transport Stream ID", "", Uint(2)).checked(Peers),
    item(21, "Item Designator ID", "", Bytes(16, 16)).checked(Peers),
    item(22, "Version", "", Uint(2)),
    item(23, "Classifying Country Coding Method Version Date", "", Text),
    item(24, "Object Country Coding Method Version Date", "", Text),
];

/// The universal set; its items stand under the tags of the local one.
pub static UNIVERSAL: SetDef = SetDef {
    source: "MISB ST 0102.12",
    clause: "table of the universal set, {}",
    name: "Security Metadata Universal Set",
    items: &[],
    labels: &LABELS,
};

/// A line of the universal set, named as in the local one.
const fn label(label: u128, tag: u32, form: Form) -> LabelDef {
    LabelDef {
        label,
        tag,
        def: def(ITEMS[tag as usize - 1].def.name, "", form),
    }
}

#[rustfmt::skip]
static LABELS: [LabelDef; 20] = [
    label(0x060E_2B34_0101_0103_0208_0201_0000_0000, 1, Text),
    label(0x060E_2B34_0101_0103_0701_2001_0207_0000, 2, Text),
    label(0x060E_2B34_0101_0103_0701_2001_0208_0000, 3, Text),
    label(0x060E_2B34_0101_0101_0E01_0203_0200_0000, 4, Text),
    label(0x060E_2B34_0101_0103_0208_0202_0000_0000, 5, Text),
    label(0x060E_2B34_0101_0103_0701_2001_0209_0000, 6, Text),
    label(0x060E_2B34_0101_0103_0208_0203_0000_0000, 7, Text),
    label(0x060E_2B34_0101_0103_0208_0206_0000_0000, 8, Text),
    label(0x060E_2B34_0101_0103_0208_0204_0000_0000, 9, Text),
    label(0x060E_2B34_0101_0103_0208_0205_0000_0000, 10, Text),
    label(0x060E_2B34_0101_0103_0208_0208_0000_0000, 11, Text),
    label(0x060E_2B34_0101_0103_0701_2001_0206_0000, 12, Text),
    label(0x060E_2B34_0101_0103_0701_2001_0201_0100, 13, Wide),
    label(0x060E_2B34_0101_0103_0208_0207_0000_0000, 14, Text),
    label(0x060E_2B34_0101_0103_0103_0402_0000_0000, 19, Uint(1)),
    label(0x060E_2B34_0101_0103_0103_0403_0000_0000, 20, Uint(2)),
    label(0x060E_2B34_0101_0103_0103_0601_0000_0000, 21, Bytes(16, 16)),
    label(0x060E_2B34_0101_0101_0E01_0205_0400_0000, 22, Uint(2)),
    label(0x060E_2B34_0101_0101_0E01_0403_0300_0000, 23, Text),
    label(0x060E_2B34_0101_0101_0E01_0403_0400_0000, 24, Text),
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
    /// Reads the items of a security set.
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

    /// One line, as it is burnt into pictures: classification, country, caveats, releasing. Empty
    /// if nothing is known.
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
    Words(1, CLASSIFICATIONS).word(code)
}

/// A marking to be written: what ST 0102 asks of every stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marking<'a> {
    /// 1 unclassified, 2 restricted, 3 confidential, 4 secret, 5 top secret.
    pub classification: u8,
    /// Who classified it: a country's code of two letters (`ES`) or three (`ESP`), as GENC and
    /// ISO 3166 have them.
    pub country: &'a str,
    /// The country in the picture, likewise.
    pub object_country: &'a str,
    /// Caveats; none if empty.
    pub caveats: &'a str,
}

impl Marking<'_> {
    /// The local set: the value of item 48 of ST 0601.
    pub fn local_set(&self) -> Vec<u8> {
        const VERSION: u8 = 12;
        let mut set = SetWriter::new(&LOCAL);
        set.bytes(1, &[self.classification])
            .bytes(2, &[genc(self.country)])
            .bytes(3, format!("//{}", self.country).as_bytes());
        if !self.caveats.is_empty() {
            set.bytes(5, self.caveats.as_bytes());
        }
        let wide: Vec<u8> = self
            .object_country
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        set.bytes(12, &[genc(self.object_country)])
            .bytes(13, &wide)
            .bytes(22, &[0, VERSION]);
        set.into_bytes()
    }
}

/// How GENC codes of this length are named, in items 2 and 12 alike.
fn genc(code: &str) -> u8 {
    const TWO_LETTERS: u8 = 13;
    const THREE_LETTERS: u8 = 14;
    if code.len() == 2 {
        TWO_LETTERS
    } else {
        THREE_LETTERS
    }
}

/// The code of a classification in words, upper or lower case.
pub fn classification_code(words: &str) -> Option<u8> {
    CLASSIFICATIONS
        .iter()
        .find(|(_, name)| name.eq_ignore_ascii_case(words.trim()))
        .and_then(|(code, _)| u8::try_from(*code).ok())
}
