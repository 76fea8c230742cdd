//! `atalaya bench`: what this machine can do.

use crate::commands::demo::{live_operation, play};
use crate::station::run_id;
use anyhow::{Context as _, Result};
use atalaya_engine::live::{self, LiveOptions, LiveSummary, Stop};
use atalaya_engine::{Context, EngineSettings};
use atalaya_model::Severity;
use atalaya_model::operation::{Rule, RuleKind, Subject};
use atalaya_store::{Bus, Store};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Wall time from a frame being received to its alert being stored
    Live {
        /// A world made by `atalaya sim` or `atalaya demo --prepare`
        #[arg(long, value_name = "DIR")]
        world: PathBuf,
        /// Folder for the store (it should be on the disk that is to be measured)
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Alerts to measure at least
        #[arg(long, default_value_t = 200)]
        alerts: usize,
    },
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let What::Live { world, dir, alerts } = &a.what;
    let mut operation = live_operation(world)?;
    // Every coming, going and staying is an alert: many in a short time.
    operation.rules = operation
        .site
        .zones
        .iter()
        .flat_map(|z| {
            [RuleKind::Arrival, RuleKind::Departure, RuleKind::Dwell].map(|kind| Rule {
                id: format!("{kind:?}-{}", z.id).to_lowercase(),
                kind,
                zone: z.id.clone(),
                subject: Subject::Any,
                longer_than_s: Some(2.0),
                severity: Severity::Info,
            })
        })
        .collect();
    let feeds: Vec<String> = operation.feeds.iter().map(|f| f.id.clone()).collect();
    let context = Context::new(operation, EngineSettings::default())?;
    std::fs::create_dir_all(dir).with_context(|| format!("can't make {}", dir.display()))?;
    let runtime = tokio::runtime::Runtime::new().context("can't start the runtime")?;
    let store = runtime.block_on(Store::open(dir))?;
    let mut millis: Vec<Duration> = Vec::new();
    let (mut frames, mut shed, mut late, mut rounds) = (0, 0, 0, 0);
    while millis.len() < *alerts && rounds < 50 {
        let summary = round(&context, &store, dir, world, &feeds)?;
        rounds += 1;
        late += summary.late;
        for f in &summary.feeds {
            frames += f.frames;
            shed += f.shed;
        }
        millis.extend(summary.alert_latency.samples());
        eprintln!("round {rounds}: {} alerts in all", millis.len());
    }
    millis.sort();
    let at = |q: f64| {
        let rank = ((q * millis.len() as f64).ceil() as usize).max(1) - 1;
        millis.get(rank).map_or(0.0, Duration::as_secs_f64) * 1e3
    };
    println!("| alerts | p50 ms | p90 ms | p99 ms | max ms | frames | shed | late | settings |");
    println!("|---|---|---|---|---|---|---|---|---|");
    println!(
        "| {} | {:.0} | {:.0} | {:.0} | {:.0} | {frames} | {shed} | {late} | {} |",
        millis.len(),
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0),
        &context.hash[..12]
    );
    runtime.block_on(store.close());
    Ok(())
}

fn round(
    context: &Context,
    store: &Store,
    dir: &std::path::Path,
    world: &std::path::Path,
    feeds: &[String],
) -> Result<LiveSummary> {
    let options = LiveOptions {
        run: run_id("bench"),
        dir: dir.to_owned(),
        writer: store.writer(),
        bus: Bus::default(),
        queue: 8,
    };
    let stop = Stop::default();
    let over = AtomicBool::new(false);
    play(world, feeds, &stop, &over, |ready| {
        Ok(live::run(context, &options, &stop, ready)?)
    })
}
