//! How it flies: a point mass at constant airspeed in still air, whose bank follows a field of courses
//! (Beard and McLain 2012, Small Unmanned Aircraft, sections 10.1 and 10.2).

use atalaya_geo::Vector2;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

const GRAVITY_M_S2: f64 = 9.80665;
/// Greatest bank, radians.
const MOST_BANK: f64 = 0.61;
/// Rate of roll, radians a second.
const ROLL: f64 = 0.7;
/// Climb and descent, m/s.
const CLIMB_M_S: f64 = 5.0;
/// Course asked for far from a leg, radians from its direction.
const APPROACH: f64 = 1.2;
/// How fast a wrong course is turned back, 1/s.
const TURN_GAIN: f64 = 0.8;

/// What it is told to follow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Path {
    /// The straight line from one place to another, metres east and north.
    Leg(Vector2<f64>, Vector2<f64>),
    /// A circle: centre, radius in metres, clockwise from above.
    Circle(Vector2<f64>, f64, bool),
}

/// Its state on the plane at home.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Craft {
    /// East and north, metres.
    pub at: Vector2<f64>,
    /// Above sea level, metres.
    pub height_m: f64,
    /// Climb, m/s.
    pub climb_m_s: f64,
    /// Airspeed, which is its speed over the ground, m/s.
    pub speed_m_s: f64,
    /// Course, radians from north to east.
    pub course: f64,
    /// Right wing down is positive, radians.
    pub bank: f64,
}

/// To −π … π.
pub fn wrap(a: f64) -> f64 {
    (a + PI).rem_euclid(TAU) - PI
}

/// Course of a direction, radians from north to east.
pub fn course_of(v: Vector2<f64>) -> f64 {
    v.x.atan2(v.y)
}

impl Craft {
    /// Velocity over the ground, m/s.
    pub fn velocity(&self) -> Vector2<f64> {
        Vector2::new(self.course.sin(), self.course.cos()) * self.speed_m_s
    }

    /// `dt` seconds along a path, to a height.
    pub fn step(&mut self, dt: f64, path: Path, height_m: f64) {
        let (wanted, ahead) = self.wanted(path);
        let turn = ahead + TURN_GAIN * wrap(wanted - self.course);
        let bank = (self.speed_m_s * turn / GRAVITY_M_S2)
            .atan()
            .clamp(-MOST_BANK, MOST_BANK);
        self.bank += (bank - self.bank).clamp(-ROLL * dt, ROLL * dt);
        let turned = GRAVITY_M_S2 * self.bank.tan() / self.speed_m_s * dt;
        self.course = wrap(self.course + turned);
        self.at += self.velocity() * dt;
        let climb = (height_m - self.height_m).clamp(-CLIMB_M_S * dt, CLIMB_M_S * dt);
        self.climb_m_s = climb / dt;
        self.height_m += climb;
    }

    /// Course that the field asks for here, and how fast it turns there, radians a second.
    fn wanted(&self, path: Path) -> (f64, f64) {
        match path {
            Path::Leg(from, to) => {
                let along = course_of(to - from);
                let (s, c) = along.sin_cos();
                let off = self.at - from;
                // Right of the leg is positive; it converges within three radii of the tightest turn.
                let right = off.x * c - off.y * s;
                let tightest = self.speed_m_s.powi(2) / (GRAVITY_M_S2 * MOST_BANK.tan());
                let back = APPROACH / FRAC_PI_2 * (right / tightest).atan();
                (along - back, 0.0)
            }
            Path::Circle(centre, radius, clockwise) => {
                let out = self.at - centre;
                let away = out.norm().max(1.0);
                let side = if clockwise { 1.0 } else { -1.0 };
                let turned = FRAC_PI_2 + (4.0 * (away - radius) / radius).atan();
                let on = (away - radius).abs() < 0.5 * radius;
                let ahead = if on {
                    side * self.speed_m_s / radius
                } else {
                    0.0
                };
                (course_of(out) + side * turned, ahead)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn craft() -> Craft {
        Craft {
            at: Vector2::new(0.0, -400.0),
            height_m: 100.0,
            climb_m_s: 0.0,
            speed_m_s: 20.0,
            course: 0.0,
            bank: 0.0,
        }
    }

    #[test]
    fn it_joins_a_circle_and_keeps_to_it_either_way_round() {
        for clockwise in [true, false] {
            let mut c = craft();
            for _ in 0..1200 {
                c.step(0.1, Path::Circle(Vector2::zeros(), 150.0, clockwise), 160.0);
            }
            assert!((c.at.norm() - 150.0).abs() < 3.0, "{c:?}");
            assert_eq!(c.height_m, 160.0);
            // East of the centre, clockwise is southwards.
            let (out, v) = (c.at, c.velocity());
            let round = v.x * out.y - v.y * out.x;
            assert_eq!(round > 0.0, clockwise);
        }
    }

    #[test]
    fn it_comes_back_to_a_leg() {
        let mut c = craft();
        let leg = Path::Leg(Vector2::new(120.0, -400.0), Vector2::new(120.0, 2000.0));
        for _ in 0..400 {
            c.step(0.1, leg, 100.0);
        }
        assert!(
            (c.at.x - 120.0).abs() < 2.0 && c.course.abs() < 0.02,
            "{c:?}"
        );
    }
}
