//! What differs from all of several earlier frames, beyond noise and registration error.

use crate::blobs::Blob;
use crate::image::Gray;
use crate::settings::VisionSettings;
use atalaya_geo::Homography;

/// Side of the cells over which slow differences (exposure, cloud shadow) are taken out.
const CELL: usize = 32;
/// Pixels between exact evaluations of the map; linear in between (below 0.01 px for the small
/// perspective between neighbouring frames).
const SPAN: usize = 16;
/// Pixels by which a span may be longer or shorter than its pixels and still be sampled in order.
const BEND: f64 = 0.3;
/// Rows of the earlier picture that a span may cross.
const ROWS: usize = 4;

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
    warped: [Gray; REFERENCES],
    slow: [Vec<f32>; REFERENCES],
    level: Vec<i16>,
    brighter: Vec<i16>,
    darker: Vec<i16>,
    /// How much each pixel differs beyond what is forgiven; 0 = still.
    pub excess: Vec<u8>,
}

impl Motion {
    /// Fills [`Motion::excess`] for `now` against the references.
    pub fn compare(&mut self, now: &Gray, refs: &[Reference<'_>; REFERENCES], s: &VisionSettings) {
        let (w, h) = (now.w, now.h);
        self.excess.clear();
        self.excess.resize(w * h, 0);
        let mut limits = [0i16; REFERENCES];
        for (k, r) in refs.iter().enumerate() {
            warp(r.img, &r.map, (w, h), &mut self.warped[k]);
            let sigma = slow_difference(now, &self.warped[k], &mut self.slow[k]);
            limits[k] = (s.noise_sigmas * sigma).max(s.min_difference) as i16;
        }
        let cells = w.div_ceil(CELL);
        let forgiven = (s.forgiven_px * 16.0) as i16;
        // Slices of equal length let the compiler drop bounds checks and use vectors.
        let n = w - 2;
        self.level.resize(w, 0);
        self.brighter.resize(n, 0);
        self.darker.resize(n, 0);
        for y in 2..h.saturating_sub(2) {
            self.brighter.fill(i16::MAX);
            self.darker.fill(i16::MAX);
            let c = &now.row(y)[1..=n];
            for (k, limit) in limits.into_iter().enumerate() {
                slow_row(&self.slow[k], cells, y, h, &mut self.level);
                let a = &self.warped[k].row(y)[1..=n];
                let level = &self.level[1..=n];
                let (up, down) = (&mut self.brighter[..n], &mut self.darker[..n]);
                for x in 0..n {
                    // Outside an earlier picture (0) nothing is known, so nothing differs.
                    let known = i16::from(a[x] != 0).wrapping_neg();
                    let (c, a) = (i16::from(c[x]), i16::from(a[x]));
                    let d = c.wrapping_sub(a).wrapping_sub(level[x]) & known;
                    up[x] = up[x].min(d.wrapping_sub(limit));
                    down[x] = down[x].min(d.wrapping_neg().wrapping_sub(limit));
                }
            }
            let first = &self.warped[0];
            let steep = |img: &Gray, x: usize| {
                let (row, above, below) = (img.row(y), img.row(y - 1), img.row(y + 1));
                let across = (i16::from(row[x + 2]) - i16::from(row[x])).abs();
                let along = (i16::from(below[x + 1]) - i16::from(above[x + 1])).abs();
                across.max(along)
            };
            let out = &mut self.excess[y * w + 1..y * w + 1 + n];
            let (up, down) = (&self.brighter[..n], &self.darker[..n]);
            let mut from = 0;
            for (up, down) in up.chunks(SPAN).zip(down.chunks(SPAN)) {
                // Most of the picture stands still: whole spans are passed over.
                let most = |e: i16, (u, d): (&i16, &i16)| e.max(*u).max(*d);
                if up.iter().zip(down).fold(0, most) > 0 {
                    for (k, (u, d)) in up.iter().zip(down).enumerate() {
                        let e = *u.max(d);
                        if e > 0 {
                            let x = from + k;
                            // Half of a two-pixel difference is the gradient per pixel; 16ths.
                            let t = (steep(now, x).min(steep(first, x)) * forgiven) >> 5;
                            out[x] = (e - t).clamp(0, 255) as u8;
                        }
                    }
                }
                from += SPAN;
            }
        }
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

/// `img` seen from `now`: each pixel of the result is the bilinear sample at its mapped place;
/// 0 outside, samples at least 1.
pub fn warp(img: &Gray, map: &Homography, (w, h): (usize, usize), out: &mut Gray) {
    out.w = w;
    out.h = h;
    out.px.clear();
    out.px.resize(w * h, 0);
    let m = map.to_rows();
    let at = |x: f64, y: f64| {
        let z = m[6] * x + m[7] * y + m[8];
        (
            (m[0] * x + m[1] * y + m[2]) / z,
            (m[3] * x + m[4] * y + m[5]) / z,
        )
    };
    for y in 0..h {
        let row = &mut out.px[y * w..(y + 1) * w];
        let mut left = at(0.0, y as f64);
        let mut x = 0;
        while x < w {
            let n = SPAN.min(w - x);
            let right = at((x + n) as f64, y as f64);
            if !(left.0.is_finite()
                && left.1.is_finite()
                && right.0.is_finite()
                && right.1.is_finite())
                || left
                    .0
                    .abs()
                    .max(left.1.abs())
                    .max(right.0.abs())
                    .max(right.1.abs())
                    > 30_000.0
            {
                left = right;
                x += n;
                continue;
            }
            let out = &mut row[x..x + n];
            if !straight(img, left, right, out) && !slanted(img, left, right, out) {
                bent(img, left, right, out);
            }
            left = right;
            x += n;
        }
    }
}

/// A span that lies along a row of `img` at its own scale, to a fraction of a pixel: neighbours
/// are sampled from neighbours, so that 16-bit lanes do it (arithmetic that wraps, as checks for
/// an overflow that can't be would keep it out of them). False when the span is not like that.
fn straight(img: &Gray, left: (f64, f64), right: (f64, f64), out: &mut [u8]) -> bool {
    const N: usize = SPAN;
    let (dx, dy) = (right.0 - left.0 - N as f64, right.1 - left.1);
    let Some(out) = out.first_chunk_mut::<N>() else {
        return false;
    };
    if dx.abs() > BEND || dy.abs() > BEND {
        return false;
    }
    let (x0, y0) = (left.0 + 0.5 * dx, left.1 + 0.5 * dy);
    if x0 < 0.0 || y0 < 0.0 {
        return false;
    }
    let (ix, iy) = (x0 as usize, y0 as usize);
    if ix + N + 1 > img.w || iy + 2 > img.h {
        return false;
    }
    let at = iy * img.w + ix;
    let below = at + img.w;
    let first = |i: usize| img.px.get(i..).and_then(<[u8]>::first_chunk::<N>);
    let (Some(a), Some(b), Some(c), Some(d)) =
        (first(at), first(at + 1), first(below), first(below + 1))
    else {
        return false;
    };
    // 64ths of a pixel in 16ths of those; a span's ends may reach beyond the pair of pixels and
    // are held to it.
    let fixed = |v: f64| (v * 1024.0) as i16;
    let (fx, fy) = (fixed(left.0 - ix as f64), fixed(left.1 - iy as f64));
    let (sx, sy) = (fixed(dx / N as f64), fixed(dy / N as f64));
    for k in 0..N {
        let n = k as i16;
        let wx = (fx.wrapping_add(sx.wrapping_mul(n)) >> 4).clamp(0, 64);
        let wy = (fy.wrapping_add(sy.wrapping_mul(n)) >> 4).clamp(0, 64);
        let mix = |l: u8, r: u8| {
            let (l, r) = (i16::from(l), i16::from(r));
            (l << 6).wrapping_add(r.wrapping_sub(l).wrapping_mul(wx)) >> 5
        };
        let (top, bottom) = (mix(a[k], b[k]), mix(c[k], d[k]));
        let v = (top << 6)
            .wrapping_add(bottom.wrapping_sub(top).wrapping_mul(wy))
            .wrapping_add(64)
            >> 7;
        out[k] = v.max(1) as u8;
    }
    true
}

/// A span that crosses up to [`ROWS`] rows of `img`, as when the camera has turned a little: every
/// row in reach is weighted by how near it is, again in 16-bit lanes. False when it is steeper.
fn slanted(img: &Gray, left: (f64, f64), right: (f64, f64), out: &mut [u8]) -> bool {
    const N: usize = SPAN;
    let (dx, dy) = (right.0 - left.0 - N as f64, right.1 - left.1);
    let Some(out) = out.first_chunk_mut::<N>() else {
        return false;
    };
    let (x0, top) = (left.0 + 0.5 * dx, left.1.min(right.1));
    if dx.abs() > BEND || dy.abs() > (ROWS - 2) as f64 || x0 < 0.0 || top < 0.0 {
        return false;
    }
    let (ix, iy) = (x0 as usize, top as usize);
    if ix + N + 1 > img.w || iy + ROWS > img.h {
        return false;
    }
    let fixed = |v: f64| (v * 1024.0) as i16;
    let (fx, fy) = (fixed(left.0 - ix as f64), fixed(left.1 - iy as f64));
    let (sx, sy) = (fixed(dx / N as f64), fixed(dy / N as f64));
    let (mut wx, mut wy) = ([0i16; N], [0i16; N]);
    for k in 0..N {
        let n = k as i16;
        wx[k] = (fx.wrapping_add(sx.wrapping_mul(n)) >> 4).clamp(0, 64);
        wy[k] = fy.wrapping_add(sy.wrapping_mul(n)) >> 4;
    }
    // Nine bits of grey times seven of weight, whose sum over the rows is one.
    let mut sums = [0i16; N];
    for r in 0..ROWS {
        let at = (iy + r) * img.w + ix;
        let (Some(a), Some(b)) = (
            img.px[at..].first_chunk::<N>(),
            img.px[at + 1..].first_chunk::<N>(),
        ) else {
            return false;
        };
        let row = 64 * r as i16;
        for k in 0..N {
            let (l, r) = (i16::from(a[k]), i16::from(b[k]));
            let mixed = (l << 6).wrapping_add(r.wrapping_sub(l).wrapping_mul(wx[k])) >> 5;
            let off = wy[k].wrapping_sub(row);
            let weight = 64i16.wrapping_sub(off.max(off.wrapping_neg())).max(0);
            sums[k] = sums[k].wrapping_add(mixed.wrapping_mul(weight));
        }
    }
    for (o, s) in out.iter_mut().zip(sums) {
        *o = (s.wrapping_add(64) >> 7).max(1) as u8;
    }
    true
}

/// Any span: pixel by pixel.
fn bent(img: &Gray, left: (f64, f64), right: (f64, f64), out: &mut [u8]) {
    const ONE: f64 = 65536.0;
    let (max_x, max_y) = (img.w as i32 - 2, img.h as i32 - 2);
    let n = out.len() as f64;
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

/// Mean difference per cell, without outliers, and the noise sigma over all (from the median
/// absolute difference of every fourth pixel in each direction).
fn slow_difference(now: &Gray, warped: &Gray, cells: &mut Vec<f32>) -> f32 {
    let (cw, ch) = (now.w.div_ceil(CELL), now.h.div_ceil(CELL));
    cells.clear();
    cells.resize(cw * ch, 0.0);
    let mut histogram = [0u32; 256];
    let mut total = 0u32;
    for cy in 0..ch {
        for cx in 0..cw {
            // Every fourth pixel each way, of those that are known.
            // One place more than there are samples: an unknown one is written and not counted.
            let mut taken = [0i16; (CELL / 4) * (CELL / 4) + 1];
            let mut n = 0;
            for y in (cy * CELL..((cy + 1) * CELL).min(now.h)).step_by(4) {
                let x0 = cx * CELL;
                let x1 = (x0 + CELL).min(now.w);
                let (a, b) = (&now.row(y)[x0..x1], &warped.row(y)[x0..x1]);
                for (a, b) in a.iter().step_by(4).zip(b.iter().step_by(4)) {
                    taken[n] = i16::from(*a).wrapping_sub(i16::from(*b));
                    n += usize::from(*b != 0);
                }
            }
            let taken = &taken[..n];
            let mean_within = |centre: i16, reach: i16| {
                let (mut sum, mut n) = (0i16, 0i16);
                for d in taken {
                    let inside = i16::from(d.wrapping_sub(centre).wrapping_abs() < reach);
                    sum = sum.wrapping_add(d.wrapping_mul(inside));
                    n = n.wrapping_add(inside);
                }
                (sum, n)
            };
            // Two rounds: the second leaves out what the first shows to be far off.
            let (sum, n) = mean_within(0, 60);
            let centre = if n > 0 { sum / n } else { 0 };
            let (sum, n) = mean_within(centre, 12);
            let mean = if n >= 8 {
                f32::from(sum) / f32::from(n)
            } else {
                0.0
            };
            cells[cy * cw + cx] = mean;
            // Quarter grey levels.
            let mean = (mean * 4.0) as i16;
            for d in taken {
                let off = (d << 2).wrapping_sub(mean).wrapping_abs();
                histogram[off.clamp(0, 255) as usize] += 1;
            }
            total += taken.len() as u32;
        }
    }
    let mut seen = 0;
    let median = histogram
        .iter()
        .position(|n| {
            seen += n;
            seen * 2 > total
        })
        .unwrap_or(0);
    1.4826 * (median as f32 + 0.5) / 4.0
}

/// The slow difference along a row, interpolated between cell centres.
fn slow_row(cells: &[f32], cw: usize, y: usize, h: usize, out: &mut [i16]) {
    let ch = h.div_ceil(CELL);
    let pos = (y as f32 - 0.5 * CELL as f32) / CELL as f32;
    let r0 = pos.floor().clamp(0.0, (ch - 1) as f32) as usize;
    let r1 = (r0 + 1).min(ch - 1);
    let fy = (pos - r0 as f32).clamp(0.0, 1.0);
    // 16ths of 256ths of a grey level, so that a step of a pixel is a whole number.
    let mixed =
        |c: usize| ((cells[r0 * cw + c] * (1.0 - fy) + cells[r1 * cw + c] * fy) * 4096.0) as i32;
    // Half a cell before the first centre and after the last is level.
    let mut from = mixed(0);
    let mut out = out.chunks_mut(CELL / 2);
    if let Some(first) = out.next() {
        first.fill(((from + 2048) >> 12) as i16);
    }
    for c in 1..=cw {
        let to = if c < cw { mixed(c) } else { from };
        let step = (to - from) / CELL as i32;
        for half in 0..2 {
            let Some(part) = out.next() else { return };
            let start = from + half * (CELL as i32 / 2) * step + 2048;
            for (k, o) in part.iter_mut().enumerate() {
                *o = (start.wrapping_add(step.wrapping_mul(k as i32)) >> 12) as i16;
            }
        }
        from = to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(w: usize, h: usize, seed: u32, base: impl Fn(usize, usize) -> f32) -> Gray {
        let mut s = seed;
        let mut g = Gray::new(w, h);
        for y in 0..h {
            for x in 0..w {
                s = s.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let n = (s >> 24) as f32 / 255.0 * 6.0 - 3.0;
                g.px[y * w + x] = (base(x, y) + n).clamp(1.0, 255.0) as u8;
            }
        }
        g
    }

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

    #[test]
    fn every_way_of_sampling_gives_the_same_picture() {
        let img = noise(96, 80, 9, |x, y| {
            120.0 + 80.0 * ((x as f32 * 0.21).sin() * (y as f32 * 0.17).cos())
        });
        for (dx, dy) in [(0.1, 0.2), (-0.2, 1.9), (0.25, -1.3), (0.0, -0.1)] {
            let (left, right) = ((20.3, 40.6), (36.3 + dx, 40.6 + dy));
            let (mut a, mut b) = ([0u8; SPAN], [0u8; SPAN]);
            assert!(slanted(&img, left, right, &mut a));
            bent(&img, left, right, &mut b);
            let off = a.iter().zip(&b).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(off <= Some(3), "{off:?} at {dx}, {dy}");
            if straight(&img, left, right, &mut a) {
                let off = a.iter().zip(&b).map(|(a, b)| a.abs_diff(*b)).max();
                assert!(off <= Some(3), "straight: {off:?} at {dx}, {dy}");
            }
        }
        let steep = ((20.3, 40.6), (36.0, 45.0));
        assert!(!slanted(&img, steep.0, steep.1, &mut [0; SPAN]));
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
