//! What is constantly wrong with a flight's metadata, learnt from the pictures.
//!
//! A compass that is off by a degree, a gimbal that is not quite true, a height above the wrong level:
//! each puts the whole picture beside its place by much the same vector *as seen from the camera*. Seen
//! from all round, the same ground then seems to go about in a circle. Pictures that were kept from
//! other points of view and register to the present one show that circle; its size and phase are the
//! errors.
//!
//! A Kalman filter (Bar-Shalom, Li & Kirubarajan 2001, ch. 5) holds the constant errors, the slow
//! drift of the position, and what was wrong with each kept picture's place when it was taken
//! (stochastic cloning; Roumeliotis & Burdick 2002). The constant part of the position shifts all
//! pictures alike: nothing in them shows it, so it stays in the covariance until a landmark
//! ([`landmark`](crate::landmark)) or a reference ([`reference`](crate::reference)) tells of it.

mod shared;

pub use shared::FeedErrors;
pub(crate) use shared::SHARED;

use atalaya_geo::{Cov2, DMatrix, DVector, Homography, Matrix2, PoseEffects, Vector2, Vector3};
use atalaya_model::operation::SensorErrors;
use atalaya_model::{Micros, Tie, TieAsk};

/// Constant errors that are estimated: height, heading, tilt and turn of the line of sight, age of
/// the metadata.
const CONSTANT: usize = 5;
/// Those and the drift of the position, east and north.
pub(crate) const ERRORS: usize = CONSTANT + 2;
/// And the constant part of the position, once a landmark or a reference has told of it.
pub(crate) const WITH_POSITION: usize = ERRORS + 2;
/// After this long a "constant" error may be another one, seconds.
const CONSTANT_S: f64 = 1800.0;
/// Correlation time of a navigation solution's drift, seconds.
pub(crate) const DRIFT_S: f64 = 30.0;
/// Error of a tie beside the metadata's noise, display pixels (one sigma per axis): relief and what
/// stands on the ground lean differently from elsewhere.
const TIE_PX: f64 = 2.0;
/// Height over the ground of what registers, metres (one sigma): scrub, kerbs, walls. It leans as ground
/// at the wrong height would, so ties cannot tell the two apart, however many there are.
pub(crate) const RELIEF_M: f64 = 0.4;
/// Least seconds between two ties.
const TIE_EVERY_S: f64 = 0.5;
/// Age from which a kept picture is worth a comparison, seconds.
const KEY_AGE_S: f64 = 2.0;
/// Turn of the line of sight about the vertical after which a picture is kept anew, radians.
const KEY_TURN: f64 = 0.3;
/// Way of the picture's centre over its width after which one is kept anew.
const KEY_WAY: f64 = 0.4;
/// Most pictures kept.
const KEYS: usize = 24;
/// Squared Mahalanobis distance beyond which a tie is taken for a mistake (two degrees of freedom,
/// 99.9 %).
const GATE: f64 = 13.8;

/// How the ground at four inner points of the picture moves with each constant error.
#[derive(Clone, Copy, Debug)]
pub struct Effects {
    at: [[Vector2<f64>; CONSTANT]; 4],
    size: (f64, f64),
}

/// Four points about the middle of a picture, in the order of its corners.
pub fn inner_points(size: (f64, f64)) -> [Vector2<f64>; 4] {
    let v = |x: f64, y: f64| Vector2::new(x * size.0, y * size.1);
    [v(0.2, 0.2), v(0.8, 0.2), v(0.8, 0.8), v(0.2, 0.8)]
}

impl Effects {
    /// From the camera's effects and how fast the ground sweeps through each of the points, m/s:
    /// metadata that are late by a second put it where it was a second ago.
    pub fn new(
        camera: [PoseEffects; 4],
        sweep: Option<[Vector2<f64>; 4]>,
        size: (f64, f64),
    ) -> Self {
        let mut at = [[Vector2::zeros(); CONSTANT]; 4];
        for (i, e) in camera.iter().enumerate() {
            let late = sweep.map_or_else(Vector2::zeros, |s| -s[i]);
            at[i] = [e.height, e.heading, e.tilt, e.turn, late];
        }
        Self { at, size }
    }

    /// Moved towards `new` by the share `k`.
    pub fn blend(&mut self, new: &Self, k: f64) {
        for (a, b) in self.at.iter_mut().flatten().zip(new.at.iter().flatten()) {
            *a += (b - *a) * k;
        }
        self.size = new.size;
    }

    /// Of the picture, pixels.
    pub(crate) fn size(&self) -> (f64, f64) {
        self.size
    }

    /// At a pixel: linear between the points and beyond them.
    pub(crate) fn at(&self, px: Vector2<f64>) -> [Vector2<f64>; CONSTANT] {
        let u = (px.x / self.size.0 - 0.2) / 0.6;
        let v = (px.y / self.size.1 - 0.2) / 0.6;
        let weights = [(1.0 - u) * (1.0 - v), u * (1.0 - v), u * v, (1.0 - u) * v];
        let mut out = [Vector2::zeros(); CONSTANT];
        for (w, at) in weights.iter().zip(&self.at) {
            for (o, e) in out.iter_mut().zip(at) {
                *o += e * *w;
            }
        }
        out
    }
}

/// A frame as its metadata, averaged, place it.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Display pixels to the ground, uncorrected.
    pub map: Homography,
    /// How its errors show.
    pub effects: Effects,
    /// Where the camera is.
    pub camera: Vector3<f64>,
    /// Noise of the averaged metadata, m² per axis.
    pub noise: f64,
}

/// A kept picture.
#[derive(Clone, Debug)]
struct Key {
    n: u32,
    taken: Micros,
    asked: Micros,
    map: Homography,
    effects: Effects,
    centre: Vector2<f64>,
    azimuth: f64,
    width: f64,
}

/// What is known of the errors at a moment, for covariances.
#[derive(Clone, Debug)]
pub struct Remaining {
    effects: Effects,
    /// Of constant errors, drift and, where something tells of it, the constant part of the position and
    /// the error of the reference.
    p: DMatrix<f64>,
    /// Of the constant part of the position where they don't, m² per axis.
    position: f64,
}

impl Remaining {
    /// Covariance of the ground at a pixel, m².
    pub fn at(&self, px: Vector2<f64>) -> Cov2 {
        self.with(px, 1.0) + Matrix2::identity() * self.position
    }

    /// The part of it that changes with where the camera is: a constant error of its position does not.
    pub fn turning(&self, px: Vector2<f64>) -> Cov2 {
        self.with(px, 0.0)
    }

    /// With so much of what is known of the constant part of the position.
    fn with(&self, px: Vector2<f64>, position: f64) -> Cov2 {
        let mut a = DMatrix::zeros(2, self.p.nrows());
        for (i, e) in self.effects.at(px).iter().enumerate() {
            a[(0, i)] = e.x;
            a[(1, i)] = e.y;
        }
        a[(0, CONSTANT)] = 1.0;
        a[(1, CONSTANT + 1)] = 1.0;
        if self.p.nrows() >= WITH_POSITION {
            a[(0, ERRORS)] = position;
            a[(1, ERRORS + 1)] = position;
        }
        let lean = Vector2::new(a[(0, 0)], a[(1, 0)]) * RELIEF_M;
        let c = &a * &self.p * a.transpose();
        lean * lean.transpose() + Matrix2::new(c[(0, 0)], c[(0, 1)], c[(0, 1)], c[(1, 1)])
    }
}

/// The filter; one per feed.
#[derive(Clone, Debug)]
pub struct Calibration {
    x: DVector<f64>,
    p: DMatrix<f64>,
    prior: [f64; WITH_POSITION],
    /// States before those of kept pictures: [`ERRORS`], [`WITH_POSITION`], or two more with the error of a
    /// reference.
    fixed: usize,
    keys: Vec<Key>,
    next: u32,
    last: Option<Micros>,
    tied: Option<Micros>,
}

impl Calibration {
    /// For a feed with these metadata errors.
    pub fn new(e: &SensorErrors) -> Self {
        let drift = e.position_noise_m.powi(2);
        let gimbal = e.gimbal_deg.to_radians().powi(2);
        let prior = [
            e.height_m.powi(2),
            e.heading_deg.to_radians().powi(2),
            gimbal,
            gimbal,
            (e.time_ms / 1e3).powi(2),
            drift,
            drift,
            e.position_m.powi(2),
            e.position_m.powi(2),
        ];
        Self {
            x: DVector::zeros(ERRORS),
            p: DMatrix::from_diagonal(&DVector::from_row_slice(&prior[..ERRORS])),
            prior,
            fixed: ERRORS,
            keys: Vec::new(),
            next: 0,
            last: None,
            tied: None,
        }
    }

    /// The errors live on to `t`: constants fade towards what is stated of them within half an hour,
    /// the drift within half a minute. A reference stays as wrong as it is.
    pub fn predict(&mut self, t: Micros) {
        let dt = self.last.map_or(0.0, |l| t.since(l)).clamp(0.0, 3600.0);
        self.last = Some(t);
        for i in 0..self.fixed.min(WITH_POSITION) {
            let drifts = (CONSTANT..ERRORS).contains(&i);
            let span = if drifts { DRIFT_S } else { CONSTANT_S };
            let keep = (-dt / span).exp();
            self.x[i] *= keep;
            self.p.row_mut(i).scale_mut(keep);
            self.p.column_mut(i).scale_mut(keep);
            self.p[(i, i)] += (1.0 - keep * keep) * self.prior[i];
        }
    }

    /// Learns from how the frame lies over kept pictures.
    pub fn learn(&mut self, t: Micros, frame: &Placed, ties: &[Tie]) {
        for tie in ties {
            let Some(k) = self.keys.iter().position(|k| k.n == tie.key) else {
                continue;
            };
            if self.measure(k, frame, &tie.to_key).is_some() {
                self.tied = Some(t);
            }
        }
    }

    /// One tie; `None` when it says nothing or is taken for a mistake.
    fn measure(&mut self, k: usize, frame: &Placed, to_key: &Homography) -> Option<()> {
        let key = &self.keys[k];
        let (w, h) = frame.effects.size;
        let (mut z, mut slope, mut n) = (Vector2::zeros(), [Vector2::zeros(); CONSTANT], 0.0);
        for i in 0..9 {
            let at = |c: usize, side: f64| side * (0.2 + 0.3 * c as f64);
            let p = Vector2::new(at(i % 3, w), at(i / 3, h));
            let Some(q) = to_key.apply(p).filter(|q| inside(*q, key.effects.size)) else {
                continue;
            };
            let (Some(a), Some(b)) = (frame.map.apply(p), key.map.apply(q)) else {
                continue;
            };
            z += a - b;
            let (here, there) = (frame.effects.at(p), key.effects.at(q));
            for ((s, a), b) in slope.iter_mut().zip(here).zip(there) {
                *s += a - b;
            }
            n += 1.0;
        }
        if n < 4.0 {
            return None;
        }
        let centre = Vector2::new(0.5 * w, 0.5 * h);
        let pixel = frame.map.jacobian(centre)?.determinant().abs().sqrt();
        let noise = frame.noise + (TIE_PX * pixel).powi(2);
        let mut rows = DMatrix::zeros(2, self.x.len());
        for axis in 0..2 {
            for (i, s) in slope.iter().enumerate() {
                rows[(axis, i)] = s[axis] / n;
            }
            rows[(axis, CONSTANT + axis)] = 1.0;
            rows[(axis, self.fixed + 2 * k + axis)] = -1.0;
        }
        self.update(&rows, z / n, Matrix2::identity() * noise)
    }

    /// An observation of the errors; `None`, and nothing learnt, when they can't be what it says.
    pub(crate) fn update(
        &mut self,
        rows: &DMatrix<f64>,
        seen: Vector2<f64>,
        noise: Cov2,
    ) -> Option<()> {
        let said = rows * &self.x;
        let y = seen - Vector2::new(said[0], said[1]);
        let cross = &self.p * rows.transpose();
        let s = rows * &cross;
        let s = Matrix2::new(s[(0, 0)], s[(0, 1)], s[(0, 1)], s[(1, 1)]) + noise;
        let inverse = s.try_inverse()?;
        if (y.transpose() * inverse * y)[(0, 0)] > GATE {
            return None;
        }
        let inverse = DMatrix::from_fn(2, 2, |i, j| inverse[(i, j)]);
        let gain = &cross * inverse;
        self.x += &gain * DVector::from_row_slice(&[y.x, y.y]);
        self.p -= &gain * cross.transpose();
        self.p = (&self.p + self.p.transpose()) * 0.5;
        Some(())
    }

    /// Takes the constant part of the position among what is estimated.
    pub(crate) fn with_position(&mut self) {
        if self.fixed == ERRORS {
            self.insert([self.prior[ERRORS], self.prior[ERRORS + 1]]);
        }
    }

    /// Takes the error of the reference among it, `sigma` metres per axis.
    pub(crate) fn with_reference(&mut self, sigma: f64) {
        self.with_position();
        if self.fixed == WITH_POSITION {
            self.insert([sigma * sigma; 2]);
        }
    }

    /// Two states of these variances, before those of kept pictures.
    fn insert(&mut self, variances: [f64; 2]) {
        let at = self.fixed;
        self.x = self.x.clone().insert_rows(at, 2, 0.0);
        let p = self.p.clone().insert_rows(at, 2, 0.0);
        self.p = p.insert_columns(at, 2, 0.0);
        for (i, v) in variances.into_iter().enumerate() {
            self.p[(at + i, at + i)] = v;
        }
        self.fixed += 2;
    }

    /// What a recording that goes on after a gap may take over: all but the kept pictures. `None` where no
    /// landmark and no reference has spoken; what pictures told they tell again.
    pub(crate) fn heir(&self) -> Option<Self> {
        let n = self.fixed;
        (n >= WITH_POSITION).then(|| Self {
            x: self.x.rows(0, n).into_owned(),
            p: self.p.view((0, 0), (n, n)).into_owned(),
            keys: Vec::new(),
            next: 0,
            tied: None,
            ..self.clone()
        })
    }

    /// How many numbers are estimated, those of kept pictures among them.
    pub(crate) fn states(&self) -> usize {
        self.x.len()
    }

    /// Variance of the position's drift, m² per axis.
    pub(crate) fn drift(&self) -> f64 {
        self.prior[CONSTANT]
    }

    /// The map of a frame without what is known to be wrong with it.
    pub fn corrected(&self, map: &Homography, effects: &Effects) -> Option<Homography> {
        self.without(map, effects, CONSTANT)
    }

    /// Without the constant errors and the offset in places `drift` and the next.
    fn without(&self, map: &Homography, effects: &Effects, drift: usize) -> Option<Homography> {
        let from = inner_points(effects.size);
        let mut to = from;
        for (p, q) in from.iter().zip(&mut to) {
            let mut off = Vector2::new(self.x[drift], self.x[drift + 1]);
            for (e, x) in effects.at(*p).iter().zip(self.x.iter()) {
                off += e * *x;
            }
            if self.fixed >= WITH_POSITION {
                off += Vector2::new(self.x[ERRORS], self.x[ERRORS + 1]);
            }
            *q = map.apply(*p)? - off;
        }
        Homography::from_quad(&from, &to)
    }

    /// What is not known of the errors.
    pub fn remaining(&self, effects: &Effects) -> Remaining {
        Remaining {
            effects: *effects,
            p: self.p.view((0, 0), (self.fixed, self.fixed)).into_owned(),
            position: if self.fixed == ERRORS {
                self.prior[ERRORS]
            } else {
                0.0
            },
        }
    }

    /// Which pictures to keep, this frame perhaps among them, and which to compare the next with.
    pub fn ask(&mut self, t: Micros, frame: &Placed) -> (Vec<u32>, Vec<TieAsk>) {
        let ask = self.choose(t, frame);
        self.take(t, frame);
        (
            self.keys.iter().map(|k| k.n).collect(),
            ask.into_iter().collect(),
        )
    }

    fn choose(&mut self, t: Micros, frame: &Placed) -> Option<TieAsk> {
        if self.tied.is_some_and(|s| t.since(s) < TIE_EVERY_S) {
            return None;
        }
        let (_, centre, width) = outlook(frame)?;
        let k = (0..self.keys.len())
            .filter(|k| {
                let k = &self.keys[*k];
                t.since(k.taken) >= KEY_AGE_S
                    && (k.centre - centre).norm() < KEY_WAY * k.width.min(width)
                    && (0.6..1.7).contains(&(k.width / width))
            })
            .min_by_key(|k| (self.keys[*k].asked, *k))?;
        // What can't be tied is not asked for at every frame either.
        self.tied = Some(t);
        self.keys[k].asked = t;
        let key = &self.keys[k];
        let here = self.corrected(&frame.map, &frame.effects)?;
        let there = self.without(&key.map, &key.effects, self.fixed + 2 * k)?;
        Some(TieAsk {
            key: key.n,
            guess: there.inverse()?.after(&here)?,
        })
    }

    /// Keeps the frame when none was kept from about there.
    fn take(&mut self, t: Micros, frame: &Placed) {
        let Some((azimuth, centre, width)) = outlook(frame) else {
            return;
        };
        let turn = |a: f64| {
            let d = (a - azimuth).rem_euclid(std::f64::consts::TAU);
            d.min(std::f64::consts::TAU - d)
        };
        if self.keys.iter().any(|k| {
            turn(k.azimuth) < KEY_TURN
                && (k.centre - centre).norm() < KEY_WAY * k.width.min(width)
                && (0.6..1.7).contains(&(k.width / width))
        }) {
            return;
        }
        if self.keys.len() >= KEYS {
            self.drop_oldest();
        }
        let n = self.x.len();
        let drift = CONSTANT;
        self.x = self.x.clone().resize_vertically(n + 2, 0.0);
        self.p = self.p.clone().resize(n + 2, n + 2, 0.0);
        for axis in 0..2 {
            self.x[n + axis] = self.x[drift + axis];
            let row = self.p.row(drift + axis).into_owned();
            self.p.row_mut(n + axis).copy_from(&row);
            let column = self.p.column(drift + axis).into_owned();
            self.p.column_mut(n + axis).copy_from(&column);
        }
        for axis in 0..2 {
            self.p[(n + axis, n + axis)] += frame.noise;
        }
        self.keys.push(Key {
            n: self.next,
            taken: t,
            asked: t,
            map: frame.map,
            effects: frame.effects,
            centre,
            azimuth,
            width,
        });
        self.next = self.next.wrapping_add(1);
    }

    /// Forgets the picture that was asked about least lately.
    fn drop_oldest(&mut self) {
        let Some(k) = (0..self.keys.len()).min_by_key(|k| (self.keys[*k].asked, *k)) else {
            return;
        };
        self.keys.remove(k);
        let at = self.fixed + 2 * k;
        self.x = self.x.clone().remove_rows(at, 2);
        self.p = self.p.clone().remove_rows(at, 2).remove_columns(at, 2);
    }
}

fn inside(p: Vector2<f64>, size: (f64, f64)) -> bool {
    p.x >= 0.0 && p.y >= 0.0 && p.x <= size.0 && p.y <= size.1
}

/// From where a frame looks (azimuth from its centre to the camera), the ground at its centre, and
/// its width there.
fn outlook(frame: &Placed) -> Option<(f64, Vector2<f64>, f64)> {
    let (w, h) = frame.effects.size;
    let at = |x: f64| frame.map.apply(Vector2::new(x * w, 0.5 * h));
    let (left, centre, right) = (at(0.2)?, at(0.5)?, at(0.8)?);
    let d = frame.camera.xy() - centre;
    Some((d.y.atan2(d.x), centre, (right - left).norm() / 0.6))
}

#[cfg(test)]
mod tests;
