//! Local frames: east-north-up through ECEF, and the plane by radii of curvature.

use crate::wgs84::{Ecef, Geodetic, meridian_radius, prime_vertical_radius};
use nalgebra::{Matrix3, Vector2, Vector3};

/// East-north-up metres about an origin, exact through ECEF.
///
/// Use it where height and camera rays matter.
#[derive(Clone, Debug)]
pub struct LocalFrame {
    origin: Geodetic,
    origin_ecef: Ecef,
    /// Rows are east, north and up in ECEF.
    to_enu: Matrix3<f64>,
}

impl LocalFrame {
    /// A frame at `origin`.
    pub fn new(origin: Geodetic) -> Self {
        let (sl, cl) = origin.lat.sin_cos();
        let (so, co) = origin.lon.sin_cos();
        let to_enu = Matrix3::new(-so, co, 0.0, -sl * co, -sl * so, cl, cl * co, cl * so, sl);
        Self {
            origin,
            origin_ecef: origin.to_ecef(),
            to_enu,
        }
    }

    /// The origin.
    pub fn origin(&self) -> &Geodetic {
        &self.origin
    }

    /// East, north, up in metres.
    pub fn to_enu(&self, p: &Geodetic) -> Vector3<f64> {
        self.to_enu * (p.to_ecef() - self.origin_ecef)
    }

    /// Back to geodetic.
    pub fn to_geodetic(&self, enu: &Vector3<f64>) -> Geodetic {
        Geodetic::from_ecef(&(self.origin_ecef + self.to_enu.transpose() * enu))
    }

    /// A vector of this frame in earth-centred axes.
    pub(crate) fn vector_to_ecef(&self, enu: &Vector3<f64>) -> Vector3<f64> {
        self.to_enu.transpose() * enu
    }

    /// Rotation that takes vectors of the local level frame at `at` (east, north, up there) into
    /// this frame: they differ by the curvature of the earth, 1 mrad per 6.4 km.
    pub fn rotation_from(&self, at: &Geodetic) -> Matrix3<f64> {
        self.to_enu * LocalFrame::new(*at).to_enu.transpose()
    }
}

/// The local tangent plane by the WGS84 radii of curvature at the origin: two multiplications a
/// fix, within a centimetre of [`LocalFrame`] over a few hundred metres.
#[derive(Clone, Copy, Debug)]
pub struct LocalPlane {
    lat0: f64,
    lon0: f64,
    metres_per_rad_n: f64,
    metres_per_rad_e: f64,
}

impl LocalPlane {
    /// A plane at `lat`, `lon` (radians) on the ellipsoid.
    pub fn new(lat: f64, lon: f64) -> Self {
        Self {
            lat0: lat,
            lon0: lon,
            metres_per_rad_n: meridian_radius(lat),
            metres_per_rad_e: prime_vertical_radius(lat) * lat.cos(),
        }
    }

    /// East and north in metres of a position in radians.
    pub fn to_en(&self, lat: f64, lon: f64) -> Vector2<f64> {
        Vector2::new(
            (lon - self.lon0) * self.metres_per_rad_e,
            (lat - self.lat0) * self.metres_per_rad_n,
        )
    }

    /// Latitude and longitude, radians, of an east-north position.
    pub fn to_lat_lon(&self, en: &Vector2<f64>) -> (f64, f64) {
        (
            self.lat0 + en.y / self.metres_per_rad_n,
            self.lon0 + en.x / self.metres_per_rad_e,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enu_round_trips() {
        let f = LocalFrame::new(Geodetic::from_degrees(40.0, -3.5, 650.0));
        let v = Vector3::new(1234.5, -987.6, 320.0);
        assert!((f.to_enu(&f.to_geodetic(&v)) - v).norm() < 1e-6);
    }

    #[test]
    fn plane_agrees_with_the_exact_frame_nearby() {
        let origin = Geodetic::from_degrees(39.04977294, -85.52924953, 0.0);
        let f = LocalFrame::new(origin);
        let p = LocalPlane::new(origin.lat, origin.lon);
        let g = f.to_geodetic(&Vector3::new(200.0, 150.0, 0.0));
        let en = p.to_en(g.lat, g.lon);
        assert!((en - Vector2::new(200.0, 150.0)).norm() < 0.02, "{en}");
        let (lat, lon) = p.to_lat_lon(&en);
        assert!((lat - g.lat).abs() < 1e-14 && (lon - g.lon).abs() < 1e-14);
    }
}
