//! Who is near whom, by a grid.

use atalaya_geo::Vector2;
use std::collections::BTreeMap;

/// Places in cells as large as the distance asked for, or larger.
pub(super) struct Near {
    places: Vec<Vector2<f64>>,
    cells: BTreeMap<(i32, i32), Vec<usize>>,
    size: f64,
}

/// Neighbours looked at for one place: a crowd of more adds nothing but time.
const MOST: usize = 64;

impl Near {
    /// For pairs up to `reach` (twice that is the size of a cell).
    pub fn new(places: impl Iterator<Item = Vector2<f64>>, reach: f64) -> Self {
        let size = (2.0 * reach).max(1.0);
        let places: Vec<_> = places.collect();
        let mut cells: BTreeMap<(i32, i32), Vec<usize>> = BTreeMap::new();
        for (i, p) in places.iter().enumerate() {
            cells.entry(cell(*p, size)).or_default().push(i);
        }
        Self {
            places,
            cells,
            size,
        }
    }

    /// Pairs in the same or adjoining cells, each once, in a fixed order.
    pub fn pairs(&self) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for (i, p) in self.places.iter().enumerate() {
            let around = self.around(*p, self.size).filter(|j| *j > i).take(MOST);
            pairs.extend(around.map(|j| (i, j)));
        }
        pairs
    }

    /// Places within a distance, nearest cells or not: in the order of cells.
    pub fn around(&self, at: Vector2<f64>, reach: f64) -> impl Iterator<Item = usize> {
        let (lo, hi) = (
            cell(at.add_scalar(-reach), self.size),
            cell(at.add_scalar(reach), self.size),
        );
        (lo.0..=hi.0).flat_map(move |x| {
            self.cells
                .range((x, lo.1)..=(x, hi.1))
                .flat_map(|(_, v)| v.iter().copied())
                .filter(move |i| (self.places[*i] - at).norm() <= reach)
        })
    }
}

fn cell(p: Vector2<f64>, size: f64) -> (i32, i32) {
    ((p.x / size).floor() as i32, (p.y / size).floor() as i32)
}
