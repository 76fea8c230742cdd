//! The aircraft's orbit and its stabilised cameras, without error.

use crate::rng::{Stream, Wander};
use atalaya_geo::{Attitude, Camera, Matrix3, Vector2, Vector3};

/// The two cameras on the gimbal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sensor {
    /// Colour video, 1280x720.
    Eo,
    /// Long-wave infrared, 640x512, white is hot.
    Ir,
    /// Colour video of a small aircraft, 640x360.
    Small,
}

impl Sensor {
    /// Width and height of the picture, pixels.
    pub fn size(self) -> (usize, usize) {
        match self {
            Self::Eo => (1280, 720),
            Self::Ir => (640, 512),
            Self::Small => (640, 360),
        }
    }

    /// Frames per second.
    pub fn fps(self) -> u32 {
        match self {
            Self::Eo => 15,
            Self::Ir | Self::Small => 10,
        }
    }

    /// Horizontal field of view, radians.
    pub fn hfov(self) -> f64 {
        match self {
            Self::Eo | Self::Small => 28.0f64.to_radians(),
            Self::Ir => 24.0f64.to_radians(),
        }
    }

    /// Vertical field of view of square pixels, radians.
    pub fn vfov(self) -> f64 {
        let (w, h) = self.size();
        2.0 * ((0.5 * self.hfov()).tan() * h as f64 / w as f64).atan()
    }
}

/// Where the aircraft is and where the gimbal looks.
#[derive(Clone, Copy, Debug)]
pub struct Pointing {
    /// Position in the world's frame, metres.
    pub position: Vector3<f64>,
    /// Angles of platform and gimbal, radians.
    pub attitude: Attitude,
    /// Speed over ground, m/s.
    pub speed: f64,
}

/// An orbit about the compound.
#[derive(Clone, Debug)]
pub struct Flight {
    radius: f64,
    height: f64,
    phase: f64,
    /// Angular rate, radians per second; positive is counter-clockwise.
    rate: f64,
    wind: [f64; 2],
    slow: Vec<Wander>,
    sway: Vec<Wander>,
    shake: Vec<Wander>,
    rattle: Vec<Wander>,
    /// When the camera looks elsewhere, from and to, seconds.
    away: Vec<[f64; 2]>,
}

/// Time from the first to the last row of a colour picture: a rolling shutter, seconds.
const READOUT_S: f64 = 0.019;
/// Size of the rotors' rattle in the picture, pixels.
const RATTLE_PX: f64 = 0.62;

/// Point on the ground about which the camera looks, metres.
const AIM: [f64; 2] = [1.0, -6.0];
/// Where it looks instead when it looks away, metres from there.
const ASIDE_M: [f64; 2] = [190.0, 230.0];
/// Time it takes to turn there or back, seconds.
const SLEW_S: f64 = 3.0;

impl Flight {
    /// The default orbit: 350–450 m of slant range at about 300 m above ground,
    /// 18–22 m/s, with a centre and a radius that wander.
    pub(crate) fn orbit(seed: u64) -> Self {
        let mut rng = Stream::new(seed, "flight");
        let radius = rng.range(235.0, 275.0);
        let speed = rng.range(18.5, 21.5);
        let sense = if rng.unit() < 0.5 { 1.0 } else { -1.0 };
        Self {
            radius,
            height: rng.range(285.0, 315.0),
            phase: rng.range(0.0, std::f64::consts::TAU),
            rate: sense * speed / radius,
            wind: [rng.range(-4.0, 4.0), rng.range(-4.0, 4.0)],
            slow: (0..8)
                .map(|_| Wander::new(&mut rng, 6, 0.004, 0.03, 0.6))
                .collect(),
            sway: (0..5)
                .map(|_| Wander::new(&mut rng, 10, 0.08, 1.5, 0.6))
                .collect(),
            shake: (0..4)
                .map(|_| Wander::new(&mut rng, 14, 1.2, 24.0, 0.5))
                .collect(),
            rattle: (0..2)
                .map(|_| Wander::new(&mut rng, 6, 24.0, 68.0, 0.2))
                .collect(),
            away: Vec::new(),
        }
    }

    /// The same with a camera that looks elsewhere from and to these times.
    pub(crate) fn glancing(self, away: Vec<[f64; 2]>) -> Self {
        Self { away, ..self }
    }

    /// How far it looks elsewhere, 0 to 1: it turns there and back within [`SLEW_S`].
    fn glance(&self, t: f64) -> f64 {
        let smooth = |x: f64| {
            let x = x.clamp(0.0, 1.0);
            x * x * (3.0 - 2.0 * x)
        };
        let of = |[from, to]: &[f64; 2]| smooth((t - from) / SLEW_S).min(smooth((to - t) / SLEW_S));
        self.away.iter().map(of).fold(0.0, f64::max)
    }

    /// Position at `t`.
    fn place(&self, t: f64) -> Vector3<f64> {
        let a = self.phase + self.rate * t + 0.012 * self.slow[3].at(t);
        let r = self.radius + 7.0 * self.slow[2].at(t);
        Vector3::new(
            AIM[0] + 9.0 * self.slow[0].at(t) + r * a.cos(),
            AIM[1] + 9.0 * self.slow[1].at(t) + r * a.sin(),
            self.height + 3.0 * self.slow[4].at(t) + 0.4 * self.sway[4].at(t),
        )
    }

    /// Position, attitude and pointing at `t` seconds.
    pub fn at(&self, t: f64) -> Pointing {
        let position = self.place(t);
        let h = 0.05;
        let v = (self.place(t + h) - self.place(t - h)) / (2.0 * h);
        // The nose points into the air's velocity, not along the course.
        let air = [v.x - self.wind[0], v.y - self.wind[1]];
        let heading = air[0].atan2(air[1]) + 0.006 * self.sway[0].at(t);
        let speed = v.xy().norm();
        // A turn to the right (clockwise, negative rate) needs the right wing down.
        let bank = -(self.rate * speed / 9.81).atan();
        let pitch = 0.035 + 0.009 * self.sway[1].at(t);
        let roll = bank + 0.014 * self.sway[2].at(t);

        // The gimbal looks at a point that its operator lets drift, shaken by the
        // airframe; gusts come and go.
        let gust = 0.75 + 0.5 * self.slow[7].at(t).clamp(-1.0, 1.0);
        let aside = self.glance(t);
        let aim = Vector3::new(
            AIM[0] + 1.6 * self.slow[5].at(t) + ASIDE_M[0] * aside,
            AIM[1] + 1.6 * self.slow[6].at(t) + ASIDE_M[1] * aside,
            0.0,
        );
        let d = aim - position;
        let yaw =
            d.x.atan2(d.y) + 5.5e-4 * self.sway[3].at(t) + 1.6e-4 * gust * self.shake[0].at(t);
        let down = (-d.z).atan2(d.x.hypot(d.y));
        let el = -down + 4.5e-4 * self.sway[4].at(t) + 1.6e-4 * gust * self.shake[1].at(t);
        let twist = 1.5e-3 * self.sway[1].at(t) + 3.0e-4 * gust * self.shake[2].at(t);
        let level = Attitude {
            heading: yaw,
            rel_elevation: el,
            rel_roll: twist,
            ..Attitude::default()
        };
        let platform = Attitude {
            heading,
            pitch,
            roll,
            ..Attitude::default()
        };
        let attitude = relative(platform, &level.camera_to_enu());
        Pointing {
            position,
            attitude,
            speed,
        }
    }

    /// How far a rolling shutter moves what stands on row `y` of the picture taken at
    /// `t`, pixels right and down. The rotors shake the camera while it reads its rows,
    /// which no single homography undoes.
    pub fn rolling_shift(&self, sensor: Sensor, t: f64, y: f64) -> [f64; 2] {
        if sensor == Sensor::Ir {
            return [0.0; 2];
        }
        let (_, h) = sensor.size();
        let at = t + (y / h as f64 - 0.5) * READOUT_S;
        let wide = sensor.size().0 as f64 / Sensor::Eo.size().0 as f64;
        let size = wide * RATTLE_PX * (0.8 + 0.4 * self.slow[7].at(t).clamp(-1.0, 1.0));
        [size * self.rattle[0].at(at), size * self.rattle[1].at(at)]
    }

    /// The camera of `sensor` at `t` seconds.
    pub fn camera(&self, sensor: Sensor, t: f64) -> Camera {
        camera(&self.at(t), sensor)
    }
}

/// The camera that a pointing gives.
pub(crate) fn camera(p: &Pointing, sensor: Sensor) -> Camera {
    let (w, h) = sensor.size();
    let fx = 0.5 * w as f64 / (0.5 * sensor.hfov()).tan();
    Camera {
        position: p.position,
        to_local: p.attitude.camera_to_enu(),
        fx,
        fy: fx,
        width: w as f64,
        height: h as f64,
        centre: Vector2::new(0.5 * w as f64, 0.5 * h as f64),
    }
}

/// Gimbal angles that turn the body axes of `platform` so that the camera looks as
/// `camera_to_enu` says (z-y-x angles of the rotation from body to sensor axes).
fn relative(platform: Attitude, camera_to_enu: &Matrix3<f64>) -> Attitude {
    let body = platform.camera_to_enu();
    // Both in camera axes (right, down, forward); reorder to forward, right, down.
    let r = body.transpose() * camera_to_enu;
    let axes = Matrix3::new(0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0);
    let m = axes * r * axes.transpose();
    Attitude {
        rel_azimuth: m[(1, 0)].atan2(m[(0, 0)]),
        rel_elevation: (-m[(2, 0)]).clamp(-1.0, 1.0).asin(),
        rel_roll: m[(2, 1)].atan2(m[(2, 2)]),
        ..platform
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gimbal_angles_reproduce_the_line_of_sight() {
        for seed in 0..4 {
            let f = Flight::orbit(seed);
            for k in 0..40 {
                let t = 7.7 * f64::from(k);
                let c = f.camera(Sensor::Eo, t);
                let px = c.project(&Vector3::new(AIM[0], AIM[1], 0.0)).unwrap();
                assert!(
                    (px.x - 640.0).abs() < 30.0 && (px.y - 360.0).abs() < 30.0,
                    "{px}"
                );
                // The horizon stays level to a degree.
                assert!(c.to_local[(2, 0)].abs() < 0.02);
                let range = (c.position - Vector3::new(0.0, 0.0, 0.0)).norm();
                assert!((340.0..460.0).contains(&range), "{range}");
                let v = f.at(t).speed;
                assert!((16.5..23.5).contains(&v), "{v}");
            }
        }
    }
}
