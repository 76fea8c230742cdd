//! How high above the ground a thing is that is recognised as standing.
//!
//! Who stands on the ground keeps its place on the map while the camera goes by. A vent on a roof, the top of a tank
//! or of a mast does not: at height h above the ground its place seems to shift by -h / (H - h) of the camera's way at
//! height H. Once the camera has gone far enough its height is known well enough to say that nobody stands there.

use crate::ground::View;
use atalaya_geo::{Cov2, Homography, Matrix2, Matrix2x3, Matrix3, Vector2, Vector3};
use atalaya_model::Micros;

/// Seconds between places that are taken: neighbouring pictures err alike.
const STEP_S: f64 = 0.5;
/// Error of a place where its picture is found again, metres (one sigma per axis).
const PLACE_M: f64 = 0.5;
/// Height that nothing on the ground has whose place is already taken at its foot, metres.
const HIGHEST_M: f64 = 2.5;
/// By how many sigmas it must be higher.
const SURE: f64 = 3.0;

/// What places tell of one standing thing: where it would lie seen from where the camera was first, and its shift by
/// metre of the camera's way.
#[derive(Clone, Debug)]
pub struct Height {
    x: Vector3<f64>,
    p: Matrix3<f64>,
    from: Vector2<f64>,
    last: Micros,
}

impl Height {
    /// Begins where something stands.
    fn new(z: Vector2<f64>, from: Vector2<f64>, now: Micros) -> Self {
        let place = PLACE_M * PLACE_M;
        Self {
            x: Vector3::new(z.x, z.y, 0.0),
            p: Matrix3::from_diagonal(&Vector3::new(place, place, 0.05)),
            from,
            last: now,
        }
    }

    /// The plane has moved.
    pub fn shift(&mut self, moved: &Homography) {
        if let Some(p) = moved.apply(self.x.xy()) {
            (self.x.x, self.x.y) = (p.x, p.y);
        }
    }

    fn add(&mut self, z: Vector2<f64>, camera: Vector2<f64>, now: Micros) {
        self.last = now;
        let way = camera - self.from;
        let h = Matrix2x3::new(1.0, 0.0, -way.x, 0.0, 1.0, -way.y);
        let s = h * self.p * h.transpose() + Matrix2::identity() * PLACE_M.powi(2);
        let Some(inverse) = s.try_inverse() else {
            return;
        };
        let gain = self.p * h.transpose() * inverse;
        self.x += gain * (z - h * self.x);
        self.p -= gain * h * self.p;
    }

    /// True when it is higher than anything that stands on the ground. What the metadata get constantly wrong shifts
    /// the map in the same way as the camera goes round: `turning` is its covariance at that place.
    fn tall(&self, camera: Vector3<f64>, up: f64, turning: &Cov2) -> bool {
        let above = camera.z - up;
        let reach = (camera.xy() - self.x.xy()).norm();
        if above < 1.0 || reach < 1.0 {
            return false;
        }
        let k = self.x.z;
        let height = above * k / (1.0 + k).max(0.1);
        let along = (camera.xy() - self.x.xy()) / reach;
        let stated = (along.transpose() * turning * along)[(0, 0)];
        let var = above * above * (self.p[(2, 2)] + stated / (reach * reach));
        height - HIGHEST_M > SURE * var.sqrt()
    }
}

/// Takes the place of a thing that is recognised standing; true once it is known not to stand on the ground.
pub fn is_tall(
    height: &mut Option<Height>,
    z: Vector2<f64>,
    px: Vector2<f64>,
    view: &View,
    now: Micros,
) -> bool {
    let Some((camera, _)) = view.camera.filter(|_| view.placed) else {
        return false;
    };
    let known = height.get_or_insert_with(|| Height::new(z, camera.xy(), now));
    if now.since(known.last) < STEP_S {
        return false;
    }
    known.add(z, camera.xy(), now);
    known.tall(camera, view.up, &view.turning(px))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a thing at `height` over (30, -20) seems to lie, with the camera going round at 300 m; and after how many
    /// seconds of an orbit of 90 s it is known to be tall.
    fn told(height: f64, error: f64, common: f64) -> Option<u32> {
        let at = Vector2::new(30.0, -20.0);
        let mut known: Option<Height> = None;
        for k in 0..120u32 {
            let t = 0.5 * f64::from(k);
            let angle = std::f64::consts::TAU * t / 90.0;
            let camera = Vector3::new(250.0 * angle.cos(), 250.0 * angle.sin(), 300.0);
            let seems = at + (at - camera.xy()) * (height / (300.0 - height));
            // Errors of a map go round with the look, too.
            let away = (camera.xy() - at).normalize();
            let z = seems + away * error;
            let now = Micros::from_secs(t);
            let h = known.get_or_insert_with(|| Height::new(z, camera.xy(), now));
            h.add(z, camera.xy(), now);
            if h.tall(camera, 0.0, &(Cov2::identity() * common * common)) {
                return Some(k / 2);
            }
        }
        None
    }

    #[test]
    fn a_vent_on_a_roof_is_told_from_who_stands_on_the_ground() {
        let after = told(7.0, 0.0, 0.4).unwrap();
        assert!((2..25).contains(&after), "{after}");
        for low in [0.0, 1.0, 2.5] {
            assert_eq!(told(low, 0.0, 0.4), None, "{low}");
        }
    }

    #[test]
    fn an_error_of_the_map_that_is_stated_makes_nothing_tall() {
        assert_eq!(told(0.0, -3.0, 3.0), None);
        // Unstated it would.
        assert!(told(0.0, -5.0, 0.1).is_some());
    }
}
