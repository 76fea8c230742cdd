//! One track of boxes.

use super::motion::Axis;
use super::{BoxRow, BoxSettings};
use atalaya_model::{Detection, PixelBox};

/// Sizes change a third as fast as places.
const SIZE_VARIANCE: f64 = 0.1;
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
    x: Axis,
    y: Axis,
    w: Axis,
    h: Axis,
    first: Taken,
    taken: Vec<Taken>,
}

impl BoxTrack {
    pub fn new(frame: u64, t: f64, d: &Detection, s: &BoxSettings) -> Self {
        let z = measured(&d.bbox);
        let (place, speed) = ((s.place * z[3]).powi(2), (s.speed * z[3]).powi(2));
        let axis = |i: usize| {
            let size = if i < 2 { 1.0 } else { SIZE_VARIANCE };
            Axis::new(z[i], place, speed * size)
        };
        let first = Taken {
            frame,
            t,
            bbox: d.bbox,
            score: d.score,
        };
        Self {
            number: None,
            x: axis(0),
            y: axis(1),
            w: axis(2),
            h: axis(3),
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
        PixelBox {
            x: (self.x.at - self.w.at / 2.0) as f32,
            y: (self.y.at - self.h.at / 2.0) as f32,
            w: self.w.at as f32,
            h: self.h.at as f32,
        }
    }

    /// How far the centre of a box is from where this should be.
    pub fn off(&self, b: &PixelBox) -> (f64, f64) {
        let z = measured(b);
        (z[0] - self.x.at, z[1] - self.y.at)
    }

    pub fn shift(&mut self, by: (f64, f64)) {
        self.x.at += by.0;
        self.y.at += by.1;
    }

    pub fn predict(&mut self, dt: f64, s: &BoxSettings) {
        let q = (s.accel * self.h.at).powi(2);
        for axis in [&mut self.x, &mut self.y] {
            axis.predict(dt, q);
        }
        for axis in [&mut self.w, &mut self.h] {
            axis.predict(dt, q * SIZE_VARIANCE);
            axis.at = axis.at.max(LEAST_PX);
        }
    }

    /// This detection is it.
    pub fn take(&mut self, frame: u64, t: f64, d: &Detection, s: &BoxSettings) {
        let weak = if d.score >= s.strong { 1.0 } else { WEAK_NOISE };
        let r = (s.place * self.h.at).powi(2) * weak;
        let z = measured(&d.bbox);
        self.x.update(z[0], r);
        self.y.update(z[1], r);
        self.w.update(z[2], r * SIZE_NOISE);
        self.h.update(z[3], r * SIZE_NOISE);
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

/// Centre, width, height.
fn measured(b: &PixelBox) -> [f64; 4] {
    let [x, y, w, h] = [b.x, b.y, b.w, b.h].map(f64::from);
    [x + w / 2.0, y + h / 2.0, w, h]
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
