//! Tracks and zones to events, and events to alerts.
//!
//! - [`Visits`] is the heart: who is inside which zone, with hysteresis in space and time, and with
//!   "not observed" kept apart from "left". It works on any plane.
//! - [`Activity`] feeds it with tracks of an operation, watches coverage, and applies the watch
//!   rules.
//! - Estimates of a source of gas and the words of ground sensors become events beside those of
//!   tracks, and a rule may join a visit with an emission.
//! - [`Composed`] tells what one vehicle does ([`moments`]) and what two do ([`together`]).
//! - [`table`] does the same for positions in a table, for the stand-alone command.
//!
//! Pure functions of event time: no clock, no I/O (readers and writers are given).

mod activity;
pub mod again;
mod composed;
mod cues;
mod emissions;
mod fix;
pub mod flow;
mod gallery;
pub mod geojson;
pub mod handling;
mod joint;
pub mod moments;
pub mod presence;
mod reorder;
pub mod routine;
pub mod sites;
pub mod table;
pub mod together;
mod understood;
mod visits;
pub mod watch;
mod zone;
mod zones;

pub use activity::{Activity, ActivityOut, TrackFix};
pub use composed::Composed;
pub use cues::CueFix;
pub use fix::{Finding, Fix};
pub use reorder::Reorder;
pub use visits::{Change, ChangeKind, SubjectIx, Visits};
pub use zone::{Shape, Zone};
pub use zones::ZoneIndex;
