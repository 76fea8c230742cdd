//! A number that stands for every value of a packet.
//!
//! Two readers that agree on it agree on every value: it is the sum, over all values of a packet
//! with all that is nested in it, of a hash of the value and of the path it stands at. The order of
//! items does not matter, so that it can be computed from `klv/1` records as well
//! (`bench/klv_digest.py` does).

use crate::element::{ElementId, Elements};
use crate::packet::Packet;
use crate::value::{Value, utf16};

/// Mixes a word into a hash.
#[inline]
pub const fn mix(hash: u64, word: u64) -> u64 {
    let x = (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^ x >> 32
}

const ROOT: u64 = 0x6B6C_762F_3100_0001;

/// The sum over the values of a packet.
#[inline]
pub fn packet(packet: &Packet<'_>) -> u64 {
    within(&mut packet.elements(), ROOT)
}

fn within(elements: &mut Elements<'_>, path: u64) -> u64 {
    let mut sum = 0u64;
    for (place, element) in elements.enumerate() {
        let path = match element.id {
            ElementId::Tag(n) => mix(path, u64::from(n)),
            ElementId::Index(_) => mix(path, place as u64),
            ElementId::Field(_) => bytes(path, element.def.name.as_bytes()),
            ElementId::Key(key) => key_path(path, &key.0),
        };
        let hash = match element.value {
            Value::Number(x) => mix(path, x.to_bits()),
            Value::Unsigned(n) => mix(path, n),
            Value::Signed(n) => mix(path, n as u64),
            Value::Text(text) => bytes(path, text.as_bytes()),
            Value::None => continue,
            _ => rarer(&element, path),
        };
        sum = sum.wrapping_add(hash);
    }
    sum
}

#[cold]
fn key_path(path: u64, key: &[u8; 16]) -> u64 {
    key.as_chunks::<8>()
        .0
        .iter()
        .fold(path, |p, half| mix(p, u64::from_be_bytes(*half)))
}

fn rarer(element: &crate::Element<'_>, path: u64) -> u64 {
    match element.value {
        Value::Parts => element
            .parts()
            .map_or(0, |mut parts| within(&mut parts, path)),
        Value::Wide(raw) => {
            let mut text = Bytes::new(path);
            for c in utf16(raw) {
                text.add(c.encode_utf8(&mut [0; 4]).as_bytes());
            }
            text.end()
        }
        Value::Uuid(id) => {
            let mut text = Bytes::new(path);
            crate::json::uuid(id, |part| text.add(part));
            text.end()
        }
        Value::Bytes(raw) => {
            let mut text = Bytes::new(path);
            for byte in raw {
                text.add(&crate::json::hex_digits(*byte));
            }
            text.end()
        }
        _ => 0,
    }
}

/// Eight bytes at a time, little endian, the last ones filled up with zeros; then the length.
#[inline]
fn bytes(path: u64, text: &[u8]) -> u64 {
    let (words, rest) = text.as_chunks::<8>();
    let hash = words
        .iter()
        .fold(path, |h, w| mix(h, u64::from_le_bytes(*w)));
    mix(mix(hash, tail(rest)), text.len() as u64)
}

/// Up to seven bytes, little endian, in reads that may overlap: they say the same twice.
#[inline]
fn tail(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>(), bytes) {
        (Some(low), Some(high), _) => {
            let high = u64::from(u32::from_le_bytes(*high)) << (8 * (bytes.len() - 4));
            u64::from(u32::from_le_bytes(*low)) | high
        }
        (_, _, []) => 0,
        (_, _, [first, .., last]) => {
            let middle = u64::from(bytes[bytes.len() / 2]) << (8 * (bytes.len() / 2));
            u64::from(*first) | middle | u64::from(*last) << (8 * (bytes.len() - 1))
        }
        (_, _, [one]) => u64::from(*one),
    }
}

/// The same for text that comes in pieces.
struct Bytes {
    hash: u64,
    word: u64,
    length: u64,
}

impl Bytes {
    fn new(hash: u64) -> Self {
        Self {
            hash,
            word: 0,
            length: 0,
        }
    }

    fn add(&mut self, piece: &[u8]) {
        for &byte in piece {
            self.word |= u64::from(byte) << (8 * (self.length % 8));
            self.length += 1;
            if self.length.is_multiple_of(8) {
                self.hash = mix(self.hash, self.word);
                self.word = 0;
            }
        }
    }

    fn end(self) -> u64 {
        mix(mix(self.hash, self.word), self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_pieces_is_text() {
        for text in [
            "",
            "a",
            "ab",
            "abc",
            "abcd",
            "abcde",
            "abcdef",
            "abcdefg",
            "12345678",
            "123456789",
            "abcdefghijklmnopq",
        ] {
            let mut pieces = Bytes::new(7);
            text.as_bytes()
                .chunks(3)
                .for_each(|piece| pieces.add(piece));
            assert_eq!(pieces.end(), bytes(7, text.as_bytes()), "{text}");
        }
    }
}
