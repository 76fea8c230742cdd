//! Segments that a killed process left open.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use atalaya_model::Micros;

use crate::error::Error;
use crate::fmv::{Fmv, FmvOptions};
use crate::hash::sha256_of_file;
use crate::record::OPEN_EXTENSION;
use crate::sensors::{is_sensor_part, recover_part};
use crate::transport::PACKET;
use crate::unit::Unit;

/// A segment that was found open, and is closed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveredSegment {
    /// The file.
    pub path: PathBuf,
    /// SHA-256 of its bytes in hex.
    pub sha256: String,
    /// Its size, whole transport packets.
    pub bytes: u64,
    /// Event time of its first frame, if one can be decoded.
    pub t0: Option<Micros>,
    /// Event time of its last frame.
    pub t1: Option<Micros>,
}

/// Closes all segments that were left open in `folder`: cut to whole transport
/// packets (those of sensors to whole messages), hashed and renamed, in order of their names. Those without a whole
/// packet are removed. `start` is the operation's start time, for video without
/// a time of its own.
pub fn recover(folder: &Path, start: Option<Micros>) -> Result<Vec<RecoveredSegment>, Error> {
    let mut open = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::store(folder, "listing")(error)),
    };
    for entry in entries {
        let path = entry.map_err(Error::store(folder, "listing"))?.path();
        if path.extension().is_some_and(|e| e == OPEN_EXTENSION) {
            open.push(path);
        }
    }
    open.sort();
    let mut recovered = Vec::new();
    for part in open {
        let closed = if is_sensor_part(&part) {
            recover_part(&part)?
        } else {
            close(&part, start)?
        };
        if let Some(segment) = closed {
            recovered.push(segment);
        }
    }
    Ok(recovered)
}

/// Opens closed segments again that nobody has entered, so that [`recover`] closes and tells them: a process that is killed
/// between closing a segment and entering it leaves such a one. `entered` has the names of those that are known.
pub fn reopen(folder: &Path, entered: &BTreeSet<String>) -> Result<usize, Error> {
    let entries = fs::read_dir(folder).map_err(Error::store(folder, "listing"))?;
    let mut opened = 0;
    for entry in entries {
        let path = entry.map_err(Error::store(folder, "listing"))?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
        let Some(name) = name.filter(|n| is_segment(&path) && !entered.contains(n)) else {
            continue;
        };
        let part = folder.join(format!("{name}.{OPEN_EXTENSION}"));
        fs::rename(&path, &part).map_err(Error::store(&part, "renaming"))?;
        opened += 1;
    }
    Ok(opened)
}

/// Of video, or of a sensor.
fn is_segment(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "ts")
        || is_sensor_part(&path.with_added_extension(OPEN_EXTENSION))
}

fn close(part: &Path, start: Option<Micros>) -> Result<Option<RecoveredSegment>, Error> {
    let file = OpenOptions::new()
        .write(true)
        .open(part)
        .map_err(Error::store(part, "opening"))?;
    let size = file
        .metadata()
        .map_err(Error::store(part, "reading"))?
        .len();
    let whole = size - size % PACKET as u64;
    if whole == 0 {
        fs::remove_file(part).map_err(Error::store(part, "removing"))?;
        return Ok(None);
    }
    file.set_len(whole)
        .and_then(|()| file.sync_all())
        .map_err(Error::store(part, "truncating"))?;
    let path = part.with_extension("");
    fs::rename(part, &path).map_err(Error::store(&path, "renaming"))?;
    let (sha256, bytes) = sha256_of_file(&path)?;
    let (t0, t1) = frame_times(&path, start).unwrap_or((None, None));
    Ok(Some(RecoveredSegment {
        path,
        sha256,
        bytes,
        t0,
        t1,
    }))
}

/// Event times of the first and last frame. A segment that cannot be read is
/// still evidence, only without times.
fn frame_times(
    path: &Path,
    start: Option<Micros>,
) -> Result<(Option<Micros>, Option<Micros>), Error> {
    let options = FmvOptions {
        start,
        hash_file: false,
        ..FmvOptions::default()
    };
    let mut feed = Fmv::file(path, options)?;
    let (mut first, mut last) = (None, None);
    while let Some(unit) = feed.next_unit()? {
        if let Unit::Frame(unit) = unit {
            first = first.or(Some(unit.frame.t));
            last = Some(unit.frame.t);
        }
    }
    Ok((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_segments_that_nobody_entered_are_opened_again() {
        let dir = tempfile::tempdir().expect("a folder");
        let all = [
            "eo-00000000.ts",
            "eo-00000001.ts",
            "admission.jsonl",
            "ir-00000000.ts.part",
        ];
        for name in all {
            fs::write(dir.path().join(name), b"bytes").expect("a file");
        }
        let entered = BTreeSet::from(["eo-00000000.ts".to_owned()]);
        assert_eq!(reopen(dir.path(), &entered).expect("it lists"), 1);
        let there = |name: &str| dir.path().join(name).exists();
        assert!(
            there("eo-00000000.ts") && there("eo-00000001.ts.part") && there("admission.jsonl")
        );
        assert!(!there("eo-00000001.ts"));
    }
}
