//! Ways between home and an orbit that keep clear of fences.

use crate::task::Task;
use atalaya_geo::Vector2;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Most cells along a side of the grid, and the least size of one, metres.
const MOST_CELLS: f64 = 240.0;
const LEAST_CELL_M: f64 = 40.0;

/// Shortest ways from home to everywhere on a grid (Dijkstra), straightened where they are used.
pub(crate) struct Routes<'a> {
    task: &'a Task,
    need_m: f64,
    lo: Vector2<f64>,
    step: f64,
    columns: usize,
    rows: usize,
    /// The next cell towards home, and the way to it in millimetres; `u64::MAX` where there is none.
    towards: Vec<(u32, u64)>,
}

/// Is every place of a straight line at least `need_m` from the fences?
pub(crate) fn straight_is_clear(
    task: &Task,
    from: Vector2<f64>,
    to: Vector2<f64>,
    need_m: f64,
) -> bool {
    let length = (to - from).norm();
    let mut s = 0.0;
    loop {
        let p = if length > 0.0 {
            from + (to - from) * (s / length)
        } else {
            from
        };
        let spare = task.fence.clearance(p) - need_m;
        if spare < 0.0 {
            return false;
        }
        if s >= length {
            return true;
        }
        // Clearance can't be used up sooner than this.
        s = (s + spare.max(2.0)).min(length);
    }
}

impl<'a> Routes<'a> {
    /// Ways that keep `need_m` from the fences.
    pub(crate) fn new(task: &'a Task, need_m: f64) -> Self {
        let (mut lo, mut hi) = (task.home, task.home);
        for k in task.fence.keep_in() {
            lo = lo.inf(&k.bounds().0);
            hi = hi.sup(&k.bounds().1);
        }
        let step = LEAST_CELL_M.max((hi - lo).max() / MOST_CELLS);
        let columns = ((hi.x - lo.x) / step).ceil() as usize + 1;
        let rows = ((hi.y - lo.y) / step).ceil() as usize + 1;
        let mut routes = Self {
            task,
            need_m,
            lo,
            step,
            columns,
            rows,
            towards: vec![(u32::MAX, u64::MAX); columns * rows],
        };
        routes.spread();
        routes
    }

    fn place(&self, cell: usize) -> Vector2<f64> {
        let at = Vector2::new((cell % self.columns) as f64, (cell / self.columns) as f64);
        self.lo + at * self.step
    }

    /// The cells around a place, nearest first.
    fn around(&self, p: Vector2<f64>) -> Vec<usize> {
        let q = (p - self.lo) / self.step;
        let (c, r) = (q.x.round() as i64, q.y.round() as i64);
        let mut cells: Vec<(f64, usize)> = Vec::new();
        for dr in -2..=2 {
            for dc in -2..=2 {
                let (c, r) = (c + dc, r + dr);
                if c >= 0 && r >= 0 && (c as usize) < self.columns && (r as usize) < self.rows {
                    let cell = r as usize * self.columns + c as usize;
                    cells.push(((self.place(cell) - p).norm(), cell));
                }
            }
        }
        cells.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        cells.into_iter().map(|c| c.1).collect()
    }

    fn spread(&mut self) {
        use rayon::prelude::*;
        let open: Vec<bool> = (0..self.towards.len())
            .into_par_iter()
            .map(|i| self.task.fence.clearance(self.place(i)) >= self.need_m)
            .collect();
        let mut queue = BinaryHeap::new();
        for cell in self.around(self.task.home) {
            if open[cell]
                && straight_is_clear(self.task, self.task.home, self.place(cell), self.need_m)
            {
                let way = ((self.place(cell) - self.task.home).norm() * 1000.0) as u64;
                self.towards[cell] = (u32::MAX, way);
                queue.push(Reverse((way, cell)));
            }
        }
        while let Some(Reverse((way, cell))) = queue.pop() {
            if way > self.towards[cell].1 {
                continue;
            }
            let (c, r) = ((cell % self.columns) as i64, (cell / self.columns) as i64);
            for (dc, dr) in [
                (-1, -1),
                (0, -1),
                (1, -1),
                (-1, 0),
                (1, 0),
                (-1, 1),
                (0, 1),
                (1, 1),
            ] {
                let (c, r) = (c + dc, r + dr);
                if c < 0 || r < 0 || c as usize >= self.columns || r as usize >= self.rows {
                    continue;
                }
                let next = r as usize * self.columns + c as usize;
                let far = way
                    + (f64::from(dc as i32).hypot(f64::from(dr as i32)) * self.step * 1000.0)
                        as u64;
                if open[next] && far < self.towards[next].1 {
                    self.towards[next] = (cell as u32, far);
                    queue.push(Reverse((far, next)));
                }
            }
        }
    }

    fn reached_from(&self, p: Vector2<f64>) -> Option<usize> {
        self.around(p).into_iter().find(|c| {
            self.towards[*c].1 < u64::MAX
                && straight_is_clear(self.task, p, self.place(*c), self.need_m)
        })
    }

    /// Length of the way from home, metres, before it is straightened.
    pub(crate) fn length(&self, p: Vector2<f64>) -> Option<f64> {
        let cell = self.reached_from(p)?;
        Some(self.towards[cell].1 as f64 / 1000.0 + (p - self.place(cell)).norm())
    }

    /// Turning points from home (left out) to `p` (there).
    pub(crate) fn to(&self, p: Vector2<f64>) -> Option<Vec<Vector2<f64>>> {
        let mut cell = self.reached_from(p)?;
        let mut way = vec![p];
        loop {
            way.push(self.place(cell));
            match self.towards[cell].0 {
                u32::MAX => break,
                next => cell = next as usize,
            }
        }
        way.push(self.task.home);
        way.reverse();
        // Straightened: from each point to the farthest that can be seen.
        let mut turns = Vec::new();
        let mut at = 0;
        while at + 1 < way.len() {
            let next = (at + 2..way.len())
                .rev()
                .find(|j| straight_is_clear(self.task, way[at], way[*j], self.need_m))
                .unwrap_or(at + 1);
            turns.push(way[next]);
            at = next;
        }
        Some(turns)
    }
}
