//! Detections to tracks, on the ground and in the image.
//!
//! [`GroundView`] turns metadata and registration into one steady map from pixels to a plane: the
//! ground in metres where the video has a position, else the first frame's pixels carried along.
//! [`Tracker`] follows what moves on that plane, keeps what has stopped, and says of each track in
//! each frame whether it was seen, stands still, is predicted, or was not observed at all.
//! [`Fuse`] says which tracks are the same thing: seen by several feeds, or found again.
//! [`BoxTracker`] follows boxes of any detector in the picture alone.
//! [`mot`] reads and writes MOT rows for the stand-alone command.
//!
//! Common errors of a flight (metadata offsets) travel beside the random ones and are never
//! averaged away.

mod assign;
mod belief;
mod boxes;
mod calibrate;
mod doubles;
mod fuse;
mod ground;
mod kalman;
mod landmark;
mod look;
pub mod mot;
#[cfg(test)]
mod orbit;
mod outline;
mod proof;
mod recapture;
mod reference;
mod restless;
mod settings;
mod shape;
mod tall;
mod track;
mod tracker;

pub use boxes::{BoxRow, BoxSettings, BoxTracker};
pub use calibrate::FeedErrors;
pub use fuse::{Fuse, FuseSettings, Fused};
pub use ground::{GroundView, Pointing, Seen, View};
pub use settings::TrackSettings;
pub use tracker::{TrackFrame, TrackInput, Tracker};
