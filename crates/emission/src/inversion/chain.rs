//! Drawing from what is likely: sources are moved, born and taken away (reversible jump, Green 1995), the
//! numbers of air and sensors with them. Each sensor's background is never drawn: the filter knows it.

use super::couple::{Coupling, couple};
use super::data::Data;
use super::model::{ACROSS, ERROR, SHARED, Signal, Source, Trace, UP, WIDTH};
use super::prior::{Prior, STEADY};
use super::rng::Rng;
use super::scan::Scan;
use crate::linear::Square;

/// With so many sources or fewer, moves along what was learned are made.
const LEARNED: usize = 6;

/// One draw.
#[derive(Clone, Debug)]
pub struct Draw {
    /// Air and sensors.
    pub shared: [f64; SHARED],
    /// Sources.
    pub sources: Vec<Source>,
    /// ln of likelihood and prior, where it was kept.
    pub ln: f64,
}

/// Which couplings a proposal changes.
#[derive(Clone, Copy, PartialEq)]
enum Change {
    None,
    One(usize),
    All,
    Born,
    Died(usize),
}

/// Moves over all numbers at once, learned from draws.
struct Learned {
    sources: usize,
    root: Square,
}

/// A walk over sources, air and sensors.
pub struct Chain<'a> {
    data: &'a Data,
    prior: &'a Prior,
    rng: Rng,
    /// What ln likelihoods are multiplied by.
    pub caution: f64,
    /// Whether the times of sources are moved.
    pub when: bool,
    /// Whether the numbers of air and sensors are moved, not only the plume's error.
    pub shape: bool,
    /// Where it is.
    pub now: Draw,
    couplings: Vec<Coupling>,
    spare: Vec<Coupling>,
    signal: Signal,
    ln: f64,
    ln_prior: f64,
    learned: Vec<Learned>,
}

impl<'a> Chain<'a> {
    /// Begins without a source.
    pub fn new(data: &'a Data, prior: &'a Prior, rng: Rng) -> Self {
        let now = Draw {
            shared: prior.shared.map(|(mean, _)| mean),
            sources: Vec::new(),
            ln: 0.0,
        };
        let mut it = Self {
            data,
            prior,
            rng,
            caution: 1.0,
            when: true,
            shape: true,
            ln_prior: prior.ln(&now.shared, &now.sources),
            now,
            couplings: Vec::new(),
            spare: Vec::new(),
            signal: Signal::default(),
            ln: 0.0,
            learned: Vec::new(),
        };
        it.place(it.now.clone());
        it
    }

    /// Puts it somewhere.
    pub fn place(&mut self, draw: Draw) {
        self.now = draw;
        self.couplings = vec![Coupling::default(); self.now.sources.len()];
        for (s, c) in self.now.sources.iter().zip(&mut self.couplings) {
            couple(self.data, &s.at, &self.now.shared, c);
        }
        self.predict();
        self.ln = self.signal.ln(self.data, &self.now.shared);
        self.ln_prior = self.prior.ln(&self.now.shared, &self.now.sources);
    }

    fn predict(&mut self) {
        self.signal.clear(self.data.len());
        for (s, c) in self.now.sources.iter().zip(&self.couplings) {
            self.signal.add(self.data, s, c);
        }
    }

    /// What is predicted where it is.
    pub fn signal(&mut self) -> &Signal {
        self.predict();
        &self.signal
    }

    /// ln of likelihood (with caution) and prior where it is.
    pub fn ln_all(&self) -> f64 {
        self.caution * self.ln + self.ln_prior
    }

    /// A pass over the readings where it is, but with number `j` of [`vector`] moved by a step.
    pub fn trace(&mut self, j: usize, step: f64, trace: &mut Trace) {
        let mut draw = self.now.clone();
        let mut steps = vec![0.0; SHARED + 4 * draw.sources.len()];
        if let Some(s) = steps.get_mut(j) {
            *s = step;
        }
        add(&mut draw, &steps);
        let mut anew = Coupling::default();
        self.signal.clear(self.data.len());
        for (k, (s, c)) in draw.sources.iter().zip(&self.couplings).enumerate() {
            let of = j.checked_sub(SHARED).map(|j| (j / 4, j % 4));
            let moved = j <= WIDTH || of.is_some_and(|(source, i)| source == k && i < 3);
            if moved {
                couple(self.data, &s.at, &draw.shared, &mut anew);
            }
            self.signal.add(self.data, s, if moved { &anew } else { c });
        }
        self.signal.trace(self.data, &draw.shared, trace);
    }

    /// Each run's background after its last reading at some draw, ppm.
    pub fn backgrounds(&mut self, draw: &Draw) -> Vec<f64> {
        self.place(draw.clone());
        let mut trace = Trace::default();
        self.signal.trace(self.data, &draw.shared, &mut trace);
        trace.last.iter().map(|b| f64::from(*b)).collect()
    }

    /// Goes to a proposal, or stays. `ln_back` is the ln of the ratio of proposing back and forth.
    fn consider(&mut self, draw: Draw, change: Change, ln_back: f64) -> bool {
        let ln_prior = self.prior.ln(&draw.shared, &draw.sources);
        let beyond = ln_prior - self.ln_prior + ln_back;
        if !beyond.is_finite() {
            return false;
        }
        let n = draw.sources.len();
        self.spare
            .resize_with(self.spare.len().max(n.max(1)), Coupling::default);
        let (data, spare) = (self.data, &mut self.spare);
        let mut anew =
            |k: usize, out: usize| couple(data, &draw.sources[k].at, &draw.shared, &mut spare[out]);
        match change {
            Change::One(k) => anew(k, 0),
            Change::Born => anew(n - 1, 0),
            Change::All => (0..n).for_each(|k| anew(k, k)),
            Change::None | Change::Died(_) => {}
        }
        self.signal.clear(data.len());
        for (k, s) in draw.sources.iter().enumerate() {
            let c = match change {
                Change::All => &self.spare[k],
                Change::One(j) if j == k => &self.spare[0],
                Change::Born if k + 1 == n => &self.spare[0],
                Change::Died(j) if k >= j => &self.couplings[k + 1],
                _ => &self.couplings[k],
            };
            self.signal.add(data, s, c);
        }
        let ln = self.signal.ln(data, &draw.shared);
        let accept = self.caution * (ln - self.ln) + beyond;
        let accept = if accept.is_nan() {
            f64::NEG_INFINITY
        } else {
            accept
        };
        if self.rng.unit().max(1e-300).ln() >= accept {
            return false;
        }
        match change {
            Change::One(k) => std::mem::swap(&mut self.couplings[k], &mut self.spare[0]),
            Change::All => {
                self.couplings.resize_with(n, Coupling::default);
                self.couplings
                    .iter_mut()
                    .zip(&mut self.spare)
                    .for_each(|(a, b)| std::mem::swap(a, b));
            }
            Change::Born => self.couplings.push(std::mem::take(&mut self.spare[0])),
            Change::Died(k) => {
                self.couplings.remove(k);
            }
            Change::None => {}
        }
        (self.now, self.ln, self.ln_prior) = (draw, ln, ln_prior);
        true
    }

    /// A step between a least and a greatest size, any size alike in its logarithm.
    fn step(&mut self, least: f64, greatest: f64) -> f64 {
        let size = (self.rng.range(least.ln(), greatest.ln())).exp();
        size * self.rng.normal()
    }

    /// One move within the number of sources that there are.
    pub fn walk(&mut self) {
        let n = self.now.sources.len();
        let u = self.rng.unit();
        if n == 0 || u < 0.25 {
            self.walk_shared();
        } else if u < 0.5 && self.learned.iter().any(|l| l.sources == n) {
            self.walk_learned();
        } else {
            self.walk_source();
        }
    }

    fn walk_shared(&mut self) {
        let i = if self.shape {
            self.rng.below(SHARED)
        } else {
            ERROR
        };
        let mut draw = self.now.clone();
        let step = self.step(0.01, 1.0) * self.prior.shared[i].1;
        draw.shared[i] += step;
        if i == ACROSS || i == UP {
            // A plume twice as wide needs twice the rate.
            draw.sources.iter_mut().for_each(|s| s.ln_rate += step);
        }
        let change = if i <= WIDTH {
            Change::All
        } else {
            Change::None
        };
        self.consider(draw, change, 0.0);
    }

    fn walk_source(&mut self) {
        let k = self.rng.below(self.now.sources.len());
        let mut draw = self.now.clone();
        let d = self.prior.area().hi - self.prior.area().lo;
        let u = self.rng.unit();
        let mut change = Change::None;
        if u < 0.55 {
            let size = self
                .rng
                .range((0.0004 * d.x.max(d.y)).ln(), (0.25 * d.x.max(d.y)).ln())
                .exp();
            let at = &mut draw.sources[k].at;
            at[0] += size * self.rng.normal();
            at[1] += size * self.rng.normal();
            if self.rng.unit() < 0.5 {
                at[2] += self.step(0.01, 0.5) * d.z;
            }
            if self.rng.unit() < 0.5 {
                draw.sources[k].ln_rate += self.step(0.02, 0.7);
            }
            change = Change::One(k);
        } else if u < 0.65 {
            if self.rng.unit() < 0.3 {
                // A path halfway up can't tell what is above from what is below it.
                let at = &mut draw.sources[k].at[2];
                *at = 2.0 * self.data.middle_m - *at;
            } else {
                draw.sources[k].at[2] += self.step(0.02, 1.0) * d.z;
            }
            draw.sources[k].ln_rate += self.step(0.02, 0.5);
            change = Change::One(k);
        } else if u < 0.8 || !self.when {
            draw.sources[k].ln_rate += self.step(0.01, 1.0);
        } else {
            let end = self.rng.below(2);
            let on = &mut draw.sources[k].on[end];
            if self.rng.unit() < 0.4 {
                *on = self.rng.range(0.0, 1.0 + STEADY) - if end == 0 { STEADY } else { 0.0 };
            } else {
                let size = self.rng.range(0.002f64.ln(), 0.3f64.ln()).exp();
                *on += size * self.rng.normal();
            }
        }
        self.consider(draw, change, 0.0);
    }

    fn walk_learned(&mut self) {
        let n = self.now.sources.len();
        let fit: Vec<usize> = (0..self.learned.len())
            .filter(|i| self.learned[*i].sources == n)
            .collect();
        let l = &self.learned[fit[self.rng.below(fit.len())]];
        let d = l.root.n as f64;
        let scale = 2.38 / d.sqrt() * [0.3, 0.7, 1.0][self.rng.below(3)];
        let z: Vec<f64> = (0..l.root.n).map(|_| scale * self.rng.normal()).collect();
        let steps = l.root.lower_times(&z);
        let mut draw = self.now.clone();
        add(&mut draw, &steps);
        self.consider(draw, Change::All, 0.0);
    }

    /// One birth, death or both at once, proposed from what was scanned.
    pub fn jump(&mut self, scans: &[Scan]) {
        let n = self.now.sources.len();
        let u = self.rng.unit();
        let mut draw = self.now.clone();
        if u >= 0.8 && n > 0 {
            return self.part_or_join();
        }
        if u < 0.3 {
            let Some((s, ln)) = self.drawn(scans) else {
                return;
            };
            draw.sources.push(s);
            self.consider(draw, Change::Born, -ln);
        } else if n > 0 && u < 0.6 {
            let k = self.rng.below(n);
            let gone = draw.sources.remove(k);
            let back = density(scans, &gone);
            self.consider(draw, Change::Died(k), back);
        } else if n > 0 {
            let k = self.rng.below(n);
            let Some((s, ln)) = self.drawn(scans) else {
                return;
            };
            let gone = std::mem::replace(&mut draw.sources[k], s);
            let back = density(scans, &gone) - ln;
            self.consider(draw, Change::One(k), back);
        }
    }

    /// Parts a source in two that share its rate around its place, or joins two in the same way.
    fn part_or_join(&mut self) {
        let n = self.now.sources.len();
        let mut draw = self.now.clone();
        let d = self.prior.area().hi - self.prior.area().lo;
        let sizes = [
            0.04 * d.x.max(d.y),
            0.04 * d.x.max(d.y),
            (0.2 * d.z).max(0.01),
        ];
        let ln_sizes = |away: &[f64; 3]| -> f64 {
            let one = |(a, s): (&f64, &f64)| {
                -0.5 * (a / s).powi(2) - (s * std::f64::consts::TAU.sqrt()).ln()
            };
            away.iter().zip(&sizes).map(one).sum()
        };
        // The times of the second are drawn as they are believed beforehand.
        let ln_times = -2.0 * (1.0 + STEADY).ln();
        if self.rng.unit() < 0.5 {
            let k = self.rng.below(n);
            let share = self.rng.range(0.02, 0.98);
            let away = sizes.map(|s| s * self.rng.normal());
            let old = draw.sources[k];
            let mut new = old;
            for (i, away) in away.iter().enumerate() {
                draw.sources[k].at[i] += (1.0 - share) * away;
                new.at[i] -= share * away;
            }
            draw.sources[k].ln_rate += share.ln();
            new.ln_rate += (1.0 - share).ln();
            new.on = [
                self.rng.range(-STEADY, 1.0),
                self.rng.range(0.0, 1.0 + STEADY),
            ];
            draw.sources.push(new);
            let ln = ln_sizes(&away) + ln_times - 0.96f64.ln();
            self.consider(draw, Change::All, -ln - (share * (1.0 - share)).ln());
        } else if n > 1 {
            let i = self.rng.below(n);
            let j = (i + 1 + self.rng.below(n - 1)) % n;
            let (a, b) = (draw.sources[i], draw.sources[j]);
            let (ra, rb) = (a.ln_rate.exp(), b.ln_rate.exp());
            let share = ra / (ra + rb);
            if !(0.02..0.98).contains(&share) {
                return;
            }
            let away: [f64; 3] = std::array::from_fn(|i| a.at[i] - b.at[i]);
            for (x, (a, b)) in draw.sources[i].at.iter_mut().zip(a.at.iter().zip(&b.at)) {
                *x = share * a + (1.0 - share) * b;
            }
            draw.sources[i].ln_rate = (ra + rb).ln();
            draw.sources.remove(j);
            let ln = ln_sizes(&away) + ln_times - 0.96f64.ln();
            self.consider(draw, Change::All, ln + (share * (1.0 - share)).ln());
        }
    }

    fn drawn(&mut self, scans: &[Scan]) -> Option<(Source, f64)> {
        if scans.is_empty() {
            return None;
        }
        let i = self.rng.below(scans.len());
        let s = scans[i].draw(&mut self.rng);
        Some((s, density(scans, &s)))
    }

    /// Goes by steps (within the prior) if that is better, and says by how much.
    pub fn leap(&mut self, steps: &[f64]) -> f64 {
        let before = (self.ln_all(), self.now.clone());
        let mut there = before.1.clone();
        add(&mut there, steps);
        self.prior.bring_in(&mut there.shared, &mut there.sources);
        self.place(there);
        let won = self.ln_all() - before.0;
        if won > 0.0 {
            return won;
        }
        self.place(before.1);
        0.0
    }

    /// Learns from draws with as many sources as most of them have, so that moves follow the ridges.
    pub fn learn(&mut self, draws: &[Draw]) {
        let mut counts = [0usize; super::prior::MOST + 1];
        for d in draws {
            if let Some(c) = counts.get_mut(d.sources.len()) {
                *c += 1;
            }
        }
        let Some(n) = (1..=LEARNED).max_by_key(|n| (counts.get(*n).copied(), usize::MAX - n))
        else {
            return;
        };
        let vectors: Vec<Vec<f64>> = draws
            .iter()
            .filter(|d| d.sources.len() == n)
            .map(vector)
            .collect();
        let dims = SHARED + 4 * n;
        if vectors.len() < 3 * dims {
            return;
        }
        let count = vectors.len() as f64;
        let mean: Vec<f64> = (0..dims)
            .map(|j| vectors.iter().map(|v| v[j]).sum::<f64>() / count)
            .collect();
        let mut m = Square::zeros(dims);
        for v in &vectors {
            let d: Vec<f64> = v.iter().zip(&mean).map(|(a, b)| a - b).collect();
            m.add_outer(&d, 1.0 / count);
        }
        for j in 0..dims {
            m.at[j * dims + j] = m.at[j * dims + j] * 1.05 + 1e-8;
        }
        self.follow(n, m.cholesky());
    }

    /// From now on moves over all numbers at once follow this triangle of a covariance, too.
    pub fn follow(&mut self, sources: usize, root: Option<Square>) {
        self.learned
            .extend(root.map(|root| Learned { sources, root }));
    }
}

/// ln of the density with which a source is proposed.
fn density(scans: &[Scan], s: &Source) -> f64 {
    let top = scans
        .iter()
        .map(|m| m.ln(s))
        .fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = scans.iter().map(|m| (m.ln(s) - top).exp()).sum();
    top + (sum / scans.len().max(1) as f64).ln()
}

/// All numbers of a draw but the sources' times.
pub fn vector(d: &Draw) -> Vec<f64> {
    let sources = d
        .sources
        .iter()
        .flat_map(|s| s.at.into_iter().chain([s.ln_rate]));
    d.shared.iter().copied().chain(sources).collect()
}

/// Adds steps to them.
pub fn add(d: &mut Draw, steps: &[f64]) {
    let (shared, rest) = steps.split_at(SHARED);
    d.shared.iter_mut().zip(shared).for_each(|(x, s)| *x += s);
    for (source, s) in d.sources.iter_mut().zip(rest.chunks_exact(4)) {
        source.at.iter_mut().zip(s).for_each(|(x, s)| *x += s);
        source.ln_rate += s[3];
    }
}
