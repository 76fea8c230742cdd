//! Groups with more links inside than outside.

use super::by_size;
use crate::csr::Csr;
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::VecDeque;

/// A division of the nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Communities {
    /// The community of each node: 0 is the largest.
    pub of: Vec<u32>,
    /// How many there are.
    pub count: usize,
    /// How good the division is, see [`modularity`].
    pub modularity: f64,
}

/// Levels of moving, refining and merging; it ends by itself long before.
const MAX_LEVELS: usize = 50;
/// Times all of it is done.
const MAX_PASSES: usize = 10;
/// How freely refinement chooses among improvements (θ of the paper), as a share of the mean
/// strength of a node.
const THETA: f64 = 0.01;

/// Communities by the Leiden method (Traag, Waltman and van Eck 2019) for weighted modularity. The
/// same seed gives the same division; each community hangs together.
pub fn communities(net: &Csr, seed: u64) -> Communities {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut best = Communities {
        of: (0..net.len() as u32).collect(),
        ..Communities::default()
    };
    best.modularity = modularity(net, &best.of);
    // Once more from what was found, until it gets no better.
    for _ in 0..MAX_PASSES {
        let of = pass(net, &best.of, &mut rng);
        let value = modularity(net, &of);
        if value <= best.modularity + 1e-10 {
            break;
        }
        (best.of, best.modularity) = (of, value);
    }
    // Moving whole parts may, rarely, leave the rest of a community in pieces.
    best.of = by_size(&pieces(net, &best.of));
    best.modularity = modularity(net, &best.of);
    best.count = count(&best.of);
    best
}

/// The connected pieces of communities, numbered as they are met.
fn pieces(net: &Csr, of: &[u32]) -> Vec<u32> {
    let mut made = vec![u32::MAX; of.len()];
    let mut open = Vec::new();
    let mut next = 0;
    for start in 0..of.len() as u32 {
        if made[start as usize] != u32::MAX {
            continue;
        }
        made[start as usize] = next;
        open.push(start);
        while let Some(v) = open.pop() {
            for &u in net.neighbours(v) {
                if made[u as usize] == u32::MAX && of[u as usize] == of[v as usize] {
                    made[u as usize] = next;
                    open.push(u);
                }
            }
        }
        next += 1;
    }
    made
}

/// Moves, refines and merges, starting from a division.
fn pass(net: &Csr, from: &[u32], rng: &mut ChaCha8Rng) -> Vec<u32> {
    let mut level = Level::of(net);
    // Which node of the level each node of the network is in.
    let mut inside: Vec<u32> = (0..net.len() as u32).collect();
    let mut part = renumber(from).0;
    let mut of = part.clone();
    for _ in 0..MAX_LEVELS {
        level.move_nodes(&mut part, rng);
        of = inside.iter().map(|v| part[*v as usize]).collect();
        if count(&part) == level.len() {
            break;
        }
        let mut fine = level.refine(&part, rng);
        if count(&fine) == level.len() {
            // Nothing is well connected enough: the communities themselves are merged.
            fine.clone_from(&part);
        }
        let (fine, size) = renumber(&fine);
        // Each part of a community starts the next level in that community.
        let mut next = vec![0; size];
        for (v, f) in fine.iter().enumerate() {
            next[*f as usize] = part[v];
        }
        level = level.merged(&fine, size);
        for v in &mut inside {
            *v = fine[*v as usize];
        }
        part = renumber(&next).0;
    }
    of
}

/// Newman and Girvan's modularity (2004), by weights: the share of links inside communities less
/// the share expected by chance.
pub fn modularity(net: &Csr, of: &[u32]) -> f64 {
    let groups = of.iter().max().map_or(0, |m| *m as usize + 1);
    let (mut inside, mut all) = (vec![0.0; groups], vec![0.0; groups]);
    let mut total = 0.0;
    for v in 0..net.len() as u32 {
        let c = of[v as usize] as usize;
        for (&u, w) in net.neighbours(v).iter().zip(net.weights(v)) {
            total += w;
            all[c] += w;
            if of[u as usize] as usize == c {
                inside[c] += w;
            }
        }
    }
    if total <= 0.0 {
        return 0.0;
    }
    inside
        .iter()
        .zip(&all)
        .map(|(i, a)| i / total - (a / total).powi(2))
        .sum()
}

fn count(of: &[u32]) -> usize {
    let mut seen = vec![false; of.iter().max().map_or(0, |m| *m as usize + 1)];
    of.iter()
        .filter(|g| !std::mem::replace(&mut seen[**g as usize], true))
        .count()
}

/// Groups numbered in the order of their first member, and how many.
fn renumber(of: &[u32]) -> (Vec<u32>, usize) {
    let mut to = vec![u32::MAX; of.iter().max().map_or(0, |m| *m as usize + 1)];
    let mut next = 0;
    let made = of
        .iter()
        .map(|g| {
            let t = &mut to[*g as usize];
            if *t == u32::MAX {
                *t = next;
                next += 1;
            }
            *t
        })
        .collect();
    (made, next as usize)
}

/// A network whose nodes may stand for several.
struct Level {
    net: Csr,
    /// Sum of a node's weights, with those inside it counted twice.
    strength: Vec<f64>,
    /// Twice the weight of all links.
    total: f64,
}

/// Weights from one node to the groups around it.
struct Around {
    weight: Vec<f64>,
    groups: Vec<u32>,
}

impl Around {
    fn new(n: usize) -> Self {
        Self {
            weight: vec![0.0; n],
            groups: Vec::new(),
        }
    }

    fn look(&mut self, net: &Csr, v: u32, of: &[u32], counts: impl Fn(u32) -> bool) {
        for g in self.groups.drain(..) {
            self.weight[g as usize] = 0.0;
        }
        for (&u, w) in net.neighbours(v).iter().zip(net.weights(v)) {
            if counts(u) {
                let g = of[u as usize];
                if self.weight[g as usize] == 0.0 {
                    self.groups.push(g);
                }
                self.weight[g as usize] += w;
            }
        }
    }
}

impl Level {
    fn of(net: &Csr) -> Self {
        let strength: Vec<f64> = (0..net.len() as u32)
            .map(|v| net.weights(v).iter().sum())
            .collect();
        Self {
            net: net.clone(),
            total: strength.iter().sum(),
            strength,
        }
    }

    fn len(&self) -> usize {
        self.net.len()
    }

    /// Moves single nodes to the neighbouring community that gains most, until none gains.
    fn move_nodes(&self, part: &mut [u32], rng: &mut ChaCha8Rng) {
        let n = self.len();
        let mut sum = vec![0.0; n];
        let mut size = vec![0u32; n];
        for (v, c) in part.iter().enumerate() {
            sum[*c as usize] += self.strength[v];
            size[*c as usize] += 1;
        }
        let mut empty: Vec<u32> = (0..n as u32)
            .rev()
            .filter(|c| size[*c as usize] == 0)
            .collect();
        let mut order: Vec<u32> = (0..n as u32).collect();
        order.shuffle(rng);
        let mut queue = VecDeque::from(order);
        let mut queued = vec![true; n];
        let mut around = Around::new(n);
        while let Some(v) = queue.pop_front() {
            queued[v as usize] = false;
            let (own, k) = (part[v as usize], self.strength[v as usize]);
            around.look(&self.net, v, part, |_| true);
            sum[own as usize] -= k;
            let gain = |c: u32, w: f64| w - k * sum[c as usize] / self.total;
            let stay = gain(own, around.weight[own as usize]);
            let (mut best, mut most) = (own, stay);
            for &c in &around.groups {
                let g = gain(c, around.weight[c as usize]);
                if g > most + 1e-12 * self.total {
                    (best, most) = (c, g);
                }
            }
            // Alone is worth nothing, which is more than a loss.
            if most < -1e-12 * self.total
                && size[own as usize] > 1
                && let Some(c) = empty.last()
            {
                best = *c;
            }
            sum[best as usize] += k;
            if best == own {
                continue;
            }
            if size[best as usize] == 0 {
                empty.pop();
            }
            size[best as usize] += 1;
            size[own as usize] -= 1;
            if size[own as usize] == 0 {
                empty.push(own);
            }
            part[v as usize] = best;
            for &u in self.net.neighbours(v) {
                if part[u as usize] != best && !queued[u as usize] {
                    queued[u as usize] = true;
                    queue.push_back(u);
                }
            }
        }
    }

    /// Splits each community into parts that are well connected inside it.
    fn refine(&self, part: &[u32], rng: &mut ChaCha8Rng) -> Vec<u32> {
        let n = self.len();
        let mut fine: Vec<u32> = (0..n as u32).collect();
        let mut whole = vec![0.0; n];
        for (v, c) in part.iter().enumerate() {
            whole[*c as usize] += self.strength[v];
        }
        let mut sum = self.strength.clone();
        let mut alone = vec![true; n];
        // Weight from each part to the rest of its community.
        let inward = |v: u32| -> f64 {
            let row = self.net.neighbours(v).iter().zip(self.net.weights(v));
            row.filter(|(u, _)| part[**u as usize] == part[v as usize])
                .map(|(_, w)| w)
                .sum()
        };
        let mut cut: Vec<f64> = (0..n as u32).map(inward).collect();
        let connected = |cut: f64, k: f64, all: f64| cut >= k * (all - k) / self.total;
        let mut order: Vec<u32> = (0..n as u32).collect();
        order.shuffle(rng);
        let mut around = Around::new(n);
        let mut choice: Vec<(u32, f64)> = Vec::new();
        for v in order {
            let (k, all) = (self.strength[v as usize], whole[part[v as usize] as usize]);
            if !alone[v as usize] || !connected(cut[v as usize], k, all) {
                continue;
            }
            around.look(&self.net, v, &fine, |u| {
                part[u as usize] == part[v as usize]
            });
            choice.clear();
            for &c in &around.groups {
                if c == v || !connected(cut[c as usize], sum[c as usize], all) {
                    continue;
                }
                let gain = around.weight[c as usize] - k * sum[c as usize] / self.total;
                if gain >= 0.0 {
                    choice.push((c, gain));
                }
            }
            if choice.is_empty() {
                continue;
            }
            let most = choice.iter().fold(0.0, |a, c| f64::max(a, c.1));
            let unit = THETA * self.total / n as f64;
            let mut chance = 0.0;
            for c in &mut choice {
                chance += ((c.1 - most) / unit).exp();
                c.1 = chance;
            }
            let draw = rng.random::<f64>() * chance;
            let at = choice.partition_point(|c| c.1 < draw).min(choice.len() - 1);
            let to = choice[at].0;
            let between = around.weight[to as usize];
            cut[to as usize] += cut[v as usize] - 2.0 * between;
            sum[to as usize] += k;
            sum[v as usize] = 0.0;
            alone[v as usize] = false;
            alone[to as usize] = false;
            fine[v as usize] = to;
        }
        fine
    }

    /// One node for each part.
    fn merged(&self, fine: &[u32], size: usize) -> Self {
        let mut strength = vec![0.0; size];
        let mut links = Vec::with_capacity(self.net.links());
        for v in 0..self.len() as u32 {
            let a = fine[v as usize];
            strength[a as usize] += self.strength[v as usize];
            for (&u, w) in self.net.neighbours(v).iter().zip(self.net.weights(v)) {
                if v < u {
                    links.push((a, fine[u as usize], *w));
                }
            }
        }
        Self {
            net: Csr::from_links(size, &links),
            strength,
            total: self.total,
        }
    }
}
