//! How one frame lies over another: a homography from followed points.

use crate::flow::{Point, corners, follow};
use crate::image::Pyramid;
use crate::settings::VisionSettings;
use atalaya_geo::{Homography, Matrix3, Vector2};
use atalaya_model::Registration;

/// RANSAC draws; enough for 99.9 % success at 40 % inliers is 264.
const DRAWS: usize = 270;
const SEED: u64 = 0x6174_616c_6179_6131;

/// A step of xorshift64* (Marsaglia 2003; Vigna 2016).
fn random(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_F491_4F6C_DD1D)
}

/// Registers `now` to `before`. Both pyramids hold the pictures at `scale` of display size;
/// `guess` maps display pixels of `now` to `before`. `levels` as in [`follow`].
pub fn register(
    now: &Pyramid,
    before: &Pyramid,
    guess: &Homography,
    scale: f64,
    levels: usize,
    points: usize,
    s: &VisionSettings,
) -> Option<Registration> {
    let base = now.0.first()?;
    let from = corners(base, points);
    if from.len() < 12 {
        return None;
    }
    let display = |p: &Point| Vector2::new(f64::from(p[0]) / scale, f64::from(p[1]) / scale);
    let start: Vec<Point> = from
        .iter()
        .map(|p| match guess.apply(display(p)) {
            Some(q) => [(q.x * scale) as f32, (q.y * scale) as f32],
            None => *p,
        })
        .collect();
    let found = follow(now, before, &from, &start, levels);
    let pairs: Vec<(Vector2<f64>, Vector2<f64>)> = from
        .iter()
        .zip(&found)
        .filter_map(|(p, q)| q.as_ref().map(|q| (display(p), display(q))))
        .collect();
    if pairs.len() < 12 {
        return None;
    }
    let limit = s.inlier_px / scale.min(1.0);
    let (h, inliers) = ransac(&pairs, limit)?;
    let share = inliers.len() as f64 / from.len() as f64;
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

type Pair = (Vector2<f64>, Vector2<f64>);

/// The homography most pairs agree with, least-squares on those; and those.
fn ransac(pairs: &[Pair], limit: f64) -> Option<(Homography, Vec<Pair>)> {
    let mut state = SEED;
    let mut best: Option<(usize, Homography)> = None;
    let agrees = |h: &Homography, limit: f64| {
        pairs
            .iter()
            .filter(|(p, q)| {
                h.apply(*p)
                    .is_some_and(|v| (v - q).norm_squared() < limit * limit)
            })
            .copied()
            .collect::<Vec<_>>()
    };
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
        let n = pairs
            .iter()
            .filter(|(p, q)| {
                h.apply(*p)
                    .is_some_and(|v| (v - q).norm_squared() < limit * limit)
            })
            .count();
        if best.as_ref().is_none_or(|(m, _)| n > *m) {
            best = Some((n, h));
        }
        // Four fifths agree: more draws would not change the inliers much.
        if draw >= 40
            && best
                .as_ref()
                .is_some_and(|(m, _)| *m * 5 >= pairs.len() * 4)
        {
            break;
        }
    }
    let mut h = best?.1;
    let mut inliers = agrees(&h, limit);
    for _ in 0..2 {
        if inliers.len() < 10 {
            return None;
        }
        h = least_squares(&inliers)?;
        inliers = agrees(&h, limit);
    }
    (inliers.len() >= 10).then_some((h, inliers))
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
        let (found, inliers) = ransac(&pairs, 1.0).unwrap();
        assert_eq!(inliers.len(), 36);
        let p = Vector2::new(640.0, 360.0);
        assert!((found.apply(p).unwrap() - h.apply(p).unwrap()).norm() < 1e-6);
    }
}
