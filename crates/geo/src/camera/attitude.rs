//! Angles of platform and sensor.

use nalgebra::{Matrix3, Rotation3, Vector3};

/// Angles of platform and sensor, radians, as MISB ST 0601 items 5–7 and 18–20.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Attitude {
    /// Platform heading, clockwise from true north.
    pub heading: f64,
    /// Platform pitch, nose up positive.
    pub pitch: f64,
    /// Platform roll, right wing down positive.
    pub roll: f64,
    /// Sensor azimuth relative to the platform, clockwise.
    pub rel_azimuth: f64,
    /// Sensor elevation relative to the platform, up positive.
    pub rel_elevation: f64,
    /// Sensor roll about the line of sight, clockwise.
    pub rel_roll: f64,
}

impl Attitude {
    /// Rotation from camera axes (x right, y down, z along the line of sight) to local
    /// east-north-up.
    pub fn camera_to_enu(&self) -> Matrix3<f64> {
        let rot = |yaw: f64, pitch: f64, roll: f64| {
            Rotation3::from_axis_angle(&Vector3::z_axis(), yaw)
                * Rotation3::from_axis_angle(&Vector3::y_axis(), pitch)
                * Rotation3::from_axis_angle(&Vector3::x_axis(), roll)
        };
        let ned = rot(self.heading, self.pitch, self.roll)
            * rot(self.rel_azimuth, self.rel_elevation, self.rel_roll);
        // Sensor axes (forward, right, down) from camera axes (right, down, forward).
        let axes = Matrix3::new(0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0);
        let ned_to_enu = Matrix3::new(0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0);
        ned_to_enu * ned.matrix() * axes
    }
}
