//! Full-motion video for others: STANAG 4609 transport streams (MPEG-TS, MISB ST 0601 and ST 0903).
//!
//! Pictures are never coded again and metadata that a video has are passed on byte by byte; what is
//! added stands between them, but for time stamps (ST 0604), which go into the coded pictures of a
//! stream that we are the author of. [`Timeline`] is a first look at a video (when its pictures are shown, what
//! time it was then), [`targets`] turns boxes into ST 0903, [`complete`] computes what a camera sees where
//! a log doesn't say, and [`copy`] writes the stream; [`clip`] cuts one out of recorded segments.

mod clip;
mod copy;
mod ground;
mod stamps;
mod targets;
mod timeline;

pub use clip::{Clip, Piece, clip};
pub use copy::{Added, Copied, Order, copy};
pub use ground::complete;
pub use targets::{Sighting, targets};
pub use timeline::{MetadataStream, Timeline};

/// What stops a stream from being written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The video could not be read or written.
    #[error(transparent)]
    Video(#[from] atalaya_video::Error),
    /// There is no picture in it.
    #[error("{0}: no pictures in it; give a video")]
    NoPictures(String),
    /// There is no picture in the time asked for.
    #[error("{0}: no picture between the times asked for")]
    NothingThere(String),
    /// A recorded segment can't be read.
    #[error("{path}: can't read the recorded segment: {cause}")]
    Segment {
        /// Where it lies.
        path: String,
        /// The system's reason.
        cause: String,
    },
    /// A recorded segment is not what was recorded.
    #[error("{0}: altered since it was recorded (its SHA-256 differs); no clip is made of it")]
    Altered(String),
    /// A value does not fit its item.
    #[error("metadata at {at_s:.3} s of the video: {cause}")]
    Metadata {
        /// Since the first picture, seconds.
        at_s: f64,
        /// What does not fit.
        cause: atalaya_klv::st0601::EncodeError,
    },
}
