//! Aircraft as the page draws them.

use atalaya_store::LiveAircraft;
use schemars::JsonSchema;
use serde::Serialize;

/// An aircraft's own word about where it is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AircraftView {
    /// Its id in the operation.
    id: String,
    /// Its MAVLink system number.
    system: u8,
    t_us: i64,
    /// Longitude, latitude in degrees.
    lon_lat: [f64; 2],
    /// Above mean sea level, metres.
    height_m: Option<f64>,
    /// Clockwise from true north.
    heading_deg: Option<f64>,
    /// What is left in the battery, of one.
    battery: Option<f64>,
    armed: Option<bool>,
    /// The mission item it flies, as the autopilot counts.
    item: Option<u16>,
}

impl AircraftView {
    /// Of one that says where it is.
    pub fn of(a: &LiveAircraft) -> Option<Self> {
        let s = &a.state;
        Some(Self {
            id: a.id.clone(),
            system: a.system,
            t_us: s.t.0,
            lon_lat: [s.lon?.to_degrees(), s.lat?.to_degrees()],
            height_m: s.height_m,
            heading_deg: s.heading.map(f64::to_degrees),
            battery: a.battery,
            armed: a.armed,
            item: a.item,
        })
    }
}

/// For the test of samples.
#[cfg(test)]
pub(crate) fn sample() -> AircraftView {
    AircraftView {
        id: "eagle".into(),
        system: 3,
        t_us: 1,
        lon_lat: [-3.5, 40.0],
        height_m: Some(900.0),
        heading_deg: Some(90.0),
        battery: Some(0.8),
        armed: Some(true),
        item: Some(4),
    }
}
