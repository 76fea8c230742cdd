//! The admission log: which frames a live run analysed, and in what order they passed.

use crate::context::Context;
use crate::error::EngineError;
use atalaya_feeds::{Stamp, Stretch};
use atalaya_model::{FeedIx, Landmark};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// One line of the log. A frame that is not in it was shed before analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admission {
    /// Analysed, and passed on in this order: feed, frame.
    Passed(FeedIx, u64),
    /// Analysed, but too late to be passed on.
    Late(FeedIx, u64),
    /// Given before the feed's next frame of this log was analysed.
    Landmark(FeedIx, Landmark),
    /// From here on the gate let no picture of the feed in, and nothing of it is recorded. What was
    /// known of its last frames follows, for metadata in what is not recorded had a part in it.
    Refused(FeedIx, Vec<Stamp>),
    /// Pictures are let in again: recording and analysis begin anew.
    Resumed(FeedIx, Stretch),
    /// The run ended in an orderly way: what was open was closed. The hash of all that was said.
    Finished(String),
}

#[derive(Serialize, Deserialize)]
struct Header {
    schema: String,
    operation: String,
    settings: String,
}

/// Seconds between writes to the disk.
const FLUSH: Duration = Duration::from_millis(500);

/// Writes the log.
pub struct AdmissionLog {
    path: PathBuf,
    out: BufWriter<File>,
    flushed: Instant,
}

impl AdmissionLog {
    /// A new log; its header names the settings it holds for.
    pub fn create(path: &Path, context: &Context) -> Result<Self, EngineError> {
        let file = File::create(path).map_err(|e| EngineError::io(path, &e))?;
        let mut log = Self {
            path: path.to_owned(),
            out: BufWriter::new(file),
            flushed: Instant::now(),
        };
        log.line(&Header {
            schema: "admission/1".into(),
            operation: context.operation.id.clone(),
            settings: context.hash.clone(),
        })?;
        Ok(log)
    }

    /// Adds a line.
    pub fn write(&mut self, a: Admission) -> Result<(), EngineError> {
        self.line(&a)?;
        if self.flushed.elapsed() > FLUSH {
            self.flush()?;
        }
        Ok(())
    }

    /// Hands all lines to the system: a process that is killed has written them.
    pub fn flush(&mut self) -> Result<(), EngineError> {
        self.flushed = Instant::now();
        self.out
            .flush()
            .map_err(|e| EngineError::io(&self.path, &e))
    }

    fn line(&mut self, v: &impl Serialize) -> Result<(), EngineError> {
        let line = serde_json::to_string(v).unwrap_or_default();
        writeln!(self.out, "{line}").map_err(|e| EngineError::io(&self.path, &e))
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Result<(), EngineError> {
        self.out
            .flush()
            .and_then(|()| self.out.get_ref().sync_all())
            .map_err(|e| EngineError::io(&self.path, &e))
    }

    /// Reads a log back: the settings hash and the lines. A last line cut short by a crash is left
    /// out.
    pub fn read(path: &Path) -> Result<(String, Vec<Admission>), EngineError> {
        let file = File::open(path).map_err(|e| EngineError::io(path, &e))?;
        let bad = |n: usize, why: String| EngineError::File {
            path: path.to_owned(),
            why: format!("line {n}: {why}; the log is damaged, replay what comes before"),
        };
        let mut lines = BufReader::new(file).lines().enumerate().peekable();
        let mut hash = None;
        let mut all = Vec::new();
        while let Some((i, line)) = lines.next() {
            let line = line.map_err(|e| EngineError::io(path, &e))?;
            if i == 0 {
                let h: Header = serde_json::from_str(&line).map_err(|e| bad(1, e.to_string()))?;
                if h.schema != "admission/1" {
                    return Err(bad(1, format!("schema '{}' is not admission/1", h.schema)));
                }
                hash = Some(h.settings);
                continue;
            }
            match serde_json::from_str(&line) {
                Ok(a) => all.push(a),
                Err(_) if lines.peek().is_none() => break,
                Err(e) => return Err(bad(i + 1, e.to_string())),
            }
        }
        let hash = hash.ok_or_else(|| bad(1, "the log is empty".into()))?;
        Ok((hash, all))
    }
}
