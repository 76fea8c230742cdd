//! Who stands between others that do not know each other.

use crate::csr::Csr;
use rayon::prelude::*;

/// A node's place among its neighbours, after Burt, "Structural Holes" (1992). Both are over
/// weights and their sum; neither exists for a node without neighbours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Broker {
    /// How far its contacts lead back to one another (equation 2.4): the smaller, the more it is a
    /// broker. `None` without neighbours.
    pub constraint: Option<f64>,
    /// Number of neighbours less what they share (chapter 2): contacts that are not redundant.
    pub effective_size: Option<f64>,
}

/// Burt's measures for each node. The least constrained are the brokers.
pub fn brokers(net: &Csr) -> Vec<Broker> {
    let n = net.len();
    let strength: Vec<f64> = (0..n as u32).map(|v| net.weights(v).iter().sum()).collect();
    let strongest: Vec<f64> = (0..n as u32)
        .map(|v| net.weights(v).iter().fold(0.0, |a, w| f64::max(a, *w)))
        .collect();
    (0..n as u32)
        .into_par_iter()
        .map_init(
            || (vec![0.0f64; n], vec![0.0f64; n]),
            |(direct, indirect), v| {
                let row = net.neighbours(v);
                if row.is_empty() {
                    return Broker {
                        constraint: None,
                        effective_size: None,
                    };
                }
                for (&u, w) in row.iter().zip(net.weights(v)) {
                    direct[u as usize] = w / strength[v as usize];
                }
                let mut shared = 0.0;
                for &q in row {
                    let by = direct[q as usize];
                    for (&u, w) in net.neighbours(q).iter().zip(net.weights(q)) {
                        if direct[u as usize] > 0.0 {
                            indirect[u as usize] += by * w / strength[q as usize];
                            shared += by * w / strongest[u as usize];
                        }
                    }
                }
                let mut constraint = 0.0;
                for &u in row {
                    constraint += (direct[u as usize] + indirect[u as usize]).powi(2);
                    direct[u as usize] = 0.0;
                    indirect[u as usize] = 0.0;
                }
                Broker {
                    constraint: Some(constraint),
                    effective_size: Some(row.len() as f64 - shared),
                }
            },
        )
        .collect()
}
