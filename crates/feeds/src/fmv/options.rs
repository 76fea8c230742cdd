//! How a feed is read.

use std::path::PathBuf;
use std::time::Duration;

use atalaya_model::operation::StreamAddress;
use atalaya_model::{Micros, North};

use super::door::Judge;

/// How a feed is read.
#[derive(Debug, Clone)]
pub struct FmvOptions {
    /// Event time of the first frame, for video that carries no time.
    pub start: Option<Micros>,
    /// Decoder threads.
    pub threads: u32,
    /// Frames that wait for metadata occupy at most so many bytes.
    pub waiting_bytes: usize,
    /// Received bytes that wait to be read; more are shed.
    pub queue_bytes: usize,
    /// A live feed that is silent for so long has stopped.
    pub stop_after: Duration,
    /// Folder and name for the segments of a live feed; not recorded if `None`.
    pub record: Option<(PathBuf, String)>,
    /// Hash a recording as a whole, and report it as a segment at its end.
    pub hash_file: bool,
    /// Give out coded pictures (H.264) beside the decoded ones.
    pub coded: bool,
    /// Says of each picture of a live feed whether it may be given out and recorded; all may be if
    /// `None`.
    pub judge: Option<Judge>,
    /// Number of the first frame.
    pub first_frame: u64,
    /// The programme that is read, where there are several; the first with pictures and metadata if
    /// `None`.
    pub program: Option<u16>,
    /// From where the metadata count headings and azimuths.
    pub north: North,
    /// Where a live feed is passed on to, as it came, as far as it may be kept.
    pub relay: Vec<StreamAddress>,
}

impl Default for FmvOptions {
    fn default() -> Self {
        Self {
            start: None,
            threads: 1,
            waiting_bytes: 64 << 20,
            queue_bytes: 16 << 20,
            stop_after: Duration::from_secs(3),
            record: None,
            hash_file: true,
            coded: false,
            judge: None,
            first_frame: 1,
            program: None,
            north: North::True,
            relay: Vec::new(),
        }
    }
}
