//! Fits the weights of `names::score` to made-up pairs and says how well they are calibrated on
//! others: `cargo run -p atalaya-network --example fit_names`.

#![allow(clippy::unwrap_used, reason = "a tool for ourselves")]

#[path = "../tests/it/people.rs"]
#[allow(dead_code, reason = "shared with the tests")]
mod people;

use atalaya_network::names::{FEATURES, Name, SAME_FROM, UNDECIDED_FROM, features, score};

type Row = ([f64; FEATURES], bool);

fn main() {
    let (mut persons, mut companies): (Vec<Row>, Vec<Row>) = (Vec::new(), Vec::new());
    for pair in people::pairs(1, 200_000) {
        let f = features(&Name::parse(&pair.left), &Name::parse(&pair.right));
        if !f.mixed {
            let to = if f.organisation {
                &mut companies
            } else {
                &mut persons
            };
            to.push((f.values, pair.same));
        }
    }
    for (what, rows) in [("PERSON", &persons), ("ORGANISATION", &companies)] {
        let w = fit(rows);
        let text: Vec<String> = w.iter().map(|w| format!("{w:.2}")).collect();
        println!(
            "const {what}: [f64; FEATURES] = [{}]; // {} pairs",
            text.join(", "),
            rows.len()
        );
    }
    println!("\nthe committed weights on other pairs:");
    let mut bins = [(0u32, 0.0, 0u32); 10];
    let (mut same, mut distinct, mut all) = ((0, 0), (0, 0), (0, 0));
    for pair in people::pairs(2, 50_000) {
        let p = score(&Name::parse(&pair.left), &Name::parse(&pair.right));
        let bin = &mut bins[((p * 10.0) as usize).min(9)];
        *bin = (bin.0 + 1, bin.1 + p, bin.2 + u32::from(pair.same));
        if pair.same {
            all.0 += 1;
        } else {
            all.1 += 1;
        }
        if p >= SAME_FROM {
            same = (same.0 + 1, same.1 + u32::from(!pair.same));
        } else if p < UNDECIDED_FROM {
            distinct = (distinct.0 + 1, distinct.1 + u32::from(pair.same));
        } else if std::env::args().any(|a| a == "--show") {
            println!("{p:.2} {} {} / {}", pair.same, pair.left, pair.right);
        }
        let wrong = (p >= SAME_FROM && !pair.same) || (p < UNDECIDED_FROM && pair.same);
        if wrong && std::env::args().any(|a| a == "--wrong") {
            println!("{p:.3} {} {} / {}", pair.same, pair.left, pair.right);
        }
    }
    println!("| score | pairs | mean score | truly the same |\n|---|---:|---:|---:|");
    for (i, (n, sum, same)) in bins.iter().enumerate() {
        let n = f64::from((*n).max(1));
        println!(
            "| {:.1}–{:.1} | {n} | {:.3} | {:.3} |",
            i as f64 / 10.0,
            (i + 1) as f64 / 10.0,
            sum / n,
            f64::from(*same) / n
        );
    }
    println!(
        "same: {} pairs, {} wrong; distinct: {} pairs, {} wrong; of {} same and {} distinct",
        same.0, same.1, distinct.0, distinct.1, all.0, all.1
    );
}

/// Logistic regression by Newton's method, with a little ridge.
fn fit(rows: &[Row]) -> [f64; FEATURES] {
    let mut w = [0.0; FEATURES];
    for _ in 0..30 {
        let mut g = [0.0; FEATURES];
        let mut h = [[0.0; FEATURES]; FEATURES];
        for i in 0..FEATURES {
            g[i] = -w[i];
            h[i][i] = 1.0;
        }
        for (x, y) in rows {
            let z: f64 = w.iter().zip(x).map(|(a, b)| a * b).sum();
            let p = 1.0 / (1.0 + (-z).exp());
            for i in 0..FEATURES {
                g[i] += (f64::from(u8::from(*y)) - p) * x[i];
                for j in 0..FEATURES {
                    h[i][j] += p * (1.0 - p) * x[i] * x[j];
                }
            }
        }
        let step = solve(h, g);
        for i in 0..FEATURES {
            w[i] += step[i];
        }
    }
    w
}

/// Gauss with pivots.
fn solve(mut a: [[f64; FEATURES]; FEATURES], mut b: [f64; FEATURES]) -> [f64; FEATURES] {
    for i in 0..FEATURES {
        let best = (i..FEATURES)
            .max_by(|x, y| a[*x][i].abs().total_cmp(&a[*y][i].abs()))
            .unwrap();
        a.swap(i, best);
        b.swap(i, best);
        for k in i + 1..FEATURES {
            let f = a[k][i] / a[i][i];
            let row = a[i];
            for (j, cell) in a[k].iter_mut().enumerate().skip(i) {
                *cell -= f * row[j];
            }
            b[k] -= f * b[i];
        }
    }
    for i in (0..FEATURES).rev() {
        let sum: f64 = (i + 1..FEATURES).map(|j| a[i][j] * b[j]).sum();
        b[i] = (b[i] - sum) / a[i][i];
    }
    b
}
