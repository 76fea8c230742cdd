//! Readings that are kept, laid out for going through them many times.

use super::couple::Points;
use crate::gas::Gas;
use crate::noise::{self, quantile};
use crate::stability::Stability;
use crate::wind::Wind;
use atalaya_geo::Vector3;

/// A path is looked at in no more points than this.
const MOST_POINTS: usize = 24;
/// Share of a sensor's readings at and below its lowest, which are taken for air without a source.
const LOW: f64 = 0.02;
/// Where turbulence was not measured, air moves aside at least so fast (standard deviation; the least of AERMOD, EPA-454/B-23-008), m/s:
/// a weak wind swings widely.
const ASIDE_M_S: f64 = 0.2;
/// And in points no further apart than this, if there are few enough, m.
const APART_M: f64 = 2.5;

/// The air of one reading, as a plume needs it.
#[derive(Clone, Copy, Debug)]
pub struct Air {
    /// Where the wind blows to.
    pub downwind: (f32, f32),
    /// ppm times m² for each kg/h, over twice pi.
    pub strength: f32,
    /// Spread across for each metre of distance, and the growth's bend.
    pub across: (f32, f32),
    /// The same for the vertical, whose bend has a second power of the distance.
    pub up: (f32, f32, f32),
    /// Whether both spreads were measured, not taken from a class.
    pub measured: bool,
}

impl Air {
    /// Of a wind; where its deviations were not measured, by the curves of a class.
    pub fn new(wind: &Wind, class: Stability, gas: Gas) -> Self {
        let ppm = gas.ppm_per_kg_m3(wind.kelvin, wind.kilopascal);
        let ((ay, by), (az, bz, whole)) = class.coefficients();
        // Beyond 60 degrees "downwind" has no meaning.
        let tan = |s: f64| s.clamp(0.01, 1.05).tan();
        let ay = ay.max(ASIDE_M_S / wind.speed);
        let across = wind.sig_h.map_or((ay, by), |s| (tan(s), 0.0));
        // 1 + b x is the root of 1 + 2 b x + b² x².
        let bend = if whole {
            (2.0 * bz, bz * bz)
        } else {
            (bz, 0.0)
        };
        let up = wind
            .sig_v
            .map_or((az, bend.0, bend.1), |s| (tan(s), 0.0, 0.0));
        Self {
            downwind: (-wind.from.sin() as f32, -wind.from.cos() as f32),
            strength: (ppm / 3600.0 / std::f64::consts::TAU / wind.speed) as f32,
            across: (across.0 as f32, across.1 as f32),
            up: (up.0 as f32, up.1 as f32, up.2 as f32),
            measured: wind.sig_h.is_some() && wind.sig_v.is_some(),
        }
    }
}

/// A reading that is kept.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Seconds.
    pub t_s: f64,
    /// Number of the sensor.
    pub sensor: usize,
    /// Where, or one end of the path.
    pub at: Vector3<f64>,
    /// The path's other end.
    pub to: Option<Vector3<f64>>,
    /// Parts per million.
    pub ppm: f64,
    /// Its air.
    pub air: Air,
}

/// One sensor's readings within [`Data`].
#[derive(Clone, Debug)]
pub struct Run {
    /// Number of the sensor.
    pub sensor: usize,
    /// First reading and the one after the last.
    pub range: (usize, usize),
    /// What it is expected to read in air without a source, and its standard deviation, ppm.
    pub background: (f32, f32),
    /// Variance of its noise by its own readings, ppm².
    pub noise: f32,
}

impl Run {
    /// How many readings it has.
    pub fn len(&self) -> usize {
        self.range.1 - self.range.0
    }
}

/// Readings by sensor, then time.
#[derive(Clone, Debug)]
pub struct Data {
    /// Sensors.
    pub runs: Vec<Run>,
    /// ppm.
    pub ppm: Vec<f32>,
    /// Seconds.
    pub t_s: Vec<f64>,
    /// Hours since the sensor's reading before.
    pub hours: Vec<f32>,
    /// Points in which air is looked at.
    pub points: Points,
    /// What air without a source is expected to hold, ppm.
    pub background: f64,
    /// First and last moment.
    pub span: (f64, f64),
    /// Share of readings whose spreads were measured.
    pub measured: f64,
    /// Middle height of all points, m.
    pub middle_m: f64,
}

impl Data {
    /// Of readings in the order of time.
    pub fn new(held: &[Held]) -> Self {
        let sensors = held.iter().map(|h| h.sensor + 1).max().unwrap_or(0);
        let n = held.len();
        let mut it = Self {
            runs: Vec::new(),
            ppm: Vec::with_capacity(n),
            t_s: Vec::with_capacity(n),
            hours: Vec::with_capacity(n),
            points: Points::default(),
            background: 0.0,
            span: (f64::INFINITY, f64::NEG_INFINITY),
            measured: 0.0,
            middle_m: 0.0,
        };
        let mut low = Vec::new();
        for sensor in 0..sensors {
            let begin = it.ppm.len();
            let mut last = f64::NAN;
            for h in held.iter().filter(|h| h.sensor == sensor) {
                it.ppm.push(h.ppm as f32);
                it.t_s.push(h.t_s);
                it.hours
                    .push(((h.t_s - last) / 3600.0).clamp(0.0, 24.0).max(0.0) as f32);
                last = h.t_s;
                it.span = (it.span.0.min(h.t_s), it.span.1.max(h.t_s));
                it.measured += f64::from(u8::from(h.air.measured)) / n as f64;
                it.add_points(h);
            }
            if it.ppm.len() == begin {
                continue;
            }
            it.hours[begin] = 0.0;
            let mut own: Vec<f64> = it.ppm[begin..].iter().map(|p| f64::from(*p)).collect();
            let noise = noise::of_all(&own);
            let own_low = quantile(&mut own, LOW);
            low.push(own_low);
            it.runs.push(Run {
                sensor,
                background: (own_low as f32, 0.0),
                range: (begin, it.ppm.len()),
                noise: noise.powi(2) as f32,
            });
        }
        // No source makes air poorer: what a sensor reads at its lowest is background, or, if it is always in a plume or reads too
        // much, more. The lowest of all is nearest to the air itself.
        let least = low.iter().copied().fold(f64::INFINITY, f64::min) as f32;
        let typical = quantile(&mut low, 0.5);
        it.background = 0.5 * (f64::from(least) + typical);
        for run in &mut it.runs {
            let own = run.background.0;
            let sd = (own - least).max(0.05 * typical.abs() as f32);
            run.background = (0.5 * (least + own), sd.max(1e-6));
        }
        it.middle_m = quantile(&mut it.points.heights(), 0.5);
        it.points.close();
        // No sensor is quieter than a fifth of a typical one, nor than a ten-thousandth of the background.
        let mut all: Vec<f64> = it.runs.iter().map(|r| f64::from(r.noise)).collect();
        let floor = (0.04 * quantile(&mut all, 0.5))
            .max((1e-4 * typical).powi(2))
            .max(1e-12);
        for r in &mut it.runs {
            r.noise = r.noise.max(floor as f32);
        }
        it
    }

    fn add_points(&mut self, h: &Held) {
        let length = h.to.map_or(0.0, |t| (t - h.at).norm());
        match h.to {
            Some(to) if length > 0.0 => {
                let n = ((length / APART_M).ceil() as usize).clamp(4, MOST_POINTS);
                let at = |i: usize| h.at + (to - h.at) * ((i as f64 + 0.5) / n as f64);
                self.points.push(&h.air, (0..n).map(at));
            }
            _ => self.points.push(&h.air, std::iter::once(h.at)),
        }
    }

    /// How many readings there are.
    pub fn len(&self) -> usize {
        self.ppm.len()
    }
}
