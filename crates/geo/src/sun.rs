//! Where the sun stands.

use nalgebra::Vector3;

/// Microseconds of 2000-01-01T12:00:00Z since 1970.
const J2000_US: i64 = 946_728_000_000_000;

/// Right ascension and declination of the sun, radians, `days` after 2000-01-01T12:00: the
/// low-precision formulas of the Astronomical Almanac (section C), good to 0.01 degrees from 1950 to
/// 2050.
fn equatorial(days: f64) -> (f64, f64) {
    let mean_longitude = (280.460 + 0.985_647_4 * days).rem_euclid(360.0);
    let anomaly = (357.528 + 0.985_600_3 * days)
        .rem_euclid(360.0)
        .to_radians();
    let longitude =
        (mean_longitude + 1.915 * anomaly.sin() + 0.020 * (2.0 * anomaly).sin()).to_radians();
    let obliquity = (23.439 - 4.0e-7 * days).to_radians();
    let (s, c) = longitude.sin_cos();
    ((obliquity.cos() * s).atan2(c), (obliquity.sin() * s).asin())
}

/// Unit vector towards the sun in local east-north-up, for a moment (microseconds UTC since 1970) and
/// a place (radians). Refraction is left out: it lifts the sun by 0.1 degrees at an elevation of 10,
/// by 0.02 at 40.
pub fn sun_direction(time_us: i64, lat: f64, lon: f64) -> Vector3<f64> {
    let days = time_us.saturating_sub(J2000_US) as f64 / 86_400e6;
    let (ascension, declination) = equatorial(days);
    // Greenwich mean sidereal time, hours (Astronomical Almanac, section B).
    let sidereal = (18.697_374_558 + 24.065_709_824_419_08 * days).rem_euclid(24.0);
    let hour_angle = sidereal * std::f64::consts::PI / 12.0 + lon - ascension;
    let (sd, cd) = declination.sin_cos();
    let (sh, ch) = hour_angle.sin_cos();
    let (sl, cl) = lat.sin_cos();
    Vector3::new(-cd * sh, sd * cl - cd * ch * sl, sd * sl + cd * ch * cl)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn degrees(v: Vector3<f64>) -> (f64, f64) {
        let azimuth = v.x.atan2(v.y).to_degrees().rem_euclid(360.0);
        (azimuth, v.z.asin().to_degrees())
    }

    #[test]
    fn as_published_for_golden_colorado() {
        // Reda & Andreas (2004), NREL/TP-560-34302, table A5.1: 2003-10-17, 12:30:30 UTC-7; azimuth
        // 194.34024, elevation without refraction 39.87205.
        let (lat, lon) = (39.742_476f64.to_radians(), (-105.1786f64).to_radians());
        let v = sun_direction(1_066_419_030_000_000, lat, lon);
        let (azimuth, elevation) = degrees(v);
        assert!((azimuth - 194.340).abs() < 0.02, "{azimuth}");
        assert!((elevation - 39.872).abs() < 0.02, "{elevation}");
        assert!((v.norm() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn as_published_for_a_day_of_1992() {
        // Meeus (1998), Astronomical Algorithms, example 25.a: 1992-10-13, 0 h; right ascension
        // 198.38083, declination -7.78507.
        let (ascension, declination) = equatorial(2_448_908.5 - 2_451_545.0);
        let ascension = ascension.to_degrees().rem_euclid(360.0);
        assert!((ascension - 198.381).abs() < 0.01, "{ascension}");
        assert!((declination.to_degrees() + 7.785).abs() < 0.01);
    }

    #[test]
    fn at_night_it_is_below_the_horizon() {
        // 2026-06-21T00:00Z at Greenwich.
        let v = sun_direction(1_782_000_000_000_000, 51.477f64.to_radians(), 0.0);
        let (azimuth, elevation) = degrees(v);
        // The lower culmination of midsummer: 90 - 51.477 - 23.44 below.
        assert!((elevation + 15.08).abs() < 0.1, "{elevation}");
        assert!(!(2.0..=358.0).contains(&azimuth), "{azimuth}");
    }
}
