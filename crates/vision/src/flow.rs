//! Points to follow and where they went: Shi–Tomasi corners and pyramidal Lucas–Kanade flow.

use crate::image::{Gray, Pyramid};
use pulp::{Arch, Simd, WithSimd};

/// A point in pixels.
pub type Point = [f32; 2];

/// Half width of the flow window.
const R: usize = 5;
const SIDE: usize = 2 * R + 1;
/// Rows of a window are held in so many lanes, of which the first [`SIDE`] count.
const LANES: usize = 16;
type Row = [f32; LANES];
const COUNTED: Row = {
    let mut lanes = [0.0; LANES];
    let mut i = 0;
    while i < SIDE {
        lanes[i] = 1.0;
        i += 1;
    }
    lanes
};

/// The best corner of each cell of a grid that has about `count` cells: spread over the picture,
/// in row order.
pub fn corners(img: &Gray, count: usize) -> Vec<Point> {
    Arch::new().dispatch(Corners { img, count })
}

struct Corners<'a> {
    img: &'a Gray,
    count: usize,
}

impl WithSimd for Corners<'_> {
    type Output = Vec<Point>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<Point> {
        let Self { img, count } = self;
        let cell = (((img.w * img.h) as f64 / count.max(1) as f64).sqrt() as usize).max(8);
        let margin = R + 3;
        let mut points = Vec::with_capacity(count + 16);
        let mut strength = vec![0i32; img.w];
        let mut best: Vec<(i32, usize, usize)> = Vec::new();
        let mut y0 = margin;
        while y0 + margin < img.h {
            let y1 = (y0 + cell).min(img.h - margin);
            best.clear();
            // Every other row is enough: flow refines the place.
            for y in (y0..y1).step_by(2) {
                corner_strengths(img, y, &mut strength);
                let cells = strength[margin..img.w - margin].chunks(cell);
                best.resize(cells.len(), (60, 0, 0));
                for (i, (strengths, best)) in cells.zip(&mut best).enumerate() {
                    let most = strengths.iter().fold(0, |m, s| m.max(*s));
                    if most > best.0 {
                        let x = strengths.iter().position(|s| *s == most).unwrap_or(0);
                        *best = (most, margin + i * cell + x, y);
                    }
                }
            }
            let found = best.iter().filter(|b| b.2 > 0);
            points.extend(found.map(|b| [b.1 as f32, b.2 as f32]));
            y0 += cell;
        }
        points
    }
}

/// Cheap bounds of the smaller eigenvalue of the gradient matrix along row `y`: the least over four
/// directions of the squared differences to both sides (after Moravec 1980), which is small along
/// edges. The two pixels at either end are left as they are.
#[inline(always)]
fn corner_strengths(img: &Gray, y: usize, out: &mut [i32]) {
    let n = img.w - 4;
    let (up, row, down) = (img.row(y - 2), img.row(y), img.row(y + 2));
    let (ul, u, ur) = (&up[..n], &up[2..n + 2], &up[4..n + 4]);
    let (l, c, r) = (&row[..n], &row[2..n + 2], &row[4..n + 4]);
    let (dl, d, dr) = (&down[..n], &down[2..n + 2], &down[4..n + 4]);
    let out = &mut out[2..n + 2];
    for x in 0..n {
        let square = |v: u8| {
            let d = i32::from(v) - i32::from(c[x]);
            d * d
        };
        let across = square(l[x]) + square(r[x]);
        let along = square(u[x]) + square(d[x]);
        let falling = square(ul[x]) + square(dr[x]);
        let rising = square(dl[x]) + square(ur[x]);
        out[x] = across.min(along).min(falling).min(rising);
    }
}

/// Follows `points` of `from` into `to`, starting at `guess`; `None` where flow fails.
///
/// `levels` is how many pyramid levels are used, coarsest first.
pub fn follow(
    from: &Pyramid,
    to: &Pyramid,
    points: &[Point],
    guess: &[Point],
    levels: usize,
) -> Vec<Option<Point>> {
    Arch::new().dispatch(Follow {
        from,
        to,
        points,
        guess,
        levels,
    })
}

struct Follow<'a> {
    from: &'a Pyramid,
    to: &'a Pyramid,
    points: &'a [Point],
    guess: &'a [Point],
    levels: usize,
}

impl WithSimd for Follow<'_> {
    type Output = Vec<Option<Point>>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Vec<Option<Point>> {
        let (from, to) = (&self.from.0, &self.to.0);
        let levels = self.levels.min(from.len()).min(to.len());
        let mut found = Vec::with_capacity(self.points.len());
        for (p, g) in self.points.iter().zip(self.guess) {
            let mut q = Some(*g);
            for level in (0..levels).rev() {
                let s = 1.0 / (1 << level) as f32;
                let at = [p[0] * s, p[1] * s];
                let start = q.map(|q| [q[0] * s, q[1] * s]);
                let better = start.and_then(|q| step(&from[level], &to[level], at, q));
                match better {
                    Some(v) => q = Some([v[0] / s, v[1] / s]),
                    // A coarse level may lack texture; only the finest has to hold.
                    None if level > 0 => {}
                    None => q = None,
                }
            }
            found.push(q);
        }
        found
    }
}

/// One level of Lucas–Kanade.
#[inline(always)]
fn step(a: &Gray, b: &Gray, p: Point, start: Point) -> Option<Point> {
    // One row and one lane more on every side, for the gradients.
    let patch = window::<{ SIDE + 2 }>(a, p, R + 1)?;
    let flat = patch.as_flattened();
    let (mut t, mut gx, mut gy) = (
        [[0f32; LANES]; SIDE],
        [[0f32; LANES]; SIDE],
        [[0f32; LANES]; SIDE],
    );
    let (mut xx, mut xy, mut yy) = ([0f32; LANES], [0f32; LANES], [0f32; LANES]);
    let (mut sum_x, mut sum_y) = ([0f32; LANES], [0f32; LANES]);
    for y in 0..SIDE {
        let at = y * LANES;
        // Lanes that do not count may reach into the next row.
        let (up, left) = (&flat[at + 1..][..LANES], &flat[at + LANES..][..LANES]);
        let (mid, right) = (&flat[at + LANES + 1..][..LANES], &flat[at + LANES + 2..]);
        let down = &flat[at + 2 * LANES + 1..];
        let last = y + 1 == SIDE;
        for x in 0..LANES {
            // The last row has no next one to reach into.
            let below = if last && x + 1 >= LANES { 0.0 } else { down[x] };
            let k = COUNTED[x];
            let dx = 0.5 * k * (right[x] - left[x]);
            let dy = 0.5 * k * (below - up[x]);
            t[y][x] = mid[x];
            gx[y][x] = dx;
            gy[y][x] = dy;
            xx[x] += dx * dx;
            xy[x] += dx * dy;
            yy[x] += dy * dy;
            sum_x[x] += dx;
            sum_y[x] += dy;
        }
    }
    let (sxx, sxy, syy) = (total(&xx), total(&xy), total(&yy));
    let (sx, sy) = (total(&sum_x), total(&sum_y));
    let det = sxx * syy - sxy * sxy;
    let n = (SIDE * SIDE) as f32;
    let least = 0.5 * (sxx + syy - ((sxx - syy).powi(2) + 4.0 * sxy * sxy).sqrt()) / n;
    if least < 0.5 || det <= 0.0 {
        return None;
    }
    let mut q = start;
    for _ in 0..12 {
        let w = window::<SIDE>(b, q, R)?;
        let (mut off, mut bx, mut by) = ([0f32; LANES], [0f32; LANES], [0f32; LANES]);
        for y in 0..SIDE {
            for x in 0..LANES {
                let e = t[y][x] - w[y][x];
                off[x] += e;
                bx[x] += e * gx[y][x];
                by[x] += e * gy[y][x];
            }
        }
        for (off, k) in off.iter_mut().zip(COUNTED) {
            *off *= k;
        }
        // The mean difference is taken out: exposure changes shift all grey levels.
        let mean = total(&off) / n;
        let (bx, by) = (total(&bx) - mean * sx, total(&by) - mean * sy);
        let dx = (syy * bx - sxy * by) / det;
        let dy = (sxx * by - sxy * bx) / det;
        q = [q[0] + dx, q[1] + dy];
        if !(q[0].is_finite() && q[1].is_finite()) {
            return None;
        }
        if dx * dx + dy * dy < 4e-4 {
            return Some(q);
        }
    }
    Some(q)
}

/// The sum of all lanes, always in the same order: halves onto halves.
#[inline(always)]
fn total(v: &Row) -> f32 {
    let mut v = *v;
    let mut n = LANES / 2;
    while n > 0 {
        for i in 0..n {
            v[i] += v[i + n];
        }
        n /= 2;
    }
    v[0]
}

/// `N` rows of a window about `p` that begins `r` pixels before it, sampled bilinearly with one
/// fraction for all; `None` near the edge.
#[inline(always)]
fn window<const N: usize>(img: &Gray, p: Point, r: usize) -> Option<[Row; N]> {
    let (x, y) = (p[0] - r as f32, p[1] - r as f32);
    if !(x >= 0.0 && y >= 0.0) {
        return None;
    }
    let (x0, y0) = (x as usize, y as usize);
    if x0 + N + 1 > img.w || y0 + N + 1 > img.h {
        return None;
    }
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let mut out = [[0f32; LANES]; N];
    let mut above = between(img, x0, y0, fx)?;
    for (j, out) in out.iter_mut().enumerate() {
        let below = between(img, x0, y0 + j + 1, fx)?;
        for k in 0..LANES {
            out[k] = above[k] + fy * (below[k] - above[k]);
        }
        above = below;
    }
    Some(out)
}

/// Pixels of row `y` from `x` on, each mixed with the next by `share`.
#[inline(always)]
fn between(img: &Gray, x: usize, y: usize, share: f32) -> Option<Row> {
    // Past the row's end lanes that do not count take from the next one.
    let px = img.px.get(y * img.w + x..)?;
    let (l, r) = (
        px.first_chunk::<LANES>()?,
        px.get(1..)?.first_chunk::<LANES>()?,
    );
    let mut row = [0f32; LANES];
    for k in 0..LANES {
        let (l, r) = (f32::from(l[k]), f32::from(r[k]));
        row[k] = l + share * (r - l);
    }
    Some(row)
}
