//! Predator basic universal metadata set (MISB EG 0104): items with 16-byte
//! labels and IEEE numbers, mapped to the ST 0601 tags that took their place.

use crate::element::Decoded;
use crate::key::Key;
use crate::st0601::table::lookup;
use crate::value::{State, Value, finite, text, unsigned};

/// Label of the angle from true north to the line of sight's azimuth, degrees.
pub const ANGLE_TO_NORTH: Key = Key::of(0x060E_2B34_0101_0101_0701_1001_0200_0000);
/// Label of the angle of the line of sight below the horizontal, degrees
/// (negative downwards).
pub const OBLIQUITY_ANGLE: Key = Key::of(0x060E_2B34_0101_0101_0701_1001_0300_0000);

/// Items with a tag in ST 0601, sorted by label without its version byte.
#[rustfmt::skip]
const ITEMS: &[(u128, u32)] = &[
    (0x060E_2B34_0101_0103_0702_0101_0105_0000, 2),
    (0x060E_2B34_0101_0101_0105_0500_0000_0000, 3),
    (0x060E_2B34_0101_0107_0701_1001_0600_0000, 5),
    (0x060E_2B34_0101_0107_0701_1001_0500_0000, 90),
    (0x060E_2B34_0101_0107_0701_1001_0400_0000, 91),
    (0x060E_2B34_0101_0101_0101_2001_0000_0000, 10),
    (0x060E_2B34_0101_0101_0420_0102_0101_0000, 11),
    (0x060E_2B34_0101_0101_0701_0101_0000_0000, 12),
    (0x060E_2B34_0101_0103_0701_0201_0204_0200, 13),
    (0x060E_2B34_0101_0103_0701_0201_0206_0200, 14),
    (0x060E_2B34_0101_0101_0701_0201_0202_0000, 15),
    (0x060E_2B34_0101_0102_0420_0201_0108_0000, 16),
    (0x060E_2B34_0101_0107_0420_0201_010A_0100, 17),
    (0x060E_2B34_0101_0101_0701_1001_0100_0000, 20),
    (0x060E_2B34_0101_0101_0701_0801_0100_0000, 21),
    (0x060E_2B34_0101_0101_0701_0902_0100_0000, 22),
    (0x060E_2B34_0101_0101_0701_0201_0302_0000, 23),
    (0x060E_2B34_0101_0101_0701_0201_0304_0000, 24),
    (0x060E_2B34_0101_010A_0701_0201_0316_0000, 25),
    (0x060E_2B34_0101_0103_0701_0201_0307_0100, 82),
    (0x060E_2B34_0101_0103_0701_0201_030B_0100, 83),
    (0x060E_2B34_0101_0103_0701_0201_0308_0100, 84),
    (0x060E_2B34_0101_0103_0701_0201_030C_0100, 85),
    (0x060E_2B34_0101_0103_0701_0201_0309_0100, 86),
    (0x060E_2B34_0101_0103_0701_0201_030D_0100, 87),
    (0x060E_2B34_0101_0103_0701_0201_030A_0100, 88),
    (0x060E_2B34_0101_0103_0701_0201_030E_0100, 89),
];

/// Decodes one item; `None` for a label that is not known.
pub(crate) fn decode(key: Key, raw: &[u8]) -> Option<Decoded<'_>> {
    if let Some(&(_, tag)) = ITEMS.iter().find(|(label, _)| Key::of(*label).same(key)) {
        let definition = lookup(tag)?;
        let (value, state) = match tag {
            2 => unsigned(raw).map_or((Value::None, State::Malformed), |n| {
                (Value::Unsigned(n), State::Ok)
            }),
            3 | 10 | 11 | 12 => text(raw),
            _ => number(raw),
        };
        return Some(Decoded {
            tag: Some(tag),
            name: definition.name,
            unit: definition.unit,
            value,
            state,
        });
    }
    if key.same(Key::ST0102_UNIVERSAL) {
        // Where ST 0601 has its security local set.
        return Some(Decoded {
            tag: Some(48),
            name: "Security Universal Metadata Set",
            unit: "",
            value: Value::None,
            state: State::Unknown,
        });
    }
    let name = if key.same(ANGLE_TO_NORTH) {
        "Angle to North"
    } else if key.same(OBLIQUITY_ANGLE) {
        "Obliquity Angle"
    } else {
        return None;
    };
    let (value, state) = number(raw);
    Some(Decoded {
        tag: None,
        name,
        unit: "deg",
        value,
        state,
    })
}

/// IEEE 754 numbers of four or eight bytes.
fn number(raw: &[u8]) -> (Value<'static>, State) {
    if let Ok(bytes) = <[u8; 8]>::try_from(raw) {
        return finite(f64::from_be_bytes(bytes));
    }
    match <[u8; 4]>::try_from(raw) {
        Ok(bytes) => finite(f64::from(f32::from_be_bytes(bytes))),
        Err(_) => (Value::None, State::Malformed),
    }
}
