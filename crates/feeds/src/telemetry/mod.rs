//! Logs that lie beside a video: what the aircraft said of itself, row by row.
//!
//! [`subtitles`] reads the telemetry that DJI's cameras write as SubRip subtitles, [`table`] any CSV
//! with a header. Both give [`Telemetry`]: rows in the order of the video, in the typed view of ST 0601
//! that [`atalaya_klv`] reads and writes.

mod dji;
mod srt;
mod table;

pub use dji::subtitles;
pub use table::{COLUMNS, table};

use atalaya_klv::Metadata;

/// The longest log that is read, bytes.
pub const LONGEST_LOG: usize = 256 << 20;

/// A log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Telemetry {
    /// What kind of log it is.
    pub kind: &'static str,
    /// Its rows, in the order of time.
    pub rows: Vec<Row>,
    /// What a person should know of how it was read, a line each.
    pub notes: Vec<String>,
}

/// What was said of one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Since the first picture, seconds.
    pub video_s: Option<f64>,
    /// The log's own clock, microseconds since 1970 as if it were UTC; it may be local time.
    pub clock_us: Option<i64>,
    /// Above the place of take-off, metres.
    pub above_home_m: Option<f64>,
    /// Everything else; its time is not set.
    pub metadata: Metadata,
}
