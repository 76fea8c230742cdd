//! `atalaya replay`: a stored live run again.

use crate::commands::run::read_operation;
use crate::output::Output;
use crate::progress;
use anyhow::{Result, bail};
use atalaya_engine::live::replay;
use atalaya_engine::{Context, EngineSettings};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The operation document the run was made with
    operation: PathBuf,
    /// The run's folder: STORE/segments/RUN, with admission.jsonl in it
    run: PathBuf,
    /// Write the events as the live run said them, before their evidence was sealed: JSON Lines (event/1)
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let operation = read_operation(&a.operation)?;
    let base = a.operation.parent().unwrap_or(Path::new("."));
    let context = Context::new(operation, EngineSettings::default())?.with_reference(base)?;
    let bar = progress::bar(None, "replaying");
    let mut events = Vec::new();
    let result = replay(&context, &a.run, |_, passed| {
        if a.events.is_some() {
            events.extend(passed.events);
        }
        bar.inc(1);
    })?;
    bar.finish_and_clear();
    if let Some(path) = &a.events {
        let mut out = Output::open(Some(path))?;
        for e in &events {
            writeln!(out, "{}", serde_json::to_string(e)?)?;
        }
        out.finish()?;
    }
    match &result.live {
        Some(live) if *live == result.digest => {
            println!(
                "{}: {} frames, identical ({live})",
                a.run.display(),
                result.frames
            );
            Ok(())
        }
        Some(live) => bail!(
            "{}: {} frames, NOT identical: live {live}, replay {}; was the build or a segment changed?",
            a.run.display(),
            result.frames,
            result.digest
        ),
        None => {
            println!(
                "{}: {} frames; the live run was cut off, so that there is nothing to compare with",
                a.run.display(),
                result.frames
            );
            Ok(())
        }
    }
}
