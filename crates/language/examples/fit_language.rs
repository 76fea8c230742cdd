//! Makes `src/recognise/trigrams.tsv` from two texts: `fit_language SPANISH.txt ENGLISH.txt > trigrams.tsv`.
//!
//! The table in the crate was made from the message catalogues of Debian 12's programs
//! (`/usr/share/locale/es/LC_MESSAGES`, `msgunfmt`): Spanish from the translations, English from the
//! originals. Only counts of letter triples are kept.

#![allow(clippy::expect_used, reason = "a tool for us")]

use std::collections::{BTreeMap, BTreeSet};

type Counts = BTreeMap<String, f64>;

fn counts(path: &str) -> (Counts, f64) {
    let text = std::fs::read_to_string(path).expect("a text");
    let mut counts = Counts::new();
    let mut all = 0.0;
    for line in text.lines() {
        let words: Vec<String> = line
            .split(|c: char| !c.is_alphabetic())
            .filter(|w| !w.is_empty())
            .map(str::to_lowercase)
            .collect();
        let chars: Vec<char> = format!("_{}_", words.join("_")).chars().collect();
        for w in chars.windows(3) {
            *counts.entry(w.iter().collect()).or_default() += 1.0;
            all += 1.0;
        }
    }
    (counts, all)
}

fn main() {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let (es, all_es) = counts(&paths[0]);
    let (en, all_en) = counts(&paths[1]);
    let triples: BTreeSet<&String> = es.keys().chain(en.keys()).collect();
    let mut rows: Vec<(f64, f64, &String)> = triples
        .into_iter()
        .map(|t| {
            let p = (es.get(t).unwrap_or(&0.0) + 5.0) / all_es;
            let q = (en.get(t).unwrap_or(&0.0) + 5.0) / all_en;
            let w = (p / q).ln();
            ((p - q).abs() * w.abs(), w, t)
        })
        .collect();
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.2.cmp(b.2)));
    rows.truncate(500);
    rows.sort_by(|a, b| a.2.cmp(b.2));
    for (_, w, t) in rows {
        println!("{t}\t{}", (w * 10.0).round().clamp(-60.0, 60.0));
    }
}
