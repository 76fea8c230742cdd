//! SAPIENT (BSI Flex 335 v2.0): bytes and protobuf JSON to values and back, conformance, and the two
//! sides of a link without any I/O.
//!
//! - [`Message`] is any message of the standard by field names; [`wire`] and [`json`] read and write
//!   it, [`check`] says what does not conform, [`frame`] cuts a stream into messages (a length of four
//!   bytes, little-endian, before each).
//! - [`Node`] is the side of a sensor: it registers, reports its status, tells of detections and
//!   alerts, and answers tasks.
//! - [`Host`] is the side that sensors register with: it acknowledges, refuses what does not conform,
//!   and gives what it heard as [`Heard`].
//!
//! One table of the standard's facts (`flex335.txt`) drives all of it. Nothing here opens a socket or
//! reads a clock, and nothing here can task a sensor to do more than look: nodes that are effectors
//! (kinetic, jammer, cyber, directed energy) are refused and counted.

pub mod check;
mod detection;
pub mod frame;
mod host;
pub mod json;
mod message;
mod node;
mod schema;
pub mod time;
mod ulid;
pub mod wire;

pub use detection::{Detection, Place, location};
pub use host::{EFFECTORS, Heard, Host, HostCounts};
pub use message::{Message, Value};
pub use node::{Node, NodeConfig, NodeState, Tasked};
pub use ulid::{is_ulid, is_uuid, ulid};

/// The text that a registration must give as `icd_version`.
pub const VERSION: &str = "BSI Flex 335 v2.0";
