//! Days that are harder than days usually are, to choose on what is to be asked of an alarm: nights nearly without wind, hard gusts,
//! several neighbours that emit much, and sensors whose errors last: noise of long memory, and spells in which one alone reads
//! too much.

use super::PuffSource;
use crate::rng::{Stream, Wander};

const HOUR: f64 = 3600.0;

/// What is worse than on other days.
pub(super) struct Harsh {
    /// How much of the wind a night leaves.
    pub night: f64,
    /// Standard deviation of the wind's logarithm over minutes.
    pub gusts: f64,
    /// How much more sensors are off, and drift, than in an hour.
    pub worse: (f64, f64),
    /// Beside the area, with first and last moment, s.
    pub neighbours: Vec<(PuffSource, (f64, f64))>,
    sensors: Vec<Sensor>,
}

/// The lasting errors of one sensor.
struct Sensor {
    noise: Vec<Wander>,
    noise_ppm: f64,
    /// Beginning, s, length, s, and height, ppm, of what it reads too much.
    spells: Vec<(f64, f64, f64)>,
}

impl Sensor {
    fn new(rng: &mut Stream, hours: f64) -> Self {
        // The same power in every third of a decade: noise of one over the frequency.
        let octave = |rng: &mut Stream, k: i32| {
            let from = 10f64.powf(-4.9 + 0.35 * f64::from(k));
            Wander::new(rng, 3, from, 2.2 * from, 0.5)
        };
        let mut spells = Vec::new();
        let mut at = rng.range(0.0, 40.0);
        while at < hours {
            let lasts = rng.range(0.3, 4.0);
            spells.push((at * HOUR, lasts * HOUR, rng.range(0.05, 0.5)));
            at += lasts + rng.range(5.0, 60.0);
        }
        Self {
            noise: (0..8).map(|k| octave(rng, k)).collect(),
            noise_ppm: rng.range(0.004, 0.02),
            spells,
        }
    }

    fn error(&self, t: f64) -> f64 {
        let noise: f64 = self.noise.iter().map(|n| n.at(t)).sum();
        let spell = |(begin, lasts, ppm): &(f64, f64, f64)| {
            let since = t - begin;
            if since < 0.0 {
                return 0.0;
            }
            // It comes within minutes, and goes slowly.
            let rise = 1.0 - (-since / 300.0).exp();
            ppm * rise * (-(since - lasts).max(0.0) / 900.0).exp()
        };
        self.noise_ppm * noise + self.spells.iter().map(spell).sum::<f64>()
    }
}

impl Harsh {
    /// Of a seed, for so many hours and sensors.
    pub(super) fn new(seed: u64, hours: f64, sensors: usize) -> Self {
        let mut rng = Stream::new(seed, "harsh days");
        let neighbours = (0..2 + rng.below(3))
            .map(|_| {
                let angle = rng.range(0.0, std::f64::consts::TAU);
                let far = rng.range(75.0, 200.0);
                let begin = rng.range(-10.0, hours) * HOUR;
                let source = PuffSource {
                    at: [far * angle.sin(), far * angle.cos(), rng.range(0.3, 4.0)],
                    rate_kg_h: 10f64.powf(rng.range(0.0, 1.3)),
                };
                (source, (begin, begin + rng.range(2.0, 30.0) * HOUR))
            })
            .collect();
        Self {
            night: rng.range(0.08, 0.3),
            gusts: rng.range(0.25, 0.5),
            worse: (rng.range(2.0, 6.0), rng.range(3.0, 9.0)),
            neighbours,
            sensors: (0..sensors).map(|_| Sensor::new(&mut rng, hours)).collect(),
        }
    }

    /// What a sensor reads too much, ppm.
    pub(super) fn error(&self, sensor: usize, t: f64) -> f64 {
        self.sensors.get(sensor).map_or(0.0, |s| s.error(t))
    }
}
