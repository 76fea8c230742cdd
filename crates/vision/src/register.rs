//! How one frame lies over another: a homography from followed points.

use crate::flow::{Point, follow};
use crate::image::Pyramid;
use crate::settings::VisionSettings;
use atalaya_geo::{Homography, Matrix3, Vector2};
use atalaya_model::Registration;

/// RANSAC draws; enough for 99.9 % success at 40 % inliers is 264.
const DRAWS: usize = 270;
/// As soon as four fifths agree, more draws would not change the inliers much.
const LEAST_DRAWS: usize = 5;
const SEED: u64 = 0x6174_616c_6179_6131;
/// Least points that are followed, and that agree.
const LEAST: (usize, usize) = (12, 10);

/// A step of xorshift64* (Marsaglia 2003; Vigna 2016).
fn random(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_F491_4F6C_DD1D)
}

/// A picture that is registered: its pyramid, the corners of the finest level, and the size of that
/// over the display's.
pub struct Now<'a> {
    pub pyramid: &'a Pyramid,
    pub corners: &'a [Point],
    /// Half as many, for [`refine`].
    pub fewer: &'a [Point],
    pub scale: f64,
}

/// Registers `now` to `before`, which is at the same scale. `guess` maps display pixels of `now` to
/// `before`. `levels` as in [`follow`].
pub fn register(
    now: &Now<'_>,
    before: &Pyramid,
    guess: &Homography,
    levels: usize,
    s: &VisionSettings,
) -> Option<Registration> {
    let pairs = pairs(now, now.corners, before, guess, levels)?;
    let limit = s.inlier_px / now.scale.min(1.0);
    let start = ransac(&pairs, limit)?;
    settle(&pairs, start, [limit; 3], now.corners.len(), s)
}

/// The same from a guess that is good to a few pixels: fewer corners, on the finest two levels,
/// without looking for another start.
pub fn refine(
    now: &Now<'_>,
    before: &Pyramid,
    guess: &Homography,
    s: &VisionSettings,
) -> Option<Registration> {
    let pairs = pairs(now, now.fewer, before, guess, 2)?;
    let limit = s.inlier_px / now.scale.min(1.0);
    settle(
        &pairs,
        *guess,
        [3.0 * limit, limit, limit, limit],
        now.fewer.len(),
        s,
    )
}

type Pair = (Vector2<f64>, Vector2<f64>);

/// Corners and where they went, display pixels.
fn pairs(
    now: &Now<'_>,
    corners: &[Point],
    before: &Pyramid,
    guess: &Homography,
    levels: usize,
) -> Option<Vec<Pair>> {
    if corners.len() < LEAST.0 {
        return None;
    }
    let scale = now.scale;
    let display = |p: &Point| Vector2::new(f64::from(p[0]) / scale, f64::from(p[1]) / scale);
    let start: Vec<Point> = corners
        .iter()
        .map(|p| match guess.apply(display(p)) {
            Some(q) => [(q.x * scale) as f32, (q.y * scale) as f32],
            None => *p,
        })
        .collect();
    let found = follow(now.pyramid, before, corners, &start, levels);
    let pairs: Vec<Pair> = corners
        .iter()
        .zip(&found)
        .filter_map(|(p, q)| q.as_ref().map(|q| (display(p), display(q))))
        .collect();
    (pairs.len() >= LEAST.0).then_some(pairs)
}

/// Whether `h` takes the pair's first place to within `limit` of its second, before the horizon.
fn agrees(m: &[f64; 9], (p, q): &Pair, limit: f64) -> bool {
    let z = m[6] * p.x + m[7] * p.y + m[8];
    let x = m[0] * p.x + m[1] * p.y + m[2] - q.x * z;
    let y = m[3] * p.x + m[4] * p.y + m[5] - q.y * z;
    z > 1e-9 && x * x + y * y < limit * limit * z * z
}

/// The homography through four pairs that most pairs agree with.
fn ransac(pairs: &[Pair], limit: f64) -> Option<Homography> {
    let mut state = SEED;
    let mut best: Option<(usize, Homography)> = None;
    for draw in 0..DRAWS {
        let mut pick = [0usize; 4];
        for p in &mut pick {
            *p = (random(&mut state) % pairs.len() as u64) as usize;
        }
        if (0..4).any(|i| (0..i).any(|j| pick[i] == pick[j])) {
            continue;
        }
        let a = pick.map(|i| pairs[i].0);
        let b = pick.map(|i| pairs[i].1);
        let Some(h) = Homography::from_quad(&a, &b) else {
            continue;
        };
        let rows = h.to_rows();
        let n = pairs.iter().filter(|p| agrees(&rows, p, limit)).count();
        if best.as_ref().is_none_or(|(m, _)| n > *m) {
            best = Some((n, h));
        }
        let enough = |(m, _): &(usize, Homography)| *m * 5 >= pairs.len() * 4;
        if draw >= LEAST_DRAWS && best.as_ref().is_some_and(enough) {
            break;
        }
    }
    Some(best?.1)
}

/// Least squares over the pairs that agree, again and again within `limits`.
fn settle(
    pairs: &[Pair],
    start: Homography,
    limits: impl IntoIterator<Item = f64>,
    asked: usize,
    s: &VisionSettings,
) -> Option<Registration> {
    let mut h = start;
    let mut inliers: Vec<Pair> = Vec::with_capacity(pairs.len());
    for (i, limit) in limits.into_iter().enumerate() {
        if i > 0 {
            h = least_squares(&inliers)?;
        }
        let rows = h.to_rows();
        inliers.clear();
        inliers.extend(pairs.iter().filter(|p| agrees(&rows, p, limit)));
        if inliers.len() < LEAST.1 {
            return None;
        }
    }
    let share = inliers.len() as f64 / asked as f64;
    if share < s.min_inliers {
        return None;
    }
    let sum: f64 = inliers
        .iter()
        .filter_map(|(p, q)| h.apply(*p).map(|v| (v - q).norm_squared()))
        .sum();
    Some(Registration {
        to_previous: h,
        inliers: share as f32,
        rms_px: (sum / inliers.len() as f64).sqrt() as f32,
    })
}

/// Normalised direct linear transform (Hartley 1997) with the last element fixed at one.
#[expect(
    clippy::needless_range_loop,
    reason = "matrix indices read as in the textbook"
)]
fn least_squares(pairs: &[Pair]) -> Option<Homography> {
    let norm = |pick: fn(&Pair) -> Vector2<f64>| {
        let n = pairs.len() as f64;
        let mean = pairs.iter().map(pick).sum::<Vector2<f64>>() / n;
        let spread = pairs.iter().map(|p| (pick(p) - mean).norm()).sum::<f64>() / n;
        let k = std::f64::consts::SQRT_2 / spread.max(1e-9);
        Matrix3::new(k, 0.0, -k * mean.x, 0.0, k, -k * mean.y, 0.0, 0.0, 1.0)
    };
    let (ta, tb) = (norm(|p| p.0), norm(|p| p.1));
    let at = |t: &Matrix3<f64>, p: Vector2<f64>| {
        Vector2::new(t[(0, 0)] * p.x + t[(0, 2)], t[(1, 1)] * p.y + t[(1, 2)])
    };
    // Normal equations of the 8 unknowns.
    let mut m = [[0f64; 9]; 8];
    let mut add = |row: &[f64; 8], rhs: f64| {
        for i in 0..8 {
            for j in i..8 {
                m[i][j] += row[i] * row[j];
            }
            m[i][8] += row[i] * rhs;
        }
    };
    for (p, q) in pairs {
        let (p, q) = (at(&ta, *p), at(&tb, *q));
        add(&[p.x, p.y, 1.0, 0.0, 0.0, 0.0, -q.x * p.x, -q.x * p.y], q.x);
        add(&[0.0, 0.0, 0.0, p.x, p.y, 1.0, -q.y * p.x, -q.y * p.y], q.y);
    }
    for i in 0..8 {
        for j in 0..i {
            m[i][j] = m[j][i];
        }
    }
    let x = solve(&mut m)?;
    let h = Matrix3::new(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], 1.0);
    Homography::from_matrix(tb.try_inverse()? * h * ta)
}

/// Gaussian elimination with row pivoting of an 8x8 system.
#[expect(
    clippy::needless_range_loop,
    reason = "matrix indices read as in the textbook"
)]
fn solve(m: &mut [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for c in 0..8 {
        let pivot = (c..8).max_by(|a, b| m[*a][c].abs().total_cmp(&m[*b][c].abs()))?;
        if m[pivot][c].abs() < 1e-12 {
            return None;
        }
        m.swap(c, pivot);
        for r in c + 1..8 {
            let f = m[r][c] / m[c][c];
            for k in c..9 {
                m[r][k] -= f * m[c][k];
            }
        }
    }
    let mut x = [0f64; 8];
    for r in (0..8).rev() {
        let sum: f64 = (r + 1..8).map(|k| m[r][k] * x[k]).sum();
        x[r] = (m[r][8] - sum) / m[r][r];
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_squares_finds_a_known_map() {
        let h = Homography::from_rows(&[1.01, 0.02, 5.0, -0.015, 0.99, -3.0, 1e-5, -2e-5, 1.0])
            .unwrap();
        let mut pairs = Vec::new();
        for y in 0..6 {
            for x in 0..8 {
                let p = Vector2::new(x as f64 * 150.0, y as f64 * 120.0);
                pairs.push((p, h.apply(p).unwrap()));
            }
        }
        // A quarter of the pairs move on their own.
        for i in (0..48).step_by(4) {
            pairs[i].1 += Vector2::new(15.0, i as f64);
        }
        let start = ransac(&pairs, 1.0).unwrap();
        let s = VisionSettings::default();
        let found = settle(&pairs, start, [1.0; 3], pairs.len(), &s).unwrap();
        assert_eq!(found.inliers, 0.75);
        let p = Vector2::new(640.0, 360.0);
        let off = found.to_previous.apply(p).unwrap() - h.apply(p).unwrap();
        assert!(off.norm() < 1e-6);
    }
}
