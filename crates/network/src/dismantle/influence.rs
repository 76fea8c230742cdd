//! Orders that look at the surroundings of a node: affordable for large networks.

use crate::csr::Csr;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Most neighbours first, counted anew after each removal; of equals the first.
pub fn by_degree(net: &Csr) -> Vec<u32> {
    let n = net.len();
    let mut degree: Vec<u64> = (0..n as u32).map(|v| net.degree(v) as u64).collect();
    let mut gone = vec![false; n];
    let mut heap: BinaryHeap<(u64, Reverse<u32>)> = (0..n as u32)
        .map(|v| (degree[v as usize], Reverse(v)))
        .collect();
    let mut order = Vec::with_capacity(n);
    while let Some((d, Reverse(v))) = heap.pop() {
        if gone[v as usize] {
            continue;
        }
        if d != degree[v as usize] {
            // Degrees only fall: the entry was too high.
            heap.push((degree[v as usize], Reverse(v)));
            continue;
        }
        gone[v as usize] = true;
        order.push(v);
        for &u in net.neighbours(v) {
            degree[u as usize] = degree[u as usize].saturating_sub(1);
        }
    }
    order
}

/// Highest collective influence first (Morone and Makse 2015): the degree less one, times the sum
/// of the same over the nodes exactly `radius` links away, counted anew around each removal.
pub fn by_influence(net: &Csr, radius: u32) -> Vec<u32> {
    let n = net.len();
    let mut state = Influence {
        net,
        radius,
        degree: (0..n as u32).map(|v| net.degree(v) as u64).collect(),
        gone: vec![false; n],
        seen: vec![0; n],
        mark: 0,
        ball: Vec::new(),
    };
    let mut heap: BinaryHeap<_> = (0..n as u32)
        .map(|v| (state.value(v), state.degree[v as usize], Reverse(v)))
        .collect();
    let mut order = Vec::with_capacity(n);
    while let Some((value, degree, Reverse(v))) = heap.pop() {
        // Counted again only for what comes to the top. Influence nearly always falls; where it
        // rises, because a node has moved into the ring, the rise is seen late.
        let now = (state.value(v), state.degree[v as usize]);
        if now < (value, degree) {
            heap.push((now.0, now.1, Reverse(v)));
            continue;
        }
        order.push(v);
        state.gone[v as usize] = true;
        for &u in net.neighbours(v) {
            state.degree[u as usize] = state.degree[u as usize].saturating_sub(1);
        }
    }
    order
}

/// Steps from node to node that [`by_influence`] takes at most, roughly.
pub(super) fn work(net: &Csr, radius: u32) -> f64 {
    let n = net.len() as f64;
    let (mut ends, mut squares) = (0.0, 0.0);
    for v in 0..net.len() as u32 {
        let d = net.degree(v) as f64;
        ends += d;
        squares += d * d;
    }
    if ends == 0.0 {
        return n;
    }
    // A step further reaches as many more as the neighbour of a random end has.
    let branch = (squares / ends).max(1.0);
    // Each node comes to the top a dozen times or so.
    ends * branch.powi(radius as i32 - 1) * 12.0
}

struct Influence<'a> {
    net: &'a Csr,
    radius: u32,
    degree: Vec<u64>,
    gone: Vec<bool>,
    seen: Vec<u32>,
    mark: u32,
    ball: Vec<u32>,
}

impl Influence<'_> {
    /// Fills `ball` with what is at most `radius` links away; gives where the last ring begins.
    fn around(&mut self, v: u32, radius: u32) -> usize {
        if self.mark == u32::MAX {
            self.seen.fill(0);
            self.mark = 0;
        }
        self.mark += 1;
        self.ball.clear();
        self.ball.push(v);
        self.seen[v as usize] = self.mark;
        let mut ring = 0;
        for _ in 0..radius {
            let end = self.ball.len();
            for i in ring..end {
                for &u in self.net.neighbours(self.ball[i]) {
                    let s = &mut self.seen[u as usize];
                    if *s != self.mark && !self.gone[u as usize] {
                        *s = self.mark;
                        self.ball.push(u);
                    }
                }
            }
            ring = end;
        }
        ring
    }

    fn value(&mut self, v: u32) -> u64 {
        let own = self.degree[v as usize].saturating_sub(1);
        if own == 0 {
            return 0;
        }
        let ring = self.around(v, self.radius);
        let sum: u64 = self.ball[ring..]
            .iter()
            .map(|u| self.degree[*u as usize].saturating_sub(1))
            .sum();
        own.saturating_mul(sum)
    }
}
