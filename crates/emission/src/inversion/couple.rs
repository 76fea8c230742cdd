//! What a source of one kg/h adds to every reading.
//!
//! Every point in which air is looked at stands in rows of numbers beside its air, so that several are worked
//! out at once by vector instructions, and those that no plume reaches are passed over.

use super::data::{Air, Data};
use super::model::{ACROSS, SHARED, TURN, UP, WIDTH};
use crate::fast;
use atalaya_geo::Vector3;

/// So many points are looked at at once.
const LANES: usize = 8;
/// Tangent of the direction's deviation within which a signal may also turn up: the plume of a minute
/// lies beside the mean one.
const ASTRAY: f32 = 0.21;
/// A source is no flatter than this, m.
const THIN: f32 = 0.05;
/// Beyond so many squared deviations aside there is nothing.
const FAR: f32 = 40.0;

/// ppm for each kg/h at every reading: the mean, and the same with what may go astray.
#[derive(Clone, Debug, Default)]
pub struct Coupling {
    /// By the mean plume.
    pub mean: Vec<f32>,
    /// By one that also wanders.
    pub wide: Vec<f32>,
    /// At every point, where readings have several.
    points: [Vec<f32>; 2],
}

/// Points in which air is looked at, and their air.
#[derive(Clone, Debug, Default)]
pub struct Points {
    east: Vec<f32>,
    north: Vec<f32>,
    up: Vec<f32>,
    to_east: Vec<f32>,
    to_north: Vec<f32>,
    strength: Vec<f32>,
    across: Vec<f32>,
    across_bend: Vec<f32>,
    rise: Vec<f32>,
    rise_bend: Vec<f32>,
    rise_bend2: Vec<f32>,
    /// The point after each reading's last.
    ends: Vec<u32>,
    /// Whether a reading has several.
    several: bool,
}

impl Points {
    /// Adds those of a reading.
    pub fn push(&mut self, air: &Air, at: impl ExactSizeIterator<Item = Vector3<f64>>) {
        let share = air.strength / at.len().max(1) as f32;
        self.several |= at.len() != 1;
        at.for_each(|p| self.add(air, share, p));
        self.ends.push(self.east.len() as u32);
    }

    fn add(&mut self, air: &Air, share: f32, p: Vector3<f64>) {
        self.east.push(p.x as f32);
        self.north.push(p.y as f32);
        self.up.push(p.z as f32);
        self.to_east.push(air.downwind.0);
        self.to_north.push(air.downwind.1);
        self.strength.push(share);
        self.across.push(air.across.0);
        self.across_bend.push(air.across.1);
        self.rise.push(air.up.0);
        self.rise_bend.push(air.up.1);
        self.rise_bend2.push(air.up.2);
    }

    /// Fills the last lanes with points in which nothing is.
    pub fn close(&mut self) {
        let nothing = Air {
            downwind: (0.0, 0.0),
            strength: 0.0,
            across: (1.0, 0.0),
            up: (1.0, 0.0, 0.0),
            measured: false,
        };
        while !self.east.len().is_multiple_of(LANES) {
            self.add(&nothing, 0.0, Vector3::zeros());
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.east.len()
    }

    /// Their heights, m.
    pub fn heights(&self) -> Vec<f64> {
        self.up.iter().map(|u| f64::from(*u)).collect()
    }
}

/// The numbers of some points.
#[inline(always)]
fn lanes(of: &[f32], k: usize) -> &[f32; LANES] {
    const NONE: &[f32; LANES] = &[0.0; LANES];
    of[k * LANES..].first_chunk().unwrap_or(NONE)
}

/// Signal of one kg/h at the readings of `data`.
pub fn couple(data: &Data, at: &[f64; 3], shared: &[f64; SHARED], out: &mut Coupling) {
    let n = data.points.len();
    if !data.points.several {
        for v in [&mut out.mean, &mut out.wide] {
            v.resize(n, 0.0);
        }
        plumes(&data.points, at, shared, &mut out.mean, &mut out.wide);
        return;
    }
    let Coupling { mean, wide, points } = out;
    let [a, b] = points;
    for v in [&mut *a, &mut *b] {
        v.resize(n, 0.0);
    }
    plumes(&data.points, at, shared, a, b);
    for (sums, each) in [(mean, a), (wide, b)] {
        sums.clear();
        let mut first = 0;
        for end in data.points.ends.iter().map(|e| *e as usize) {
            sums.push(each[first..end].iter().sum());
            first = end;
        }
    }
}

/// Signal of one kg/h at points (mean and wide), those that fill the last lanes included.
pub fn plumes_at(p: &Points, at: &[f64; 3], shared: &[f64; SHARED]) -> (Vec<f32>, Vec<f32>) {
    let (mut mean, mut wide) = (vec![0.0; p.len()], vec![0.0; p.len()]);
    plumes(p, at, shared, &mut mean, &mut wide);
    (mean, wide)
}

/// The Gaussian plume with reflection at the ground (Seinfeld and Pandis, Atmospheric Chemistry and Physics,
/// 18.9), its spreads counted from a virtual source so that it has a width from the beginning.
fn plumes(p: &Points, at: &[f64; 3], shared: &[f64; SHARED], mean: &mut [f32], wide: &mut [f32]) {
    let (sin, cos) = shared[TURN].sin_cos();
    let (sin, cos) = (sin as f32, cos as f32);
    let (h, v) = (shared[ACROSS].exp() as f32, shared[UP].exp() as f32);
    let width = shared[WIDTH].exp() as f32;
    let [e, n, u] = at.map(|c| c as f32);
    let (mean, wide) = (mean.as_chunks_mut(), wide.as_chunks_mut());
    for (c, (mean, wide)) in mean.0.iter_mut().zip(wide.0).enumerate() {
        let (mean, wide): (&mut [f32; LANES], &mut [f32; LANES]) = (mean, wide);
        let (east, north) = (lanes(&p.east, c), lanes(&p.north, c));
        let (to_e, to_n) = (lanes(&p.to_east, c), lanes(&p.to_north, c));
        let across = lanes(&p.across, c);
        let (mut along, mut aside) = ([0.0; LANES], [0.0; LANES]);
        let mut near = 0u32;
        for k in 0..LANES {
            let down = (to_e[k] * cos + to_n[k] * sin, to_n[k] * cos - to_e[k] * sin);
            let d = (east[k] - e, north[k] - n);
            along[k] = d.0 * down.0 + d.1 * down.1;
            aside[k] = d.0 * down.1 - d.1 * down.0;
            aside[k] *= aside[k];
            let most = h * across[k] * along[k] + width;
            let astray = ASTRAY * along[k];
            let reach = FAR * (most * most + astray * astray);
            near += u32::from((along[k] > 0.0) & (aside[k] < reach));
        }
        if near == 0 {
            mean.fill(0.0);
            wide.fill(0.0);
            continue;
        }
        let (up, strength) = (lanes(&p.up, c), lanes(&p.strength, c));
        let (bend, rise) = (lanes(&p.across_bend, c), lanes(&p.rise, c));
        let (bend1, bend2) = (lanes(&p.rise_bend, c), lanes(&p.rise_bend2, c));
        for k in 0..LANES {
            let x = if along[k] > 1e-3 { along[k] } else { 1e-3 };
            let sy = h * across[k] * x / (1.0 + bend[k] * x).sqrt() + width;
            let sz = v * rise[k] * x / (1.0 + x * (bend1[k] + bend2[k] * x)).sqrt() + THIN;
            let astray = ASTRAY * x;
            let wider = sy * sy + astray * astray;
            let half = -0.5 / (sz * sz);
            let (below, above) = (up[k] - u, up[k] + u);
            let vertical = fast::exp(half * below * below) + fast::exp(half * above * above);
            let vertical = vertical * fast::only(along[k] > 0.0, strength[k]) / sz;
            let y2 = -0.5 * aside[k];
            mean[k] = vertical * fast::exp(y2 / (sy * sy)) / sy;
            wide[k] = vertical * fast::exp(y2 / wider) / wider.sqrt();
        }
    }
}
