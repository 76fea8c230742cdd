//! What the metadata gets wrong, drawn once per world and known to the truth.

use crate::flight::Pointing;
use crate::rng::{Stream, Wander};
use atalaya_geo::{Attitude, Vector3};

/// One-sigma sizes from which the errors of a flight are drawn; an operation file
/// states the same numbers.
#[derive(Clone, Copy, Debug)]
pub struct ErrorSigmas {
    /// Constant part of the horizontal position, metres per axis.
    pub position_m: f64,
    /// Constant part of the height, metres.
    pub height_m: f64,
    /// Noise of the position, metres per axis.
    pub position_noise_m: f64,
    /// Slow drift of the position, metres per axis.
    pub position_drift_m: f64,
    /// Constant part of the platform's heading, radians.
    pub heading: f64,
    /// Noise of heading, pitch and roll, radians.
    pub platform_noise: f64,
    /// Constant part of the gimbal's azimuth and elevation, radians each.
    pub gimbal: f64,
    /// Noise of the gimbal's angles, radians.
    pub gimbal_noise: f64,
    /// Least and greatest age of the metadata against the picture, seconds.
    pub latency_s: [f64; 2],
    /// Jitter of that age, seconds.
    pub latency_jitter_s: f64,
}

/// The sizes in use.
pub const SIGMAS: ErrorSigmas = ErrorSigmas {
    position_m: 1.2,
    height_m: 2.0,
    position_noise_m: 0.15,
    position_drift_m: 0.3,
    heading: 0.25 * std::f64::consts::PI / 180.0,
    platform_noise: 0.03 * std::f64::consts::PI / 180.0,
    gimbal: 0.1 * std::f64::consts::PI / 180.0,
    gimbal_noise: 0.03 * std::f64::consts::PI / 180.0,
    latency_s: [0.02, 0.06],
    latency_jitter_s: 0.003,
};

/// Of small aircraft without a second antenna: a compass that is off by a degree, a gimbal by two tenths.
pub const COARSE: ErrorSigmas = ErrorSigmas {
    height_m: 3.0,
    heading: std::f64::consts::PI / 180.0,
    gimbal: 0.2 * std::f64::consts::PI / 180.0,
    ..SIGMAS
};

/// The errors of one flight.
#[derive(Clone, Debug)]
pub struct MetadataErrors {
    /// The sizes from which they were drawn.
    pub sigmas: ErrorSigmas,
    /// Constant error of position, metres east, north, up.
    pub position_m: [f64; 3],
    /// Constant error of the heading, radians.
    pub heading: f64,
    /// Constant errors of the gimbal's azimuth and elevation, radians.
    pub gimbal: [f64; 2],
    /// Constant age of the metadata that comes with a picture, seconds.
    pub latency_s: f64,
    drift: Vec<Wander>,
    seed: u64,
}

impl MetadataErrors {
    pub(crate) fn draw(seed: u64, sigmas: &ErrorSigmas) -> Self {
        let mut rng = Stream::new(seed, "metadata errors");
        let s = sigmas;
        // Beyond two sigma a flight would be flagged and grounded.
        let mut n = |sigma: f64| sigma * rng.normal().clamp(-2.0, 2.0);
        Self {
            sigmas: *sigmas,
            position_m: [n(s.position_m), n(s.position_m), n(s.height_m)],
            heading: n(s.heading),
            gimbal: [n(s.gimbal), n(s.gimbal)],
            latency_s: rng.range(s.latency_s[0], s.latency_s[1]),
            drift: (0..3)
                .map(|_| Wander::new(&mut rng, 5, 0.002, 0.02, 0.5))
                .collect(),
            seed,
        }
    }

    /// Age of the metadata of packet `n` of a sensor's stream against its picture, seconds.
    pub fn age_s(&self, stream: &str, n: u64) -> f64 {
        let mut rng = self.packet(stream, n, "age");
        self.latency_s + self.sigmas.latency_jitter_s * rng.normal().clamp(-3.0, 3.0)
    }

    /// What the metadata says when `truth` is the case.
    pub fn reported(&self, truth: &Pointing, stream: &str, n: u64, t: f64) -> Pointing {
        let mut rng = self.packet(stream, n, "noise");
        let s = &self.sigmas;
        let mut noise = |sigma: f64| sigma * rng.normal().clamp(-4.0, 4.0);
        let mut offset = Vector3::zeros();
        for k in 0..3 {
            offset[k] = self.position_m[k]
                + s.position_drift_m * self.drift[k].at(t)
                + noise(s.position_noise_m);
        }
        let a = truth.attitude;
        Pointing {
            position: truth.position + offset,
            attitude: Attitude {
                heading: a.heading + self.heading + noise(s.platform_noise),
                pitch: a.pitch + noise(s.platform_noise),
                roll: a.roll + noise(s.platform_noise),
                rel_azimuth: a.rel_azimuth + self.gimbal[0] + noise(s.gimbal_noise),
                rel_elevation: a.rel_elevation + self.gimbal[1] + noise(s.gimbal_noise),
                rel_roll: a.rel_roll + noise(s.gimbal_noise),
            },
            speed: truth.speed,
        }
    }

    fn packet(&self, stream: &str, n: u64, what: &str) -> Stream {
        Stream::new(
            self.seed ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15),
            &format!("{stream} {what}"),
        )
    }
}
