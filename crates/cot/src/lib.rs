//! Cursor on Target 2.0 (MITRE MTR 050010): events to XML and back, nothing else.
//!
//! The principal type is [`CotEvent`]. The codec is pure: it opens no socket and reads no clock.
//!
//! ```
//! use atalaya_cot::{CotEvent, CotPoint};
//! let event = CotEvent {
//!     uid: "atalaya-demo-A17".into(),
//!     kind: "a-u-G-E-V-C".into(),
//!     how: "m-f".into(),
//!     time: "2026-11-22T05:12:00.000Z".into(),
//!     start: "2026-11-22T05:12:00.000Z".into(),
//!     stale: "2026-11-22T05:12:10.000Z".into(),
//!     point: CotPoint { lat: 40.0, lon: -3.5, hae: 650.0, ce: 3.0, le: 5.0 },
//!     callsign: Some("truck A17".into()),
//!     course_deg: Some(90.0),
//!     speed_m_s: Some(3.5),
//!     remarks: None,
//! };
//! let xml = event.to_xml();
//! assert_eq!(CotEvent::parse(&xml).unwrap(), event);
//! ```

mod parse;
mod write;

pub use parse::CotError;

/// Where an event is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CotPoint {
    /// Latitude, degrees.
    pub lat: f64,
    /// Longitude, degrees.
    pub lon: f64,
    /// Height above the ellipsoid, metres; [`CotPoint::UNKNOWN`] when not known.
    pub hae: f64,
    /// Circular error, metres (one sigma); [`CotPoint::UNKNOWN`] when not known.
    pub ce: f64,
    /// Linear (height) error, metres; [`CotPoint::UNKNOWN`] when not known.
    pub le: f64,
}

impl CotPoint {
    /// What the schema writes for "not known".
    pub const UNKNOWN: f64 = 9_999_999.0;
}

/// An event. Times are RFC 3339 UTC.
#[derive(Clone, Debug, PartialEq)]
pub struct CotEvent {
    /// Unique name of the thing the event is about.
    pub uid: String,
    /// Type, such as `a-u-G-E-V-C` (an unknown civilian ground vehicle).
    pub kind: String,
    /// How it came about, such as `m-f` (fused by machine).
    pub how: String,
    /// When the event was made.
    pub time: String,
    /// From when it is valid.
    pub start: String,
    /// Until when it is valid.
    pub stale: String,
    /// Place.
    pub point: CotPoint,
    /// Name on the screen.
    pub callsign: Option<String>,
    /// Course, degrees from north.
    pub course_deg: Option<f64>,
    /// Speed, m/s.
    pub speed_m_s: Option<f64>,
    /// Words.
    pub remarks: Option<String>,
}
