//! Values of items, and how well they are known.

/// A decoded value. Text and bytes borrow from the packet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A measured quantity in the unit of its definition.
    Number(f64),
    /// A count, code, bit field or time.
    Unsigned(u64),
    /// A signed count.
    Signed(i64),
    /// UTF-8 text.
    Text(&'a str),
    /// UTF-16 text, big endian, of whole and paired units ([`utf16`] reads it).
    Wide(&'a [u8]),
    /// A universally unique identifier.
    Uuid(&'a [u8; 16]),
    /// Bytes that are a value as they are: an image, a universal label.
    Bytes(&'a [u8]),
    /// A set, pack, series or array: see [`Element::parts`](crate::Element::parts).
    Parts,
    /// No value: see the state, and the raw bytes.
    None,
}

impl<'a> Value<'a> {
    /// As a number, whatever its kind.
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Number(x) => Some(x),
            Self::Unsigned(n) => Some(n as f64),
            Self::Signed(n) => Some(n as f64),
            _ => None,
        }
    }

    /// As unsigned, if it is.
    pub fn unsigned(self) -> Option<u64> {
        match self {
            Self::Unsigned(n) => Some(n),
            _ => None,
        }
    }

    /// As signed, if it is a whole number that fits.
    pub fn signed(self) -> Option<i64> {
        match self {
            Self::Unsigned(n) => i64::try_from(n).ok(),
            Self::Signed(n) => Some(n),
            _ => None,
        }
    }

    /// As UTF-8 text, if it is.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// How an item's bytes were understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// The value stands.
    Ok,
    /// The sender says that the quantity is out of the item's range.
    OutOfRange,
    /// The same, and that it lies below (ST 1201).
    BelowMinimum,
    /// The same, and that it lies above (ST 1201).
    AboveMaximum,
    /// Infinite, positive.
    PositiveInfinity,
    /// Infinite, negative.
    NegativeInfinity,
    /// Not a number.
    Nan,
    /// The bytes are set aside by the standard ("off earth", future use).
    Reserved,
    /// The bytes are for the sender's own use (ST 1201).
    UserDefined,
    /// No bytes: the sender knows the item but has no value now.
    Empty,
    /// The item is not known, or its bytes are of a kind that has no value.
    Unknown,
    /// The bytes cannot be this item's value.
    Malformed,
}

impl State {
    /// All states.
    pub const ALL: [Self; 12] = [
        Self::Ok,
        Self::OutOfRange,
        Self::BelowMinimum,
        Self::AboveMaximum,
        Self::PositiveInfinity,
        Self::NegativeInfinity,
        Self::Nan,
        Self::Reserved,
        Self::UserDefined,
        Self::Empty,
        Self::Unknown,
        Self::Malformed,
    ];

    /// Its name as `state` of `klv/1` records, of which there are six.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::OutOfRange
            | Self::BelowMinimum
            | Self::AboveMaximum
            | Self::PositiveInfinity
            | Self::NegativeInfinity => "out_of_range",
            Self::Nan => "nan",
            Self::Reserved | Self::UserDefined => "reserved",
            Self::Empty | Self::Unknown => "unknown",
            Self::Malformed => "malformed",
        }
    }

    /// What tells it from others of the same name: `detail` of `klv/1` records.
    pub fn detail(self) -> Option<&'static str> {
        match self {
            Self::BelowMinimum => Some("below_minimum"),
            Self::AboveMaximum => Some("above_maximum"),
            Self::PositiveInfinity => Some("positive_infinity"),
            Self::NegativeInfinity => Some("negative_infinity"),
            Self::UserDefined => Some("user_defined"),
            Self::Empty => Some("empty"),
            _ => None,
        }
    }
}

/// Characters of big-endian UTF-16; a unit without its pair is U+FFFD, and an odd last byte is
/// left out.
pub fn utf16(raw: &[u8]) -> impl Iterator<Item = char> + '_ {
    let units = raw.as_chunks::<2>().0.iter();
    char::decode_utf16(units.map(|u| u16::from_be_bytes(*u)))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Big-endian unsigned number of up to eight bytes.
#[inline]
pub(crate) fn unsigned(raw: &[u8]) -> Option<u64> {
    // The lengths that nearly all items have, without a loop.
    match *raw {
        [a] => Some(u64::from(a)),
        [a, b] => Some(u64::from(u16::from_be_bytes([a, b]))),
        [a, b, c, d] => Some(u64::from(u32::from_be_bytes([a, b, c, d]))),
        [a, b, c, d, e, f, g, h] => Some(u64::from_be_bytes([a, b, c, d, e, f, g, h])),
        [] => None,
        _ if raw.len() > 8 => None,
        _ => Some(raw.iter().fold(0, |n, &byte| n << 8 | u64::from(byte))),
    }
}

/// Big-endian two's complement number of up to eight bytes.
#[inline]
pub(crate) fn signed(raw: &[u8]) -> Option<i64> {
    let n = unsigned(raw)?;
    let shift = 64 - 8 * raw.len() as u32;
    Some((n << shift) as i64 >> shift)
}
