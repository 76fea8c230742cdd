//! One stretch of readings: sources are looked for, then drawn from what is likely around them.

use super::chain::{Chain, Draw};
use super::climb::{climb, uphill};
use super::data::Data;
use super::model::{ERROR, Source};
use super::prior::{MOST, Prior};
use super::rng::Rng;
use super::scan::{Places, Scan};
use super::summary;
use crate::estimator::Settings;
use crate::grid::Grid;

/// Caution of the stages in which sources are looked for: first everything is possible, then less and less.
const HEATS: [f64; 4] = [0.02, 0.06, 0.15, 0.4];
/// Moves of each stage.
const ANNEAL: usize = 500;
/// How often it is begun.
const STARTS: (usize, usize) = (2, 3);
/// It is begun so often that this many points of air are looked at in a move of each start, together.
const POINTS: usize = 10_000;
/// Caution with which the starts are compared.
const REFERENCE: f64 = 0.3;
/// By so much, at least, one source more or less must be better.
const WORTH: f64 = 0.5;
/// Rounds in which sources are tried elsewhere.
const ROUNDS: usize = 4;
/// After a round that won less than this there is no other.
const AGAIN: f64 = 8.0;
/// What is worse by so much before it was climbed from is not climbed from: one source less...
const LESS: f64 = 30.0;
/// ...one elsewhere, which lies at the middle of a place...
const ELSEWHERE: f64 = 200.0;
/// Of the places where one more explains most so many are climbed from.
const TRIES: usize = 3;
/// ...and one more, after which no further one is tried.
const MORE: f64 = 15.0;
/// So many tell which of several places is worth all of them...
const FEW: usize = 5;
/// ...as one is that is then no worse than the best by this.
const NEAR: f64 = 5.0;
/// Draws that are kept.
const KEPT: usize = 1500;
/// How wrong the plume is is not known well: in this share of the draws of places readings are trusted less.
const DOUBT: f64 = 0.3;
/// Share of moves that change how many sources there are, or swap one for another.
const JUMPS: f64 = 0.15;
/// The same while sources are looked for.
const SEARCH: f64 = 0.4;

/// What a stretch of readings says.
pub struct Solved {
    /// Draws of how many sources there are, and when they emit.
    pub numbers: Vec<Draw>,
    /// Draws of where they are and how strong, of as many as there are more likely than not.
    pub places: Vec<Draw>,
    /// Each run's background in the end, ppm.
    pub background: Vec<f64>,
    /// What ln likelihoods were multiplied by, for places.
    pub caution: f64,
    /// By how much a source of `detect_kg_h` would have shown at each place of the grid, with caution.
    pub shown: Vec<f64>,
}

/// Looks for sources, one after the other, then walks over what is likely around them.
pub fn solve(data: &Data, prior: &Prior, grid: &Grid, s: &Settings, stretch: u64) -> Solved {
    let mut chain = Chain::new(data, prior, Rng::new(s.seed, stretch));
    // Before anything is found, air and sensors are as they are believed to be: a background that may wander more
    // would explain every source away.
    let first = chain.now.clone();
    let mut walk = Walk {
        rng: Rng::new(s.seed ^ 0x9e37, stretch),
        scans: Vec::new(),
        jumps: SEARCH,
    };
    // The plume's shape stays as it is while places are gone through.
    let couplings = Places::new(data, grid, &first.shared);
    let scan = |chain: &mut Chain<'_>, heat: f64| {
        let shared = chain.now.shared;
        let there = chain.signal().clone();
        Scan::new(data, prior, &couplings, &shared, &there, heat)
    };
    let shown = couplings.shown(data, &first.shared, s.detect_kg_h);
    walk.scans.push(scan(&mut chain, HEATS[0]));
    // From the same place several times: which sources are found first decides where it ends. The first time they are
    // added one by one where each explains most.
    let mut best: Option<(f64, Draw)> = None;
    let starts = (POINTS / data.points.len().max(1)).clamp(STARTS.0, STARTS.1);
    for start in 0..starts {
        chain.place(first.clone());
        walk.scans.truncate(1);
        if start == 0 {
            one_by_one(&mut chain, data, prior, s, &scan);
        } else {
            for heat in HEATS {
                chain.caution = heat;
                // Air and sensors are taken as told while it is open how many sources there are.
                chain.shape = false;
                walk.best_of(&mut chain, ANNEAL, &mut Vec::new());
                if heat < 0.1 {
                    walk.scans.push(scan(&mut chain, heat));
                }
            }
            chain.shape = true;
        }
        climb(&mut chain, data, prior, s);
        chain.caution = REFERENCE;
        if best.as_ref().is_none_or(|b| chain.ln_all() > b.0) {
            best = Some((chain.ln_all(), chain.now.clone()));
        }
    }
    if let Some((_, best)) = best {
        chain.place(best);
    }
    improve(&mut chain, data, prior, s, &scan);
    walk.jumps = JUMPS;
    let fuller = fuller(&mut chain, data, prior, s, &scan);
    let mut trust = climb(&mut chain, data, prior, s);
    trust.number = trust.number.max(fuller);
    let steps = s.steps.max(100);
    chain.caution = trust.number;
    let mut early = Vec::new();
    walk.best_of(&mut chain, steps / 3, &mut early);
    trust = climb(&mut chain, data, prior, s);
    chain.learn(&early[early.len() / 3..]);
    trust.number = trust.number.max(fuller);
    chain.caution = trust.number;
    // How many sources there are, and when.
    let mut numbers = walk.draws(&mut chain, steps / 2);
    let count = summary::count(&numbers);
    let alike = numbers.iter().filter(|d| d.sources.len() == count);
    if let Some(best) = alike.max_by(|a, b| a.ln.total_cmp(&b.ln)) {
        chain.place(best.clone());
    }
    // Where they are and how strong, given how many and when.
    trust = climb(&mut chain, data, prior, s);
    chain.caution = trust.place;
    walk.jumps = 0.0;
    chain.when = false;
    walk.best_of(&mut chain, steps / 6, &mut early);
    let mut places = walk.draws(&mut chain, (steps as f64 * (1.0 - DOUBT)) as usize);
    chain.caution = trust.doubted;
    places.extend(walk.draws(&mut chain, (steps as f64 * DOUBT) as usize));
    chain.caution = trust.place;
    let best = places.iter().max_by(|a, b| a.ln.total_cmp(&b.ln)).cloned();
    let background = best.map_or_else(Vec::new, |best| chain.backgrounds(&best));
    numbers.iter_mut().chain(&mut places).for_each(to_mean);
    Solved {
        numbers,
        background,
        caution: trust.place,
        places,
        shown: shown.iter().map(|s| trust.number * s).collect(),
    }
}

/// A signal that flickers is most of the time below its mean, and where variance grows with what is predicted the likelihood
/// follows what is typical. Of a lognormal one the mean is so much above the median; mass is what the mean carries.
fn to_mean(draw: &mut Draw) {
    let error = draw.shared[ERROR].exp();
    let more = 0.5 * (1.0 + error * error).ln();
    draw.sources.iter_mut().for_each(|s| s.ln_rate += more);
}

/// Moves, and what births are proposed from.
struct Walk {
    rng: Rng,
    scans: Vec<Scan>,
    jumps: f64,
}

impl Walk {
    /// One move.
    fn go(&mut self, chain: &mut Chain<'_>) {
        if self.rng.unit() < self.jumps {
            chain.jump(&self.scans);
        } else {
            chain.walk();
        }
    }

    /// Draws from so many moves.
    fn draws(&mut self, chain: &mut Chain<'_>, moves: usize) -> Vec<Draw> {
        let apart = (moves / KEPT).max(1);
        let mut draws = Vec::with_capacity(moves / apart + 1);
        for i in 0..moves {
            self.go(chain);
            if i % apart == 0 {
                let mut draw = chain.now.clone();
                draw.ln = chain.ln_all();
                draws.push(draw);
            }
        }
        draws
    }

    /// So many moves, then back to the best that was seen.
    fn best_of(&mut self, chain: &mut Chain<'_>, moves: usize, seen: &mut Vec<Draw>) {
        let mut best = (chain.ln_all(), chain.now.clone());
        for _ in 0..moves {
            self.go(chain);
            if chain.ln_all() > best.0 {
                best = (chain.ln_all(), chain.now.clone());
            }
            seen.push(chain.now.clone());
        }
        chain.place(best.1);
    }
}

/// Adds sources where they explain most, with air and sensors as they are believed to be, and goes to the best number
/// of them.
fn one_by_one(
    chain: &mut Chain<'_>,
    data: &Data,
    prior: &Prior,
    s: &Settings,
    scan: &impl Fn(&mut Chain<'_>, f64) -> Scan,
) {
    let mut held = chain.now.clone();
    chain.caution = REFERENCE;
    climb(chain, data, prior, s);
    chain.caution = REFERENCE;
    let mut best = (chain.ln_all(), chain.now.clone());
    let mut vain = 0;
    for _ in 0..MOST {
        chain.place(held.clone());
        chain.shape = false;
        let tries = scan(chain, REFERENCE).best(TRIES);
        let mut top: Option<(f64, Draw)> = None;
        for more in tries {
            chain.place(with(&held, more, prior));
            uphill(chain, data, prior, s, FEW);
            chain.caution = REFERENCE;
            if top.as_ref().is_none_or(|t| chain.ln_all() > t.0) {
                top = Some((chain.ln_all(), chain.now.clone()));
            }
        }
        let Some((_, top)) = top else { break };
        held = top;
        chain.place(held.clone());
        chain.shape = true;
        climb(chain, data, prior, s);
        chain.caution = REFERENCE;
        if chain.ln_all() > best.0 {
            best = (chain.ln_all(), chain.now.clone());
            vain = 0;
        } else {
            vain += 1;
            if vain > 1 || chain.ln_all() < best.0 - MORE {
                break;
            }
        }
    }
    chain.place(best.1);
}

/// Tries one source more where it explains most, each one less, and each one elsewhere, climbs from there, and
/// goes to the best of them as long as that is better.
fn improve(
    chain: &mut Chain<'_>,
    data: &Data,
    prior: &Prior,
    s: &Settings,
    scan: &impl Fn(&mut Chain<'_>, f64) -> Scan,
) {
    for _ in 0..ROUNDS {
        chain.caution = REFERENCE;
        let here = (chain.ln_all(), chain.now.clone());
        let mut tries = Vec::new();
        if here.1.sources.len() < MOST {
            let more = scan(chain, REFERENCE).best(1);
            tries.extend(more.iter().map(|m| (with(&here.1, *m, prior), LESS)));
        }
        for k in 0..here.1.sources.len() {
            let mut less = here.1.clone();
            less.sources.remove(k);
            chain.place(less.clone());
            let other = scan(chain, REFERENCE).best(1);
            tries.extend(other.iter().map(|o| (with(&less, *o, prior), ELSEWHERE)));
            tries.push((less, LESS));
        }
        let mut best = here.clone();
        for (draw, least) in tries {
            chain.place(draw);
            if chain.ln_all() < here.0 - least {
                continue;
            }
            uphill(chain, data, prior, s, FEW);
            chain.caution = REFERENCE;
            if chain.ln_all() < best.0 - NEAR {
                continue;
            }
            climb(chain, data, prior, s);
            chain.caution = REFERENCE;
            if chain.ln_all() > best.0 + WORTH {
                best = (chain.ln_all(), chain.now.clone());
            }
        }
        let done = best.0 < here.0 + AGAIN;
        chain.place(best.1);
        if done {
            break;
        }
    }
}

/// With how much caution it is to be asked how many sources there are, by a model with one source more: what a source that is
/// left out explains is no error that readings have together (overdispersion is that of the fullest model: Burnham and Anderson 2002,
/// Model Selection and Multimodel Inference, 2.5).
fn fuller(
    chain: &mut Chain<'_>,
    data: &Data,
    prior: &Prior,
    s: &Settings,
    scan: &impl Fn(&mut Chain<'_>, f64) -> Scan,
) -> f64 {
    let here = chain.now.clone();
    let more = scan(chain, REFERENCE).best(1);
    let mut most = 0.0f64;
    if here.sources.len() < MOST {
        for more in more {
            chain.place(with(&here, more, prior));
            most = climb(chain, data, prior, s).number;
        }
    }
    chain.place(here);
    most
}

/// A draw with one source more.
fn with(draw: &Draw, source: Source, prior: &Prior) -> Draw {
    let mut draw = draw.clone();
    draw.sources.push(source);
    prior.bring_in(&mut draw.shared, &mut draw.sources);
    draw
}
