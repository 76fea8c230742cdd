//! What is left of the largest component.

use crate::csr::Csr;
use crate::unite::UnionFind;

/// Nodes in the largest component after each removal of an order of all nodes: the nodes are added
/// from the last to the first, so that it costs hardly more than reading the links once.
pub fn curve(net: &Csr, order: &[u32]) -> Vec<u32> {
    let mut sets = UnionFind::new(net.len());
    let mut there = vec![false; net.len()];
    let mut largest = vec![0; order.len()];
    fill(net, order, &mut sets, &mut there, &mut largest);
    largest
}

/// The same in rooms that are used again; `there` is all false.
pub(super) fn fill(
    net: &Csr,
    order: &[u32],
    sets: &mut UnionFind,
    there: &mut [bool],
    largest: &mut [u32],
) {
    let mut most = 0;
    for i in (0..order.len()).rev() {
        largest[i] = most;
        most = most.max(add(net, order[i], sets, there));
    }
    there.fill(false);
}

/// Puts a node back; gives the size of the component it is then in.
pub(super) fn add(net: &Csr, v: u32, sets: &mut UnionFind, there: &mut [bool]) -> u32 {
    there[v as usize] = true;
    let mut size = 1;
    for &u in net.neighbours(v) {
        if there[u as usize] {
            size = sets.join(v, u);
        }
    }
    size
}

/// Sum of a curve.
pub(super) fn sum(largest: &[u32]) -> u64 {
    largest.iter().map(|s| u64::from(*s)).sum()
}

/// A sum as the mean share over all removals.
pub(super) fn share(sum: u64, n: usize) -> f64 {
    if n == 0 {
        0.0
    } else {
        sum as f64 / (n as f64 * n as f64)
    }
}

/// Area under the curve of an order of all nodes: the mean over all removals of the share of nodes
/// in the largest component, 0 to 1.
pub fn area(net: &Csr, order: &[u32]) -> f64 {
    share(sum(&curve(net, order)), net.len())
}
