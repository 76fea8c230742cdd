//! Readings and wind in, at any time an estimate out.

use crate::bank::{Backgrounds, RATES, Step};
use crate::declined::Declined;
use crate::gas::Gas;
use crate::grid::{Area, AreaFault, Candidate, Grid};
use crate::intake::{Intake, LEAST};
use crate::noise::{Noise, quantile};
use crate::plume::Plume;
use crate::wind::Wind;
use atalaya_geo::Vector3;

/// More sensors than this are refused.
pub(crate) const SENSORS: usize = 64;
/// Errors of the wind's direction that last, in standard deviations, with their prior: a vane is
/// mounted by hand, and stands where the plume is not.
pub(crate) const TURNS: [(f64, f64); 3] = [(-1.3, 0.23), (0.0, 0.54), (1.3, 0.23)];
/// The one of them that is no error.
const STRAIGHT: usize = 1;
/// The step between errors is bridged by a plume that is wider by this, in standard deviations.
const BRIDGE: f64 = 0.6;

/// A reading of a sensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Seconds, on the clock of the wind.
    pub t_s: f64,
    /// Which sensor.
    pub sensor: String,
    /// Where, local metres.
    pub at: Vector3<f64>,
    /// The other end, if it is the mean along a path.
    pub to: Option<Vector3<f64>>,
    /// Parts per million by volume.
    pub ppm: f64,
}

/// What is assumed. The defaults were chosen on simulated plumes that meander.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The gas.
    pub gas: Gas,
    /// Background and noise are learned from so many readings before the first is weighed.
    pub learning: usize,
    /// About so many squares of the area.
    pub squares: usize,
    /// Layers of the area.
    pub layers: usize,
    /// The least and the greatest rate considered, kg/h.
    pub rates_kg_h: (f64, f64),
    /// Probability, before any reading, that there is a source of such a rate.
    pub prior: f64,
    /// Standard deviation of a signal predicted at a point, as a share of it.
    pub model_error: f64,
    /// The same along a path, which sees the plume's whole width and so errs less.
    pub path_error: f64,
    /// For place and rate: what one reading counts, as a share of an independent one, beyond what its likeness to the one before
    /// says: sensors of one plume err together, and the plume's shape errs all the time.
    pub independence: f64,
    /// Standard deviation of a reading that is not the sensor's noise, as a share of the background.
    pub unrest: f64,
    /// Standard deviation of the error of the wind's direction that lasts, radians.
    pub direction_sd: f64,
    /// Standard deviation by which a background wanders in an hour, as a share of it.
    pub wander_per_hour: f64,
    /// A wind is used for no longer than this, s.
    pub wind_holds_s: f64,
    /// The rate for which it is said where it would have been seen, kg/h.
    pub detect_kg_h: f64,
    /// Share of the prior that belongs to candidates, where there are some.
    pub candidates_share: f64,
    /// How far from a candidate's point a source of it may be (standard deviation), m.
    pub candidate_sd_m: f64,
    /// Of [`crate::Inversion`]: what is drawn at random follows from this.
    pub seed: u64,
    /// Of [`crate::Inversion`]: readings that are kept and weighed together.
    pub capacity: usize,
    /// Of [`crate::Inversion`]: steps of the walk over what is likely.
    pub steps: usize,
    /// Of [`crate::Inversion`]: a plume whose error is larger than this share of the signal is believed the less
    /// about places, the larger it is; chosen in simulated air.
    pub lasting: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            gas: Gas::METHANE,
            learning: 200,
            squares: 1600,
            layers: 3,
            rates_kg_h: (0.1, 50.0),
            prior: 0.2,
            model_error: 0.7,
            path_error: 0.3,
            independence: 0.1,
            unrest: 0.02,
            direction_sd: 7f64.to_radians(),
            wander_per_hour: 0.05,
            wind_holds_s: 300.0,
            detect_kg_h: 1.0,
            candidates_share: 0.8,
            candidate_sd_m: 5.0,
            seed: 1,
            capacity: 4096,
            steps: 6000,
            lasting: 0.4,
        }
    }
}

/// A reading or wind that can't be taken.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum Refused {
    /// Earlier than the one before.
    #[error("{0} s is earlier than {1} s, which came before; sort by time")]
    Order(f64, f64),
    /// Not a number, or out of all bounds.
    #[error("a value is not a number or out of all bounds")]
    Value,
    /// Too many sensors.
    #[error("more than {SENSORS} sensors; give them in several runs")]
    Sensors,
}

/// What became of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It was weighed, or will be when enough are there to learn from.
    Weighed,
    /// There was no wind of its time.
    NoWind,
    /// The wind was too weak.
    Calm,
    /// The sensor repeats itself.
    Frozen,
}

#[derive(Clone, Debug)]
pub(crate) struct Sensor {
    pub id: String,
    noise: Noise,
    last_s: f64,
    pub backgrounds: Option<Backgrounds>,
    surprise: Option<f64>,
}

/// One source or none, in one area. Memory does not grow with the readings.
#[derive(Clone, Debug)]
pub struct Estimator {
    pub(crate) settings: Settings,
    pub(crate) grid: Grid,
    pub(crate) rates: [f32; RATES],
    /// The prior of each place.
    pub(crate) prior: Vec<f64>,
    pub(crate) candidates: Vec<Candidate>,
    /// ln odds of each hypothesis against no source: errors of the wind outermost, then places, then rates.
    pub(crate) odds: Vec<f64>,
    /// How well a source of `detect_kg_h` would have shown, squared signal over noise.
    pub(crate) shown: Vec<f64>,
    pub(crate) sensors: Vec<Sensor>,
    pub(crate) intake: Intake,
    pub(crate) leader: Option<usize>,
    held: Option<Vec<(Reading, Plume)>>,
    background: (f64, f64),
    couplings: Vec<f32>,
    /// Sums of neighbouring surprises' products and squares.
    alike: (f64, f64),
}

impl Estimator {
    /// For an area and the places where a source is likelier (may be none).
    pub fn new(
        settings: Settings,
        area: &Area,
        candidates: Vec<Candidate>,
    ) -> Result<Self, AreaFault> {
        let grid = Grid::new(
            area,
            settings.squares.clamp(1, 20_000),
            settings.layers.clamp(1, 8),
        );
        area.check(&candidates)?;
        let (lo, hi) = settings.rates_kg_h;
        let rates =
            std::array::from_fn(|k| (lo * (hi / lo).powf(k as f64 / (RATES - 1) as f64)) as f32);
        let places = grid.places();
        let mut it = Self {
            prior: Vec::new(),
            odds: vec![0.0; TURNS.len() * places * RATES],
            shown: vec![0.0; places],
            sensors: Vec::new(),
            intake: Intake::default(),
            leader: None,
            held: Some(Vec::new()),
            background: (0.0, 1.0),
            couplings: vec![0.0; TURNS.len() * places],
            alike: (0.0, 0.0),
            settings,
            grid,
            rates,
            candidates,
        };
        it.prior = (0..places)
            .map(|i| it.elsewhere() + it.near(i).sum::<f64>())
            .collect();
        Ok(it)
    }

    /// The prior that a place has without any candidate.
    pub(crate) fn elsewhere(&self) -> f64 {
        let share = if self.candidates.is_empty() {
            1.0
        } else {
            1.0 - self.settings.candidates_share
        };
        share / self.grid.places() as f64
    }

    /// The prior that each candidate gives a place.
    pub(crate) fn near(&self, place: usize) -> impl Iterator<Item = f64> + '_ {
        let at = self.grid.place(place);
        let sd = self.settings.candidate_sd_m.max(self.grid.side / 2.0);
        let share = self.settings.candidates_share / self.candidates.len().max(1) as f64;
        // The volume of a place under the normal density around the candidate; heights are taken as even.
        let volume = self.grid.side * self.grid.side / self.grid.heights.len() as f64;
        self.candidates.iter().map(move |c| {
            let d2 = (c.at.x - at.x).powi(2) + (c.at.y - at.y).powi(2);
            share * volume * (-0.5 * d2 / (sd * sd)).exp() / (std::f64::consts::TAU * sd * sd)
        })
    }

    /// The wind from now on.
    pub fn wind(&mut self, wind: Wind) -> Result<(), Refused> {
        self.intake.wind(wind)
    }

    /// A reading, not earlier than the one before.
    pub fn push(&mut self, reading: Reading) -> Result<Taken, Refused> {
        let counted = match self.intake.reading(&reading, self.settings.wind_holds_s)? {
            Ok(counted) => counted,
            Err(taken) => return Ok(taken),
        };
        if counted.sensor == self.sensors.len() {
            self.sensors.push(Sensor {
                id: reading.sensor.clone(),
                noise: Noise::default(),
                last_s: reading.t_s,
                backgrounds: None,
                surprise: None,
            });
        }
        let plume = Plume::new(
            &counted.wind,
            counted.class,
            self.settings.gas,
            BRIDGE * self.settings.direction_sd,
        );
        match &mut self.held {
            Some(held) => {
                held.push((reading, plume));
                if held.len() >= self.settings.learning {
                    self.begin();
                }
            }
            None => self.weigh(&reading, &plume, true),
        }
        Ok(Taken::Weighed)
    }

    /// No more readings come: what was held back to learn from is weighed now.
    pub fn finish(&mut self) {
        if self.held.as_ref().is_some_and(|h| h.len() >= LEAST) {
            self.begin();
        }
    }

    /// Learns background and noise from the first readings, then weighs them.
    fn begin(&mut self) {
        let held = self.held.take().unwrap_or_default();
        let mut low = Vec::new();
        for s in &mut self.sensors {
            let mut own: Vec<f64> = held
                .iter()
                .filter(|(r, _)| r.sensor == s.id)
                .map(|(r, _)| r.ppm)
                .collect();
            for ppm in &own {
                s.noise.push(*ppm);
            }
            if !own.is_empty() {
                low.push(quantile(&mut own, 0.0));
            }
        }
        // A sensor that is always in the plume reads too much; the lowest is nearest to the air itself.
        let least = low.iter().copied().fold(f64::INFINITY, f64::min);
        let typical = quantile(&mut low, 0.5);
        self.background = (
            0.5 * (least + typical),
            (1.5 * (typical - least))
                .max(0.05 * typical.abs())
                .max(1e-6),
        );
        for (reading, plume) in &held {
            self.weigh(reading, plume, false);
        }
    }

    fn weigh(&mut self, reading: &Reading, plume: &Plume, learn: bool) {
        let Some(i) = self.sensors.iter().position(|s| s.id == reading.sensor) else {
            return;
        };
        let (mean, sd) = self.background;
        let places = self.grid.places();
        for ((turn, _), out) in TURNS.iter().zip(self.couplings.chunks_exact_mut(places)) {
            let turned = plume.turned(turn * self.settings.direction_sd);
            turned.couple(reading.at, reading.to, &self.grid, out);
        }
        let sensor = &mut self.sensors[i];
        if learn {
            sensor.noise.push(reading.ppm);
        }
        let unrest = self.settings.unrest * mean.abs().max(1e-3);
        let sigma = sensor.noise.sigma().hypot(unrest);
        let hours = ((reading.t_s - sensor.last_s) / 3600.0).clamp(0.0, 24.0);
        sensor.last_s = reading.t_s;
        let error = match reading.to {
            Some(_) => self.settings.path_error,
            None => self.settings.model_error,
        };
        let step = Step {
            ppm: reading.ppm as f32,
            noise: (sigma * sigma) as f32,
            walked: ((self.settings.wander_per_hour * mean).powi(2) * hours) as f32,
            widest: (sd * sd) as f32,
            model: error as f32,
        };
        let backgrounds = sensor.backgrounds.get_or_insert_with(|| {
            Backgrounds::new(TURNS.len() * places, mean as f32, (sd * sd) as f32)
        });
        let leading = self
            .leader
            .map(|h| (h, self.rates[h % RATES] * self.couplings[h / RATES]));
        let surprise = f64::from(backgrounds.surprise(&step, leading)).clamp(-3.0, 3.0);
        if let Some(before) = sensor.surprise.replace(surprise) {
            // What was surprising before a source was found is forgotten.
            self.alike.0 = 0.99 * self.alike.0 + before * surprise;
            self.alike.1 = 0.99 * self.alike.1 + 0.5 * (before * before + surprise * surprise);
        }
        self.leader = Some(backgrounds.take(&step, &self.rates, &self.couplings, &mut self.odds));
        let rate = self.settings.detect_kg_h;
        let straight = &self.couplings[STRAIGHT * places..];
        for (shown, a) in self.shown.iter_mut().zip(straight) {
            if *a > 0.0 {
                let signal = (rate * f64::from(*a)).powi(2);
                *shown += signal / (sigma * sigma + error * error * signal);
            }
        }
    }

    /// By how much what readings say of there being a source is to be discounted because neighbouring ones
    /// err alike: the effective share of a first-order autoregression, (1 - r) / (1 + r). A wrong shape of
    /// the plume misplaces a source, but does not invent one.
    pub(crate) fn discount(&self) -> f64 {
        let r = if self.alike.1 > 0.0 {
            (self.alike.0 / self.alike.1).clamp(0.0, 0.96)
        } else {
            0.0
        };
        (1.0 - r) / (1.0 + r)
    }

    /// Whether readings are still held back, and how many.
    pub(crate) fn holding(&self) -> Option<usize> {
        self.held.as_ref().map(Vec::len)
    }

    /// Why nothing can be said yet, if so.
    pub(crate) fn declined(&self) -> Option<Declined> {
        if let Some(why) = self.intake.declined() {
            return Some(why);
        }
        if let Some(n) = self.holding() {
            return Some(Declined::Learning(n, self.settings.learning));
        }
        if self.intake.frozen() {
            return Some(Declined::Frozen);
        }
        self.shown
            .iter()
            .all(|s| *s == 0.0)
            .then_some(Declined::NothingCovered)
    }

    /// The places of the area.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }
}
