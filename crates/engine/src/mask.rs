//! Pictures with what the authority hides painted over. What is hidden, the gate says; here it is
//! carried out, for stills and for the live relay alike.

use crate::context::Context;
use atalaya_authority::{Mask, PictureView};
use atalaya_geo::{Homography, PointingSigma, Vector2};
use atalaya_model::{Coverage, FeedIx, Frame, PixelBox, PixelFormat, PlatformState};
use atalaya_video::{Image, PixelFormat as VideoFormat};
use std::ops::Range;

/// Luma of what is hidden: dark, but not the black of a lost picture.
const HIDDEN: u8 = 40;
/// Luma of the line around it, and its width in pixels: nobody takes it for a shadow.
const EDGE: u8 = 200;
const EDGE_PX: usize = 2;
/// Around somebody who is covered, pixels: boxes are not drawn tightly.
const AROUND_PX: f64 = 6.0;
/// Speed of an aircraft that late metadata are reckoned with, m/s.
const FASTEST_MPS: f64 = 30.0;

/// How a picture lies on the ground: by its footprint where tracking has one, else by its metadata
/// alone. `None` without a camera in the picture's own metadata: how far to believe its place is
/// then not known.
pub fn view(
    context: &Context,
    feed: FeedIx,
    platform: Option<&PlatformState>,
    size: (u32, u32),
    coverage: Option<&Coverage>,
) -> Option<PictureView> {
    let pointing = context.pointing(platform?, size)?;
    let camera = pointing.camera?;
    let corners = coverage
        .and_then(|c| c.footprint)
        .map(|f| f.map(|[e, n]| Vector2::new(e, n)))
        .or(pointing.corners);
    let (w, h) = (f64::from(size.0), f64::from(size.1));
    let v = Vector2::new;
    let map = match corners {
        Some(corners) => {
            Homography::from_quad(&[v(0.0, 0.0), v(w, 0.0), v(w, h), v(0.0, h)], &corners)?
        }
        None => {
            camera.footprint(pointing.up)?;
            camera.ground_map(pointing.up)?
        }
    };
    let e = &context.operation.feeds.get(usize::from(feed.0))?.errors;
    Some(PictureView {
        map,
        camera,
        up: pointing.up,
        sigma: PointingSigma {
            horizontal_m: e.position_m.hypot(e.position_noise_m),
            vertical_m: e.height_m,
            heading: e.heading_deg.to_radians(),
            gimbal: e.gimbal_deg.hypot(e.pointing_noise_deg).to_radians(),
        },
        further_m: FASTEST_MPS * e.time_ms / 1e3,
    })
}

/// A picture of our own, 4:2:0.
pub struct Painted {
    size: (u32, u32),
    planes: [Vec<u8>; 3],
}

impl Painted {
    /// A copy of the frame with what the mask hides painted over. An odd last row or column is left
    /// out: neither encoder nor 4:2:0 has room for it. `None` for a picture of nothing.
    pub fn new(frame: &Frame, mask: &Mask) -> Option<Self> {
        let (w, h) = (frame.width as usize & !1, frame.height as usize & !1);
        if w == 0 || h == 0 {
            return None;
        }
        let (cw, ch) = (w / 2, h / 2);
        let luma = rows(frame, 0, w, h, 1)?;
        let chroma = match frame.format {
            PixelFormat::Gray8 => [vec![128; cw * ch], vec![128; cw * ch]],
            PixelFormat::Yuv420p => [rows(frame, 1, cw, ch, 1)?, rows(frame, 2, cw, ch, 1)?],
            // Every second row of chroma will do.
            PixelFormat::Yuv422p => [rows(frame, 1, cw, ch, 2)?, rows(frame, 2, cw, ch, 2)?],
            PixelFormat::Nv12 => {
                let both = rows(frame, 1, 2 * cw, ch, 1)?;
                let every = |first: usize| both.iter().skip(first).step_by(2).copied().collect();
                [every(0), every(1)]
            }
        };
        let [u, v] = chroma;
        let mut picture = Self {
            size: (w as u32, h as u32),
            planes: [luma, u, v],
        };
        picture.hide(mask);
        Some(picture)
    }

    /// As an image to encode.
    pub fn image(&self) -> Image<'_> {
        let w = self.size.0 as usize;
        Image {
            width: self.size.0,
            height: self.size.1,
            format: VideoFormat::Yuv420p,
            full_range: false,
            planes: [&self.planes[0], &self.planes[1], &self.planes[2]],
            strides: [w, w / 2, w / 2],
        }
    }

    /// Paints these boxes over (display pixels, some more around each), except what lies in `keep`.
    pub fn cover(&mut self, boxes: &[PixelBox], keep: Option<PixelBox>) {
        let (w, h) = (self.size.0 as usize, self.size.1 as usize);
        // Whole cells of two by two pixels, which share their chroma. What is not finite is zero.
        let cells = |b: &PixelBox, more: f64| {
            let low = |v: f64, most: usize| ((v - more).max(0.0) as usize).min(most) & !1;
            let high = |v: f64, most: usize| ((v + more).ceil().max(0.0) as usize).min(most);
            let (x, y) = (f64::from(b.x), f64::from(b.y));
            let (right, bottom) = (x + f64::from(b.w), y + f64::from(b.h));
            (low(x, w)..high(right, w), low(y, h)..high(bottom, h))
        };
        let kept = keep.map(|k| cells(&k, 0.0));
        for b in boxes {
            let (across, down) = cells(b, AROUND_PX);
            for y in down.step_by(2) {
                for x in across.clone().step_by(2) {
                    let keeps = |(kx, ky): &(Range<usize>, Range<usize>)| {
                        kx.contains(&x) && ky.contains(&y)
                    };
                    if kept.as_ref().is_some_and(keeps) {
                        continue;
                    }
                    self.fill(0, (x, y), (2, 2), HIDDEN);
                    for plane in 1..3 {
                        self.fill(plane, (x / 2, y / 2), (1, 1), 128);
                    }
                }
            }
        }
    }

    fn hide(&mut self, mask: &Mask) {
        let block = Mask::BLOCK as usize;
        let (columns, lines) = mask.size();
        for row in 0..lines {
            for column in 0..columns {
                if !mask.hides(column, row) {
                    continue;
                }
                let (x, y) = (column * block, row * block);
                self.fill(0, (x, y), (block, block), HIDDEN);
                for plane in 1..3 {
                    self.fill(plane, (x / 2, y / 2), (block / 2, block / 2), 128);
                }
                if row == 0 || !mask.hides(column, row - 1) {
                    self.fill(0, (x, y), (block, EDGE_PX), EDGE);
                }
                if !mask.hides(column, row + 1) {
                    self.fill(0, (x, y + block - EDGE_PX), (block, EDGE_PX), EDGE);
                }
                if column == 0 || !mask.hides(column - 1, row) {
                    self.fill(0, (x, y), (EDGE_PX, block), EDGE);
                }
                if !mask.hides(column + 1, row) {
                    self.fill(0, (x + block - EDGE_PX, y), (EDGE_PX, block), EDGE);
                }
            }
        }
    }

    fn fill(&mut self, plane: usize, (x, y): (usize, usize), (w, h): (usize, usize), value: u8) {
        let half = usize::from(plane > 0);
        let width = self.size.0 as usize >> half;
        let height = self.size.1 as usize >> half;
        let end = (x + w).min(width);
        for line in y..(y + h).min(height) {
            let row = self.planes.get_mut(plane);
            if let Some(part) = row.and_then(|p| p.get_mut(line * width + x..line * width + end)) {
                part.fill(value);
            }
        }
    }
}

/// `height` rows of `width` bytes of a plane, taking every `step`th; `None` when it has not so many.
fn rows(frame: &Frame, plane: usize, width: usize, height: usize, step: usize) -> Option<Vec<u8>> {
    let plane = frame.planes.get(plane)?;
    let bytes = (*plane.bytes).as_ref();
    let mut out = Vec::with_capacity(width * height);
    for y in 0..height {
        let start = y * step * plane.stride;
        out.extend_from_slice(bytes.get(start..start + width)?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_covered_with_a_margin_and_the_subject_is_not() {
        let (w, h) = (64usize, 48usize);
        let mut p = Painted {
            size: (w as u32, h as u32),
            planes: [vec![200; w * h], vec![60; w * h / 4], vec![60; w * h / 4]],
        };
        let at = |x, y, w, h| PixelBox { x, y, w, h };
        let wild = at(f32::NAN, f32::INFINITY, -5.0, 1e30);
        p.cover(
            &[at(20.0, 20.0, 10.0, 10.0), wild],
            Some(at(26.0, 20.0, 20.0, 10.0)),
        );
        let luma = |x: usize, y: usize| p.planes[0][y * w + x];
        assert_eq!([luma(16, 16), luma(22, 25), luma(25, 25)], [HIDDEN; 3]);
        assert_eq!([luma(27, 25), luma(10, 25), luma(40, 40)], [200; 3]);
        assert_eq!(luma(30, 33), HIDDEN, "the margin below the kept box");
        assert_eq!(p.planes[1][12 * w / 2 + 11], 128);
    }
}
