//! How far an autopilot may be carried off its path: the assumptions, and the bound that follows.
//!
//! Nobody knows which guidance will fly a plan, nor how it is tuned. What is certified therefore
//! rests on few assumptions, each of which an aircraft either meets or not:
//!
//! 1. **Air.** The wind is at most the one allowed for, from anywhere; airspeed is the cruise speed.
//! 2. **On its path**, once settled, it is within `tracking_m` of it: gusts, position error and the
//!    ripple of its control included. Of its height it is within `height_error_m`.
//! 3. **Off its path and moving away**, it turns back with the bank limit, at most `roll_s` after it
//!    crossed the path; until then it may fly on as it did. A linear guidance of period P and a
//!    damping of 0.7 or more peaks at 0.07 P times the speed at which it crossed: `roll_s` of 2 s
//!    covers periods up to 28 s, and autopilots come with 10 to 25 s.
//! 4. **It has settled** `settle_s` after it began to capture a leg or a circle.
//! 5. **A turning point** is passed by at most `acceptance_m` early (the plan commands that radius),
//!    and never later than abreast of it.
//! 6. **Heights** change only in circles, where the plan says so, at any time within the item; it climbs
//!    at most half as fast again as its rate.
//! 7. **A circle is left** within [`EXIT`] of the direction to the next point, at any place of its band.
//!
//! From 1 and 3 follows [`Swing::beyond`]: the farthest that a path or circle is left behind when it is
//! crossed at a given angle. It is an integral of the motion, with no constant to fit: straight on for
//! `roll_s`, then round the air's turning circle, which the wind carries along, until the distance no
//! longer grows; the greatest over all winds.

use crate::aircraft::Aircraft;
use crate::atmosphere::{GRAVITY_M_S2, Wind, true_airspeed};
use atalaya_geo::Vector2;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

/// How far off the direction to the next point a circle may be left, radians: 15°. ArduPilot leaves
/// within 10°, PX4 along the tangent.
pub(crate) const EXIT: f64 = 0.262;

/// Steepest angle at which guidance returns to a track it was carried off, radians: 45°, as both
/// ArduPilot and PX4 limit it.
const RETURN: f64 = 0.786;

/// Directions of the wind that are tried, and steps of a turn.
const WINDS: usize = 24;
const STEPS: usize = 60;
/// What can be lost between two of either, metres: r (1 - cos 2.25°) for a turn, and
/// w t (1 - cos 7.5°) for the wind, both below a metre for anything that flies at under 60 m/s.
const BETWEEN_M: f64 = 1.0;

/// How an aircraft swings at a height.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Swing {
    tas: f64,
    wind: f64,
    /// Radius of a turn at the bank limit in still air.
    turn: f64,
    roll_s: f64,
    settle_s: f64,
}

impl Swing {
    pub(crate) fn new(a: &Aircraft, wind: &Wind, height_m: f64) -> Self {
        let tas = true_airspeed(a.cruise_m_s, height_m, wind.warmer_k);
        Self {
            tas,
            // Beyond this nothing holds, and `least_radius` has said so already.
            wind: wind.speed_m_s.min(0.8 * tas),
            turn: tas * tas / (GRAVITY_M_S2 * a.bank_limit_deg.to_radians().tan()),
            roll_s: a.roll_s,
            settle_s: a.settle_s,
        }
    }

    /// Greatest way over ground while settling, metres.
    pub(crate) fn settle_m(&self) -> f64 {
        (self.tas + self.wind) * self.settle_s
    }

    pub(crate) fn settle_s(&self) -> f64 {
        self.settle_s
    }

    /// Longest time for so many metres over ground.
    pub(crate) fn slowest_s(&self, metres: f64) -> f64 {
        metres / (self.tas - self.wind)
    }

    /// How far beyond a line (no radius) or a circle it comes that is crossed outwards at an angle to
    /// the line or the circle's tangent, metres.
    pub(crate) fn beyond(&self, radius: Option<f64>, angle: f64) -> f64 {
        let angle = angle.clamp(0.0, PI);
        if angle == 0.0 && radius.is_none() {
            return 0.0;
        }
        let still = self.in_wind(radius, angle, Vector2::zeros());
        let worst = (0..WINDS)
            .map(|i| {
                let (s, c) = (TAU * i as f64 / WINDS as f64).sin_cos();
                self.in_wind(radius, angle, Vector2::new(c, s) * self.wind)
            })
            .fold(still, f64::max);
        worst + BETWEEN_M
    }

    /// How far from the point itself a turn about `angle` may lead, off the new leg and behind it.
    pub(crate) fn corner(&self, angle: f64) -> f64 {
        let off = self.beyond(None, angle);
        if angle <= FRAC_PI_2 {
            return off;
        }
        off.hypot(self.beyond(None, angle - FRAC_PI_2))
    }

    /// Angle and metres that a leg of this length hands on to what comes after it, when it began with
    /// a capture at `angle` that led `off_m` off.
    pub(crate) fn carried(&self, length: f64, angle: f64, off_m: f64) -> (f64, f64) {
        if length >= self.settle_m() {
            (0.0, 0.0)
        } else {
            (angle.min(RETURN), off_m)
        }
    }

    /// x along the tangent, y outwards.
    fn in_wind(&self, radius: Option<f64>, angle: f64, wind: Vector2<f64>) -> f64 {
        let along = Vector2::new(angle.cos(), angle.sin());
        let across = Vector2::new(-along.y, along.x);
        // The heading that makes good that course in this wind.
        let crab = -(wind.dot(&across) / self.tas).clamp(-1.0, 1.0).asin();
        let speed = self.tas * crab.cos() + wind.dot(&along);
        let off = |p: Vector2<f64>| match radius {
            None => p.y,
            Some(r) => Vector2::new(p.x, p.y + r).norm() - r,
        };
        let start = along * (speed.max(0.0) * self.roll_s);
        let heading = angle + crab;
        let mut worst = off(start).max(0.0);
        for k in 1..=STEPS {
            let turned = 1.5 * PI * k as f64 / STEPS as f64;
            let (s0, c0) = heading.sin_cos();
            let (s1, c1) = (heading - turned).sin_cos();
            let air = Vector2::new(s0 - s1, c1 - c0) * self.turn;
            let p = start + air + wind * (turned * self.turn / self.tas);
            let now = off(p);
            if now < worst {
                break;
            }
            worst = now;
        }
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aircraft::tests::aircraft;

    fn swing(speed_m_s: f64) -> Swing {
        let wind = Wind {
            speed_m_s,
            warmer_k: 0.0,
        };
        Swing::new(&aircraft(), &wind, 0.0)
    }

    #[test]
    fn in_still_air_a_swing_is_a_straight_and_an_arc() {
        let s = swing(0.0);
        let arc = 20.0 * 20.0 / (9.80665 * 35f64.to_radians().tan());
        // Straight across: two seconds of flight and the radius of the turn.
        assert!((s.beyond(None, FRAC_PI_2) - (40.0 + arc + 1.0)).abs() < 0.1);
        let slant = 40.0 * 0.5 + arc * (1.0 - 30f64.to_radians().cos()) + 1.0;
        assert!((s.beyond(None, 30f64.to_radians()) - slant).abs() < 0.3);
        // Straight out of a circle: the centre of the turn lies beside, not behind.
        let out = (140f64.hypot(arc)) + arc - 100.0 + 1.0;
        assert!((s.beyond(Some(100.0), FRAC_PI_2) - out).abs() < 0.3);
        assert_eq!(s.beyond(None, 0.0), 0.0);
    }

    #[test]
    fn wind_angle_and_haste_make_it_larger() {
        let (calm, windy) = (swing(0.0), swing(8.0));
        for radius in [None, Some(150.0)] {
            let mut last = 0.0;
            for degrees in [5.0f64, 20.0, 45.0, 70.0, 90.0] {
                let a = degrees.to_radians();
                assert!(windy.beyond(radius, a) > calm.beyond(radius, a));
                assert!(windy.beyond(radius, a) > last, "{radius:?} {degrees}");
                last = windy.beyond(radius, a);
            }
        }
        assert!(windy.corner(2.5) > windy.beyond(None, 2.5));
        assert_eq!(windy.carried(1e4, 1.0, 50.0), (0.0, 0.0));
        assert_eq!(windy.carried(100.0, 1.0, 50.0), (RETURN, 50.0));
    }
}
