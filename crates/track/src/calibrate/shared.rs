//! What a feed knows of its own errors, for comparison with another feed's.

use super::{CONSTANT, Calibration, ERRORS, Effects, Placed, WITH_POSITION};
use atalaya_geo::{DMatrix, Vector2, Vector3};

/// Errors of a feed that two views of one thing tell of: the constant ones and the constant part of the
/// position, east and north.
pub(crate) const SHARED: usize = CONSTANT + 2;

/// What a feed knows of its own constant errors at a frame, for comparison with another feed's.
#[derive(Clone, Debug)]
pub struct FeedErrors {
    effects: Effects,
    /// Where the camera is said to be, local frame.
    pub camera: Vector3<f64>,
    /// What they are taken to be; the frame's map is without them.
    pub known: [f64; SHARED],
    /// Covariance of what remains of them, as many rows and columns.
    pub left: DMatrix<f64>,
    /// Variance of the position's drift that remains, m² per axis.
    pub drift: f64,
}

impl FeedErrors {
    /// How the ground at a pixel moves with each of the errors: two rows, a column for each.
    pub fn slopes(&self, px: Vector2<f64>) -> DMatrix<f64> {
        let mut rows = DMatrix::zeros(2, SHARED);
        for (i, e) in self.effects.at(px).iter().enumerate() {
            rows[(0, i)] = e.x;
            rows[(1, i)] = e.y;
        }
        rows[(0, CONSTANT)] = 1.0;
        rows[(1, CONSTANT + 1)] = 1.0;
        rows
    }
}

impl Calibration {
    /// The same for another feed's sake.
    pub fn shared(&self, frame: &Placed) -> FeedErrors {
        let mut known = [0.0; SHARED];
        let mut left = DMatrix::zeros(SHARED, SHARED);
        let with = self.fixed >= WITH_POSITION;
        let state = |i: usize| {
            if i < CONSTANT {
                Some(i)
            } else {
                with.then_some(i - CONSTANT + ERRORS)
            }
        };
        for i in 0..SHARED {
            match state(i) {
                Some(a) => {
                    known[i] = self.x[a];
                    for j in 0..SHARED {
                        left[(i, j)] = state(j).map_or(0.0, |b| self.p[(a, b)]);
                    }
                }
                None => left[(i, i)] = self.prior[i - CONSTANT + ERRORS],
            }
        }
        FeedErrors {
            effects: frame.effects,
            camera: frame.camera,
            known,
            left,
            drift: 0.5 * (self.p[(CONSTANT, CONSTANT)] + self.p[(CONSTANT + 1, CONSTANT + 1)]),
        }
    }
}
