//! One KLV packet: label, length, value.

use crate::checksum::{crc16_ccitt, crc32_mpeg2, running_sum};
use crate::element::Elements;
use crate::key::{Key, Standard};
use crate::st1108;

/// What a packet's checksum says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

/// Makes the sum that a packet ends with anew, if it ends with one.
pub(crate) fn seal(standard: Standard, packet: &mut [u8]) {
    let item: [u8; 2] = match standard {
        Standard::St0601 | Standard::St0903 | Standard::St0903Track => [1, 2],
        Standard::St0806 => [1, 4],
        Standard::St1002 => [21, 2],
        Standard::St1108 => [11, 2],
        _ => return,
    };
    let length = usize::from(item[1]);
    let Some((summed, sum)) = packet
        .len()
        .checked_sub(length)
        .map(|n| packet.split_at_mut(n))
    else {
        return;
    };
    if !summed.ends_with(&item) {
        return;
    }
    match standard {
        Standard::St0806 => sum.copy_from_slice(&crc32_mpeg2(summed).to_be_bytes()),
        Standard::St1002 | Standard::St1108 => {
            sum.copy_from_slice(&crc16_ccitt(summed).to_be_bytes());
        }
        _ => sum.copy_from_slice(&running_sum(summed).to_be_bytes()),
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
    /// `bytes` are `header` bytes of label and length, and the value. An item that stands by itself is
    /// a value without a header: its label and length are its own, as they are within a set.
    pub(crate) fn new(offset: u64, key: Key, header: usize, bytes: &'a [u8]) -> Self {
        let header = match key.standard() {
            Standard::Item => 0,
            _ => header,
        };
        Self {
            offset,
            key,
            bytes,
            header: header.min(bytes.len()),
        }
    }

    /// What the label says it is.
    #[inline]
    pub fn standard(&self) -> Standard {
        match self.key.standard() {
            Standard::St1108 if !st1108::is_third(self.value()) => Standard::UnknownLocal,
            standard => standard,
        }
    }

    /// Label and length; empty for an item by itself.
    pub fn head(&self) -> &'a [u8] {
        &self.bytes[..self.header]
    }

    /// The bytes after label and length; all of them for an item by itself.
    #[inline]
    pub fn value(&self) -> &'a [u8] {
        &self.bytes[self.header..]
    }

    /// Verifies the checksum that stands last in local sets of ST 0601 and ST 0903 (item 1, running
    /// sum), ST 0806 (item 1, CRC-32), ST 1002 (item 21, CRC-16) and ST 1108 (item 11, CRC-16).
    #[inline]
    pub fn checksum(&self) -> Checksum {
        let summed = |length: usize| &self.bytes[..self.bytes.len() - length];
        let agrees = match (self.standard(), self.value()) {
            (
                Standard::St0601 | Standard::St0903 | Standard::St0903Track,
                [.., 1, 2, high, low],
            ) => running_sum(summed(2)) == u16::from_be_bytes([*high, *low]),
            (Standard::St0806, [.., 1, 4, a, b, c, d]) => {
                crc32_mpeg2(summed(4)) == u32::from_be_bytes([*a, *b, *c, *d])
            }
            (Standard::St1002, [.., 21, 2, high, low])
            | (Standard::St1108, [.., 11, 2, high, low]) => {
                crc16_ccitt(summed(2)) == u16::from_be_bytes([*high, *low])
            }
            _ => return Checksum::Absent,
        };
        if agrees { Checksum::Ok } else { Checksum::Bad }
    }

    /// The items in the order of the packet; none if nothing is known of its label.
    #[inline]
    pub fn elements(&self) -> Elements<'a> {
        let offset = self.offset + self.header as u64;
        let standard = self.standard();
        match standard.set() {
            Some(set) if standard.is_universal() => Elements::universal(set, self.value(), offset),
            Some(set) => Elements::local(set, self.value(), offset),
            None => Elements::universal(&crate::eg0104::UNIVERSAL, &[], offset),
        }
    }
}
