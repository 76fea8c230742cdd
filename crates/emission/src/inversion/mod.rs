//! Any number of sources, each with its beginning and end, from readings that are kept.
//!
//! The last readings are kept, up to a capacity, and weighed together: [`model`] predicts them, [`scan`]
//! goes through the area for one more source, [`curvature`] says how far readings that err together are to be
//! believed, and [`chain`] draws from what is likely. When the capacity is reached, what was found is kept,
//! and the older half of the readings is let go. So memory does not grow, and what is said in the end
//! does not depend on when it was asked.

mod chain;
mod climb;
mod couple;
mod curvature;
mod data;
mod episodes;
mod model;
mod next;
mod prior;
mod remarks;
mod rng;
mod scan;
mod solve;
mod summary;

use crate::declined::Declined;
use crate::estimate::{Estimate, Status, round};
use crate::estimator::{Reading, Refused, Settings, Taken};
use crate::grid::{Area, AreaFault, Candidate, Grid};
use crate::intake::Intake;
use crate::region::Region;
use crate::wind::Wind;
use atalaya_geo::Vector3;
use chain::Draw;
use data::{Air, Data, Held};
use episodes::Episodes;
use next::Choice;
use prior::Prior;
use rng::Rng;
use solve::Solved;

pub use next::{Flight, Leg};

/// Squares and layers of the places that are gone through.
const SQUARES: usize = 324;
const LAYERS: usize = 2;
/// So many squares around the area, too: what emits outside is smelled inside, and is not to be taken for a source at its edge.
const STRIP: usize = 3;
/// A place is covered if a source of the stated rate there would have shown by this many squared
/// standard deviations.
const COVERED: f64 = 9.0;
/// The first answer is worked out with so many readings, the next whenever there are twice as many.
const FIRST: usize = 32;

/// Any number of sources in one area. Memory does not grow with the readings.
#[derive(Clone, Debug)]
pub struct Inversion {
    settings: Settings,
    area: Area,
    candidates: Vec<Candidate>,
    places: Grid,
    map: Grid,
    intake: Intake,
    held: Vec<Held>,
    /// Of the stretches before: what was found, and what would have shown.
    episodes: Episodes,
    shown: Vec<f64>,
    stretch: u64,
    said: Option<Answer>,
    finished: bool,
}

/// What was said last.
#[derive(Clone, Debug)]
struct Answer {
    /// So many readings of this stretch it rests on.
    readings: usize,
    estimate: Estimate,
    map: Vec<f64>,
    /// Draws of places, and of numbers.
    draws: [Vec<Draw>; 2],
    /// What ln likelihoods were multiplied by, for places.
    caution: f64,
}

impl Inversion {
    /// For an area and the places where a source is likelier (may be none).
    pub fn new(
        settings: Settings,
        area: &Area,
        candidates: Vec<Candidate>,
    ) -> Result<Self, AreaFault> {
        area.check(&candidates)?;
        let places = Grid::new(area, SQUARES, LAYERS);
        Ok(Self {
            map: Grid::new(area, settings.squares.clamp(1, 20_000), 1),
            shown: vec![0.0; places.places()],
            settings: Settings {
                capacity: settings.capacity.clamp(64, 100_000),
                ..settings
            },
            area: *area,
            candidates,
            places,
            intake: Intake::default(),
            held: Vec::new(),
            episodes: Episodes::default(),
            stretch: 0,
            said: None,
            finished: false,
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
        if self.held.len() >= self.settings.capacity {
            self.turn();
        }
        self.held.push(Held {
            t_s: reading.t_s,
            sensor: counted.sensor,
            at: reading.at,
            to: reading.to,
            ppm: reading.ppm,
            air: Air::new(&counted.wind, counted.class, self.settings.gas),
        });
        self.finished = false;
        Ok(Taken::Weighed)
    }

    /// Keeps what was found and lets the older half of the readings go.
    fn turn(&mut self) {
        let (data, prior, solved) = self.solve();
        let found = summary::sources(&solved, &data, &prior, &self.candidates);
        let none = summary::inside(&solved.numbers, &prior)[0];
        self.episodes.add(found, data.span, none);
        for (s, more) in self.shown.iter_mut().zip(&solved.shown) {
            // The halves are weighed twice, but for the first and the last.
            *s += 0.5 * more;
        }
        self.held.drain(..self.settings.capacity / 2);
        self.stretch += 1;
        self.said = None;
    }

    fn data(&self) -> (Data, Prior) {
        let data = Data::new(&self.held);
        let background = data.background;
        let prior = Prior::new(
            &self.settings,
            (&self.area, STRIP as f64 * self.places.side),
            &self.candidates,
            background,
            data.measured,
        );
        (data, prior)
    }

    fn solve(&self) -> (Data, Prior, Solved) {
        let (data, prior) = self.data();
        let search = self.places.wider(STRIP);
        let mut solved = solve::solve(&data, &prior, &search, &self.settings, self.stretch);
        solved.shown = self.places.within(STRIP, &solved.shown);
        (data, prior, solved)
    }

    /// No more readings come: the next estimate rests on all of them.
    pub fn finish(&mut self) {
        self.finished = true;
    }

    /// What is known now. While readings come it is worked out anew whenever there are twice as many as
    /// the time before, and after [`Inversion::finish`].
    pub fn estimate(&mut self) -> Estimate {
        self.answer();
        if let Some(said) = &self.said {
            return said.estimate.clone();
        }
        let mut said = Estimate::declined(self.uncovered(&self.shown));
        let few = Declined::Learning(self.held.len(), FIRST);
        said.reason = Some(self.why_declined().unwrap_or(few).to_string());
        said.remarks = remarks::remarks(&self.held, &self.intake);
        said
    }

    /// How probable each square of [`Inversion::map`] is to hold a source that there is; south-west first.
    pub fn squares(&mut self) -> Vec<f64> {
        self.answer();
        let none = || vec![0.0; self.map.squares()];
        self.said.as_ref().map_or_else(none, |s| s.map.clone())
    }

    /// The squares of the map.
    pub fn map(&self) -> &Grid {
        &self.map
    }

    /// Where a drone at `from` should fly next, in the wind of the last moment; none while there is no wind, or if
    /// no leg is allowed.
    pub fn next(&mut self, from: Vector3<f64>, flight: &Flight) -> Option<Leg> {
        self.answer();
        let (wind, class) = self.intake.now()?;
        let (data, prior) = self.data();
        let rng = Rng::new(self.settings.seed ^ 0x6e65, self.held.len() as u64);
        let known = self.said.as_ref().map_or([&[][..]; 2], |s| {
            [s.draws[0].as_slice(), s.draws[1].as_slice()]
        });
        let own = self.held.last().map(|h| h.sensor);
        let run = data.runs.iter().find(|r| Some(r.sensor) == own);
        let choice = Choice {
            flight,
            air: Air::new(&wind, class, self.settings.gas),
            noise: run.map_or(0.05, |r| f64::from(r.noise).sqrt()),
            caution: self.said.as_ref().map_or(1.0, |s| s.caution),
            draws: next::some(&known, &prior, rng),
        };
        choice.best(from)
    }

    fn answer(&mut self) {
        let n = self.held.len();
        let due = match &self.said {
            None => self.finished || n >= FIRST,
            Some(s) => n != s.readings && (self.finished || n >= 2 * s.readings),
        };
        if due && self.why_declined().is_none() {
            self.said = Some(self.work_out());
        }
    }

    fn uncovered(&self, shown: &[f64]) -> Region {
        let layers = self.places.heights.len();
        let hidden: Vec<bool> = shown
            .chunks_exact(layers)
            .map(|s| s.iter().sum::<f64>() / (layers as f64) < COVERED)
            .collect();
        let mut region = Region::of(&self.places, &hidden);
        region.rate_kg_h = Some(self.settings.detect_kg_h);
        region
    }

    fn work_out(&self) -> Answer {
        let (data, prior, solved) = self.solve();
        let before = |s: &f64| if self.stretch > 0 { 0.5 * s } else { *s };
        let shown: Vec<f64> = self
            .shown
            .iter()
            .zip(&solved.shown)
            .map(|(a, b)| a + before(b))
            .collect();
        let mut said = Estimate::declined(self.uncovered(&shown));
        said.remarks = remarks::remarks(&self.held, &self.intake);
        let answer = |estimate, map, solved: Solved| Answer {
            readings: self.held.len(),
            estimate,
            map,
            caution: solved.caution,
            draws: [solved.places, solved.numbers],
        };
        if shown.iter().all(|s| *s == 0.0) {
            said.reason = Some(Declined::NothingCovered.to_string());
            return answer(said, vec![0.0; self.map.squares()], solved);
        }
        let found = summary::sources(&solved, &data, &prior, &self.candidates);
        let numbers = summary::inside(&solved.numbers, &prior);
        said.status = Status::Ok;
        if self.stretch == 0 {
            said.p_any = Some(round(1.0 - numbers[0], 6));
            said.n_probs = numbers.iter().map(|p| round(*p, 6)).collect();
            said.sources = found;
        } else {
            let mut episodes = self.episodes.clone();
            episodes.add(found, data.span, numbers[0]);
            said.p_any = Some(round(episodes.any(), 6));
            said.n_probs = episodes.numbers();
            said.sources = episodes.sources();
        }
        for (run, ppm) in data.runs.iter().zip(&solved.background) {
            if let Some(name) = self.intake.sensors.get(run.sensor) {
                said.background_ppm.insert(name.clone(), round(*ppm, 4));
            }
        }
        let map = summary::heat(&solved, &self.map);
        answer(said, map, solved)
    }

    /// Why nothing can be said, if so.
    pub fn why_declined(&self) -> Option<Declined> {
        let frozen = || self.intake.frozen().then_some(Declined::Frozen);
        self.intake.declined().or_else(frozen)
    }
}
