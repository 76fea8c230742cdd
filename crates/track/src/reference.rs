//! Registration to a reference: frames that are recognised on a picture of the ground whose place is known.
//!
//! What is found there tells of the same errors as landmarks do ([`landmark`](crate::landmark)), with one
//! difference: the reference's own error is the same in every look at it, so that no number of looks
//! averages it away. It is estimated beside the flight's errors, with what its maker states as its spread
//! (Bar-Shalom, Li & Kirubarajan 2001, ch. 5: a bias as a state), and stays in the covariance.

use crate::calibrate::{Calibration, ERRORS, Placed, WITH_POSITION};
use atalaya_geo::{Cov2, DMatrix, Georeference, Homography, LocalFrame, Vector2};
use atalaya_model::{Micros, ReferenceAsk, ReferenceFit, ReferenceMatch};

/// Error of a look as a whole beside the metadata's noise, metres per axis: what stands on the ground
/// leans, and what was found is a part of it.
const LOOK_M: f64 = 0.3;
/// Sigmas of the flight's error within which it is looked for …
const SIGMAS: f64 = 3.5;
/// … and the least and most of that, metres.
const REACH_M: std::ops::RangeInclusive<f64> = 5.0..=80.0;
/// Seconds to the next look while looks still tell much …
const SOON_S: f64 = 2.0;
/// … when they don't …
const LATER_S: f64 = 10.0;
/// … and at most, where nothing is recognised: each time it is twice as long.
const LATEST_S: f64 = 30.0;
/// A look tells much that leaves less than this of the error.
const MUCH: f64 = 0.9;

/// Looks for a feed's frames on a reference.
#[derive(Clone, Debug)]
pub struct Registrar {
    place: Georeference,
    /// How well that is known, metres per axis.
    sigma: f64,
    due: Option<Micros>,
    wait_s: f64,
}

impl Registrar {
    /// For a reference that lies at `place`, known to `sigma` metres per axis.
    pub fn new(place: Georeference, sigma: f64) -> Self {
        Self {
            place,
            sigma,
            due: None,
            wait_s: SOON_S,
        }
    }

    /// Where to look for the frame after this one, when it is time. `up`: height of the ground.
    pub fn ask(
        &mut self,
        t: Micros,
        local: &LocalFrame,
        frame: &Placed,
        up: f64,
        calibration: &Calibration,
    ) -> Option<ReferenceAsk> {
        // Metadata of a moment are averaged first.
        let due = *self.due.get_or_insert(t + Micros::from_secs(1.0));
        if t < due {
            return None;
        }
        // Without an answer (a lost frame) it is not asked at every frame either.
        self.due = Some(t + Micros::from_secs(self.wait_s));
        let guess = calibration.corrected(&frame.map, &frame.effects)?;
        let (w, h) = frame.effects.size();
        let v = Vector2::new;
        let corners = [v(0.0, 0.0), v(w, 0.0), v(w, h), v(0.0, h)];
        let mut ground = [Vector2::zeros(); 4];
        let known = calibration.remaining(&frame.effects);
        let mut spread = 0.0f64;
        for (px, at) in corners.iter().zip(&mut ground) {
            *at = guess.apply(*px)?;
            let most = known.at(*px).symmetric_eigenvalues().max();
            spread = spread.max(most);
        }
        let spread = (spread + self.sigma.powi(2) + frame.noise).sqrt();
        Some(ReferenceAsk {
            guess,
            to_reference: self.place.from_ground(local, &ground, up)?,
            reach_m: (SIGMAS * spread).clamp(*REACH_M.start(), *REACH_M.end()),
        })
    }

    /// Teaches the calibration what was found.
    pub fn learn(
        &mut self,
        t: Micros,
        frame: &Placed,
        found: &ReferenceMatch,
        calibration: &mut Calibration,
    ) -> ReferenceFit {
        let mut fit = ReferenceFit {
            time: t,
            found: found.points.len() as u32,
            tried: found.tried,
            off_m: None,
            taken: false,
            sigma_m: None,
        };
        let better = self.take(frame, found, calibration, &mut fit);
        self.wait_s = match (&better, fit.sigma_m) {
            (Some(_), Some([before, after])) if after < MUCH * before => SOON_S,
            (Some(_), _) => LATER_S,
            (None, _) => (2.0 * self.wait_s).min(LATEST_S),
        };
        self.due = Some(t + Micros::from_secs(self.wait_s));
        if let Some(better) = better {
            *calibration = better;
            fit.taken = true;
        }
        fit
    }

    /// The calibration with what was found, unless a part of it can't be.
    fn take(
        &self,
        frame: &Placed,
        found: &ReferenceMatch,
        calibration: &Calibration,
        fit: &mut ReferenceFit,
    ) -> Option<Calibration> {
        let size = frame.effects.size();
        let groups = quarters(&beside(&frame.map, &found.points), size);
        let middle = Vector2::new(0.5 * size.0, 0.5 * size.1);
        let said = calibration.corrected(&frame.map, &frame.effects)?;
        fit.off_m = Some(mean(&beside(&said, &found.points))?.1.norm());
        let mut next = calibration.clone();
        next.with_reference(self.sigma);
        // What is common to the parts of a look counts once, however many they are.
        let common = (frame.noise + LOOK_M.powi(2)) * groups.len() as f64;
        for group in &groups {
            let (px, seen) = mean(group)?;
            let noise = common + found.rms_m.powi(2) / group.len() as f64;
            let mut rows = DMatrix::zeros(2, next.states());
            for (i, e) in frame.effects.at(px).iter().enumerate() {
                rows[(0, i)] = e.x;
                rows[(1, i)] = e.y;
            }
            for axis in 0..2 {
                rows[(axis, ERRORS - 2 + axis)] = 1.0;
                rows[(axis, ERRORS + axis)] = 1.0;
                rows[(axis, WITH_POSITION + axis)] = -1.0;
            }
            next.update(&rows, seen, Cov2::identity() * noise)?;
        }
        let sigma = |c: &Calibration| {
            let cov = c.remaining(&frame.effects).at(middle);
            (0.5 * cov.trace()).max(0.0).sqrt()
        };
        fit.sigma_m = Some([sigma(calibration), sigma(&next)]);
        Some(next)
    }
}

/// A pixel, and how far beside its place the metadata put what it shows.
type Beside = (Vector2<f64>, Vector2<f64>);

/// Of points, pixels and places, those that the map has an image of.
fn beside(map: &Homography, points: &[Beside]) -> Vec<Beside> {
    let of = |(px, at): &Beside| Some((*px, map.apply(*px)? - at));
    points.iter().filter_map(of).collect()
}

/// By the quarter of the picture they are in; those with none are left out.
fn quarters(all: &[Beside], size: (f64, f64)) -> Vec<Vec<Beside>> {
    let mut out = vec![Vec::new(); 4];
    for b in all {
        let right = usize::from(b.0.x > 0.5 * size.0);
        let low = usize::from(b.0.y > 0.5 * size.1);
        out[2 * low + right].push(*b);
    }
    out.retain(|q| !q.is_empty());
    out
}

/// Ways change evenly over a picture: their mean is that of the mean pixel, which is not so of places.
fn mean(all: &[Beside]) -> Option<Beside> {
    let n = all.len() as f64;
    let sum = all.iter().copied();
    let sum = sum.reduce(|a, b| (a.0 + b.0, a.1 + b.1))?;
    Some((sum.0 / n, sum.1 / n))
}

#[cfg(test)]
mod tests;
