//! In which order nodes must go for the network to fall apart soonest.
//!
//! The measure is the area under the curve of the largest component: its mean share of all nodes
//! over all removals (Schneider et al. 2011). Finding the best order is NP-hard; several orders are
//! made and the best is taken, see [`Method`].

mod curve;
mod influence;
mod paths;
mod reinsert;
mod search;

pub use curve::{area, curve};
pub use influence::{by_degree, by_influence};
pub use paths::by_betweenness;
pub use reinsert::reinserted;
pub use search::improved;

use crate::csr::Csr;
use rayon::prelude::*;
use std::fmt;

/// How an order was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Most shortest paths in the largest component first, counted anew after so many removals.
    Betweenness {
        /// 1: after each.
        every: usize,
    },
    /// Most neighbours first, counted anew after each removal.
    Degree,
    /// Collective influence (Morone and Makse 2015) in balls of this radius.
    Influence {
        /// In links.
        radius: u32,
    },
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Betweenness { every: 1 } => {
                f.write_str("betweenness counted anew after each removal")
            }
            Self::Betweenness { every } => {
                write!(f, "betweenness counted anew after every {every} removals")
            }
            Self::Degree => f.write_str("degree counted anew after each removal"),
            Self::Influence { radius } => write!(f, "collective influence, radius {radius}"),
        }
    }
}

/// An order of removal.
#[derive(Clone, Debug, PartialEq)]
pub struct Dismantling {
    /// All nodes, the first to go first.
    pub order: Vec<u32>,
    /// Nodes in the largest component after each removal.
    pub largest: Vec<u32>,
    /// Mean share of the largest component over all removals, 0 to 1.
    pub area: f64,
    /// Where the order began.
    pub method: Method,
    /// Nodes were put back in a better order (Morone and Makse 2015, supplement).
    pub reinserted: bool,
    /// Exchanges that made it better afterwards.
    pub exchanges: usize,
    /// The areas of the plain orders that were tried.
    pub tried: Vec<(Method, f64)>,
}

/// Work, in steps from node to node, that betweenness may cost: about ten seconds on one core.
const BETWEENNESS_WORK: f64 = 3e9;
/// The same for collective influence.
const INFLUENCE_WORK: f64 = 4e9;
/// The same for exchanges.
const SEARCH_WORK: f64 = 1e9;
/// Betweenness is not used when it would be counted for more removals than this share of nodes.
const MAX_STALE: f64 = 0.02;

/// Finds an order of removal. What is tried depends on the size of the network alone, never on
/// time: betweenness where it is affordable, degree and collective influence always.
pub fn dismantle(net: &Csr, seed: u64) -> Dismantling {
    let (n, m) = (net.len(), net.links());
    let mut plain = vec![(Method::Degree, by_degree(net))];
    for radius in [2, 1] {
        if influence::work(net, radius) <= INFLUENCE_WORK {
            plain.push((Method::Influence { radius }, by_influence(net, radius)));
            break;
        }
    }
    // Components shrink on the way: about a third of the removals meet a large one.
    let work = n as f64 * (n + 2 * m) as f64 * n as f64 / 3.0;
    let every = (work / BETWEENNESS_WORK).ceil().max(1.0);
    let small = every <= (n as f64 * MAX_STALE).max(1.0);
    if small {
        let every = every as usize;
        plain.push((Method::Betweenness { every }, by_betweenness(net, every)));
    }
    // Each order as it is (no window), and put back in a better one.
    let windows = std::iter::once(None).chain(reinsert::WINDOWS.map(Some));
    let mut jobs: Vec<(usize, Option<f64>)> = Vec::new();
    for window in windows {
        jobs.extend((0..plain.len()).map(|i| (i, window)));
    }
    let sum_of = |i: usize, window: Option<f64>| match window {
        None => curve::sum(&curve(net, &plain[i].1)),
        Some(w) => curve::sum(&curve(net, &reinserted(net, &plain[i].1, w))),
    };
    let sums: Vec<u64> = jobs.par_iter().map(|(i, w)| sum_of(*i, *w)).collect();
    let tried = plain
        .iter()
        .zip(&sums)
        .map(|((method, _), sum)| (*method, curve::share(*sum, n)))
        .collect();
    // The first of equals; there is always one.
    let best = (0..jobs.len()).min_by_key(|j| sums[*j]).unwrap_or(0);
    let (i, window) = jobs[best];
    let method = plain[i].0;
    let mut order = match window {
        None => plain[i].1.clone(),
        Some(w) => reinserted(net, &plain[i].1, w),
    };
    let mut exchanges = 0;
    if small {
        let tries = (SEARCH_WORK / (n + 2 * m).max(1) as f64).min(60_000.0) as usize;
        exchanges = improved(net, &mut order, tries, seed);
    }
    let largest = curve(net, &order);
    Dismantling {
        area: area(net, &order),
        largest,
        order,
        method,
        reinserted: window.is_some(),
        exchanges,
        tried,
    }
}
