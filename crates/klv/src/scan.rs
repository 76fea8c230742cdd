//! Packets out of a byte stream that may be damaged.
//!
//! A packet begins with a universal label and a length. If the length was
//! damaged it may reach over packets that are whole; so a packet that does not
//! prove itself by its checksum ends at the next label of a set, and the search
//! goes on there.
//!
//! A single item with a label of its own may stand between sets. It is a packet too where one can
//! begin: at the beginning, and behind another packet. Behind bytes that belong to none only the label
//! of a set is looked for, since the items of a set whose beginning was lost have such labels as well.

use std::ops::Range;

use crate::ber;
use crate::key::{ITEM_PREFIX, Key, SET_PREFIX, Standard};
use crate::packet::{Checksum, Packet};

/// The longest packet, bytes; a longer length is taken for damage.
pub const MAX_PACKET: usize = 1 << 18;

const LABEL: usize = 16;

/// What comes next in a stream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step<'a> {
    /// A packet. It may still be damaged inside: see its checksum.
    Packet(Packet<'a>),
    /// Bytes that belong to no packet, or to one that is beyond help.
    Skipped {
        /// Byte offset in the stream.
        offset: u64,
        /// How many.
        length: usize,
    },
}

/// Scans bytes that are all there.
pub fn scan(bytes: &[u8]) -> Scan<'_> {
    Scan {
        bytes,
        position: 0,
        lost: false,
    }
}

/// Iterator of [`scan`].
#[derive(Debug, Clone)]
pub struct Scan<'a> {
    bytes: &'a [u8],
    position: usize,
    /// The last step was none of a packet.
    lost: bool,
}

impl<'a> Iterator for Scan<'a> {
    type Item = Step<'a>;

    fn next(&mut self) -> Option<Step<'a>> {
        let rest = &self.bytes[self.position..];
        let offset = self.position as u64;
        let (step, length) = cut(rest, offset, (true, self.lost), &mut 0)?;
        self.position += length;
        self.lost = matches!(step, Step::Skipped { .. });
        Some(step)
    }
}

/// Scans bytes as they arrive. Memory is bounded by twice [`MAX_PACKET`] plus
/// what is pushed at once.
#[derive(Debug, Clone, Default)]
pub struct Scanner {
    buffer: Vec<u8>,
    position: usize,
    offset: u64,
    ended: bool,
    /// The last step was none of a packet.
    lost: bool,
    /// Bytes of a packet that is not all there in which no label begins.
    searched: usize,
}

impl Scanner {
    /// A scanner whose first byte has offset 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the stream. Call [`Scanner::next_step`] until
    /// `None` afterwards.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.position);
        self.position = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// No more bytes will come: what waits for its end is given out.
    pub fn finish(&mut self) {
        self.ended = true;
    }

    /// Offset of the next byte that will be pushed.
    pub fn end_offset(&self) -> u64 {
        self.offset + (self.buffer.len() - self.position) as u64
    }

    /// The next packet or stretch of skipped bytes; `None` when more bytes are
    /// needed.
    pub fn next_step(&mut self) -> Option<Step<'_>> {
        let rest = &self.buffer[self.position..];
        let state = (self.ended, self.lost);
        let (step, length) = cut(rest, self.offset, state, &mut self.searched)?;
        self.lost = matches!(step, Step::Skipped { .. });
        self.searched = 0;
        self.position += length;
        self.offset += length as u64;
        Some(step)
    }
}

/// The first step of `bytes`, which begin at `offset`, and its length; `None`
/// if more bytes are needed to tell, or there are none. `ended`: no more will come; `lost`: what came
/// before was no packet. What has been searched in vain for the end of
/// a packet that is not all there is not searched again when more has arrived.
fn cut<'a>(
    bytes: &'a [u8],
    offset: u64,
    (ended, lost): (bool, bool),
    searched: &mut usize,
) -> Option<(Step<'a>, usize)> {
    let skip = |length: usize| (length > 0).then_some((Step::Skipped { offset, length }, length));
    if lost || !bytes.starts_with(&ITEM_PREFIX) {
        match find_label(bytes) {
            Some(0) => {}
            Some(start) => return skip(start),
            None if ended => return skip(bytes.len()),
            // A label may have begun at the very end.
            None => return skip(bytes.len() - partial_label(bytes)),
        }
    }
    // Where to go on if this label turns out to begin nothing.
    let next_label = || find_label(&bytes[1..]).map(|i| i + 1);
    let give_up = || match next_label() {
        Some(start) => skip(start),
        None => skip(bytes.len() - if ended { 0 } else { partial_label(&bytes[1..]) }),
    };
    let Some(key) = bytes.first_chunk::<LABEL>().map(|b| Key(*b)) else {
        return if ended { give_up() } else { None };
    };
    let after = &bytes[LABEL..];
    let Some((length, taken)) = ber::read_length(after) else {
        let wait = !ended && ber::may_become_length(after);
        return if wait { None } else { give_up() };
    };
    let header = LABEL + taken;
    let total = match usize::try_from(length) {
        Ok(length) if length <= MAX_PACKET => header + length,
        _ => return give_up(),
    };
    let standard = key.standard();
    if total > bytes.len() {
        // A label inside what has arrived means that the length is wrong, or
        // (inside the label itself) that this was no label.
        return match find_label_in(bytes, (*searched).max(1)..bytes.len(), standard) {
            Some(start) => skip(start),
            None if ended => skip(bytes.len()),
            None => {
                // A label may have begun in the last bytes.
                *searched = bytes.len().saturating_sub(LABEL);
                None
            }
        };
    }
    let packet = Packet::new(offset, key, header, &bytes[..total]);
    if packet.checksum() != Checksum::Ok {
        // The next label may have begun in what this packet claims as its own.
        let tail = (total + 1).saturating_sub(LABEL);
        let claimed = &bytes[tail..total];
        let straddles = partial_label(claimed) > 0 || find_label(claimed).is_some();
        if straddles && !ended && bytes.len() < total + LABEL {
            return None;
        }
        let reach = if straddles { SET_PREFIX.len() - 1 } else { 0 };
        let end = bytes.len().min(total + reach);
        if let Some(start) = find_label_in(bytes, 1..end, standard) {
            return skip(start);
        }
    }
    Some((Step::Packet(packet), total))
}

fn find_label(bytes: &[u8]) -> Option<usize> {
    let mut from = 0;
    // The byte 0x2B stands in the middle of the prefix and is rarer in real
    // metadata than its 0x06 at the beginning.
    while let Some(i) = bytes
        .get(from + 2..)?
        .iter()
        .position(|&b| b == SET_PREFIX[2])
    {
        let start = from + i;
        match bytes.get(start..start + SET_PREFIX.len()) {
            Some(found) if found == SET_PREFIX => return Some(start),
            Some(_) => from = start + 1,
            None => return None,
        }
    }
    None
}

/// The first label that stands wholly within `range`, which lies inside
/// another packet; a security set is at home in a universal set.
fn find_label_in(bytes: &[u8], range: Range<usize>, outer: Standard) -> Option<usize> {
    let mut from = range.start;
    while let Some(start) = find_label(&bytes[from..range.end]).map(|i| from + i) {
        let key = bytes[start..].first_chunk::<LABEL>().map(|b| Key(*b));
        let at_home = outer.is_universal()
            && key.is_none_or(|k| {
                matches!(
                    k.standard(),
                    Standard::St0102Universal | Standard::St0102Local
                )
            });
        if !at_home {
            return Some(start);
        }
        from = start + 1;
    }
    None
}

/// How many bytes at the end may be the beginning of a label.
fn partial_label(bytes: &[u8]) -> usize {
    (1..SET_PREFIX.len())
        .rev()
        .find(|&n| bytes.ends_with(&SET_PREFIX[..n]))
        .unwrap_or(0)
}
