//! How far a camera places what stands from where it was placed before: errors of place that all of a look share.

use atalaya_geo::Vector2;
use atalaya_model::Micros;
use std::collections::BTreeMap;

/// Errors of place that two looks do not share, metres per axis: each flight has its own.
const BETWEEN_LOOKS_M: f64 = 1.6;
/// What is left of them between two vehicles of one look.
const WITHIN_LOOK_M: f64 = 0.8;
/// A camera that was silent for so long looks anew, seconds.
const ANEW_S: f64 = 60.0;

/// What is known of a camera's present look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offset {
    /// Mean offset, metres.
    pub at: Vector2<f64>,
    /// How well it is known for one more vehicle, metres per axis.
    pub sigma_m: f64,
}

#[derive(Clone, Copy, Debug)]
struct Look {
    sum: Vector2<f64>,
    n: f64,
    last: Micros,
}

/// The offsets of all cameras.
#[derive(Default)]
pub(super) struct Offsets(BTreeMap<u16, Look>);

impl Offsets {
    /// A camera speaks.
    pub fn heard(&mut self, camera: u16, t: Micros) {
        let fresh = Look {
            sum: Vector2::zeros(),
            n: 0.0,
            last: t,
        };
        let look = self.0.entry(camera).or_insert(fresh);
        if t.since(look.last) > ANEW_S {
            *look = fresh;
        }
        look.last = t;
    }

    /// Its offset, drawn to none by what is known beforehand.
    pub fn of(&self, camera: u16) -> Offset {
        let (sum, n) = self
            .0
            .get(&camera)
            .map_or((Vector2::zeros(), 0.0), |l| (l.sum, l.n));
        let prior = WITHIN_LOOK_M.powi(2) / BETWEEN_LOOKS_M.powi(2);
        let left = WITHIN_LOOK_M.powi(2) / (n + prior);
        Offset {
            at: sum / (n + prior),
            sigma_m: (left + WITHIN_LOOK_M.powi(2)).sqrt(),
        }
    }

    /// One vehicle that was found again tells of it.
    pub fn learn(&mut self, camera: u16, by: Vector2<f64>) {
        if let Some(l) = self.0.get_mut(&camera) {
            l.sum += by;
            l.n += 1.0;
        }
    }
}
