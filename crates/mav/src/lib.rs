//! MAVLink 2: bytes ↔ messages of the common dialect, with signing, and what telemetry says.
//!
//! - [`Reader`] finds frames in whatever a link delivers: checked, and where there is a key, verified.
//!   What doesn't fit is counted ([`Faults`]) and never an error.
//! - [`Writer`] makes frames, signed where there is a key.
//! - [`Telemetry`] gathers what one aircraft says of itself, in radians and metres.
//!
//! Not here: sockets, clocks, protocols of several messages. Times come from the caller. Frames and
//! signatures are those of the MAVLink guide ("Packet Serialization", "Message Signing").

mod reader;
mod signing;
mod telemetry;
mod writer;

pub use mavlink::dialects::common;
pub use reader::{Faults, Message, Reader};
pub use signing::{Key, KeyError, stamp_of_unix_us};
pub use telemetry::Telemetry;
pub use writer::Writer;

/// First byte of a frame of version 2, and of version 1.
const STX: u8 = 0xFD;
const STX_1: u8 = 0xFE;
/// Bytes before the payload.
const HEADER: usize = 10;
/// Bytes of a signature: link, time, six bytes of the hash.
const SIGNATURE: usize = 13;
/// Incompatibility flag: the frame is signed.
const SIGNED: u8 = 1;
