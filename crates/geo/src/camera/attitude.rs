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
        let ned = turn(self.heading, self.pitch, self.roll)
            * turn(self.rel_azimuth, self.rel_elevation, self.rel_roll);
        // Sensor axes (forward, right, down) from camera axes (right, down, forward).
        let axes = Matrix3::new(0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0);
        let ned_to_enu = Matrix3::new(0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0);
        ned_to_enu * ned.matrix() * axes
    }

    /// From angles of platform and gimbal that both stand against north and the horizon (yaw, pitch,
    /// roll), as many autopilots log them: the sensor's are turned into relative ones.
    pub fn of_levelled_gimbal(platform: [f64; 3], gimbal: [f64; 3]) -> Self {
        let [heading, pitch, roll] = platform;
        let relative = turn(heading, pitch, roll).inverse() * turn(gimbal[0], gimbal[1], gimbal[2]);
        let (rel_roll, rel_elevation, rel_azimuth) = relative.euler_angles();
        Self {
            heading,
            pitch,
            roll,
            rel_azimuth,
            rel_elevation,
            rel_roll,
        }
    }
}

/// About the downward, the right and the forward axis, in this order.
fn turn(yaw: f64, pitch: f64, roll: f64) -> Rotation3<f64> {
    Rotation3::from_axis_angle(&Vector3::z_axis(), yaw)
        * Rotation3::from_axis_angle(&Vector3::y_axis(), pitch)
        * Rotation3::from_axis_angle(&Vector3::x_axis(), roll)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_levelled_gimbal_looks_where_it_says_whatever_the_aircraft_does() {
        let gimbal = [1.9, -0.42, 0.03];
        for platform in [[1.9, 0.0, 0.0], [0.3, 0.1, -0.35], [-2.0, -0.3, 0.6]] {
            let a = Attitude::of_levelled_gimbal(platform, gimbal);
            assert_eq!([a.heading, a.pitch, a.roll], platform);
            let level = Attitude {
                heading: gimbal[0],
                rel_elevation: gimbal[1],
                rel_roll: gimbal[2],
                ..Attitude::default()
            };
            let off = a.camera_to_enu() - level.camera_to_enu();
            assert!(off.norm() < 1e-12, "{off}");
        }
    }
}
