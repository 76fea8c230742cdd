//! Products for partner agencies: written, sealed, opened.
//!
//! [`write()`] makes the product out of an alert and a decision: a self-contained report in Spanish or
//! English and a manifest with hashes, redacted to what the authority covers, with what was left out
//! and why. [`Package`] is the product with its record. [`seal()`] signs a body (Ed25519, RFC 8032) and
//! encrypts it to one partner's [`Card`] (HPKE, RFC 9180); [`open()`] is the way back. All of it is
//! bytes to bytes: who may, and in which order, the store says; files and links are carried by the
//! command line and the server.

mod keys;
mod package;
mod report;
mod seal;
mod words;
mod write;

pub use keys::{Card, Identity, KeyError};
pub use package::{FileEntry, Manifest, Originals, Package, PackageError, Return};
pub use seal::{Header, MOST_BODY, Opened, Parcel, SealError, open, seal, sealed_header};
pub use write::{LeftOut, Picture, Product, ReleaseInput, Translated, write};
