//! One track of boxes.

use super::{BoxRow, BoxSettings};
use crate::kalman::Kalman;
use atalaya_geo::{Matrix2, Vector2};
use atalaya_model::{Detection, PixelBox};

/// Sizes change about a third as fast as places: the root of a tenth.
const SIZE_PACE: f64 = 0.316_227_766_016_837_94;
/// Sizes are measured a little worse than places.
const SIZE_NOISE: f64 = 2.0;
/// A weak detection's box is twice as wrong.
const WEAK_NOISE: f64 = 4.0;
/// Boxes are not believed to shrink below this, pixels.
const LEAST_PX: f64 = 2.0;

/// A box that was taken.
#[derive(Clone, Copy, Debug)]
struct Taken {
    frame: u64,
    t: f64,
    bbox: PixelBox,
    score: f32,
}

/// Something that is followed: centre and size, and all that was taken for it.
#[derive(Clone, Debug)]
pub(super) struct BoxTrack {
    number: Option<u32>,
    centre: Kalman,
    /// Width and height.
    size: Kalman,
    first: Taken,
    taken: Vec<Taken>,
}

impl BoxTrack {
    pub fn new(frame: u64, t: f64, d: &Detection, s: &BoxSettings) -> Self {
        let (centre, size) = measured(&d.bbox);
        let place = variance(s.place * size.y);
        let speed = s.speed * size.y;
        let first = Taken {
            frame,
            t,
            bbox: d.bbox,
            score: d.score,
        };
        Self {
            number: None,
            centre: Kalman::new(centre, &place, speed),
            size: Kalman::new(size, &place, SIZE_PACE * speed),
            first,
            taken: Vec::new(),
        }
    }

    fn last(&self) -> &Taken {
        self.taken.last().unwrap_or(&self.first)
    }

    /// When it was last seen, seconds.
    pub fn seen(&self) -> f64 {
        self.last().t
    }

    pub fn hits(&self) -> usize {
        1 + self.taken.len()
    }

    pub fn believed(&self) -> bool {
        self.number.is_some()
    }

    pub fn believe(&mut self, number: u32) {
        self.number = Some(number);
    }

    /// Where it should be now.
    pub fn bbox(&self) -> PixelBox {
        let (centre, size) = (self.centre.p, self.size.p);
        PixelBox {
            x: (centre.x - size.x / 2.0) as f32,
            y: (centre.y - size.y / 2.0) as f32,
            w: size.x as f32,
            h: size.y as f32,
        }
    }

    /// How far the centre of a box is from where this should be.
    pub fn off(&self, b: &PixelBox) -> Vector2<f64> {
        measured(b).0 - self.centre.p
    }

    pub fn shift(&mut self, by: Vector2<f64>) {
        self.centre.p += by;
    }

    pub fn predict(&mut self, dt: f64, s: &BoxSettings) {
        let accel = s.accel * self.size.p.y;
        self.centre.predict(dt, accel);
        self.size.predict(dt, SIZE_PACE * accel);
        self.size.p = self.size.p.map(|v| v.max(LEAST_PX));
    }

    /// This detection is it.
    pub fn take(&mut self, frame: u64, t: f64, d: &Detection, s: &BoxSettings) {
        let weak = if d.score >= s.strong { 1.0 } else { WEAK_NOISE };
        let r = variance(s.place * self.size.p.y) * weak;
        let (centre, size) = measured(&d.bbox);
        self.centre.update(centre, &r);
        self.size.update(size, &(r * SIZE_NOISE));
        self.taken.push(Taken {
            frame,
            t,
            bbox: d.bbox,
            score: d.score,
        });
    }

    /// Its boxes, if it is believed as a whole; short gaps are filled in between.
    pub fn tell(self, s: &BoxSettings, rows: &mut Vec<BoxRow>) {
        let Some(track) = self.number else { return };
        let all: Vec<Taken> = std::iter::once(self.first).chain(self.taken).collect();
        let mean = all.iter().map(|t| f64::from(t.score)).sum::<f64>() / all.len() as f64;
        if mean < f64::from(s.mean_score) {
            return;
        }
        let row = |frame, bbox, score| BoxRow {
            frame,
            track,
            bbox,
            score,
        };
        for (i, a) in all.iter().enumerate() {
            rows.push(row(a.frame, a.bbox, a.score));
            let Some(b) = all.get(i + 1).filter(|b| b.t - a.t < s.fill_s + 1e-6) else {
                continue;
            };
            for frame in a.frame + 1..b.frame {
                let share = (frame - a.frame) as f32 / (b.frame - a.frame) as f32;
                rows.push(row(
                    frame,
                    between(&a.bbox, &b.bbox, share),
                    a.score.min(b.score),
                ));
            }
        }
    }
}

/// Centre and size.
fn measured(b: &PixelBox) -> (Vector2<f64>, Vector2<f64>) {
    let [x, y, w, h] = [b.x, b.y, b.w, b.h].map(f64::from);
    (Vector2::new(x + w / 2.0, y + h / 2.0), Vector2::new(w, h))
}

/// Of an error that is the same both ways.
fn variance(sigma: f64) -> Matrix2<f64> {
    Matrix2::identity() * sigma.powi(2)
}

fn between(a: &PixelBox, b: &PixelBox, share: f32) -> PixelBox {
    let mix = |p: f32, q: f32| p + (q - p) * share;
    PixelBox {
        x: mix(a.x, b.x),
        y: mix(a.y, b.y),
        w: mix(a.w, b.w),
        h: mix(a.h, b.h),
    }
}
