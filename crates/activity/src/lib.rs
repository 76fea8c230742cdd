//! Tracks and zones to events, and events to alerts.
//!
//! - [`Visits`] is the heart: who is inside which zone, with hysteresis in space and time, and with
//!   "not observed" kept apart from "left". It works on any plane.
//! - [`Activity`] feeds it with tracks of an operation, watches coverage, and applies the watch
//!   rules.
//! - [`table`] does the same for positions in a table, for the stand-alone command.
//!
//! Pure functions of event time: no clock, no I/O (readers and writers are given).

mod activity;
pub mod geojson;
pub mod table;
mod visits;
mod zone;

pub use activity::{Activity, ActivityOut, TrackFix};
pub use visits::{Change, ChangeKind, Visits};
pub use zone::{Shape, Zone};
