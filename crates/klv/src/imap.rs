//! Floating point to integer mapping of MISB ST 1201 (IMAPA, IMAPB).

use crate::value::{State, Value, unsigned};

/// A mapping of min..=max onto integers of any number of bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Imap {
    /// Least value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
    /// ⌈log₂(max − min)⌉: bits in front of the binary point.
    range_bits: i32,
}

/// Longest number of bytes that a code word can be read from here.
const LONGEST: usize = 8;

impl Imap {
    /// The mapping of min..=max. Bounds that do not increase, or are not finite, give a mapping
    /// under which nothing has a value.
    pub const fn new(min: f64, max: f64) -> Self {
        Self {
            min,
            max,
            range_bits: ceil_log2(max - min),
        }
    }

    /// Code words per unit at a length in bytes (ST 1201, sF = 2^(8L - 1 - bits)).
    #[inline]
    fn scale(&self, length: usize) -> f64 {
        power(8 * length as i32 - 1 - self.range_bits)
    }

    /// Units per code word.
    #[inline]
    fn inverse(&self, length: usize) -> f64 {
        power(self.range_bits - 8 * length as i32 + 1)
    }

    /// Keeps zero exact where the range holds it (ST 1201, Zoffset).
    #[inline]
    fn zero_offset(&self, scale: f64) -> f64 {
        if self.min < 0.0 && self.max > 0.0 {
            let least = scale * self.min;
            least - least.floor()
        } else {
            0.0
        }
    }

    /// Largest distance of a value from what its code word says, at a length in bytes.
    pub fn half_step(&self, length: usize) -> f64 {
        0.5 / self.scale(length)
    }

    /// Length in bytes that IMAPA takes for a precision.
    pub fn length_for(&self, precision: f64) -> Option<usize> {
        if !(precision > 0.0 && precision < self.max - self.min) {
            return None;
        }
        let bits = self.range_bits - floor_log2(precision) + 1;
        usize::try_from(bits).ok().map(|b| b.div_ceil(8))
    }

    /// Decodes a code word; those with the two top bits set are special values (ST 1201, table of
    /// special values).
    #[inline]
    pub(crate) fn decode(&self, raw: &[u8]) -> (Value<'static>, State) {
        let Some(n) = unsigned(raw) else {
            return (Value::None, State::Malformed);
        };
        let top = 1u64 << (8 * raw.len() - 1);
        if n > top {
            return (Value::None, special(raw[0]));
        }
        let increases = self.max > self.min;
        if !increases {
            return (Value::None, State::Malformed);
        }
        let scale = self.scale(raw.len());
        // A power of two: its inverse is exact.
        let value = (n as f64 - self.zero_offset(scale)) * self.inverse(raw.len()) + self.min;
        // A whole number of bits reaches beyond the maximum.
        if value > self.max + 1.0 / scale {
            let state = if n == top {
                State::Reserved
            } else {
                State::OutOfRange
            };
            return (Value::None, state);
        }
        (Value::Number(value), State::Ok)
    }

    /// The nearest code word of `length` bytes (1 to 8) to a value within min..=max.
    pub(crate) fn encode(&self, length: usize, value: f64) -> u64 {
        let length = length.clamp(1, LONGEST);
        let scale = self.scale(length);
        let word = (scale * (value - self.min) + self.zero_offset(scale)).round();
        (word.max(0.0) as u64).min(1 << (8 * length - 1))
    }
}

/// What the first byte of a special value says.
fn special(first: u8) -> State {
    match (first, first >> 3) {
        (0xE0, _) => State::BelowMinimum,
        (0xE1, _) => State::AboveMaximum,
        (_, 0b11001) => State::PositiveInfinity,
        (_, 0b11101) => State::NegativeInfinity,
        (_, 0b11010 | 0b11011 | 0b11110 | 0b11111) => State::Nan,
        (_, 0b11000) => State::UserDefined,
        _ => State::Reserved,
    }
}

/// First byte of the special value that says a state, if ST 1201 has one.
pub(crate) fn special_byte(state: State) -> Option<u8> {
    match state {
        State::BelowMinimum | State::OutOfRange => Some(0xE0),
        State::AboveMaximum => Some(0xE1),
        State::PositiveInfinity => Some(0xC8),
        State::NegativeInfinity => Some(0xE8),
        State::Nan => Some(0xD0),
        State::UserDefined => Some(0xC0),
        State::Reserved => Some(0x90),
        _ => None,
    }
}

/// 2^exponent, for exponents of ordinary doubles.
#[inline]
fn power(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent.clamp(-1022, 1023)) as u64) << 52)
}

const fn floor_log2(x: f64) -> i32 {
    ((x.to_bits() >> 52 & 0x7FF) as i32) - 1023
}

const fn ceil_log2(x: f64) -> i32 {
    let whole = x.to_bits() & ((1 << 52) - 1) == 0;
    floor_log2(x) + if whole { 0 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values_have_their_states_at_every_length() {
        let map = Imap::new(-900.0, 40_000.0);
        for state in [
            State::BelowMinimum,
            State::AboveMaximum,
            State::PositiveInfinity,
            State::NegativeInfinity,
            State::Nan,
            State::UserDefined,
            State::Reserved,
        ] {
            for length in 2..=8 {
                let mut raw = [0u8; 8];
                raw[0] = special_byte(state).unwrap();
                assert_eq!(map.decode(&raw[..length]), (Value::None, state), "{length}");
            }
        }
        assert_eq!(map.decode(&[]).1, State::Malformed);
        assert_eq!(map.decode(&[0; 9]).1, State::Malformed);
        assert_eq!(map.decode(&[0x7F, 0xFF, 0xFF]).1, State::OutOfRange);
        assert_eq!(Imap::new(1.0, 1.0).decode(&[0]).1, State::Malformed);
        assert_eq!(Imap::new(f64::NAN, 1.0).decode(&[0]).1, State::Malformed);
    }

    #[test]
    fn zero_is_exact_and_the_top_of_a_power_of_two_is_a_value() {
        let map = Imap::new(-900.0, 19_000.0);
        for length in 1..=8 {
            let word = map.encode(length, 0.0).to_be_bytes();
            assert_eq!(
                map.decode(&word[8 - length..]),
                (Value::Number(0.0), State::Ok)
            );
        }
        let unit = Imap::new(0.0, 1.0);
        assert_eq!(unit.decode(&[0x80, 0]), (Value::Number(1.0), State::Ok));
        assert_eq!(unit.length_for(0.01), Some(1));
        assert_eq!(Imap::new(-900.0, 19_000.0).length_for(0.5), Some(3));
        assert_eq!(unit.length_for(0.0), None);
    }
}
