//! Putting nodes back in a better order.

use super::curve::add;
use crate::csr::Csr;
use crate::unite::UnionFind;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Shares of all nodes among which the next one to put back is chosen. 1 forgets the order given;
/// small ones keep its plan.
pub(super) const WINDOWS: [f64; 4] = [0.02, 0.1, 0.3, 1.0];

/// Goes through an order from its end and puts back, among the next ones (`window`, as a share of
/// all nodes), the node that makes the smallest component; of equals the one removed last. The
/// order in which they were put back, backwards, is the new order of removal (Schneider et al. 2012;
/// Morone and Makse 2015, supplement).
pub fn reinserted(net: &Csr, order: &[u32], window: f64) -> Vec<u32> {
    let n = order.len();
    let room = ((n as f64 * window).ceil() as usize).clamp(1, n.max(1));
    let mut sets = UnionFind::new(net.len());
    let mut there = vec![false; net.len()];
    let mut heap = BinaryHeap::with_capacity(room + 1);
    let mut seen = Vec::new();
    let mut back = Vec::with_capacity(n);
    // Position counts from the end: the one removed last has the smallest.
    let mut next = 0;
    while back.len() < n {
        while next < n && heap.len() < room {
            let v = order[n - 1 - next];
            let size = would_be(net, v, &mut sets, &there, &mut seen);
            heap.push(Reverse((size, next, v)));
            next += 1;
        }
        let Some(Reverse((size, position, v))) = heap.pop() else {
            break;
        };
        // Components only grow: an entry can be too small, never too large.
        let now = would_be(net, v, &mut sets, &there, &mut seen);
        if now > size {
            heap.push(Reverse((now, position, v)));
            continue;
        }
        add(net, v, &mut sets, &mut there);
        back.push(v);
    }
    back.reverse();
    back
}

/// The size of the component that `v` would be in.
fn would_be(net: &Csr, v: u32, sets: &mut UnionFind, there: &[bool], seen: &mut Vec<u32>) -> u32 {
    seen.clear();
    for &u in net.neighbours(v) {
        if there[u as usize] {
            seen.push(sets.find(u));
        }
    }
    seen.sort_unstable();
    seen.dedup();
    1 + seen.iter().map(|r| sets.size(*r)).sum::<u32>()
}
