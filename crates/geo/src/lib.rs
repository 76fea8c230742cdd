//! Where things are: WGS84, the geoid, terrain, local frames, the camera and the ground it looks at.
//!
//! The principal types are [`Geodetic`] (latitude, longitude, ellipsoidal height), [`LocalFrame`]
//! (east-north-up metres about an origin), [`Camera`] (a pinhole in a local frame: pixel to ground
//! and back, with covariance), [`EarthCamera`] (the same over ellipsoid, geoid or [`terrain`]: frame
//! centre, footprint, what it sees), [`Ortho`] (a picture of the ground whose place is known), [`Homography`] (plane to plane), [`Polygon`] (areas in local
//! metres), [`resolve`] (what could have been made out), [`geoid`] (heights above mean sea level) and [`sun_direction`]. Everything is a pure function;
//! angles are radians and lengths metres inside.
//!
//! This crate knows nothing of Atalaya and opens no file: terrain models and pictures are given as bytes.
//!
//! ```
//! use atalaya_geo::{Geodetic, LocalFrame};
//! let origin = Geodetic::from_degrees(40.0, -3.5, 650.0);
//! let frame = LocalFrame::new(origin);
//! let enu = frame.to_enu(&Geodetic::from_degrees(40.001, -3.5, 650.0));
//! assert!((enu.y - 111.03).abs() < 0.05);
//! ```

mod camera;
mod covariance;
mod earth;
mod etrs;
pub mod geoid;
mod georeference;
mod homography;
mod local;
mod ortho;
mod polygon;
pub mod resolve;
mod sun;
pub mod terrain;
pub mod utm;
mod wgs84;

pub use camera::{Attitude, Camera, PointingSigma, PoseEffects, PoseFault};
pub use covariance::{Cov2, Ellipse, chi_square_radius_2d};
pub use earth::{
    EarthCamera, Footprint, GroundErrors, GroundPoint, Look, Miss, PoseErrors, Surface, Verdict,
};
pub use georeference::Georeference;
pub use homography::Homography;
pub use local::{LocalFrame, LocalPlane};
pub use ortho::{Ortho, OrthoError};
pub use polygon::Polygon;
pub use sun::sun_direction;
pub use wgs84::{Ecef, Geodetic, meridian_radius, prime_vertical_radius};

pub use nalgebra::{DMatrix, DVector, Matrix2, Matrix2x3, Matrix3, Point2, Vector2, Vector3};
