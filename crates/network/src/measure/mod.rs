//! What each node is in the network.
//!
//! All of it takes the network as undirected, with one link for each pair.

mod betweenness;
mod brokers;
mod communities;
mod connected;

pub use betweenness::{Paths, Sources, betweenness};
pub use brokers::{Broker, brokers};
pub use communities::{Communities, communities, modularity};
pub use connected::{articulations, components};

use crate::csr::Csr;

/// What is asked of [`measures`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// All sources, or a sample.
    pub sources: Sources,
    /// Whether links have lengths.
    pub paths: Paths,
    /// Betweenness as the share of pairs (2 / ((n-1)(n-2)) of the count) rather than their count.
    pub share: bool,
    /// Seed of the communities' order of moves.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sources: Sources::All,
            paths: Paths::Steps,
            share: true,
            seed: 1,
        }
    }
}

/// All measures of a network; lists are by node.
#[derive(Clone, Debug, PartialEq)]
pub struct Measures {
    /// Number of neighbours.
    pub degree: Vec<u32>,
    /// Sum of the weights of a node's links.
    pub strength: Vec<f64>,
    /// Shortest paths through a node.
    pub betweenness: Vec<f64>,
    /// Number of its component, 0 for the largest.
    pub component: Vec<u32>,
    /// Its community.
    pub communities: Communities,
    /// True when its removal splits its component.
    pub articulation: Vec<bool>,
    /// How much it stands between others.
    pub brokers: Vec<Broker>,
}

/// Measures a network.
pub fn measures(net: &Csr, o: &Options) -> Measures {
    let n = net.len();
    let mut between = betweenness(net, o.sources, o.paths);
    if o.share {
        let pairs = (n as f64 - 1.0) * (n as f64 - 2.0) / 2.0;
        for b in &mut between {
            *b = if pairs > 0.0 { *b / pairs } else { 0.0 };
        }
    }
    Measures {
        degree: (0..n as u32).map(|v| net.degree(v) as u32).collect(),
        strength: (0..n as u32).map(|v| net.weights(v).iter().sum()).collect(),
        betweenness: between,
        component: components(net),
        communities: communities(net, o.seed),
        articulation: articulations(net),
        brokers: brokers(net),
    }
}

/// Gives groups new numbers: the largest is 0, of equal ones that with the smallest member first.
fn by_size(groups: &[u32]) -> Vec<u32> {
    let count = groups.iter().max().map_or(0, |m| *m as usize + 1);
    let mut size = vec![(0u32, u32::MAX); count];
    for (v, g) in groups.iter().enumerate() {
        let s = &mut size[*g as usize];
        s.0 += 1;
        s.1 = s.1.min(v as u32);
    }
    let mut order: Vec<u32> = (0..count as u32)
        .filter(|g| size[*g as usize].0 > 0)
        .collect();
    order.sort_by_key(|g| (std::cmp::Reverse(size[*g as usize].0), size[*g as usize].1));
    let mut number = vec![0u32; count];
    for (i, g) in order.iter().enumerate() {
        number[*g as usize] = i as u32;
    }
    groups.iter().map(|g| number[*g as usize]).collect()
}
