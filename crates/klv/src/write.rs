//! Writing local sets of any table.

use crate::ber;
use crate::checksum::running_sum;
use crate::encode::{self, Refusal};
use crate::form::{Form, ItemDef, SetDef};
use crate::key::Key;
use crate::value::{State, Value};

/// Why an item cannot be written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EncodeError {
    /// The tag has no definition.
    #[error("{set} has no item {tag}; use a tag of its table")]
    UnknownTag {
        /// Standard of the set.
        set: &'static str,
        /// Tag.
        tag: u32,
    },
    /// The item takes another kind of value.
    #[error("item {tag} ({name}) does not take {given}")]
    WrongKind {
        /// Tag.
        tag: u32,
        /// Name.
        name: &'static str,
        /// What was given.
        given: &'static str,
    },
    /// The value lies outside what the item can say.
    #[error("item {tag} ({name}) cannot say {value}; its range is {min} to {max}")]
    OutOfRange {
        /// Tag.
        tag: u32,
        /// Name.
        name: &'static str,
        /// The value.
        value: f64,
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
}

/// Writes the items of a local set one after another, with values in the units of its table.
#[derive(Debug, Clone)]
pub struct SetWriter {
    set: &'static SetDef,
    out: Vec<u8>,
}

impl SetWriter {
    /// An empty set.
    pub fn new(set: &'static SetDef) -> Self {
        Self {
            set,
            out: Vec::new(),
        }
    }

    /// Forgets the items and keeps the memory.
    pub fn clear(&mut self) {
        self.out.clear();
    }

    #[inline]
    fn line(&self, tag: u32) -> Result<&'static ItemDef, EncodeError> {
        let set = self.set.source;
        self.set
            .find(tag)
            .ok_or(EncodeError::UnknownTag { set, tag })
    }

    /// Adds an item, in the table's length where the form leaves it open.
    #[inline]
    pub fn value(&mut self, tag: u32, value: Value<'_>) -> Result<&mut Self, EncodeError> {
        let line = self.line(tag)?;
        self.with(tag, line, given(value), |out| {
            encode::value(&line.def.form, value, None, out)
        })
    }

    /// Adds an item whose form leaves the length open (ST 1201, integers) in so many bytes.
    pub fn value_in(
        &mut self,
        tag: u32,
        value: Value<'_>,
        length: usize,
    ) -> Result<&mut Self, EncodeError> {
        let line = self.line(tag)?;
        let form = &line.def.form;
        self.with(tag, line, given(value), |out| {
            encode::value(form, value, Some(length), out)
        })
    }

    /// Adds a measured quantity, rounded to the item's nearest step.
    #[inline]
    pub fn number(&mut self, tag: u32, value: f64) -> Result<&mut Self, EncodeError> {
        let line = self.line(tag)?;
        let counts = matches!(
            line.def.form,
            Form::Uint(_) | Form::Words(..) | Form::Flags(..)
        );
        if counts {
            return Err(wrong(tag, line, "a measured quantity"));
        }
        self.value(tag, Value::Number(value))
    }

    /// Adds a count, code or time.
    pub fn unsigned(&mut self, tag: u32, value: u64) -> Result<&mut Self, EncodeError> {
        let line = self.line(tag)?;
        let quantity = line.def.form.range().is_some() || matches!(line.def.form, Form::Float);
        if quantity {
            return Err(wrong(tag, line, "a count"));
        }
        self.value(tag, Value::Unsigned(value))
    }

    /// Adds text.
    pub fn text(&mut self, tag: u32, text: &str) -> Result<&mut Self, EncodeError> {
        self.value(tag, Value::Text(text))
    }

    /// Says of an item that it has no value now, and why, where its form can.
    pub fn without_value(&mut self, tag: u32, state: State) -> Result<&mut Self, EncodeError> {
        let line = self.line(tag)?;
        let form = &line.def.form;
        self.with(tag, line, "this state", |out| {
            encode::without_value(form, state, None, out)
        })
    }

    /// Adds an item as it is: nested sets, packs, or what the table does not know.
    #[inline]
    pub fn bytes(&mut self, tag: u32, bytes: &[u8]) -> &mut Self {
        ber::write_oid(u64::from(tag), &mut self.out);
        ber::write_length(bytes.len(), &mut self.out);
        self.out.extend_from_slice(bytes);
        self
    }

    /// Adds a nested local set that `fill` writes.
    pub fn nested(
        &mut self,
        tag: u32,
        fill: impl FnOnce(&mut SetWriter) -> Result<(), EncodeError>,
    ) -> Result<&mut Self, EncodeError> {
        let line = self.line(tag)?;
        let Form::LocalSet(set) = line.def.form else {
            return Err(wrong(tag, line, "a set"));
        };
        let mut inner = SetWriter::new(set);
        fill(&mut inner)?;
        Ok(self.bytes(tag, &inner.out))
    }

    /// Adds a series: each member after its length.
    pub fn series<'m>(
        &mut self,
        tag: u32,
        members: impl IntoIterator<Item = &'m [u8]>,
    ) -> Result<&mut Self, EncodeError> {
        let line = self.line(tag)?;
        let Form::Series(_) = line.def.form else {
            return Err(wrong(tag, line, "a series"));
        };
        let mut all = Vec::new();
        for member in members {
            ber::write_length(member.len(), &mut all);
            all.extend_from_slice(member);
        }
        Ok(self.bytes(tag, &all))
    }

    /// Writes tag and length around what `fill` appends.
    #[inline]
    fn with(
        &mut self,
        tag: u32,
        line: &'static ItemDef,
        given: &'static str,
        fill: impl FnOnce(&mut Vec<u8>) -> Result<(), Refusal>,
    ) -> Result<&mut Self, EncodeError> {
        let before = self.out.len();
        ber::write_oid(u64::from(tag), &mut self.out);
        // Nearly all values are shorter than 128 bytes: their length is one byte, filled in after.
        let at = self.out.len();
        self.out.push(0);
        if let Err(refusal) = fill(&mut self.out) {
            self.out.truncate(before);
            return Err(match refusal {
                Refusal::Kind => wrong(tag, line, given),
                Refusal::Range(value, min, max) => {
                    let name = line.def.name;
                    EncodeError::OutOfRange {
                        tag,
                        name,
                        value,
                        min,
                        max,
                    }
                }
            });
        }
        let length = self.out.len() - at - 1;
        if length < 0x80 {
            self.out[at] = length as u8;
        } else {
            let mut long = Vec::new();
            ber::write_length(length, &mut long);
            self.out.splice(at..=at, long);
        }
        Ok(self)
    }

    /// The items written so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.out
    }

    /// The items.
    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Appends a packet of these items: label, length, items and the running sum (item 1) that
    /// ST 0601 and ST 0903 ask for.
    pub fn packet_into(&self, key: Key, out: &mut Vec<u8>) {
        const CHECKSUM_ITEM: usize = 4;
        let start = out.len();
        out.extend_from_slice(&key.0);
        ber::write_length(self.out.len() + CHECKSUM_ITEM, out);
        out.extend_from_slice(&self.out);
        out.extend_from_slice(&[1, 2]);
        let sum = running_sum(&out[start..]);
        out.extend_from_slice(&sum.to_be_bytes());
    }
}

/// What a value is, for a person.
fn given(value: Value<'_>) -> &'static str {
    match value {
        Value::Number(_) => "a measured quantity",
        Value::Unsigned(_) | Value::Signed(_) => "a count",
        Value::Text(_) | Value::Wide(_) => "text",
        Value::Uuid(_) => "an identifier",
        Value::Bytes(_) => "bytes",
        Value::Parts | Value::None => "no value",
    }
}

#[cold]
fn wrong(tag: u32, line: &'static ItemDef, given: &'static str) -> EncodeError {
    let name = line.def.name;
    EncodeError::WrongKind { tag, name, given }
}
