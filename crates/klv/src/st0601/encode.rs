//! Writing ST 0601 packets.

use super::table::{Kind, lookup};
use super::{imap, signed_steps, unsigned_steps};
use crate::checksum::running_sum;
use crate::key::Key;
use crate::{ber, st0601};

/// Why an item cannot be written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EncodeError {
    /// The tag has no definition.
    #[error("ST 0601 has no item {0}; use a tag from 1 to 143")]
    UnknownTag(u32),
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

/// Bytes that an IMAPB item is written with.
const IMAP_LENGTH: usize = 3;

/// Builds one ST 0601 packet: the time stamp first, items in the order given,
/// the checksum last. Values are in the units of [`st0601::table`]
/// (degrees, metres).
#[derive(Debug, Clone)]
pub struct SetBuilder {
    value: Vec<u8>,
}

impl SetBuilder {
    /// A set for this time, UTC microseconds.
    pub fn new(time_us: u64) -> Self {
        let mut set = Self { value: Vec::new() };
        set.item(2, &time_us.to_be_bytes());
        set
    }

    /// Adds a measured quantity, rounded to the item's nearest step.
    pub fn number(&mut self, tag: u32, value: f64) -> Result<&mut Self, EncodeError> {
        let definition = lookup(tag).ok_or(EncodeError::UnknownTag(tag))?;
        let within = |min: f64, max: f64| {
            if (min..=max).contains(&value) {
                Ok(())
            } else {
                let name = definition.name;
                Err(EncodeError::OutOfRange {
                    tag,
                    name,
                    value,
                    min,
                    max,
                })
            }
        };
        let (bits, length) = match definition.kind {
            Kind::U(length, min, max) => {
                within(min, max)?;
                let step = (max - min) / unsigned_steps(length);
                (((value - min) / step).round() as u64, usize::from(length))
            }
            Kind::S(length, max, _) => {
                within(-max, max)?;
                let step = max / signed_steps(length);
                ((value / step).round() as i64 as u64, usize::from(length))
            }
            Kind::Scaled(length, step) => {
                within(0.0, unsigned_steps(length) * step)?;
                ((value / step).round() as u64, usize::from(length))
            }
            Kind::M(min, max) => {
                within(min, max)?;
                (imap::encode(min, max, IMAP_LENGTH, value), IMAP_LENGTH)
            }
            Kind::Int(length) => {
                let length = if length == 0 { 8 } else { length };
                within(-signed_steps(length) - 1.0, signed_steps(length))?;
                (value.round() as i64 as u64, usize::from(length))
            }
            _ => return Err(wrong(tag, definition, "a measured quantity")),
        };
        self.item(tag, &bits.to_be_bytes()[8 - length..]);
        Ok(self)
    }

    /// Adds a count, code or time.
    pub fn unsigned(&mut self, tag: u32, value: u64) -> Result<&mut Self, EncodeError> {
        let definition = lookup(tag).ok_or(EncodeError::UnknownTag(tag))?;
        let Kind::Uint(length) = definition.kind else {
            return Err(wrong(tag, definition, "a count"));
        };
        let bytes = value.to_be_bytes();
        let used = 8 - value.leading_zeros() as usize / 8;
        let length = if length == 0 {
            used.max(1)
        } else {
            usize::from(length)
        };
        if used > length {
            let max = unsigned_steps(length as u8);
            let (name, value) = (definition.name, value as f64);
            return Err(EncodeError::OutOfRange {
                tag,
                name,
                value,
                min: 0.0,
                max,
            });
        }
        self.item(tag, &bytes[8 - length..]);
        Ok(self)
    }

    /// Adds text.
    pub fn text(&mut self, tag: u32, text: &str) -> Result<&mut Self, EncodeError> {
        let definition = lookup(tag).ok_or(EncodeError::UnknownTag(tag))?;
        if definition.kind != Kind::Text {
            return Err(wrong(tag, definition, "text"));
        }
        self.item(tag, text.as_bytes());
        Ok(self)
    }

    /// Says that a signed quantity has no value now (out of range, off earth).
    pub fn set_aside(&mut self, tag: u32) -> Result<&mut Self, EncodeError> {
        let definition = lookup(tag).ok_or(EncodeError::UnknownTag(tag))?;
        let Kind::S(length, ..) = definition.kind else {
            return Err(wrong(tag, definition, "a value set aside"));
        };
        let bytes = (1u64 << (8 * u32::from(length) - 1)).to_be_bytes();
        self.item(tag, &bytes[8 - usize::from(length)..]);
        Ok(self)
    }

    /// Adds an item as it is: nested sets, or what the table does not know.
    pub fn bytes(&mut self, tag: u32, bytes: &[u8]) -> &mut Self {
        self.item(tag, bytes);
        self
    }

    /// The packet, with label, length and checksum.
    pub fn finish(&self) -> Vec<u8> {
        const CHECKSUM_ITEM: usize = 4;
        let mut packet = Vec::with_capacity(self.value.len() + 32);
        packet.extend_from_slice(&Key::ST0601.0);
        ber::write_length(self.value.len() + CHECKSUM_ITEM, &mut packet);
        packet.extend_from_slice(&self.value);
        packet.extend_from_slice(&[1, 2]);
        let sum = running_sum(&packet);
        packet.extend_from_slice(&sum.to_be_bytes());
        packet
    }

    fn item(&mut self, tag: u32, bytes: &[u8]) {
        ber::write_oid(tag, &mut self.value);
        ber::write_length(bytes.len(), &mut self.value);
        self.value.extend_from_slice(bytes);
    }
}

fn wrong(tag: u32, definition: &st0601::table::ItemDef, given: &'static str) -> EncodeError {
    let name = definition.name;
    EncodeError::WrongKind { tag, name, given }
}
