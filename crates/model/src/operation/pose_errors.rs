//! A feed's errors in the terms of the camera.

use super::SensorErrors;
use atalaya_geo::PoseErrors;

impl SensorErrors {
    /// What all pictures of a flight share. The age of the metadata, which works through the camera's
    /// motion, is not a part of it.
    pub fn common(&self) -> PoseErrors {
        PoseErrors {
            horizontal_m: self.position_m,
            vertical_m: self.height_m,
            heading: self.heading_deg.to_radians(),
            gimbal: self.gimbal_deg.to_radians(),
            ..PoseErrors::default()
        }
    }

    /// What each picture has of its own. A position's height wanders as its place does.
    pub fn random(&self) -> PoseErrors {
        PoseErrors {
            horizontal_m: self.position_noise_m,
            vertical_m: self.position_noise_m,
            gimbal: self.pointing_noise_deg.to_radians(),
            ..PoseErrors::default()
        }
    }
}
