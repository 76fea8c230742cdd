//! What a report is made of: plain data, borrowed from a run.

use super::words::Language;
use atalaya_model::{Alert, Class, Event, Micros, Operation};
use std::collections::BTreeMap;

/// Everything a report says.
#[derive(Clone, Copy, Debug)]
pub struct ReportInput<'a> {
    /// The reader's language.
    pub language: Language,
    /// The operation: name, authority, zones, no-look areas, rules.
    pub operation: &'a Operation,
    /// Hash of the effective settings.
    pub settings: &'a str,
    /// Version of the code.
    pub version: &'a str,
    /// Feeds, in the operation's order.
    pub feeds: &'a [ReportFeed],
    /// What the gate passed and refused.
    pub gate: &'a ReportGate,
    /// Events, in the order of FORMATS.
    pub events: &'a [Event],
    /// Alerts, oldest first.
    pub alerts: &'a [Alert],
    /// Tracks that passed the gate.
    pub tracks: &'a [ReportTrack],
    /// Where the picture lay on the ground, sampled.
    pub footprints: &'a [Footprint],
    /// Pictures, as [`wanted_stills`](super::wanted_stills) asks for them.
    pub stills: &'a BTreeMap<StillKey, Still>,
    /// What else a reader must know, one line each. What the counts in [`ReportFeed`] and
    /// [`ReportGate`] say is written in the reader's language without it.
    pub remarks: &'a [String],
}

/// One feed of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportFeed {
    /// The feed's id.
    pub id: String,
    /// Where it came from.
    pub source: String,
    /// SHA-256 of the recording in hex.
    pub sha256: Option<String>,
    /// Event time of its first frame.
    pub t0: Option<Micros>,
    /// Event time of its last frame.
    pub t1: Option<Micros>,
    /// Where event time comes from: `metadata`, `operation`, `stream`.
    pub time_source: Option<String>,
    /// Decoded frames.
    pub frames: u64,
    /// Frames that vision looked at.
    pub analysed: u64,
    /// Frames not analysed because they came too fast.
    pub shed: u64,
    /// Frames whose metadata were in time.
    pub metadata_paired: u64,
    /// Frames whose metadata were too old.
    pub metadata_stale: u64,
    /// Frames without metadata.
    pub metadata_absent: u64,
    /// Analysed frames that could be placed on the ground.
    pub placed: u64,
    /// Frames that could not be registered to the one before; the first always is one.
    pub unregistered: u64,
    /// Metadata packets with a bad checksum.
    pub metadata_bad: u64,
    /// Damaged packets and pictures.
    pub damaged: u64,
    /// Interruptions.
    pub gaps: u64,
    /// What went wrong, one line each, as recorded.
    pub faults: Vec<String>,
}

/// How much the gate passed and refused, refusals by reason (`window`, `sensor`, `object`, `area`,
/// `no_look`, `unplaced`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReportGate {
    /// Frames passed.
    pub frames_passed: u64,
    /// Frames refused.
    pub frames_refused: BTreeMap<String, u64>,
    /// Track points passed.
    pub points_passed: u64,
    /// Track points refused.
    pub points_refused: BTreeMap<String, u64>,
}

/// One track.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportTrack {
    /// Its name, as events call it.
    pub id: String,
    /// What it most likely is.
    pub class: Class,
    /// Probability of that.
    pub class_p: f32,
    /// Places on the ground: time, longitude and latitude in degrees. Empty without position.
    pub points: Vec<(Micros, f64, f64)>,
    /// First moment.
    pub t0: Micros,
    /// Last moment.
    pub t1: Micros,
}

/// Where a picture lay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Footprint {
    /// When.
    pub t: Micros,
    /// Its corners in order, `[longitude, latitude]` in degrees.
    pub corners: [[f64; 2]; 4],
}

/// Which picture: the feed's id and the frame's number.
pub type StillKey = (String, u64);

/// A picture as JPEG, perhaps smaller than the frame it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Still {
    /// The JPEG file.
    pub jpeg: Vec<u8>,
    /// Its size, pixels.
    pub size: (u32, u32),
    /// The frame's own size, display pixels: boxes are in these.
    pub frame_size: (u32, u32),
}
