//! Out to others: the report a commander reads, releases to partners, and Cursor on Target for TAK screens.
//!
//! - [`report::html`] makes one self-contained `report.html` out of what a run found: no script, no
//!   network, the same bytes for the same input. [`report::wanted_stills`] says which frames it
//!   would like to show.
//! - [`cot_out::CotSender`] sends tracks, aircraft and alerts to `udp://host:port` or
//!   `tcp://host:port`. The conversions in [`cot_out`] are pure; only the sender owns a socket and
//!   a thread.
//! - [`stanag`] writes full-motion video for others: transport streams with ST 0601 and ST 0903, and
//!   clips whose metadata are those of the original.
//! - [`release`] makes the product for a partner agency, signs it and encrypts it to the partner's key.
//!
//! What it is not: it decides nothing. Everything it is given has passed the gate before.

pub mod cot_out;
pub mod release;
pub mod report;
pub mod stanag;
