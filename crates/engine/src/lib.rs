//! The only place that knows all stages: wires an operation's feeds through vision, tracking, the
//! gate and activity, to files, or to the store and the bus.
//!
//! [`run`](recording::run) does it for recordings, as fast as the machine can and without losing a
//! frame; [`live`] for feeds that do not wait, which may shed frames and says so in an admission
//! log, so that stream and log replay to the same bytes.

pub mod clip;
pub mod context;
mod digest;
mod error;
mod feed_thread;
pub mod footage;
mod gas;
mod item;
mod junction;
pub mod language;
pub mod live;
mod mask;
mod merge;
pub mod network;
mod pipeline;
pub mod recording;
mod reference;
mod settings;
pub mod stills;
pub mod summary;
mod tracks_out;
pub mod watching;

pub use context::Context;
pub use digest::Digest;
pub use error::EngineError;
pub use junction::{Junction, Passed};
pub use merge::Merge;
pub use pipeline::{Analysed, FeedPipeline};
pub use reference::{Registrations, SiteReference};
pub use settings::{EngineSettings, hex};
pub use tracks_out::Tracks;
