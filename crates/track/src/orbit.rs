//! For tests: a camera on an orbit, what its metadata say, and how wrong they may be.

use crate::calibrate::{Effects, Placed, inner_points};
use atalaya_geo::{Attitude, Camera, Vector3};
use atalaya_model::operation::SensorErrors;

/// Of the picture, pixels.
pub const SIZE: (f64, f64) = (1280.0, 720.0);

/// At this angle of the orbit, looking at its middle; `off` and `turn` are what the metadata get wrong.
pub fn camera(angle: f64, off: Vector3<f64>, turn: f64) -> Camera {
    let (north, east) = angle.sin_cos();
    let at = Vector3::new(250.0 * east, 250.0 * north, 300.0);
    let attitude = Attitude {
        heading: (-east).atan2(-north) + turn,
        rel_elevation: -(300.0f64 / 250.0).atan(),
        ..Attitude::default()
    };
    Camera::new(at + off, attitude.camera_to_enu(), 0.5, 0.0, (1280, 720)).unwrap()
}

/// Where its picture lies on flat ground.
pub fn placed(c: &Camera) -> Placed {
    let at = |i: usize| c.ground_effects(inner_points(SIZE)[i], 0.0).unwrap();
    Placed {
        map: c.ground_map(0.0).unwrap(),
        effects: Effects::new([at(0), at(1), at(2), at(3)], None, SIZE),
        camera: c.position,
        noise: 0.01,
    }
}

/// What is stated of the metadata.
pub fn errors() -> SensorErrors {
    SensorErrors {
        position_m: 2.5,
        height_m: 2.0,
        heading_deg: 0.5,
        gimbal_deg: 0.1,
        position_noise_m: 0.05,
        pointing_noise_deg: 0.0,
        time_ms: 0.0,
    }
}
