//! Tracks, aircraft and alerts as Cursor on Target, so that a TAK screen shows them.
//!
//! [`CotSource`] turns records into [`atalaya_cot::CotEvent`]s and is pure. [`CotSender`] holds
//! back what comes too often and sends the rest to an address from a thread of its own: UDP
//! datagrams (a multicast group too) or a TCP stream that comes back when it was lost.
//!
//! Times are event times: a live operation shows at once; a recording replayed later is stale for a
//! screen that goes by its own clock.

mod address;
mod convert;
mod link;
mod sender;

pub use address::{CotAddress, CotOutError, Transport};
pub use convert::{
    AIRCRAFT, ALERT, ALERT_STALE_S, AircraftFix, CotSource, PERSON_OR_UNKNOWN, STALE_S, VEHICLE,
};
pub use link::CotStats;
pub use sender::CotSender;
