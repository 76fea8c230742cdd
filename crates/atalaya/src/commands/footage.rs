//! `atalaya footage`: which recorded video saw a place, and a clip of it.

use crate::commands::run::read_operation;
use crate::output::{Output, Part};
use crate::sign_in::sign_in;
use anyhow::{Context as _, Result, bail};
use atalaya_authority::access::Action;
use atalaya_engine::clip::{self, Wanted};
use atalaya_engine::footage::footage;
use atalaya_model::Micros;
use atalaya_store::Store;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
    /// Folder of the store
    #[arg(
        long,
        default_value = ".atalaya/store",
        value_name = "DIR",
        global = true
    )]
    dir: PathBuf,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Say when a place was seen, by which feed and how well: one JSON object for each stretch of time
    Find {
        /// Latitude and longitude, degrees
        #[arg(long, value_name = "LAT,LON", allow_hyphen_values = true)]
        place: String,
        /// First moment, as 2026-05-01T10:00:00Z [default: all]
        #[arg(long, value_name = "UTC")]
        from: Option<String>,
        /// Last moment
        #[arg(long, value_name = "UTC")]
        to: Option<String>,
        /// Only of this feed
        #[arg(long, value_name = "ID")]
        feed: Option<String>,
    },
    /// Cut a clip: the recorded pictures and metadata between two moments, not coded again. Who made it
    /// stands in the log of acts
    Clip {
        /// The operation document, whose no-look areas hold for clips too
        operation: PathBuf,
        /// The feed
        #[arg(long, value_name = "ID")]
        feed: String,
        /// First moment, as 2026-05-01T10:00:00Z; the clip begins with the key frame at or before it
        #[arg(long, value_name = "UTC")]
        from: String,
        /// Last moment
        #[arg(long, value_name = "UTC")]
        to: String,
        /// The run, where several recorded the same time [default: the latest]
        #[arg(long, value_name = "RUN")]
        run: Option<String>,
        /// Who makes it; with accounts the password is read from standard input
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Where it goes (.ts); what it was cut from stands beside it, in FILE.json
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("can't start")?;
    runtime.block_on(async {
        let store = crate::input::store(&a.dir).await?;
        let done = act(a, &store).await;
        store.close().await;
        done
    })
}

async fn act(a: &Args, store: &Store) -> Result<()> {
    match &a.command {
        Command::Find {
            place,
            from,
            to,
            feed,
        } => {
            let place = parse_place(place)?;
            let from = from
                .as_deref()
                .map_or(Ok(Micros::MIN), |t| time("--from", t))?;
            let to = to.as_deref().map_or(Ok(Micros::MAX), |t| time("--to", t))?;
            let found = footage(store, place, (from, to), feed.as_deref()).await?;
            let mut out = Output::open(None)?;
            for stretch in &found {
                let mut record = serde_json::to_value(stretch)?;
                record["schema"] = "footage/1".into();
                writeln!(out, "{record}")?;
            }
            out.finish()?;
            eprintln!(
                "{} stretches of video saw {}, {}",
                found.len(),
                place[1],
                place[0]
            );
            Ok(())
        }
        Command::Clip {
            operation,
            feed,
            from,
            to,
            run,
            by,
            out,
        } => {
            let operation = read_operation(operation)?;
            let (from, to) = (time("--from", from)?, time("--to", to)?);
            if from >= to {
                bail!("--from is not before --to");
            }
            let who = sign_in(store, by, Action::Look).await?;
            let what = out.display().to_string();
            let (file, part) = Part::create(out)?;
            let sink = Box::new(BufWriter::with_capacity(1 << 16, file));
            let wanted = Wanted {
                feed,
                run: run.as_deref(),
                span: (from, to),
            };
            let cut = match clip::cut(store, &operation, &who, wanted, sink, &what).await {
                Ok(cut) => cut,
                Err(e) => {
                    part.discard();
                    return Err(e.into());
                }
            };
            let made = cut.clip;
            part.keep()?;
            let mut beside = out.clone().into_os_string();
            beside.push(".json");
            let mut record = serde_json::to_value(&made)?;
            record["schema"] = "clip/1".into();
            record["feed"] = feed.as_str().into();
            record["run"] = cut.run.into();
            std::fs::write(&beside, format!("{record:#}\n"))
                .with_context(|| format!("can't write {}", PathBuf::from(&beside).display()))?;
            if made.cut_short {
                eprintln!(
                    "{what}: the recording has a gap after {}; the clip ends there",
                    made.to.to_rfc3339()
                );
            }
            eprintln!(
                "{what}: {} pictures, {} units of metadata, {} to {}",
                made.pictures,
                made.metadata,
                made.from.to_rfc3339(),
                made.to.to_rfc3339()
            );
            Ok(())
        }
    }
}

fn time(option: &str, text: &str) -> Result<Micros> {
    Micros::parse_rfc3339(text)
        .with_context(|| format!("{option} {text} is no time; write 2026-05-01T10:00:00Z"))
}

/// Longitude and latitude.
fn parse_place(text: &str) -> Result<[f64; 2]> {
    let pair = text.split_once(',').and_then(|(lat, lon)| {
        let (lat, lon): (f64, f64) = (lat.trim().parse().ok()?, lon.trim().parse().ok()?);
        (lat.abs() <= 90.0 && lon.abs() <= 180.0).then_some([lon, lat])
    });
    pair.with_context(|| {
        format!(
            "--place {text} is no place; write latitude,longitude in degrees, such as 40.01,-3.5"
        )
    })
}
