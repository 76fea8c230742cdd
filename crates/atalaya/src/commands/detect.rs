//! `atalaya detect`: what moves.

use crate::{frames, output::Output, progress};
use anyhow::Result;
use atalaya_model::Attention;
use atalaya_track::mot;
use atalaya_vision::{Vision, VisionSettings};
use std::io::Write;
use std::path::PathBuf;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A video, or a folder of pictures
    path: PathBuf,
    /// Where the rows go [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let bar = progress::bar(None, "detecting");
    let mut out = None;
    let mut vision = Vision::new(VisionSettings::default(), Vec::new());
    let mut spent = std::time::Duration::ZERO;
    let n = frames::for_each(&a.path, |frame| {
        let out = match &mut out {
            Some(o) => o,
            None => out.insert(Output::open(a.out.as_deref())?),
        };
        let start = std::time::Instant::now();
        let report = vision.push(&frame, &Attention::default());
        spent += start.elapsed();
        for d in &report.detections {
            writeln!(out, "{}", mot::detect_row(frame.id, d))?;
        }
        bar.inc(1);
        Ok(())
    })?;
    bar.finish_and_clear();
    if let Some(out) = out {
        out.finish()?;
    }
    eprintln!(
        "{n} frames, {:.1} frames/s of vision",
        n as f64 / spent.as_secs_f64().max(1e-9)
    );
    Ok(())
}
