//! Plane-to-plane maps.

use nalgebra::{Matrix2, Matrix3, SMatrix, SVector, Vector2, Vector3};

/// A 3x3 projective map between two planes, scaled so that its last element is one in size.
///
/// The sign is kept: a point whose third coordinate comes out negative lies behind the camera or
/// beyond the horizon and has no image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Homography(Matrix3<f64>);

impl Homography {
    /// The identity.
    pub fn identity() -> Self {
        Self(Matrix3::identity())
    }

    /// From a matrix; `None` when it is not finite or sends the origin to infinity.
    pub fn from_matrix(m: Matrix3<f64>) -> Option<Self> {
        let w = m[(2, 2)];
        if w.abs() < 1e-12 || m.iter().any(|v| !v.is_finite()) {
            return None;
        }
        Some(Self(m / w.abs()))
    }

    /// From nine numbers in row order.
    pub fn from_rows(r: &[f64; 9]) -> Option<Self> {
        Self::from_matrix(Matrix3::from_row_slice(r))
    }

    /// Nine numbers in row order.
    pub fn to_rows(&self) -> [f64; 9] {
        let m = &self.0;
        [
            m[(0, 0)],
            m[(0, 1)],
            m[(0, 2)],
            m[(1, 0)],
            m[(1, 1)],
            m[(1, 2)],
            m[(2, 0)],
            m[(2, 1)],
            m[(2, 2)],
        ]
    }

    /// The map that takes four points to four others; `None` when three of them are in line.
    pub fn from_quad(from: &[Vector2<f64>; 4], to: &[Vector2<f64>; 4]) -> Option<Self> {
        let mut a = SMatrix::<f64, 8, 8>::zeros();
        let mut b = SVector::<f64, 8>::zeros();
        for (i, (p, q)) in from.iter().zip(to).enumerate() {
            let (r, s) = (2 * i, 2 * i + 1);
            for (c, v) in [p.x, p.y, 1.0].into_iter().enumerate() {
                a[(r, c)] = v;
                a[(s, c + 3)] = v;
            }
            a[(r, 6)] = -q.x * p.x;
            a[(r, 7)] = -q.x * p.y;
            a[(s, 6)] = -q.y * p.x;
            a[(s, 7)] = -q.y * p.y;
            b[r] = q.x;
            b[s] = q.y;
        }
        let h = a.full_piv_lu().solve(&b)?;
        Self::from_matrix(Matrix3::new(
            h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], 1.0,
        ))
    }

    /// The matrix.
    pub fn matrix(&self) -> &Matrix3<f64> {
        &self.0
    }

    /// Maps a point; `None` behind or at the horizon (the third coordinate not positive).
    pub fn apply(&self, p: Vector2<f64>) -> Option<Vector2<f64>> {
        let v = self.0 * Vector3::new(p.x, p.y, 1.0);
        (v.z > 1e-9).then(|| Vector2::new(v.x / v.z, v.y / v.z))
    }

    /// The derivative of the map at `p`.
    pub fn jacobian(&self, p: Vector2<f64>) -> Option<Matrix2<f64>> {
        let v = self.0 * Vector3::new(p.x, p.y, 1.0);
        if v.z <= 1e-9 {
            return None;
        }
        let (x, y, m) = (v.x / v.z, v.y / v.z, &self.0);
        Some(
            Matrix2::new(
                m[(0, 0)] - x * m[(2, 0)],
                m[(0, 1)] - x * m[(2, 1)],
                m[(1, 0)] - y * m[(2, 0)],
                m[(1, 1)] - y * m[(2, 1)],
            ) / v.z,
        )
    }

    /// The inverse map.
    pub fn inverse(&self) -> Option<Self> {
        self.0.try_inverse().and_then(Self::from_matrix)
    }

    /// `self` after `first`.
    pub fn after(&self, first: &Self) -> Option<Self> {
        Self::from_matrix(self.0 * first.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quad() -> ([Vector2<f64>; 4], [Vector2<f64>; 4]) {
        let v = Vector2::new;
        (
            [v(0.0, 0.0), v(1280.0, 0.0), v(1280.0, 720.0), v(0.0, 720.0)],
            [
                v(-90.0, 80.0),
                v(95.0, 70.0),
                v(60.0, -50.0),
                v(-55.0, -45.0),
            ],
        )
    }

    #[test]
    fn quad_maps_its_corners_and_back() {
        let (a, b) = quad();
        let h = Homography::from_quad(&a, &b).unwrap();
        let inv = h.inverse().unwrap();
        for (p, q) in a.iter().zip(&b) {
            assert!((h.apply(*p).unwrap() - q).norm() < 1e-8);
            assert!((inv.apply(*q).unwrap() - p).norm() < 1e-6);
        }
    }

    #[test]
    fn jacobian_is_the_derivative() {
        let (a, b) = quad();
        let h = Homography::from_quad(&a, &b).unwrap();
        let p = Vector2::new(500.0, 300.0);
        let j = h.jacobian(p).unwrap();
        for (i, d) in [Vector2::new(1e-3, 0.0), Vector2::new(0.0, 1e-3)]
            .into_iter()
            .enumerate()
        {
            let num = (h.apply(p + d).unwrap() - h.apply(p - d).unwrap()) / 2e-3;
            assert!((num - j.column(i)).norm() < 1e-6);
        }
    }

    #[test]
    fn collinear_points_have_no_map() {
        let v = Vector2::new;
        let line = [v(0.0, 0.0), v(1.0, 1.0), v(2.0, 2.0), v(3.0, 3.0)];
        assert!(Homography::from_quad(&line, &quad().1).is_none());
    }
}
