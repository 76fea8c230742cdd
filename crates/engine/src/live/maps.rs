//! Estimates of gas as they were said: kept as JSON Lines beside the segments, an hour each.

use crate::error::EngineError;
use crate::settings::hex;
use atalaya_model::{EmissionMap, Micros, Segment};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A file holds so much event time, microseconds.
const LENGTH_US: i64 = 3_600_000_000;

/// The file that is being written.
struct Open {
    file: File,
    name: String,
    hash: Sha256,
    bytes: u64,
    t0: Micros,
    t1: Micros,
}

/// The estimates of one feed.
pub struct MapKeeper {
    feed: String,
    folder: PathBuf,
    /// The folder's name in the store.
    prefix: String,
    next: u32,
    open: Option<Open>,
}

impl MapKeeper {
    /// For a feed of a run.
    pub fn new(feed: &str, folder: &Path, run: &str) -> Self {
        Self {
            feed: feed.to_owned(),
            folder: folder.to_owned(),
            prefix: format!("segments/{run}"),
            next: 0,
            open: None,
        }
    }

    /// Writes an estimate; gives the file that it closed.
    pub fn push(&mut self, map: &EmissionMap) -> Result<Option<Segment>, EngineError> {
        let over = self
            .open
            .as_ref()
            .is_some_and(|o| map.t.0 - o.t0.0 >= LENGTH_US);
        let closed = if over { self.finish() } else { None };
        let mut open = match self.open.take() {
            Some(open) => open,
            None => {
                let name = format!("{}.emission-{:06}.jsonl", self.feed, self.next);
                let path = self.folder.join(&name);
                self.next += 1;
                Open {
                    file: File::create(&path).map_err(|e| EngineError::io(&path, &e))?,
                    name,
                    hash: Sha256::new(),
                    bytes: 0,
                    t0: map.t,
                    t1: map.t,
                }
            }
        };
        let line = serde_json::to_string(map).unwrap_or_default() + "\n";
        open.file
            .write_all(line.as_bytes())
            .map_err(|e| EngineError::io(self.folder.join(&open.name), &e))?;
        open.hash.update(&line);
        open.bytes += line.len() as u64;
        open.t1 = map.t;
        self.open = Some(open);
        Ok(closed)
    }

    /// Closes the file that is being written.
    pub fn finish(&mut self) -> Option<Segment> {
        let open = self.open.take()?;
        Some(Segment {
            feed: format!("{}.emission", self.feed),
            path: format!("{}/{}", self.prefix, open.name),
            sha256: hex(&open.hash.finalize()),
            bytes: open.bytes,
            t0: open.t0,
            t1: open.t1,
        })
    }
}
