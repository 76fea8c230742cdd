//! How wide a plume grows where nobody measured it.

use crate::wind::Wind;
use std::collections::VecDeque;

/// Pasquill's classes of stability, from very unstable to stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// Very unstable.
    A,
    /// Unstable.
    B,
    /// Slightly unstable.
    C,
    /// Neutral.
    D,
    /// Slightly stable.
    E,
    /// Stable.
    F,
}

impl Stability {
    /// By the standard deviation of the wind's direction, radians (sigma-theta method, EPA-454/R-99-005,
    /// table 6-8a).
    pub fn by_direction(sigma_theta: f64) -> Self {
        let deg = sigma_theta.to_degrees();
        match deg {
            d if d >= 22.5 => Self::A,
            d if d >= 17.5 => Self::B,
            d if d >= 12.5 => Self::C,
            d if d >= 7.5 => Self::D,
            d if d >= 3.8 => Self::E,
            _ => Self::F,
        }
    }

    /// The curves of [`Stability::spread`]: across `a x / (1 + b x)^(1/2)`, up the same or, where the last is
    /// true, `a x / (1 + b x)`.
    pub(crate) fn coefficients(self) -> ((f64, f64), (f64, f64, bool)) {
        match self {
            Self::A => ((0.22, 1e-4), (0.20, 0.0, false)),
            Self::B => ((0.16, 1e-4), (0.12, 0.0, false)),
            Self::C => ((0.11, 1e-4), (0.08, 2e-4, false)),
            Self::D => ((0.08, 1e-4), (0.06, 1.5e-3, false)),
            Self::E => ((0.06, 1e-4), (0.03, 3e-4, true)),
            Self::F => ((0.04, 1e-4), (0.016, 3e-4, true)),
        }
    }

    /// Standard deviations across and up, m, at a distance downwind, m: Briggs' curves for open country
    /// (Briggs 1973, ATDL-79; Hanna, Briggs and Hosker 1982, table 4.5).
    pub fn spread(self, x: f64) -> (f64, f64) {
        let ((ay, by), (az, bz, whole)) = self.coefficients();
        let bend = 1.0 + bz * x;
        let up = az * x / if whole { bend } else { bend.sqrt() };
        (ay * x / (1.0 + by * x).sqrt(), up)
    }
}

/// Over which time the wind's direction is watched, s.
const WINDOW_S: f64 = 900.0;
/// With fewer directions than this the class is neutral.
const LEAST: usize = 5;
/// More directions than this are not kept.
const MOST: usize = 1024;

/// The last quarter of an hour of wind directions.
#[derive(Clone, Debug, Default)]
pub struct Directions {
    last: VecDeque<(f64, f64)>,
}

impl Directions {
    /// Adds one.
    pub fn push(&mut self, wind: &Wind) {
        self.last.push_back((wind.t_s, wind.from));
        while self.last.len() > MOST || self.last.front().is_some_and(|f| wind.t_s - f.0 > WINDOW_S)
        {
            self.last.pop_front();
        }
    }

    /// The class by what was seen; neutral while that is little.
    pub fn class(&self) -> Stability {
        if self.last.len() < LEAST {
            return Stability::D;
        }
        let n = self.last.len() as f64;
        let (s, c) = self
            .last
            .iter()
            .fold((0.0, 0.0), |(s, c), (_, a)| (s + a.sin(), c + a.cos()));
        // Yamartino 1984, J. Clim. Appl. Meteor. 23, 1362: one pass, within 2 % of the true value.
        let e = (1.0 - (s / n).powi(2) - (c / n).powi(2))
            .clamp(0.0, 1.0)
            .sqrt();
        Stability::by_direction(e.asin() * (1.0 + 0.1547 * e.powi(3)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_wind_is_stable_and_a_turning_one_is_not() {
        let mut d = Directions::default();
        assert_eq!(d.class(), Stability::D, "nothing is known yet");
        for i in 0..20 {
            d.push(&Wind::new(f64::from(i) * 60.0, 3.0, 1.0));
        }
        assert_eq!(d.class(), Stability::F);
        for i in 20..60 {
            d.push(&Wind::new(f64::from(i) * 60.0, 3.0, f64::from(i % 3)));
        }
        assert_eq!(d.class(), Stability::A);
        assert!(d.last.len() <= 16);
    }
}
