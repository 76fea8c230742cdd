//! Values to bytes, one item at a time.

use crate::ber;
use crate::form::{Form, Linear};
use crate::imap::special_byte;
use crate::value::{State, Value};

/// Why a value cannot be written, without saying of which item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Refusal {
    /// The form takes another kind of value.
    Kind,
    /// The value lies outside.
    Range(f64, f64, f64),
}

/// Appends the lowest `length` bytes of `bits`, big endian.
#[inline]
fn put(bits: u64, length: usize, out: &mut Vec<u8>) {
    let bytes = bits.to_be_bytes();
    out.extend_from_slice(&bytes[8 - length.min(8)..]);
}

#[inline]
fn within(value: f64, min: f64, max: f64) -> Result<f64, Refusal> {
    if value >= min && value <= max {
        Ok(value)
    } else {
        Err(Refusal::Range(value, min, max))
    }
}

fn linear(l: &Linear, value: f64, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let value = within(value, l.min, l.max)?;
    put(
        ((value - l.min) / l.step).round() as u64,
        usize::from(l.length),
        out,
    );
    Ok(())
}

/// Greatest number of `length` bytes, signed or not.
fn greatest(length: usize, signed: bool) -> u64 {
    u64::MAX >> (64 - 8 * length as u32 + u32::from(signed))
}

/// Length in bytes to write with: what the caller asks for, or what the table says (0: as few as
/// hold it).
fn length_of(asked: Option<usize>, table: u8, fewest: usize) -> usize {
    match (asked, table) {
        (Some(length), _) if (1..=8).contains(&length) => length,
        (_, 0) => fewest,
        (_, length) => usize::from(length),
    }
}

/// Appends a value in its form; `length` is the length in bytes where the form leaves it open
/// (`None`: the table's).
pub(crate) fn value(
    form: &Form,
    value: Value<'_>,
    length: Option<usize>,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    match (form, value) {
        (Form::Unsigned(l) | Form::Scaled(l), _) => linear(l, number(value)?, out),
        (Form::Signed(s), _) => {
            let value = within(number(value)?, -s.max, s.max)?;
            put(
                (value / s.step).round() as i64 as u64,
                usize::from(s.length),
                out,
            );
            Ok(())
        }
        (Form::Imap(map, table), _) => {
            let length = length_of(length, *table, 4);
            // A value that was read may lie beyond the maximum by less than a step.
            let step = 2.0 * map.half_step(length);
            let value = within(number(value)?, map.min - step, map.max + step)?;
            put(map.encode(length, value), length, out);
            Ok(())
        }
        (Form::Float, _) => {
            let value = number(value)?;
            match length {
                Some(4) => out.extend_from_slice(&(value as f32).to_be_bytes()),
                _ => out.extend_from_slice(&value.to_be_bytes()),
            }
            Ok(())
        }
        (Form::Uint(table) | Form::Words(table, _) | Form::Flags(table, _), Value::Unsigned(n)) => {
            let fewest = (8 - n.leading_zeros() as usize / 8).max(1);
            let length = length_of(length, *table, fewest);
            if fewest > length {
                return Err(Refusal::Range(
                    n as f64,
                    0.0,
                    greatest(length, false) as f64,
                ));
            }
            put(n, length, out);
            Ok(())
        }
        (Form::Int(table), _) => {
            let n = whole(value)?;
            let fewest = (1..8).find(|k| signed_fits(n, *k)).unwrap_or(8);
            let length = length_of(length, *table, fewest);
            if !signed_fits(n, length) {
                let top = greatest(length, true) as f64;
                return Err(Refusal::Range(n as f64, -top - 1.0, top));
            }
            put(n as u64, length, out);
            Ok(())
        }
        (Form::Oid, Value::Unsigned(n)) => {
            ber::write_oid(n, out);
            Ok(())
        }
        (Form::Text | Form::Wide, Value::Text(text)) => {
            out.extend_from_slice(text.as_bytes());
            Ok(())
        }
        (Form::Wide, Value::Wide(bytes)) | (Form::Bytes(..), Value::Bytes(bytes)) => {
            out.extend_from_slice(bytes);
            Ok(())
        }
        (Form::Uuid, Value::Uuid(id)) => {
            out.extend_from_slice(id);
            Ok(())
        }
        _ => Err(Refusal::Kind),
    }
}

fn signed_fits(n: i64, length: usize) -> bool {
    length >= 8 || n >= -(1 << (8 * length - 1)) && n < 1 << (8 * length - 1)
}

#[inline]
fn number(value: Value<'_>) -> Result<f64, Refusal> {
    value.number().ok_or(Refusal::Kind)
}

/// A whole number: a count, or a quantity rounded to one.
fn whole(value: Value<'_>) -> Result<i64, Refusal> {
    const LIMIT: f64 = 9.2e18;
    match value {
        Value::Number(x) => Ok(within(x, -LIMIT, LIMIT)?.round() as i64),
        _ => value.signed().ok_or(Refusal::Kind),
    }
}

/// Appends the bytes that say that an item has no value, and why; `Kind` where the form has none
/// for this state.
pub(crate) fn without_value(
    form: &Form,
    state: State,
    length: Option<usize>,
    out: &mut Vec<u8>,
) -> Result<(), Refusal> {
    match (form, state) {
        (_, State::Empty) => Ok(()),
        (Form::Signed(s), _) if s.aside == state => {
            put(
                1 << (8 * u32::from(s.length) - 1),
                usize::from(s.length),
                out,
            );
            Ok(())
        }
        (Form::Imap(_, table), _) => {
            let first = special_byte(state).ok_or(Refusal::Kind)?;
            let length = length_of(length, *table, 4);
            out.push(first);
            out.extend(std::iter::repeat_n(0, length - 1));
            Ok(())
        }
        (Form::Float, _) => {
            let value = match state {
                State::Nan => f64::NAN,
                State::PositiveInfinity => f64::INFINITY,
                State::NegativeInfinity => f64::NEG_INFINITY,
                _ => return Err(Refusal::Kind),
            };
            self::value(form, Value::Number(value), length, out)
        }
        _ => Err(Refusal::Kind),
    }
}
