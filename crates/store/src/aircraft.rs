//! What an aircraft says of itself, on the bus.

use atalaya_model::PlatformState;
use std::sync::Arc;

/// A position by telemetry.
#[derive(Clone, Debug)]
pub struct LiveAircraft {
    /// Its id in the operation.
    pub id: String,
    /// Its MAVLink system number.
    pub system: u8,
    /// Where it is and how it lies; the time is its own where it knows UTC.
    pub state: Arc<PlatformState>,
    /// What is left in the battery, of one.
    pub battery: Option<f64>,
    /// Motors may turn.
    pub armed: Option<bool>,
    /// The mission item it flies, as the autopilot counts.
    pub item: Option<u16>,
}
