//! Where to fly next: the leg whose readings are expected to tell most for its length.
//!
//! What is thought likely is a set of draws. Each predicts what a drone would read along a leg; the more the predictions
//! differ beyond noise and the plume's own error, the more is learned whatever comes. That is counted by the
//! lower bound of the mutual information of a mixture by pairwise Bhattacharyya distances (Kolchinsky and
//! Tracey 2017, Entropy 19, 361). Legs lead over one or two waypoints; the wind is taken to hold.

use super::chain::Draw;
use super::couple::{Points, plumes_at};
use super::data::Air;
use super::model::{ASTRAY_SHARE, ERROR, Source};
use super::prior::{Prior, STEADY};
use super::rng::Rng;
use crate::estimate::round;
use crate::fast;
use crate::grid::Area;
use atalaya_geo::Vector3;
use serde::Serialize;

/// So many draws are compared.
const DRAWS: usize = 40;
/// And so many more as they would be believed before any reading, so that nothing is ruled out by the search.
const FRESH: usize = 10;
/// Waypoints along each side of the area.
const SIDE: usize = 7;
/// A leg costs its length and this, m.
const TURN_M: f64 = 10.0;
/// Air is looked at in no more points along a leg.
const MOST: usize = 24;

/// What the drone may and can do.
#[derive(Clone, Copy, Debug)]
pub struct Flight {
    /// Where it may be, heights above ground included; it stays at the height at which it is, brought within these.
    pub area: Area,
    /// Speed, m/s.
    pub speed: f64,
    /// A reading is taken every so many seconds.
    pub every_s: f64,
    /// No straight part is longer than this, m.
    pub farthest_m: f64,
}

/// Where to fly next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leg {
    /// Waypoints in their order, east, north, up, m.
    pub waypoints: Vec<[f64; 3]>,
    /// Information that is expected, nats.
    pub nats: f64,
    /// Length from where the drone is, m.
    pub length_m: f64,
}

/// What draws predict along a straight part: distances between each two of them.
type Distances = Vec<f32>;

/// The best leg, of draws in air that holds.
pub(super) struct Choice<'a> {
    pub flight: &'a Flight,
    pub air: Air,
    /// Standard deviation of the sensor's noise, ppm.
    pub noise: f64,
    /// What ln likelihoods are multiplied by.
    pub caution: f64,
    pub draws: Vec<Draw>,
}

/// Draws as they are believed before any reading, of one source each.
fn fresh(prior: &Prior, rng: &mut Rng) -> Draw {
    let area = prior.area();
    let at = std::array::from_fn(|i| rng.range(area.lo[i], area.hi[i]));
    Draw {
        shared: prior.shared.map(|(mean, _)| mean),
        sources: vec![Source {
            at,
            ln_rate: rng.range(prior.rates.0, prior.rates.1),
            on: [-STEADY, 1.0 + 0.999 * STEADY],
        }],
        ln: 0.0,
    }
}

/// Evenly some of draws, and some fresh ones.
pub(super) fn some(known: &[&[Draw]], prior: &Prior, mut rng: Rng) -> Vec<Draw> {
    let mut all = Vec::new();
    let known: Vec<_> = known.iter().filter(|d| !d.is_empty()).collect();
    for draws in &known {
        let count = DRAWS / known.len();
        all.extend((0..count).map(|i| draws[i * draws.len() / count].clone()));
    }
    let more = if all.is_empty() { DRAWS + FRESH } else { FRESH };
    all.extend((0..more).map(|_| fresh(prior, &mut rng)));
    all
}

impl Choice<'_> {
    /// The best leg from a place; none where no leg is allowed.
    pub fn best(&self, from: Vector3<f64>) -> Option<Leg> {
        let f = self.flight;
        let up = from.z.clamp(f.area.lo.z, f.area.hi.z);
        let share = |i: usize| (i as f64 + 0.5) / SIDE as f64;
        let d = f.area.hi - f.area.lo;
        let node = |i: usize| {
            let (e, n) = (d.x * share(i % SIDE), d.y * share(i / SIDE));
            Vector3::new(f.area.lo.x + e, f.area.lo.y + n, up)
        };
        let nodes: Vec<Vector3<f64>> = (0..SIDE * SIDE).map(node).collect();
        let near = |a: &Vector3<f64>, b: &Vector3<f64>| {
            let length = (a - b).norm();
            length >= 1.0 && length <= f.farthest_m
        };
        let mut best: Option<(f64, Leg)> = None;
        let mut consider = |distances: &[f32], length: f64, waypoints: &[Vector3<f64>]| {
            let nats = self.nats(distances);
            let worth = nats / (length + TURN_M);
            if best.as_ref().is_none_or(|b| worth > b.0) {
                let place = |p: &Vector3<f64>| [round(p.x, 2), round(p.y, 2), round(p.z, 2)];
                best = Some((
                    worth,
                    Leg {
                        waypoints: waypoints.iter().map(place).collect(),
                        nats: round(nats, 4),
                        length_m: round(length, 1),
                    },
                ));
            }
        };
        let mut between: Vec<Option<Distances>> = vec![None; nodes.len() * nodes.len()];
        for (i, a) in nodes.iter().enumerate().filter(|(_, a)| near(&from, a)) {
            let first = self.distances(from, *a);
            let length = (a - from).norm();
            consider(&first, length, &[*a]);
            for (j, b) in nodes.iter().enumerate().filter(|(_, b)| near(a, b)) {
                let key = i.min(j) * nodes.len() + i.max(j);
                let then = between[key].get_or_insert_with(|| self.distances(*a, *b));
                let both: Distances = first.iter().zip(then.iter()).map(|(x, y)| x + y).collect();
                consider(&both, length + (b - a).norm(), &[*a, *b]);
            }
        }
        best.map(|b| b.1)
    }

    /// Bhattacharyya distances of each two draws' predictions along a straight part.
    fn distances(&self, from: Vector3<f64>, to: Vector3<f64>) -> Distances {
        let f = self.flight;
        let length = (to - from).norm();
        let readings = (length / (f.speed * f.every_s).max(0.1)).ceil().max(1.0);
        let n = (readings as usize).clamp(1, MOST);
        let mut points = Points::default();
        for i in 0..n {
            let at = from + (to - from) * ((i as f64 + 1.0) / n as f64);
            points.push(&self.air, std::iter::once(at));
        }
        points.close();
        let each = (readings / n as f64 * self.caution / 8.0) as f32;
        let noise = (self.noise * self.noise) as f32;
        // Of each draw at each point: signal, and the variance of its own error.
        let predicted: Vec<Vec<[f32; 2]>> =
            self.draws.iter().map(|d| signals(d, &points, n)).collect();
        let m = predicted.len();
        let mut out = vec![0.0; m * m];
        for i in 0..m {
            for j in 0..i {
                let one = |(a, b): (&[f32; 2], &[f32; 2])| {
                    let off = a[0] - b[0];
                    off * off / (noise + 0.5 * (a[1] + b[1]))
                };
                let d: f32 = predicted[i].iter().zip(&predicted[j]).map(one).sum();
                (out[i * m + j], out[j * m + i]) = (each * d, each * d);
            }
        }
        out
    }

    fn nats(&self, distances: &[f32]) -> f64 {
        let m = self.draws.len().max(1);
        let rows = distances.chunks_exact(m);
        let alike = |row: &[f32]| row.iter().map(|d| fast::exp(-d)).sum::<f32>() / m as f32;
        -rows.map(|r| f64::from(alike(r)).ln()).sum::<f64>() / m as f64
    }
}

fn signals(draw: &Draw, points: &Points, n: usize) -> Vec<[f32; 2]> {
    let error = (2.0 * draw.shared[ERROR]).exp() as f32;
    let mut sums = vec![[0.0f32; 2]; n];
    for s in draw.sources.iter().filter(|s| s.on[1] >= 1.0) {
        let rate = s.ln_rate.exp() as f32;
        let (mean, wide) = plumes_at(points, &s.at, &draw.shared);
        for (sum, (a, b)) in sums.iter_mut().zip(mean.iter().zip(&wide)) {
            sum[0] += rate * a;
            sum[1] += rate * b;
        }
    }
    sums.iter()
        .map(|[mean, wide]| [*mean, error * (mean * mean + ASTRAY_SHARE * wide * wide)])
        .collect()
}
