//! Boxes of a picture as chips.

use crate::chip::features::{self, FEATURES, Given, SIDE};
use crate::chip::random::Random;
use crate::chip::square::square;
use atalaya_model::{Frame, PixelBox};

/// How much more than the box is looked at: the square has this times its longer side.
const CONTEXT: f32 = 1.75;
/// Sides of boxes that are looked at, pixels.
const SIDES: (f32, f32) = (2.0, 4096.0);
/// Least resolution that chips are varied down to: samples over the longer side of the box.
const COARSEST: f32 = 5.0;

/// A picture's luma, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct Luma<'a> {
    bytes: &'a [u8],
    stride: usize,
    /// Width, pixels.
    pub w: usize,
    /// Height, pixels.
    pub h: usize,
}

impl<'a> Luma<'a> {
    /// Of bytes with a stride; `None` when they are too few.
    pub fn new(bytes: &'a [u8], stride: usize, w: usize, h: usize) -> Option<Self> {
        let need = stride.checked_mul(h.checked_sub(1)?)?.checked_add(w)?;
        (w > 0 && stride >= w && bytes.len() >= need).then_some(Self {
            bytes,
            stride,
            w,
            h,
        })
    }

    /// Of a frame.
    pub fn of(frame: &'a Frame) -> Option<Self> {
        let (bytes, stride) = frame.luma()?;
        Self::new(bytes, stride, frame.width as usize, frame.height as usize)
    }

    pub(super) fn row(&self, y: usize) -> &'a [u8] {
        &self.bytes[y * self.stride..y * self.stride + self.w]
    }
}

/// What is known beside the pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Look {
    /// The picture is a thermal one.
    pub thermal: bool,
    /// Warm is dark in it.
    pub black_hot: bool,
    /// Metres across a pixel where the thing is, across the line of sight.
    pub metres_per_px: Option<f32>,
}

/// A box of a picture as the numbers that a classifier reads.
#[derive(Clone, Debug, PartialEq)]
pub struct Chip(Vec<f32>);

impl Chip {
    /// Cut out of a picture; `None` for a box that is smaller than 2 pixels, larger than 4096, not a
    /// number, or with its centre outside.
    pub fn cut(luma: &Luma<'_>, bbox: &PixelBox, look: &Look) -> Option<Self> {
        let (cx, cy) = centre(luma, bbox)?;
        let side = CONTEXT * bbox.w.max(bbox.h);
        let mut patch = square(luma, cx - 0.5 * side, cy - 0.5 * side, side, SIDE);
        Some(Self::of(&mut patch, bbox, look))
    }

    /// The same for training: a little beside, smaller or larger, coarser, noisier, and without the
    /// metres every other time, so that a model is of use without them.
    pub fn varied(
        luma: &Luma<'_>,
        bbox: &PixelBox,
        look: &Look,
        random: &mut Random,
    ) -> Option<Self> {
        let (cx, cy) = centre(luma, bbox)?;
        let grow = |r: &mut Random| r.between(-0.22, 0.22).exp();
        let bbox = PixelBox {
            w: bbox.w * grow(random),
            h: bbox.h * grow(random),
            ..*bbox
        };
        let longer = bbox.w.max(bbox.h);
        let side = CONTEXT * longer;
        let cx = cx + random.between(-0.1, 0.1) * bbox.w;
        let cy = cy + random.between(-0.1, 0.1) * bbox.h;
        let (x, y) = (cx - 0.5 * side, cy - 0.5 * side);
        // As seen from farther away: fewer samples first, with noise of their own.
        let finest = longer.clamp(COARSEST, 32.0);
        let across = COARSEST * (finest / COARSEST).powf(random.unit());
        let n = (CONTEXT * across).round().max(4.0) as usize;
        let noise = 5.0 * random.unit() * random.unit();
        let mut coarse = square(luma, x, y, side, n);
        if random.bits() & 1 == 1 {
            soften(&mut coarse, n);
        }
        let coarse: Vec<u8> = coarse
            .into_iter()
            .map(|v| (v + noise * random.bell()).round().clamp(0.0, 255.0) as u8)
            .collect();
        let look = Look {
            metres_per_px: look.metres_per_px.filter(|_| random.bits() & 1 == 1),
            ..*look
        };
        let coarse = Luma::new(&coarse, n, n, n)?;
        let mut patch = square(&coarse, 0.0, 0.0, n as f32, SIDE);
        Some(Self::of(&mut patch, &bbox, &look))
    }

    /// Of its own numbers.
    #[cfg(test)]
    pub(super) fn from_numbers(numbers: Vec<f32>) -> Self {
        assert_eq!(numbers.len(), FEATURES);
        Self(numbers)
    }

    /// The numbers.
    pub(super) fn numbers(&self) -> &[f32] {
        &self.0
    }

    fn of(patch: &mut [f32], bbox: &PixelBox, look: &Look) -> Self {
        if look.thermal && look.black_hot {
            patch.iter_mut().for_each(|v| *v = 255.0 - *v);
        }
        let longer = bbox.w.max(bbox.h);
        let metres = look
            .metres_per_px
            .map(|m| m * longer)
            .filter(|m| m.is_finite() && *m > 0.0);
        let mut out = Vec::with_capacity(FEATURES);
        features::write(
            patch,
            &Given {
                half: (
                    0.5 * bbox.w / (CONTEXT * longer),
                    0.5 * bbox.h / (CONTEXT * longer),
                ),
                aspect: bbox.w / bbox.h,
                thermal: look.thermal,
                metres,
            },
            &mut out,
        );
        Self(out)
    }
}

/// The centre of a box that can be looked at.
fn centre(luma: &Luma<'_>, b: &PixelBox) -> Option<(f32, f32)> {
    let sides = SIDES.0..=SIDES.1;
    let (cx, cy) = b.centre();
    (sides.contains(&b.w)
        && sides.contains(&b.h)
        && (0.0..luma.w as f32).contains(&cx)
        && (0.0..luma.h as f32).contains(&cy))
    .then_some((cx, cy))
}

/// Smoothed as by coding: the 3x3 binomial, without the border.
fn soften(px: &mut [f32], n: usize) {
    let old = px.to_vec();
    let at = |x: usize, y: usize| old[y * n + x];
    for y in 1..n.saturating_sub(1) {
        for x in 1..n - 1 {
            let line = |y: usize| at(x - 1, y) + 2.0 * at(x, y) + at(x + 1, y);
            px[y * n + x] = (line(y - 1) + 2.0 * line(y) + line(y + 1)) / 16.0;
        }
    }
}
