//! Going through the area place by place: where one more source would explain most.

use super::couple::{Coupling, couple};
use super::data::{Data, Run};
use super::model::{ACROSS, ASTRAY_SHARE, ERROR, NOISE, NU, SHARED, Signal, Source, WANDER, WIDTH};
use super::prior::{Prior, STEADY};
use super::rng::Rng;
use crate::fast;
use crate::grid::Grid;

/// Rates that are tried at each place.
const LANES: usize = 8;
/// The span of the readings is cut in so many parts, of which a source may have some in a row.
const PARTS: usize = 12;
/// A rate is proposed within this of the best one tried (standard deviation of its logarithm).
const RATE_SD: f64 = 0.6;
/// A signal of less than this share of the noise is nothing...
const NOTHING: f32 = 0.03;
/// ...and a background that is off by less than this share of its variance has forgotten it.
const FORGOTTEN: f32 = 1e-3;
/// What explains so little in a part of the span is not followed until it is forgotten there.
const HOPELESS: f32 = -400.0;
/// Places nearer than so many squares are beside each other.
const BESIDE: f64 = 1.9;
/// Share of proposals that are made anywhere, at any rate.
const ANYWHERE: f64 = 0.15;

/// One place.
#[derive(Clone, Copy, Debug)]
struct Cell {
    ln_rate: f64,
    /// First part with a source, and the one after the last.
    parts: (usize, usize),
}

/// The places and how much each explains.
#[derive(Clone, Debug)]
pub struct Scan {
    grid: Grid,
    cells: Vec<Cell>,
    /// Sum of the weights up to and with each place; the last is 1.
    upto: Vec<f64>,
    rates: (f64, f64),
}

/// The places of a grid and what a source at each would add to the readings.
pub struct Places {
    grid: Grid,
    couplings: Vec<Coupling>,
}

impl Places {
    /// By the plume of these numbers.
    pub fn new(data: &Data, grid: &Grid, shared: &[f64; SHARED]) -> Self {
        let mut smeared = *shared;
        // So wide that no source falls between two places.
        smeared[WIDTH] = smeared[WIDTH].max((grid.side / 3.0).ln());
        smeared[ACROSS] = smeared[ACROSS].max(0.0);
        let one = |i: usize| {
            let at = grid.place(i);
            let mut coupling = Coupling::default();
            couple(data, &[at.x, at.y, at.z], &smeared, &mut coupling);
            coupling
        };
        Self {
            grid: grid.clone(),
            couplings: (0..grid.places()).map(one).collect(),
        }
    }

    /// By how much a source of a rate, kg/h, would have shown at each place, squared signal over noise.
    pub fn shown(&self, data: &Data, shared: &[f64; SHARED], rate: f64) -> Vec<f64> {
        let noise = noises(data, shared);
        let error = (2.0 * shared[ERROR]).exp();
        let one = |coupling: &Coupling| {
            let each = coupling.mean.iter().zip(&noise).map(|(a, noise)| {
                let signal = (rate * f64::from(*a)).powi(2);
                signal / (noise + error * signal)
            });
            each.sum()
        };
        self.couplings.iter().map(one).collect()
    }
}

impl Scan {
    /// Goes through places, beside sources that are there already. `caution` is what ln likelihoods are
    /// multiplied by.
    pub fn new(
        data: &Data,
        prior: &Prior,
        Places { grid, couplings }: &Places,
        shared: &[f64; SHARED],
        there: &Signal,
        caution: f64,
    ) -> Self {
        let (lo, hi) = prior.rates;
        let rates: [f32; LANES] = std::array::from_fn(|k| {
            (lo + (hi - lo) * (k as f64 + 0.5) / LANES as f64).exp() as f32
        });
        let part = |t: f64| {
            let span = (data.span.1 - data.span.0).max(1e-9);
            (((t - data.span.0) / span * PARTS as f64) as usize).min(PARTS - 1)
        };
        let parts: Vec<usize> = data.t_s.iter().map(|t| part(*t)).collect();
        let mut it = Self {
            grid: grid.clone(),
            cells: Vec::with_capacity(grid.places()),
            upto: Vec::with_capacity(grid.places()),
            rates: prior.rates,
        };
        let mut scores = Vec::with_capacity(grid.places());
        let without = Without::new(data, shared, there);
        for (i, coupling) in couplings.iter().enumerate() {
            let at = grid.place(i);
            let gains = gains(data, shared, there, coupling, &without, &rates, &parts);
            let mut best = (f64::NEG_INFINITY, 0, (0, PARTS));
            for (k, gains) in gains.iter().enumerate() {
                let (gain, run) = run(gains, (PARTS as f64 * STEADY).ln() / caution);
                if gain > best.0 {
                    best = (gain, k, run);
                }
            }
            let place: f64 = prior.shares(at.x, at.y).sum();
            scores.push(0.5 * caution * best.0 + place.ln() + prior.height(at.z));
            it.cells.push(Cell {
                ln_rate: f64::from(rates[best.1]).ln(),
                parts: best.2,
            });
        }
        let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = scores.iter().map(|s| (s - top).exp()).sum();
        let mut upto = 0.0;
        for s in &scores {
            upto += (1.0 - ANYWHERE) * (s - top).exp() / sum + ANYWHERE / scores.len() as f64;
            it.upto.push(upto);
        }
        it
    }

    /// So many sources that explain most, each by itself, none of them beside another.
    pub fn best(&self, many: usize) -> Vec<Source> {
        let weight = |i: usize| self.upto[i] - if i > 0 { self.upto[i - 1] } else { 0.0 };
        let mut order: Vec<usize> = (0..self.cells.len()).collect();
        order.sort_by(|a, b| weight(*b).total_cmp(&weight(*a)));
        let mut chosen: Vec<Source> = Vec::new();
        for i in order {
            if chosen.len() == many {
                break;
            }
            let at = self.grid.place(i);
            let beside =
                |s: &Source| (s.at[0] - at.x).hypot(s.at[1] - at.y) < BESIDE * self.grid.side;
            if chosen.iter().any(beside) {
                continue;
            }
            let middle = |(a, b): (f64, f64)| 0.5 * (a + b);
            chosen.push(Source {
                at: [at.x, at.y, at.z],
                ln_rate: self.cells[i].ln_rate,
                on: edges(&self.cells[i]).map(middle),
            });
        }
        chosen
    }

    /// A source drawn from what was found.
    pub fn draw(&self, rng: &mut Rng) -> Source {
        let u = rng.unit() * self.upto.last().copied().unwrap_or(1.0);
        let i = self
            .upto
            .partition_point(|s| *s <= u)
            .min(self.cells.len() - 1);
        let cell = &self.cells[i];
        let at = self.grid.place(i);
        let (half, layer) = (self.grid.side / 2.0, self.grid.layer / 2.0);
        let ln_rate = if rng.unit() < ANYWHERE {
            rng.range(self.rates.0, self.rates.1)
        } else {
            cell.ln_rate + RATE_SD * rng.normal()
        };
        let on = if rng.unit() < 0.5 {
            [rng.range(-STEADY, 1.0), rng.range(0.0, 1.0 + STEADY)]
        } else {
            let [a, b] = edges(cell);
            [rng.range(a.0, a.1), rng.range(b.0, b.1)]
        };
        Source {
            at: [
                at.x + rng.range(-half, half),
                at.y + rng.range(-half, half),
                at.z + rng.range(-layer, layer),
            ],
            ln_rate,
            on,
        }
    }

    /// ln of the density with which [`Scan::draw`] gives a source.
    pub fn ln(&self, s: &Source) -> f64 {
        let g = &self.grid;
        let index = |d: f64, side: f64, n: usize| {
            ((d / side).floor().max(0.0) as usize).min(n.saturating_sub(1))
        };
        let column = index(s.at[0] - g.origin.0, g.side, g.columns);
        let row = index(s.at[1] - g.origin.1, g.side, g.rows);
        let bottom = g.heights.first().copied().unwrap_or(0.0) - g.layer / 2.0;
        let layer = if g.layer > 0.0 {
            index(s.at[2] - bottom, g.layer, g.heights.len())
        } else {
            0
        };
        let i = (row * g.columns + column) * g.heights.len() + layer;
        let (Some(cell), Some(upto)) = (self.cells.get(i), self.upto.get(i)) else {
            return f64::NEG_INFINITY;
        };
        let weight = upto - if i > 0 { self.upto[i - 1] } else { 0.0 };
        let volume = g.side * g.side * g.layer.max(0.1);
        let z = (s.ln_rate - cell.ln_rate) / RATE_SD;
        let near = (-0.5 * z * z).exp() / (RATE_SD * std::f64::consts::TAU.sqrt());
        let rate = ANYWHERE / (self.rates.1 - self.rates.0) + (1.0 - ANYWHERE) * near;
        let [a, b] = edges(cell);
        let flat = |r: (f64, f64), v: f64| {
            if (r.0..r.1).contains(&v) {
                1.0 / (r.1 - r.0)
            } else {
                0.0
            }
        };
        let on = 0.5 / (1.0 + STEADY).powi(2) + 0.5 * flat(a, s.on[0]) * flat(b, s.on[1]);
        (weight / volume * rate * on).max(1e-300).ln()
    }
}

/// Ranges in which the beginning and the end of a place's source are proposed.
fn edges(cell: &Cell) -> [(f64, f64); 2] {
    let share = |k: usize| k as f64 / PARTS as f64;
    let step = 0.8 / PARTS as f64;
    let (a, b) = cell.parts;
    [
        if a == 0 {
            (-STEADY, step)
        } else {
            (share(a) - step, share(a) + step)
        },
        if b == PARTS {
            (1.0 - step, 1.0 + STEADY)
        } else {
            (share(b) - step, share(b) + step)
        },
    ]
}

/// The parts in a row with the greatest sum of gains, where each end among the readings costs `each`.
fn run(gains: &[f64; PARTS], each: f64) -> (f64, (usize, usize)) {
    let mut best = (f64::NEG_INFINITY, (0, PARTS));
    for a in 0..PARTS {
        let mut sum = 0.0;
        for (b, gain) in gains.iter().enumerate().skip(a) {
            sum += gain;
            // A run that is open at an end is likelier beforehand.
            let cut = f64::from(u8::from(a > 0) + u8::from(b + 1 < PARTS)) * each;
            if sum - cut > best.0 {
                best = (sum - cut, (a, b + 1));
            }
        }
    }
    best
}

/// Variance of the noise at every reading.
fn noises(data: &Data, shared: &[f64; SHARED]) -> Vec<f64> {
    let scale = (2.0 * shared[NOISE]).exp();
    let runs = data.runs.iter();
    runs.flat_map(|r| (r.range.0..r.range.1).map(move |_| scale * f64::from(r.noise)))
        .collect()
}

/// The filters of the readings as they are, without one source more: what each reading says, and the background after it.
struct Without {
    ln: Vec<f32>,
    mean: Vec<f32>,
    var: Vec<f32>,
    /// A signal below this is nothing, ppm.
    nothing: Vec<f32>,
}

impl Without {
    fn new(data: &Data, shared: &[f64; SHARED], there: &Signal) -> Self {
        let mut it = Self {
            ln: Vec::with_capacity(data.len()),
            mean: Vec::with_capacity(data.len()),
            var: Vec::with_capacity(data.len()),
            nothing: Vec::with_capacity(data.runs.len()),
        };
        for run in &data.runs {
            let mut f: Filters<1> = Filters::new(shared, run);
            it.nothing.push(NOTHING * f.noise.sqrt());
            for i in run.range.0..run.range.1 {
                let (signal, wide) = there.at(i);
                it.ln.push(f.step(data, i, [signal], [wide])[0]);
                it.mean.push(f.mean[0]);
                it.var.push(f.var[0]);
            }
        }
        it
    }
}

/// A sensor's background under several rates at once.
struct Filters<const N: usize> {
    mean: [f32; N],
    var: [f32; N],
    error: f32,
    noise: f32,
    wander: f32,
    widest: f32,
}

impl<const N: usize> Filters<N> {
    fn new(shared: &[f64; SHARED], run: &Run) -> Self {
        let square = |i: usize| (2.0 * shared[i]).exp() as f32;
        let (typical, sd) = run.background;
        Self {
            mean: [typical; N],
            var: [sd * sd; N],
            error: square(ERROR),
            noise: square(NOISE) * run.noise,
            wander: square(WANDER),
            widest: sd * sd,
        }
    }

    /// ln of a reading's probability under each, less a constant, twice.
    #[inline(always)]
    fn step(&mut self, data: &Data, i: usize, signal: [f32; N], wide: [f32; N]) -> [f32; N] {
        let walked = self.wander * data.hours[i];
        let ppm = data.ppm[i];
        let mut ln = [0.0f32; N];
        for k in 0..N {
            let walked = self.var[k] + walked;
            let prior = if walked < self.widest {
                walked
            } else {
                self.widest
            };
            let own = self.noise
                + self.error * (signal[k] * signal[k] + ASTRAY_SHARE * wide[k] * wide[k]);
            let total = prior + own;
            let off = ppm - signal[k] - self.mean[k];
            // As in the model, with one logarithm.
            let sum = NU * total + off * off;
            let share = total / sum;
            let share = if share > 1e-6 { share } else { 1e-6 };
            let share2 = share * share;
            ln[k] = fast::ln(share2 * share2 * share / sum);
            let trust = (NU + 1.0) * total;
            let taken = prior * trust;
            let gain = taken / (taken + own * if sum > trust { sum } else { trust });
            self.mean[k] += gain * off;
            self.var[k] = prior - gain * prior;
        }
        ln
    }
}

/// What a source at a place adds to ln of the readings' probability, by rate and part, all rates at once. Where its plume is
/// not, and the backgrounds have forgotten it, nothing is gone through.
fn gains(
    data: &Data,
    shared: &[f64; SHARED],
    there: &Signal,
    more: &Coupling,
    without: &Without,
    rates: &[f32; LANES],
    parts: &[usize],
) -> [[f64; PARTS]; LANES] {
    let most = rates.iter().copied().fold(0.0, f32::max);
    let mut sums = [[0.0f64; PARTS]; LANES];
    for (run, nothing) in data.runs.iter().zip(&without.nothing) {
        let nothing = nothing / most;
        let (mut i, end) = run.range;
        let mut f: Filters<LANES> = Filters::new(shared, run);
        let (mut of_part, mut part) = ([0.0f32; LANES], parts[i]);
        let mut apart = false;
        while i < end {
            let (a, w) = (more.mean[i], more.wide[i]);
            if !apart {
                if w < nothing && a < nothing {
                    i += 1;
                    continue;
                }
                if i > run.range.0 {
                    f.mean = [without.mean[i - 1]; LANES];
                    f.var = [without.var[i - 1]; LANES];
                }
            }
            let (signal0, wide0) = there.at(i);
            let signal = rates.map(|r| signal0 + r * a);
            let wide = rates.map(|r| wide0 + r * w);
            let ln = f.step(data, i, signal, wide);
            if parts[i] != part {
                add(&mut sums, &mut of_part, part);
                part = parts[i];
            }
            for k in 0..LANES {
                of_part[k] += ln[k] - without.ln[i];
            }
            apart = w >= nothing || a >= nothing || {
                let (mean, var) = (without.mean[i], without.var[i]);
                let far = FORGOTTEN * (var + f.noise);
                (0..LANES).any(|k| {
                    let off = f.mean[k] - mean;
                    off * off > far && of_part[k] > HOPELESS
                })
            };
            i += 1;
        }
        add(&mut sums, &mut of_part, part);
    }
    sums
}

/// Adds what readings of a part said, each twice, and begins anew.
fn add(sums: &mut [[f64; PARTS]; LANES], of_part: &mut [f32; LANES], part: usize) {
    for (sum, of) in sums.iter_mut().zip(of_part) {
        sum[part] += 0.5 * f64::from(std::mem::take(of));
    }
}
