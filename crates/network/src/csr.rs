//! A network as arrays.

use crate::graph::Graph;
use atalaya_model::Micros;

/// An undirected network in compressed sparse rows: the neighbours of `v` stand at
/// `starts[v]..starts[v + 1]`, in rising order, without loops or doubles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Csr {
    starts: Vec<usize>,
    targets: Vec<u32>,
    weights: Vec<f64>,
}

impl Csr {
    /// Of `n` nodes and these links; loops and ends beyond `n` are left out, the weights of doubles
    /// are added up.
    pub fn from_links(n: usize, links: &[(u32, u32, f64)]) -> Self {
        let usable = || {
            links
                .iter()
                .filter(|(a, b, _)| a != b && (*a as usize) < n && (*b as usize) < n)
        };
        let mut starts = vec![0usize; n + 1];
        for (a, b, _) in usable() {
            starts[*a as usize + 1] += 1;
            starts[*b as usize + 1] += 1;
        }
        for v in 0..n {
            starts[v + 1] += starts[v];
        }
        let mut next = starts.clone();
        let mut rows = vec![(0u32, 0.0f64); starts[n]];
        for &(a, b, w) in usable() {
            for (from, to) in [(a, b), (b, a)] {
                rows[next[from as usize]] = (to, w);
                next[from as usize] += 1;
            }
        }
        let mut made = Self {
            starts: Vec::with_capacity(n + 1),
            targets: Vec::with_capacity(rows.len()),
            weights: Vec::with_capacity(rows.len()),
        };
        made.starts.push(0);
        for v in 0..n {
            let row = &mut rows[starts[v]..starts[v + 1]];
            // Stable, so that weights are added in the order they were given.
            row.sort_by_key(|r| r.0);
            let first = made.targets.len();
            for &(to, w) in row.iter() {
                if made.targets.len() > first && made.targets.last() == Some(&to) {
                    if let Some(sum) = made.weights.last_mut() {
                        *sum += w;
                    }
                } else {
                    made.targets.push(to);
                    made.weights.push(w);
                }
            }
            made.starts.push(made.targets.len());
        }
        made
    }

    /// Of a graph: all its nodes, and one link for each pair, whatever its kinds.
    pub fn of(graph: &Graph) -> Self {
        let links: Vec<_> = graph
            .links()
            .iter()
            .map(|l| (l.a, l.b, l.weight()))
            .collect();
        Self::from_links(graph.nodes().len(), &links)
    }

    /// Of what was seen of a graph in `[from, until)`; nodes keep their index.
    pub fn within(graph: &Graph, from: Micros, until: Micros) -> Self {
        let mut links = Vec::new();
        for l in graph.links() {
            let seen = l.sightings.iter().filter(|s| s.within(from, until));
            let weight: f64 = seen.map(|s| s.weight).sum();
            if weight > 0.0 {
                links.push((l.a, l.b, weight));
            }
        }
        Self::from_links(graph.nodes().len(), &links)
    }

    /// Some of the nodes, and the links between them; `nodes` says which, in rising order, and the
    /// place in it is the new index. `local` is room for one entry a node, all `u32::MAX`, and is
    /// left so.
    pub(crate) fn part(&self, nodes: &[u32], local: &mut [u32]) -> Self {
        for (i, v) in nodes.iter().enumerate() {
            local[*v as usize] = i as u32;
        }
        let mut made = Self {
            starts: vec![0],
            ..Self::default()
        };
        for &v in nodes {
            for (u, w) in self.neighbours(v).iter().zip(self.weights(v)) {
                if local[*u as usize] != u32::MAX {
                    made.targets.push(local[*u as usize]);
                    made.weights.push(*w);
                }
            }
            made.starts.push(made.targets.len());
        }
        for v in nodes {
            local[*v as usize] = u32::MAX;
        }
        made
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// True without nodes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of pairs that are linked.
    pub fn links(&self) -> usize {
        self.targets.len() / 2
    }

    /// Number of neighbours.
    pub fn degree(&self, v: u32) -> usize {
        self.starts[v as usize + 1] - self.starts[v as usize]
    }

    /// Neighbours in rising order.
    pub fn neighbours(&self, v: u32) -> &[u32] {
        &self.targets[self.starts[v as usize]..self.starts[v as usize + 1]]
    }

    /// The weights of the links to the neighbours, in the same order.
    pub fn weights(&self, v: u32) -> &[f64] {
        &self.weights[self.starts[v as usize]..self.starts[v as usize + 1]]
    }

    /// Where a node's neighbours stand among those of all.
    pub(crate) fn row(&self, v: u32) -> std::ops::Range<usize> {
        self.starts[v as usize]..self.starts[v as usize + 1]
    }

    /// The largest weight.
    pub(crate) fn heaviest(&self) -> f64 {
        self.weights.iter().fold(0.0, |a, w| a.max(*w))
    }
}
