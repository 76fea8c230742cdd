//! What a first reading of a transport stream finds: its clock, its length, and where
//! the time stamps of its metadata lie.

use crate::error::Error;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Size of a transport packet, bytes.
pub(crate) const PACKET: usize = 188;
/// 33-bit clocks wrap here, 90 kHz ticks.
pub(crate) const WRAP: u64 = 1 << 33;
/// Universal key of the ST 0601 local set.
const ST0601_KEY: [u8; 16] = [
    0x06, 0x0e, 0x2b, 0x34, 0x02, 0x0b, 0x01, 0x01, 0x0e, 0x01, 0x03, 0x01, 0x01, 0x00, 0x00, 0x00,
];

/// Time stamp and checksum of one metadata packet.
pub(crate) struct Patch {
    /// Whether each byte of the time stamp is at an even place of its packet (the
    /// checksum adds words of two bytes).
    pub(crate) even: [bool; 8],
    pub(crate) time_us: u64,
    pub(crate) sum: u16,
}

/// What a first reading of the file finds.
pub(crate) struct Index {
    pub(crate) packets: u64,
    /// Packet number and program clock, 90 kHz ticks.
    pub(crate) clocks: Vec<(u64, u64)>,
    /// Bytes to change in a further loop, by file offset: number of the patch, and the
    /// byte's place in it (0–7 time stamp, 8–9 checksum).
    pub(crate) places: BTreeMap<u64, (usize, usize)>,
    pub(crate) patches: Vec<Patch>,
    /// Length of a round, 90 kHz ticks.
    pub(crate) period: u64,
}

pub(crate) fn pid(p: &[u8]) -> u16 {
    u16::from(p[1] & 0x1f) << 8 | u16::from(p[2])
}

/// Offset of the payload, and whether there is one.
fn payload(p: &[u8]) -> Option<usize> {
    let start = if p[3] & 0x20 != 0 {
        5 + usize::from(p[4])
    } else {
        4
    };
    (p[3] & 0x10 != 0 && start < PACKET).then_some(start)
}

/// The program clock's base, 90 kHz ticks.
pub(crate) fn clock(p: &[u8]) -> Option<u64> {
    (p[3] & 0x20 != 0 && p[4] >= 7 && p[5] & 0x10 != 0).then(|| {
        u64::from(p[6]) << 25
            | u64::from(p[7]) << 17
            | u64::from(p[8]) << 9
            | u64::from(p[9]) << 1
            | u64::from(p[10] >> 7)
    })
}

pub(crate) fn set_clock(p: &mut [u8], base: u64) {
    p[6] = (base >> 25) as u8;
    p[7] = (base >> 17) as u8;
    p[8] = (base >> 9) as u8;
    p[9] = (base >> 1) as u8;
    p[10] = (p[10] & 0x7f) | ((base & 1) as u8) << 7;
}

/// A 33-bit time of a PES header.
pub(crate) fn pes_time(b: &[u8]) -> u64 {
    u64::from(b[0] >> 1 & 7) << 30
        | u64::from(b[1]) << 22
        | u64::from(b[2] >> 1) << 15
        | u64::from(b[3]) << 7
        | u64::from(b[4] >> 1)
}

pub(crate) fn set_pes_time(b: &mut [u8], t: u64) {
    b[0] = (b[0] & 0xf1) | ((t >> 30) as u8 & 7) << 1;
    b[1] = (t >> 22) as u8;
    b[2] = ((t >> 15) as u8) << 1 | 1;
    b[3] = (t >> 7) as u8;
    b[4] = (t as u8) << 1 | 1;
}

/// Offsets in a packet of the presentation and decoding times of a PES that starts in it.
pub(crate) fn pes_times(p: &[u8]) -> Option<(Option<usize>, Option<usize>)> {
    let start = payload(p)?;
    let b = p.get(start..)?;
    let head = p[1] & 0x40 != 0 && b.len() >= 19 && b[..3] == [0, 0, 1] && b[6] & 0xc0 == 0x80;
    head.then(|| match b[7] >> 6 {
        2 => (Some(start + 9), None),
        3 => (Some(start + 9), Some(start + 14)),
        _ => (None, None),
    })
}

impl Index {
    pub(crate) fn read(path: &Path, reader: &mut BufReader<File>) -> Result<Self, Error> {
        let bad = |cause: &str| Error::Recording {
            path: path.into(),
            cause: cause.into(),
        };
        let mut index = Self {
            packets: 0,
            clocks: Vec::new(),
            places: BTreeMap::new(),
            patches: Vec::new(),
            period: 0,
        };
        // Bytes of the PES under way per PID, each with its place in the file.
        let mut open: BTreeMap<u16, Vec<(u8, u64)>> = BTreeMap::new();
        let mut video: BTreeMap<u16, (u64, u64, u64)> = BTreeMap::new();
        let mut p = [0u8; PACKET];
        loop {
            match reader.read_exact(&mut p) {
                Ok(()) => {}
                Err(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => break,
                Err(e) => return Err(Error::file(path)(e)),
            }
            if p[0] != 0x47 {
                return Err(bad(
                    "is not an MPEG transport stream of 188-byte packets; write it with `atalaya sim`",
                ));
            }
            let n = index.packets;
            index.packets += 1;
            if let Some(c) = clock(&p) {
                index.clocks.push((n, c));
            }
            let Some(start) = payload(&p) else {
                continue;
            };
            let id = pid(&p);
            if p[1] & 0x40 != 0 {
                index.finish(open.remove(&id));
                if let Some((Some(at), _)) = pes_times(&p) {
                    let t = pes_time(&p[at..]);
                    let e = video.entry(id).or_insert((t, t, 0));
                    e.1 = t;
                    e.2 += 1;
                }
                // Metadata goes as private stream 1 or as metadata stream.
                if matches!(p.get(start..start + 4), Some([0, 0, 1, 0xbd | 0xfc])) {
                    open.insert(id, Vec::new());
                }
            }
            if let Some(bytes) = open.get_mut(&id) {
                let base = n * PACKET as u64;
                bytes.extend((start..PACKET).map(|k| (p[k], base + k as u64)));
                if bytes.len() > 1 << 17 {
                    open.remove(&id);
                }
            }
        }
        for (_, bytes) in std::mem::take(&mut open) {
            index.finish(Some(bytes));
        }
        let longest = video.values().max_by_key(|v| v.2).copied();
        let (Some((first, last, count)), true) = (longest, index.clocks.len() > 1) else {
            return Err(bad(
                "has no clock or no pictures; a stream to be played needs both",
            ));
        };
        // One frame more than from the first to the last.
        let span = last.wrapping_sub(first) % WRAP;
        index.period = span + span / (count.max(2) - 1);
        Ok(index)
    }

    /// Looks for the time stamp in the bytes of a whole PES.
    fn finish(&mut self, bytes: Option<Vec<(u8, u64)>>) {
        let Some(bytes) = bytes else {
            return;
        };
        let raw: Vec<u8> = bytes.iter().map(|b| b.0).collect();
        let Some(key) = raw.windows(16).position(|w| w == ST0601_KEY) else {
            return;
        };
        let Some((length, head)) = ber_length(&raw[key + 16..]) else {
            return;
        };
        let body = key + 16 + head;
        let Some(end) = body.checked_add(length).filter(|e| *e <= raw.len()) else {
            return;
        };
        let (mut stamp, mut checksum) = (None, None);
        let mut at = body;
        while at + 2 <= end {
            let (tag, wide) = (raw[at], raw[at] & 0x80 != 0);
            // Tags above 127 take two bytes.
            let skip = if wide { 2 } else { 1 };
            let Some((len, n)) = raw.get(at + skip..end).and_then(ber_length) else {
                return;
            };
            let value = at + skip + n;
            match (tag, len) {
                (2, 8) => stamp = Some(value),
                (1, 2) => checksum = Some(value),
                _ => {}
            }
            at = value + len;
        }
        let (Some(stamp), Some(sum)) = (stamp, checksum) else {
            return;
        };
        if stamp + 8 > end || sum + 2 > end {
            return;
        }
        let number = self.patches.len();
        for k in 0..8 {
            self.places.insert(bytes[stamp + k].1, (number, k));
        }
        for k in 0..2 {
            self.places.insert(bytes[sum + k].1, (number, 8 + k));
        }
        self.patches.push(Patch {
            even: std::array::from_fn(|k| (stamp + k - key).is_multiple_of(2)),
            time_us: raw[stamp..stamp + 8]
                .iter()
                .fold(0, |v, b| v << 8 | u64::from(*b)),
            sum: u16::from(raw[sum]) << 8 | u16::from(raw[sum + 1]),
        });
    }

    /// Time at which a packet is due, 90 kHz ticks since the first clock.
    pub(crate) fn due(&self, packet: u64) -> u64 {
        let k = self.clocks.partition_point(|c| c.0 <= packet).max(1) - 1;
        let a = self.clocks[k.min(self.clocks.len() - 2)];
        let b = self.clocks[(k + 1).clamp(1, self.clocks.len() - 1)];
        let since = (a.1 + WRAP - self.clocks[0].1) % WRAP;
        let step = (b.1 + WRAP - a.1) % WRAP;
        let gap = (b.0 - a.0).max(1);
        since + step * packet.saturating_sub(a.0).min(2 * gap) / gap
    }
}

/// A BER length: value and number of bytes used.
fn ber_length(b: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(*b.first()?);
    if first < 0x80 {
        return Some((first, 1));
    }
    let n = first & 0x7f;
    if n == 0 || n > 4 {
        return None;
    }
    let v = b
        .get(1..=n)?
        .iter()
        .fold(0, |v, x| v << 8 | usize::from(*x));
    Some((v, 1 + n))
}
