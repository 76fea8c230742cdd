//! The words all other crates speak: time, frames, detections, tracks, events, alerts, evidence,
//! and the operation document with its authority.
//!
//! A stage is a plain type with a `push`: it takes inputs in the total order of [`Stamped`] (time,
//! feed, sequence) and gives outputs, with no clock, no I/O and no unseeded randomness. What it says
//! is one of the records here; each record that leaves the process carries `"schema": "name/major"`
//! and the evidence it came from.
//!
//! Only `geo` is below this crate.

mod alert;
mod coverage;
mod detection;
mod event;
mod evidence;
mod frame;
mod id;
pub mod operation;
mod platform;
mod stamped;
mod time;
mod track;

pub use alert::{Alert, AlertState, Severity};
pub use coverage::{Coverage, FeedStatus};
pub use detection::{
    Attention, Class, Detection, FrameReport, Hold, PixelBox, Registration, Trial, Verdict, Watch,
};
pub use event::{Event, EventKind};
pub use evidence::{EvidenceRef, FrameRef, Segment};
pub use frame::{Frame, PixelFormat, Plane};
pub use id::{FeedIx, TrackId};
pub use operation::Operation;
pub use platform::{GroundCorners, PlatformState, VerticalDatum};
pub use stamped::Stamped;
pub use time::{Micros, rfc3339};
pub use track::{GroundFix, TrackPoint, TrackState};
