//! What differs from all of several earlier frames, beyond noise and registration error.

mod slow;
mod warp;

use crate::blobs::Blob;
use crate::image::Gray;
use crate::settings::VisionSettings;
use atalaya_geo::Homography;
use pulp::{Arch, Simd, WithSimd};
use slow::{CELL, STEP, slow_difference, slow_row};
pub use warp::warp;
use warp::{SPAN, Warp};

/// An earlier picture and the map from working pixels of the present one into it.
pub struct Reference<'a> {
    /// The picture, smoothed as the present one.
    pub img: &'a Gray,
    /// Present pixel to its pixel.
    pub map: Homography,
}

/// How many earlier frames each frame is compared with. Two would do but for the ghost that an
/// object leaves where both saw it and the present one sees the ground again.
pub const REFERENCES: usize = 3;

/// Buffers kept from frame to frame.
#[derive(Default)]
pub struct Motion {
    /// The earlier pictures as seen now: the first all over, the others where they were asked.
    warped: [Gray; REFERENCES],
    slow: [Vec<f32>; REFERENCES],
    level: [Vec<i16>; REFERENCES],
    first: Vec<i16>,
    forgiven: Vec<i16>,
    /// How much each pixel differs beyond what is forgiven; 0 = still.
    pub excess: Vec<u8>,
}

/// [`Motion::compare`] as compiled for the processor it runs on, which what is `inline(always)` in it
/// becomes a part of. It counts in whole numbers, so that every processor finds the same.
struct Compare<'a> {
    motion: &'a mut Motion,
    now: &'a Gray,
    refs: &'a [Reference<'a>; REFERENCES],
    s: &'a VisionSettings,
}

impl WithSimd for Compare<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.motion.compare_wide(self.now, self.refs, self.s);
    }
}

impl Motion {
    /// Fills [`Motion::excess`] for `now` against the references.
    ///
    /// What does not differ from the first is still, whatever the others show, and that is most of
    /// a picture: the others are drawn and compared only where the first differs, and in the rows
    /// in which noise and slow differences are measured.
    pub fn compare(&mut self, now: &Gray, refs: &[Reference<'_>; REFERENCES], s: &VisionSettings) {
        let motion = self;
        Arch::new().dispatch(Compare {
            motion,
            now,
            refs,
            s,
        });
    }

    #[inline(always)]
    fn compare_wide(&mut self, now: &Gray, refs: &[Reference<'_>; REFERENCES], s: &VisionSettings) {
        let (w, h) = (now.w, now.h);
        self.excess.clear();
        self.excess.resize(w * h, 0);
        let mut limits = [0i16; REFERENCES];
        let warps = refs.each_ref().map(|r| Warp::new(r.img, &r.map, (w, h)));
        for (k, warp) in warps.iter().enumerate() {
            let out = &mut self.warped[k];
            out.resize(w, h);
            for (y, row) in out.px.chunks_exact_mut(w).enumerate().step_by(STEP) {
                warp.draw(0, y, row);
            }
            let sigma = slow_difference(now, out, &mut self.slow[k]);
            limits[k] = (s.noise_sigmas * sigma).max(s.min_difference) as i16;
            self.level[k].resize(w, 0);
        }
        let forgiven = (s.forgiven_px * 16.0) as i16;
        self.first.resize(w, 0);
        self.forgiven.resize(w, 0);
        for y in 0..h {
            // Of the first every row, just before it is needed; one below for the gradient.
            let below = (y + 1).min(h - 1);
            if below % STEP != 0 {
                let row = &mut self.warped[0].px[below * w..(below + 1) * w];
                warps[0].draw(0, below, row);
            }
            if y < 2 || y + 2 >= h {
                continue;
            }
            // What changes slowly does so down the picture, too.
            if y == 2 || y % STEP == 0 {
                for (cells, level) in self.slow.iter().zip(&mut self.level) {
                    slow_row(cells, w.div_ceil(CELL), y, h, level);
                }
            }
            self.against_first(now, y, limits[0], forgiven);
            for x0 in (0..w).step_by(SPAN) {
                let span = x0..(x0 + SPAN).min(w);
                if self.first[span.clone()].iter().fold(0, |m, e| m.max(*e)) <= 0 {
                    continue;
                }
                let at = y * w + span.start..y * w + span.end;
                if y % STEP != 0 {
                    for (warp, out) in warps.iter().zip(&mut self.warped).skip(1) {
                        warp.draw(span.start, y, &mut out.px[at.clone()]);
                    }
                }
                let (mut brighter, mut darker) = ([i16::MAX; SPAN], [i16::MAX; SPAN]);
                for (k, limit) in limits.into_iter().enumerate() {
                    let c = &now.px[at.clone()];
                    let a = &self.warped[k].px[at.clone()];
                    let level = &self.level[k][span.clone()];
                    for (i, ((c, a), level)) in c.iter().zip(a).zip(level).enumerate() {
                        let d = difference(*c, *a, *level);
                        brighter[i] = brighter[i].min(d.wrapping_sub(limit));
                        darker[i] = darker[i].min(d.wrapping_neg().wrapping_sub(limit));
                    }
                }
                let out = &mut self.excess[at];
                for (i, (out, t)) in out.iter_mut().zip(&self.forgiven[span]).enumerate() {
                    *out = (brighter[i].max(darker[i]) - t).clamp(0, 255) as u8;
                }
            }
        }
    }

    /// How much row `y` differs from the first reference beyond noise and what its gradient forgives.
    #[inline(always)]
    fn against_first(&mut self, now: &Gray, y: usize, limit: i16, forgiven: i16) {
        let w = now.w;
        let before = &self.warped[0];
        // Slices of equal length let the compiler drop bounds checks and use vectors.
        let n = w - 2;
        let level = &self.level[0][1..=n];
        let [c0, c, c2, cu, cd] = cross(now, y, n);
        let [a0, a, a2, au, ad] = cross(before, y, n);
        let (first, allowed) = (&mut self.first[1..=n], &mut self.forgiven[1..=n]);
        for x in 0..n {
            let steep = |l: u8, r: u8, u: u8, d: u8| l.abs_diff(r).max(u.abs_diff(d));
            let both = steep(c0[x], c2[x], cu[x], cd[x]).min(steep(a0[x], a2[x], au[x], ad[x]));
            // Half of a two-pixel difference is the gradient per pixel; 16ths.
            let t = i16::from(both).wrapping_mul(forgiven) >> 5;
            let d = difference(c[x], a[x], level[x]);
            allowed[x] = t;
            first[x] = d.max(d.wrapping_neg()).wrapping_sub(limit).wrapping_sub(t);
        }
        // Both ends lack a neighbour.
        (self.first[0], self.first[w - 1]) = (0, 0);
        (self.forgiven[0], self.forgiven[w - 1]) = (i16::MAX / 2, i16::MAX / 2);
    }

    /// How much the moving pixels of a blob look like the ground that was there before, brighter
    /// or darker or up to two pixels away: the best normalised correlation. The edge of a cloud's
    /// shadow, a moved leaf and the rim of a roof do; an object on the ground does not.
    pub fn resemblance(&self, now: &Gray, b: &Blob) -> f32 {
        const REACH: i32 = 2;
        let before = &self.warped[0];
        let (w, h) = (now.w as i32, now.h as i32);
        let mut places = Vec::with_capacity(b.pixels as usize);
        for y in b.y0 as i32..b.y1 as i32 {
            for x in b.x0 as i32..b.x1 as i32 {
                let inner = x >= REACH && y >= REACH && x < w - REACH && y < h - REACH;
                if inner && self.excess[(y * w + x) as usize] > 0 {
                    places.push(y * w + x);
                }
            }
        }
        // Large blobs are judged by a sample.
        let step = places.len() / 400 + 1;
        let places: Vec<i32> = places.into_iter().step_by(step).collect();
        let n = places.len() as f32;
        if n < 6.0 {
            return 0.0;
        }
        let value = |img: &Gray, i: i32| f32::from(img.px[i as usize]);
        let mean = places.iter().map(|i| value(now, *i)).sum::<f32>() / n;
        let spread: f32 = places.iter().map(|i| (value(now, *i) - mean).powi(2)).sum();
        let mut best = 0f32;
        for dy in -REACH..=REACH {
            for dx in -REACH..=REACH {
                let shift = dy * w + dx;
                let (mut sum, mut squares, mut product) = (0f32, 0f32, 0f32);
                for i in &places {
                    let v = value(before, i + shift);
                    sum += v;
                    squares += v * v;
                    product += v * (value(now, *i) - mean);
                }
                let var = squares - sum * sum / n;
                if var > n && spread > n {
                    best = best.max(product / (var * spread).sqrt());
                }
            }
        }
        best
    }
}

/// Row `y` but for its ends, as `n` pixels each: those to the left, itself, to the right, above, below.
#[inline(always)]
fn cross(img: &Gray, y: usize, n: usize) -> [&[u8]; 5] {
    let (row, up, down) = (img.row(y), img.row(y - 1), img.row(y + 1));
    [
        &row[..n],
        &row[1..=n],
        &row[2..n + 2],
        &up[1..=n],
        &down[1..=n],
    ]
}

/// How much a pixel is brighter than before, without what changes slowly. Outside an earlier picture
/// (0) nothing is known, so nothing differs.
#[inline(always)]
fn difference(now: u8, before: u8, level: i16) -> i16 {
    let known = i16::from(before != 0).wrapping_neg();
    i16::from(now)
        .wrapping_sub(i16::from(before))
        .wrapping_sub(level)
        & known
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::noise;

    #[test]
    fn a_new_square_shows_and_a_brighter_picture_does_not() {
        let ground =
            |x: usize, y: usize| 100.0 + 20.0 * ((x as f32 * 0.1).sin() + (y as f32 * 0.13).cos());
        let before = noise(160, 120, 1, ground).smooth();
        let earlier = noise(160, 120, 2, ground).smooth();
        let first = noise(160, 120, 7, ground).smooth();
        let now = noise(160, 120, 3, |x, y| {
            let inside = (60..70).contains(&x) && (50..58).contains(&y);
            // Exposure has gone up by 9 everywhere.
            ground(x, y) + 9.0 + if inside { 45.0 } else { 0.0 }
        })
        .smooth();
        let mut m = Motion::default();
        let id = Homography::identity();
        m.compare(
            &now,
            &[&before, &earlier, &first].map(|img| Reference { img, map: id }),
            &VisionSettings::default(),
        );
        let hits: Vec<(usize, usize)> = (0..160 * 120)
            .filter(|i| m.excess[*i] > 0)
            .map(|i| (i % 160, i / 160))
            .collect();
        assert!(hits.len() > 50, "{}", hits.len());
        assert!(
            hits.iter()
                .all(|(x, y)| (58..72).contains(x) && (48..60).contains(y))
        );
    }
}
