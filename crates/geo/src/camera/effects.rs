//! How errors of a pose move the ground.

use super::Camera;
use crate::covariance::Cov2;
use nalgebra::{Rotation3, Vector2, Vector3};

/// One-sigma uncertainty of a pose.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PointingSigma {
    /// Horizontal position per axis, metres.
    pub horizontal_m: f64,
    /// Height, metres.
    pub vertical_m: f64,
    /// Rotation about the vertical (heading), radians.
    pub heading: f64,
    /// Line of sight across and along (gimbal), radians each.
    pub gimbal: f64,
}

/// How a ground point moves with each error of a camera's pose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoseEffects {
    /// Per metre that the camera is said to be too high, metres.
    pub height: Vector2<f64>,
    /// Per radian about the vertical, counter-clockwise, metres.
    pub heading: Vector2<f64>,
    /// Per radian about the picture's horizontal axis, metres.
    pub tilt: Vector2<f64>,
    /// Per radian about the picture's vertical axis, metres.
    pub turn: Vector2<f64>,
}

impl Camera {
    /// How the ground position of a pixel moves with each error of the pose, by central differences.
    /// `None` above the horizon.
    pub fn ground_effects(&self, px: Vector2<f64>, up: f64) -> Option<PoseEffects> {
        self.ground(px, up)?;
        let slope = |plus: Self, minus: Self, step: f64| -> Option<Vector2<f64>> {
            Some((plus.ground(px, up)? - minus.ground(px, up)?) / (2.0 * step))
        };
        let moved = |dz: f64| Self {
            position: self.position + Vector3::new(0.0, 0.0, dz),
            ..self.clone()
        };
        let turned = |axis: Vector3<f64>, angle: f64| Self {
            to_local: Rotation3::new(axis * angle).matrix() * self.to_local,
            ..self.clone()
        };
        let e = 1e-5;
        let about = |axis: Vector3<f64>| slope(turned(axis, e), turned(axis, -e), e);
        Some(PoseEffects {
            height: slope(moved(0.1), moved(-0.1), 0.1)?,
            heading: about(Vector3::z())?,
            tilt: about(self.to_local.column(0).into())?,
            turn: about(self.to_local.column(1).into())?,
        })
    }

    /// Covariance of the ground position of a pixel from the uncertainty of the pose, to first order.
    pub fn ground_covariance(&self, px: Vector2<f64>, up: f64, s: &PointingSigma) -> Option<Cov2> {
        let e = self.ground_effects(px, up)?;
        // A shift of the camera shifts the ground point by the same amount.
        let mut cov = Cov2::identity() * s.horizontal_m.powi(2);
        for d in [
            e.height * s.vertical_m,
            e.heading * s.heading,
            e.tilt * s.gimbal,
            e.turn * s.gimbal,
        ] {
            cov += d * d.transpose();
        }
        Some(cov)
    }
}
