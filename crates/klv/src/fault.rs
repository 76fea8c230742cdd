//! What was found wrong, without stopping.

use std::fmt;

use crate::element::{Element, ElementId, Elements};
use crate::form::Form;
use crate::packet::{Checksum, Packet};
use crate::seen::Last;
use crate::value::State;

/// Kinds of fault; their names stand in `klv/1` records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FaultCode {
    /// The checksum does not agree with the bytes.
    ChecksumBad,
    /// A set ends within an item, or no item stands where one should.
    ItemTruncated,
    /// An item's bytes cannot be its value (wrong length, not text).
    ItemMalformed,
    /// An item stands in the set twice; the last one counts.
    ItemRepeated,
    /// An item is longer than its standard allows; its value counts.
    ItemTooLong,
    /// Sets are nested deeper than any standard goes; what is inside is kept as bytes.
    NestedTooDeep,
    /// Bytes of the stream belong to no packet.
    BytesSkipped,
}

impl FaultCode {
    /// Its name in `klv/1` records.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChecksumBad => "checksum_bad",
            Self::ItemTruncated => "item_truncated",
            Self::ItemMalformed => "item_malformed",
            Self::ItemRepeated => "item_repeated",
            Self::ItemTooLong => "item_too_long",
            Self::NestedTooDeep => "nested_too_deep",
            Self::BytesSkipped => "bytes_skipped",
        }
    }
}

/// One fault within a packet; as text it is one line for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Byte offset in the stream.
    pub offset: u64,
    /// What kind.
    pub code: FaultCode,
    /// The item, where it is one.
    pub item: Option<(ElementId, &'static str)>,
    /// How many bytes it is about.
    pub length: u64,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((id, name)) = self.item {
            match (id, name) {
                (ElementId::Tag(tag), "") => write!(f, "item {tag} ")?,
                (ElementId::Tag(tag), _) => write!(f, "item {tag} ({name}) ")?,
                (ElementId::Key(key), _) => write!(f, "item {key} ")?,
                (ElementId::Index(n), _) => write!(f, "member {n} of a series ({name}) ")?,
                (ElementId::Field(_), _) => write!(f, "field {name} ")?,
            }
        }
        let length = self.length;
        match self.code {
            FaultCode::ChecksumBad => f.write_str("the checksum does not agree with the bytes"),
            FaultCode::ItemTruncated => f.write_str(match self.item {
                Some(_) => "breaks off here; the rest of it is kept as bytes",
                None => "no whole item stands here; the rest of the packet is kept as bytes",
            }),
            FaultCode::ItemMalformed => write!(f, "cannot be {length} bytes of this content"),
            FaultCode::ItemRepeated => f.write_str("stands in the set again; the last one counts"),
            FaultCode::ItemTooLong => {
                write!(f, "is {length} bytes long, more than its standard allows")
            }
            FaultCode::NestedTooDeep => f.write_str("is nested too deep and kept as bytes"),
            FaultCode::BytesSkipped => write!(f, "{length} bytes belong to no packet"),
        }
    }
}

/// Gives every fault within a packet to `note`, in the order of the bytes but for the checksum's,
/// which comes last. Nothing is collected: a packet of faults takes no more memory than a good one.
pub fn for_each(packet: &Packet<'_>, note: &mut dyn FnMut(Fault)) {
    within(&mut packet.elements(), None, note);
    if packet.checksum() == Checksum::Bad {
        note(Fault {
            offset: packet.offset,
            code: FaultCode::ChecksumBad,
            item: None,
            length: packet.bytes.len() as u64,
        });
    }
}

/// All faults within a packet.
pub fn all(packet: &Packet<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for_each(packet, &mut |fault| faults.push(fault));
    faults
}

fn within(
    elements: &mut Elements<'_>,
    parent: Option<(ElementId, &'static str)>,
    note: &mut dyn FnMut(Fault),
) {
    let set = elements.set();
    let mut seen = Last::default();
    for element in elements.by_ref() {
        let line = match element.id {
            ElementId::Tag(tag) => set.and_then(|s| s.find(tag)),
            _ => None,
        };
        one(&element, line.map_or(0, |l| l.longest), note);
        if !line.is_some_and(|l| l.many) && seen.note(element.id, 0).is_some() {
            note(fault(&element, FaultCode::ItemRepeated));
        }
        if let Some(mut parts) = element.parts() {
            within(&mut parts, Some((element.id, element.def.name)), note);
        }
    }
    if let Some(offset) = elements.truncated_at() {
        note(Fault {
            offset,
            code: FaultCode::ItemTruncated,
            item: parent,
            length: elements.remainder().len() as u64,
        });
    }
}

/// Faults of an item by itself.
fn one(element: &Element<'_>, longest: u16, note: &mut dyn FnMut(Fault)) {
    if element.state == State::Malformed {
        note(fault(element, FaultCode::ItemMalformed));
    }
    let bound = match element.def.form {
        Form::Uint(n) | Form::Int(n) | Form::Words(n, _) | Form::Flags(n, _) if n > 0 => {
            u16::from(n)
        }
        _ => longest,
    };
    if bound > 0 && element.raw.len() > usize::from(bound) && element.state == State::Ok {
        note(fault(element, FaultCode::ItemTooLong));
    }
    if element.too_deep() {
        note(fault(element, FaultCode::NestedTooDeep));
    }
}

fn fault(element: &Element<'_>, code: FaultCode) -> Fault {
    Fault {
        offset: element.offset,
        code,
        item: Some((element.id, element.def.name)),
        length: element.raw.len() as u64,
    }
}
