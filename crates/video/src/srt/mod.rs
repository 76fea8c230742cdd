//! SRT (Secure Reliable Transport): live bytes over UDP, with what is lost sent again.
//!
//! Not through FFmpeg, whose reader takes the peer's farewell for an error and leaves what is still
//! in the receive buffer unread: a stream lost its last `latency` there (docs/measurements.md).
//! Here everything that was received is given out before the loss of the connection is.

mod address;
mod library;
mod socket;

pub use socket::{SrtListener, SrtOptions, SrtReceived, SrtSent, SrtSocket, SrtStats};
