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
    // A member of the largest component, and its size.
    let mut giant = (0, 0);
    // Position counts from the end: the one removed last has the smallest.
    let mut next = 0;
    while back.len() < n {
        while next < n && heap.len() < room {
            let v = order[n - 1 - next];
            let cost = cost(net, v, giant.0, &mut sets, &there, &mut seen);
            heap.push(Reverse((cost, next, v)));
            next += 1;
        }
        let Some(Reverse((was, position, v))) = heap.pop() else {
            break;
        };
        // Components only grow: an entry can be too small, hardly ever too large.
        let now = cost(net, v, giant.0, &mut sets, &there, &mut seen);
        if now > was {
            heap.push(Reverse((now, position, v)));
            continue;
        }
        let size = add(net, v, &mut sets, &mut there);
        if size > giant.1 {
            giant = (v, size);
        }
        back.push(v);
    }
    back.reverse();
    back
}

/// What it costs to put `v` back: whether it would be in the largest component, and the size of
/// what it would join beside that. The size of the largest itself is the same for all and stays out,
/// so that its growth does not make every other entry out of date.
fn cost(
    net: &Csr,
    v: u32,
    giant: u32,
    sets: &mut UnionFind,
    there: &[bool],
    seen: &mut Vec<u32>,
) -> (bool, u32) {
    seen.clear();
    for &u in net.neighbours(v) {
        if there[u as usize] {
            seen.push(sets.find(u));
        }
    }
    seen.sort_unstable();
    seen.dedup();
    let root = there[giant as usize].then(|| sets.find(giant));
    let joins = root.is_some_and(|r| seen.contains(&r));
    let rest = seen.iter().filter(|r| Some(**r) != root);
    (joins, 1 + rest.map(|r| sets.size(*r)).sum::<u32>())
}
