//! Packets changed, and written back: what is not changed keeps its bytes.
//!
//! Every item passes through its value: it is decoded, encoded again, and only where that gives other
//! bytes than were read (a text closed with a zero, a number that is none) the bytes that were read
//! are kept instead. So an unknown, private or malformed item is written back unchanged, and so is
//! every length that took more bytes than it had to.

use crate::ber;
use crate::element::{Element, ElementId, Elements};
use crate::encode;
use crate::form::Form;
use crate::key::Standard;
use crate::packet::{Checksum, Packet, seal};
use crate::value::{State, Value};

/// What is to become of an item.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit<'v> {
    /// It stays as it is.
    Keep,
    /// It goes.
    Remove,
    /// It gets another value, in the unit of its definition.
    Value(Value<'v>),
    /// It gets other bytes.
    Bytes(Vec<u8>),
}

/// A packet that was written back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// Label, length and value.
    pub bytes: Vec<u8>,
    /// Values that were encoded again.
    pub encoded: u64,
    /// Values whose bytes were kept because the value is written in several ways, and these were not
    /// the ones that are written here.
    pub kept: u64,
    /// Items without a value of their own, whose bytes were kept: unknown, malformed, or said to have
    /// none; and arrays and identifiers, which are kept as a whole.
    pub opaque: u64,
    /// Edits that the item's form cannot take; the item stays as it is.
    pub refused: u64,
    changed: bool,
}

/// Writes a packet back, with an edit for every item (with the path of tags it stands at, the
/// outermost first). Where something changed, lengths follow and the checksum is made anew; where
/// nothing did, the bytes are those that were read, a bad checksum among them.
pub fn rewrite(
    packet: &Packet<'_>,
    edit: &mut dyn FnMut(&[ElementId], &Element<'_>) -> Edit<'static>,
) -> Rewritten {
    let mut done = Rewritten {
        bytes: Vec::with_capacity(packet.bytes.len()),
        ..Rewritten::default()
    };
    if packet.standard() == Standard::Unknown {
        done.bytes.extend_from_slice(packet.bytes);
        return done;
    }
    let mut value = Vec::with_capacity(packet.value().len());
    let mut path = Vec::new();
    set(packet.elements(), &mut path, edit, &mut done, &mut value);
    if !done.changed {
        // The head is that which was read, and so is the sum.
        done.bytes.extend_from_slice(packet.head());
        done.bytes.extend_from_slice(&value);
        return done;
    }
    if packet.head().is_empty() {
        // An item by itself has its label and length within.
        done.bytes = value;
        return done;
    }
    done.bytes.extend_from_slice(&packet.key.0);
    ber::write_length_like(value.len(), packet.head().len() - 16, &mut done.bytes);
    done.bytes.extend_from_slice(&value);
    if packet.checksum() != Checksum::Absent {
        seal(packet.standard(), &mut done.bytes);
    }
    done
}

fn set(
    mut elements: Elements<'_>,
    path: &mut Vec<ElementId>,
    edit: &mut dyn FnMut(&[ElementId], &Element<'_>) -> Edit<'static>,
    done: &mut Rewritten,
    out: &mut Vec<u8>,
) {
    for element in elements.by_ref() {
        path.push(element.id);
        one(&element, path, edit, done, out);
        path.pop();
    }
    out.extend_from_slice(elements.remainder());
}

fn one(
    element: &Element<'_>,
    path: &mut Vec<ElementId>,
    edit: &mut dyn FnMut(&[ElementId], &Element<'_>) -> Edit<'static>,
    done: &mut Rewritten,
    out: &mut Vec<u8>,
) {
    let edit_of_it = edit(path, element);
    let mut new = Vec::with_capacity(element.raw.len());
    match edit_of_it {
        Edit::Remove => {
            done.changed = true;
            return;
        }
        Edit::Bytes(bytes) => new = bytes,
        Edit::Value(value) => {
            let like = (element.raw.len() <= 8).then_some(element.raw.len());
            if encode::value(&element.def.form, value, like, &mut new).is_err() {
                done.refused += 1;
                new = element.raw.to_vec();
            }
        }
        Edit::Keep => match (&element.def.form, element.parts()) {
            (
                Form::LocalSet(_) | Form::UniversalSet(_) | Form::Series(_) | Form::Pack(_),
                Some(parts),
            ) => set(parts, path, edit, done, &mut new),
            _ => again(element, done, &mut new),
        },
    }
    if new == element.raw {
        out.extend_from_slice(element.head);
    } else {
        done.changed = true;
        head(element, new.len(), out);
    }
    out.extend_from_slice(&new);
}

/// Tag or label as they were, and the new length.
fn head(element: &Element<'_>, length: usize, out: &mut Vec<u8>) {
    let name = match element.id {
        ElementId::Tag(_) | ElementId::Key(_) if element.head.starts_with(&crate::key::PREFIX) => {
            16
        }
        ElementId::Tag(_) => ber::read_oid(element.head).map_or(0, |(_, taken)| taken),
        ElementId::Key(_) => 16,
        ElementId::Index(_) | ElementId::Field(_) => 0,
    };
    let (name, digits) = element.head.split_at(name.min(element.head.len()));
    out.extend_from_slice(name);
    if !digits.is_empty() {
        ber::write_length_like(length, digits.len(), out);
    }
}

/// Appends the item's value encoded again, or its bytes where that gives others.
fn again(element: &Element<'_>, done: &mut Rewritten, out: &mut Vec<u8>) {
    let length = Some(element.raw.len());
    let start = out.len();
    let encoded = match element.state {
        State::Ok => encode::value(&element.def.form, element.value, length, out),
        state => encode::without_value(&element.def.form, state, length, out),
    };
    if encoded.is_ok() && out[start..] == *element.raw {
        done.encoded += 1;
        return;
    }
    out.truncate(start);
    out.extend_from_slice(element.raw);
    if matches!(element.value, Value::None | Value::Parts) {
        done.opaque += 1;
    } else {
        done.kept += 1;
    }
}

/// Writes a packet back as it is, every value through decoding and encoding.
pub fn write_back(packet: &Packet<'_>) -> Rewritten {
    rewrite(packet, &mut |_, _| Edit::Keep)
}
