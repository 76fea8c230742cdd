//! What a run amounts to: `summary.json`.

use crate::reference::Registrations;
use atalaya_model::LandmarkFit;
use serde::Serialize;
use std::collections::BTreeMap;

/// One feed of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FeedSummary {
    /// The feed's id.
    pub id: String,
    /// Where it came from.
    pub source: String,
    /// `gas` or `ground`; video when absent. Of these, frames are messages, and analysed ones are those
    /// that say something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// SHA-256 of the recording in hex.
    pub sha256: Option<String>,
    /// Event time of its first frame, RFC 3339.
    pub t0: Option<String>,
    /// Event time of its last frame.
    pub t1: Option<String>,
    /// Where event time comes from: `metadata`, `operation`, `stream`.
    pub time_source: Option<String>,
    /// Decoded frames.
    pub frames: u64,
    /// Frames that vision looked at.
    pub analysed: u64,
    /// Frames left out because the operation asks for fewer a second (`analyse_fps`).
    pub thinned: u64,
    /// Frames shed because a live feed came faster than it could be analysed.
    pub shed: u64,
    /// Analysed frames of a live feed, dropped because the other feeds were past their time.
    pub late: u64,
    /// Analysed frames of a live feed, dropped because the other feeds were so far behind them.
    pub early: u64,
    /// Datagrams of a live feed, shed because reading was behind.
    pub datagrams_shed: u64,
    /// Frames whose metadata were in time.
    pub metadata_paired: u64,
    /// Frames whose metadata were too old, and not used.
    pub metadata_stale: u64,
    /// Frames without metadata.
    pub metadata_absent: u64,
    /// Analysed frames that could be placed on the ground.
    pub placed: u64,
    /// Frames that could not be registered to the one before (cuts, losses).
    pub unregistered: u64,
    /// Metadata packets with a bad checksum, not used.
    pub metadata_bad: u64,
    /// Damaged packets and pictures.
    pub damaged: u64,
    /// Interruptions.
    pub gaps: u64,
    /// Messages that a broker delivered a second time, left out.
    #[serde(skip_serializing_if = "is_zero")]
    pub doubled: u64,
    /// What went wrong, one line each (the first twenty).
    pub faults: Vec<String>,
    /// What became of landmarks (the first hundred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub landmarks: Vec<LandmarkFit>,
    /// What looking for its frames on the site's reference has come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Registrations>,
}

/// How much the gate passed and dropped.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GateSummary {
    /// Frames passed.
    pub frames_passed: u64,
    /// Frames dropped, by reason.
    pub frames_refused: BTreeMap<String, u64>,
    /// Track points passed.
    pub points_passed: u64,
    /// Track points dropped, by reason.
    pub points_refused: BTreeMap<String, u64>,
    /// Words of sensors that are not cameras, passed.
    #[serde(skip_serializing_if = "is_zero")]
    pub samples_passed: u64,
    /// The same, dropped, by reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub samples_refused: BTreeMap<String, u64>,
}

/// A run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Always `summary/1`.
    pub schema: String,
    /// The operation's id.
    pub operation: String,
    /// True for a simulated world.
    pub simulated: bool,
    /// Hash of the effective settings.
    pub settings: String,
    /// [`EngineSettings::configuration`](crate::EngineSettings::configuration).
    pub configuration: String,
    /// Version of the code.
    pub version: String,
    /// Feeds.
    pub feeds: Vec<FeedSummary>,
    /// The gate.
    pub gate: GateSummary,
    /// Tracks that passed.
    pub tracks: u64,
    /// Events by kind.
    pub events: BTreeMap<String, u64>,
    /// Alerts.
    pub alerts: u64,
    /// What a reader must know before believing the rest, one line each.
    pub remarks: Vec<String>,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

impl FeedSummary {
    /// What a reader must know about this feed.
    pub fn remarks(&self) -> Vec<String> {
        let mut out = Vec::new();
        let mut say = |text: String| out.push(format!("feed '{}': {text}", self.id));
        if self.kind.is_some() {
            if self.frames == 0 {
                say("no message was received".into());
            }
            if self.damaged > 0 {
                let first = self.faults.first().map_or("", String::as_str);
                say(format!(
                    "{} of {} messages could not be used; {first}",
                    self.damaged, self.frames
                ));
            }
            if self.shed > 0 {
                say(format!(
                    "{} messages were shed: they came too fast",
                    self.shed
                ));
            }
            return out;
        }
        if self.frames == 0 {
            say("no frame could be decoded".into());
            return out;
        }
        if self.metadata_paired == 0 && self.metadata_stale == 0 {
            say(
                "the video carries no position metadata; tracks are in picture coordinates only"
                    .into(),
            );
        } else if self.metadata_absent + self.metadata_stale > 0 {
            say(format!(
                "{} of {} frames had no metadata in time (stale {}, absent {}) and are not placed by them",
                self.metadata_absent + self.metadata_stale,
                self.frames,
                self.metadata_stale,
                self.metadata_absent
            ));
        }
        if self.time_source.as_deref() == Some("stream") {
            say("the video carries no time; times count from 1970-01-01, give 'start' in the operation".into());
        }
        let none_good = self.metadata_paired + self.metadata_stale == 0;
        if self.metadata_bad > 0 && none_good {
            say(format!(
                "all {} metadata packets had a bad checksum: none was used, and the video counts as video without metadata; get a copy that is not damaged, or look at them with atalaya klv",
                self.metadata_bad
            ));
        } else if self.metadata_bad > 0 {
            say(format!(
                "{} metadata packets had a bad checksum and were not used",
                self.metadata_bad
            ));
        }
        if self.damaged > 0 {
            say(format!("{} packets or pictures were damaged", self.damaged));
        }
        if self.gaps > 0 {
            say(format!("the stream was interrupted {} times", self.gaps));
        }
        if self.shed > 0 {
            say(format!(
                "{} frames were not analysed: they came faster than this machine can",
                self.shed
            ));
        }
        if self.late + self.early > 0 {
            say(format!(
                "{} frames came too late and {} too early to be put in order with the other feeds: compare the feeds' clocks",
                self.late, self.early
            ));
        }
        if self.datagrams_shed > 0 {
            say(format!(
                "{} datagrams were shed: reading was behind",
                self.datagrams_shed
            ));
        }
        if let Some(remark) = self.reference.as_ref().and_then(Registrations::remark) {
            say(remark);
        }
        if self.unregistered > 1 {
            say(format!(
                "the picture was lost {} times (cuts or nothing to hold on to)",
                self.unregistered - 1
            ));
        }
        out
    }
}
