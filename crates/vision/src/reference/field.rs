//! Directions of edges, and how alike they are.

use crate::image::Gray;
use atalaya_model::PixelBox;

/// Difference of grey levels over two pixels at which an edge counts half: noise and grass are below.
const SOFT: i32 = 6;
/// What an edge counts at most.
pub(super) const FULL: i32 = 64;

/// Directions of edges: for each pixel the cosine and sine of twice the angle, times its weight up to
/// [`FULL`]; and sums of their squares.
pub(super) struct Field {
    pub(super) w: usize,
    pub(super) h: usize,
    /// Cosine and sine by turns.
    at: Vec<i16>,
    /// Sums of squared weights over all above and to the left, one row and column more.
    sums: Vec<u64>,
}

impl Field {
    /// Of a picture without what is in `hidden`, its pixels.
    pub(super) fn of(img: &Gray, hidden: &[PixelBox]) -> Self {
        let (w, h) = (img.w, img.h);
        let soft = img.smooth();
        let mut at = vec![0i16; 2 * w * h];
        // Two pixels about each must be known: smoothing has blurred the edge of the known.
        for y in 2..h.saturating_sub(2) {
            let rows = [img.row(y - 2), img.row(y), img.row(y + 2)];
            let (up, mid, down) = (soft.row(y - 1), soft.row(y), soft.row(y + 1));
            for x in 2..w.saturating_sub(2) {
                if rows
                    .iter()
                    .any(|r| r[x - 2] == 0 || r[x] == 0 || r[x + 2] == 0)
                {
                    continue;
                }
                let gx = i32::from(mid[x + 1]) - i32::from(mid[x - 1]);
                let gy = i32::from(down[x]) - i32::from(up[x]);
                let size = gx * gx + gy * gy + SOFT * SOFT;
                let i = 2 * (y * w + x);
                at[i] = (FULL * (gx * gx - gy * gy) / size) as i16;
                at[i + 1] = (2 * FULL * gx * gy / size) as i16;
            }
        }
        for b in hidden {
            let (x0, x1) = span(b.x, b.w, w);
            let (y0, y1) = span(b.y, b.h, h);
            for y in y0..y1 {
                at[2 * (y * w + x0)..2 * (y * w + x1)].fill(0);
            }
        }
        let mut sums = vec![0u64; (w + 1) * (h + 1)];
        for y in 0..h {
            let mut row = 0u64;
            for x in 0..w {
                let (c, s) = (
                    i64::from(at[2 * (y * w + x)]),
                    i64::from(at[2 * (y * w + x) + 1]),
                );
                row += (c * c + s * s) as u64;
                sums[(y + 1) * (w + 1) + x + 1] = sums[y * (w + 1) + x + 1] + row;
            }
        }
        Self { w, h, at, sums }
    }

    /// Sum of squared weights of `w` by `h` pixels from `x`, `y`.
    pub(super) fn energy(&self, (x, y): (usize, usize), (w, h): (usize, usize)) -> f32 {
        let at = |x: usize, y: usize| self.sums[y * (self.w + 1) + x];
        ((at(x + w, y + h) + at(x, y)) - (at(x + w, y) + at(x, y + h))) as f32
    }

    /// Likeness of `w` by `h` pixels from `x`, `y` to as many of `other` from `u`, `v`: -1 to 1.
    pub(super) fn likeness(
        &self,
        (x, y): (usize, usize),
        other: &Self,
        (u, v): (usize, usize),
        (w, h): (usize, usize),
    ) -> f32 {
        let mut sum = 0i64;
        for r in 0..h {
            let a = &self.at[2 * ((y + r) * self.w + x)..][..2 * w];
            let b = &other.at[2 * ((v + r) * other.w + u)..][..2 * w];
            let row: i32 = a
                .iter()
                .zip(b)
                .map(|(a, b)| i32::from(*a) * i32::from(*b))
                .sum();
            sum += i64::from(row);
        }
        let both = self.energy((x, y), (w, h)) * other.energy((u, v), (w, h));
        if both > 0.0 {
            sum as f32 / both.sqrt()
        } else {
            0.0
        }
    }
}

/// From and to on a side of `n` pixels, one more to each side for the smoothing.
fn span(from: f32, length: f32, n: usize) -> (usize, usize) {
    let to = |v: f32| v.clamp(0.0, n as f32) as usize;
    let (a, b) = (to(from - 2.0), to(from + length + 2.0));
    (a.min(b), b)
}
