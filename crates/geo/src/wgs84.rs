//! The WGS84 ellipsoid: geodetic and earth-centred coordinates (NGA.STND.0036, clause 4).

use nalgebra::Vector3;
use serde::{Deserialize, Serialize};

/// Semi-major axis, metres (NGA.STND.0036, table 3.1).
pub const A: f64 = 6_378_137.0;
/// Flattening (NGA.STND.0036, table 3.1).
pub const F: f64 = 1.0 / 298.257_223_563;
/// First eccentricity squared.
pub const E2: f64 = F * (2.0 - F);

/// Earth-centred, earth-fixed coordinates, metres.
pub type Ecef = Vector3<f64>;

/// A geodetic position: radians and metres above the ellipsoid.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Geodetic {
    /// Latitude, radians, north positive.
    pub lat: f64,
    /// Longitude, radians, east positive.
    pub lon: f64,
    /// Height above the WGS84 ellipsoid, metres.
    pub hae_m: f64,
}

impl Geodetic {
    /// From degrees, as positions stand at the edges.
    pub fn from_degrees(lat_deg: f64, lon_deg: f64, hae_m: f64) -> Self {
        Self {
            lat: lat_deg.to_radians(),
            lon: lon_deg.to_radians(),
            hae_m,
        }
    }

    /// Latitude in degrees.
    pub fn lat_deg(&self) -> f64 {
        self.lat.to_degrees()
    }

    /// Longitude in degrees.
    pub fn lon_deg(&self) -> f64 {
        self.lon.to_degrees()
    }

    /// To earth-centred coordinates.
    pub fn to_ecef(&self) -> Ecef {
        let (sin_lat, cos_lat) = self.lat.sin_cos();
        let (sin_lon, cos_lon) = self.lon.sin_cos();
        let n = prime_vertical_radius(self.lat);
        Vector3::new(
            (n + self.hae_m) * cos_lat * cos_lon,
            (n + self.hae_m) * cos_lat * sin_lon,
            (n * (1.0 - E2) + self.hae_m) * sin_lat,
        )
    }

    /// From earth-centred coordinates, by Bowring's 1985 closed form with one refinement:
    /// below a micrometre at aircraft heights.
    pub fn from_ecef(p: &Ecef) -> Self {
        let b = A * (1.0 - F);
        let ep2 = (A * A - b * b) / (b * b);
        let r = p.x.hypot(p.y);
        let lon = p.y.atan2(p.x);
        let mut beta = (p.z * A).atan2(r * b);
        let mut lat = 0.0;
        for _ in 0..2 {
            let (sb, cb) = beta.sin_cos();
            lat = (p.z + ep2 * b * sb.powi(3)).atan2(r - E2 * A * cb.powi(3));
            beta = ((1.0 - F) * lat.sin()).atan2(lat.cos());
        }
        let (sin_lat, cos_lat) = lat.sin_cos();
        let n = prime_vertical_radius(lat);
        // The two forms lose precision at opposite ends; each is used where it is sound.
        let hae_m = if cos_lat.abs() > 0.5 {
            r / cos_lat - n
        } else {
            p.z / sin_lat - n * (1.0 - E2)
        };
        Self { lat, lon, hae_m }
    }

    /// True when every part is finite and within its range.
    pub fn is_valid(&self) -> bool {
        self.lat.abs() <= std::f64::consts::FRAC_PI_2
            && self.lon.abs() <= std::f64::consts::PI
            && self.hae_m.abs() < 1.0e6
    }
}

/// Radius of curvature in the prime vertical, metres.
pub fn prime_vertical_radius(lat: f64) -> f64 {
    A / (1.0 - E2 * lat.sin().powi(2)).sqrt()
}

/// Radius of curvature in the meridian, metres.
pub fn meridian_radius(lat: f64) -> f64 {
    A * (1.0 - E2) / (1.0 - E2 * lat.sin().powi(2)).powf(1.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecef_round_trips_everywhere() {
        for lat in [-89.9, -45.0, -0.1, 0.0, 12.0, 59.0, 61.0, 89.9] {
            for lon in [-179.9, -3.5, 0.0, 90.0, 179.9] {
                for h in [-100.0, 0.0, 820.0, 12_000.0] {
                    let g = Geodetic::from_degrees(lat, lon, h);
                    let back = Geodetic::from_ecef(&g.to_ecef());
                    assert!((back.lat - g.lat).abs() < 1e-12, "{lat} {lon} {h}");
                    assert!((back.lon - g.lon).abs() < 1e-12);
                    assert!((back.hae_m - g.hae_m).abs() < 1e-6);
                }
            }
        }
    }

    #[test]
    fn equator_and_pole_are_where_they_should_be() {
        let e = Geodetic::from_degrees(0.0, 0.0, 0.0).to_ecef();
        assert!((e.x - A).abs() < 1e-9);
        let p = Geodetic::from_degrees(90.0, 0.0, 0.0).to_ecef();
        assert!((p.z - 6_356_752.314_245).abs() < 1e-5);
    }
}
