//! The audit log as a tree of hashes (RFC 6962), pure: what is written where is the store's affair.
//!
//! Every act is an [`Entry`]. Its leaf is not the entry but a salted commitment to it, so that an
//! entry whose time has come can be deleted, salt and all, and the tree stays whole: nobody can
//! guess the content from the leaf. A [`Checkpoint`] is the tree's size and root, signed (C2SP
//! tlog-checkpoint and signed-note); one that an inspector took away proves later that nothing
//! before it was altered, left out or put in another order. [`verify`](verify()) needs no
//! network and no running system.

mod checkpoint;
mod entry;
mod tree;
mod verify;

pub use checkpoint::{Checkpoint, CheckpointError, PublicKey, SigningKey};
pub use entry::{Commitment, Entry, Salt};
pub use tree::{Append, Root, Roots, append, nodes_for_append, nodes_for_root, root};
pub use verify::{Finding, Report, Row, verify};
