//! UAS datalink local set (MISB ST 0601).

mod encode;
mod imap;
pub mod table;

pub use encode::{EncodeError, SetBuilder};

use crate::element::Decoded;
use crate::value::{State, Value, signed, text, unsigned};
use table::{Kind, lookup};

/// Decodes one item by its table row; `None` for a tag without one.
pub(crate) fn decode(tag: u32, raw: &[u8]) -> Option<Decoded<'_>> {
    let definition = lookup(tag)?;
    let (value, state) = convert(definition.kind, raw);
    Some(Decoded {
        tag: None,
        name: definition.name,
        unit: definition.unit,
        value,
        state,
    })
}

/// The value of an item's bytes.
fn convert(kind: Kind, raw: &[u8]) -> (Value<'_>, State) {
    const MALFORMED: (Value<'static>, State) = (Value::None, State::Malformed);
    match kind {
        Kind::Text => text(raw),
        Kind::Nested => (Value::None, State::Unknown),
        Kind::M(min, max) => imap::decode(min, max, raw),
        // Senders shorten integers; a longer one than the standard's is still
        // the number it says.
        Kind::Uint(_) => unsigned(raw).map_or(MALFORMED, |n| (Value::Unsigned(n), State::Ok)),
        Kind::Int(_) => signed(raw).map_or(MALFORMED, |n| (Value::Signed(n), State::Ok)),
        Kind::Scaled(length, step) => match unsigned(raw) {
            Some(n) if raw.len() == usize::from(length) => {
                (Value::Number(n as f64 * step), State::Ok)
            }
            _ => MALFORMED,
        },
        Kind::U(length, min, max) => match unsigned(raw) {
            Some(n) if raw.len() == usize::from(length) => {
                let steps = unsigned_steps(length);
                (
                    Value::Number(min + n as f64 * ((max - min) / steps)),
                    State::Ok,
                )
            }
            _ => MALFORMED,
        },
        Kind::S(length, max, aside) => match signed(raw) {
            Some(n) if raw.len() == usize::from(length) => {
                let steps = signed_steps(length);
                if n as f64 == -steps - 1.0 {
                    (Value::None, aside)
                } else {
                    (Value::Number(n as f64 * (max / steps)), State::Ok)
                }
            }
            _ => MALFORMED,
        },
    }
}

/// Steps between the ends of an unsigned mapping: 2ⁿ - 1.
fn unsigned_steps(length: u8) -> f64 {
    2f64.powi(8 * i32::from(length)) - 1.0
}

/// Steps between zero and the end of a signed mapping: 2ⁿ⁻¹ - 1.
fn signed_steps(length: u8) -> f64 {
    2f64.powi(8 * i32::from(length) - 1) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(tag: u32, raw: &[u8]) -> f64 {
        match decode(tag, raw).unwrap().value {
            Value::Number(x) => x,
            other => panic!("{other:?}"),
        }
    }

    /// Examples printed in ST 0601 beside the items.
    #[test]
    fn the_standards_examples() {
        for (tag, raw, value, precision) in [
            (5, &[0x71, 0xC2][..], 159.974_4, 1e-4),
            (6, &[0xFD, 0x3D], -0.431_531_7, 1e-6),
            (7, &[0x08, 0xB8], 3.405_814, 1e-4),
            (13, &[0x55, 0x95, 0xB6, 0x6D], 60.176_822_966_978, 1e-9),
            (14, &[0x5B, 0x53, 0x60, 0xC4], 128.426_759_042_045, 1e-9),
            (15, &[0xC2, 0x21], 14_190.72, 1e-2),
            (16, &[0xCD, 0x9C], 144.571_3, 1e-4),
            (18, &[0x72, 0x4A, 0x0A, 0x20], 160.719_211_474_397, 1e-7),
            (19, &[0x87, 0xF8, 0x4B, 0x86], -168.792_324_833_941, 1e-7),
            (21, &[0x03, 0x83, 0x09, 0x26], 68_590.983, 1e-3),
            (26, &[0xC0, 0x6E], -0.037_250_55, 2e-6),
            (39, &[0x54], 84.0, 0.0),
        ] {
            let got = match decode(tag, raw).unwrap().value {
                Value::Number(x) => x,
                Value::Signed(n) => n as f64,
                other => panic!("{tag}: {other:?}"),
            };
            assert!((got - value).abs() <= precision, "{tag}: {got}");
        }
        // IMAPB, example of item 96 (13,898.5 m) and 112 (125 degrees).
        assert!((number(96, &[0x00, 0xD9, 0x2A]) - 13_898.5).abs() < 0.5);
        assert!((number(112, &[0x1F, 0x40]) - 125.0).abs() < 0.02);
    }

    #[test]
    fn values_set_aside_and_bad_lengths_have_their_states() {
        let state = |tag, raw: &'static [u8]| decode(tag, raw).unwrap().state;
        assert_eq!(state(6, &[0x80, 0]), State::OutOfRange);
        assert_eq!(state(13, &[0x80, 0, 0, 0]), State::Reserved);
        assert_eq!(state(26, &[0x80, 0]), State::Reserved);
        assert_eq!(state(13, &[1, 2, 3]), State::Malformed);
        assert_eq!(state(5, &[]), State::Malformed);
        assert_eq!(state(3, &[0xFF, 0xFE]), State::Malformed);
        assert_eq!(state(74, &[1]), State::Unknown);
        assert!(decode(144, &[1]).is_none() && decode(0, &[1]).is_none());
        assert_eq!(state(104, &[0xD0, 0, 0]), State::Nan);
        assert_eq!(state(104, &[0xC8, 0, 0]), State::OutOfRange);
    }
}
