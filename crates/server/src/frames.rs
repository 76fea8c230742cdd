//! The text messages of the live relay, `live/1`. Times are event time, microseconds UTC.

use crate::aircraft::AircraftView;
use crate::alerts::AlertView;
use crate::emission::EmissionView;
use crate::tracks::PointView;
use atalaya_model::{Coverage, Event, FeedStatus, TimeFault};
use atalaya_store::{FeedCounts, Note, Purged, TrackEdit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// `schema` of every text message.
pub(crate) const SCHEMA: &str = "live/1";

/// A text message: `{"schema":"live/1","type":…, …}`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Message<'a> {
    pub schema: &'a str,
    #[serde(flatten)]
    pub body: Body,
}

impl Message<'_> {
    /// As it goes over the wire.
    pub fn text(body: Body) -> String {
        let message = Message {
            schema: SCHEMA,
            body,
        };
        // String keys only: it can't fail.
        serde_json::to_string(&message).unwrap_or_default()
    }
}

/// What a text message says.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Body {
    /// The first message of a connection.
    Hello {
        /// Ids of the feeds; the place in the list is the index in binary messages.
        feeds: Vec<String>,
    },
    /// Every two seconds: the connection and the server live.
    Tick {
        /// The server's wall time.
        server_us: i64,
    },
    /// A feed's state.
    Status {
        run: String,
        feed: String,
        t_us: i64,
        #[serde(flatten)]
        #[schemars(with = "serde_json::Value")]
        status: FeedStatus,
    },
    /// A feed's clocks disagree: all that was found since its run began.
    Clocks {
        run: String,
        feed: String,
        t_us: i64,
        faults: Vec<TimeFault>,
    },
    /// What became of a feed's frames since its run began: when it changes, once a second at most.
    Counts {
        run: String,
        feed: String,
        t_us: i64,
        counts: CountsView,
    },
    /// How the pictures of a feed that follow are coded.
    Video {
        feed: String,
        /// Codec string of RFC 6381.
        codec: String,
    },
    /// A frame was analysed; its picture has the same `pts_90k`.
    Frame(Box<FrameView>),
    /// What is known of a source of gas, at every estimate.
    Emission(Box<EmissionView>),
    /// An aircraft says where it is.
    Aircraft(Box<AircraftView>),
    /// Something happened.
    Event { run: String, event: Arc<Event> },
    /// An alert is new or has changed.
    Alert(Box<AlertView>),
    /// A line of the watch log.
    Note { note: Arc<Note> },
    /// A track was split or merged, or that was undone.
    TrackEdit { edit: Arc<TrackEdit> },
    /// Records were deleted because their time had come.
    Purged { at_us: i64, what: PurgedView },
    /// This client was too slow: so many messages are gone. Alerts and events are in the API.
    Lost { messages: u64 },
    /// What the client said was not understood.
    Refused { error: String },
}

/// What became of a feed's frames. A frame is thinned, shed or analysed; an analysed one is passed
/// on unless it is late or early.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(crate) struct CountsView {
    /// Decoded.
    frames: u64,
    /// Left out because the operation asks for fewer a second.
    thinned: u64,
    /// Shed because analysis was behind.
    shed: u64,
    analysed: u64,
    /// Dropped because the other feeds were past that time.
    late: u64,
    /// Dropped because the other feeds were so far behind that time.
    early: u64,
    /// Datagrams shed because reading was behind.
    datagrams_shed: u64,
    /// Damaged packets and pictures.
    damaged: u64,
}

impl From<FeedCounts> for CountsView {
    fn from(c: FeedCounts) -> Self {
        Self {
            frames: c.frames,
            thinned: c.thinned,
            shed: c.shed,
            analysed: c.analysed,
            late: c.late,
            early: c.early,
            datagrams_shed: c.datagrams_shed,
            damaged: c.damaged,
        }
    }
}

/// What was deleted.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub(crate) struct PurgedView {
    rows: u64,
    files: u64,
    bytes: u64,
}

impl From<Purged> for PurgedView {
    fn from(p: Purged) -> Self {
        Self {
            rows: p.rows,
            files: p.files,
            bytes: p.bytes,
        }
    }
}

/// Where a zone lies in a picture.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct DrawnView {
    /// The zone's id.
    pub zone: String,
    /// Its outline, display pixels.
    pub outline: Vec<[f32; 2]>,
}

/// A frame's analysis.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct FrameView {
    pub run: String,
    pub feed: String,
    pub frame: u64,
    pub t_us: i64,
    pub pts_90k: i64,
    pub width: u32,
    pub height: u32,
    pub coverage: Coverage,
    /// Share of its picture that the authority hides, 0 to 1; 1 is a picture that is not shown at
    /// all, null an operation that hides nothing.
    pub masked: Option<f32>,
    /// Zones outlined on an earlier frame, where they lie in this one.
    pub drawn: Vec<DrawnView>,
    pub tracks: Vec<PointView>,
}

/// What a client may say.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientMessage {
    pub subscribe: Subscribe,
}

/// What a client wants.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subscribe {
    /// The feeds whose pictures are sent; replaces what was asked before.
    pub video: Vec<String>,
}

/// Length of the head of a binary message.
pub(crate) const HEAD: usize = 12;

/// The head of a binary message: version 1, flags (1 = key frame), index of the feed (big-endian),
/// pts in 90 kHz ticks (big-endian, signed). Annex B bytes follow.
pub(crate) fn video_head(feed: u16, key: bool, pts_90k: i64) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[0] = 1;
    head[1] = u8::from(key);
    head[2..4].copy_from_slice(&feed.to_be_bytes());
    head[4..].copy_from_slice(&pts_90k.to_be_bytes());
    head
}
