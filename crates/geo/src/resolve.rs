//! Whether a thing on the ground could have been made out in a picture.
//!
//! Johnson's criteria (Johnson 1958) in the form of the target transfer probability function (Ratches
//! 1976; two-dimensional as in FLIR92): with N cycles (pairs of pixels) across the root of the area that
//! a thing shows, it is detected with probability (N/N50)^E / (1 + (N/N50)^E), E = 2.7 + 0.7 N/N50, where
//! N50 = 0.75 for detection. It speaks of a thing in the open, by day or with the contrast that thermal
//! imagery gives at night; cover and weather are not in it.

/// Cycles with which half of all things are detected.
const N50: f64 = 0.75;

/// A thing as a box, metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Longest side on the ground.
    pub length: f64,
    /// The other side.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// A standing person.
pub const PERSON: Extent = Extent {
    length: 0.5,
    width: 0.3,
    height: 1.75,
};
/// A car.
pub const CAR: Extent = Extent {
    length: 4.5,
    width: 1.8,
    height: 1.5,
};

impl Extent {
    /// The area that it shows to a camera that looks down at `look_down` (radians below the horizon),
    /// its long side across the view, square metres.
    pub fn shown_m2(&self, look_down: f64) -> f64 {
        let (sin, cos) = look_down.sin_cos();
        self.length * (self.height * cos.max(0.0) + self.width * sin.max(0.0))
    }

    /// Probability that it is detected, 0 to 1, where a pixel is `pixel_m` metres wide across the line of
    /// sight.
    pub fn p_detected(&self, look_down: f64, pixel_m: f64) -> f64 {
        let cycles = self.shown_m2(look_down).sqrt() / (2.0 * pixel_m.max(1e-6));
        let ratio = (cycles / N50).min(100.0);
        let odds = ratio.powf(2.7 + 0.7 * ratio);
        if odds.is_finite() {
            odds / (1.0 + odds)
        } else {
            1.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_are_detected_at_three_quarters_of_a_cycle() {
        let d = 0.6f64;
        let pixel = PERSON.shown_m2(d).sqrt() / (2.0 * N50);
        assert!((PERSON.p_detected(d, pixel) - 0.5).abs() < 1e-9);
        assert!(PERSON.p_detected(d, pixel / 3.0) > 0.97);
        assert!(PERSON.p_detected(d, pixel * 3.0) < 0.05);
        assert!(CAR.p_detected(d, pixel) > PERSON.p_detected(d, pixel));
        assert_eq!(PERSON.p_detected(d, 0.0), 1.0);
        // From straight above a person is small.
        assert!(PERSON.shown_m2(std::f64::consts::FRAC_PI_2) < 0.2 * PERSON.shown_m2(0.0));
    }
}
