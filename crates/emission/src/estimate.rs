//! What is said: `emission/1`.

use crate::bank::RATES;
use crate::declined::Declined;
use crate::estimator::{Estimator, TURNS};
use crate::grid::Grid;
use crate::region::Region;
use serde::Serialize;
use std::collections::BTreeMap;

/// A place is covered if a source of the stated rate there would have shown by this many squared
/// standard deviations.
const COVERED: f64 = 9.0;
/// Between two rates so many are looked at.
const BETWEEN: usize = 8;

/// Whether an answer is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is.
    Ok,
    /// The data can't tell.
    Declined,
}

/// How probable it is that the source belongs to a candidate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CandidateShare {
    /// The candidate.
    pub name: String,
    /// Given that there is a source.
    pub p: f64,
}

/// A source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Source {
    /// Probability.
    pub p: f64,
    /// East, m: the mean of the most probable connected part of `region90`.
    pub e: f64,
    /// North, m.
    pub n: f64,
    /// Up, m.
    pub u: f64,
    /// Covariance about it, row-major, m².
    pub cov: [f64; 9],
    /// Median rate, kg/h.
    pub rate_kg_h: f64,
    /// 5 % are below, kg/h.
    pub rate_lo90: f64,
    /// 5 % are above, kg/h.
    pub rate_hi90: f64,
    /// A quarter is below, kg/h.
    pub rate_lo50: f64,
    /// A quarter is above, kg/h.
    pub rate_hi50: f64,
    /// The smallest set of squares that holds half of the probability.
    pub region50: Region,
    /// The smallest set of squares that holds nine tenths of it.
    pub region90: Region,
    /// First reading, s.
    pub t0_s: f64,
    /// Last reading, s.
    pub t1_s: f64,
    /// The candidate that is more likely than all else, if there is one.
    pub candidate: Option<String>,
    /// All candidates, in the order given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<CandidateShare>,
}

/// The answer, `emission/1` of docs/formats.md.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    schema: &'static str,
    /// Whether there is one.
    pub status: Status,
    /// Why not.
    pub reason: Option<String>,
    /// Probability that there is at least one source of a rate that is considered.
    pub p_any: Option<f64>,
    /// Probabilities of no source and of one.
    pub n_probs: Vec<f64>,
    /// Those more likely than not.
    pub sources: Vec<Source>,
    /// Where a source of the stated rate would not have been seen.
    pub uncovered: Region,
    /// Background of each sensor, ppm.
    pub background_ppm: BTreeMap<String, f64>,
    /// What is odd about readings and wind, and what can still be said; one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

impl Estimate {
    /// One that says nothing yet, but where a source would not have been seen.
    pub(crate) fn declined(uncovered: Region) -> Self {
        Self {
            schema: "emission/1",
            status: Status::Declined,
            reason: None,
            p_any: None,
            n_probs: Vec::new(),
            sources: Vec::new(),
            uncovered,
            background_ppm: BTreeMap::new(),
            remarks: Vec::new(),
        }
    }
}

/// Rounded, so that no more digits are said than mean anything.
pub(crate) fn round(v: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    let r = (v * scale).round() / scale;
    // No negative zero.
    if r == 0.0 { 0.0 } else { r }
}

/// The posterior over places and rates.
struct Posterior {
    /// Of each place.
    places: Vec<f64>,
    /// Of each square.
    squares: Vec<f64>,
    /// ln of that of each rate, up to a constant.
    rates: [f64; RATES],
    /// ln of the evidence for a source against none.
    evidence: f64,
}

impl Estimator {
    fn posterior(&self) -> Posterior {
        let existence = self.discount();
        let discount = existence * self.settings.independence;
        let top = self.odds.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let layers = self.grid.heights.len();
        let mut places = vec![0.0; self.grid.places()];
        let mut squares = vec![0.0; self.grid.squares()];
        let mut rates = [0.0; RATES];
        let (mut sum, mut evidence) = (0.0, 0.0);
        for ((_, turn), odds) in TURNS
            .iter()
            .zip(self.odds.chunks_exact(places.len() * RATES))
        {
            for (i, odds) in odds.chunks_exact(RATES).enumerate() {
                let mut here = 0.0;
                let prior = turn * self.prior[i];
                for (rate, o) in rates.iter_mut().zip(odds) {
                    let p = prior * (discount * (o - top)).exp();
                    evidence += prior * (existence * (o - top)).exp();
                    *rate += p;
                    here += p;
                }
                places[i] += here;
                squares[i / layers] += here;
                sum += here;
            }
        }
        for p in places.iter_mut().chain(&mut squares) {
            *p /= sum;
        }
        let prior: f64 = self.prior.iter().sum();
        Posterior {
            places,
            squares,
            rates: rates.map(f64::ln),
            evidence: existence * top + (evidence / (prior * RATES as f64)).ln(),
        }
    }

    /// What is known now.
    pub fn estimate(&self) -> Estimate {
        let layers = self.grid.heights.len() as f64;
        let discount = self.discount();
        let hidden: Vec<bool> = self
            .shown
            .chunks_exact(self.grid.heights.len())
            .map(|s| discount * s.iter().sum::<f64>() / layers < COVERED)
            .collect();
        let mut uncovered = Region::of(&self.grid, &hidden);
        uncovered.rate_kg_h = Some(self.settings.detect_kg_h);
        let mut said = Estimate::declined(uncovered);
        if let Some(why) = self.declined() {
            said.reason = Some(why.to_string());
            return said;
        }
        let posterior = self.posterior();
        let odds = (self.settings.prior / (1.0 - self.settings.prior)).ln() + posterior.evidence;
        let p_any = 1.0 / (1.0 + (-odds).exp());
        said.status = Status::Ok;
        said.p_any = Some(round(p_any, 6));
        said.n_probs = vec![round(1.0 - p_any, 6), round(p_any, 6)];
        for s in &self.sensors {
            if let Some(b) = &s.backgrounds {
                let ppm = match self.leader {
                    Some(h) if p_any > 0.5 => b.under(h),
                    _ => b.without_source(),
                };
                said.background_ppm.insert(s.id.clone(), round(ppm, 4));
            }
        }
        if p_any > 0.5 {
            said.sources.push(self.source(&posterior, p_any));
        }
        said
    }

    fn source(&self, posterior: &Posterior, p: f64) -> Source {
        let within90 = densest(&posterior.squares, 0.9);
        let main = main_part(&self.grid, &within90, &posterior.squares);
        let layers = self.grid.heights.len();
        let parts = || {
            posterior
                .places
                .iter()
                .enumerate()
                .map(|(i, p)| (i, self.grid.place(i), *p))
        };
        let mass: f64 = parts()
            .filter(|(i, ..)| main[i / layers])
            .map(|(.., p)| p)
            .sum();
        let mean = parts()
            .filter(|(i, ..)| main[i / layers])
            .fold(atalaya_geo::Vector3::zeros(), |m, (_, at, p)| {
                m + at * (p / mass)
            });
        let mut cov = parts().fold(atalaya_geo::Matrix3::zeros(), |c, (_, at, p)| {
            c + (at - mean) * (at - mean).transpose() * p
        });
        // Within a place the source may be anywhere.
        let (side, layer) = (
            self.grid.side.powi(2) / 12.0,
            self.grid.layer.powi(2) / 12.0,
        );
        cov += atalaya_geo::Matrix3::from_diagonal(&atalaya_geo::Vector3::new(side, side, layer));
        let [lo, low, median, high, hi] = self.rate(&posterior.rates);
        let candidates = self.shares(&posterior.places);
        let (t0, t1) = self.intake.span_s.unwrap_or_default();
        Source {
            p: round(p, 6),
            e: round(mean.x, 2),
            n: round(mean.y, 2),
            u: round(mean.z, 2),
            cov: std::array::from_fn(|i| round(cov[(i / 3, i % 3)], 3)),
            rate_kg_h: round(median, 4),
            rate_lo90: round(lo, 4),
            rate_hi90: round(hi, 4),
            rate_lo50: round(low, 4),
            rate_hi50: round(high, 4),
            region50: Region::of(&self.grid, &densest(&posterior.squares, 0.5)),
            region90: Region::of(&self.grid, &within90),
            t0_s: t0,
            t1_s: t1,
            candidate: candidates
                .iter()
                .find(|c| c.p > 0.5)
                .map(|c| c.name.clone()),
            candidates,
        }
    }

    /// 5, 25, 50, 75 and 95 % of the rate; between the rates of the grid the logarithm of the density is taken
    /// as straight.
    fn rate(&self, ln: &[f64; RATES]) -> [f64; 5] {
        let top = ln.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut fine = Vec::with_capacity(RATES * BETWEEN);
        for k in 0..RATES - 1 {
            for j in 0..BETWEEN {
                let f = (j as f64 + 0.5) / BETWEEN as f64;
                let rate = f64::from(self.rates[k]).ln() * (1.0 - f)
                    + f64::from(self.rates[k + 1]).ln() * f;
                let (a, b) = ((ln[k] - top).max(-200.0), (ln[k + 1] - top).max(-200.0));
                fine.push((rate.exp(), (a * (1.0 - f) + b * f).exp()));
            }
        }
        let sum: f64 = fine.iter().map(|f| f.1).sum();
        let at = |share: f64| {
            let mut seen = 0.0;
            let found = fine.iter().find(|(_, p)| {
                seen += p / sum;
                seen >= share
            });
            found.map_or(0.0, |f| f.0)
        };
        [0.05, 0.25, 0.5, 0.75, 0.95].map(at)
    }

    fn shares(&self, places: &[f64]) -> Vec<CandidateShare> {
        let mut p = vec![0.0; self.candidates.len()];
        for (i, post) in places.iter().enumerate() {
            for (p, near) in p.iter_mut().zip(self.near(i)) {
                *p += post * near / self.prior[i];
            }
        }
        let share = |(c, p): (&crate::grid::Candidate, f64)| CandidateShare {
            name: c.name.clone(),
            p: round(p, 4),
        };
        self.candidates.iter().zip(p).map(share).collect()
    }

    /// How probable each square is to hold the source, given that there is one; south-west first.
    pub fn squares(&self) -> Vec<f64> {
        self.posterior().squares
    }

    /// Why nothing can be said, if so.
    pub fn why_declined(&self) -> Option<Declined> {
        self.declined()
    }
}

/// The smallest set of squares that holds a share of the probability.
pub(crate) fn densest(squares: &[f64], share: f64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..squares.len()).collect();
    order.sort_by(|&a, &b| squares[b].total_cmp(&squares[a]).then(a.cmp(&b)));
    let mut inside = vec![false; squares.len()];
    let mut sum = 0.0;
    for i in order {
        if sum >= share {
            break;
        }
        inside[i] = true;
        sum += squares[i];
    }
    inside
}

/// Of the connected parts of a set of squares the one with most probability.
pub(crate) fn main_part(grid: &Grid, inside: &[bool], squares: &[f64]) -> Vec<bool> {
    let (w, h) = (grid.columns, grid.rows);
    let mut left = inside.to_vec();
    let mut best = (0.0, vec![false; inside.len()]);
    for start in 0..left.len() {
        if !left[start] {
            continue;
        }
        let (mut part, mut mass, mut open) = (vec![false; inside.len()], 0.0, vec![start]);
        left[start] = false;
        while let Some(i) = open.pop() {
            part[i] = true;
            mass += squares[i];
            let (c, r) = (i % w, i / w);
            for rr in r.saturating_sub(1)..=(r + 1).min(h - 1) {
                for cc in c.saturating_sub(1)..=(c + 1).min(w - 1) {
                    let j = rr * w + cc;
                    if std::mem::take(&mut left[j]) {
                        open.push(j);
                    }
                }
            }
        }
        if mass > best.0 {
            best = (mass, part);
        }
    }
    best.1
}
