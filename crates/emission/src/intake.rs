//! What every way of estimating asks of winds and readings.

use crate::declined::Declined;
use crate::estimator::{Reading, Refused, SENSORS, Taken};
use crate::stability::{Directions, Stability};
use crate::wind::Wind;
use atalaya_geo::Vector3;

/// With fewer readings nothing is said.
pub(crate) const LEAST: usize = 10;
/// A sensor that repeats itself so often is frozen, and what it says from then on is left out.
const REPEATS: u32 = 20;
/// A vane that says the same direction so often looks dead.
const SAME: u32 = 30;
/// Below this the wind has no direction, m/s.
const CALM: f64 = 0.5;

/// Checks and counts winds and readings.
#[derive(Clone, Debug, Default)]
pub(crate) struct Intake {
    wind: Option<Wind>,
    directions: Directions,
    /// Sensors by their numbers.
    pub sensors: Vec<String>,
    /// First and last reading, s.
    pub span_s: Option<(f64, f64)>,
    extremes: Option<(f64, f64)>,
    /// Readings that count.
    pub weighed: usize,
    no_wind: usize,
    calm: usize,
    /// Of each sensor: what it said last, how often in a row, and how much was left out.
    repeats: Vec<(f64, u32, usize)>,
    /// How often in a row the wind came from the same direction, and the most.
    same: (u32, u32),
}

/// A reading that counts.
pub(crate) struct Counted {
    /// Number of its sensor.
    pub sensor: usize,
    /// Its wind.
    pub wind: Wind,
    /// The class of stability of the last quarter of an hour.
    pub class: Stability,
}

impl Intake {
    /// The wind from now on.
    pub fn wind(&mut self, wind: Wind) -> Result<(), Refused> {
        let fine = |v: f64, lo: f64, hi: f64| (lo..=hi).contains(&v);
        let sd = |s: Option<f64>| s.is_none_or(|s| fine(s, 0.0, 3.2));
        if !(wind.t_s.is_finite()
            && fine(wind.speed, 0.0, 150.0)
            && wind.from.is_finite()
            && sd(wind.sig_h)
            && sd(wind.sig_v)
            && fine(wind.kelvin, 150.0, 350.0)
            && fine(wind.kilopascal, 10.0, 120.0))
        {
            return Err(Refused::Value);
        }
        if let Some(last) = self.wind.filter(|w| w.t_s > wind.t_s) {
            return Err(Refused::Order(wind.t_s, last.t_s));
        }
        let still = self
            .wind
            .is_some_and(|w| w.from == wind.from && wind.t_s > w.t_s);
        let row = if still { self.same.0 + 1 } else { 1 };
        self.same = (row, self.same.1.max(row));
        self.directions.push(&wind);
        self.wind = Some(wind);
        Ok(())
    }

    /// A reading, not earlier than the one before; what becomes of it if it does not count.
    pub fn reading(
        &mut self,
        reading: &Reading,
        wind_holds_s: f64,
    ) -> Result<Result<Counted, Taken>, Refused> {
        let fine = |p: &Vector3<f64>| p.iter().all(|v| v.abs() <= 1e7);
        if !(reading.t_s.is_finite()
            && reading.ppm.abs() <= 1e6
            && fine(&reading.at)
            && reading.to.as_ref().is_none_or(fine))
        {
            return Err(Refused::Value);
        }
        if let Some((_, last)) = self.span_s.filter(|s| s.1 > reading.t_s) {
            return Err(Refused::Order(reading.t_s, last));
        }
        let known = self.sensors.iter().position(|s| *s == reading.sensor);
        if known.is_none() && self.sensors.len() == SENSORS {
            return Err(Refused::Sensors);
        }
        self.span_s = Some((self.span_s.map_or(reading.t_s, |s| s.0), reading.t_s));
        let ppm = reading.ppm;
        self.extremes = Some(
            self.extremes
                .map_or((ppm, ppm), |(a, b)| (a.min(ppm), b.max(ppm))),
        );
        let Some(wind) = self.wind.filter(|w| reading.t_s - w.t_s <= wind_holds_s) else {
            self.no_wind += 1;
            return Ok(Err(Taken::NoWind));
        };
        if wind.speed < CALM {
            self.calm += 1;
            return Ok(Err(Taken::Calm));
        }
        let sensor = known.unwrap_or_else(|| {
            self.sensors.push(reading.sensor.clone());
            self.repeats.push((f64::NAN, 0, 0));
            self.sensors.len() - 1
        });
        if let Some((last, row, left)) = self.repeats.get_mut(sensor) {
            *row = if *last == ppm { *row + 1 } else { 1 };
            *last = ppm;
            if *row > REPEATS {
                *left += 1;
                return Ok(Err(Taken::Frozen));
            }
        }
        self.weighed += 1;
        Ok(Ok(Counted {
            sensor,
            wind,
            class: self.directions.class(),
        }))
    }

    /// The wind of the last moment, and its class; none while there is none that has a direction.
    pub fn now(&self) -> Option<(Wind, Stability)> {
        let wind = self.wind.filter(|w| w.speed >= CALM)?;
        Some((wind, self.directions.class()))
    }

    /// What was left out or looks wrong, one line each.
    pub fn remarks(&self) -> Vec<String> {
        let mut said = Vec::new();
        if self.no_wind > 0 {
            said.push(format!(
                "{} readings have no wind of their time and are left out",
                self.no_wind
            ));
        }
        if self.calm > 0 {
            said.push(format!(
                "{} readings in wind below {CALM} m/s are left out: where gas comes from can't be told then",
                self.calm
            ));
        }
        if self.same.1 >= SAME {
            said.push(format!(
                "the wind came from the very same direction {} times in a row: the vane looks dead; if it is, places are wrong",
                self.same.1
            ));
        }
        for (name, (last, _, left)) in self.sensors.iter().zip(&self.repeats) {
            if *left > 0 {
                said.push(format!(
                    "sensor '{name}' repeats itself (last {last} ppm): frozen; {left} readings are left out"
                ));
            }
        }
        said
    }

    /// Why nothing can be said of what came, if so.
    pub fn declined(&self) -> Option<Declined> {
        if self.weighed + self.no_wind + self.calm == 0 {
            return Some(Declined::NoReadings);
        }
        if self.weighed == 0 {
            return Some(if self.calm > 0 {
                Declined::Calm
            } else {
                Declined::NoWind
            });
        }
        (self.weighed < LEAST).then_some(Declined::TooFew(self.weighed, LEAST))
    }

    /// Whether every reading is the same.
    pub fn frozen(&self) -> bool {
        self.extremes.is_some_and(|(a, b)| a == b)
    }
}
