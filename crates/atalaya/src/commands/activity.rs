//! `atalaya activity`: positions and zones to events.

use crate::input::open;
use crate::output::Output;
use anyhow::{Context, Result, bail};
use atalaya_activity::{geojson, table};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Positions: CSV with a header time,id,lat,lon and, if known, class and sigma_m; gzip accepted; `-` reads
    /// standard input
    #[arg(long, value_name = "FILE")]
    tracks: PathBuf,
    /// Zones: GeoJSON FeatureCollection of Polygons, or Points with radius_m
    #[arg(long, value_name = "FILE")]
    zones: PathBuf,
    /// Other names of columns, as time=t_utc,id=who
    #[arg(long, value_name = "OURS=THEIRS,…", value_delimiter = ',')]
    map: Vec<String>,
    /// Composed events, too: stops, starts, turns, getting in and out, drop-off, pick-up, meeting, convoy,
    /// turning away
    #[arg(long)]
    composed: bool,
    /// Read a stream whose rows are late by at most so long: events are written as soon as they are known, not
    /// at the end, and memory is bounded; what is later is left out and counted
    #[arg(long, value_name = "SECONDS", value_parser = late)]
    late: Option<f64>,
    /// Where the events go [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

const COLUMNS: [&str; 6] = ["time", "id", "lat", "lon", "class", "sigma_m"];

/// Longest window for what is late, seconds.
const LATE_S: f64 = 3600.0;

fn late(text: &str) -> Result<f64, String> {
    let seconds = text.strip_suffix('s').unwrap_or(text).trim().parse::<f64>();
    match seconds {
        Ok(s) if (0.0..=LATE_S).contains(&s) => Ok(s),
        _ => Err(format!("give 0 to {LATE_S} seconds, such as 5 or 5s")),
    }
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let mut map = BTreeMap::new();
    for pair in &a.map {
        match pair.split_once('=') {
            Some((ours, theirs)) if COLUMNS.contains(&ours.trim()) => {
                map.insert(ours.trim().to_owned(), theirs.trim().to_owned());
            }
            _ => bail!(
                "--map '{pair}' is not OURS=THEIRS with one of {}",
                COLUMNS.join(", ")
            ),
        }
    }
    let text = std::fs::read_to_string(&a.zones)
        .with_context(|| format!("can't read {}; check the path", a.zones.display()))?;
    let (plane, zones) = geojson::zones(&text).with_context(|| a.zones.display().to_string())?;
    let options = table::Options {
        map,
        composed: a.composed,
        late_s: a.late,
    };
    let mut out = Output::open(a.out.as_deref())?;
    let counts = table::run(open(&a.tracks)?, &options, &plane, zones, |e| {
        serde_json::to_writer(&mut out, &e)?;
        out.write_all(b"\n")?;
        // A stream's reader waits for each event.
        if a.late.is_some() {
            out.flush()
        } else {
            Ok(())
        }
    })
    .with_context(|| a.tracks.display().to_string())?;
    if counts.late > 0 {
        eprintln!(
            "activity: {} of {} rows came later than the window of {} s and were left out",
            counts.late,
            counts.rows,
            a.late.unwrap_or_default()
        );
    }
    out.finish()
}
