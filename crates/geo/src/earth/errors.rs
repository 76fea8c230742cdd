//! What errors of a pose do to a place on sloping ground.
//!
//! To first order about the plane that touches the ground: the place moves with the position, the six
//! angles of ST 0601 and the height of the surface, by central differences. What all pictures of a flight
//! share is kept apart from what each has of its own.

use super::{EarthCamera, GroundPoint};
use crate::camera::Attitude;
use crate::covariance::Cov2;
use crate::local::LocalFrame;
use nalgebra::{Matrix3, Vector2, Vector3};

/// One-sigma errors of a pose and of the ground it is held against.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PoseErrors {
    /// Horizontal position per axis, metres.
    pub horizontal_m: f64,
    /// Height of the camera, metres.
    pub vertical_m: f64,
    /// Platform heading, radians.
    pub heading: f64,
    /// Platform pitch and roll, radians each.
    pub level: f64,
    /// The sensor's relative azimuth and elevation, radians each.
    pub gimbal: f64,
    /// The sensor's relative roll, radians.
    pub gimbal_roll: f64,
    /// Height of the surface, metres.
    pub ground_m: f64,
}

/// Covariance of a place on the ground, east and north, m².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroundErrors {
    /// What averaging over pictures removes.
    pub random: Cov2,
    /// What the flight's pictures share.
    pub common: Cov2,
}

impl GroundErrors {
    /// With metadata that may be `seconds` (one sigma) older or younger than their pictures, all of them by
    /// the same, while the ground sweeps past by `sweep` metres east and north in each second.
    pub fn with_age(self, sweep: Vector2<f64>, seconds: f64) -> Self {
        Self {
            common: self.common + sweep * sweep.transpose() * (seconds * seconds),
            ..self
        }
    }

    /// Of one place alone.
    pub fn total(&self) -> Cov2 {
        self.random + self.common
    }
}

/// A camera over the plane that touches the ground at a point.
struct Touching {
    /// Camera, east, north, up about the point.
    from: Vector3<f64>,
    normal: Vector3<f64>,
    /// East-north-up at the camera to the same at the point.
    turn: Matrix3<f64>,
}

impl Touching {
    fn new(camera: &EarthCamera, point: &GroundPoint) -> Self {
        let local = LocalFrame::new(point.at);
        Self {
            from: local.to_enu(&camera.at),
            normal: Vector3::new(-point.slope.0, -point.slope.1, 1.0),
            turn: local.rotation_from(&camera.at),
        }
    }

    /// Where a ray of this direction (in the camera's own axes) meets the plane.
    fn meet(
        &self,
        attitude: &Attitude,
        ray: &Vector3<f64>,
        moved: Vector3<f64>,
    ) -> Option<Vector3<f64>> {
        let d = self.turn * attitude.camera_to_enu() * ray;
        let from = self.from + moved;
        let k = -from.dot(&self.normal) / d.dot(&self.normal);
        // Behind the camera, or along the plane.
        (k.is_finite() && k > 0.0).then(|| from + d * k)
    }
}

impl EarthCamera {
    /// How far apart neighbouring pixels lie on the ground: across the line of sight (a pixel to the
    /// right) and along it (a pixel down), metres.
    pub fn sample_distance_m(&self, px: Vector2<f64>, point: &GroundPoint) -> Option<(f64, f64)> {
        let plane = Touching::new(self, point);
        let at = |dx: f64, dy: f64| {
            let ray = self.lens.own_ray(px + Vector2::new(dx, dy));
            plane.meet(&self.attitude, &ray, Vector3::zeros())
        };
        Some((
            (at(0.5, 0.0)? - at(-0.5, 0.0)?).norm(),
            (at(0.0, 0.5)? - at(0.0, -0.5)?).norm(),
        ))
    }

    /// Covariance of the ground that a pixel shows, from what each picture has of its own and what all
    /// share. `None` where an error could turn the ray away from the ground.
    pub fn ground_errors(
        &self,
        px: Vector2<f64>,
        point: &GroundPoint,
        random: &PoseErrors,
        common: &PoseErrors,
    ) -> Option<GroundErrors> {
        let plane = Touching::new(self, point);
        let ray = self.lens.own_ray(px);
        let moved = |by: Vector3<f64>| plane.meet(&self.attitude, &ray, by);
        let along = |axis: Vector3<f64>| -> Option<Vector2<f64>> {
            Some((moved(axis)? - moved(-axis)?).xy() / 2.0)
        };
        let e = 1e-5;
        let turned = |change: fn(&mut Attitude) -> &mut f64| -> Option<Vector2<f64>> {
            let by = |step: f64| {
                let mut attitude = self.attitude;
                *change(&mut attitude) += step;
                plane.meet(&attitude, &ray, Vector3::zeros())
            };
            Some((by(e)? - by(-e)?).xy() / (2.0 * e))
        };
        let effects = [
            along(Vector3::x())?,
            along(Vector3::y())?,
            along(Vector3::z())?,
            turned(|a| &mut a.heading)?,
            turned(|a| &mut a.pitch)?,
            turned(|a| &mut a.roll)?,
            turned(|a| &mut a.rel_azimuth)?,
            turned(|a| &mut a.rel_elevation)?,
            turned(|a| &mut a.rel_roll)?,
        ];
        let of = |s: &PoseErrors| {
            let sigmas = [
                s.horizontal_m,
                s.horizontal_m,
                // Ground that is higher than thought is a camera that is lower.
                s.vertical_m.hypot(s.ground_m),
                s.heading,
                s.level,
                s.level,
                s.gimbal,
                s.gimbal,
                s.gimbal_roll,
            ];
            effects
                .iter()
                .zip(sigmas)
                .fold(Cov2::zeros(), |cov, (e, s)| {
                    cov + e * e.transpose() * (s * s)
                })
        };
        Some(GroundErrors {
            random: of(random),
            common: of(common),
        })
    }
}
