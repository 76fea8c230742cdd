//! Messages of live sensors as evidence: segments of one minute of event time.
//!
//! Gas: a line for each message, `[time in microseconds, "the message as it came"]`. SAPIENT: the
//! messages as they came, each with its length before it. Messages are written as they come.

use crate::error::Error;
use crate::hash::hex;
use crate::record::{OPEN_EXTENSION, number_after};
use crate::recover::RecoveredSegment;
use crate::unit::SegmentUnit;
use atalaya_model::Micros;
use atalaya_model::operation::FeedKind;
use atalaya_sapient::{frame, wire};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A segment holds the samples of one such stretch of event time, counted from 1970.
pub(crate) const STRETCH_US: i64 = 60_000_000;
const GAS: &str = "gas";
const GROUND: &str = "sapient";

struct Open {
    file: File,
    part: PathBuf,
    path: PathBuf,
    hash: Sha256,
    bytes: u64,
    stretch: i64,
    t0: Micros,
    t1: Micros,
}

/// Writes a feed's messages.
pub struct SensorRecorder {
    folder: PathBuf,
    feed: String,
    kind: FeedKind,
    next: u64,
    open: Option<Open>,
}

impl SensorRecorder {
    /// Records into `folder`, which is created; files are numbered on from those already there.
    pub fn new(folder: &Path, feed: &str, kind: FeedKind) -> Result<Self, Error> {
        fs::create_dir_all(folder).map_err(Error::store(folder, "creating the folder"))?;
        Ok(Self {
            folder: folder.to_owned(),
            feed: feed.to_owned(),
            kind,
            next: number_after(folder, feed)?,
            open: None,
        })
    }

    /// Writes a message of a moment; gives the segment that it closed.
    pub fn push(&mut self, message: &[u8], t: Micros) -> Result<Option<SegmentUnit>, Error> {
        let stretch = t.0.div_euclid(STRETCH_US);
        let over = self.open.as_ref().is_some_and(|o| o.stretch < stretch);
        let closed = if over { self.finish()? } else { None };
        let bytes = match self.kind {
            FeedKind::Gas => {
                let text = String::from_utf8_lossy(message);
                let mut line = serde_json::json!([t.0, text]).to_string().into_bytes();
                line.push(b'\n');
                line
            }
            _ => frame::framed(message),
        };
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.begin(stretch, t)?,
        };
        open.file
            .write_all(&bytes)
            .map_err(Error::store(&open.part, "writing"))?;
        open.hash.update(&bytes);
        open.bytes += bytes.len() as u64;
        open.t1 = open.t1.max(t);
        self.open = Some(open);
        Ok(closed)
    }

    fn begin(&self, stretch: i64, t: Micros) -> Result<Open, Error> {
        let ending = if self.kind == FeedKind::Gas {
            GAS
        } else {
            GROUND
        };
        let name = format!("{}-{:06}.{ending}", self.feed, self.next);
        let path = self.folder.join(&name);
        let part = self.folder.join(format!("{name}.{OPEN_EXTENSION}"));
        let file = File::create(&part).map_err(Error::store(&part, "creating"))?;
        Ok(Open {
            file,
            part,
            path,
            hash: Sha256::new(),
            bytes: 0,
            stretch,
            t0: t,
            t1: t,
        })
    }

    /// Closes the open segment.
    pub fn finish(&mut self) -> Result<Option<SegmentUnit>, Error> {
        let Some(open) = self.open.take() else {
            return Ok(None);
        };
        self.next += 1;
        open.file
            .sync_all()
            .map_err(Error::store(&open.part, "writing to the disk"))?;
        fs::rename(&open.part, &open.path).map_err(Error::store(&open.path, "renaming"))?;
        Ok(Some(SegmentUnit {
            path: open.path,
            sha256: hex(open.hash),
            bytes: open.bytes,
            t0: open.t0,
            t1: open.t1,
        }))
    }
}

/// The messages of a segment of gas.
pub(super) fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    text.lines()
        .filter_map(|l| serde_json::from_str::<(i64, String)>(l).ok())
        .map(|(_, message)| message.into_bytes())
        .collect()
}

/// Is it an open segment of a sensor?
pub(crate) fn is_sensor_part(part: &Path) -> bool {
    let stem = part.with_extension("");
    let ending = stem.extension().and_then(|e| e.to_str());
    matches!(ending, Some(GAS | GROUND))
}

/// Closes a segment that a killed process left open: cut to whole messages, hashed, renamed.
pub(crate) fn recover_part(part: &Path) -> Result<Option<RecoveredSegment>, Error> {
    let bytes = fs::read(part).map_err(Error::store(part, "reading"))?;
    let path = part.with_extension("");
    let (whole, times) = if path.extension().is_some_and(|e| e == GAS) {
        let whole = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let text = String::from_utf8_lossy(&bytes[..whole]);
        let times: Vec<i64> = text
            .lines()
            .filter_map(|l| serde_json::from_str::<(i64, String)>(l).ok())
            .map(|l| l.0)
            .collect();
        (whole, times)
    } else {
        let mut splitter = frame::Splitter::default();
        splitter.push(&bytes);
        let mut times = Vec::new();
        while let Ok(Some(m)) = splitter.take() {
            times.extend(wire::decode(&m).ok().and_then(|m| m.time("timestamp")));
        }
        (bytes.len() - splitter.rest(), times)
    };
    if whole == 0 {
        fs::remove_file(part).map_err(Error::store(part, "removing"))?;
        return Ok(None);
    }
    OpenOptions::new()
        .write(true)
        .open(part)
        .and_then(|f| f.set_len(whole as u64).and_then(|()| f.sync_all()))
        .map_err(Error::store(part, "truncating"))?;
    fs::rename(part, &path).map_err(Error::store(&path, "renaming"))?;
    let mut hash = Sha256::new();
    hash.update(&bytes[..whole]);
    Ok(Some(RecoveredSegment {
        path,
        sha256: hex(hash),
        bytes: whole as u64,
        t0: times.iter().min().map(|t| Micros(*t)),
        t1: times.iter().max().map(|t| Micros(*t)),
    }))
}
