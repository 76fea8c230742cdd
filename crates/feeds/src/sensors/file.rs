//! Recordings of sensors.

use super::Decoder;
use super::gas::GasDecoder;
use crate::error::Error;
use crate::hash::sha256_of_file;
use atalaya_model::Sensed;
use atalaya_model::operation::{FeedConfig, FeedKind};
use atalaya_sapient::frame::Splitter;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// Largest recording that is read.
const LARGEST: u64 = 1 << 30;
/// Most rows of a table.
const MOST_ROWS: usize = 2_000_000;
/// Faults that are kept in words.
const FAULTS: usize = 20;

/// A recording, read whole; what it says comes in order of time.
pub struct SensorFile {
    sensed: VecDeque<Sensed>,
    /// SHA-256 of the recording in hex.
    pub sha256: Option<String>,
    /// Messages or rows.
    pub messages: u64,
    /// Of these, such that can't be used.
    pub malformed: u64,
    /// The first of these, in words.
    pub faults: Vec<String>,
}

impl SensorFile {
    /// Opens a recording: a table of gas samples or a file of SAPIENT messages. `base` is the folder of
    /// the operation document.
    pub fn open(path: &Path, base: &Path, feed: &FeedConfig) -> Result<Self, Error> {
        let bytes = read(path)?;
        let mut it = Self {
            sensed: VecDeque::new(),
            sha256: Some(sha256_of_file(path)?.0),
            messages: 0,
            malformed: 0,
            faults: Vec::new(),
        };
        match feed.kind() {
            FeedKind::Gas => {
                let decoder = GasDecoder::live(feed);
                it.table(path, &bytes, &decoder)?;
                let wind = feed.gas.as_ref().and_then(|g| g.wind.as_ref());
                if let Some(wind) = wind {
                    let wind = base.join(wind);
                    it.table(&wind, &read(&wind)?, &decoder)?;
                }
                it.sensed.make_contiguous().sort_by_key(Sensed::t);
            }
            _ => {
                let name = path.display().to_string();
                let messages =
                    framed(&bytes).map_err(|cause| Error::Sensor { path: name, cause })?;
                if let Some(decoder) = Decoder::new(feed) {
                    it.take(messages, decoder);
                }
            }
        }
        Ok(it)
    }

    /// What a live feed recorded, from its segments in order.
    pub fn replay(paths: &[PathBuf], feed: &FeedConfig) -> Result<Self, Error> {
        let mut messages = Vec::new();
        for path in paths {
            let bytes = read(path)?;
            messages.extend(match feed.kind() {
                FeedKind::Gas => super::record::lines(&bytes),
                _ => framed(&bytes).unwrap_or_default(),
            });
        }
        let mut it = Self {
            sensed: VecDeque::new(),
            sha256: None,
            messages: 0,
            malformed: 0,
            faults: Vec::new(),
        };
        if let Some(decoder) = Decoder::new(feed) {
            it.take(messages, decoder);
        }
        Ok(it)
    }

    /// What it says next.
    pub fn next_sensed(&mut self) -> Option<Sensed> {
        self.sensed.pop_front()
    }

    fn take(&mut self, messages: Vec<Vec<u8>>, mut decoder: Decoder) {
        for message in messages {
            self.messages += 1;
            match decoder.decode(&message) {
                Ok(d) if d.late => {}
                Ok(d) => {
                    let numbered = d.sensed.map(|s| s.numbered(self.messages));
                    self.sensed.extend(numbered);
                }
                Err(e) => self.fault(format!("message {}: {e}", self.messages)),
            }
        }
    }

    fn table(&mut self, path: &Path, bytes: &[u8], decoder: &GasDecoder) -> Result<(), Error> {
        let bad = |cause: String| Error::Sensor {
            path: path.display().to_string(),
            cause,
        };
        let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let not_csv = |e: csv::Error| bad(format!("not a table of comma-separated values: {e}"));
        let header: Vec<String> = csv
            .headers()
            .map_err(not_csv)?
            .iter()
            .map(|h| h.trim().trim_start_matches('\u{feff}').to_owned())
            .collect();
        let mut row = csv::StringRecord::new();
        let (mut rows, mut good) = (0u64, 0u64);
        let mut first = None;
        while csv.read_record(&mut row).map_err(not_csv)? {
            rows += 1;
            if rows as usize > MOST_ROWS {
                return Err(bad(format!(
                    "more than {MOST_ROWS} rows; cut the table by time"
                )));
            }
            match decoder.row(&header, &row) {
                Ok(mut sample) => {
                    good += 1;
                    sample.number = rows;
                    self.sensed.push_back(Sensed::Gas(sample));
                }
                Err(e) => {
                    let line = row.position().map_or(0, csv::Position::line);
                    let said = format!("line {line}: {e}");
                    first.get_or_insert_with(|| said.clone());
                    self.fault(said);
                }
            }
        }
        self.messages += rows;
        match first {
            _ if rows == 0 => Err(bad("no row below the header; is it the right file?".into())),
            Some(first) if good == 0 => Err(bad(format!("no row can be used; {first}"))),
            _ => Ok(()),
        }
    }

    fn fault(&mut self, text: String) {
        self.malformed += 1;
        if self.faults.len() < FAULTS {
            self.faults.push(text);
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let bad = |cause: &str| Error::Sensor {
        path: path.display().to_string(),
        cause: cause.to_owned(),
    };
    let size = std::fs::metadata(path)
        .map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => bad("no such file; check the path"),
            _ => bad(&format!("can't be read: {e}; check the permissions")),
        })?
        .len();
    if size > LARGEST {
        return Err(bad("is larger than 1 GiB; cut it by time"));
    }
    if size == 0 {
        return Err(bad("is empty; copy it again from its source"));
    }
    std::fs::read(path).map_err(|e| bad(&format!("can't be read: {e}; check path and permissions")))
}

/// Messages with their length before them; a last one that is cut short is left out.
fn framed(bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let mut splitter = Splitter::default();
    splitter.push(bytes);
    let mut all = Vec::new();
    loop {
        match splitter.take() {
            Ok(Some(m)) => all.push(m),
            Ok(None) if all.is_empty() => {
                return Err("holds no SAPIENT message with its length before it".into());
            }
            Ok(None) => return Ok(all),
            Err(e) => return Err(e.to_string()),
        }
    }
}
