//! The order of adaptive betweenness.

use crate::csr::Csr;
use crate::measure::{Paths, Sources, betweenness};

/// Removes from the largest component the nodes with most shortest paths through them, `every` of
/// them before the paths are counted anew (1: after each, the adaptive betweenness attack of Holme
/// et al. 2002). Of equals the first; what is left when all components are single nodes comes last.
pub fn by_betweenness(net: &Csr, every: usize) -> Vec<u32> {
    let n = net.len();
    let mut gone = vec![false; n];
    let mut order = Vec::with_capacity(n);
    let mut local = vec![u32::MAX; n];
    let mut seen = vec![false; n];
    loop {
        let largest = largest(net, &gone, &mut seen);
        if largest.len() < 2 {
            break;
        }
        let part = net.part(&largest, &mut local);
        let value = betweenness(&part, Sources::All, Paths::Steps);
        let mut by: Vec<u32> = (0..largest.len() as u32).collect();
        // Among equals those with more neighbours, then the first.
        by.sort_by(|a, b| {
            value[*b as usize]
                .total_cmp(&value[*a as usize])
                .then(part.degree(*b).cmp(&part.degree(*a)))
                .then(a.cmp(b))
        });
        for i in by.into_iter().take(every) {
            let v = largest[i as usize];
            gone[v as usize] = true;
            order.push(v);
        }
    }
    order.extend((0..n as u32).filter(|v| !gone[*v as usize]));
    order
}

/// The nodes of the largest component, in rising order.
fn largest(net: &Csr, gone: &[bool], seen: &mut [bool]) -> Vec<u32> {
    seen.copy_from_slice(gone);
    let mut best = Vec::new();
    for start in 0..net.len() as u32 {
        if seen[start as usize] {
            continue;
        }
        seen[start as usize] = true;
        let mut all = vec![start];
        let mut next = 0;
        while let Some(&v) = all.get(next) {
            next += 1;
            for &u in net.neighbours(v) {
                if !seen[u as usize] {
                    seen[u as usize] = true;
                    all.push(u);
                }
            }
        }
        if all.len() > best.len() {
            best = all;
        }
    }
    best.sort_unstable();
    best
}
