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
    /// Positions: CSV with a header time,id,lat,lon; gzip accepted; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    tracks: PathBuf,
    /// Zones: GeoJSON FeatureCollection of Polygons, or Points with radius_m
    #[arg(long, value_name = "FILE")]
    zones: PathBuf,
    /// Other names of columns, as time=t_utc,id=who
    #[arg(long, value_name = "OURS=THEIRS,…", value_delimiter = ',')]
    map: Vec<String>,
    /// Where the events go [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

const COLUMNS: [&str; 4] = ["time", "id", "lat", "lon"];

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
    let events = table::events(open(&a.tracks)?, &map, &plane, zones)
        .with_context(|| a.tracks.display().to_string())?;
    let mut out = Output::open(a.out.as_deref())?;
    for e in &events {
        writeln!(out, "{}", serde_json::to_string(e)?)?;
    }
    out.finish()
}
