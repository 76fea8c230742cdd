//! `atalaya replay`: a stored live run again.

use crate::commands::run::read_operation;
use crate::progress;
use anyhow::{Result, bail};
use atalaya_engine::live::replay;
use atalaya_engine::{Context, EngineSettings};
use std::path::{Path, PathBuf};

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The operation document the run was made with
    operation: PathBuf,
    /// The run's folder: STORE/segments/RUN, with admission.jsonl in it
    run: PathBuf,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let operation = read_operation(&a.operation)?;
    let base = a.operation.parent().unwrap_or(Path::new("."));
    let context = Context::new(operation, EngineSettings::default())?.with_reference(base)?;
    let bar = progress::bar(None, "replaying");
    let result = replay(&context, &a.run, |_, _| bar.inc(1))?;
    bar.finish_and_clear();
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
