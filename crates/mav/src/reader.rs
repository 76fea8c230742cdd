//! Bytes → messages.

use crate::common::MavMessage;
use crate::signing::{Key, MINUTE};
use crate::{HEADER, SIGNATURE, SIGNED, STX, STX_1};
use mavlink::{MavlinkVersion, Message as _, calculate_crc};
use std::collections::BTreeMap;

/// A message as received.
#[derive(Clone, Debug)]
pub struct Message {
    /// Who sent it: number of the aircraft.
    pub system: u8,
    /// Which part of it: 1 is the autopilot.
    pub component: u8,
    /// Counts the sender's frames.
    pub sequence: u8,
    /// Came with a signature (verified where the reader has a key).
    pub signed: bool,
    /// What it says.
    pub body: MavMessage,
}

/// What was received and not passed on, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Bytes that belong to no frame.
    pub skipped_bytes: u64,
    /// Frames whose checksum is wrong.
    pub checksum: u64,
    /// Frames of messages that this dialect doesn't know, or with values that it doesn't.
    pub unknown: u64,
    /// Frames of MAVLink 1.
    pub version_1: u64,
    /// Frames without a signature, where there is a key.
    pub unsigned: u64,
    /// Frames signed with another key.
    pub wrong_key: u64,
    /// Frames whose signature repeats an older time.
    pub replayed: u64,
}

/// Most bytes that wait for the rest of a frame.
const MOST_WAITING: usize = 4096;
/// Most senders whose times of signature are remembered.
const MOST_STREAMS: usize = 1024;

/// Finds frames in the bytes of one peer.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    waiting: Vec<u8>,
    key: Option<Key>,
    /// Newest time of each stream: system, component, link.
    streams: BTreeMap<(u8, u8, u8), u64>,
    faults: Faults,
}

impl Reader {
    /// With a key only what is signed with it passes.
    pub fn new(key: Option<Key>) -> Self {
        Self {
            key,
            ..Self::default()
        }
    }

    /// What didn't pass so far.
    pub fn faults(&self) -> Faults {
        self.faults
    }

    /// Takes bytes, in any portions; gives the messages that are complete. `stamp` is now in the unit
    /// of signatures.
    pub fn push(&mut self, bytes: &[u8], stamp: u64, out: &mut Vec<Message>) {
        for part in bytes.chunks(MOST_WAITING / 2) {
            self.waiting.extend_from_slice(part);
            let mut at = 0;
            while let Some(taken) = self.frame(at, stamp, out) {
                at += taken;
            }
            self.waiting.drain(..at);
        }
    }

    /// Reads at a place; gives how many bytes are done with, nothing where more have to come.
    fn frame(&mut self, at: usize, stamp: u64, out: &mut Vec<Message>) -> Option<usize> {
        let b = &self.waiting[at..];
        let first = *b.first()?;
        if first == STX_1 {
            return self.version_1(at);
        }
        if first != STX {
            self.faults.skipped_bytes += 1;
            return Some(1);
        }
        if b.len() < HEADER {
            return None;
        }
        let (length, flags) = (usize::from(b[1]), b[2]);
        if flags & !SIGNED != 0 {
            // Flags that one doesn't know forbid reading on.
            self.faults.skipped_bytes += 1;
            return Some(1);
        }
        let signed = flags & SIGNED != 0;
        let end = HEADER + length + 2;
        let whole = end + if signed { SIGNATURE } else { 0 };
        if b.len() < whole {
            return None;
        }
        let id = u32::from_le_bytes([b[7], b[8], b[9], 0]);
        let crc = calculate_crc(&b[1..end - 2], MavMessage::extra_crc(id));
        if crc.to_le_bytes() != b[end - 2..end] {
            // A message of another dialect has a checksum that can't be known: it is passed over
            // whole where another frame follows it and none lies within it. What noise took for a
            // header must not hide what is good.
            if MavMessage::default_message_from_id(id).is_none() {
                let next = *b.get(whole)?;
                if (next == STX || next == STX_1) && !(1..whole).any(|i| is_known(&b[i..whole])) {
                    self.faults.unknown += 1;
                    return Some(whole);
                }
            }
            self.faults.checksum += 1;
            return Some(1);
        }
        let (system, component) = (b[5], b[6]);
        let body = MavMessage::parse(MavlinkVersion::V2, id, &b[HEADER..HEADER + length]);
        let sequence = b[4];
        if !self.verified(at, end, signed, stamp) {
            return Some(whole);
        }
        match body {
            Ok(body) => out.push(Message {
                system,
                component,
                sequence,
                signed,
                body,
            }),
            Err(_) => self.faults.unknown += 1,
        }
        Some(whole)
    }

    fn version_1(&mut self, at: usize) -> Option<usize> {
        let b = &self.waiting[at..];
        let whole = usize::from(*b.get(1)?) + 8;
        if b.len() < whole {
            return None;
        }
        let id = u32::from(b[5]);
        let crc = calculate_crc(&b[1..whole - 2], MavMessage::extra_crc(id));
        if crc.to_le_bytes() == b[whole - 2..whole] {
            self.faults.version_1 += 1;
            return Some(whole);
        }
        self.faults.skipped_bytes += 1;
        Some(1)
    }

    /// Does a frame pass under the key, if there is one?
    fn verified(&mut self, at: usize, end: usize, signed: bool, stamp: u64) -> bool {
        let Some(key) = &self.key else { return true };
        if !signed {
            self.faults.unsigned += 1;
            return false;
        }
        let b = &self.waiting[at..at + end + SIGNATURE];
        if key.sign(&b[..end + 7]) != b[end + 7..] {
            self.faults.wrong_key += 1;
            return false;
        }
        let mut time = [0; 8];
        time[..6].copy_from_slice(&b[end + 1..end + 7]);
        let time = u64::from_le_bytes(time);
        let stream = (b[5], b[6], b[end]);
        let fresh = match self.streams.get(&stream) {
            Some(last) => time > *last,
            None => time + MINUTE > stamp && self.streams.len() < MOST_STREAMS,
        };
        if !fresh {
            self.faults.replayed += 1;
            return false;
        }
        self.streams.insert(stream, time);
        true
    }
}

/// Is there a whole frame of a known message, with its right checksum, at the start of these bytes?
fn is_known(b: &[u8]) -> bool {
    if b.len() < HEADER || b[0] != STX {
        return false;
    }
    let end = HEADER + usize::from(b[1]) + 2;
    let id = u32::from_le_bytes([b[7], b[8], b[9], 0]);
    MavMessage::default_message_from_id(id).is_some()
        && b.len() >= end
        && calculate_crc(&b[1..end - 2], MavMessage::extra_crc(id)).to_le_bytes() == b[end - 2..end]
}
