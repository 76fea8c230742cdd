//! Orders of removal.

use crate::random::*;
use atalaya_network::Csr;
use atalaya_network::dismantle::*;
use rand::seq::SliceRandom;

/// The largest component after each removal, by taking nodes away one by one.
fn slowly(c: &Csr, order: &[u32]) -> Vec<u32> {
    let mut gone = vec![false; c.len()];
    order
        .iter()
        .map(|v| {
            gone[*v as usize] = true;
            let mut seen = gone.clone();
            let mut best = 0;
            for s in 0..c.len() as u32 {
                if std::mem::replace(&mut seen[s as usize], true) {
                    continue;
                }
                let mut open = vec![s];
                let mut size = 0;
                while let Some(x) = open.pop() {
                    size += 1;
                    for &u in c.neighbours(x) {
                        if !std::mem::replace(&mut seen[u as usize], true) {
                            open.push(u);
                        }
                    }
                }
                best = best.max(size);
            }
            best
        })
        .collect()
}

#[test]
fn the_curve_is_that_of_removing_one_by_one() {
    for seed in 0..5 {
        let c = erdos_renyi(80, 0.04, seed);
        let mut order: Vec<u32> = (0..80).collect();
        order.shuffle(&mut rng(seed));
        let fast = curve(&c, &order);
        assert_eq!(fast, slowly(&c, &order));
        let mean = fast.iter().map(|x| f64::from(*x) / 80.0).sum::<f64>() / 80.0;
        assert!((area(&c, &order) - mean).abs() < 1e-12);
        assert_eq!(fast.last(), Some(&0));
    }
}

#[test]
fn a_star_falls_at_its_centre() {
    let links: Vec<_> = (1..20).map(|v| (0, v, 1.0)).collect();
    let d = dismantle(&Csr::from_links(20, &links), 1);
    assert_eq!((d.order[0], d.largest[0]), (0, 1));
}

#[test]
fn no_worse_than_adaptive_betweenness() {
    let graphs = [
        erdos_renyi(150, 0.03, 1),
        erdos_renyi(200, 0.02, 2),
        barabasi_albert(200, 2, 3),
        barabasi_albert(150, 3, 4),
        blocks(&[50, 50, 50], 0.15, 0.01, 5).0,
    ];
    for (i, c) in graphs.iter().enumerate() {
        let plain = by_betweenness(c, 1);
        let d = dismantle(c, 7);
        let mut all = d.order.clone();
        all.sort_unstable();
        assert_eq!(
            all,
            (0..c.len() as u32).collect::<Vec<_>>(),
            "every node once"
        );
        assert_eq!(d.largest, curve(c, &d.order));
        assert!(
            d.area <= area(c, &plain),
            "{i}: {} {}",
            d.area,
            area(c, &plain)
        );
        assert_eq!(d, dismantle(c, 7), "the same twice");
    }
}

#[test]
fn the_cheap_orders_are_better_than_chance() {
    let c = barabasi_albert(3000, 2, 8);
    let mut chance: Vec<u32> = (0..3000).collect();
    chance.shuffle(&mut rng(1));
    let by_chance = area(&c, &chance);
    for order in [by_degree(&c), by_influence(&c, 1), by_influence(&c, 2)] {
        let plain = area(&c, &order);
        assert!(plain < 0.4 * by_chance, "{plain} {by_chance}");
        let again = area(&c, &reinserted(&c, &order, 0.1));
        assert!(again <= plain * 1.02, "{again} {plain}");
    }
}

#[test]
fn exchanges_never_make_it_worse() {
    let c = erdos_renyi(100, 0.04, 6);
    let mut order = by_degree(&c);
    let before = area(&c, &order);
    let better = improved(&c, &mut order, 2000, 3);
    assert!(better > 0 && area(&c, &order) < before);
}

#[test]
fn networks_without_links_or_nodes_come_apart_too() {
    for n in 0..4 {
        let d = dismantle(&Csr::from_links(n, &[]), 1);
        assert_eq!(d.order.len(), n);
    }
}
