//! Bytes to values, one item at a time.

use crate::ber;
use crate::form::Form;
use crate::value::{State, Value, signed, unsigned};

const MALFORMED: (Value<'static>, State) = (Value::None, State::Malformed);

/// The value of an item's bytes. Sets, packs, series and arrays are [`Value::Parts`], and are
/// looked into by whoever wants their parts.
#[inline]
pub(crate) fn value<'a>(form: &Form, raw: &'a [u8]) -> (Value<'a>, State) {
    match form {
        Form::Unsigned(l) => match unsigned(raw) {
            Some(n) if raw.len() == usize::from(l.length) => {
                (Value::Number(l.min + n as f64 * l.step), State::Ok)
            }
            _ => odd_length(raw),
        },
        Form::Signed(s) => match signed(raw) {
            Some(n) if raw.len() == usize::from(s.length) => {
                if n == i64::MIN >> (64 - 8 * u32::from(s.length)) {
                    (Value::None, s.aside)
                } else {
                    (Value::Number(n as f64 * s.step), State::Ok)
                }
            }
            _ => odd_length(raw),
        },
        Form::Text => text(raw),
        // Senders shorten integers; a longer one than the standard's is still the number it says.
        Form::Uint(_) | Form::Words(..) | Form::Flags(..) => match unsigned(raw) {
            Some(n) => (Value::Unsigned(n), State::Ok),
            None => odd_length(raw),
        },
        Form::Imap(map, _) if !raw.is_empty() => map.decode(raw),
        _ => rarer(form, raw),
    }
}

/// Forms that few items have.
fn rarer<'a>(form: &Form, raw: &'a [u8]) -> (Value<'a>, State) {
    match form {
        Form::LocalSet(_) | Form::UniversalSet(_) | Form::Series(_) | Form::List(_) => {
            (Value::Parts, State::Ok)
        }
        Form::Unknown => (Value::None, State::Unknown),
        _ if raw.is_empty() => odd_length(raw),
        Form::Pack(_) | Form::Array(_) | Form::Correlation | Form::CoreId => {
            (Value::Parts, State::Ok)
        }
        Form::Int(_) => match signed(raw) {
            Some(n) => (Value::Signed(n), State::Ok),
            None => MALFORMED,
        },
        Form::Scaled(l) => match unsigned(raw) {
            Some(n) if raw.len() == usize::from(l.length) => {
                (Value::Number(n as f64 * l.step), State::Ok)
            }
            _ => MALFORMED,
        },
        Form::Oid => match ber::read_oid(raw) {
            Some((n, taken)) if taken == raw.len() => (Value::Unsigned(n), State::Ok),
            _ => MALFORMED,
        },
        Form::Float => float(raw),
        Form::Wide => wide(raw),
        Form::Uuid => match raw.try_into() {
            Ok(id) => (Value::Uuid(id), State::Ok),
            Err(_) => MALFORMED,
        },
        Form::Bytes(least, most) => {
            if (usize::from(*least)..=usize::from(*most)).contains(&raw.len()) {
                (Value::Bytes(raw), State::Ok)
            } else {
                MALFORMED
            }
        }
        _ => MALFORMED,
    }
}

/// No bytes at all say that there is no value; any other wrong number of bytes is a fault.
#[cold]
fn odd_length(raw: &[u8]) -> (Value<'static>, State) {
    let state = if raw.is_empty() {
        State::Empty
    } else {
        State::Malformed
    };
    (Value::None, state)
}

/// UTF-8 text; a closing zero, which some senders add, is not part of it.
#[inline]
fn text(raw: &[u8]) -> (Value<'_>, State) {
    let raw = match raw.split_last() {
        Some((0, head)) => head,
        Some(_) => raw,
        None => return odd_length(raw),
    };
    match std::str::from_utf8(raw) {
        Ok(text) => (Value::Text(text), State::Ok),
        Err(_) => MALFORMED,
    }
}

/// Country codes are ASCII letters: two bytes each with a zero first are UTF-16, else it is UTF-8.
fn wide(raw: &[u8]) -> (Value<'_>, State) {
    let (pairs, odd) = raw.as_chunks::<2>();
    if odd.is_empty() && pairs.iter().all(|[high, _]| *high == 0) {
        return (Value::Wide(raw), State::Ok);
    }
    text(raw)
}

/// IEEE 754 numbers of four or eight bytes.
fn float(raw: &[u8]) -> (Value<'static>, State) {
    let x = if let Ok(bytes) = <[u8; 8]>::try_from(raw) {
        f64::from_be_bytes(bytes)
    } else if let Ok(bytes) = <[u8; 4]>::try_from(raw) {
        f64::from(f32::from_be_bytes(bytes))
    } else {
        return MALFORMED;
    };
    let state = match x {
        f64::INFINITY => State::PositiveInfinity,
        f64::NEG_INFINITY => State::NegativeInfinity,
        _ if x.is_nan() => State::Nan,
        _ => return (Value::Number(x), State::Ok),
    };
    (Value::None, state)
}
