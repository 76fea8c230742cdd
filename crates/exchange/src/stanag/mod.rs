//! Full-motion video for others: STANAG 4609 transport streams (MPEG-TS, MISB ST 0601 and ST 0903).
//!
//! Pictures are never coded again and metadata that a video has are passed on byte by byte; what is
//! added stands between them. [`Timeline`] is a first look at a video (when its pictures are shown, what
//! time it was then), [`targets`] turns boxes into ST 0903, [`ground`] computes what a camera sees where
//! a log doesn't say, and [`copy`] writes the stream, or a clip of it.

mod copy;
mod ground;
mod targets;
mod timeline;

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
    /// A value does not fit its item.
    #[error("metadata at {at_s:.3} s of the video: {cause}")]
    Metadata {
        /// Since the first picture, seconds.
        at_s: f64,
        /// What does not fit.
        cause: atalaya_klv::st0601::EncodeError,
    },
}
