//! `atalaya emission nose`: an array of sensors to a kind of gas.

use crate::input::open;
use crate::output::Output;
use anyhow::{Context, Result, bail};
use atalaya_emission::nose::{Labelled, Nose};
use atalaya_emission::table;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Labelled rows to learn from: CSV with a column `kind`, all other columns numbers, sensor by sensor with the
    /// same features each
    #[arg(long, value_name = "FILE")]
    train: PathBuf,
    /// Rows of later batches, in their order, with the same columns; the few rows whose `kind` is given correct
    /// the drift
    #[arg(long, value_name = "FILE", required = true)]
    read: Vec<PathBuf>,
    /// How many sensors the array has
    #[arg(long, value_name = "N")]
    sensors: usize,
    /// Where the records go [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let rows =
        |path: &PathBuf| table::features(open(path)?).with_context(|| path.display().to_string());
    let first = rows(&a.train)?;
    let mut names: Vec<&str> = first.iter().filter_map(|r| r.0.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    let index: BTreeMap<&str, usize> = names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    let labelled: Vec<Labelled> = first
        .iter()
        .filter_map(|(kind, features)| {
            let kind = *index.get(kind.as_deref()?)?;
            Some(Labelled {
                kind,
                features: features.clone(),
            })
        })
        .collect();
    let mut nose = Nose::learn(a.sensors, names.len(), &labelled)
        .with_context(|| a.train.display().to_string())?;
    let mut out = Output::open(a.out.as_deref())?;
    for path in &a.read {
        let batch = rows(path)?;
        let mut labels = Vec::new();
        for (i, (kind, _)) in batch.iter().enumerate() {
            match kind.as_deref().map(|k| (k, index.get(k))) {
                Some((_, Some(kind))) => labels.push((i, *kind)),
                Some((name, None)) => bail!(
                    "{}: kind '{name}' is not among those of --train; add rows of it there",
                    path.display()
                ),
                None => {}
            }
        }
        let features: Vec<&[f64]> = batch.iter().map(|r| r.1.as_slice()).collect();
        let said = nose
            .read(&features, &labels)
            .with_context(|| path.display().to_string())?;
        let round = |v: f64| (v * 1e4).round() / 1e4;
        for (i, (s, (given, _))) in said.iter().zip(&batch).enumerate() {
            let p: BTreeMap<&str, f64> = names
                .iter()
                .zip(&s.p)
                .map(|(name, p)| (*name, round(*p)))
                .collect();
            let record = json!({
                "schema": "nose/1", "file": path.display().to_string(), "row": i + 1,
                "kind": s.kind.and_then(|k| names.get(k)), "p": p, "typical": round(s.typical),
                "given": given,
            });
            writeln!(out, "{record}")?;
        }
    }
    out.finish()
}
