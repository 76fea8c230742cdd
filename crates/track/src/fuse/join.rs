//! One fix from all that feeds of different aircraft see of a subject.

use super::bias::Sighting;
use super::{Fuse, Known, velocity};
use atalaya_geo::{Cov2, DMatrix, Vector2, Vector3};
use atalaya_model::{GroundFix, TrackPoint, VehicleLook};

impl Fuse {
    /// A track's point with its place joined with those that other aircraft give its subject: the linear
    /// estimate of least variance under the errors of all of them together (Bar-Shalom, Li & Kirubarajan 2001,
    /// ch. 3.4). What is each track's own stays apart from what the flights share.
    pub(super) fn joined(&mut self, known: &Known) -> TrackPoint {
        let mut point = known.point.clone();
        let (Some(here), Some(g)) = (known.sighting(), &known.point.ground) else {
            return point;
        };
        let mut all = vec![here];
        let mut velocities = vec![velocity(g)];
        for o in self.tracks.values() {
            let fellow = o.subject == known.subject
                && o.observed(known.t)
                && self.bias.independent(o.feed, known.feed);
            let (Some(mut s), Some(g)) = (o.sighting().filter(|_| fellow), &o.point.ground) else {
                continue;
            };
            let gone = known.t.since(o.t);
            s.at += velocity(g) * gone;
            velocities.push(velocity(g));
            all.push(s);
            // The surer one says what it is.
            if o.point.class_p > point.class_p {
                (point.class, point.class_p) = (o.point.class, o.point.class_p);
            }
            point.p = point.p.max(o.point.p);
            point.look = surer(point.look, o.point.look);
        }
        if all.len() == 1 && !self.bias.knows(known.feed) {
            return point;
        }
        let stacked: Vec<&Sighting> = all.iter().collect();
        let (places, common) = self.bias.corrected(&stacked);
        let n = places.len();
        let mut own = DMatrix::zeros(2 * n, 2 * n);
        let mut sum = DMatrix::zeros(2, 2 * n);
        for (k, s) in all.iter().enumerate() {
            for axis in 0..2 {
                sum[(axis, 2 * k + axis)] = 1.0;
                for other in 0..2 {
                    own[(2 * k + axis, 2 * k + other)] = s.own[(axis, other)];
                }
            }
        }
        let Some(weights) = weights(&own, &common, &sum) else {
            return point;
        };
        let mut at = Vector2::zeros();
        let mut v = Vector2::zeros();
        for (k, p) in places.iter().enumerate() {
            let w = Cov2::from_fn(|i, j| weights[(i, 2 * k + j)]);
            at += w * p;
            v += w * velocities[k];
        }
        let share = |c: &DMatrix<f64>| {
            let m = &weights * c * weights.transpose();
            [m[(0, 0)], m[(0, 1)], m[(1, 0)], m[(1, 1)]]
        };
        let geodetic = self.frame.to_geodetic(&Vector3::new(at.x, at.y, 0.0));
        point.ground = Some(GroundFix {
            e: at.x,
            n: at.y,
            lat: geodetic.lat_deg(),
            lon: geodetic.lon_deg(),
            cov_random: share(&own),
            cov_common: share(&common),
            ve: v.x,
            vn: v.y,
        });
        point
    }
}

/// The look of two whose size is better known: cameras see different sides, in different colours.
fn surer(a: Option<VehicleLook>, b: Option<VehicleLook>) -> Option<VehicleLook> {
    let each = a.into_iter().chain(b);
    each.min_by(|a, b| a.size_sd_m[0].total_cmp(&b.size_sd_m[0]))
}

/// What each place counts: (1' C^-1 1)^-1 1' C^-1.
fn weights(own: &DMatrix<f64>, common: &DMatrix<f64>, sum: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let inverse = (own + common).try_inverse()?;
    let gain = sum * &inverse;
    let least = (&gain * sum.transpose()).try_inverse()?;
    Some(least * gain)
}
