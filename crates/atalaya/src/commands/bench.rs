//! `atalaya bench`: what this machine can do.

use crate::commands::demo::{live_operation, play};
use crate::station::run_id;
use anyhow::{Context as _, Result, bail};
use atalaya_engine::live::{self, Landmarks, LiveOptions, LiveSummary, Stop};
use atalaya_engine::{Context, EngineSettings};
use atalaya_model::operation::{LonLat, Rule, RuleKind, Subject, ZoneConfig};
use atalaya_model::{Operation, Severity};
use atalaya_store::{Bus, Store};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Side of the tiles laid over the site, metres.
const TILE_M: f64 = 10.0;
/// Metres in a degree of latitude, near enough for tiles.
const DEGREE_M: f64 = 111_320.0;
/// Rounds in a row without an alert after which there is nothing to measure.
const EMPTY_ROUNDS: u32 = 3;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand, Debug)]
enum What {
    /// Wall time from a picture being received to its alert being stored
    ///
    /// Plays the world's recordings over UDP at their own pace into a live run with store, segments
    /// and admission log, again and again. So that alerts come often, the zones are replaced by tiles
    /// of 10 m over the site, and every arrival in and departure from a tile raises an alert; nothing
    /// else differs from a live operation. The clock starts with the datagram in which the picture
    /// begins that completes an alert, and stops when the alert is durable in the store; a picture
    /// that completes several alerts is one sample. It ends when there are samples enough, and fails
    /// after three rounds in a row without any, or when the time is over.
    Live {
        /// A world made by `atalaya sim` or `atalaya demo --prepare`
        #[arg(long, value_name = "DIR")]
        world: PathBuf,
        /// Folder for the store (it should be on the disk that is to be measured)
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Samples to take at least
        #[arg(long, default_value_t = 200)]
        alerts: usize,
        /// Longest time, minutes; a round that has begun is played to its end
        #[arg(long, default_value_t = 20.0)]
        minutes: f64,
    },
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let What::Live {
        world,
        dir,
        alerts,
        minutes,
    } = &a.what;
    let mut operation = live_operation(world)?;
    let tiles = lay_tiles(&mut operation);
    let feeds: Vec<String> = operation.feeds.iter().map(|f| f.id.clone()).collect();
    let context = Context::new(operation, EngineSettings::default())?.with_reference(world)?;
    std::fs::create_dir_all(dir).with_context(|| format!("can't make {}", dir.display()))?;
    let runtime = tokio::runtime::Runtime::new().context("can't start the runtime")?;
    let store = runtime.block_on(Store::open(dir))?;
    let begun = Instant::now();
    let load_before = load();
    let mut sum = Sum::default();
    let mut empty = 0;
    let why = loop {
        if sum.samples.len() >= *alerts {
            break None;
        }
        if empty == EMPTY_ROUNDS {
            break Some(format!(
                "{EMPTY_ROUNDS} rounds in a row raised no alert; nothing moves over the site in this world, or it is too short"
            ));
        }
        if begun.elapsed().as_secs_f64() > minutes * 60.0 {
            break Some(format!("{minutes} minutes are over (--minutes)"));
        }
        let summary = round(&context, &store, dir, world, &feeds)?;
        empty = if summary.alerts == 0 { empty + 1 } else { 0 };
        sum.add(&summary);
        eprintln!(
            "round {}: {} alerts, {} samples in all, {:.0} s",
            sum.rounds,
            sum.alerts,
            sum.samples.len(),
            begun.elapsed().as_secs_f64()
        );
    };
    runtime.block_on(store.close());
    sum.print(&context, tiles, begun.elapsed(), &load_before);
    match why {
        None => Ok(()),
        Some(why) => bail!("{} of {alerts} samples: {why}", sum.samples.len()),
    }
}

/// Tiles over the box about the site's zones and a tile around them, with a rule for coming into and
/// one for leaving each; gives their number.
fn lay_tiles(operation: &mut Operation) -> usize {
    let all: Vec<LonLat> = operation
        .site
        .zones
        .iter()
        .flat_map(|z| z.polygon.iter().flatten().copied())
        .collect();
    let ends = |axis: usize| {
        let values = || all.iter().map(|p| p[axis]);
        (
            values().fold(f64::INFINITY, f64::min),
            values().fold(f64::NEG_INFINITY, f64::max),
        )
    };
    let ((west, east), (south, north)) = (ends(0), ends(1));
    if all.is_empty() {
        return 0;
    }
    let height = TILE_M / DEGREE_M;
    let width = height / south.to_radians().cos().max(0.01);
    let steps = |from: f64, to: f64, step: f64| ((to - from) / step).ceil().clamp(0.0, 10.0) as i32;
    let mut zones = Vec::new();
    for y in -1..=steps(south, north, height) {
        for x in -1..=steps(west, east, width) {
            let (lon, lat) = (west + f64::from(x) * width, south + f64::from(y) * height);
            zones.push(ZoneConfig {
                role: atalaya_model::operation::ZoneRole::Yard,
                id: format!("tile-{}", zones.len() + 1),
                name: String::new(),
                polygon: Some(vec![
                    [lon, lat],
                    [lon + width, lat],
                    [lon + width, lat + height],
                    [lon, lat + height],
                ]),
                drawn: None,
                exit_margin_m: 1.0,
                exit_after_s: 0.5,
                enter_after_s: 0.3,
                gap_s: 10.0,
            });
        }
    }
    operation.rules = zones
        .iter()
        .flat_map(|z| {
            [RuleKind::Arrival, RuleKind::Departure].map(|kind| Rule {
                id: format!("{kind:?}-{}", z.id).to_lowercase(),
                kind,
                zone: z.id.clone(),
                subject: Subject::Any,
                longer_than_s: None,
                p_at_least: None,
                near_m: None,
                within_s: None,
                source_zone: None,
                severity: Severity::Info,
            })
        })
        .collect();
    operation.site.zones = zones;
    operation.site.zones.len()
}

/// All rounds together.
#[derive(Default)]
struct Sum {
    samples: Vec<Duration>,
    alerts: u64,
    rounds: u32,
    frames: u64,
    analysed: u64,
    shed: u64,
    late: u64,
}

impl Sum {
    fn add(&mut self, summary: &LiveSummary) {
        self.rounds += 1;
        self.alerts += summary.alerts;
        self.samples.extend(summary.alert_latency.samples());
        for f in &summary.feeds {
            self.frames += f.frames;
            self.analysed += f.analysed;
            self.shed += f.shed;
            self.late += f.late + f.early;
        }
    }

    fn print(&mut self, context: &Context, tiles: usize, took: Duration, load_before: &str) {
        self.samples.sort();
        let at = |q: f64| {
            let rank = ((q * self.samples.len() as f64).ceil() as usize).max(1) - 1;
            match self.samples.get(rank) {
                Some(d) => format!("{:.0}", d.as_secs_f64() * 1e3),
                None => "-".into(),
            }
        };
        let feeds: Vec<String> = context
            .operation
            .feeds
            .iter()
            .map(|f| match f.analyse_fps {
                Some(fps) => format!("{} at {fps}/s", f.id),
                None => format!("{} whole", f.id),
            })
            .collect();
        println!(
            "Feeds: {}; {tiles} tiles of {TILE_M} m with a rule for coming and one for leaving; {} rounds at the recordings' own pace, {:.0} s; load average {load_before} before, {} after.",
            feeds.join(", "),
            self.rounds,
            took.as_secs_f64(),
            load()
        );
        println!();
        println!(
            "| samples | alerts | p50 ms | p90 ms | p99 ms | max ms | frames | analysed | shed | late or early | settings |"
        );
        println!("|---|---|---|---|---|---|---|---|---|---|---|");
        println!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} |",
            self.samples.len(),
            self.alerts,
            at(0.5),
            at(0.9),
            at(0.99),
            at(1.0),
            self.frames,
            self.analysed,
            self.shed,
            self.late,
            context.hash.get(..12).unwrap_or(&context.hash)
        );
    }
}

/// What else runs on this machine: the load average of the last minute.
fn load() -> String {
    std::fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|t| t.split(' ').next().map(str::to_owned))
        .unwrap_or_else(|| "unknown".into())
}

fn round(
    context: &Context,
    store: &Store,
    dir: &Path,
    world: &Path,
    feeds: &[String],
) -> Result<LiveSummary> {
    let options = LiveOptions {
        run: run_id("bench"),
        dir: dir.to_owned(),
        writer: store.writer(),
        bus: Bus::default(),
        queue: 8,
        landmarks: Landmarks::default(),
    };
    let stop = Stop::default();
    let over = AtomicBool::new(false);
    play(world, feeds, &stop, &over, |ready| {
        Ok(live::run(context, &options, &stop, ready)?)
    })
}
