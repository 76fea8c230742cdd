//! `atalaya activity`: positions and zones to events.

use crate::input::open;
use crate::output::Output;
use anyhow::{Context, Result, bail};
use atalaya_activity::sites::table::Beside;
use atalaya_activity::{Zone, geojson, sites, table};
use atalaya_geo::LocalPlane;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

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
    /// What was covered: CSV from,to,outline and, if known, p_person, p_vehicle. With it vehicles are followed over
    /// breaks, looks and cameras: unseen arrivals and departures, goods, returns, routine
    #[arg(long, value_name = "FILE", conflicts_with_all = ["composed", "late", "map"])]
    coverage: Option<PathBuf>,
    /// Ground sensors: CSV time,zone and, if known, p
    #[arg(long, value_name = "FILE", requires = "coverage")]
    cues: Option<PathBuf>,
    /// Emissions: CSV from,zone and, if known, p
    #[arg(long, value_name = "FILE", requires = "coverage")]
    emissions: Option<PathBuf>,
    /// Where the legs between sites go: CSV that `atalaya network` reads
    #[arg(long, value_name = "FILE", requires = "coverage")]
    flow: Option<PathBuf>,
    /// Where the pattern of life goes: CSV of rates by hour of the week
    #[arg(long, value_name = "FILE", requires = "coverage")]
    rates: Option<PathBuf>,
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
    if let Some(coverage) = &a.coverage {
        return over_time(a, coverage, &plane, zones);
    }
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

/// Days and weeks of a place.
fn over_time(a: &Args, coverage: &Path, plane: &LocalPlane, zones: Vec<Zone>) -> Result<()> {
    let beside = Beside {
        coverage: open(coverage)?,
        cues: a.cues.as_deref().map(open).transpose()?,
        emissions: a.emissions.as_deref().map(open).transpose()?,
    };
    let told = sites::table::events(open(&a.tracks)?, beside, plane, zones)?;
    let mut out = Output::open(a.out.as_deref())?;
    for e in &told.events {
        writeln!(out, "{}", serde_json::to_string(e)?)?;
    }
    out.finish()?;
    let save = |path: &Option<PathBuf>, text: String| match path {
        Some(p) => std::fs::write(p, text).with_context(|| p.display().to_string()),
        None => Ok(()),
    };
    save(&a.flow, told.sites.flow.csv())?;
    save(&a.rates, told.sites.routine.csv())?;
    for l in told.sites.routine.links.all() {
        eprintln!(
            "{}: {} followed by {} within {:.0} h, {} of {} times ({} by chance)",
            l.site,
            l.first.name(),
            l.then.name(),
            l.within_s / 3600.0,
            l.times,
            l.of,
            l.by_chance
        );
    }
    Ok(())
}
