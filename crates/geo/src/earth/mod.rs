//! A camera above the earth as it is: from a pixel to the ellipsoid, the geoid or the terrain.
//!
//! [`Camera`] looks at a plane in a local frame, which is what tracking needs: a map per frame. This one
//! looks at the curved earth and its hills, frame by frame, for footprints, search and planning. Angles,
//! and what is positive, are those of MISB ST 0601 (items 5–7 and 18–20); frame centre and corners are
//! where its items 23–25 and 82–89 have them: where the rays through the picture's middle and corners
//! meet the ground.

mod errors;
mod footprint;
mod see;
mod surface;

pub use errors::{GroundErrors, PoseErrors};
pub use footprint::Footprint;
pub use see::{Look, Verdict};
pub use surface::{GroundPoint, Miss, Surface};

use crate::camera::{Attitude, Camera, PoseFault};
use crate::local::LocalFrame;
use crate::wgs84::{Ecef, Geodetic};
use nalgebra::{Vector2, Vector3};

/// A camera at a geodetic position with the angles that metadata give.
#[derive(Clone, Debug)]
pub struct EarthCamera {
    at: Geodetic,
    attitude: Attitude,
    /// East, north and up at the camera.
    frame: LocalFrame,
    /// The lens, in that frame.
    lens: Camera,
}

/// A half line in earth-centred coordinates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ray {
    from: Ecef,
    /// A unit vector.
    along: Vector3<f64>,
}

impl Ray {
    fn at(&self, s: f64) -> Ecef {
        self.from + self.along * s
    }
}

impl EarthCamera {
    /// From position, angles and fields of view (radians; a vertical one of zero means square pixels).
    pub fn new(
        at: Geodetic,
        attitude: Attitude,
        hfov: f64,
        vfov: f64,
        size: (u32, u32),
    ) -> Result<Self, PoseFault> {
        if !at.is_valid() {
            return Err(PoseFault::NotFinite);
        }
        let turn = attitude.camera_to_enu();
        Ok(Self {
            at,
            attitude,
            frame: LocalFrame::new(at),
            lens: Camera::new(Vector3::zeros(), turn, hfov, vfov, size)?,
        })
    }

    /// With another principal point, pixels.
    pub fn with_centre(mut self, centre: Vector2<f64>) -> Self {
        self.lens.centre = centre;
        self
    }

    /// Where it is.
    pub fn position(&self) -> &Geodetic {
        &self.at
    }

    /// The lens, in east-north-up about the camera.
    pub fn lens(&self) -> &Camera {
        &self.lens
    }

    /// Middle of the picture, pixels: what its frame centre is the ground of.
    pub fn middle(&self) -> Vector2<f64> {
        Vector2::new(0.5 * self.lens.width, 0.5 * self.lens.height)
    }

    /// Where the ray through a pixel first meets a surface.
    pub fn ground(&self, px: Vector2<f64>, surface: &Surface<'_>) -> Result<GroundPoint, Miss> {
        surface::meet(&self.ray(px), &self.at, surface)
    }

    /// The pixel of a place, in the picture or beside it; `None` behind the camera.
    pub fn pixel(&self, p: &Geodetic) -> Option<Vector2<f64>> {
        self.lens.project(&self.frame.to_enu(p))
    }

    fn ray(&self, px: Vector2<f64>) -> Ray {
        Ray {
            from: self.at.to_ecef(),
            along: self.frame.vector_to_ecef(&self.lens.ray(px)),
        }
    }
}

#[cfg(test)]
mod tests;
