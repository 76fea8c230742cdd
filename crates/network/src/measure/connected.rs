//! What hangs together, and what holds it together.

use super::by_size;
use crate::csr::Csr;

/// The component of each node: 0 is the largest, of equal ones that with the first node.
pub fn components(net: &Csr) -> Vec<u32> {
    let n = net.len();
    let mut of = vec![u32::MAX; n];
    let mut open = Vec::new();
    let mut count = 0;
    for start in 0..n as u32 {
        if of[start as usize] != u32::MAX {
            continue;
        }
        of[start as usize] = count;
        open.push(start);
        while let Some(v) = open.pop() {
            for &u in net.neighbours(v) {
                if of[u as usize] == u32::MAX {
                    of[u as usize] = count;
                    open.push(u);
                }
            }
        }
        count += 1;
    }
    by_size(&of)
}

/// The nodes whose removal splits their component (Hopcroft and Tarjan 1973), with a stack of our
/// own: a long chain must not end the process.
pub fn articulations(net: &Csr) -> Vec<bool> {
    let n = net.len();
    let mut cut = vec![false; n];
    let mut found = vec![0u32; n];
    let mut low = vec![0u32; n];
    let mut clock = 0;
    // Node, where it came from, place in its neighbours.
    let mut stack: Vec<(u32, u32, usize)> = Vec::new();
    for root in 0..n as u32 {
        if found[root as usize] != 0 {
            continue;
        }
        clock += 1;
        found[root as usize] = clock;
        low[root as usize] = clock;
        let mut children = 0;
        stack.push((root, u32::MAX, 0));
        while let Some((v, parent, next)) = stack.last_mut() {
            let (v, parent) = (*v, *parent);
            if let Some(&u) = net.neighbours(v).get(*next) {
                *next += 1;
                if found[u as usize] == 0 {
                    clock += 1;
                    found[u as usize] = clock;
                    low[u as usize] = clock;
                    stack.push((u, v, 0));
                } else if u != parent {
                    low[v as usize] = low[v as usize].min(found[u as usize]);
                }
            } else {
                stack.pop();
                if parent == root {
                    children += 1;
                } else if parent != u32::MAX {
                    cut[parent as usize] |= low[v as usize] >= found[parent as usize];
                }
                if parent != u32::MAX {
                    low[parent as usize] = low[parent as usize].min(low[v as usize]);
                }
            }
        }
        cut[root as usize] = children > 1;
    }
    cut
}
