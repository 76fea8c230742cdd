//! Playing a recorded transport stream at its own pace, again and again, with event time
//! that goes on.
//!
//! [`Playout`] reads a file written by [`crate::write_to_dir`] (or any MPEG-TS with H.264
//! and ST 0601) and yields datagrams of seven transport packets with the moment at which
//! each is due. In every further loop the program clock, presentation and decoding times,
//! continuity counters, and the time stamp and checksum of every metadata packet go on
//! from where the loop before ended. The time code burnt into the pictures stays as it
//! was: it is part of the pictures.
//!
//! [`send_udp`] sends them at their own pace.

use crate::error::Error;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Size of a transport packet, bytes.
const PACKET: usize = 188;
/// Transport packets in a datagram.
const PER_DATAGRAM: usize = 7;
/// 33-bit clocks wrap here, 90 kHz ticks.
const WRAP: u64 = 1 << 33;
/// Universal key of the ST 0601 local set.
const ST0601_KEY: [u8; 16] = [
    0x06, 0x0e, 0x2b, 0x34, 0x02, 0x0b, 0x01, 0x01, 0x0e, 0x01, 0x03, 0x01, 0x01, 0x00, 0x00, 0x00,
];

/// How to play.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlayOptions {
    /// Start again at the end.
    pub looping: bool,
    /// Event time that the first metadata packet shall say, microseconds UTC; unchanged
    /// when absent.
    pub start_us: Option<i64>,
}

/// Up to 1316 bytes and the moment they are due.
#[derive(Clone, Debug)]
pub struct Datagram {
    /// Since the start of the playout.
    pub due: Duration,
    /// Whole transport packets.
    pub bytes: Vec<u8>,
    /// Which time round, from 0.
    pub round: u32,
}

/// Time stamp and checksum of one metadata packet.
struct Patch {
    /// Whether each byte of the time stamp is at an even place of its packet (the
    /// checksum adds words of two bytes).
    even: [bool; 8],
    time_us: u64,
    sum: u16,
}

/// What a first reading of the file finds.
struct Index {
    packets: u64,
    /// Packet number and program clock, 90 kHz ticks.
    clocks: Vec<(u64, u64)>,
    /// Bytes to change in a further loop, by file offset: number of the patch, and the
    /// byte's place in it (0–7 time stamp, 8–9 checksum).
    places: BTreeMap<u64, (usize, usize)>,
    patches: Vec<Patch>,
    /// Length of a round, 90 kHz ticks.
    period: u64,
}

/// The continuity counter of one PID.
struct Counter {
    /// Added to the recording's counters.
    offset: u8,
    /// Last one given out with a payload.
    last: u8,
    /// Round for which the offset holds.
    round: u32,
}

/// An endless (or single) run through a recording.
pub struct Playout {
    path: PathBuf,
    reader: BufReader<File>,
    index: Index,
    options: PlayOptions,
    shift_us: i64,
    round: u32,
    packet: u64,
    counters: BTreeMap<u16, Counter>,
    failed: bool,
}

fn pid(p: &[u8]) -> u16 {
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
fn clock(p: &[u8]) -> Option<u64> {
    (p[3] & 0x20 != 0 && p[4] >= 7 && p[5] & 0x10 != 0).then(|| {
        u64::from(p[6]) << 25 | u64::from(p[7]) << 17 | u64::from(p[8]) << 9
            | u64::from(p[9]) << 1
            | u64::from(p[10] >> 7)
    })
}

fn set_clock(p: &mut [u8], base: u64) {
    p[6] = (base >> 25) as u8;
    p[7] = (base >> 17) as u8;
    p[8] = (base >> 9) as u8;
    p[9] = (base >> 1) as u8;
    p[10] = (p[10] & 0x7f) | ((base & 1) as u8) << 7;
}

/// A 33-bit time of a PES header.
fn pes_time(b: &[u8]) -> u64 {
    u64::from(b[0] >> 1 & 7) << 30 | u64::from(b[1]) << 22 | u64::from(b[2] >> 1) << 15
        | u64::from(b[3]) << 7
        | u64::from(b[4] >> 1)
}

fn set_pes_time(b: &mut [u8], t: u64) {
    b[0] = (b[0] & 0xf1) | ((t >> 30) as u8 & 7) << 1;
    b[1] = (t >> 22) as u8;
    b[2] = ((t >> 15) as u8) << 1 | 1;
    b[3] = (t >> 7) as u8;
    b[4] = (t as u8) << 1 | 1;
}

/// Offsets in a packet of the presentation and decoding times of a PES that starts in it.
fn pes_times(p: &[u8]) -> Option<(Option<usize>, Option<usize>)> {
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
    fn read(path: &Path, reader: &mut BufReader<File>) -> Result<Self, Error> {
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
                return Err(bad("is not an MPEG transport stream of 188-byte packets; write it with `atalaya sim`"));
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
            return Err(bad("has no clock or no pictures; a stream to be played needs both"));
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
            time_us: raw[stamp..stamp + 8].iter().fold(0, |v, b| v << 8 | u64::from(*b)),
            sum: u16::from(raw[sum]) << 8 | u16::from(raw[sum + 1]),
        });
    }

    /// Time at which a packet is due, 90 kHz ticks since the first clock.
    fn due(&self, packet: u64) -> u64 {
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
    let v = b.get(1..=n)?.iter().fold(0, |v, x| v << 8 | usize::from(*x));
    Some((v, 1 + n))
}

impl Playout {
    /// Opens a recording and reads it through once.
    pub fn open(path: &Path, options: PlayOptions) -> Result<Self, Error> {
        let file = File::open(path).map_err(Error::file(path))?;
        let mut reader = BufReader::with_capacity(1 << 18, file);
        let index = Index::read(path, &mut reader)?;
        reader.seek(SeekFrom::Start(0)).map_err(Error::file(path))?;
        let first = index.patches.first().map_or(0, |p| p.time_us as i64);
        Ok(Self {
            path: path.into(),
            reader,
            shift_us: options.start_us.map_or(0, |s| s.saturating_sub(first)),
            index,
            options,
            round: 0,
            packet: 0,
            counters: BTreeMap::new(),
            failed: false,
        })
    }

    /// Length of one round.
    pub fn period(&self) -> Duration {
        ticks(self.index.period)
    }

    fn read(&mut self) -> Result<Option<Datagram>, Error> {
        if self.packet >= self.index.packets {
            if !self.options.looping {
                return Ok(None);
            }
            self.round = self.round.saturating_add(1);
            self.packet = 0;
            self.reader.seek(SeekFrom::Start(0)).map_err(Error::file(&self.path))?;
        }
        let left = (self.index.packets - self.packet).min(PER_DATAGRAM as u64) as usize;
        let mut bytes = vec![0u8; left * PACKET];
        self.reader.read_exact(&mut bytes).map_err(Error::file(&self.path))?;
        let start = self.packet * PACKET as u64;
        let ticks_on = u64::from(self.round) * self.index.period;
        for p in bytes.chunks_exact_mut(PACKET) {
            self.retime(p, ticks_on % WRAP);
        }
        self.stamp(&mut bytes, start, ticks_on);
        let due = ticks(self.index.due(self.packet) + ticks_on);
        self.packet += left as u64;
        Ok(Some(Datagram {
            due,
            bytes,
            round: self.round,
        }))
    }

    /// Moves the clocks of a transport packet on and renews its counter.
    fn retime(&mut self, p: &mut [u8], on: u64) {
        if on > 0 {
            if let Some(c) = clock(p) {
                set_clock(p, (c + on) % WRAP);
            }
            if let Some((pts, dts)) = pes_times(p) {
                for at in [pts, dts].into_iter().flatten() {
                    let t = pes_time(&p[at..]);
                    set_pes_time(&mut p[at..at + 5], (t + on) % WRAP);
                }
            }
        }
        let id = pid(p);
        if id == 0x1fff {
            return;
        }
        let own = p[3] & 0x0f;
        let round = self.round;
        let c = self.counters.entry(id).or_insert(Counter {
            offset: 0,
            last: own,
            round,
        });
        let has_payload = p[3] & 0x10 != 0;
        if c.round != round && has_payload {
            // The first of a new round follows the last of the round before; within a
            // round the recording's own counters stand, gaps included.
            c.offset = c.last.wrapping_add(1).wrapping_sub(own);
            c.round = round;
        }
        let next = own.wrapping_add(c.offset) & 0x0f;
        if has_payload {
            c.last = next;
        }
        p[3] = (p[3] & 0xf0) | if c.round == round { next } else { c.last };
    }

    /// Writes new time stamps and checksums into the bytes that start at file offset `start`.
    fn stamp(&self, bytes: &mut [u8], start: u64, ticks_on: u64) {
        let shift = self.shift_us + (ticks_on as i128 * 100 / 9) as i64;
        if shift == 0 {
            return;
        }
        let end = start + bytes.len() as u64;
        for (at, (number, k)) in self.index.places.range(start..end) {
            let patch = &self.index.patches[*number];
            let old = patch.time_us.to_be_bytes();
            let new = patch.time_us.wrapping_add_signed(shift).to_be_bytes();
            let value = if *k < 8 {
                new[*k]
            } else {
                let mut sum = patch.sum;
                for (i, even) in patch.even.iter().enumerate() {
                    let weigh = |b: u8| if *even { u16::from(b) << 8 } else { u16::from(b) };
                    sum = sum.wrapping_sub(weigh(old[i])).wrapping_add(weigh(new[i]));
                }
                sum.to_be_bytes()[*k - 8]
            };
            bytes[(*at - start) as usize] = value;
        }
    }
}

impl Iterator for Playout {
    type Item = Result<Datagram, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let item = self.read().transpose();
        self.failed = matches!(item, Some(Err(_)));
        item
    }
}

fn ticks(t: u64) -> Duration {
    Duration::from_nanos((u128::from(t) * 100_000 / 9) as u64)
}

/// Sends a recording to `to` at its own pace until it ends or `stop` is set.
///
/// A receiver that is not there is no error: datagrams are lost, as on the air.
pub fn send_udp(path: &Path, to: SocketAddr, options: PlayOptions, stop: &AtomicBool) -> Result<(), Error> {
    let fail = |cause| Error::Send { to, cause };
    let any: SocketAddr = if to.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        (std::net::Ipv6Addr::UNSPECIFIED, 0).into()
    };
    let socket = UdpSocket::bind(any).map_err(fail)?;
    let begun = Instant::now();
    for datagram in Playout::open(path, options)? {
        let datagram = datagram?;
        loop {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let wait = datagram.due.saturating_sub(begun.elapsed());
            if wait.is_zero() {
                break;
            }
            // Short sleeps, so that a stop is seen soon.
            std::thread::sleep(wait.min(Duration::from_millis(50)));
        }
        match socket.send_to(&datagram.bytes, to) {
            Ok(_) => {}
            Err(e) if e.kind() == std::io::ErrorKind::ConnectionRefused => {}
            Err(e) => return Err(fail(e)),
        }
    }
    Ok(())
}
