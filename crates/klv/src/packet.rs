//! One KLV packet: label, length, value.

use crate::checksum::running_sum;
use crate::element::Elements;
use crate::key::{Key, Standard};

/// What a packet's checksum says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Checksum {
    /// It agrees.
    Ok,
    /// It does not: the values are not to be trusted.
    Bad,
    /// There is none.
    Absent,
}

impl Checksum {
    /// Its name in `klv/1` records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Bad => "bad",
            Self::Absent => "absent",
        }
    }
}

/// A packet that borrows its bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Packet<'a> {
    /// Byte offset of its label in the stream.
    pub offset: u64,
    /// Its label.
    pub key: Key,
    /// Label, length and value.
    pub bytes: &'a [u8],
    header: usize,
}

impl<'a> Packet<'a> {
    /// `bytes` are `header` bytes of label and length, and the value.
    pub(crate) fn new(offset: u64, key: Key, header: usize, bytes: &'a [u8]) -> Self {
        Self {
            offset,
            key,
            bytes,
            header: header.min(bytes.len()),
        }
    }

    /// What the label says it is.
    pub fn standard(&self) -> Standard {
        self.key.standard()
    }

    /// The bytes after label and length.
    pub fn value(&self) -> &'a [u8] {
        &self.bytes[self.header..]
    }

    /// Verifies the running sum that local sets of ST 0601 and ST 0903 carry
    /// as their last item (tag 1, two bytes).
    pub fn checksum(&self) -> Checksum {
        if !matches!(self.standard(), Standard::St0601 | Standard::St0903) {
            return Checksum::Absent;
        }
        match self.value() {
            [.., 1, 2, high, low] => {
                let sum = running_sum(&self.bytes[..self.bytes.len() - 2]);
                if sum == u16::from_be_bytes([*high, *low]) {
                    Checksum::Ok
                } else {
                    Checksum::Bad
                }
            }
            _ => Checksum::Absent,
        }
    }

    /// The items in the order of the packet.
    pub fn elements(&self) -> Elements<'a> {
        Elements::new(
            self.standard(),
            self.value(),
            self.offset + self.header as u64,
        )
    }
}
