//! What is stored: the engine's records, and what people add to them.

pub use atalaya_model::Author;
use atalaya_model::operation::Retention;
use atalaya_model::{Alert, Coverage, Event, Micros, Segment, TrackPoint};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// One run of an operation's feeds through the stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Unique among all runs of this store (a repeated run takes a new one, or its points are there
    /// twice): letters, digits, `-`, `_`, `.`.
    pub id: String,
    /// The operation's id.
    pub operation: String,
    /// Event time of its beginning.
    pub started: Micros,
    /// Hash of the effective settings, hex.
    pub settings_hash: String,
    /// Version of the code.
    pub code_version: String,
    /// How long what is kept: notes and edits made during the run go by it.
    pub retention: Retention,
}

/// What the engine stores. `delete_by` is the wall time (microseconds UTC) after which the record
/// may no longer be kept, as the gate decided; what an event or alert refers to is kept as long as
/// that event or alert.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// A run begins.
    Run {
        /// The run.
        run: Run,
        /// See [`Record`].
        delete_by: Micros,
    },
    /// A segment was closed. A path that begins with `segments/` is relative to the store's folder
    /// and its file is deleted with the row; a recording elsewhere is never deleted.
    Segment {
        /// The run.
        run: String,
        /// The segment.
        segment: Segment,
        /// See [`Record`].
        delete_by: Micros,
    },
    /// What a frame covered; once a second is enough.
    Coverage {
        /// The run.
        run: String,
        /// The feed's id.
        feed: String,
        /// Event time.
        t: Micros,
        /// What it covered.
        coverage: Coverage,
        /// See [`Record`].
        delete_by: Micros,
    },
    /// The tracks in a frame.
    TrackPoints {
        /// The run.
        run: String,
        /// The feed's id.
        feed: String,
        /// Event time.
        t: Micros,
        /// The points.
        points: Vec<TrackPoint>,
        /// See [`Record`].
        delete_by: Micros,
    },
    /// Something happened. A second record with the same run and id replaces the first.
    Event {
        /// The run.
        run: String,
        /// The event.
        event: Event,
        /// See [`Record`].
        delete_by: Micros,
    },
    /// An alert. A second record with the same run and id replaces its evidence and words, never
    /// the state that a person gave it.
    Alert {
        /// The run.
        run: String,
        /// The alert.
        alert: Alert,
        /// See [`Record`].
        delete_by: Micros,
    },
    /// Something that the program did by itself and that goes into the log of acts: a sensor was asked
    /// to look somewhere. Kept as long as any act.
    Act {
        /// What: `sensor.look`.
        what: String,
        /// To what.
        subject: String,
        /// More about it.
        detail: serde_json::Value,
    },
}

impl Record {
    /// Roughly how much memory it holds, bytes.
    pub fn weight(&self) -> usize {
        let evidence = |list: &[atalaya_model::EvidenceRef]| {
            list.iter()
                .map(|e| 256 + 64 * e.frames.len())
                .sum::<usize>()
        };
        256 + match self {
            Self::Run { .. } | Self::Coverage { .. } => 256,
            Self::Segment { segment, .. } => segment.path.len() + 128,
            Self::TrackPoints { points, .. } => points.len() * size_of::<TrackPoint>(),
            Self::Event { event, .. } => event.reason.len() + evidence(&event.evidence),
            Self::Alert { alert, .. } => alert.reason.len() + evidence(&alert.evidence),
            Self::Act { subject, .. } => subject.len() + 512,
        }
    }
}

/// What kind of line it is in the watch log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    /// Somebody saw something.
    Observation,
    /// Somebody was told to do something.
    Instruction,
    /// For the next watch.
    Handover,
    /// Something does not work.
    Fault,
}

impl NoteKind {
    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Observation => "observation",
            Self::Instruction => "instruction",
            Self::Handover => "handover",
            Self::Fault => "fault",
        }
    }
}

/// A line of the watch log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// Number in the store, from 1.
    pub n: i64,
    /// Kind.
    pub kind: NoteKind,
    /// The moment it is about: event time, the note's time code.
    #[serde(with = "atalaya_model::rfc3339")]
    #[schemars(with = "String")]
    pub t: Micros,
    /// The run it is about, when there is one.
    pub run: Option<String>,
    /// The feed it is about, when there is one.
    pub feed: Option<String>,
    /// The words.
    pub text: String,
    /// Who wrote it.
    pub author: Author,
    /// When it was written, wall time.
    #[serde(with = "atalaya_model::rfc3339")]
    #[schemars(with = "String")]
    pub written_at: Micros,
}

/// What an edit of tracks does. Names are those that readers see (`A17`, `A17.2`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum Edit {
    /// From `at` on it is another track.
    Split {
        /// The track.
        track: String,
        /// First moment of the new one, event time in microseconds UTC.
        at: Micros,
    },
    /// `other` is the same as `track`, and takes its name.
    Merge {
        /// The track that stays.
        track: String,
        /// The track that goes.
        other: String,
    },
}

/// An edit of tracks. Points are never changed: readers apply the edits that are not undone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrackEdit {
    /// Number in the store, from 1.
    pub n: i64,
    /// The run.
    pub run: String,
    /// What.
    #[serde(flatten)]
    pub edit: Edit,
    /// Who.
    pub author: Author,
    /// When, wall time.
    #[serde(with = "atalaya_model::rfc3339")]
    #[schemars(with = "String")]
    pub made_at: Micros,
    /// Taken back.
    pub undone: bool,
}

/// The author of a row.
pub(crate) fn author_of(r: &SqliteRow) -> Author {
    Author {
        name: r.get("author"),
        verified: r.get("verified"),
    }
}
