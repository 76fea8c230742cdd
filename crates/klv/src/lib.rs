//! MISB KLV metadata: bytes to values and back.
//!
//! This crate reads and writes the metadata that travels beside drone video: ST 0601 with all its
//! items, the sets nested in it (security, moving targets, remote video terminals, radar, range
//! images, geo-registration, composite imaging, segments and amendments), those sets where they
//! stand alone, ST 1108 (quality of pictures), the EG 0104 universal set of older aircraft and its items
//! outside of it, and time stamps inside compressed video. It is a pure codec: no files, no sockets, no clock, and nothing of the rest of the
//! workspace, so that it can be used and published alone. It does not find KLV in containers.
//!
//! It is laid out in three layers:
//!
//! * [`Scanner`] and [`scan`] cut a damaged byte stream into [`Packet`]s and
//!   lose no packet that arrived whole.
//! * [`Packet::elements`] walks the items of a packet, and [`Element::parts`] what is nested in one.
//!   What an item means stands in tables ([`form`], [`st0601::table`]); values borrow from the
//!   packet and nothing is allocated.
//! * [`Metadata`], [`st0903`] and [`json`] are views of the elements: typed ones in radians and
//!   metres, and the `klv/1` record in the standard's own units.
//!
//! [`st0601::SetBuilder`] and [`SetWriter`] write packets from the same tables, [`rewrite`] changes
//! items of a packet and leaves the rest as it was, [`mod@fault`] says what is wrong in one, and
//! [`check`] reports on the conformance of a stream. No input makes any of them panic.
//!
//! ```
//! use atalaya_klv::{Metadata, Step, scan, st0601::SetBuilder};
//!
//! let mut set = SetBuilder::new(1_700_000_000_000_000);
//! set.number(13, 40.5)?.number(14, -3.25)?.text(10, "MQ-0")?;
//! let bytes = set.finish();
//!
//! let Some(Step::Packet(packet)) = scan(&bytes).next() else { panic!() };
//! let metadata = Metadata::of(&packet);
//! assert_eq!(metadata.time_us, Some(1_700_000_000_000_000));
//! assert!((metadata.sensor_lat_rad.unwrap().to_degrees() - 40.5).abs() < 1e-6);
//! # Ok::<(), atalaya_klv::st0601::EncodeError>(())
//! ```

#![forbid(unsafe_code)]

pub mod ber;
pub mod check;
pub mod checksum;
mod decode;
pub mod digest;
pub mod eg0104;
mod element;
mod encode;
pub mod fault;
pub mod form;
mod imap;
pub mod json;
mod key;
mod metadata;
mod packet;
pub mod rewrite;
mod scan;
mod seen;
pub mod sei;
pub mod st0102;
pub mod st0601;
pub mod st0806;
pub mod st0902;
pub mod st0903;
pub mod st1002;
pub mod st1010;
pub mod st1108;
pub mod st1204;
pub mod st1206;
pub mod st1303;
pub mod st1601;
pub mod st1602;
mod value;
mod write;

pub use element::{Element, ElementId, Elements, MAX_DEPTH};
pub use fault::{Fault, FaultCode};
pub use imap::Imap;
pub use key::{Key, Standard};
pub use metadata::{Altitude, Datum, LatLon, Metadata};
pub use packet::{Checksum, Packet};
pub use scan::{MAX_PACKET, Scan, Scanner, Step, scan};
pub use value::{State, Value, utf16};
pub use write::{EncodeError, SetWriter};
