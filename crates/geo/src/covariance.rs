//! Two-dimensional covariance: ellipses and the probability to be inside an area.

use nalgebra::{Matrix2, Vector2};

/// A 2x2 covariance of east and north, m² (or of pixels, px²).
pub type Cov2 = Matrix2<f64>;

/// An error ellipse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ellipse {
    /// Semi-major axis, same unit as the square root of the covariance.
    pub major: f64,
    /// Semi-minor axis.
    pub minor: f64,
    /// Direction of the major axis, radians counter-clockwise from the first coordinate (east).
    pub angle: f64,
}

/// Radius, in sigmas, of the ellipse that holds `p` of a two-dimensional Gaussian: the square root
/// of the chi-square quantile with two degrees of freedom, which is -2 ln(1 - p).
pub fn chi_square_radius_2d(p: f64) -> f64 {
    (-2.0 * (1.0 - p.clamp(0.0, 1.0 - 1e-12)).ln()).sqrt()
}

impl Ellipse {
    /// The ellipse of `cov` that holds the share `p` of a Gaussian.
    pub fn holding(cov: &Cov2, p: f64) -> Self {
        let k = chi_square_radius_2d(p);
        let mean = 0.5 * (cov[(0, 0)] + cov[(1, 1)]);
        let diff = 0.5 * (cov[(0, 0)] - cov[(1, 1)]);
        let off = 0.5 * (cov[(0, 1)] + cov[(1, 0)]);
        let root = diff.hypot(off);
        Self {
            major: k * (mean + root).max(0.0).sqrt(),
            minor: k * (mean - root).max(0.0).sqrt(),
            angle: 0.5 * off.atan2(diff),
        }
    }

    /// `n` points around the ellipse about `centre`.
    pub fn outline(&self, centre: Vector2<f64>, n: usize) -> Vec<Vector2<f64>> {
        let (s, c) = self.angle.sin_cos();
        (0..n)
            .map(|i| {
                let (sin, cos) = (std::f64::consts::TAU * i as f64 / n as f64).sin_cos();
                let (u, v) = (self.major * cos, self.minor * sin);
                centre + Vector2::new(c * u - s * v, s * u + c * v)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ellipse_of_a_rotated_covariance() {
        let e = Ellipse::holding(&Cov2::new(2.5, 1.5, 1.5, 2.5), 0.393_469_340_287);
        assert!((e.major - 2.0).abs() < 1e-6 && (e.minor - 1.0).abs() < 1e-6);
        assert!((e.angle - std::f64::consts::FRAC_PI_4).abs() < 1e-9);
    }

    #[test]
    fn ninety_per_cent_radius() {
        assert!((chi_square_radius_2d(0.9) - 2.145_966).abs() < 1e-5);
    }
}
