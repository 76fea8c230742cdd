//! What can go wrong: one line each, with cause and remedy.

use atalaya_authority::GateError;
use atalaya_store::StoreError;
use std::path::PathBuf;

/// An error of the engine.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The authority can't be applied.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// A feed can't be received or read.
    #[error("feed '{feed}': {why}")]
    Feed {
        /// The feed's id.
        feed: String,
        /// What and what to do.
        why: String,
    },
    /// A file can't be read or written.
    #[error("{path}: {why}")]
    File {
        /// The file.
        path: PathBuf,
        /// What and what to do.
        why: String,
    },
    /// The store can't take more.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The video can't be decoded.
    #[error(transparent)]
    Video(#[from] atalaya_video::Error),
    /// The gate does not let a picture through.
    #[error("the picture of {t} may not be shown ({why}): the authority does not cover it")]
    Refused {
        /// Its event time.
        t: String,
        /// Name of the reason.
        why: &'static str,
    },
    /// Nothing to do.
    #[error("the operation has no feed; add [[feed]] with id, source and sensor")]
    NoFeed,
    /// A thread of ours died.
    #[error("a stage stopped unexpectedly ({0}); this is a defect: please report it with the log")]
    Died(&'static str),
}

impl EngineError {
    /// An I/O error at a path, with the remedy that fits it.
    pub fn io(path: impl Into<PathBuf>, e: &std::io::Error) -> Self {
        let remedy = match e.kind() {
            std::io::ErrorKind::NotFound => "check the path",
            std::io::ErrorKind::PermissionDenied => "check the permissions",
            std::io::ErrorKind::StorageFull => "free space on the disk and run again",
            _ => "check disk and path",
        };
        Self::File {
            path: path.into(),
            why: format!("{e}; {remedy}"),
        }
    }
}
