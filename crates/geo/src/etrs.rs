//! ETRS89, the coordinates of European mapping agencies: fixed to the Eurasian plate, which drifts in WGS84.

use crate::wgs84::{Ecef, Geodetic};

/// Turning of the plate in the international frame, about its axes, thousandths of an arc second a year
/// (ETRF2014 against ITRF2014: EUREF Technical Note 1, Altamimi 2018, table 4). WGS84 as receivers have it
/// is that frame within a few centimetres.
const RATES: [f64; 3] = [0.085, 0.531, -0.770];
/// When both were the same, year.
const SAME: f64 = 1989.0;
/// The year for which it is reckoned. Within ten years of it the error is less than 0.3 m.
const YEAR: f64 = 2026.5;

/// Latitude and longitude in ETRS89 of a latitude and longitude in WGS84, radians.
pub(crate) fn from_wgs84(lat: f64, lon: f64) -> (f64, f64) {
    let at = Geodetic {
        lat,
        lon,
        hae_m: 0.0,
    };
    let p = at.to_ecef();
    let turned = (YEAR - SAME) * (1e-3 / 3600.0f64).to_radians();
    let [r1, r2, r3] = RATES.map(|r| r * turned);
    let q = Ecef::new(
        p.x - r3 * p.y + r2 * p.z,
        p.y + r3 * p.x - r1 * p.z,
        p.z - r2 * p.x + r1 * p.y,
    );
    let g = Geodetic::from_ecef(&q);
    (g.lat, g.lon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LocalFrame;

    #[test]
    fn the_plate_went_north_east_by_two_and_a_half_centimetres_a_year() {
        // Velocities of permanent stations there are 19 to 20 mm a year to the east, 16 to 17 to the north.
        let here = Geodetic::from_degrees(40.4, -3.7, 0.0);
        let (lat, lon) = from_wgs84(here.lat, here.lon);
        let etrs = Geodetic {
            lat,
            lon,
            hae_m: 0.0,
        };
        let drift = -LocalFrame::new(here).to_enu(&etrs) / (YEAR - SAME) * 1e3;
        assert!((18.0..21.0).contains(&drift.x), "{drift}");
        assert!((15.0..18.0).contains(&drift.y), "{drift}");
    }
}
