//! Where a source may be.

use atalaya_geo::Vector3;

/// A box in local metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Least east, north, up.
    pub lo: Vector3<f64>,
    /// Greatest east, north, up.
    pub hi: Vector3<f64>,
}

/// An area that can't be used.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum AreaFault {
    /// A corner is not a number, or a side is too short or too long.
    #[error(
        "the area is {0:.1} by {1:.1} by {2:.1} m; give e0,n0,u0,e1,n1,u1 with sides of 1 to 20000 m and heights of 0 to 1000 m"
    )]
    Sides(f64, f64, f64),
    /// A candidate lies outside.
    #[error("candidate '{0}' is outside the area; enlarge --area or take it out")]
    Candidate(String),
}

impl Area {
    /// From corners, checked.
    pub fn new(lo: Vector3<f64>, hi: Vector3<f64>) -> Result<Self, AreaFault> {
        let d = hi - lo;
        let side = |d: f64| (1.0..=20_000.0).contains(&d);
        if side(d.x) && side(d.y) && (0.0..=1000.0).contains(&d.z) && (0.0..=1000.0).contains(&lo.z)
        {
            Ok(Self { lo, hi })
        } else {
            Err(AreaFault::Sides(d.x, d.y, d.z))
        }
    }

    /// Whether all candidates are inside.
    pub(crate) fn check(&self, candidates: &[Candidate]) -> Result<(), AreaFault> {
        let inside = |v: f64, lo: f64, hi: f64| (lo..=hi).contains(&v);
        let out = candidates.iter().find(|c| {
            !(inside(c.at.x, self.lo.x, self.hi.x) && inside(c.at.y, self.lo.y, self.hi.y))
        });
        out.map_or(Ok(()), |c| Err(AreaFault::Candidate(c.name.clone())))
    }

    /// The box around where readings were taken, a quarter wider on each side (at least 10 m) and from
    /// the ground to 2 m above the highest, at most 10 m.
    pub fn around(points: impl Iterator<Item = Vector3<f64>>) -> Option<Self> {
        let (lo, hi) = points.fold(None, |b: Option<(Vector3<f64>, Vector3<f64>)>, p| {
            Some(b.map_or((p, p), |(lo, hi)| (lo.inf(&p), hi.sup(&p))))
        })?;
        let wider = |d: f64| (d * 0.25).max(10.0);
        let (x, y) = (wider(hi.x - lo.x), wider(hi.y - lo.y));
        Self::new(
            Vector3::new(lo.x - x, lo.y - y, 0.0),
            Vector3::new(hi.x + x, hi.y + y, (hi.z + 2.0).clamp(1.0, 10.0)),
        )
        .ok()
    }
}

/// A place where a source is likelier than elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// Where it is, local metres.
    pub at: Vector3<f64>,
}

/// Places: columns of equal squares, and layers.
#[derive(Clone, Debug)]
pub struct Grid {
    /// West-south corner of the first column, m.
    pub origin: (f64, f64),
    /// Side of a column, m.
    pub side: f64,
    /// Columns from west to east.
    pub columns: usize,
    /// Columns from south to north.
    pub rows: usize,
    /// Heights of the layers' middles, m.
    pub heights: Vec<f64>,
    /// Thickness of a layer, m.
    pub layer: f64,
}

impl Grid {
    /// Squares of an area, about `places` of them, in up to `layers` layers.
    pub fn new(area: &Area, places: usize, layers: usize) -> Self {
        let d = area.hi - area.lo;
        let side = (d.x * d.y / places.max(1) as f64).sqrt().max(0.25);
        let count = |d: f64| ((d / side).ceil() as usize).clamp(1, places.max(1));
        let layers = if d.z < 0.5 { 1 } else { layers.max(1) };
        let layer = d.z / layers as f64;
        Self {
            origin: (area.lo.x, area.lo.y),
            side,
            columns: count(d.x),
            rows: count(d.y),
            heights: (0..layers)
                .map(|i| area.lo.z + (i as f64 + 0.5) * layer)
                .collect(),
            layer,
        }
    }

    /// The same with so many squares more on each side.
    pub(crate) fn wider(&self, by: usize) -> Self {
        let edge = by as f64 * self.side;
        Self {
            origin: (self.origin.0 - edge, self.origin.1 - edge),
            columns: self.columns + 2 * by,
            rows: self.rows + 2 * by,
            ..self.clone()
        }
    }

    /// Of numbers of the places of [`Grid::wider`] those of this grid's own.
    pub(crate) fn within(&self, by: usize, of: &[f64]) -> Vec<f64> {
        let layers = self.heights.len();
        let row = (self.columns + 2 * by) * layers;
        let rows = of.chunks_exact(row).skip(by).take(self.rows);
        rows.flat_map(|r| &r[by * layers..][..self.columns * layers])
            .copied()
            .collect()
    }

    /// Number of squares.
    pub fn squares(&self) -> usize {
        self.columns * self.rows
    }

    /// Number of places: squares times layers. Place `i` is square `i / layers` in layer `i % layers`.
    pub fn places(&self) -> usize {
        self.squares() * self.heights.len()
    }

    /// The middle of a square, m.
    pub fn middle(&self, square: usize) -> (f64, f64) {
        let (c, r) = (square % self.columns, square / self.columns);
        (
            self.origin.0 + (c as f64 + 0.5) * self.side,
            self.origin.1 + (r as f64 + 0.5) * self.side,
        )
    }

    /// The middle of a place.
    pub fn place(&self, i: usize) -> Vector3<f64> {
        let (e, n) = self.middle(i / self.heights.len());
        Vector3::new(e, n, self.heights[i % self.heights.len()])
    }
}
