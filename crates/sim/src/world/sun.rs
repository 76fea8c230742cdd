//! When a world takes place, and where the sun then stands.
//!
//! Where the sun stands is drawn first, high enough for a camera by day; then the minute of the year is
//! looked for at which it does stand there over the world's place. So every seed has its own date
//! and hour, and shadows fall as time and place say they must.

use super::{ORIGIN_LAT_DEG, ORIGIN_LON_DEG};
use crate::rng::Stream;
use atalaya_geo::{Vector3, sun_direction};

/// 2024-12-21T00:00:00Z, from which the days of the year are counted.
const WINTER_US: i64 = 1_734_739_200_000_000;
const MINUTE_US: i64 = 60_000_000;
/// Days from one solstice to the other.
const HALF_YEAR: i64 = 182;

/// Event time of the first frame, microseconds UTC, and the unit vector towards the sun, east-north-up.
pub(super) fn draw(seed: u64) -> (i64, [f32; 3]) {
    let mut rng = Stream::new(seed, "sun");
    let elevation = rng.range(31.0, 47.0f64).to_radians();
    let azimuth = rng.range(100.0, 250.0f64).to_radians();
    let (se, ce) = elevation.sin_cos();
    let wanted = Vector3::new(azimuth.sin() * ce, azimuth.cos() * ce, se);
    // Twice a year it stands as high: on the way up, or down.
    let from = WINTER_US
        + if rng.unit() < 0.5 {
            0
        } else {
            HALF_YEAR * 1440 * MINUTE_US
        };
    let at = |t: i64| {
        let v = sun_direction(t, ORIGIN_LAT_DEG.to_radians(), ORIGIN_LON_DEG.to_radians());
        (v, v.dot(&wanted))
    };
    let best = |a: i64, step: i64, n: i64| {
        (0..=n)
            .map(|k| a + k * step)
            .max_by(|a, b| at(*a).1.total_cmp(&at(*b).1))
            .unwrap_or(a)
    };
    let mut start = from;
    // To ten minutes over all days, then to the minute.
    start = best(start, 10 * MINUTE_US, HALF_YEAR * 144);
    start = best(start - 10 * MINUTE_US, MINUTE_US, 20);
    let v = at(start).0;
    (start, [v.x as f32, v.y as f32, v.z as f32])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_sun_is_up_and_days_differ() {
        let mut days = BTreeSet::new();
        for seed in 0..24 {
            let (start, sun) = draw(seed);
            let elevation = f64::from(sun[2]).asin().to_degrees();
            assert!((30.0..48.0).contains(&elevation), "{seed}: {elevation}");
            let azimuth = f64::from(sun[0]).atan2(f64::from(sun[1])).to_degrees();
            let azimuth = azimuth.rem_euclid(360.0);
            assert!((99.0..251.0).contains(&azimuth), "{seed}: {azimuth}");
            days.insert(start / (1440 * MINUTE_US));
        }
        assert!(days.len() > 15, "{}", days.len());
    }
}
