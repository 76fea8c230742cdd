//! Earlier pictures drawn as seen from the present one.

use crate::image::Gray;
use atalaya_geo::Homography;
use pulp::{Arch, Simd, WithSimd};

/// Pixels between exact evaluations of the map, across and down; linear in between (below 0.03 px
/// for the perspective between two views of a place).
pub const SPAN: usize = 16;
/// Pixels by which a span may be longer, or slope, and still be sampled as if it did not, from the
/// pair of pixels that its middle lies between.
const SLACK: f64 = 0.3;

/// A picture, and where in it the pixels of another lie.
pub struct Warp<'a> {
    img: &'a Gray,
    /// Where the corners of squares of [`SPAN`] pixels lie, row by row.
    corners: Vec<(f64, f64)>,
    across: usize,
}

impl<'a> Warp<'a> {
    /// `map`: pixels of a picture of `w` by `h` that is drawn to pixels of `img`.
    pub fn new(img: &'a Gray, map: &Homography, (w, h): (usize, usize)) -> Self {
        let m = map.to_rows();
        let (across, down) = (w.div_ceil(SPAN) + 1, h.div_ceil(SPAN) + 1);
        let mut corners = Vec::with_capacity(across * down);
        for j in 0..down {
            let y = (j * SPAN) as f64;
            for i in 0..across {
                let x = (i * SPAN) as f64;
                let z = 1.0 / (m[6] * x + m[7] * y + m[8]);
                corners.push((
                    (m[0] * x + m[1] * y + m[2]) * z,
                    (m[3] * x + m[4] * y + m[5]) * z,
                ));
            }
        }
        Self {
            img,
            corners,
            across,
        }
    }

    /// Draws row `y` from pixel `x`, a multiple of [`SPAN`], on: bilinear samples, at least 1; 0
    /// outside.
    #[inline(always)]
    pub fn draw(&self, x: usize, y: usize, out: &mut [u8]) {
        let top = y / SPAN * self.across + x / SPAN;
        let n = out.len().div_ceil(SPAN) + 1;
        let (top, bottom) = (
            &self.corners[top..top + n],
            &self.corners[top + self.across..top + self.across + n],
        );
        let f = (y % SPAN) as f64 / SPAN as f64;
        let at = |i: usize| {
            let (a, b) = (top[i], bottom[i]);
            (a.0 + f * (b.0 - a.0), a.1 + f * (b.1 - a.1))
        };
        let mut left = at(0);
        for (i, out) in out.chunks_mut(SPAN).enumerate() {
            let right = at(i + 1);
            sample(self.img, left, right, out);
            left = right;
        }
    }
}

/// `img` seen from the picture of `w` by `h` pixels whose pixels `map` takes into it.
pub fn warp(img: &Gray, map: &Homography, (w, h): (usize, usize), out: &mut Gray) {
    out.resize(w, h);
    let warp = Warp::new(img, map, (w, h));
    Arch::new().dispatch(Draw { warp, out });
}

/// A whole picture as drawn by the widest vectors of the processor.
struct Draw<'a> {
    warp: Warp<'a>,
    out: &'a mut Gray,
}

impl WithSimd for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (y, row) in self.out.px.chunks_exact_mut(self.out.w).enumerate() {
            self.warp.draw(0, y, row);
        }
    }
}

/// A span of up to [`SPAN`] pixels; `right` is where it would end were it that long.
#[inline(always)]
fn sample(img: &Gray, left: (f64, f64), right: (f64, f64), out: &mut [u8]) {
    let (longer, slope) = (right.0 - left.0 - SPAN as f64, right.1 - left.1);
    let least = left.0.min(left.1).min(right.0.min(right.1));
    let most = left.0.max(left.1).max(right.0.max(right.1));
    if let Some(out) = out.first_chunk_mut::<SPAN>()
        && longer.abs() <= 1.0
        && slope.abs() <= 4.0
    {
        // How far from its first pixel, and row, the span reaches.
        let reach = |at: f64, by: f64| match by.abs() {
            by if by <= SLACK => 1.0,
            _ => first_of::<3>(at, by).1.max(first_of::<3>(at, by).1 + by),
        };
        let drawn = match (reach(left.0, longer) <= 1.0, reach(left.1, slope)) {
            (true, r) if r <= 1.0 => near::<2, 2>(img, left, right, out),
            (true, r) if r <= 2.0 => near::<2, 3>(img, left, right, out),
            (true, r) if r <= 3.0 => near::<2, 4>(img, left, right, out),
            (true, _) => near::<2, 6>(img, left, right, out),
            (false, r) if r <= 1.0 => near::<3, 2>(img, left, right, out),
            (false, r) if r <= 2.0 => near::<3, 3>(img, left, right, out),
            (false, r) if r <= 3.0 => near::<3, 4>(img, left, right, out),
            (false, _) => near::<3, 6>(img, left, right, out),
        };
        if drawn {
            return;
        }
    }
    // Written so that what is not a number is refused, too.
    if least >= -30_000.0 && most <= 30_000.0 {
        bent(img, left, right, out);
    } else {
        out.fill(0);
    }
}

/// The first of `N` pixels or rows in a line that starts at `at` and is `by` longer (or slopes so
/// far), and where on them it starts. Two have to do for a line that is hardly longer: they are
/// taken about its middle.
#[inline(always)]
fn first_of<const N: usize>(at: f64, by: f64) -> (f64, f64) {
    let first = if N == 2 {
        at + 0.5 * by
    } else {
        at.min(at + by)
    }
    .floor();
    (first, at - first)
}

/// A span that lies along `R` rows of `img`, each of its pixels between `C` in a row, so that 16-bit
/// lanes do it (arithmetic that wraps, as checks for an overflow that can't be would keep it out of
/// them). Between pixels and between rows it is linear, piece by piece. False at the edge of `img`.
#[inline(always)]
fn near<const C: usize, const R: usize>(
    img: &Gray,
    left: (f64, f64),
    right: (f64, f64),
    out: &mut [u8; SPAN],
) -> bool {
    const N: usize = SPAN;
    let (dx, dy) = (right.0 - left.0 - N as f64, right.1 - left.1);
    let ((ix, fx), (iy, fy)) = (first_of::<C>(left.0, dx), first_of::<R>(left.1, dy));
    if !(ix >= 0.0 && iy >= 0.0) {
        return false;
    }
    let (ix, iy) = (ix as usize, iy as usize);
    if ix + N + C - 1 > img.w || iy + R > img.h {
        return false;
    }
    // 64ths of a pixel in 16ths of those; what reaches beyond the pixels is held to them.
    let fixed = |v: f64| (v * 1024.0) as i16;
    let (fx, fy) = (fixed(fx), fixed(fy));
    let (sx, sy) = (fixed(dx / N as f64), fixed(dy / N as f64));
    let (mut wx, mut wy) = ([0i16; N], [0i16; N]);
    for k in 0..N {
        let n = k as i16;
        wx[k] = (fx.wrapping_add(sx.wrapping_mul(n)) >> 4).clamp(0, 64 * (C as i16 - 1));
        wy[k] = (fy.wrapping_add(sy.wrapping_mul(n)) >> 4).clamp(0, 64 * (R as i16 - 1));
    }
    // Nine bits of grey of a row, times seven of place.
    let (mut sum, mut before) = ([0i16; N], [0i16; N]);
    for r in 0..R {
        let at = (iy + r) * img.w + ix;
        let Some(px) = img.px.get(at..at + N + C - 1) else {
            return false;
        };
        let mut row = [0i16; N];
        for c in 1..C {
            let pixels = |c: usize| px.get(c..).and_then(<[u8]>::first_chunk::<N>);
            let (Some(l), Some(r)) = (pixels(c - 1), pixels(c)) else {
                return false;
            };
            for k in 0..N {
                let (l, r) = (i16::from(l[k]), i16::from(r[k]));
                let part = wx[k].wrapping_sub(64 * (c as i16 - 1)).clamp(0, 64);
                let before = if c == 1 { l << 6 } else { row[k] };
                row[k] = before.wrapping_add(r.wrapping_sub(l).wrapping_mul(part));
            }
        }
        for k in 0..N {
            let v = row[k] >> 5;
            if r == 0 {
                sum[k] = v << 6;
            } else {
                let part = wy[k].wrapping_sub(64 * (r as i16 - 1)).clamp(0, 64);
                let step = v.wrapping_sub(before[k]);
                sum[k] = sum[k].wrapping_add(step.wrapping_mul(part));
            }
            before[k] = v;
        }
    }
    for (o, s) in out.iter_mut().zip(sum) {
        *o = (s.wrapping_add(64) >> 7).max(1) as u8;
    }
    true
}

/// Any span: pixel by pixel.
fn bent(img: &Gray, left: (f64, f64), right: (f64, f64), out: &mut [u8]) {
    const ONE: f64 = 65536.0;
    out.fill(0);
    let (max_x, max_y) = (img.w as i32 - 2, img.h as i32 - 2);
    let n = SPAN as f64;
    let mut sx = (left.0 * ONE) as i32;
    let mut sy = (left.1 * ONE) as i32;
    let dx = ((right.0 - left.0) * ONE / n) as i32;
    let dy = ((right.1 - left.1) * ONE / n) as i32;
    for o in out {
        let (ix, iy) = (sx >> 16, sy >> 16);
        if ix >= 0 && iy >= 0 && ix <= max_x && iy <= max_y {
            let (fx, fy) = ((sx >> 8) & 255, (sy >> 8) & 255);
            let i = iy as usize * img.w + ix as usize;
            let mix =
                |l: i32, r: i32, f: i32| (l << 8).wrapping_add(r.wrapping_sub(l).wrapping_mul(f));
            let at = |i: usize| i32::from(img.px[i]);
            let top = mix(at(i), at(i + 1), fx);
            let bottom = mix(at(i + img.w), at(i + img.w + 1), fx);
            let v = mix(top, bottom, fy).wrapping_add(32_768) >> 16;
            *o = v.max(1) as u8;
        }
        sx = sx.wrapping_add(dx);
        sy = sy.wrapping_add(dy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::noise;

    #[test]
    fn every_way_of_sampling_gives_the_same_picture() {
        let img = noise(96, 80, 9, |x, y| {
            120.0 + 80.0 * ((x as f32 * 0.21).sin() * (y as f32 * 0.17).cos())
        });
        let mut drawn = 0;
        for (dx, dy) in [0.1, -0.2, 0.25, 0.9, -0.8]
            .into_iter()
            .flat_map(|dx| [0.2, 0.8, -0.9, 1.9, -1.3, 3.7, -3.9].map(|dy| (dx, dy)))
        {
            let (left, right) = ((20.3, 40.6), (36.3 + dx, 40.6 + dy));
            let (mut a, mut b) = ([0u8; SPAN], [0u8; SPAN]);
            bent(&img, left, right, &mut b);
            let ways = [
                near::<2, 2>,
                near::<2, 3>,
                near::<2, 4>,
                near::<2, 6>,
                near::<3, 2>,
                near::<3, 3>,
                near::<3, 4>,
                near::<3, 6>,
            ];
            for (way, (most_x, most_y)) in ways.iter().zip([
                (SLACK, SLACK),
                (SLACK, 1.0),
                (SLACK, 2.0),
                (SLACK, 4.0),
                (1.0, SLACK),
                (1.0, 1.0),
                (1.0, 2.0),
                (1.0, 4.0),
            ]) {
                if f64::abs(dx) <= most_x && f64::abs(dy) <= most_y {
                    assert!(way(&img, left, right, &mut a));
                    let off = a.iter().zip(&b).map(|(a, b)| a.abs_diff(*b)).max();
                    assert!(off <= Some(3), "{off:?} at {dx}, {dy}, {most_x}, {most_y}");
                    drawn += 1;
                }
            }
        }
        assert!(drawn > 60, "{drawn}");
    }

    #[test]
    fn warp_by_a_shift_is_a_shift() {
        let img = noise(64, 48, 5, |x, y| (x * 2 + y) as f32 + 20.0);
        let map = Homography::from_rows(&[1.0, 0.0, 3.0, 0.0, 1.0, 2.0, 0.0, 0.0, 1.0]).unwrap();
        let mut out = Gray::default();
        warp(&img, &map, (img.w, img.h), &mut out);
        assert_eq!(out.row(10)[20], img.row(12)[23]);
        assert_eq!(out.row(47)[10], 0);
    }
}
