//! `atalaya watch`: is a watch document good, and what would it have raised?

use crate::commands::run::read_operation;
use crate::input::open;
use crate::output::Output;
use anyhow::{Context, Result, bail};
use atalaya_activity::geojson;
use atalaya_activity::watch::{self, Answer, Fault, Rules};
use atalaya_model::{Event, Micros};
use atalaya_store::Store;
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Most events of a backtest.
const MOST_EVENTS: usize = 2_000_000;
/// Longest line of a file of events, bytes.
const LONGEST_LINE: u64 = 1 << 20;

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Check a watch document: its fields, its zones, its expressions
    Check(CheckArgs),
    /// Apply a watch document to recorded events: alerts per day and rule, with their evidence
    Backtest(BacktestArgs),
}

/// Where the names of zones come from.
#[derive(clap::Args, Debug)]
struct Zones {
    /// Zones, so that their names are checked: GeoJSON as for `atalaya activity`
    #[arg(long, value_name = "FILE")]
    zones: Option<PathBuf>,
    /// Or the operation document that has them
    #[arg(long, value_name = "FILE", conflicts_with = "zones")]
    operation: Option<PathBuf>,
}

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct CheckArgs {
    /// The document
    file: PathBuf,
    #[command(flatten)]
    zones: Zones,
}

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct BacktestArgs {
    /// The document
    file: PathBuf,
    #[command(flatten)]
    zones: Zones,
    /// Recorded events, as `atalaya activity` and `atalaya run` write them; gzip accepted; `-` reads
    /// standard input
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "store",
        conflicts_with = "store"
    )]
    events: Option<PathBuf>,
    /// Or a store, whose answers to earlier alerts count where the document says learn
    #[arg(long, value_name = "DIR")]
    store: Option<PathBuf>,
    /// Of a store, only this run
    #[arg(long, requires = "store")]
    run: Option<String>,
    /// Only the last so many days
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=400))]
    days: Option<u32>,
    /// A table for people, or records
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Where it goes [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Jsonl,
}

/// Runs it.
pub fn run(command: &Command) -> Result<()> {
    match command {
        Command::Check(a) => {
            let rules = read(&a.file, &a.zones)?.map_err(|faults| {
                for f in &faults {
                    println!("{f}");
                    for line in f.snippet().lines() {
                        println!("    {line}");
                    }
                }
                refused(&faults)
            })?;
            let n = rules.document.rules.len();
            let s = if n == 1 { "" } else { "s" };
            println!("{}: ok, {n} rule{s}", a.file.display());
            Ok(())
        }
        Command::Backtest(a) => backtest(a),
    }
}

fn zones(z: &Zones) -> Result<Vec<String>> {
    if let Some(path) = &z.zones {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("can't read {}; check the path", path.display()))?;
        let (_, zones) = geojson::zones(&text).with_context(|| path.display().to_string())?;
        return Ok(zones.into_iter().map(|z| z.id).collect());
    }
    Ok(match &z.operation {
        Some(path) => read_operation(path)?
            .site
            .zones
            .into_iter()
            .map(|z| z.id)
            .collect(),
        None => Vec::new(),
    })
}

fn read(path: &Path, z: &Zones) -> Result<std::result::Result<Rules, Vec<Fault>>> {
    let file = std::fs::File::open(path)
        .with_context(|| format!("can't read {}; check the path", path.display()))?;
    let mut text = String::new();
    // One byte more than is taken, so that what is too long is seen to be.
    let most = watch::MOST_BYTES as u64 + 1;
    file.take(most)
        .read_to_string(&mut text)
        .with_context(|| format!("can't read {} as text", path.display()))?;
    let name = path.display().to_string();
    let zones = zones(z)?;
    Ok(watch::read(&name, &text, &zones))
}

/// The first fault in one line, and how many more there are.
fn refused(faults: &[Fault]) -> anyhow::Error {
    let first = faults.first().map_or_else(String::new, ToString::to_string);
    match faults.len() {
        0 | 1 => anyhow::anyhow!(first),
        n => anyhow::anyhow!("{first} (and {} more)", n - 1),
    }
}

fn backtest(a: &BacktestArgs) -> Result<()> {
    let rules = read(&a.file, &a.zones)?.map_err(|f| refused(&f))?;
    let rules = Arc::new(rules);
    let (events, answers) = match (&a.events, &a.store) {
        (Some(path), _) => (
            from_file(path).with_context(|| path.display().to_string())?,
            Vec::new(),
        ),
        (None, Some(dir)) => from_store(dir, a.run.as_deref())?,
        (None, None) => bail!("no events: give --events FILE or --store DIR"),
    };
    let result = watch::backtest(rules, &events, a.days, &answers);
    let mut out = Output::open(a.out.as_deref())?;
    match a.format {
        Format::Table => out.write_all(result.table().as_bytes())?,
        Format::Jsonl => {
            let head = json!({"schema": result.schema, "site": result.site, "events": result.events,
                              "days": result.days});
            writeln!(out, "{head}")?;
            for r in &result.rules {
                let mut line = json!({"schema": "backtest-rule/1"});
                if let (Some(line), Ok(serde_json::Value::Object(r))) =
                    (line.as_object_mut(), serde_json::to_value(r))
                {
                    line.extend(r);
                }
                writeln!(out, "{line}")?;
            }
            for alert in &result.alerts {
                serde_json::to_writer(&mut out, alert)?;
                out.write_all(b"\n")?;
            }
        }
    }
    out.finish()
}

/// Events of a file; of those with one id the last.
fn from_file(path: &Path) -> Result<Vec<Event>> {
    let mut reader = BufReader::new(open(path)?);
    let mut events: Vec<Event> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut line = String::new();
    for n in 1.. {
        line.clear();
        if (&mut reader).take(LONGEST_LINE).read_line(&mut line)? == 0 {
            break;
        }
        if line.trim().is_empty() {
            continue;
        }
        let event: Event = serde_json::from_str(&line)
            .with_context(|| format!("line {n} is not an event/1 record"))?;
        if event.schema != Event::SCHEMA {
            bail!("line {n}: schema '{}' is not event/1", event.schema);
        }
        match known.get(&event.id) {
            Some(i) => events[*i] = event,
            None => {
                if events.len() == MOST_EVENTS {
                    bail!("there are more than {MOST_EVENTS} events; give fewer days at once");
                }
                known.insert(event.id.clone(), events.len());
                events.push(event);
            }
        }
    }
    Ok(events)
}

fn from_store(dir: &Path, run: Option<&str>) -> Result<(Vec<Event>, Vec<Answer>)> {
    if !dir.join("atalaya.db").is_file() {
        bail!("there is no store in {}; give its folder", dir.display());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let store = Store::open(dir).await?;
        let events = store
            .events_since(run, Micros::MIN, MOST_EVENTS as u32)
            .await?;
        let events = events.into_iter().map(|(_, e)| e).collect();
        let answers = atalaya_engine::watching::answers(store.answers().await?);
        store.close().await;
        Ok((events, answers))
    })
}
