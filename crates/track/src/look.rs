//! What a vehicle looks like: size in metres and colour, gathered over its track.
//!
//! A box's width and height are sums of the vehicle's length, width and height, each by how it is foreshortened
//! from here ([`shape::extents`]); the three are estimated together by a Kalman filter (Bar-Shalom, Li &
//! Kirubarajan 2001, ch. 5.2), so that what one side of a vehicle can't tell stays as uncertain as it is until it
//! turns or the camera has gone round. Before the first box it is any road vehicle, of whatever kind.

use crate::ground::View;
use crate::shape;
use atalaya_geo::{Matrix3, Vector2, Vector3};
use atalaya_model::{Colour, ColourAsk, Micros, PixelBox, TrackId, VehicleLook};

/// Seconds between boxes that are taken, and between looks at the colour: neighbouring pictures err alike.
const STEP_S: f64 = 0.4;
/// Error of a box's side, as a share of it and in pixels.
const SIDE: (f64, f64) = (0.15, 1.5);
/// What the same edges, missed in all boxes of a track, leave of an error, as a share of a size.
const LASTING: f64 = 0.08;
/// Errors of so many sigmas are taken for merged or broken boxes and count less (Huber 1964).
const HUBER: f64 = 1.5;
/// Boxes before a size is said.
const LEAST: u32 = 3;
/// Share of length and width about the middle, at this share of the height, that is asked for its colour.
const CORE: (f64, f64, f64) = (0.8, 0.7, 0.55);
/// Least one-sigma that is said of a colour: noise of the camera.
const LEAST_SD: f64 = 1.0;

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
    /// Takes a whole box of a vehicle that stands at `p` and points along `heading`; `shaded` is the probability
    /// that its shadow is within the box.
    pub fn measure(
        &mut self,
        bbox: &PixelBox,
        view: &View,
        (p, heading): (Vector2<f64>, f64),
        shaded: f64,
        now: Micros,
    ) {
        if !due(self.boxed, now) {
            return;
        }
        let Some(rows) = shape::extents(view, p, heading, shaded) else {
            return;
        };
        self.boxed = Some(now);
        self.boxes += 1;
        let (x, c) = &mut self.size;
        for (row, side) in rows.iter().zip([bbox.w, bbox.h]) {
            let side = f64::from(side);
            let off = side - row.dot(x);
            let spread = (row.transpose() * *c * row)[(0, 0)];
            let r = (SIDE.0 * side).hypot(SIDE.1).powi(2);
            let sigmas = off.abs() / (spread + r).sqrt();
            let r = r * (sigmas / HUBER).max(1.0);
            let gain = *c * row / (spread + r);
            *x += gain * off;
            *c -= gain * row.transpose() * *c;
        }
    }

    /// The part of the picture whose colour is to be looked at, when that is due.
    pub fn ask(
        &mut self,
        track: TrackId,
        view: &View,
        (p, heading): (Vector2<f64>, f64),
        now: Micros,
    ) -> Option<ColourAsk> {
        if !due(self.asked, now) {
            return None;
        }
        let size = self.size.0;
        let [centre, along, across] = shape::section(view, p, heading, CORE.2 * size.z)?;
        let pixel = |v: Vector2<f64>| [v.x as f32, v.y as f32];
        self.asked = Some(now);
        Some(ColourAsk {
            track,
            centre: pixel(centre),
            along: pixel(along * (0.5 * CORE.0 * size.x)),
            across: pixel(across * (0.5 * CORE.1 * size.y)),
        })
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

    /// What can be said of it.
    pub fn said(&self) -> Option<VehicleLook> {
        if self.boxes < LEAST {
            return None;
        }
        let (x, c) = &self.size;
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
    use atalaya_model::FeedIx;

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
            look.measure(&b, &view, (Vector2::zeros(), 0.3), 0.0, now);
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
            for (off, sd) in off.iter().zip(said.size_sd_m) {
                assert!(off.abs() < f64::from(sd) && sd < 0.9, "{size:?}: {said:?}");
            }
        }
    }

    #[test]
    fn what_one_side_cannot_tell_stays_uncertain() {
        // A vehicle that comes straight at the camera hides how much of its box's height is its length.
        let size = Vector3::new(7.5, 2.5, 3.0);
        let front = looked(
            size,
            std::iter::repeat_n(std::f64::consts::FRAC_PI_2 - 0.3, 60),
        );
        let round = looked(size, (0..60).map(|k| 0.1 * f64::from(k)));
        let sd = |l: &Look| l.said().unwrap().size_sd_m[0];
        assert!(sd(&front) > 1.15 * sd(&round), "{front:?} {round:?}");
    }

    #[test]
    fn a_merged_box_counts_little() {
        let size = Vector3::new(4.5, 1.8, 1.5);
        let mut look = looked(size, (0..20).map(|k| 0.1 * f64::from(k)));
        let before = look.said().unwrap();
        let v = view(2.0);
        let mut b = bbox(&v, 0.3, size);
        (b.w, b.h) = (3.0 * b.w, 3.0 * b.h);
        look.measure(&b, &v, (Vector2::zeros(), 0.3), 0.0, Micros(60_000_000));
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
        let track = TrackId {
            feed: FeedIx(0),
            n: 1,
        };
        let b = bbox(&v, 0.3, look.size.0);
        let at = |t| (Vector2::zeros(), Micros(t));
        let (p, now) = at(0);
        let ask = look.ask(track, &v, (p, 0.3), now).unwrap();
        for (a, c) in [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)] {
            let x = ask.centre[0] + a * ask.along[0] + c * ask.across[0];
            let y = ask.centre[1] + a * ask.along[1] + c * ask.across[1];
            assert!(x > b.x && x < b.x + b.w && y > b.y && y < b.y + b.h);
        }
        assert_eq!(look.ask(track, &v, (p, 0.3), at(200_000).1), None);
        assert!(look.ask(track, &v, (p, 0.3), at(500_000).1).is_some());
    }
}
