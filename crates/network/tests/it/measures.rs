//! Measures against what is known by hand, and against slower ways to the same end.

use crate::random::*;
use atalaya_network::Csr;
use atalaya_network::measure::*;
use rand::Rng;

fn net(n: usize, links: &[(u32, u32)]) -> Csr {
    let links: Vec<_> = links.iter().map(|(a, b)| (*a, *b, 1.0)).collect();
    Csr::from_links(n, &links)
}

/// Two triangles joined by a path: 0-1-2-0, 2-3, 3-4, 4-5-6-4; and 7 alone.
fn dumbbell() -> Csr {
    net(
        8,
        &[
            (0, 1),
            (1, 2),
            (2, 0),
            (2, 3),
            (3, 4),
            (4, 5),
            (5, 6),
            (6, 4),
        ],
    )
}

#[test]
fn loops_doubles_and_strangers_are_no_links() {
    let c = Csr::from_links(3, &[(0, 1, 1.0), (1, 0, 2.0), (2, 2, 5.0), (0, 9, 1.0)]);
    assert_eq!((c.len(), c.links()), (3, 1));
    assert_eq!((c.neighbours(1), c.weights(1)), (&[0][..], &[3.0][..]));
    assert_eq!(c.degree(2), 0);
}

#[test]
fn betweenness_of_a_dumbbell_by_hand() {
    let b = betweenness(&dumbbell(), Sources::All, Paths::Steps);
    assert_eq!(b, [0.0, 0.0, 8.0, 9.0, 8.0, 0.0, 0.0, 0.0]);
    let m = measures(&dumbbell(), &Options::default());
    assert!((m.betweenness[3] - 9.0 / 21.0).abs() < 1e-15);
    assert_eq!(m.degree, [2, 2, 3, 2, 3, 2, 2, 0]);
    assert_eq!(m.component, [0, 0, 0, 0, 0, 0, 0, 1]);
    let cut: Vec<usize> = (0..8).filter(|v| m.articulation[*v]).collect();
    assert_eq!(cut, [2, 3, 4]);
}

/// Shortest paths counted pair by pair, over all paths: slow and plain.
fn by_pairs(c: &Csr) -> Vec<f64> {
    let n = c.len();
    let mut dist = vec![vec![usize::MAX; n]; n];
    let mut paths = vec![vec![0.0; n]; n];
    for s in 0..n {
        dist[s][s] = 0;
        paths[s][s] = 1.0;
        let mut ring = vec![s];
        while !ring.is_empty() {
            let mut next = Vec::new();
            for &v in &ring {
                for &u in c.neighbours(v as u32) {
                    let u = u as usize;
                    if dist[s][u] == usize::MAX {
                        dist[s][u] = dist[s][v] + 1;
                        next.push(u);
                    }
                    if dist[s][u] == dist[s][v] + 1 {
                        paths[s][u] += paths[s][v];
                    }
                }
            }
            ring = next;
        }
    }
    let mut sum = vec![0.0; n];
    for s in 0..n {
        for t in s + 1..n {
            for v in 0..n {
                let on = v != s && v != t && dist[s][t] != usize::MAX;
                if on
                    && dist[s][v] != usize::MAX
                    && dist[v][t] != usize::MAX
                    && dist[s][v] + dist[v][t] == dist[s][t]
                {
                    sum[v] += paths[s][v] * paths[v][t] / paths[s][t];
                }
            }
        }
    }
    sum
}

fn close(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    for (i, (x, y)) in a.iter().zip(b).enumerate() {
        assert!((x - y).abs() <= 1e-9 * (1.0 + y.abs()), "{i}: {x} {y}");
    }
}

#[test]
fn betweenness_is_that_of_counting_every_pair() {
    for seed in 0..6 {
        let c = erdos_renyi(70, 0.05, seed);
        close(&betweenness(&c, Sources::All, Paths::Steps), &by_pairs(&c));
        // Equal weights make equal lengths.
        close(
            &betweenness(&c, Sources::All, Paths::Weights),
            &by_pairs(&c),
        );
    }
}

#[test]
fn heavy_links_are_short() {
    // 0-1-2 with weight 2 each is as long as 0-2 with weight 1: both ways count.
    let c = Csr::from_links(3, &[(0, 1, 2.0), (1, 2, 2.0), (0, 2, 1.0)]);
    assert_eq!(
        betweenness(&c, Sources::All, Paths::Weights),
        [0.0, 0.5, 0.0]
    );
    let c = Csr::from_links(3, &[(0, 1, 3.0), (1, 2, 3.0), (0, 2, 1.0)]);
    assert_eq!(
        betweenness(&c, Sources::All, Paths::Weights),
        [0.0, 1.0, 0.0]
    );
}

#[test]
fn a_sample_of_all_is_exact_and_a_part_is_near() {
    let c = barabasi_albert(300, 3, 1);
    let exact = betweenness(&c, Sources::All, Paths::Steps);
    let all = Sources::Sample {
        count: 300,
        seed: 5,
    };
    close(&betweenness(&c, all, Paths::Steps), &exact);
    let half = betweenness(
        &c,
        Sources::Sample {
            count: 150,
            seed: 5,
        },
        Paths::Steps,
    );
    let (sum, whole): (f64, f64) = (half.iter().sum(), exact.iter().sum());
    assert!((sum / whole - 1.0).abs() < 0.1, "{sum} {whole}");
    assert_ne!(half, exact);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let c = barabasi_albert(700, 4, 9);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| measures(&c, &Options::default()))
    };
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}

#[test]
fn articulations_are_the_nodes_whose_removal_splits() {
    let parts = |c: &Csr| *components(c).iter().max().unwrap_or(&0) as usize + 1;
    for seed in 0..8 {
        let c = erdos_renyi(60, 0.035, seed);
        let found = articulations(&c);
        for v in 0..60u32 {
            let mut links = Vec::new();
            for a in 0..60 {
                for &b in c.neighbours(a) {
                    if a < b && a != v && b != v {
                        links.push((a, b, 1.0));
                    }
                }
            }
            // The removed node stays behind as a component of its own.
            let splits = parts(&Csr::from_links(60, &links)) > parts(&c) + 1;
            let alone = c.degree(v) == 0;
            assert_eq!(found[v as usize], splits && !alone, "seed {seed}, node {v}");
        }
    }
}

#[test]
fn a_chain_of_a_hundred_thousand_is_no_trouble() {
    let n = 100_000u32;
    let links: Vec<_> = (1..n).map(|v| (v - 1, v)).collect();
    let c = net(n as usize, &links);
    assert_eq!(
        articulations(&c).iter().filter(|x| **x).count(),
        n as usize - 2
    );
    assert!(components(&c).iter().all(|x| *x == 0));
}

#[test]
fn more_paths_than_numbers_can_hold_are_no_trouble() {
    // 1200 diamonds in a row: 2^1200 shortest paths from end to end.
    let mut links = Vec::new();
    for d in 0..1200u32 {
        let v = 3 * d;
        links.extend([(v, v + 1), (v, v + 2), (v + 1, v + 3), (v + 2, v + 3)]);
    }
    let c = net(3601, &links);
    let b = betweenness(&c, Sources::Sample { count: 8, seed: 1 }, Paths::Steps);
    assert!(b.iter().all(|x| x.is_finite() && *x >= 0.0));
}

#[test]
fn planted_communities_are_found() {
    let (c, of) = blocks(&[60, 50, 40, 30], 0.3, 0.01, 4);
    let found = communities(&c, 1);
    assert_eq!(
        found.count,
        4,
        "{} {}",
        found.modularity,
        modularity(&c, &of)
    );
    for a in 0..of.len() {
        for b in 0..of.len() {
            assert_eq!(of[a] == of[b], found.of[a] == found.of[b], "{a} {b}");
        }
    }
    assert_eq!(found, communities(&c, 1));
    assert!((modularity(&c, &of) - found.modularity).abs() < 1e-12);
}

#[test]
fn every_community_hangs_together() {
    for seed in 0..5 {
        let c = erdos_renyi(250, 0.012, seed);
        let found = communities(&c, seed);
        for group in 0..found.count as u32 {
            let mut links = Vec::new();
            for a in 0..250u32 {
                for &b in c.neighbours(a) {
                    if found.of[a as usize] == group && found.of[b as usize] == group {
                        links.push((a, b, 1.0));
                    }
                }
            }
            let of = components(&Csr::from_links(250, &links));
            let inside: Vec<u32> = (0..250)
                .filter(|v| found.of[*v] == group)
                .map(|v| of[v])
                .collect();
            assert!(
                inside.iter().all(|x| *x == inside[0]),
                "seed {seed}, community {group}"
            );
        }
    }
}

#[test]
fn a_broker_is_less_constrained_than_those_it_joins() {
    let b = brokers(&dumbbell());
    assert!(b[3].constraint.unwrap() < b[2].constraint.unwrap());
    assert!(b[2].constraint.unwrap() < b[0].constraint.unwrap());
    // By hand: two contacts that do not know each other.
    assert_eq!(b[3].constraint, Some(0.5));
    assert_eq!(b[3].effective_size, Some(2.0));
    // One neighbour of two shares the other: (1/2 + 1/2·1/2)² + (1/2 + 1/2·1/3)².
    let by_hand = (0.5 + 0.5 / 3.0f64).powi(2) + 0.75f64.powi(2);
    assert!((b[0].constraint.unwrap() - by_hand).abs() < 1e-12);
    assert_eq!(b[7].constraint, None);
}

#[test]
fn empty_and_tiny_networks_have_measures() {
    for n in 0..4 {
        let m = measures(&net(n, &[]), &Options::default());
        assert_eq!(m.betweenness, vec![0.0; n]);
        assert_eq!(m.communities.count, n);
        assert_eq!(m.component, (0..n as u32).collect::<Vec<_>>());
    }
    let m = measures(&net(2, &[(0, 1)]), &Options::default());
    assert_eq!((m.communities.count, m.component), (1, vec![0, 0]));
}

#[test]
fn weights_of_any_size_have_lengths() {
    let mut r = rng(3);
    let links: Vec<_> = (0..200)
        .map(|_| {
            let e: f64 = r.random_range(-300.0..300.0);
            (r.random_range(0..40), r.random_range(0..40), 10f64.powf(e))
        })
        .collect();
    let c = Csr::from_links(40, &links);
    let b = betweenness(&c, Sources::All, Paths::Weights);
    assert!(b.iter().all(|x| x.is_finite()));
}
