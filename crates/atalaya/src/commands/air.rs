//! `atalaya air`: what aircraft broadcast of themselves, how far it is believed, and who turns around a
//! place.

use crate::input;
use crate::output::{Output, quiet_pipe};
use anyhow::{Context as _, Result, bail};
use atalaya_feeds::air::read::Recording;
use atalaya_feeds::air::{AirEvent, AirPicture};
use atalaya_model::Micros;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;

/// Largest recording that is read, bytes.
const LARGEST: u64 = 1 << 30;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A recording: JSON (dump1090, readsb, or rows with timestamp, icao24, latitude, longitude, …),
    /// BaseStation lines (SBS) or Beast frames; gzip accepted; - for standard input
    file: PathBuf,
    /// When the first frame of a Beast recording was received (RFC 3339): its counter knows no date
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// Write here instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let name = a.file.display();
    let mut bytes = Vec::new();
    input::open(&a.file)?
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("can't read {name}"))?;
    if bytes.len() as u64 > LARGEST {
        bail!("{name} is larger than 1 GiB; cut it by time");
    }
    let start = a.start.as_deref().map(|text| {
        Micros::parse_rfc3339(text)
            .with_context(|| format!("--start {text} is not a time; write 2026-11-22T05:00:00Z"))
    });
    let recording =
        Recording::read(&bytes, start.transpose()?).map_err(|e| anyhow::anyhow!("{name}: {e}"))?;
    let mut picture = AirPicture::default();
    let mut events = Vec::new();
    let mut heard = BTreeSet::new();
    for r in &recording.reports {
        heard.insert(r.address.as_str());
        picture.push(r, &mut events);
    }
    let late = picture.late;
    picture.finish(&mut events);
    let mut out = Output::open(a.out.as_deref())?;
    for e in &events {
        if let Err(e) = writeln!(out, "{}", line(e)) {
            return quiet_pipe(e).context("standard output");
        }
    }
    out.finish()?;
    let doubted: BTreeSet<&str> = events
        .iter()
        .filter_map(|e| match e {
            AirEvent::Doubted { address, .. } => Some(address.as_str()),
            AirEvent::Loitered { .. } => None,
        })
        .collect();
    eprintln!(
        "{} reports of {} aircraft, {} of them doubted, {} stays; {} records without a place, {late} too late, {} unusable{}",
        recording.reports.len(),
        heard.len(),
        doubted.len(),
        events
            .iter()
            .filter(|e| matches!(e, AirEvent::Loitered { .. }))
            .count(),
        recording.placeless,
        recording.malformed,
        recording
            .fault
            .map(|f| format!(" ({f})"))
            .unwrap_or_default(),
    );
    Ok(())
}

fn line(e: &AirEvent) -> Value {
    match e {
        AirEvent::Doubted {
            address,
            t,
            doubt,
            reason,
        } => json!({
            "schema": "air/1", "kind": "doubt", "aircraft": address, "time": t.to_rfc3339(),
            "doubt": doubt.name(), "reason": reason,
        }),
        AirEvent::Loitered {
            address,
            loiter: l,
            doubted,
        } => {
            let round = |v: f64, by: f64| (v * by).round() / by;
            json!({
                "schema": "air/1", "kind": "loiter", "aircraft": address, "time": l.from.to_rfc3339(),
                "time_end": l.until.to_rfc3339(), "lat": round(l.lon_lat[1], 1e5),
                "lon": round(l.lon_lat[0], 1e5), "radius_m": l.radius_m.round(),
                "turns": round(l.turns, 10.0), "believed": !doubted,
            })
        }
    }
}
