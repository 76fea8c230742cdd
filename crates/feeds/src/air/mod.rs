//! The air picture: what aircraft broadcast of themselves (ADS-B), how far it can be believed, and who
//! turns around a place.
//!
//! [`read`] turns recordings into [`AirReport`]s; [`AirPicture`] is a function of the reports alone: no
//! clock, no socket, and memory bounded by [`AIRCRAFT`]. ADS-B is neither signed nor encrypted: anyone
//! can send anything under any address. What contradicts physics, itself or an earlier broadcast is
//! doubted ([`Doubt`]); an invented track that does not contradict itself can't be told from a real one
//! by its broadcasts, and nothing here claims to.

mod beast;
mod doubts;
mod loiter;
mod picture;
pub mod read;
mod replayed;

pub use doubts::Doubt;
pub use loiter::Loiter;
pub use picture::{AIRCRAFT, AirEvent, AirPicture};

use atalaya_model::Micros;

/// One broadcast position, with what was last said of the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct AirReport {
    /// When it was received.
    pub t: Micros,
    /// The address that it gives itself (ICAO 24 bit), or another id, lower case.
    pub address: String,
    /// Flight or registration, as broadcast.
    pub callsign: Option<String>,
    /// Latitude, degrees.
    pub lat: f64,
    /// Longitude, degrees.
    pub lon: f64,
    /// Altitude by pressure, metres.
    pub altitude_m: Option<f64>,
    /// Speed over ground, m/s.
    pub speed_m_s: Option<f64>,
    /// Course over ground, radians clockwise from north.
    pub course: Option<f64>,
    /// Climb, m/s.
    pub climb_m_s: Option<f64>,
}

/// Mean radius of the Earth, metres.
const EARTH_M: f64 = 6_371_008.8;

/// East and north from one report to another, metres, on a sphere: good to half a percent, and far apart
/// only the order of magnitude counts.
fn between(from: &AirReport, to: &AirReport) -> [f64; 2] {
    let mut turn = (to.lon - from.lon).to_radians();
    if turn.abs() > std::f64::consts::PI {
        turn -= turn.signum() * std::f64::consts::TAU;
    }
    let middle = ((from.lat + to.lat) / 2.0).to_radians();
    [
        EARTH_M * turn * middle.cos(),
        EARTH_M * (to.lat - from.lat).to_radians(),
    ]
}

fn distance(from: &AirReport, to: &AirReport) -> f64 {
    let [e, n] = between(from, to);
    e.hypot(n)
}
