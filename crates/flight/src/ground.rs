//! The ground of a task as a grid: how high it is, and what can be seen over it.

use atalaya_geo::terrain::{Terrain, TerrainError};
use atalaya_geo::{LocalPlane, Vector2};

/// Most cells along a side of a [`Ground`], and most heights looked up for each along a side.
const MOST_CELLS: f64 = 1500.0;
const MOST_PER_CELL: f64 = 6.0;

/// The ground of a task as a grid on its plane.
#[derive(Clone, Debug)]
pub struct Ground {
    lo: Vector2<f64>,
    step: f64,
    columns: usize,
    rows: usize,
    /// Row by row from the south; NaN where not known.
    heights: Vec<f32>,
}

impl Ground {
    /// Resamples the terrain between two corners. Each cell holds the highest ground around its
    /// point, so that a peak is never lost between two points.
    pub fn new(
        terrain: &dyn Terrain,
        plane: &LocalPlane,
        lo: Vector2<f64>,
        hi: Vector2<f64>,
    ) -> Result<Self, TerrainError> {
        use rayon::prelude::*;
        let spacing = terrain.spacing_m().max(1.0);
        let extent = (hi - lo).max().max(spacing);
        let step = spacing.max(extent / MOST_CELLS);
        let per_cell = (step / spacing).ceil();
        if per_cell > MOST_PER_CELL {
            return Err(TerrainError::new(format!(
                "{:.0} km at {spacing:.1} m is too much terrain; resample it to {:.0} m",
                extent / 1000.0,
                step / MOST_PER_CELL
            )));
        }
        let columns = ((hi.x - lo.x) / step).ceil() as usize + 2;
        let rows = ((hi.y - lo.y) / step).ceil() as usize + 2;
        let k = per_cell as i32;
        let at = |p: Vector2<f64>| {
            let (lat, lon) = plane.to_lat_lon(&p);
            terrain.height_m(lat, lon)
        };
        let heights = (0..rows * columns)
            .into_par_iter()
            .map(|i| {
                let p = lo + Vector2::new((i % columns) as f64, (i / columns) as f64) * step;
                let mut top = f64::NEG_INFINITY;
                for dy in (1 - k)..k {
                    for dx in (1 - k)..k {
                        let offset = Vector2::new(f64::from(dx), f64::from(dy)) * (step / per_cell);
                        match at(p + offset) {
                            Some(h) => top = top.max(h),
                            None => return f32::NAN,
                        }
                    }
                }
                top as f32
            })
            .collect();
        Ok(Self {
            lo,
            step,
            columns,
            rows,
            heights,
        })
    }

    /// Distance between points of the grid, metres.
    pub fn step_m(&self) -> f64 {
        self.step
    }

    fn cell(&self, column: i64, row: i64) -> Option<f64> {
        let (c, r) = (usize::try_from(column).ok()?, usize::try_from(row).ok()?);
        if c >= self.columns || r >= self.rows {
            return None;
        }
        let h = self.heights[r * self.columns + c];
        h.is_finite().then_some(f64::from(h))
    }

    /// Height at a place, bilinear between points.
    pub fn at(&self, p: Vector2<f64>) -> Option<f64> {
        let q = (p - self.lo) / self.step;
        let (c, r) = (q.x.floor(), q.y.floor());
        let (u, v) = (q.x - c, q.y - r);
        let (c, r) = (c as i64, r as i64);
        let south = self.cell(c, r)? * (1.0 - u) + self.cell(c + 1, r)? * u;
        let north = self.cell(c, r + 1)? * (1.0 - u) + self.cell(c + 1, r + 1)? * u;
        Some(south * (1.0 - v) + north * v)
    }

    /// Highest ground within a distance; nothing where any of it is not known.
    pub fn highest(&self, p: Vector2<f64>, within_m: f64) -> Option<f64> {
        let q = (p - self.lo) / self.step;
        // A point beyond the edge by up to a cell still shapes the surface between the points.
        let reach = (within_m / self.step).max(0.0) + 1.0;
        let mut top = f64::NEG_INFINITY;
        let last = (q.y + reach).floor() as i64;
        for r in (q.y - reach).ceil() as i64..=last {
            let dy = r as f64 - q.y;
            let half = (reach * reach - dy * dy).max(0.0).sqrt();
            for c in (q.x - half).ceil() as i64..=(q.x + half).floor() as i64 {
                top = top.max(self.cell(c, r)?);
            }
        }
        Some(top.max(self.at(p)?))
    }

    /// Does a ray from an eye to a target, both (east, north, height), pass above all ground?
    /// The last metre is the target's own.
    pub fn sees(&self, eye: (Vector2<f64>, f64), target: (Vector2<f64>, f64)) -> bool {
        let along = target.0 - eye.0;
        let steps = (along.norm() / (0.5 * self.step))
            .ceil()
            .clamp(1.0, 10_000.0);
        // From the target outwards: what hides it is mostly near it.
        (1..steps as usize).rev().all(|i| {
            let s = i as f64 / steps;
            self.at(eye.0 + along * s)
                .is_some_and(|ground| ground < eye.1 + (target.1 - eye.1) * s)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cone 300 m high at the origin.
    struct Cone(LocalPlane);

    impl Terrain for Cone {
        fn height_m(&self, lat: f64, lon: f64) -> Option<f64> {
            let p = self.0.to_en(lat, lon);
            (p.x > -2000.0).then(|| (300.0 - p.norm()).max(0.0))
        }
        fn spacing_m(&self) -> f64 {
            10.0
        }
        fn highest_m(&self) -> f64 {
            300.0
        }
        fn steepest(&self) -> f64 {
            1.0
        }
    }

    #[test]
    fn a_hill_hides_what_is_behind_it() {
        let plane = LocalPlane::new(0.7, -0.1);
        let v = Vector2::new;
        let g = Ground::new(&Cone(plane), &plane, v(-2500.0, -1000.0), v(1500.0, 1000.0)).unwrap();
        assert!((g.at(v(100.0, 0.0)).unwrap() - 200.0).abs() < 12.0);
        assert!(g.highest(v(250.0, 0.0), 200.0).unwrap() > 230.0);
        let target = (v(800.0, 0.0), 1.0);
        assert!(!g.sees((v(-800.0, 0.0), 250.0), target));
        assert!(g.sees((v(-800.0, 0.0), 900.0), target));
        assert!(g.sees((v(800.0, 700.0), 250.0), target));
        // What is not known hides, and has no height.
        assert!(!g.sees((v(-2300.0, 0.0), 5000.0), target));
        assert_eq!(g.highest(v(-1950.0, 0.0), 100.0), None);
        assert_eq!(g.at(v(9000.0, 0.0)), None);
    }
}
