//! What a vehicle looks like: size in metres and colour, gathered over its track.
//!
//! A box's width and height are sums of the vehicle's length, width and height, each by how it is foreshortened
//! from here ([`shape::extents`]); the three are estimated together by a Kalman filter (Bar-Shalom, Li &
//! Kirubarajan 2001, ch. 5.2), so that what one side of a vehicle can't tell stays as uncertain as it is until it
//! turns or the camera has gone round. Before the first box it is any road vehicle, of whatever kind.

use crate::ground::View;
use crate::shape;
use atalaya_geo::{Matrix3, Vector2, Vector3};
use atalaya_model::{Colour, Micros, PixelBox, VehicleLook};

/// Seconds between boxes that are taken, and between looks at the colour: neighbouring pictures err alike.
const STEP_S: f64 = 0.4;
/// Error of a box's side, as a share of it and in pixels.
const SIDE: (f64, f64) = (0.15, 1.5);
/// What the same edges, missed in all boxes of a track, leave of an error, as a share of a size.
const LASTING: f64 = 0.12;
/// No road vehicle is shorter or narrower, metres: a box that would make it so holds a part of it.
const SHORTEST: f64 = 2.6;
const NARROWEST: f64 = 1.4;
/// What drives overlaps with itself in the youngest picture that vision compares with, and may show no more than the
/// way it made since: a box that ends short of this share of that way is whole, else it may be a part …
const WHOLE: f64 = 0.7;
/// … whose lack of length counts with so many times the error.
const PART: f64 = 5.0;
/// Errors of so many sigmas are taken for merged or broken boxes and count less (Huber 1964).
const HUBER: f64 = 1.5;
/// Boxes before a size is said.
const LEAST: u32 = 3;
/// Share of length and width about the middle, and at most of the box, that is asked for its colour.
const CORE: (f64, f64, f64) = (0.8, 0.7, 0.9);
/// Least one-sigma that is said of a colour: noise of the camera.
const LEAST_SD: f64 = 1.0;

/// Middle of a part of a picture, and from there to its front and its left edge, display pixels.
pub type Patch = [[f32; 2]; 3];

/// What is known of a vehicle's look.
#[derive(Clone, Debug)]
pub struct Look {
    /// Length, width and height, metres, and their covariance.
    size: (Vector3<f64>, Matrix3<f64>),
    boxes: u32,
    boxed: Option<Micros>,
    /// Mean of L*, a*, b*, and sum of squares about it.
    colour: (Vector3<f64>, Vector3<f64>),
    colours: u32,
    asked: Option<Micros>,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            size: shape::any_vehicle(),
            boxes: 0,
            boxed: None,
            colour: (Vector3::zeros(), Vector3::zeros()),
            colours: 0,
            asked: None,
        }
    }
}

fn due(last: Option<Micros>, now: Micros) -> bool {
    last.is_none_or(|t| now.since(t) >= STEP_S)
}

impl Look {
    /// Takes a box of a vehicle that is at `p` and points along `heading`; `shade` is the probability that its
    /// shadow is within the box, and how much of it; `way` what it drove since the youngest picture that this one was
    /// compared with, if the box may be less than all of it.
    pub fn measure(
        &mut self,
        bbox: &PixelBox,
        view: &View,
        (p, heading): (Vector2<f64>, f64),
        shade: (f64, f64),
        way: Option<f64>,
        now: Micros,
    ) {
        if !due(self.boxed, now) {
            return;
        }
        let Some(rows) = shape::extents(view, p, heading, shade) else {
            return;
        };
        self.boxed = Some(now);
        self.boxes += 1;
        let (x, c) = &mut self.size;
        for (row, side) in rows.iter().zip([bbox.w, bbox.h]) {
            let side = f64::from(side);
            let off = side - row.dot(x);
            let spread = (row.transpose() * *c * row)[(0, 0)];
            let mut r = (SIDE.0 * side).hypot(SIDE.1).powi(2);
            // As long as it would have to be to show like this.
            let long = x.x + off / row.x.max(1e-3);
            let wide = x.y + off / row.y.max(1e-3);
            let part = |share: f64, short: bool| share > 0.3 * row.max() && short;
            if part(row.x, long < SHORTEST) && part(row.y, wide < NARROWEST) {
                continue;
            }
            let less = way.is_some_and(|way| long > WHOLE * way);
            if off < 0.0 && part(row.x, less || long < SHORTEST) {
                r *= PART * PART;
            }
            let sigmas = off.abs() / (spread + r).sqrt();
            let r = r * (sigmas / HUBER).max(1.0);
            let gain = *c * row / (spread + r);
            *x += gain * off;
            *c -= gain * row.transpose() * *c;
        }
    }

    /// The part of the picture whose colour is to be looked at, when that is due: in the middle of the box, without
    /// the part of its shadow, as it points.
    pub fn ask(
        &mut self,
        bbox: &PixelBox,
        view: &View,
        (p, heading): (Vector2<f64>, f64),
        (shaded, shown): (f64, f64),
        now: Micros,
    ) -> Option<Patch> {
        if !due(self.asked, now) {
            return None;
        }
        let size = self.size.0;
        let [_, along, across] = shape::section(view, p, heading, 0.0)?;
        let along = along * (0.5 * CORE.0 * size.x);
        let across = across * (0.5 * CORE.1 * size.y);
        let reach = along.abs() + across.abs();
        let (w, h) = (f64::from(bbox.w), f64::from(bbox.h));
        let fits = (w / reach.x.max(1e-6)).min(h / reach.y.max(1e-6));
        let scale = (0.5 * CORE.2 * fits).min(1.0);
        let (cx, cy) = bbox.centre();
        let cast = shape::cast(view, p, size.z).unwrap_or_default();
        // No further than the box has room beyond the vehicle.
        let room = Vector2::new(w, h) * 0.25;
        let aside = (cast * (0.5 * shaded * shown)).sup(&-room).inf(&room);
        let centre = Vector2::new(f64::from(cx), f64::from(cy)) - aside;
        self.asked = Some(now);
        let pixel = |v: Vector2<f64>| [v.x as f32, v.y as f32];
        Some([centre, along * scale, across * scale].map(pixel))
    }

    /// Takes a colour.
    pub fn colour(&mut self, lab: [f32; 3]) {
        self.colours += 1;
        let lab = Vector3::from(lab.map(f64::from));
        let (mean, squares) = &mut self.colour;
        let off = lab - *mean;
        *mean += off / f64::from(self.colours);
        *squares += off.component_mul(&(lab - *mean));
    }

    /// What can be said of it: nothing of what is too small for a vehicle, whatever it was taken for.
    pub fn said(&self) -> Option<VehicleLook> {
        let (x, c) = &self.size;
        if self.boxes < LEAST || x.x < SHORTEST || x.y < 0.8 * NARROWEST {
            return None;
        }
        let sd = |k: usize| (c[(k, k)] + (LASTING * x[k]).powi(2)).sqrt() as f32;
        Some(VehicleLook {
            length_m: x.x as f32,
            width_m: x.y as f32,
            size_sd_m: [sd(0), sd(1)],
            colour: (self.colours > 0).then(|| {
                let (mean, squares) = &self.colour;
                let n = f64::from(self.colours);
                // Before it was looked at twice its spread is that of other vehicles.
                let sd = |k: usize| ((squares[k] + 36.0) / n).sqrt().max(LEAST_SD) as f32;
                Colour {
                    lab: [mean.x as f32, mean.y as f32, mean.z as f32],
                    sd: [sd(0), sd(1), sd(2)],
                    n: self.colours,
                }
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ground::{GroundView, Pointing, Seen};
    use crate::orbit::{SIZE, camera, errors};

    fn view(angle: f64) -> View {
        let pointing = Pointing {
            camera: Some(camera(angle, Vector3::zeros(), 0.0)),
            corners: None,
            up: 0.0,
        };
        let mut ground = GroundView::new(errors(), 4.0);
        let seen = Seen {
            t: Micros(0),
            size: (SIZE.0 as u32, SIZE.1 as u32),
            pointing: Some(&pointing),
            registration: None,
            ties: &[],
            reference: None,
        };
        ground.push(&seen).unwrap()
    }

    /// The box of a block of this size, by its corners.
    fn bbox(view: &View, heading: f64, size: Vector3<f64>) -> PixelBox {
        let corners = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
        let (mut lo, mut hi) = (Vector2::repeat(f64::MAX), Vector2::repeat(f64::MIN));
        for up in [0.0, size.z] {
            let [middle, along, across] =
                shape::section(view, Vector2::zeros(), heading, up).unwrap();
            for (a, b) in corners {
                let c = middle + along * (0.5 * a * size.x) + across * (0.5 * b * size.y);
                (lo, hi) = (lo.inf(&c), hi.sup(&c));
            }
        }
        PixelBox {
            x: lo.x as f32,
            y: lo.y as f32,
            w: (hi.x - lo.x) as f32,
            h: (hi.y - lo.y) as f32,
        }
    }

    /// Boxes of one vehicle from these angles of the orbit, one a second.
    fn looked(size: Vector3<f64>, angles: impl Iterator<Item = f64>) -> Look {
        let mut look = Look::default();
        for (k, angle) in angles.enumerate() {
            let view = view(angle);
            let b = bbox(&view, 0.3, size);
            let now = Micros(1_000_000 * k as i64);
            look.measure(
                &b,
                &view,
                (Vector2::zeros(), 0.3),
                (0.0, 1.0),
                Some(20.0),
                now,
            );
        }
        look
    }

    #[test]
    fn seen_from_all_round_any_vehicle_shows_its_size() {
        for size in [
            Vector3::new(4.0, 1.7, 1.4),
            Vector3::new(5.4, 1.9, 1.8),
            Vector3::new(9.5, 2.5, 3.3),
        ] {
            let look = looked(size, (0..60).map(|k| 0.1 * f64::from(k)));
            let said = look.said().unwrap();
            let off = [
                f64::from(said.length_m) - size.x,
                f64::from(said.width_m) - size.y,
            ];
            for (k, sd) in said.size_sd_m.into_iter().map(f64::from).enumerate() {
                assert!(off[k].abs() < sd && sd < 0.15 * size[k], "{said:?}");
            }
        }
    }

    #[test]
    fn what_one_side_cannot_tell_stays_uncertain() {
        // From one side, the box's height may be length, width or height.
        let size = Vector3::new(7.5, 2.5, 3.0);
        let front = looked(
            size,
            std::iter::repeat_n(std::f64::consts::FRAC_PI_2 - 0.3, 60),
        );
        let round = looked(size, (0..60).map(|k| 0.1 * f64::from(k)));
        let unknown = |l: &Look| l.size.1.determinant();
        assert!(
            unknown(&front) > 2.0 * unknown(&round),
            "{front:?} {round:?}"
        );
    }

    #[test]
    fn the_part_that_shows_of_a_slow_truck_is_not_its_length() {
        let (truck, part) = (Vector3::new(8.5, 2.5, 3.0), Vector3::new(3.0, 2.5, 3.0));
        let mut slow = Look::default();
        let mut fast = Look::default();
        for k in 0..12 {
            let v = view(0.1 * f64::from(k));
            let now = Micros(1_000_000 * i64::from(k));
            let pose = (Vector2::zeros(), 0.3);
            slow.measure(&bbox(&v, 0.3, part), &v, pose, (0.0, 1.0), Some(3.5), now);
            fast.measure(&bbox(&v, 0.3, truck), &v, pose, (0.0, 1.0), Some(20.0), now);
        }
        // Of its length little is known, and it is not taken for a small one.
        let unknown = |l: &Look| l.size.1[(0, 0)];
        assert!(unknown(&slow) > 2.0 * unknown(&fast), "{slow:?} {fast:?}");
        let (slow, fast) = (slow.said().unwrap(), fast.said().unwrap());
        assert!(
            (slow.width_m - 2.5).abs() < 2.0 * slow.size_sd_m[1],
            "{slow:?}"
        );
        assert!(slow.length_m > 4.0 && (fast.length_m - 8.5).abs() < 1.0);
    }

    #[test]
    fn boxes_of_somebody_on_foot_make_no_look() {
        let person = Vector3::new(0.6, 0.6, 1.75);
        let look = looked(person, (0..60).map(|k| 0.1 * f64::from(k)));
        assert_eq!(look.said(), None);
    }

    #[test]
    fn a_merged_box_counts_little() {
        let size = Vector3::new(4.5, 1.8, 1.5);
        let mut look = looked(size, (0..20).map(|k| 0.1 * f64::from(k)));
        let before = look.said().unwrap();
        let v = view(2.0);
        let mut b = bbox(&v, 0.3, size);
        (b.w, b.h) = (3.0 * b.w, 3.0 * b.h);
        let pose = (Vector2::zeros(), 0.3);
        look.measure(&b, &v, pose, (0.0, 1.0), Some(20.0), Micros(60_000_000));
        let after = look.said().unwrap();
        assert!((after.length_m - before.length_m).abs() < before.size_sd_m[0]);
    }

    #[test]
    fn a_look_needs_boxes_and_its_spread_is_that_of_its_colours() {
        let mut look = Look::default();
        look.colour([50.0, 0.0, 0.0]);
        assert_eq!(look.said(), None);
        let size = Vector3::new(4.5, 1.8, 1.5);
        let mut look = looked(size, (0..5).map(f64::from));
        assert_eq!(look.said().unwrap().colour, None);
        for k in 0..200 {
            let l = if k % 2 == 0 { 40.0 } else { 60.0 };
            look.colour([l, 5.0, -3.0]);
        }
        let c = look.said().unwrap().colour.unwrap();
        assert_eq!((c.lab[0].round(), c.n), (50.0, 200));
        assert!((9.5..10.5).contains(&c.sd[0]) && c.sd[1] < 1.1, "{c:?}");
    }

    #[test]
    fn the_asked_part_lies_within_the_box_and_not_twice_at_once() {
        let mut look = looked(Vector3::new(7.5, 2.5, 3.0), (0..9).map(f64::from));
        let v = view(0.7);
        let b = bbox(&v, 0.3, look.size.0);
        let pose = (Vector2::zeros(), 0.3);
        let mut ask = |t| look.ask(&b, &v, pose, (0.0, 1.0), Micros(t));
        let [centre, along, across] = ask(0).unwrap();
        for (u, w) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
            let x = centre[0] + u * along[0] + w * across[0];
            let y = centre[1] + u * along[1] + w * across[1];
            assert!(x > b.x && x < b.x + b.w && y > b.y && y < b.y + b.h);
        }
        assert_eq!(ask(200_000), None);
        assert!(ask(500_000).is_some());
    }
}
