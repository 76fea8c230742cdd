//! Air: density by height, true airspeed, wind.

use atalaya_geo::Vector2;

/// Standard gravity, m/s² (ISO 80000-3).
pub const GRAVITY_M_S2: f64 = 9.806_65;

/// Air density over that at sea level in the standard atmosphere (ISO 2533, troposphere), at
/// `height_m` above sea level with air `warmer_k` kelvin warmer than standard.
///
/// Heights are clamped to -1000–11,000 m, where the formula holds.
pub fn density_ratio(height_m: f64, warmer_k: f64) -> f64 {
    let standard_k = 288.15 - 0.0065 * height_m.clamp(-1000.0, 11_000.0);
    let pressure = (standard_k / 288.15).powf(5.255_88);
    pressure * 288.15 / (standard_k + warmer_k).max(150.0)
}

/// True airspeed, m/s, of an equivalent airspeed at a height.
pub fn true_airspeed(eas_m_s: f64, height_m: f64, warmer_k: f64) -> f64 {
    eas_m_s / density_ratio(height_m, warmer_k).sqrt()
}

/// The wind that a flight must be able to bear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wind {
    /// Greatest speed, gusts included, m/s.
    pub speed_m_s: f64,
    /// How much warmer than the standard atmosphere the air is, kelvin.
    pub warmer_k: f64,
}

impl Wind {
    /// The velocity of a wind of this strength that comes from a bearing, radians, east and north.
    pub fn from_bearing(&self, bearing: f64) -> Vector2<f64> {
        Vector2::new(-bearing.sin(), -bearing.cos()) * self.speed_m_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_atmosphere_has_its_published_densities() {
        // ISO 2533, table 1: 1.2250 kg/m³ at 0 m, 1.1116 at 1000 m, 0.7361 at 5000 m.
        for (h, rho) in [(0.0, 1.2250), (1000.0, 1.1116), (5000.0, 0.7361)] {
            assert!((density_ratio(h, 0.0) * 1.225 - rho).abs() < 2e-4, "{h}");
        }
        assert!(density_ratio(1000.0, 20.0) < density_ratio(1000.0, 0.0));
        assert!(true_airspeed(20.0, 5000.0, 0.0) > 25.0);
    }
}
