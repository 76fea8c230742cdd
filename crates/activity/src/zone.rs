//! Zones on a plane.

use atalaya_geo::{Polygon, Vector2};
use atalaya_model::operation::{ZoneConfig, ZoneRole};

/// The outline of a zone.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A polygon.
    Polygon(Polygon),
    /// A circle: centre and radius.
    Circle(Vector2<f64>, f64),
}

impl Shape {
    /// Distance to the boundary, negative inside.
    pub fn signed_distance(&self, p: Vector2<f64>) -> f64 {
        match self {
            Self::Polygon(poly) => poly.signed_distance(p),
            Self::Circle(c, r) => (p - c).norm() - r,
        }
    }

    /// Inside (the boundary of a circle counts as inside).
    pub fn contains(&self, p: Vector2<f64>) -> bool {
        match self {
            Self::Polygon(poly) => poly.contains(p),
            Self::Circle(c, r) => (p - c).norm_squared() <= r * r,
        }
    }

    /// As a polygon, for drawing and coverage.
    pub fn outline(&self) -> Vec<Vector2<f64>> {
        match self {
            Self::Polygon(poly) => poly.vertices().to_vec(),
            Self::Circle(c, r) => {
                Polygon::circle(*c, *r).map_or_else(Vec::new, |p| p.vertices().to_vec())
            }
        }
    }

    fn bounds(&self) -> (Vector2<f64>, Vector2<f64>) {
        match self {
            Self::Polygon(poly) => poly.bounds(),
            Self::Circle(c, r) => (c.add_scalar(-r), c.add_scalar(*r)),
        }
    }
}

/// A zone and its hysteresis. Lengths in the units of the plane, times in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// Short name.
    pub id: String,
    /// The site it belongs to; empty where there is only one.
    pub site: String,
    /// What it is to those who use it.
    pub role: ZoneRole,
    /// Outline.
    pub shape: Shape,
    /// A departure counts from this far outside …
    pub exit_margin: f64,
    /// … kept up for this long.
    pub exit_after_s: f64,
    /// An arrival counts when inside for this long.
    pub enter_after_s: f64,
    /// Without observation for longer than this, a visit ends as lost.
    pub gap_s: f64,
    lo: Vector2<f64>,
    hi: Vector2<f64>,
}

impl Zone {
    /// A zone with an outline and the hysteresis of `config`.
    pub fn new(config: &ZoneConfig, shape: Shape) -> Self {
        let (lo, hi) = shape.bounds();
        Self {
            id: config.id.clone(),
            site: String::new(),
            role: config.role,
            exit_margin: config.exit_margin_m,
            exit_after_s: config.exit_after_s,
            enter_after_s: config.enter_after_s,
            gap_s: config.gap_s,
            lo: lo.add_scalar(-config.exit_margin_m),
            hi: hi.add_scalar(config.exit_margin_m),
            shape,
        }
    }

    /// Lower-left and upper-right corners of the zone with its exit margin.
    pub fn reach(&self) -> (Vector2<f64>, Vector2<f64>) {
        (self.lo, self.hi)
    }

    /// The middle of its outline.
    pub fn middle(&self) -> Vector2<f64> {
        match &self.shape {
            Shape::Polygon(p) => p.centre(),
            Shape::Circle(c, _) => *c,
        }
    }

    /// Inside, within the margin, or beyond it.
    pub fn place(&self, p: Vector2<f64>) -> Place {
        if p.x < self.lo.x || p.y < self.lo.y || p.x > self.hi.x || p.y > self.hi.y {
            return Place::Beyond;
        }
        if self.shape.contains(p) {
            Place::Inside
        } else if self.shape.signed_distance(p) > self.exit_margin {
            Place::Beyond
        } else {
            Place::Margin
        }
    }
}

/// Where a position lies relative to a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Within the outline.
    Inside,
    /// Outside, but within the exit margin.
    Margin,
    /// Beyond the margin.
    Beyond,
}
