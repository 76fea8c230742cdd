//! Points to follow and where they went: Shi–Tomasi corners and pyramidal Lucas–Kanade flow.

use crate::image::{Gray, Pyramid};

/// A point in pixels.
pub type Point = [f32; 2];

/// Half width of the flow window.
const R: usize = 5;
const SIDE: usize = 2 * R + 1;

/// The best corner of each cell of a grid that has about `count` cells: spread over the picture,
/// in row order.
pub fn corners(img: &Gray, count: usize) -> Vec<Point> {
    let cell = (((img.w * img.h) as f64 / count.max(1) as f64).sqrt() as usize).max(8);
    let margin = R + 3;
    let mut points = Vec::with_capacity(count + 16);
    let mut y0 = margin;
    while y0 + margin < img.h {
        let y1 = (y0 + cell).min(img.h - margin);
        let mut x0 = margin;
        while x0 + margin < img.w {
            let x1 = (x0 + cell).min(img.w - margin);
            let mut best = (0i64, 0usize, 0usize);
            // Every other pixel is enough: flow refines the place.
            for y in (y0..y1).step_by(2) {
                for x in (x0..x1).step_by(2) {
                    let s = corner_strength(img, x, y);
                    if s > best.0 {
                        best = (s, x, y);
                    }
                }
            }
            if best.0 > 60 {
                points.push([best.1 as f32, best.2 as f32]);
            }
            x0 += cell;
        }
        y0 += cell;
    }
    points
}

/// A cheap bound of the smaller eigenvalue of the gradient matrix: the least over four directions
/// of the squared differences to both sides (after Moravec 1980), which is small along edges.
fn corner_strength(img: &Gray, x: usize, y: usize) -> i64 {
    const D: [(isize, isize); 4] = [(2, 0), (0, 2), (2, 2), (2, -2)];
    let i = (y * img.w + x) as isize;
    let c = i64::from(img.px[i as usize]);
    let w = img.w as isize;
    let mut least = i64::MAX;
    for (dx, dy) in D {
        let o = dy * w + dx;
        let a = i64::from(img.px[(i + o) as usize]) - c;
        let b = i64::from(img.px[(i - o) as usize]) - c;
        least = least.min(a * a + b * b);
    }
    least
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
    let levels = levels.min(from.0.len()).min(to.0.len());
    points
        .iter()
        .zip(guess)
        .map(|(p, g)| {
            let mut q = *g;
            for level in (0..levels).rev() {
                let s = 1.0 / (1 << level) as f32;
                let at = [p[0] * s, p[1] * s];
                let start = [q[0] * s, q[1] * s];
                match step(&from.0[level], &to.0[level], at, start) {
                    Some(found) => q = [found[0] / s, found[1] / s],
                    // A coarse level may lack texture; only the finest has to hold.
                    None if level > 0 => {}
                    None => return None,
                }
            }
            Some(q)
        })
        .collect()
}

/// One level of Lucas–Kanade.
fn step(a: &Gray, b: &Gray, p: Point, start: Point) -> Option<Point> {
    let patch = window::<{ SIDE + 2 }>(a, p, R + 1)?;
    let mut t = [[0f32; SIDE]; SIDE];
    let mut gx = [[0f32; SIDE]; SIDE];
    let mut gy = [[0f32; SIDE]; SIDE];
    let (mut sxx, mut sxy, mut syy) = (0f32, 0f32, 0f32);
    for y in 0..SIDE {
        for x in 0..SIDE {
            t[y][x] = patch[y + 1][x + 1];
            let dx = 0.5 * (patch[y + 1][x + 2] - patch[y + 1][x]);
            let dy = 0.5 * (patch[y + 2][x + 1] - patch[y][x + 1]);
            gx[y][x] = dx;
            gy[y][x] = dy;
            sxx += dx * dx;
            sxy += dx * dy;
            syy += dy * dy;
        }
    }
    let det = sxx * syy - sxy * sxy;
    let n = (SIDE * SIDE) as f32;
    let least = 0.5 * (sxx + syy - ((sxx - syy).powi(2) + 4.0 * sxy * sxy).sqrt()) / n;
    if least < 0.5 || det <= 0.0 {
        return None;
    }
    let mut q = start;
    for _ in 0..12 {
        let w = window::<SIDE>(b, q, R)?;
        let (mut bx, mut by, mut mean) = (0f32, 0f32, 0f32);
        // The mean difference is taken out: exposure changes shift all grey levels.
        for y in 0..SIDE {
            for x in 0..SIDE {
                mean += t[y][x] - w[y][x];
            }
        }
        mean /= n;
        for y in 0..SIDE {
            for x in 0..SIDE {
                let e = t[y][x] - w[y][x] - mean;
                bx += e * gx[y][x];
                by += e * gy[y][x];
            }
        }
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

/// An `N`x`N` window about `p` (`r` pixels to each side), sampled bilinearly with one fraction for
/// all; `None` near the edge.
fn window<const N: usize>(img: &Gray, p: Point, r: usize) -> Option<[[f32; N]; N]> {
    let (x, y) = (p[0] - r as f32, p[1] - r as f32);
    if !(x >= 0.0 && y >= 0.0) {
        return None;
    }
    let (x0, y0) = (x as usize, y as usize);
    if x0 + N + 1 > img.w || y0 + N + 1 > img.h {
        return None;
    }
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let weights = [
        (1.0 - fx) * (1.0 - fy),
        fx * (1.0 - fy),
        (1.0 - fx) * fy,
        fx * fy,
    ];
    let mut out = [[0f32; N]; N];
    for (j, row) in out.iter_mut().enumerate() {
        let a = &img.row(y0 + j)[x0..x0 + N + 1];
        let b = &img.row(y0 + j + 1)[x0..x0 + N + 1];
        for i in 0..N {
            row[i] = weights[0] * f32::from(a[i])
                + weights[1] * f32::from(a[i + 1])
                + weights[2] * f32::from(b[i])
                + weights[3] * f32::from(b[i + 1]);
        }
    }
    Some(out)
}
