//! Which zones may be near a place, by a grid over their bounds.

use crate::zone::Zone;
use atalaya_geo::Vector2;

/// Cells a side at most.
const MOST: f64 = 512.0;
/// Cells a side for each square root of a zone.
const FINE: f64 = 8.0;

/// A uniform grid; each cell lists the zones whose bounds, margin and all, touch it.
#[derive(Clone, Debug)]
pub struct ZoneIndex {
    lo: Vector2<f64>,
    /// Cells per metre.
    per_m: Vector2<f64>,
    columns: usize,
    rows: usize,
    /// Where each cell's list begins in `zones`.
    from: Vec<u32>,
    zones: Vec<u32>,
}

impl Default for ZoneIndex {
    fn default() -> Self {
        Self::new(&[], 0.0)
    }
}

impl ZoneIndex {
    /// Over the bounds of these zones, widened by `more_m` beyond their margin.
    pub fn new(zones: &[Zone], more_m: f64) -> Self {
        let bounds: Vec<_> = zones
            .iter()
            .map(|z| {
                let (lo, hi) = z.reach();
                (lo.add_scalar(-more_m), hi.add_scalar(more_m))
            })
            .collect();
        let (mut lo, mut hi) = (Vector2::zeros(), Vector2::zeros());
        if let Some(first) = bounds.first() {
            (lo, hi) = *first;
        }
        for b in &bounds {
            lo = lo.inf(&b.0);
            hi = hi.sup(&b.1);
        }
        let side = (FINE * (zones.len() as f64).sqrt()).clamp(1.0, MOST) as usize;
        let size = (hi - lo).map(|v| v.max(1e-6));
        let mut index = Self {
            lo,
            per_m: size.map(|v| side as f64 / v),
            columns: side,
            rows: side,
            from: Vec::new(),
            zones: Vec::new(),
        };
        let mut lists: Vec<Vec<u32>> = vec![Vec::new(); side * side];
        for (i, b) in bounds.iter().enumerate() {
            let (x0, y0) = index.clamped(b.0);
            let (x1, y1) = index.clamped(b.1);
            for y in y0..=y1 {
                for x in x0..=x1 {
                    lists[y * side + x].push(i as u32);
                }
            }
        }
        index.from.push(0);
        for list in lists {
            index.zones.extend(list);
            index.from.push(index.zones.len() as u32);
        }
        index
    }

    /// The zones that may hold a place, or have it within their margin.
    pub fn at(&self, p: Vector2<f64>) -> &[u32] {
        let cell = (p - self.lo).component_mul(&self.per_m);
        let (columns, rows) = (self.columns as f64, self.rows as f64);
        // Not a number is nowhere.
        if !(cell.x >= 0.0 && cell.y >= 0.0 && cell.x <= columns && cell.y <= rows) {
            return &[];
        }
        let (x, y) = (
            (cell.x as usize).min(self.columns - 1),
            (cell.y as usize).min(self.rows - 1),
        );
        self.list(x, y)
    }

    /// The zones whose bounds may be within a distance of a place, in order.
    pub fn near(&self, p: Vector2<f64>, reach_m: f64) -> Vec<usize> {
        if self.zones.is_empty() || !(p.x.is_finite() && p.y.is_finite()) {
            return Vec::new();
        }
        let end = self.lo
            + Vector2::new(
                self.columns as f64 / self.per_m.x,
                self.rows as f64 / self.per_m.y,
            );
        let (a, b) = (p.add_scalar(-reach_m), p.add_scalar(reach_m));
        if b.x < self.lo.x || b.y < self.lo.y || a.x > end.x || a.y > end.y {
            return Vec::new();
        }
        let ((x0, y0), (x1, y1)) = (self.clamped(a), self.clamped(b));
        let mut found: Vec<usize> = Vec::new();
        for y in y0..=y1 {
            for x in x0..=x1 {
                found.extend(self.list(x, y).iter().map(|i| *i as usize));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn list(&self, x: usize, y: usize) -> &[u32] {
        let cell = y * self.columns + x;
        &self.zones[self.from[cell] as usize..self.from[cell + 1] as usize]
    }

    fn clamped(&self, p: Vector2<f64>) -> (usize, usize) {
        let cell = (p - self.lo).component_mul(&self.per_m);
        (
            (cell.x.max(0.0) as usize).min(self.columns - 1),
            (cell.y.max(0.0) as usize).min(self.rows - 1),
        )
    }
}
