//! The wind and the air.

/// The wind at a moment; it holds until the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wind {
    /// Seconds, on the clock of the readings.
    pub t_s: f64,
    /// Metres a second.
    pub speed: f64,
    /// Where it comes from, radians clockwise from north.
    pub from: f64,
    /// Standard deviation of its direction, radians; estimated when absent.
    pub sig_h: Option<f64>,
    /// Standard deviation of its elevation, radians; estimated when absent.
    pub sig_v: Option<f64>,
    /// Temperature of the air, K.
    pub kelvin: f64,
    /// Pressure of the air, kPa.
    pub kilopascal: f64,
}

impl Wind {
    /// Temperature taken where none is given: the standard atmosphere's, K.
    pub const KELVIN: f64 = 288.15;
    /// Pressure taken where none is given: the standard atmosphere's, kPa.
    pub const KILOPASCAL: f64 = 101.325;

    /// A wind of a speed (m/s) from a direction (radians clockwise from north), the rest unknown.
    pub fn new(t_s: f64, speed: f64, from: f64) -> Self {
        Self {
            t_s,
            speed,
            from,
            sig_h: None,
            sig_v: None,
            kelvin: Self::KELVIN,
            kilopascal: Self::KILOPASCAL,
        }
    }
}
