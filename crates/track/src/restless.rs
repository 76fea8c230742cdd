//! Places where something always moves: leaves, flags, the rims of roofs under parallax.
//!
//! Each cell of the plane remembers for how many seconds of late it showed motion that no believed
//! track accounts for. Who walks or drives through leaves little; a tree in the wind fills up.

use atalaya_geo::Vector2;
use atalaya_model::Micros;
use std::collections::BTreeMap;

/// Side of a cell: metres on the ground, pixels on a plane of pixels.
const SIDE_M: f64 = 2.0;
const SIDE_PX: f64 = 12.0;
/// Time constant of forgetting, seconds.
const MEMORY_S: f64 = 20.0;
/// Most cells that are remembered.
const MOST: usize = 20_000;

#[derive(Clone, Copy, Debug)]
struct Cell {
    seconds: f64,
    at: Micros,
}

impl Cell {
    fn now(&self, t: Micros) -> f64 {
        self.seconds * (-t.since(self.at) / MEMORY_S).exp()
    }
}

/// The memory of one plane.
#[derive(Clone, Debug, Default)]
pub struct Restless {
    cells: BTreeMap<(i32, i32), Cell>,
    swept: Option<Micros>,
}

impl Restless {
    /// Motion that nobody accounts for at `p`, lasting `dt` seconds more.
    pub fn add(&mut self, p: Vector2<f64>, placed: bool, dt: f64, now: Micros) {
        if self.cells.len() >= MOST {
            return;
        }
        let cell = self.cells.entry(key(p, placed)).or_insert(Cell {
            seconds: 0.0,
            at: now,
        });
        cell.seconds = cell.now(now) + dt;
        cell.at = now;
    }

    /// Seconds of such motion around `p` lately: the most of the cell and its eight neighbours.
    pub fn at(&self, p: Vector2<f64>, placed: bool, now: Micros) -> f64 {
        let (x, y) = key(p, placed);
        let mut most = 0.0f64;
        for row in y.saturating_sub(1)..=y.saturating_add(1) {
            for column in x.saturating_sub(1)..=x.saturating_add(1) {
                if let Some(c) = self.cells.get(&(column, row)) {
                    most = most.max(c.now(now));
                }
            }
        }
        most
    }

    /// Drops what has faded, now and then.
    pub fn sweep(&mut self, now: Micros) {
        let due = self.swept.is_none_or(|t| now.since(t) > MEMORY_S);
        if due {
            self.swept = Some(now);
            self.cells.retain(|_, c| c.now(now) > 0.05);
        }
    }

    /// The plane has lost its meaning.
    pub fn clear(&mut self) {
        self.cells.clear();
    }
}

fn key(p: Vector2<f64>, placed: bool) -> (i32, i32) {
    let side = if placed { SIDE_M } else { SIDE_PX };
    // Saturating casts: a far point is in the last cell.
    ((p.x / side).floor() as i32, (p.y / side).floor() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_fills_up_and_a_walker_does_not() {
        let mut r = Restless::default();
        let tree = Vector2::new(5.0, 5.0);
        for i in 0..300 {
            let now = Micros(i * 100_000);
            if i % 2 == 0 {
                r.add(tree, true, 0.1, now);
            }
            r.add(Vector2::new(-20.0 + 0.14 * i as f64, 40.0), true, 0.1, now);
        }
        let now = Micros(30_000_000);
        assert!(r.at(tree, true, now) > 5.0);
        assert!(r.at(Vector2::new(0.0, 40.0), true, now) < 2.0);
        assert!(r.at(tree, true, Micros(120_000_000)) < 0.2);
        r.sweep(Micros(300_000_000));
        assert!(r.cells.is_empty());
    }
}
