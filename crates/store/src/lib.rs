//! Where records stay, and the bus that says them as they happen.
//!
//! [`Store`] is a folder: `atalaya.db` (SQLite in WAL mode) and `segments/` (the stretches of
//! video, named by the rows). The engine writes through a [`Writer`] from its own threads and gets
//! a [`Ticket`] that says when its records are durable. People's acts (acknowledge, decide, split,
//! note, release, log in) are methods of [`Store`]; each is written together with a line in the log of acts, a tree
//! of hashes whose newest root is signed with it ([`AuditReader`] reads it for verification).
//! [`Bus`] carries what happens now to whoever listens and never blocks the engine.
//!
//! Every row has a schema number and a delete-by date; [`Store::purge`] enforces it, and keeps what
//! an event or alert refers to for as long as that event or alert.
//!
//! It does not know feeds, stages or the web.

mod acts;
mod aircraft;
mod alerts;
mod audit;
mod batch;
mod bus;
mod corrections;
mod decisions;
mod documents;
mod error;
mod imports;
mod judgements;
mod lineage;
mod notes;
mod open;
mod portal;
mod purge;
mod read;
mod record;
mod release_read;
mod releases;
mod stretch;
mod tracks;
mod users;
mod watch;
mod writer;

pub use acts::Act;
pub use aircraft::LiveAircraft;
pub use alerts::{AlertAct, AlertActKind, AlertCursor, AlertFilter, AlertPage, StoredAlert};
pub use audit::{AuditReader, write_secret};
pub use bus::{AccessUnit, Bus, FeedCounts, Heard, Live, LiveFrame, Purged, Subscription};
pub use corrections::{NewCorrection, StoredCorrection, StoredCorrectionFile};
pub use decisions::NewDecision;
pub use documents::{NewDocument, StoredDocument};
pub use error::StoreError;
pub use imports::{NewImport, StoredImport};
pub use judgements::StoredJudgement;
pub use lineage::Lineage;
pub use notes::NewNote;
pub use open::Store;
pub use portal::{Token, TokenUse};
pub use record::{Author, Edit, Note, NoteKind, Record, Run, TrackEdit};
pub use release_read::{StoredMessage, StoredRelease};
pub use tracks::StoredTrack;
pub use watch::{StoredAnswer, StoredWatch};
pub use writer::{Ticket, Writer};
