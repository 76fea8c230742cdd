//! On how many shortest paths a node lies.

use crate::csr::Csr;
use rand::seq::index;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Where paths are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sources {
    /// From every node: exact.
    All,
    /// From so many nodes drawn by a seed, and scaled up (Brandes and Pich 2007): an estimate.
    Sample {
        /// How many.
        count: usize,
        /// Of the draw.
        seed: u64,
    },
}

/// What makes a path short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paths {
    /// The number of links.
    Steps,
    /// The sum of their lengths, and a link is the shorter the heavier it is: length 1 / weight.
    Weights,
}

/// Sources that are added up one after the other before they are added to the rest.
const BLOCK: usize = 32;
/// Blocks in memory at once.
const BLOCKS: usize = 16;
/// More paths than this count as this many; beyond 1e308 there would be no number.
const MANY: f64 = 1e300;
/// The length of the heaviest link. Lengths are whole numbers, so that equally long paths are
/// equally long on every machine; 720720 can be divided by all numbers up to 16.
const UNIT: f64 = 720_720.0 * 1024.0;

/// For each node the number of pairs of others that have their shortest path through it, a pair
/// with several counted in shares (Freeman 1977; Brandes, "A faster algorithm for betweenness
/// centrality", 2001). Pairs count once, as the network has no direction.
pub fn betweenness(net: &Csr, sources: Sources, paths: Paths) -> Vec<f64> {
    let n = net.len();
    let (from, scale) = match sources {
        Sources::All => ((0..n as u32).collect::<Vec<_>>(), 1.0),
        Sources::Sample { count, seed } => {
            let count = count.clamp(1, n.max(1)).min(n);
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let mut drawn: Vec<u32> = index::sample(&mut rng, n, count)
                .into_iter()
                .map(|v| v as u32)
                .collect();
            drawn.sort_unstable();
            (drawn, n as f64 / count.max(1) as f64)
        }
    };
    let lengths = match paths {
        Paths::Steps => Vec::new(),
        Paths::Weights => lengths(net),
    };
    let mut sum = vec![0.0; n];
    // Blocks are the same whatever the number of threads, and so is the order of additions.
    for group in from.chunks(BLOCK * BLOCKS) {
        let blocks: Vec<Vec<f64>> = group
            .par_chunks(BLOCK)
            .map(|block| {
                let mut work = Work::new(net);
                for &s in block {
                    match paths {
                        Paths::Steps => work.steps_from(s),
                        Paths::Weights => work.lengths_from(s, &lengths),
                    }
                }
                work.sum
            })
            .collect();
        for block in blocks {
            for (s, b) in sum.iter_mut().zip(block) {
                *s += b;
            }
        }
    }
    for s in &mut sum {
        *s *= 0.5 * scale;
    }
    sum
}

/// A whole-number length for each entry of the rows.
fn lengths(net: &Csr) -> Vec<u64> {
    let most = net.heaviest();
    (0..net.len() as u32)
        .flat_map(|v| net.weights(v))
        .map(|w| ((UNIT * (most / w)).round() as u64).clamp(1, 1 << 60))
        .collect()
}

struct Work<'a> {
    net: &'a Csr,
    /// Distance from the source; `u64::MAX` when not reached.
    dist: Vec<u64>,
    /// Number of shortest paths from the source.
    paths: Vec<f64>,
    /// Brandes' dependency.
    delta: Vec<f64>,
    /// Reached nodes, nearest first.
    order: Vec<u32>,
    heap: BinaryHeap<Reverse<(u64, u32)>>,
    sum: Vec<f64>,
}

impl<'a> Work<'a> {
    fn new(net: &'a Csr) -> Self {
        let n = net.len();
        Self {
            net,
            dist: vec![u64::MAX; n],
            paths: vec![0.0; n],
            delta: vec![0.0; n],
            order: Vec::with_capacity(n),
            heap: BinaryHeap::new(),
            sum: vec![0.0; n],
        }
    }

    fn steps_from(&mut self, s: u32) {
        self.dist[s as usize] = 0;
        self.paths[s as usize] = 1.0;
        self.order.push(s);
        let mut next = 0;
        while next < self.order.len() {
            let v = self.order[next];
            next += 1;
            let (far, through) = (self.dist[v as usize] + 1, self.paths[v as usize].min(MANY));
            for &u in self.net.neighbours(v) {
                let d = &mut self.dist[u as usize];
                if *d == u64::MAX {
                    *d = far;
                    self.order.push(u);
                }
                if *d == far {
                    self.paths[u as usize] += through;
                }
            }
        }
        for i in (1..self.order.len()).rev() {
            let w = self.order[i];
            let near = self.dist[w as usize] - 1;
            let share = (1.0 + self.delta[w as usize]) / self.paths[w as usize];
            for &v in self.net.neighbours(w) {
                if self.dist[v as usize] == near {
                    self.delta[v as usize] += self.paths[v as usize].min(MANY) * share;
                }
            }
            self.sum[w as usize] += self.delta[w as usize];
        }
        self.clear();
    }

    fn lengths_from(&mut self, s: u32, lengths: &[u64]) {
        self.dist[s as usize] = 0;
        self.paths[s as usize] = 1.0;
        self.heap.push(Reverse((0, s)));
        while let Some(Reverse((d, v))) = self.heap.pop() {
            if d > self.dist[v as usize] {
                continue;
            }
            self.order.push(v);
            let through = self.paths[v as usize].min(MANY);
            for (&u, len) in self.net.neighbours(v).iter().zip(&lengths[self.net.row(v)]) {
                let far = d.saturating_add(*len);
                let known = &mut self.dist[u as usize];
                if far < *known {
                    *known = far;
                    self.paths[u as usize] = through;
                    self.heap.push(Reverse((far, u)));
                } else if far == *known {
                    self.paths[u as usize] += through;
                }
            }
        }
        for i in (1..self.order.len()).rev() {
            let w = self.order[i];
            let share = (1.0 + self.delta[w as usize]) / self.paths[w as usize];
            let at = self.dist[w as usize];
            for (&v, len) in self.net.neighbours(w).iter().zip(&lengths[self.net.row(w)]) {
                let d = self.dist[v as usize];
                if d != u64::MAX && d.saturating_add(*len) == at {
                    self.delta[v as usize] += self.paths[v as usize].min(MANY) * share;
                }
            }
            self.sum[w as usize] += self.delta[w as usize];
        }
        self.clear();
    }

    fn clear(&mut self) {
        for v in self.order.drain(..) {
            self.dist[v as usize] = u64::MAX;
            self.paths[v as usize] = 0.0;
            self.delta[v as usize] = 0.0;
        }
    }
}
