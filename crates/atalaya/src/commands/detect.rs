//! `atalaya detect`: what moves, and in thermal pictures what is warm.

use crate::commands::placed::Placer;
use crate::{frames, output::Output, progress};
use anyhow::{Result, bail};
use atalaya_feeds::{Fmv, FmvOptions, TimeSource, Unit};
use atalaya_model::{Attention, Frame, Micros, PlatformState};
use atalaya_track::mot;
use atalaya_vision::{Polarity, Vision, VisionSettings};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A video, or a folder of pictures
    path: PathBuf,
    /// The camera; without it pictures without any colour are taken for those of a thermal one
    #[arg(long, value_enum)]
    sensor: Option<Sensor>,
    /// The pictures are thermal ones, and warm is dark in them
    #[arg(long)]
    black_hot: bool,
    /// MOT rows, or a JSON record for each detection with place, covariance and appearance
    #[arg(long, value_enum, default_value_t = Format::Mot)]
    format: Format,
    /// Where the rows go [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// What is written.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Mot,
    Jsonl,
}

/// The camera.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Sensor {
    /// Visible light
    Eo,
    /// Thermal
    Ir,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    if a.black_hot && a.sensor == Some(Sensor::Eo) {
        bail!("--black-hot is for thermal pictures; leave it or --sensor eo out");
    }
    let bar = progress::bar(None, "detecting");
    let mut out = None;
    let mut vision = None;
    let mut placer = Placer::default();
    let mut spent = Duration::ZERO;
    let n = for_each(a, |frame, platform, timed| {
        let out = match &mut out {
            Some(o) => o,
            None => out.insert(Output::open(a.out.as_deref())?),
        };
        let start = Instant::now();
        let vision = vision.get_or_insert_with(|| {
            Vision::new(VisionSettings::default(), Vec::new()).with_warm(warm(a, frame))
        });
        let report = vision.push(frame, &Attention::default());
        spent += start.elapsed();
        match a.format {
            Format::Mot => {
                for d in &report.detections {
                    writeln!(out, "{}", mot::detect_row(frame.id, d))?;
                }
            }
            Format::Jsonl => {
                for record in placer.records(frame, timed, platform, &report) {
                    writeln!(out, "{}", serde_json::to_string(&record)?)?;
                }
            }
        }
        bar.inc(1);
        Ok(())
    })?;
    bar.finish_and_clear();
    if let Some(out) = out {
        out.finish()?;
    }
    if a.format == Format::Jsonl
        && let Some(line) = placer.what_is_missing()
    {
        eprintln!("{}: {line}", a.path.display());
    }
    eprintln!(
        "{n} frames, {:.1} frames/s of vision",
        n as f64 / spent.as_secs_f64().max(1e-9)
    );
    Ok(())
}

/// How warm things look, where the pictures are thermal.
fn warm(a: &Args, first: &Frame) -> Option<Polarity> {
    if a.black_hot {
        return Some(Polarity::BlackHot);
    }
    let thermal = match a.sensor {
        Some(sensor) => sensor == Sensor::Ir,
        None => first.is_grey(),
    };
    if thermal && a.sensor.is_none() {
        eprintln!(
            "{}: the pictures have no colour and are taken for thermal ones; --sensor eo if not",
            a.path.display()
        );
    }
    thermal.then_some(Polarity::WhiteHot)
}

/// Calls `each` with every picture, its metadata, and whether its time is of this world.
fn for_each(
    a: &Args,
    mut each: impl FnMut(&Frame, Option<&PlatformState>, bool) -> Result<()>,
) -> Result<u64> {
    if a.format == Format::Mot || a.path.is_dir() {
        return frames::for_each(&a.path, |frame| each(&frame, None, false));
    }
    with_metadata(&a.path, |frame, platform, timed| {
        each(&frame, platform, timed)
    })
}

fn with_metadata(
    path: &Path,
    mut each: impl FnMut(Frame, Option<&PlatformState>, bool) -> Result<()>,
) -> Result<u64> {
    let options = FmvOptions {
        start: Some(Micros(0)),
        hash_file: false,
        ..FmvOptions::default()
    };
    let mut fmv = Fmv::file(path, options)?;
    let mut n = 0;
    while let Some(unit) = fmv.next_unit()? {
        if let Unit::Frame(f) = unit {
            n += 1;
            let timed = f.time_source == TimeSource::Metadata;
            each(f.frame, f.platform.as_ref(), timed)?;
        }
    }
    if n == 0 {
        // The same words as for MOT rows.
        return frames::for_each(path, |_| Ok(()));
    }
    Ok(n)
}
