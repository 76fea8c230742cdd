//! Landmarks: known places in pictures, which tell of a flight's errors what no picture can.
//!
//! A landmark is an observation of all constant errors together, as they show at its pixel, with the
//! position's constant part and its drift at that moment; the filter of [`calibrate`](crate::calibrate)
//! takes it as it takes a tie (Bar-Shalom, Li & Kirubarajan 2001, ch. 5). One landmark sets the place of
//! that ground right; which error it was, ties and further landmarks tell apart.

use crate::calibrate::{Calibration, DRIFT_S, ERRORS, Placed};
use atalaya_geo::{Cov2, DMatrix, Vector2, Vector3};
use atalaya_model::{LandmarkFit, Micros};
use std::collections::VecDeque;

/// How well a person hits a thing in a picture, pixels (one sigma per axis).
const CLICK_PX: f64 = 2.0;
/// Longest a picture is remembered for somebody who looks at it, seconds.
const REMEMBERED_S: f64 = 60.0;
/// Most pictures that are remembered.
const MOST: usize = 2048;
/// A landmark belongs to a picture at most this far from its time, seconds.
const BESIDE_S: f64 = 0.15;
/// Most landmarks that wait for their time.
const MOST_WAITING: usize = 1000;

/// A landmark in the local frame.
#[derive(Clone, Debug)]
pub struct Given {
    /// Time of its picture.
    pub t: Micros,
    /// Display pixel.
    pub px: Vector2<f64>,
    /// East and north, metres.
    pub at: Vector2<f64>,
    /// Height over the ground, metres.
    pub above: f64,
    /// How well its place is known, metres per axis.
    pub sigma: f64,
}

/// The pictures of the last minute, and landmarks that are not yet taken.
#[derive(Clone, Debug, Default)]
pub struct Landmarks {
    seen: VecDeque<(Micros, Placed, f64)>,
    waiting: Vec<Given>,
}

impl Landmarks {
    /// Waits for its picture, or is taken with the next one if that has been.
    pub fn give(&mut self, given: Given) {
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push(given);
        }
    }

    /// A picture that lies on the ground, which is at height `up`.
    pub fn seen(&mut self, t: Micros, frame: &Placed, up: f64) {
        let old = |s: &(Micros, Placed, f64)| t.since(s.0) > REMEMBERED_S;
        while self.seen.len() >= MOST || self.seen.front().is_some_and(old) {
            self.seen.pop_front();
        }
        self.seen.push_back((t, frame.clone(), up));
    }

    /// Teaches the calibration those whose time has come by `now`.
    pub fn learn(&mut self, now: Micros, calibration: &mut Calibration) -> Vec<LandmarkFit> {
        let due = |g: &Given| now.since(g.t) > -BESIDE_S / 2.0;
        if !self.waiting.iter().any(due) {
            return Vec::new();
        }
        let (due, later) = std::mem::take(&mut self.waiting).into_iter().partition(due);
        self.waiting = later;
        let due: Vec<Given> = due;
        due.iter()
            .map(|g| {
                let frame = (self.seen.iter())
                    .map(|s| (s.0.since(g.t).abs(), s))
                    .filter(|(off, _)| *off <= BESIDE_S)
                    .min_by(|a, b| a.0.total_cmp(&b.0));
                let fit = frame.and_then(|(_, (t, frame, up))| {
                    calibration.landmark(g, frame, *up, now.since(*t).max(0.0))
                });
                fit.unwrap_or(LandmarkFit {
                    time: g.t,
                    off_m: None,
                    taken: false,
                    sigma_m: None,
                })
            })
            .collect()
    }
}

impl Calibration {
    /// A landmark in a picture `age` seconds old, above a plane at height `up`.
    fn landmark(&mut self, g: &Given, frame: &Placed, up: f64, age: f64) -> Option<LandmarkFit> {
        let at = on_plane(&frame.camera, up, g)?;
        let seen = frame.map.apply(g.px)? - at;
        let pixel = frame.map.jacobian(g.px)?.determinant().abs().sqrt();
        let before = self.remaining(&frame.effects).at(g.px);
        let off = self
            .corrected(&frame.map, &frame.effects)?
            .apply(g.px)
            .map(|p| (p - at).norm());
        self.with_position();
        let mut rows = DMatrix::zeros(2, self.states());
        for (i, e) in frame.effects.at(g.px).iter().enumerate() {
            rows[(0, i)] = e.x;
            rows[(1, i)] = e.y;
        }
        for axis in 0..2 {
            rows[(axis, ERRORS - 2 + axis)] = 1.0;
            rows[(axis, ERRORS + axis)] = 1.0;
        }
        // The drift has gone on since.
        let gone = self.drift() * (1.0 - (-2.0 * age / DRIFT_S).exp());
        let noise = g.sigma.powi(2) + (CLICK_PX * pixel).powi(2) + frame.noise + gone;
        let taken = self.update(&rows, seen, Cov2::identity() * noise).is_some();
        let after = self.remaining(&frame.effects).at(g.px);
        let sigma = |c: &Cov2| (0.5 * c.trace()).max(0.0).sqrt();
        Some(LandmarkFit {
            time: g.t,
            off_m: off,
            taken,
            sigma_m: Some([sigma(&before), sigma(&after)]),
        })
    }
}

/// Where the line of sight over a landmark meets the ground: what stands over it leans away.
fn on_plane(camera: &Vector3<f64>, up: f64, g: &Given) -> Option<Vector2<f64>> {
    let over = camera.z - up - g.above;
    (over > 1.0).then(|| camera.xy() + (g.at - camera.xy()) * ((camera.z - up) / over))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orbit::{self, SIZE, errors, placed};
    use atalaya_geo::Camera;

    /// From the west; `off` and `heading` are what the metadata get wrong.
    fn camera(t: f64, off: Vector3<f64>, heading: f64) -> Camera {
        orbit::camera(std::f64::consts::PI + t / 20.0, off, heading)
    }

    const WRONG: (f64, f64, f64) = (3.0, -2.0, 1.0);

    fn said(t: f64) -> Placed {
        placed(&camera(t, Vector3::new(WRONG.0, WRONG.1, WRONG.2), 0.004))
    }

    fn secs(t: f64) -> Micros {
        Micros((t * 1e6) as i64)
    }

    /// A thing at a place, `above` the ground, as the picture at `t` truly shows it.
    fn given(t: f64, at: Vector2<f64>, above: f64) -> Given {
        let c = camera(t, Vector3::zeros(), 0.0);
        let px = c.project(&Vector3::new(at.x, at.y, above)).unwrap();
        Given {
            t: secs(t),
            px,
            at,
            above,
            sigma: 0.3,
        }
    }

    /// How far beside its place the middle of the picture at `t` is, and its stated sigma.
    fn off(c: &Calibration, t: f64) -> (f64, f64) {
        let middle = Vector2::new(0.5 * SIZE.0, 0.5 * SIZE.1);
        let frame = said(t);
        let map = c.corrected(&frame.map, &frame.effects).unwrap();
        let truth = camera(t, Vector3::zeros(), 0.0)
            .ground(middle, 0.0)
            .unwrap();
        let cov = c.remaining(&frame.effects).at(middle);
        let off = map.apply(middle).unwrap() - truth;
        let d2 = (off.transpose() * cov.try_inverse().unwrap() * off)[(0, 0)];
        assert!(d2 < 9.21, "{off} {cov}");
        (off.norm(), (0.5 * cov.trace()).sqrt())
    }

    #[test]
    fn one_landmark_sets_the_place_right_from_then_on() {
        let mut c = Calibration::new(&errors());
        let mut all = Landmarks::default();
        for n in 0..100 {
            let t = f64::from(n) / 10.0;
            c.predict(secs(t));
            all.seen(secs(t), &said(t), 0.0);
            assert!(all.learn(secs(t), &mut c).is_empty());
        }
        let (before, stated) = off(&c, 9.9);
        assert!(before > 2.0 && stated > 2.0, "{before} {stated}");
        // A gable of 5 m beside the middle, pointed at in a picture of three seconds ago.
        all.give(given(6.9, Vector2::new(12.0, -7.0), 5.0));
        let fits = all.learn(secs(9.9), &mut c);
        let fit = &fits[0];
        assert!(
            fit.taken && (fit.off_m.unwrap() - before).abs() < 1.0,
            "{fit:?}"
        );
        assert!(
            fit.sigma_m.unwrap()[1] < 0.25 * fit.sigma_m.unwrap()[0],
            "{fit:?}"
        );
        let (after, stated) = off(&c, 9.9);
        assert!(after < 0.5 && stated < 0.8, "{after} {stated}");
        // After a gap in the recording it still holds, without the pictures that were kept.
        let frame = said(9.9);
        c.ask(secs(9.9), &frame);
        assert!(c.states() > 9);
        let heir = c.heir().unwrap();
        assert_eq!((heir.states(), off(&heir, 9.9)), (9, off(&c, 9.9)));
        assert!(Calibration::new(&errors()).heir().is_none());
        // It is given once.
        assert!(all.learn(secs(10.0), &mut c).is_empty());
        // From another side a second one tells the errors apart better still.
        let t = 40.0;
        c.predict(secs(t));
        let (_, alone) = off(&c, t);
        all.seen(secs(t), &said(t), 0.0);
        all.give(given(t, Vector2::new(-9.0, 4.0), 0.0));
        assert!(all.learn(secs(t), &mut c)[0].taken);
        let (twice, stated) = off(&c, t);
        assert!(twice < 0.5 && stated < alone, "{twice} {stated} {alone}");
    }

    #[test]
    fn one_that_cannot_be_or_was_not_seen_changes_nothing() {
        let mut c = Calibration::new(&errors());
        let mut all = Landmarks::default();
        c.predict(secs(0.0));
        all.seen(secs(0.0), &said(0.0), 0.0);
        let before = off(&c, 0.0);
        let mut wrong = given(0.0, Vector2::new(5.0, 5.0), 0.0);
        wrong.at.x += 40.0;
        all.give(wrong);
        // No picture of that time, and one that is still to come.
        all.give(given(-20.0, Vector2::zeros(), 0.0));
        all.give(given(30.0, Vector2::zeros(), 0.0));
        let fits = all.learn(secs(0.0), &mut c);
        assert_eq!(fits.len(), 2);
        assert!(!fits[0].taken && fits[0].off_m.unwrap() > 30.0);
        assert_eq!((fits[1].taken, fits[1].off_m), (false, None));
        let after = off(&c, 0.0);
        assert!((after.0 - before.0).abs() < 1e-9 && (after.1 - before.1).abs() < 1e-9);
    }
}
