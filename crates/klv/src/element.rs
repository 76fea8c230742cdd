//! Items of a set, local or universal, decoded one by one.

use crate::key::{Key, SET_PREFIX, Standard};
use crate::value::{State, Value};
use crate::{ber, eg0104, st0102, st0601};

/// How an item is named in its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ElementId {
    /// A tag: of ST 0601 for ST 0601 and EG 0104 packets, else of its own set.
    Tag(u32),
    /// A label without a tag in ST 0601.
    Key(Key),
}

/// One item: its definition, value and bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Element<'a> {
    /// Tag or label.
    pub id: ElementId,
    /// Name in the standard; empty if unknown.
    pub name: &'static str,
    /// Unit of the value; empty if it has none.
    pub unit: &'static str,
    /// The value in that unit.
    pub value: Value<'a>,
    /// How the bytes were understood.
    pub state: State,
    /// The item's bytes.
    pub raw: &'a [u8],
    /// Byte offset of the item's bytes in the stream.
    pub offset: u64,
}

/// Iterator over the items of a set; ends at the first that does not fit.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    standard: Standard,
    rest: &'a [u8],
    offset: u64,
    truncated: bool,
}

impl<'a> Elements<'a> {
    pub(crate) fn new(standard: Standard, value: &'a [u8], offset: u64) -> Self {
        Self {
            standard,
            rest: value,
            offset,
            truncated: false,
        }
    }

    /// Where the set breaks off, if it does; known after the last item.
    pub fn truncated_at(&self) -> Option<u64> {
        self.truncated.then_some(self.offset)
    }

    /// The next label (or tag) and its bytes.
    fn split(&mut self) -> Option<(ElementId, &'a [u8])> {
        if self.rest.is_empty() || self.truncated {
            return None;
        }
        let split = self.try_split();
        self.truncated = split.is_none();
        let (id, header, raw) = split?;
        self.offset += header as u64;
        self.rest = &self.rest[header + raw.len()..];
        Some((id, raw))
    }

    fn try_split(&self) -> Option<(ElementId, usize, &'a [u8])> {
        let (id, id_length) = if self.standard.is_universal() {
            let label = *self.rest.first_chunk::<16>()?;
            // Without a label here the items before were misread.
            if !label.starts_with(&SET_PREFIX[..4]) {
                return None;
            }
            (ElementId::Key(Key(label)), 16)
        } else {
            let (tag, taken) = ber::read_oid(self.rest)?;
            (ElementId::Tag(tag), taken)
        };
        let (length, taken) = ber::read_length(&self.rest[id_length..])?;
        let header = id_length + taken;
        let end = header.checked_add(usize::try_from(length).ok()?)?;
        Some((id, header, self.rest.get(header..end)?))
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        // A set of which nothing is known has no items that could be told.
        if self.standard == Standard::Unknown {
            return None;
        }
        let (id, raw) = self.split()?;
        let offset = self.offset;
        self.offset += raw.len() as u64;
        let known = match (self.standard, id) {
            (Standard::St0601, ElementId::Tag(tag)) => st0601::decode(tag, raw),
            (Standard::St0102Local, ElementId::Tag(tag)) => st0102::decode(tag, raw),
            (_, ElementId::Tag(_)) => None,
            (standard, ElementId::Key(key)) => match standard {
                Standard::Eg0104 => eg0104::decode(key, raw),
                _ => st0102::decode_universal(key, raw),
            },
        };
        Some(match known {
            Some(decoded) => Element {
                id: decoded.tag.map_or(id, ElementId::Tag),
                name: decoded.name,
                unit: decoded.unit,
                value: decoded.value,
                state: decoded.state,
                raw,
                offset,
            },
            None => Element {
                id,
                name: "",
                unit: "",
                value: Value::None,
                state: State::Unknown,
                raw,
                offset,
            },
        })
    }
}

/// What a table says of one item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decoded<'a> {
    /// Tag under which it stands, where that differs from how it was found.
    pub(crate) tag: Option<u32>,
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: Value<'a>,
    pub(crate) state: State,
}
