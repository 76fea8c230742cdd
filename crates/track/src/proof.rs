//! Moves that the pictures themselves are asked about.

use crate::ground::View;
use crate::track::Track;
use atalaya_geo::Vector2;
use atalaya_model::{Micros, Trial};

/// How far the pictures bear out that a track moves: a running mean of the difference of likenesses
/// (see [`Verdict`](atalaya_model::Verdict)).
#[derive(Clone, Copy, Debug, Default)]
pub struct Proof {
    /// Of the last verdicts.
    pub mean: f64,
    /// Of more of them.
    pub slow: f64,
    /// Verdicts so far.
    pub n: u32,
}

impl Proof {
    /// Verdicts that count: of about the last half second.
    pub const MEMORY: u32 = 8;
    /// Verdicts that count against a believed track: of about two seconds.
    const LONG: u32 = 30;

    /// Takes a verdict's gain: likeness where it went less likeness where it was.
    pub fn add(&mut self, gain: f64) {
        self.n = self.n.saturating_add(1);
        self.mean += (gain - self.mean) / f64::from(self.n.min(Self::MEMORY));
        self.slow += (gain - self.slow) / f64::from(self.n.min(Self::LONG));
    }
}

/// The shortest move of late that took it beyond its own length, for the pictures to prove.
pub fn trial(t: &Track, now: Micros, view: &View) -> Option<Trial> {
    let (at, is, _) = *t.trail.back()?;
    if at != now || t.hits < 5 {
        return None;
    }
    let (cx, cy) = is.centre();
    let c = Vector2::new(f64::from(cx), f64::from(cy));
    let here = view.map.apply(c)?;
    let j = view.back.jacobian(here)?;
    let need = 0.9 * f64::from(is.w.max(is.h)).max(7.0);
    let (then, was, _) = t
        .trail
        .iter()
        .rev()
        .find(|(_, _, p)| (j * (t.kalman.p - p)).norm() > need)?;
    Some(Trial {
        key: t.key,
        then: *then,
        was: *was,
        is,
    })
}
