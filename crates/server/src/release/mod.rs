//! Releases: the desk that drafts, seals, takes in and answers them, for the command line and the
//! API alike; the API's routes; the portal that partners fetch from.

mod api;
mod carry;
mod desk;
mod draft;
mod inbox;
mod portal;
mod translate;

pub(crate) use api::*;
pub use desk::{Desk, DeskError, Sealing};
pub use draft::DraftRequest;
pub(crate) use portal::{answer, answers, fetch, file, offer};
