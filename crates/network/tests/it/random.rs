//! Random networks by seed.

use atalaya_network::Csr;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

pub fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Erdős–Rényi: each pair with the same probability.
pub fn erdos_renyi(n: u32, p: f64, seed: u64) -> Csr {
    let mut r = rng(seed);
    let mut links = Vec::new();
    for a in 0..n {
        for b in a + 1..n {
            if r.random_bool(p) {
                links.push((a, b, 1.0));
            }
        }
    }
    Csr::from_links(n as usize, &links)
}

/// Barabási–Albert: each new node links to `m` others, drawn by their degree.
pub fn barabasi_albert(n: u32, m: u32, seed: u64) -> Csr {
    let mut r = rng(seed);
    let mut ends: Vec<u32> = (0..m).collect();
    let mut links = Vec::new();
    for v in m..n {
        let mut to = Vec::new();
        while to.len() < m as usize {
            let u = ends[r.random_range(0..ends.len())];
            if !to.contains(&u) {
                to.push(u);
            }
        }
        for u in to {
            links.push((v, u, 1.0));
            ends.extend([u, v]);
        }
    }
    Csr::from_links(n as usize, &links)
}

/// Stochastic blocks: denser inside each block than between them.
pub fn blocks(sizes: &[u32], inside: f64, between: f64, seed: u64) -> (Csr, Vec<u32>) {
    let mut r = rng(seed);
    let of: Vec<u32> = sizes
        .iter()
        .enumerate()
        .flat_map(|(b, size)| vec![b as u32; *size as usize])
        .collect();
    let mut links = Vec::new();
    for a in 0..of.len() {
        for b in a + 1..of.len() {
            if r.random_bool(if of[a] == of[b] { inside } else { between }) {
                links.push((a as u32, b as u32, 1.0));
            }
        }
    }
    (Csr::from_links(of.len(), &links), of)
}
