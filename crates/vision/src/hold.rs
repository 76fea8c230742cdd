//! Remembered pictures of what has stopped: differences no longer show it, correlation does.

use crate::image::Gray;
use crate::settings::VisionSettings;
use atalaya_geo::{Homography, Vector2};
use atalaya_model::PixelBox;

/// Most pixels of a remembered picture along one side.
const MAX_SIDE: usize = 64;

/// A remembered picture, in working pixels.
#[derive(Clone, Debug)]
pub struct Template {
    w: usize,
    h: usize,
    px: Vec<f32>,
}

impl Template {
    /// The picture at `bbox` (working pixels) with a margin; `None` at the edge of the picture or
    /// when it has no structure to be recognised by.
    pub fn take(img: &Gray, bbox: &PixelBox) -> Option<Self> {
        let (w, h) = size(bbox);
        let (cx, cy) = bbox.centre();
        let mut px = Vec::new();
        cut(img, cx, cy, w, h, &mut px)?;
        let t = Self { w, h, px };
        (t.variance() > 9.0).then_some(t)
    }

    fn variance(&self) -> f32 {
        let n = self.px.len() as f32;
        let mean = self.px.iter().sum::<f32>() / n;
        self.px.iter().map(|p| (p - mean).powi(2)).sum::<f32>() / n
    }

    /// The place near (`cx`, `cy`) that is most like it, and how much: normalised correlation. Whole pixels would let
    /// it slip away: what the look is learnt from lies where it was found, and what is off by less than half a pixel
    /// in every picture would never be found to be.
    pub fn find(&self, img: &Gray, cx: f32, cy: f32, search: i32) -> Option<(f32, f32, f32)> {
        let mut px = Vec::with_capacity(self.px.len());
        let mut at = |dx: i32, dy: i32| {
            let (x, y) = (cx + dx as f32, cy + dy as f32);
            cut(img, x, y, self.w, self.h, &mut px)?;
            Some(correlation(&self.px, &px))
        };
        let mut best: Option<(i32, i32, f32)> = None;
        for dy in -search..=search {
            for dx in -search..=search {
                // Ties and near ties stay at the expected place.
                let r = at(dx, dy).map(|r| r - 0.002 * (dx * dx + dy * dy) as f32);
                if let Some(r) = r
                    && best.is_none_or(|b| r > b.2)
                {
                    best = Some((dx, dy, r));
                }
            }
        }
        let (dx, dy, r) = best?;
        let mut peak = |u: i32, v: i32| {
            let (a, b, c) = (at(dx - u, dy - v)?, at(dx, dy)?, at(dx + u, dy + v)?);
            Some(vertex(a, b, c))
        };
        let (sx, sy) = (peak(1, 0).unwrap_or(0.0), peak(0, 1).unwrap_or(0.0));
        Some((cx + dx as f32 + sx, cy + dy as f32 + sy, r))
    }

    /// Follows the present look at (`cx`, `cy`) by the share `rate`.
    pub fn learn(&mut self, img: &Gray, cx: f32, cy: f32, rate: f32) {
        let mut px = Vec::new();
        if cut(img, cx, cy, self.w, self.h, &mut px).is_some() {
            for (t, p) in self.px.iter_mut().zip(&px) {
                *t += rate * (p - *t);
            }
        }
    }
}

/// Where the parabola through three values a step apart has its top, in steps from the middle one; at most half a one.
fn vertex(a: f32, b: f32, c: f32) -> f32 {
    let bend = 2.0 * b - a - c;
    if bend > 1e-6 {
        (0.5 * (c - a) / bend).clamp(-0.5, 0.5)
    } else {
        0.0
    }
}

/// A quarter more than the box, at least 9 pixels.
fn size(bbox: &PixelBox) -> (usize, usize) {
    let grow = |v: f32| ((v * 1.25).ceil() as usize).clamp(9, MAX_SIDE);
    (grow(bbox.w), grow(bbox.h))
}

/// Samples a `w`x`h` window about a centre.
fn cut(img: &Gray, cx: f32, cy: f32, w: usize, h: usize, out: &mut Vec<f32>) -> Option<()> {
    out.clear();
    let (x0, y0) = (cx - 0.5 * w as f32, cy - 0.5 * h as f32);
    img.sample(x0, y0)?;
    img.sample(x0 + w as f32, y0 + h as f32)?;
    for j in 0..h {
        for i in 0..w {
            out.push(img.sample(x0 + i as f32, y0 + j as f32)?);
        }
    }
    Some(())
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let n = a.len() as f32;
    let (ma, mb) = (a.iter().sum::<f32>() / n, b.iter().sum::<f32>() / n);
    let (mut ab, mut aa, mut bb) = (0f32, 0f32, 0f32);
    for (p, q) in a.iter().zip(b) {
        let (u, v) = (p - ma, q - mb);
        ab += u * v;
        aa += u * u;
        bb += v * v;
    }
    if aa <= 0.0 || bb <= 0.0 {
        return 0.0;
    }
    ab / (aa * bb).sqrt()
}

/// Where a box of the previous frame lies in this one.
pub fn carry(bbox: &PixelBox, to_now: &Homography) -> Option<PixelBox> {
    let (cx, cy) = bbox.centre();
    let c = Vector2::new(f64::from(cx), f64::from(cy));
    let p = to_now.apply(c)?;
    let j = to_now.jacobian(c)?;
    let scale = j.determinant().abs().sqrt();
    if !(0.2..5.0).contains(&scale) {
        return None;
    }
    let (w, h) = (bbox.w * scale as f32, bbox.h * scale as f32);
    Some(PixelBox {
        x: p.x as f32 - 0.5 * w,
        y: p.y as f32 - 0.5 * h,
        w,
        h,
    })
}

/// Looks for a template at `expected` (display pixels; `scale` to working pixels) and learns when
/// it is there and nothing moves over it. Gives the box found and the likeness.
///
/// Of what is `parked` the look is learnt where it is expected: as the camera goes round it, what is found best is the
/// part of it that stands out most, and the box would go over to that.
pub fn look(
    template: &mut Template,
    img: &Gray,
    expected: &PixelBox,
    scale: f32,
    (moving, parked): (bool, bool),
    s: &VisionSettings,
) -> Option<(PixelBox, f32)> {
    let (cx, cy) = expected.centre();
    let (x, y, likeness) = template.find(img, cx * scale, cy * scale, s.hold_search_px)?;
    if likeness > s.hold_likeness && !moving {
        let (x, y) = if parked {
            (cx * scale, cy * scale)
        } else {
            (x, y)
        };
        template.learn(img, x, y, s.hold_learning);
    }
    let found = PixelBox {
        x: x / scale - 0.5 * expected.w,
        y: y / scale - 0.5 * expected.h,
        ..*expected
    };
    Some((found, likeness))
}
