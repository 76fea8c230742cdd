//! What can go wrong, in one line each: what, where, what to do.

use std::path::PathBuf;

/// A failure of the store. Cloning keeps the words.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// No space left.
    #[error(
        "disk full: can't write to {path}; free space on that disk: writing goes on by itself, and nothing acknowledged was lost"
    )]
    DiskFull {
        /// The database.
        path: PathBuf,
    },
    /// No space left for what a person did.
    #[error(
        "disk full while {doing}: nothing was changed; free space on the store's disk and try again"
    )]
    Full {
        /// At what.
        doing: &'static str,
    },
    /// The database can't be opened or made.
    #[error("can't open the store in {path}: {why}; check that the folder exists and is writable")]
    Open {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// Written by a newer program.
    #[error(
        "the store in {path} has schema {found}, this program knows {known}; use a newer atalaya"
    )]
    Newer {
        /// The folder.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// A statement failed.
    #[error("the store failed while {doing}: {why}")]
    Database {
        /// At what.
        doing: &'static str,
        /// What SQLite said.
        why: String,
    },
    /// The writer was shut down.
    #[error("the store is closed; records that were not acknowledged are not stored")]
    Closed,
    /// The writer's queue is full.
    #[error("the store's queue is full ({bytes} bytes wait); shed or wait")]
    QueueFull {
        /// How much waits.
        bytes: usize,
    },
    /// There is no such thing.
    #[error("there is no {what} '{id}'")]
    NotFound {
        /// Kind of thing.
        what: &'static str,
        /// Its name.
        id: String,
    },
    /// Not possible as things stand.
    #[error("{why}")]
    Conflict {
        /// Why, and what is possible.
        why: String,
    },
    /// What was asked makes no sense.
    #[error("{why}")]
    Invalid {
        /// Why.
        why: String,
    },
}

impl StoreError {
    /// From sqlx, while `doing` something.
    pub(crate) fn sql(doing: &'static str, error: sqlx::Error) -> Self {
        if sqlite_code(&error) == Some(SQLITE_FULL) {
            return Self::Full { doing };
        }
        Self::Database {
            doing,
            why: error.to_string(),
        }
    }
}

/// Primary result code of SQLite (the low byte of the extended one), when it is one.
pub(crate) fn sqlite_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// `SQLITE_FULL`: no space on the disk.
pub(crate) const SQLITE_FULL: u32 = 13;
/// `SQLITE_BUSY`, `SQLITE_LOCKED`, `SQLITE_NOMEM`, `SQLITE_READONLY`, `SQLITE_IOERR`,
/// `SQLITE_CANTOPEN`: may pass.
pub(crate) const SQLITE_PASSING: [u32; 6] = [5, 6, 7, 8, 10, 14];
