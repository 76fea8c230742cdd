//! Aircraft over MAVLink: a link that messages come and go by, and telemetry as a feed of its own.

mod address;
mod feed;
mod link;

pub use address::LinkAddress;
pub use feed::{AircraftFeed, AircraftReport, platform};
pub use link::AircraftLink;

/// Why a link can't be used: one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{link}: {what}")]
pub struct AircraftError {
    /// The link as it was given.
    pub link: String,
    /// Cause and remedy.
    pub what: String,
}
