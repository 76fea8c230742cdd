//! Writing ST 0601 packets.

use super::table::{UAS, lookup};
use crate::form::Form;
use crate::key::Key;
use crate::value::{State, Value};
use crate::write::{EncodeError, SetWriter};

/// Builds one ST 0601 packet: the time stamp first, items in the order given, the checksum last.
/// Values are in the units of [`super::table`] (degrees, metres).
#[derive(Debug, Clone)]
pub struct SetBuilder {
    set: SetWriter,
}

impl SetBuilder {
    /// A set for this time, UTC microseconds.
    pub fn new(time_us: u64) -> Self {
        let mut set = SetWriter::new(&UAS);
        set.bytes(2, &time_us.to_be_bytes());
        Self { set }
    }

    /// Begins another packet in the same memory.
    pub fn restart(&mut self, time_us: u64) -> &mut Self {
        self.set.clear();
        self.set.bytes(2, &time_us.to_be_bytes());
        self
    }

    /// Adds a value of any kind.
    #[inline]
    pub fn value(&mut self, tag: u32, value: Value<'_>) -> Result<&mut Self, EncodeError> {
        self.set.value(tag, value)?;
        Ok(self)
    }

    /// Adds a measured quantity, rounded to the item's nearest step.
    #[inline]
    pub fn number(&mut self, tag: u32, value: f64) -> Result<&mut Self, EncodeError> {
        self.set.number(tag, value)?;
        Ok(self)
    }

    /// Adds a count, code or time.
    pub fn unsigned(&mut self, tag: u32, value: u64) -> Result<&mut Self, EncodeError> {
        self.set.unsigned(tag, value)?;
        Ok(self)
    }

    /// Adds text.
    pub fn text(&mut self, tag: u32, text: &str) -> Result<&mut Self, EncodeError> {
        self.set.text(tag, text)?;
        Ok(self)
    }

    /// Says that a signed quantity has no value now (out of range, off earth).
    pub fn set_aside(&mut self, tag: u32) -> Result<&mut Self, EncodeError> {
        let aside = match lookup(tag).map(|line| line.def.form) {
            Some(Form::Signed(s)) => s.aside,
            _ => State::Malformed,
        };
        self.set.without_value(tag, aside)?;
        Ok(self)
    }

    /// Says of an item that it has no value now, and why, where its form can.
    pub fn without_value(&mut self, tag: u32, state: State) -> Result<&mut Self, EncodeError> {
        self.set.without_value(tag, state)?;
        Ok(self)
    }

    /// Adds an item as it is: nested sets, or what the table does not know.
    #[inline]
    pub fn bytes(&mut self, tag: u32, bytes: &[u8]) -> &mut Self {
        self.set.bytes(tag, bytes);
        self
    }

    /// The packet, with label, length and checksum.
    pub fn finish(&self) -> Vec<u8> {
        let mut packet = Vec::with_capacity(self.set.as_bytes().len() + 32);
        self.finish_into(&mut packet);
        packet
    }

    /// Appends the packet.
    pub fn finish_into(&self, out: &mut Vec<u8>) {
        self.set.packet_into(Key::ST0601, out);
    }
}
