//! Values of items, and how well they are known.

/// A decoded value. Text and bytes borrow from the packet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// A measured quantity in the unit of its definition.
    Number(f64),
    /// A count, code or time.
    Unsigned(u64),
    /// A signed count.
    Signed(i64),
    /// UTF-8 text.
    Text(&'a str),
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
            Self::Text(_) | Self::None => None,
        }
    }

    /// As unsigned, if it is.
    pub fn unsigned(self) -> Option<u64> {
        match self {
            Self::Unsigned(n) => Some(n),
            _ => None,
        }
    }

    /// As text, if it is.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// How an item's bytes were understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// The value stands.
    Ok,
    /// The sender says that the quantity is out of the item's range.
    OutOfRange,
    /// The bytes are set aside by the standard ("no value", "off earth").
    Reserved,
    /// Not a number.
    Nan,
    /// The item is not known, or not decoded further.
    Unknown,
    /// The bytes cannot be this item's value.
    Malformed,
}

impl State {
    /// Its name in `klv/1` records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::OutOfRange => "out_of_range",
            Self::Reserved => "reserved",
            Self::Nan => "nan",
            Self::Unknown => "unknown",
            Self::Malformed => "malformed",
        }
    }
}

/// Big-endian unsigned number of up to eight bytes.
pub(crate) fn unsigned(raw: &[u8]) -> Option<u64> {
    if raw.is_empty() || raw.len() > 8 {
        return None;
    }
    Some(raw.iter().fold(0, |n, &byte| n << 8 | u64::from(byte)))
}

/// Big-endian two's complement number of up to eight bytes.
pub(crate) fn signed(raw: &[u8]) -> Option<i64> {
    let n = unsigned(raw)?;
    let shift = 64 - 8 * raw.len() as u32;
    Some((n << shift) as i64 >> shift)
}

/// UTF-8 text; a closing zero, which some senders add, is not part of it.
pub(crate) fn text(raw: &[u8]) -> (Value<'_>, State) {
    let raw = match raw.split_last() {
        Some((0, head)) => head,
        _ => raw,
    };
    match std::str::from_utf8(raw) {
        Ok(text) => (Value::Text(text), State::Ok),
        Err(_) => (Value::None, State::Malformed),
    }
}

/// A quantity that may be no number.
pub(crate) fn finite(x: f64) -> (Value<'static>, State) {
    if x.is_nan() {
        (Value::None, State::Nan)
    } else if x.is_infinite() {
        (Value::None, State::OutOfRange)
    } else {
        (Value::Number(x), State::Ok)
    }
}
