//! A circle as it is flown, which is not the circle that was commanded.
//!
//! Three things widen it:
//!
//! 1. Fixed-wing autopilots scale a loiter with height, so that its bank stays what it would be at
//!    sea level: by the square of true over equivalent airspeed, which is one over the density
//!    ratio. Some don't. Both are allowed for.
//! 2. Whoever flies faster over the ground than bank allows for flies wider: the radius can't be less
//!    than v²/(g tan bank), v the ground speed with the wind from behind.
//! 3. The controller settles outside its circle. [`TRACKING`] is calibrated to one flight: a loiter
//!    commanded at 150 m flew 168 m at 820 m above sea level. Density explains 162.4 m of that; the
//!    rest is a factor of 1.034. One flight is little to calibrate with: to this comes the aircraft's
//!    own tracking error, on both sides, in every proof.

use crate::aircraft::Aircraft;
use crate::atmosphere::{GRAVITY_M_S2, Wind, density_ratio, true_airspeed};

/// How much wider than its circle a loiter is flown when density and bank are accounted for:
/// 168 m / (150 m / 0.9236), 0.9236 the density ratio at 820 m.
pub const TRACKING: f64 = 1.0344;

/// A loiter as flown, metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flown {
    /// Least radius: an autopilot that doesn't widen.
    pub inner_m: f64,
    /// Greatest radius, before the aircraft's tracking error.
    pub outer_m: f64,
    /// False when bank doesn't allow the commanded circle in this wind: the aircraft then drifts.
    pub holds: bool,
}

impl Flown {
    /// Middle of the band.
    pub fn middle_m(&self) -> f64 {
        0.5 * (self.inner_m + self.outer_m)
    }
}

/// Least radius, metres, that can be flown with the wind from behind; infinite when the aircraft
/// can't fly against it.
pub fn least_radius(aircraft: &Aircraft, wind: &Wind, height_m: f64) -> f64 {
    let tas = true_airspeed(aircraft.cruise_m_s, height_m, wind.warmer_k);
    if wind.speed_m_s >= 0.8 * tas {
        return f64::INFINITY;
    }
    let v = tas + wind.speed_m_s;
    v * v / (GRAVITY_M_S2 * aircraft.bank_limit_deg.to_radians().tan())
}

/// The circle flown where `commanded_m` is commanded at a height.
pub fn flown(aircraft: &Aircraft, wind: &Wind, height_m: f64, commanded_m: f64) -> Flown {
    let least = least_radius(aircraft, wind, height_m);
    let scaled = commanded_m / density_ratio(height_m, wind.warmer_k);
    Flown {
        inner_m: commanded_m.min(scaled),
        outer_m: commanded_m.max(scaled).max(least) * TRACKING,
        holds: least <= commanded_m.min(scaled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aircraft::tests::aircraft;

    #[test]
    fn a_commanded_150_m_flies_168_m_at_820_m() {
        let calm = Wind {
            speed_m_s: 0.0,
            warmer_k: 0.0,
        };
        let f = flown(&aircraft(), &calm, 820.0, 150.0);
        assert!((f.outer_m - 168.0).abs() < 0.1, "{f:?}");
        assert_eq!(f.inner_m, 150.0);
        assert!(f.holds);
    }

    #[test]
    fn wind_and_height_make_the_least_radius_larger() {
        let wind = |speed_m_s| Wind {
            speed_m_s,
            warmer_k: 0.0,
        };
        let a = aircraft();
        let calm = least_radius(&a, &wind(0.0), 0.0);
        assert!((calm - 20.0 * 20.0 / (9.80665 * 35f64.to_radians().tan())).abs() < 1e-9);
        assert!(least_radius(&a, &wind(8.0), 0.0) > 1.9 * calm);
        assert!(least_radius(&a, &wind(0.0), 2000.0) > 1.2 * calm);
        assert!(least_radius(&a, &wind(19.0), 0.0).is_infinite());
        let drifting = flown(&a, &wind(12.0), 0.0, 100.0);
        assert!(!drifting.holds && drifting.outer_m > 150.0, "{drifting:?}");
    }
}
