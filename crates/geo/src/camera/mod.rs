//! A pinhole camera in a local frame: pixel to ground, ground to pixel, with covariance.
//!
//! Angles follow MISB ST 0601: platform heading, pitch and roll turn north-east-down axes into
//! body axes (z-y-x order); the sensor's relative azimuth, elevation and roll turn body axes into
//! the sensor's (z-y-x again), whose x axis is the line of sight.

mod attitude;
mod effects;

pub use attitude::Attitude;
pub use effects::{PointingSigma, PoseEffects};

use crate::homography::Homography;
use crate::polygon::Polygon;
use nalgebra::{Matrix3, Vector2, Vector3};

/// Why a set of metadata makes no camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoseFault {
    /// A value is not finite or out of its range.
    NotFinite,
    /// The field of view is not between 0 and 180 degrees.
    FieldOfView,
    /// The picture has no size.
    Size,
}

/// A pinhole camera at a place in a local frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Camera {
    /// Position in the local frame, metres.
    pub position: Vector3<f64>,
    /// Camera axes to the local frame.
    pub to_local: Matrix3<f64>,
    /// Focal length in pixels, horizontal.
    pub fx: f64,
    /// Focal length in pixels, vertical.
    pub fy: f64,
    /// Picture width, pixels.
    pub width: f64,
    /// Picture height, pixels.
    pub height: f64,
    /// Where the line of sight meets the picture (principal point), pixels.
    pub centre: Vector2<f64>,
}

impl Camera {
    /// A camera from its rotation and fields of view (radians). A vertical field of view of zero
    /// means square pixels.
    pub fn new(
        position: Vector3<f64>,
        to_local: Matrix3<f64>,
        hfov: f64,
        vfov: f64,
        size: (u32, u32),
    ) -> Result<Self, PoseFault> {
        if position
            .iter()
            .chain(to_local.iter())
            .any(|v| !v.is_finite())
        {
            return Err(PoseFault::NotFinite);
        }
        if size.0 == 0 || size.1 == 0 {
            return Err(PoseFault::Size);
        }
        let range = 0.0..std::f64::consts::PI;
        if !(range.contains(&hfov) && hfov > 1e-5 && range.contains(&vfov)) {
            return Err(PoseFault::FieldOfView);
        }
        let (w, h) = (f64::from(size.0), f64::from(size.1));
        let fx = 0.5 * w / (0.5 * hfov).tan();
        let fy = if vfov > 1e-5 {
            0.5 * h / (0.5 * vfov).tan()
        } else {
            fx
        };
        Ok(Self {
            position,
            to_local,
            fx,
            fy,
            width: w,
            height: h,
            centre: Vector2::new(0.5 * w, 0.5 * h),
        })
    }

    /// With another principal point, pixels: the lens is not before the middle of the sensor.
    pub fn with_centre(self, centre: Vector2<f64>) -> Self {
        Self { centre, ..self }
    }

    /// The ray through a pixel in the camera's own axes (right, down, along the line of sight).
    pub(crate) fn own_ray(&self, px: Vector2<f64>) -> Vector3<f64> {
        Vector3::new(
            (px.x - self.centre.x) / self.fx,
            (px.y - self.centre.y) / self.fy,
            1.0,
        )
    }

    /// Corners of the picture (upper left, upper right, lower right, lower left), pixels.
    pub fn corners(&self) -> [Vector2<f64>; 4] {
        let v = Vector2::new;
        [
            v(0.0, 0.0),
            v(self.width, 0.0),
            v(self.width, self.height),
            v(0.0, self.height),
        ]
    }

    /// Unit vector of the ray through a pixel, in the local frame.
    pub fn ray(&self, px: Vector2<f64>) -> Vector3<f64> {
        (self.to_local * self.own_ray(px)).normalize()
    }

    /// Where the ray through a pixel meets the horizontal plane at height `up`, metres; `None`
    /// above the horizon.
    pub fn ground(&self, px: Vector2<f64>, up: f64) -> Option<Vector2<f64>> {
        let r = self.ray(px);
        let drop = self.position.z - up;
        // A look-down of less than half a degree has no useful position.
        if drop <= 0.0 || r.z > -0.0087 {
            return None;
        }
        let k = drop / -r.z;
        Some(self.position.xy() + r.xy() * k)
    }

    /// The pixel of a point of the local frame; `None` behind the camera.
    pub fn project(&self, p: &Vector3<f64>) -> Option<Vector2<f64>> {
        let v = self.to_local.transpose() * (p - self.position);
        (v.z > 1e-6).then(|| {
            Vector2::new(
                self.fx * v.x / v.z + self.centre.x,
                self.fy * v.y / v.z + self.centre.y,
            )
        })
    }

    /// The map from pixels to the horizontal plane at height `up`.
    pub fn ground_map(&self, up: f64) -> Option<Homography> {
        let k = Matrix3::new(
            self.fx,
            0.0,
            self.centre.x,
            0.0,
            self.fy,
            self.centre.y,
            0.0,
            0.0,
            1.0,
        );
        let rt = self.to_local.transpose();
        let offset = rt * (Vector3::new(0.0, 0.0, up) - self.position);
        let plane = Matrix3::from_columns(&[rt.column(0).into(), rt.column(1).into(), offset]);
        Homography::from_matrix((k * plane).try_inverse()?)
    }

    /// Ground corners of the picture (upper left, upper right, lower right, lower left), or `None`
    /// when one of them looks above the horizon.
    pub fn footprint(&self, up: f64) -> Option<Polygon> {
        let ground: Option<Vec<_>> = self.corners().iter().map(|c| self.ground(*c, up)).collect();
        Polygon::new(ground?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn camera() -> Camera {
        let a = Attitude {
            heading: 0.3,
            pitch: 0.02,
            roll: -0.05,
            rel_azimuth: 1.4,
            rel_elevation: -0.7,
            rel_roll: 0.01,
        };
        Camera::new(
            Vector3::new(-250.0, 100.0, 300.0),
            a.camera_to_enu(),
            0.3,
            0.0,
            (1280, 720),
        )
        .unwrap()
    }

    #[test]
    fn straight_north_level_camera_looks_north() {
        let m = Attitude::default().camera_to_enu();
        assert!((m * Vector3::z() - Vector3::y()).norm() < 1e-12);
        assert!((m * Vector3::x() - Vector3::x()).norm() < 1e-12);
        assert!((m * Vector3::y() + Vector3::z()).norm() < 1e-12);
        let down = Attitude {
            rel_elevation: -std::f64::consts::FRAC_PI_2,
            ..Attitude::default()
        };
        assert!((down.camera_to_enu() * Vector3::z() + Vector3::z()).norm() < 1e-12);
        let east = Attitude {
            heading: std::f64::consts::FRAC_PI_2,
            ..Attitude::default()
        };
        assert!((east.camera_to_enu() * Vector3::z() - Vector3::x()).norm() < 1e-12);
    }

    #[test]
    fn ground_project_and_map_agree() {
        let c = camera();
        let map = c.ground_map(12.0).unwrap();
        for px in [(10.0, 20.0), (640.0, 360.0), (1270.0, 700.0)] {
            let px = Vector2::new(px.0, px.1);
            let g = c.ground(px, 12.0).unwrap();
            assert!((map.apply(px).unwrap() - g).norm() < 1e-6);
            let back = c.project(&Vector3::new(g.x, g.y, 12.0)).unwrap();
            assert!((back - px).norm() < 1e-6);
        }
    }

    #[test]
    fn a_lens_before_another_point_looks_beside() {
        let c = camera();
        let off = c.clone().with_centre(Vector2::new(700.0, 350.0));
        let (a, b) = (Vector2::new(640.0, 360.0), Vector2::new(700.0, 350.0));
        assert!((off.ray(b) - c.ray(a)).norm() < 1e-12);
        let g = off.ground(a, 0.0).unwrap();
        assert!((off.ground_map(0.0).unwrap().apply(a).unwrap() - g).norm() < 1e-6);
        assert!((off.project(&Vector3::new(g.x, g.y, 0.0)).unwrap() - a).norm() < 1e-6);
    }

    #[test]
    fn above_the_horizon_has_no_ground() {
        let mut c = camera();
        c.to_local = Attitude::default().camera_to_enu();
        assert!(c.ground(Vector2::new(640.0, 100.0), 0.0).is_none());
        assert!(c.footprint(0.0).is_none());
    }

    #[test]
    fn covariance_matches_monte_carlo_of_heading() {
        let c = camera();
        let px = Vector2::new(640.0, 360.0);
        let s = PointingSigma {
            heading: 0.005,
            ..Default::default()
        };
        let cov = c.ground_covariance(px, 0.0, &s).unwrap();
        let range = (c.ground(px, 0.0).unwrap() - c.position.xy()).norm();
        // A heading error moves the point across the line of sight by range x angle.
        assert!((cov.trace().sqrt() - range * 0.005).abs() < 0.01 * range * 0.005);
    }
}
