//! The words all other crates speak: time, frames, detections, tracks, events, alerts, evidence,
//! decisions, releases, and the operation document with its authority.
//!
//! A stage is a plain type with a `push`: it takes inputs in the total order of [`Stamped`] (time,
//! feed, sequence) and gives outputs, with no clock, no I/O and no unseeded randomness. What it says
//! is one of the records here; each record that leaves the process carries `"schema": "name/major"`
//! and the evidence it came from.
//!
//! Only `geo` is below this crate.

mod alert;
mod coverage;
mod decision;
mod detection;
mod event;
mod evidence;
mod frame;
mod id;
mod landmark;
mod look;
mod never;
pub mod operation;
mod person;
mod platform;
mod reference;
mod release;
mod sensed;
mod stamped;
mod time;
mod time_fault;
mod track;
mod watch;

pub use alert::{Alert, AlertLife, AlertState, Severity};
pub use coverage::{Coverage, FeedStatus};
pub use decision::{Choice, Decision, MatchState, TargetMatch};
pub use detection::{
    Attention, Class, Detection, FrameReport, Hold, Outline, OutlineAsk, PixelBox, Registration,
    Tie, TieAsk, Trial, Verdict, Watch,
};
pub use event::{
    About, Arrived, Cued, Departed, Emitted, Event, EventKind, Handled, Reason, Returned, Together,
    Unusual, Walked,
};
pub use evidence::{EvidenceRef, FrameRef, SampleRange, Segment};
pub use frame::{Frame, PixelFormat, Plane};
pub use id::{FeedIx, TrackId};
pub use landmark::{Landmark, LandmarkFit};
pub use look::{Colour, ColourAsk, VehicleLook};
pub use never::{Never, never, never_in};
pub use operation::Operation;
pub use person::{Author, Done};
pub use platform::{GroundCorners, North, PlatformState, VerticalDatum};
pub use reference::{ReferenceAsk, ReferenceFit, ReferenceMatch};
pub use release::{
    Clock, Direction, MachineMark, MessageKind, Recall, Release, ReleaseLanguage, ReleaseMessage,
    ReleaseState, Removed, StationTimes, station_times,
};
pub use sensed::{Cue, EmissionMap, GasSample, SampleWind, Sensed};
pub use stamped::Stamped;
pub use time::{Micros, rfc3339};
pub use time_fault::{TimeFault, TimeScale};
pub use track::{GroundFix, TrackPoint, TrackState};
pub use watch::{Names, Same, Step, WatchDocument, WatchRule};
