//! `atalaya track --mot`: detections to tracks.

use crate::output::Output;
use anyhow::{Context, Result};
use atalaya_track::{BoxSettings, BoxTracker, mot};
use std::io::{Read, Write};
use std::path::PathBuf;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Detections as MOT rows: frame,id,x,y,w,h,score[,…]; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    mot: PathBuf,
    /// Frames per second of the rows
    #[arg(long, default_value_t = 30.0)]
    fps: f64,
    /// Score from which a detection begins a track; lower ones go on with it
    #[arg(long, value_name = "SCORE", default_value_t = BoxSettings::default().birth)]
    begin: f32,
    /// Mean score that a whole track needs
    #[arg(long, value_name = "SCORE", default_value_t = BoxSettings::default().mean_score)]
    mean: f32,
    /// Where the rows go [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    if !(0.01..=1000.0).contains(&a.fps) {
        anyhow::bail!("--fps {} is out of range; give 0.01 to 1000", a.fps);
    }
    let mut text = String::new();
    if a.mot.as_os_str() == "-" {
        std::io::stdin()
            .read_to_string(&mut text)
            .context("standard input is not UTF-8 text")?;
    } else {
        text = std::fs::read_to_string(&a.mot)
            .with_context(|| format!("can't read {}; check the path", a.mot.display()))?;
    }
    let frames = mot::parse(&text).with_context(|| a.mot.display().to_string())?;
    let settings = BoxSettings::default();
    let mut tracker = BoxTracker::new(BoxSettings {
        strong: settings.strong.min(a.begin),
        birth: a.begin,
        mean_score: a.mean,
        ..settings
    });
    let last = frames.keys().next_back().copied().unwrap_or(0);
    for frame in 1..=last {
        let found = frames.get(&frame).map_or(&[][..], Vec::as_slice);
        tracker.push(frame, frame as f64 / a.fps, found);
    }
    let rows = tracker.finish();
    let best = (frames.values().flatten())
        .map(|d| d.score)
        .fold(f32::NEG_INFINITY, f32::max);
    if rows.is_empty() && last > 0 {
        eprintln!(
            "no track: the highest score is {best}; --begin is {}, --mean {}",
            a.begin, a.mean
        );
    }
    let mut out = Output::open(a.out.as_deref())?;
    for r in &rows {
        writeln!(
            out,
            "{}",
            mot::track_row(r.frame, r.track, &r.bbox, r.score)
        )?;
    }
    out.finish()
}
