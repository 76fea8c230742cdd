//! What can go wrong, each as one line: what it was about, what happened, what to do.

use std::ffi::c_int;

use ffmpeg_next::ffi;

/// An error of this crate. Every message is one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file does not exist.
    #[error("{what}: no such file; check the path")]
    NotFound {
        /// The path as given.
        what: String,
    },
    /// The file exists but the system refuses to read it.
    #[error("{what}: cannot be opened: {cause}; check that it is a file and that you may read it")]
    Unreadable {
        /// The path as given.
        what: String,
        /// The system's reason.
        cause: String,
    },
    /// The input ends before anything could be recognised.
    #[error(
        "{what}: ends before any video or metadata (truncated or empty); copy it again from its source"
    )]
    Truncated {
        /// The path, or "live input".
        what: String,
    },
    /// The bytes are not a video container that is accepted.
    #[error(
        "{what}: not a video ({cause}); expected MPEG-TS, MPEG-PS, MP4, Matroska, AVI, H.264 or H.265"
    )]
    NotVideo {
        /// The path, or "live input".
        what: String,
        /// What was found instead.
        cause: String,
    },
    /// Reading failed after a good start.
    #[error("{what}: reading failed: {cause}; what was read before stays valid")]
    Read {
        /// The path, or "live input".
        what: String,
        /// The system's or FFmpeg's reason.
        cause: String,
    },
    /// A codec or filter is missing from the FFmpeg libraries, or refuses the stream.
    #[error("{what}: {cause}; the FFmpeg libraries must be built with it")]
    Codec {
        /// Codec or filter.
        what: String,
        /// FFmpeg's reason.
        cause: String,
    },
    /// Encoding, scaling or muxing was asked for something impossible.
    #[error("{what}: {cause}")]
    Invalid {
        /// The argument.
        what: &'static str,
        /// Why it cannot be used, and what can.
        cause: String,
    },
    /// Writing the multiplex failed (full disk, closed connection).
    #[error("{what}: writing failed: {cause}; free space or reconnect, then start again")]
    Write {
        /// The path, or "output".
        what: String,
        /// The system's reason.
        cause: String,
    },
    /// Another machine can't be reached, or refuses.
    #[error("{what}: {cause}; {remedy}")]
    Link {
        /// The address, without secrets.
        what: String,
        /// The reason, as far as it is known.
        cause: String,
        /// What to do.
        remedy: &'static str,
    },
    /// FFmpeg reported an error that has no better name.
    #[error("{what}: {cause}")]
    Ffmpeg {
        /// The operation that failed.
        what: &'static str,
        /// FFmpeg's text.
        cause: String,
    },
}

/// FFmpeg's own words for an error code.
pub(crate) fn text_of(code: c_int) -> String {
    ffmpeg_next::Error::from(code).to_string().to_lowercase()
}

/// Turns a negative FFmpeg return code into an [`Error::Ffmpeg`].
pub(crate) fn check(code: c_int, what: &'static str) -> Result<c_int, Error> {
    if code < 0 {
        Err(Error::Ffmpeg {
            what,
            cause: text_of(code),
        })
    } else {
        Ok(code)
    }
}

/// FFmpeg's "try again later".
pub(crate) const EAGAIN: c_int = ffi::AVERROR(ffi::EAGAIN);
