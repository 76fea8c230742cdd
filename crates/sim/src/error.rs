//! What can go wrong when a world is written or sent.

use std::path::{Path, PathBuf};

/// An error of the simulator: what failed, where, and why.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be written or read.
    #[error("{path}: {cause}; check that the folder exists, is writable and has room")]
    File {
        /// Where.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// A picture could not be encoded or multiplexed.
    #[error("{what}: {cause}")]
    Video {
        /// What was being made.
        what: String,
        /// Why.
        cause: atalaya_video::Error,
    },
    /// A packet of metadata could not be coded.
    #[error("metadata of picture {frame}: {cause}")]
    Metadata {
        /// The picture, from 0.
        frame: u64,
        /// Why.
        cause: atalaya_klv::st0601::EncodeError,
    },
    /// The picture of the ground could not be coded.
    #[error("{path}: {cause}")]
    Reference {
        /// Where.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// A recording cannot be played.
    #[error("{path}: {cause}")]
    Recording {
        /// Where.
        path: PathBuf,
        /// What is wrong with it and what to do.
        cause: String,
    },
    /// Sending to an address failed.
    #[error("sending to {to}: {cause}")]
    Send {
        /// Where to.
        to: std::net::SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
}

impl Error {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |cause| Self::File {
            path: path.into(),
            cause,
        }
    }
}
