//! Mean sea level: the geoid EGM96 above the WGS84 ellipsoid.
//!
//! The model is the one that NIMA TR8350.2 (3rd edition, section 6) gives with WGS84: spherical
//! harmonics to degree and order 360, with the correction from height anomaly to undulation. It is
//! evaluated, 3 ms a point, at the nodes of a grid of 5 minutes of arc and interpolated between
//! them; nodes are kept. Its shortest wave is a degree long, so that interpolation loses
//! centimetres, the model itself half a metre to a metre.

use crate::wgs84::Geodetic;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Nodes a degree.
const PER_DEGREE: f64 = 12.0;
/// Nodes around the earth.
const COLUMNS: i32 = 360 * 12;
/// Most nodes kept: 130 degrees of a flight, a few megabytes.
const MOST: usize = 1 << 15;

/// Nodes met so far. What a node holds does not depend on when it was asked for, so results do not
/// either.
static NODES: Mutex<BTreeMap<(i32, i32), f64>> = Mutex::new(BTreeMap::new());

/// Height of the geoid above the ellipsoid, metres, at a latitude and longitude in radians: what is
/// added to a height above mean sea level to give one above the ellipsoid. Not a number where they
/// are none.
pub fn undulation_m(lat: f64, lon: f64) -> f64 {
    if !lat.is_finite() || !lon.is_finite() {
        return f64::NAN;
    }
    let y = (lat.to_degrees().clamp(-90.0, 90.0) + 90.0) * PER_DEGREE;
    let x = (lon.to_degrees() + 180.0).rem_euclid(360.0) * PER_DEGREE;
    let (row, column) = (y.floor().min(180.0 * PER_DEGREE - 1.0), x.floor());
    let (v, u) = (y - row, x - column);
    let (row, column) = (row as i32, column as i32);
    let mut nodes = NODES.lock().unwrap_or_else(PoisonError::into_inner);
    if nodes.len() > MOST {
        nodes.clear();
    }
    let mut node = |row: i32, column: i32| {
        let column = column.rem_euclid(COLUMNS);
        *nodes.entry((row, column)).or_insert_with(|| {
            egm96::egm96_compute_altitude_offset(
                f64::from(row) / PER_DEGREE - 90.0,
                f64::from(column) / PER_DEGREE - 180.0,
            )
        })
    };
    let south = node(row, column) * (1.0 - u) + node(row, column + 1) * u;
    let north = node(row + 1, column) * (1.0 - u) + node(row + 1, column + 1) * u;
    south * (1.0 - v) + north * v
}

impl Geodetic {
    /// A place by its height above mean sea level (EGM96), metres; angles in radians.
    pub fn from_msl(lat: f64, lon: f64, msl_m: f64) -> Self {
        Self {
            lat,
            lon,
            hae_m: msl_m + undulation_m(lat, lon),
        }
    }

    /// Height above mean sea level (EGM96), metres.
    pub fn msl_m(&self) -> f64 {
        self.hae_m - undulation_m(self.lat, self.lon)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn undulations_are_those_published_with_the_model() {
        // Test points that NIMA gave out with its programs for EGM96 (OUTPUT.DAT, 1998).
        for (lat, lon, metres) in [
            (38.628_155_0, 269.779_155_0, -31.628),
            (-14.621_217_0, 305.021_114_0, -2.969),
            (46.874_319_0, 102.448_729_0, -43.575),
            (-23.617_446_0, 133.874_712_0, 15.871),
            (38.625_473_0, 359.999_500_0, 50.066),
            (-0.466_744_0, 0.002_300_0, 17.329),
        ] {
            let (lat, lon) = (f64::to_radians(lat), f64::to_radians(lon));
            let n = undulation_m(lat, lon);
            assert!((n - metres).abs() < 0.03, "{n} {metres}");
            // The same place a turn further east.
            let turned = undulation_m(lat, lon - std::f64::consts::TAU);
            assert!((turned - n).abs() < 1e-6);
        }
    }

    #[test]
    fn between_nodes_it_is_the_model_to_centimetres() {
        // The middle of a cell of the Alps, where the geoid is rough.
        let (lat, lon) = (46.5 + 0.5 / 12.0, 8.0 + 0.5 / 12.0);
        let model = egm96::egm96_compute_altitude_offset(lat, lon);
        let here = undulation_m(lat.to_radians(), lon.to_radians());
        assert!((here - model).abs() < 0.05, "{here} {model}");
    }

    #[test]
    fn heights_go_there_and_back_and_poles_have_one() {
        let g = Geodetic::from_msl(0.7, -1.3, 120.0);
        assert!((g.msl_m() - 120.0).abs() < 1e-9 && (g.hae_m - 120.0).abs() > 5.0);
        for lat in [-90.0f64, 90.0, 91.0] {
            assert!(undulation_m(lat.to_radians(), 3.0).abs() < 60.0);
        }
        assert!(undulation_m(f64::NAN, 0.0).is_nan());
        assert!(undulation_m(0.0, f64::INFINITY).is_nan());
    }
}
