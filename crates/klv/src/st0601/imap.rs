//! Floating point to integer mapping IMAPB of MISB ST 1201.

use crate::value::{State, Value, unsigned};

/// Scale and offset of a mapping of min..=max onto `length` bytes.
fn scale(min: f64, max: f64, length: usize) -> (f64, f64) {
    let range_bits = (max - min).log2().ceil() as i32;
    let integer_bits = 8 * length as i32 - 1;
    let scale = 2f64.powi(integer_bits - range_bits);
    let offset = if min < 0.0 && max > 0.0 {
        scale * min - (scale * min).floor()
    } else {
        0.0
    };
    (scale, offset)
}

/// Decodes; values with the top bit set are special (ST 1201, 7.2).
pub(super) fn decode(min: f64, max: f64, raw: &[u8]) -> (Value<'static>, State) {
    let Some(n) = unsigned(raw) else {
        return (Value::None, State::Malformed);
    };
    let top = 1u64 << (8 * raw.len() - 1);
    if n > top {
        let first = raw.first().copied().unwrap_or(0);
        // 11001 and 11101: infinities; 11010 and 11110: not a number; 111000
        // and 111001 (MISB-defined): below minimum, above maximum.
        let state = match (first >> 3, first) {
            (0b11001 | 0b11101, _) | (_, 0xE0 | 0xE1) => State::OutOfRange,
            (0b11010 | 0b11110, _) => State::Nan,
            _ => State::Reserved,
        };
        return (Value::None, state);
    }
    let (scale, offset) = scale(min, max, raw.len());
    let value = (n as f64 - offset) / scale + min;
    // A whole number of bits reaches beyond the maximum.
    if value > max + 1.0 / scale {
        return (Value::None, State::OutOfRange);
    }
    (Value::Number(value), State::Ok)
}

/// Encodes `value`, which lies within min..=max, to the nearest step.
pub(super) fn encode(min: f64, max: f64, length: usize, value: f64) -> u64 {
    let (scale, offset) = scale(min, max, length);
    (scale * (value - min) + offset).round().max(0.0) as u64
}
