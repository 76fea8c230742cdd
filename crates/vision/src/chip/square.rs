//! A square of a picture at any scale.

use crate::chip::cut::Luma;

/// Most source pixels that a sample is the mean of, in one direction.
const TAPS: f32 = 8.0;

/// What each of `n` samples in one direction takes: source pixels with their weights.
struct Taps {
    ends: Vec<usize>,
    taps: Vec<(usize, f32)>,
}

impl Taps {
    /// Samples over `from` to `from + side` of `end` pixels; what lies outside repeats the border.
    fn new(from: f32, side: f32, n: usize, end: usize) -> Self {
        let step = side / n as f32;
        // A pixel is even over its square, so that a window of one pixel is linear interpolation.
        let window = step.max(1.0);
        let stride = (step / TAPS).max(1.0) as i64;
        let last = end as i64 - 1;
        let (mut ends, mut taps) = (Vec::with_capacity(n), Vec::new());
        for i in 0..n {
            let centre = from + (i as f32 + 0.5) * step;
            let (lo, hi) = (centre - 0.5 * window, centre + 0.5 * window);
            let start = taps.len();
            let mut sum = 0.0;
            let mut j = lo.floor() as i64;
            while (j as f32) < hi {
                let share = (hi.min(j as f32 + 1.0) - lo.max(j as f32)).max(0.0);
                taps.push((j.clamp(0, last) as usize, share));
                sum += share;
                j += stride;
            }
            for t in &mut taps[start..] {
                t.1 /= f32::max(sum, 1e-6);
            }
            ends.push(taps.len());
        }
        Self { ends, taps }
    }

    fn of(&self, i: usize) -> &[(usize, f32)] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.taps[start..self.ends[i]]
    }
}

/// `n` x `n` samples over the square with its corner at `x`, `y`, by area; the picture's border
/// repeats outside. At most eight pixels in each direction count for a sample.
pub fn square(luma: &Luma<'_>, x: f32, y: f32, side: f32, n: usize) -> Vec<f32> {
    let columns = Taps::new(x, side, n, luma.w);
    let rows = Taps::new(y, side, n, luma.h);
    let mut out = vec![0f32; n * n];
    let mut line = vec![0f32; n];
    let mut held = usize::MAX;
    for i in 0..n {
        for &(row, share) in rows.of(i) {
            if row != held {
                let px = luma.row(row);
                for (k, v) in line.iter_mut().enumerate() {
                    *v = columns
                        .of(k)
                        .iter()
                        .map(|&(c, w)| w * f32::from(px[c]))
                        .sum();
                }
                held = row;
            }
            for (o, v) in out[i * n..(i + 1) * n].iter_mut().zip(&line) {
                *o += share * v;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_of_its_own_size_is_the_picture_and_half_is_the_mean() {
        let px: Vec<u8> = (0..64).map(|i| (i * 3) as u8).collect();
        let luma = Luma::new(&px, 8, 8, 8).unwrap();
        let same = square(&luma, 0.0, 0.0, 8.0, 8);
        assert!(
            same.iter()
                .zip(&px)
                .all(|(a, b)| (a - f32::from(*b)).abs() < 1e-3)
        );
        let half = square(&luma, 0.0, 0.0, 8.0, 4);
        let mean =
            (f32::from(px[0]) + f32::from(px[1]) + f32::from(px[8]) + f32::from(px[9])) / 4.0;
        assert!((half[0] - mean).abs() < 1e-3);
        // Between two pixels it is between their values; outside the border repeats.
        let between = square(&luma, 0.5, 0.0, 1.0, 1);
        assert!((between[0] - 1.5).abs() < 1e-3);
        let outside = square(&luma, -9.0, -9.0, 4.0, 2);
        assert!(outside.iter().all(|v| *v == 0.0));
    }
}
