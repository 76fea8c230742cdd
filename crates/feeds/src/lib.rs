//! Collection: full-motion video with its metadata, from files and live.
//!
//! [`Fmv`] reads one feed and yields [`Unit`]s in the order of the stream:
//! frames paired with the platform's state at their presentation time, the
//! metadata themselves, gaps, faults, and closed evidence segments. A file and
//! the same bytes over UDP give the same units.
//!
//! ```text
//! file ────────────────────────▶ Demuxer ─▶ KLV ─▶ Scanner ─▶ clock, history ─┐
//! UDP,   bounded
//! SRT, ─▶ queue ─▶ tee ─────────▶   └─────▶ Decoder ─▶ pictures ──▶ pairing ──┴▶ Unit
//! HTTP,             ├▶ Recorder ─▶ segments of at most ten seconds
//! RTSP              └▶ Relay ─▶ UDP, SRT
//! ```
//!
//! [`sensors`] does the same for gas sensors and ground sensors: messages to samples and cues;
//! [`aircraft`] for what aircraft say of themselves over MAVLink, [`air`] for what they broadcast to all.
//!
//! Nothing here knows what is in a picture. The wall clock is looked at only
//! to notice that a live feed stopped, and to tell of metadata whose clock is
//! wrong; event time comes from the stream.
//!
//! [`relay()`] passes a feed on without reading it.

pub mod air;
pub mod aircraft;
mod arrivals;
mod clock;
mod error;
mod faults;
mod fmv;
mod frame;
mod hash;
mod live;
mod pace;
mod pairing;
mod record;
mod recover;
mod relay;
pub mod sensors;
mod source;
pub mod telemetry;
mod time_watch;
mod transport;
mod unit;

pub use clock::TimeSource;
pub use error::Error;
pub use fmv::{Fmv, FmvOptions, Judge, StopHandle};
pub use hash::sha256_of_file;
pub use pairing::platform_state;
pub use record::{ClosedSegment, Recorder};
pub use recover::{RecoveredSegment, recover, reopen};
pub use relay::{Relay, RelayReport, RelaySource, RelayStats, relay};
pub use unit::{
    CodedUnit, FeedStats, FrameUnit, Gap, MetadataUnit, Pairing, SegmentUnit, Stamp, Stretch, Unit,
};
