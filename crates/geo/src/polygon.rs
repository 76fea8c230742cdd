//! Areas in local metres.

use crate::covariance::Cov2;
use nalgebra::Vector2;

/// A simple polygon; the last vertex joins the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Polygon {
    vertices: Vec<Vector2<f64>>,
    lo: Vector2<f64>,
    hi: Vector2<f64>,
}

impl Polygon {
    /// From three or more finite vertices (a repeated closing vertex is dropped).
    pub fn new(mut vertices: Vec<Vector2<f64>>) -> Option<Self> {
        if vertices.len() > 3 && vertices.first() == vertices.last() {
            vertices.pop();
        }
        if vertices.len() < 3
            || vertices
                .iter()
                .any(|v| !v.x.is_finite() || !v.y.is_finite())
        {
            return None;
        }
        let (mut lo, mut hi) = (vertices[0], vertices[0]);
        for v in &vertices {
            lo = lo.inf(v);
            hi = hi.sup(v);
        }
        Some(Self { vertices, lo, hi })
    }

    /// A circle by 64 vertices of equal area.
    pub fn circle(centre: Vector2<f64>, radius: f64) -> Option<Self> {
        let n = 64;
        let step = std::f64::consts::TAU / n as f64;
        // Scaled so that the polygon's area is the circle's.
        let r = radius * (step / step.sin()).sqrt();
        Self::new(
            (0..n)
                .map(|i| {
                    let (s, c) = (i as f64 * step).sin_cos();
                    centre + Vector2::new(r * c, r * s)
                })
                .collect(),
        )
    }

    /// The vertices.
    pub fn vertices(&self) -> &[Vector2<f64>] {
        &self.vertices
    }

    /// Lower-left and upper-right corners of the bounding box.
    pub fn bounds(&self) -> (Vector2<f64>, Vector2<f64>) {
        (self.lo, self.hi)
    }

    fn edges(&self) -> impl Iterator<Item = (&Vector2<f64>, &Vector2<f64>)> {
        self.vertices
            .iter()
            .zip(self.vertices.iter().cycle().skip(1))
    }

    /// Whether two areas have any point in common.
    pub fn touches(&self, other: &Self) -> bool {
        let inside = |a: &Self, b: &Self| a.vertices().iter().any(|v| b.contains(*v));
        inside(self, other) || inside(other, self) || self.crosses(other)
    }

    /// Whether an edge of one has a point in common with an edge of the other: also where they only
    /// meet, or lie on each other.
    fn crosses(&self, other: &Self) -> bool {
        let turn = |a: &Vector2<f64>, b: &Vector2<f64>, c: &Vector2<f64>| (b - a).perp(&(c - a));
        // Edges on one line have no turn at all, and may still lie apart.
        let meet = |a: f64, b: f64, c: f64, d: f64| a.min(b) <= c.max(d) && c.min(d) <= a.max(b);
        self.edges().any(|(a, b)| {
            other.edges().any(|(c, d)| {
                turn(a, b, c) * turn(a, b, d) <= 0.0
                    && turn(c, d, a) * turn(c, d, b) <= 0.0
                    && meet(a.x, b.x, c.x, d.x)
                    && meet(a.y, b.y, c.y, d.y)
            })
        })
    }

    /// Inside by the even-odd rule.
    pub fn contains(&self, p: Vector2<f64>) -> bool {
        if p.x < self.lo.x || p.x > self.hi.x || p.y < self.lo.y || p.y > self.hi.y {
            return false;
        }
        let mut inside = false;
        for (a, b) in self.edges() {
            if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
                inside = !inside;
            }
        }
        inside
    }

    /// Distance to the boundary, negative inside.
    pub fn signed_distance(&self, p: Vector2<f64>) -> f64 {
        let d = self
            .edges()
            .map(|(a, b)| {
                let ab = b - a;
                let len2 = ab.norm_squared();
                let t = if len2 > 0.0 {
                    ((p - a).dot(&ab) / len2).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                (p - (a + ab * t)).norm()
            })
            .fold(f64::INFINITY, f64::min);
        if self.contains(p) { -d } else { d }
    }

    /// Signed area, m²: positive counter-clockwise.
    pub fn area(&self) -> f64 {
        0.5 * self
            .edges()
            .map(|(a, b)| a.x * b.y - b.x * a.y)
            .sum::<f64>()
    }

    /// Centre of the vertices.
    pub fn centre(&self) -> Vector2<f64> {
        self.vertices.iter().sum::<Vector2<f64>>() / self.vertices.len() as f64
    }

    /// Probability that a Gaussian of mean `p` and covariance `cov` lies inside.
    ///
    /// Deterministic quadrature: 8 equal-probability rings of 24 directions each (192 points), so
    /// the result is a multiple of 1/192.
    pub fn probability(&self, p: Vector2<f64>, cov: &Cov2) -> f64 {
        const RINGS: usize = 8;
        const SPOKES: usize = 24;
        // Lower Cholesky factor of a 2x2 covariance, clamped against rounding.
        let l11 = cov[(0, 0)].max(0.0).sqrt();
        if l11 < 1e-9 && cov[(1, 1)] < 1e-18 {
            return if self.contains(p) { 1.0 } else { 0.0 };
        }
        let l21 = if l11 > 0.0 { cov[(1, 0)] / l11 } else { 0.0 };
        let l22 = (cov[(1, 1)] - l21 * l21).max(0.0).sqrt();
        let mut hits = 0usize;
        for ring in 0..RINGS {
            let q = (ring as f64 + 0.5) / RINGS as f64;
            let r = (-2.0 * (1.0 - q).ln()).sqrt();
            for spoke in 0..SPOKES {
                let a = std::f64::consts::TAU * (spoke as f64 + 0.5 * (ring % 2) as f64)
                    / SPOKES as f64;
                let (u, v) = (r * a.cos(), r * a.sin());
                if self.contains(p + Vector2::new(l11 * u, l21 * u + l22 * v)) {
                    hits += 1;
                }
            }
        }
        hits as f64 / (RINGS * SPOKES) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square() -> Polygon {
        let v = Vector2::new;
        Polygon::new(vec![v(0.0, 0.0), v(10.0, 0.0), v(10.0, 10.0), v(0.0, 10.0)]).unwrap()
    }

    #[test]
    fn inside_outside_and_distance() {
        let s = square();
        assert!(s.contains(Vector2::new(5.0, 5.0)));
        assert!(!s.contains(Vector2::new(11.0, 5.0)));
        assert!((s.signed_distance(Vector2::new(5.0, 4.0)) + 4.0).abs() < 1e-12);
        assert!((s.signed_distance(Vector2::new(13.0, 14.0)) - 5.0).abs() < 1e-12);
        assert!((s.area() - 100.0).abs() < 1e-12);
    }

    #[test]
    fn probability_is_half_on_an_edge_and_one_deep_inside() {
        let s = square();
        let cov = Cov2::new(0.25, 0.0, 0.0, 0.25);
        assert!((s.probability(Vector2::new(0.0, 5.0), &cov) - 0.5).abs() < 0.05);
        assert_eq!(s.probability(Vector2::new(5.0, 5.0), &cov), 1.0);
        assert_eq!(s.probability(Vector2::new(50.0, 5.0), &cov), 0.0);
    }

    #[test]
    fn circle_has_its_area() {
        let c = Polygon::circle(Vector2::new(3.0, 4.0), 25.0).unwrap();
        assert!((c.area() - std::f64::consts::PI * 625.0).abs() < 1e-6);
    }

    #[test]
    fn areas_touch_where_corners_or_edges_meet() {
        let s = square();
        let at = |x: f64, y: f64, w: f64, h: f64| {
            let v = Vector2::new;
            Polygon::new(vec![v(x, y), v(x + w, y), v(x + w, y + h), v(x, y + h)]).unwrap()
        };
        assert!(s.touches(&at(9.0, 9.0, 5.0, 5.0)));
        assert!(s.touches(&at(2.0, 2.0, 1.0, 1.0)) && at(2.0, 2.0, 1.0, 1.0).touches(&s));
        // A cross: no corner of one lies in the other.
        assert!(s.touches(&at(-5.0, 4.0, 20.0, 1.0)));
        assert!(!s.touches(&at(10.5, 0.0, 5.0, 5.0)));
        // The same area, one beside it, one that meets a corner; edges on one line, apart.
        assert!(s.touches(&s) && s.touches(&at(10.0, 0.0, 5.0, 10.0)));
        assert!(s.touches(&at(10.0, 10.0, 5.0, 5.0)));
        assert!(!s.touches(&at(0.0, 11.0, 10.0, 5.0)) && !s.touches(&at(12.0, 0.0, 5.0, 10.0)));
    }
}
