//! Live bytes into evidence segments.
//!
//! A segment is a file of whole transport packets, at most ten seconds of the
//! stream's own clock, that begins with the tables before a key frame where
//! the stream has them. Bytes go to the file as they come (a killed process
//! loses none that it wrote) and to the disk once a second.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::hash::hex;
use crate::transport::{Header, PACKET, find_sync, header, in_sync};

/// The longest segment, ticks of 90 kHz.
const LONGEST: u64 = 10 * 90_000;
/// From here on a segment ends before the next key frame.
const LONG_ENOUGH: u64 = 6 * 90_000;
/// The largest segment, for streams without a clock.
const LARGEST: u64 = 64 << 20;
/// A key frame follows its tables within so many packets.
const TABLES: usize = 8;
const SYNC_INTERVAL: Duration = Duration::from_secs(1);
/// Ending of the name of a segment that is being written.
pub(crate) const OPEN_EXTENSION: &str = "part";

/// A segment that is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedSegment {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its bytes in hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Position in the recorded stream of the first byte after it.
    pub end: u64,
}

struct OpenSegment {
    file: File,
    part: PathBuf,
    path: PathBuf,
    hash: Sha256,
    bytes: u64,
    first_pcr: Option<u64>,
    synced: Instant,
}

/// Writes a stream of transport packets as segments in a folder.
pub struct Recorder {
    folder: PathBuf,
    feed: String,
    next: u64,
    /// Bytes not yet cut into packets.
    rest: Vec<u8>,
    /// Packets since the last tables, held back until it is known whether a
    /// key frame follows them.
    held: Vec<u8>,
    open: Option<OpenSegment>,
    closed: Vec<ClosedSegment>,
    /// Bytes pushed.
    position: u64,
    pcr: Option<u64>,
    failed: bool,
}

impl Recorder {
    /// Records into `folder`, which is created; files are named after `feed`
    /// and numbered on from those already there.
    pub fn new(folder: &Path, feed: &str) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::store(folder, "creating the folder"))?;
        let next = number_after(folder, feed)?;
        Ok(Self {
            folder: folder.to_owned(),
            feed: feed.to_owned(),
            next,
            rest: Vec::new(),
            held: Vec::new(),
            open: None,
            closed: Vec::new(),
            position: 0,
            pcr: None,
            failed: false,
        })
    }

    /// Takes the next bytes. An error is returned once; what was written stays,
    /// and recording is tried again with a new segment at the next tables.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.position += bytes.len() as u64;
        self.rest.extend_from_slice(bytes);
        let mut result = Ok(());
        let mut at = 0;
        while self.rest.len() - at >= PACKET {
            if !in_sync(&self.rest[at..]) {
                // Junk between packets is not part of the recording.
                let ahead = &self.rest[at..];
                at += find_sync(ahead).unwrap_or(ahead.len().min(PACKET)).max(1);
                continue;
            }
            let mut packet = [0; PACKET];
            packet.copy_from_slice(&self.rest[at..at + PACKET]);
            at += PACKET;
            let begins_at = self.position - (self.rest.len() - at + PACKET) as u64;
            if let Err(error) = self.packet(&packet, begins_at) {
                self.abandon();
                result = result.and(Err(error));
            }
        }
        self.rest.drain(..at.min(self.rest.len()));
        result.and(self.sync_if_due())
    }

    /// The stream stopped or ended: closes the open segment. The next byte
    /// pushed has position 0 again.
    pub fn finish(&mut self) -> Result<(), Error> {
        let end = self.position;
        let held = std::mem::take(&mut self.held);
        let result = self.write(&held).and_then(|()| self.close(end));
        self.rest.clear();
        self.position = 0;
        self.pcr = None;
        if result.is_err() {
            self.abandon();
        }
        result
    }

    /// The number that the next segment will have.
    pub(crate) fn next_number(&self) -> u64 {
        self.next
    }

    /// Segments closed since the last call.
    pub fn take_closed(&mut self) -> Vec<ClosedSegment> {
        std::mem::take(&mut self.closed)
    }

    fn packet(&mut self, packet: &[u8; PACKET], begins_at: u64) -> Result<(), Error> {
        let header = header(packet);
        self.pcr = header.pcr_90k.or(self.pcr);
        if header.pat {
            let held = std::mem::take(&mut self.held);
            self.write(&held)?;
            self.failed = false;
            if self.age() >= LONGEST - 90_000 || self.size() >= LARGEST {
                self.close(begins_at)?;
            }
            self.held.extend_from_slice(packet);
        } else if self.held.is_empty() {
            if self.age() >= LONGEST || self.size() >= LARGEST {
                self.close(begins_at)?;
            }
            self.write(packet)?;
        } else {
            self.held.extend_from_slice(packet);
            let key = header.random_access && self.age() >= LONG_ENOUGH;
            if key {
                let begins = begins_at.saturating_sub((self.held.len() - PACKET) as u64);
                self.close(begins)?;
            }
            if key || self.held.len() >= TABLES * PACKET {
                let held = std::mem::take(&mut self.held);
                self.write(&held)?;
            }
        }
        self.note_clock(&header);
        Ok(())
    }

    fn note_clock(&mut self, header: &Header) {
        if let (Some(open), Some(pcr)) = (&mut self.open, header.pcr_90k) {
            open.first_pcr.get_or_insert(pcr);
        }
    }

    /// Age of the open segment by the stream's clock; a clock that jumps makes
    /// it old at once.
    fn age(&self) -> u64 {
        const WRAP: u64 = 1 << 33;
        match (self.open.as_ref().and_then(|o| o.first_pcr), self.pcr) {
            (Some(first), Some(now)) => (now + WRAP - first) % WRAP,
            _ => 0,
        }
    }

    fn size(&self) -> u64 {
        self.open.as_ref().map_or(0, |o| o.bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.is_empty() || self.failed {
            return Ok(());
        }
        let open = match &mut self.open {
            Some(open) => open,
            none => {
                let name = format!("{}-{:08}.ts", self.feed, self.next);
                self.next += 1;
                none.insert(OpenSegment::create(self.folder.join(name))?)
            }
        };
        open.file
            .write_all(bytes)
            .map_err(Error::store(&open.part, "writing"))?;
        open.hash.update(bytes);
        open.bytes += bytes.len() as u64;
        Ok(())
    }

    fn sync_if_due(&mut self) -> Result<(), Error> {
        match &mut self.open {
            Some(open) if open.synced.elapsed() >= SYNC_INTERVAL => {
                open.synced = Instant::now();
                open.file
                    .sync_data()
                    .map_err(Error::store(&open.part, "writing"))
            }
            _ => Ok(()),
        }
    }

    fn close(&mut self, end: u64) -> Result<(), Error> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        open.file
            .sync_all()
            .map_err(Error::store(&open.part, "writing"))?;
        fs::rename(&open.part, &open.path).map_err(Error::store(&open.path, "renaming"))?;
        self.closed.push(ClosedSegment {
            path: open.path,
            sha256: hex(open.hash),
            bytes: open.bytes,
            end,
        });
        Ok(())
    }

    /// Leaves the open segment as it is for recovery, and writes nothing until
    /// the next tables.
    fn abandon(&mut self) {
        self.open = None;
        self.held.clear();
        self.failed = true;
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        // What cannot be closed now is found by recovery.
        let _ = self.finish();
    }
}

impl OpenSegment {
    fn create(path: PathBuf) -> Result<Self, Error> {
        let part = path.with_extension(format!("ts.{OPEN_EXTENSION}"));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&part)
            .map_err(Error::store(&part, "creating"))?;
        Ok(Self {
            file,
            part,
            path,
            hash: Sha256::new(),
            bytes: 0,
            first_pcr: None,
            synced: Instant::now(),
        })
    }
}

/// The number after the last of this feed's segments, finished or not.
pub(crate) fn number_after(folder: &Path, feed: &str) -> Result<u64, Error> {
    let mut next = 0;
    for entry in fs::read_dir(folder).map_err(Error::store(folder, "listing"))? {
        let entry = entry.map_err(Error::store(folder, "listing"))?;
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| {
            let digits = name.strip_prefix(feed)?.strip_prefix('-')?;
            digits.split('.').next()?.parse::<u64>().ok()
        });
        next = next.max(number.map_or(0, |n| n.saturating_add(1)));
    }
    Ok(next)
}
