//! Sets of squares as polygons.

use crate::grid::Grid;
use serde::Serialize;

/// Squares of a grid as a GeoJSON MultiPolygon (RFC 7946) in local metres.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Region {
    #[serde(rename = "type")]
    kind: &'static str,
    /// Polygons, each an outer ring (counter-clockwise) and its holes (clockwise).
    pub coordinates: Vec<Vec<Vec<[f64; 2]>>>,
    /// The rate that it speaks of, kg/h, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_kg_h: Option<f64>,
}

type Corner = (usize, usize);

/// Steps east, north, west, south.
const STEPS: [(isize, isize); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

impl Region {
    /// Of the squares where `inside` is true.
    pub fn of(grid: &Grid, inside: &[bool]) -> Self {
        let (w, h) = (grid.columns, grid.rows);
        let is = |c: isize, r: isize| {
            (0..w as isize).contains(&c)
                && (0..h as isize).contains(&r)
                && inside[r as usize * w + c as usize]
        };
        // The edges that leave each corner, by direction, with the inside to their left.
        let mut leaves = vec![[false; 4]; (w + 1) * (h + 1)];
        for r in 0..=h as isize {
            for c in 0..=w as isize {
                let here = [is(c, r), is(c - 1, r), is(c - 1, r - 1), is(c, r - 1)];
                let edges = &mut leaves[r as usize * (w + 1) + c as usize];
                for d in 0..4 {
                    // Left of direction d lies the quadrant d, right of it the one before.
                    edges[d] = here[d] && !here[(d + 3) % 4];
                }
            }
        }
        let mut rings: Vec<Vec<Corner>> = Vec::new();
        for start in 0..leaves.len() {
            for first in 0..4 {
                if leaves[start][first] {
                    rings.push(walk(&mut leaves, w + 1, start, first));
                }
            }
        }
        let (outer, holes): (Vec<_>, Vec<_>) = rings.into_iter().partition(|r| doubled_area(r) > 0);
        let mut polygons: Vec<Vec<Vec<Corner>>> = outer.into_iter().map(|r| vec![r]).collect();
        for hole in holes {
            // The smallest ring around it has it.
            let owner = polygons
                .iter_mut()
                .filter(|p| around(&p[0], &hole))
                .min_by_key(|p| doubled_area(&p[0]));
            if let Some(p) = owner {
                p.push(hole);
            }
        }
        let metres = |&(c, r): &Corner| {
            let round = |v: f64| (v * 1e3).round() / 1e3;
            [
                round(grid.origin.0 + c as f64 * grid.side),
                round(grid.origin.1 + r as f64 * grid.side),
            ]
        };
        let closed = |ring: &Vec<Corner>| ring.iter().chain(ring.first()).map(metres).collect();
        Self {
            kind: "MultiPolygon",
            coordinates: polygons
                .iter()
                .map(|p| p.iter().map(closed).collect())
                .collect(),
            rate_kg_h: None,
        }
    }

    /// Its area, m².
    pub fn area(&self) -> f64 {
        let ring = |r: &Vec<[f64; 2]>| -> f64 {
            r.windows(2)
                .map(|w| w[0][0] * w[1][1] - w[1][0] * w[0][1])
                .sum::<f64>()
                / 2.0
        };
        self.coordinates.iter().flatten().map(ring).sum()
    }

    /// Whether a point is in it, by the even-odd rule.
    pub fn contains(&self, e: f64, n: f64) -> bool {
        let crossings = self
            .coordinates
            .iter()
            .flatten()
            .flat_map(|r| r.windows(2))
            .filter(|w| {
                let ([x0, y0], [x1, y1]) = (w[0], w[1]);
                (y0 > n) != (y1 > n) && e < x0 + (n - y0) / (y1 - y0) * (x1 - x0)
            })
            .count();
        crossings % 2 == 1
    }
}

/// Walks one ring and takes its edges away; corners only where it turns. Where two rings touch it turns
/// left, so that squares that meet at a corner stay apart.
fn walk(leaves: &mut [[bool; 4]], stride: usize, start: usize, first: usize) -> Vec<Corner> {
    let (mut at, mut d) = (start, first);
    let mut ring: Vec<(usize, usize)> = Vec::new();
    loop {
        leaves[at][d] = false;
        ring.push((at, d));
        at = at.wrapping_add_signed(STEPS[d].0 + STEPS[d].1 * stride as isize);
        let mut turns = [(d + 1) % 4, d, (d + 3) % 4].into_iter();
        match turns.find(|&n| leaves[at][n]) {
            Some(n) if at != start => d = n,
            _ => break,
        }
    }
    let before = ring.iter().cycle().skip(ring.len() - 1);
    let corner = |at: usize| (at % stride, at / stride);
    ring.iter()
        .zip(before)
        .filter(|(a, b)| a.1 != b.1)
        .map(|(a, _)| corner(a.0))
        .collect()
}

fn doubled_area(ring: &[Corner]) -> i64 {
    ring.iter()
        .zip(ring.iter().cycle().skip(1))
        .map(|(a, b)| a.0 as i64 * b.1 as i64 - b.0 as i64 * a.1 as i64)
        .sum()
}

/// Whether the square beside a hole's first corner lies in a ring.
fn around(ring: &[Corner], hole: &[Corner]) -> bool {
    let Some(&(c, r)) = hole.iter().min() else {
        return false;
    };
    let (x, y) = (c as f64 + 0.5, r as f64 + 0.5);
    let crossings = ring
        .iter()
        .zip(ring.iter().cycle().skip(1))
        .filter(|(a, b)| {
            let (x0, y0, y1) = (a.0 as f64, a.1 as f64, b.1 as f64);
            (y0 > y) != (y1 > y) && x < x0
        })
        .count();
    crossings % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::Area;
    use atalaya_geo::Vector3;

    fn grid(n: f64) -> Grid {
        let area = Area::new(Vector3::zeros(), Vector3::new(n, n, 1.0)).unwrap();
        Grid::new(&area, (n * n) as usize, 1)
    }

    #[test]
    fn a_ring_of_squares_has_a_hole_and_an_island() {
        let g = grid(5.0);
        let inside: Vec<bool> = (0..25)
            .map(|i| {
                let (c, r) = (i % 5, i / 5);
                c == 0 || r == 0 || c == 4 || r == 4 || (c == 2 && r == 2)
            })
            .collect();
        let region = Region::of(&g, &inside);
        assert_eq!(region.coordinates.len(), 2);
        assert_eq!(region.coordinates.iter().map(Vec::len).max(), Some(2));
        assert!(
            region
                .coordinates
                .iter()
                .flatten()
                .all(|r| r.len() == 5 && r.first() == r.last())
        );
        assert_eq!(region.area(), 17.0);
        for (i, inside) in inside.iter().enumerate() {
            let (e, n) = g.middle(i);
            assert_eq!(region.contains(e, n), *inside, "{i}");
        }
    }

    #[test]
    fn any_squares_come_out_as_they_went_in() {
        let g = grid(6.0);
        let mut state = 12345u64;
        for _ in 0..300 {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let inside: Vec<bool> = (0..36).map(|i| (state >> (i + 20)) & 1 == 1).collect();
            let region = Region::of(&g, &inside);
            let count = inside.iter().filter(|i| **i).count();
            assert_eq!(region.area(), count as f64);
            for (i, inside) in inside.iter().enumerate() {
                let (e, n) = g.middle(i);
                assert_eq!(region.contains(e, n), *inside);
            }
        }
        assert!(Region::of(&g, &[false; 36]).coordinates.is_empty());
    }
}
