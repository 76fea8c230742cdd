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
use crate::timeline::{
    Index, PACKET, WRAP, clock, pes_time, pes_times, pid, set_clock, set_pes_time,
};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::net::{SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Transport packets in a datagram.
const PER_DATAGRAM: usize = 7;

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

    /// What is added to the recording's event time in a round, microseconds: truth files
    /// hold for that round when moved by as much.
    pub fn shift_us(&self, round: u32) -> i64 {
        let ticks_on = u64::from(round) * self.index.period;
        self.shift_us
            .saturating_add((u128::from(ticks_on) * 100 / 9) as i64)
    }

    fn read(&mut self) -> Result<Option<Datagram>, Error> {
        if self.packet >= self.index.packets {
            if !self.options.looping {
                return Ok(None);
            }
            self.round = self.round.saturating_add(1);
            self.packet = 0;
            self.reader
                .seek(SeekFrom::Start(0))
                .map_err(Error::file(&self.path))?;
        }
        let left = (self.index.packets - self.packet).min(PER_DATAGRAM as u64) as usize;
        let mut bytes = vec![0u8; left * PACKET];
        self.reader
            .read_exact(&mut bytes)
            .map_err(Error::file(&self.path))?;
        let start = self.packet * PACKET as u64;
        let ticks_on = u64::from(self.round) * self.index.period;
        for p in bytes.chunks_exact_mut(PACKET) {
            self.retime(p, ticks_on % WRAP);
        }
        self.stamp(&mut bytes, start);
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
    fn stamp(&self, bytes: &mut [u8], start: u64) {
        let shift = self.shift_us(self.round);
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
                    let weigh = |b: u8| {
                        if *even {
                            u16::from(b) << 8
                        } else {
                            u16::from(b)
                        }
                    };
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
pub fn send_udp(
    path: &Path,
    to: SocketAddr,
    options: PlayOptions,
    stop: &AtomicBool,
) -> Result<(), Error> {
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

/// Sends several recordings at once, each to its own address, so that their event times
/// keep step; returns when all have ended or `stop` is set. The first failure stops all.
pub fn send_feeds(
    feeds: &[(PathBuf, SocketAddr)],
    options: PlayOptions,
    stop: &AtomicBool,
) -> Result<(), Error> {
    std::thread::scope(|scope| {
        let running: Vec<_> = feeds
            .iter()
            .map(|(path, to)| {
                scope.spawn(move || {
                    let end = send_udp(path, *to, options, stop);
                    if end.is_err() {
                        stop.store(true, Ordering::Relaxed);
                    }
                    end
                })
            })
            .collect();
        running
            .into_iter()
            .try_for_each(|r| r.join().unwrap_or_else(|e| std::panic::resume_unwind(e)))
    })
}
