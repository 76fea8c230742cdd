//! `atalaya run`: an operation over recordings.

use crate::{progress, report};
use anyhow::{Context as _, Result, bail};
use atalaya_engine::recording::{self, RunOptions};
use atalaya_engine::watching::Armed;
use atalaya_engine::{Context, EngineSettings};
use atalaya_model::Operation;
use std::path::{Path, PathBuf};

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The operation document
    operation: PathBuf,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A watch document whose alerts come beside those of the operation's rules
    #[arg(long, value_name = "FILE")]
    watch: Option<PathBuf>,
    /// Event seconds per second, or max
    #[arg(long, default_value = "max", value_name = "max|N")]
    speed: String,
    /// Language of the report
    #[arg(long, value_enum, default_value_t = Language::En)]
    language: Language,
    /// Use deliberately weak detection and tracking (to see that scores fall with them)
    #[arg(long, hide = true)]
    weakened: bool,
}

/// Languages of reports.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Language {
    /// English
    En,
    /// Spanish
    Es,
}

impl From<Language> for atalaya_exchange::report::Language {
    fn from(l: Language) -> Self {
        match l {
            Language::En => Self::En,
            Language::Es => Self::Es,
        }
    }
}

/// Reads an operation document.
pub fn read_operation(path: &Path) -> Result<Operation> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("can't read {}; check the path", path.display()))?;
    Ok(Operation::parse(&path.display().to_string(), &text)?)
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let speed = match a.speed.as_str() {
        "max" => None,
        n => match n.parse::<f64>() {
            Ok(v) if v > 0.0 && v <= 1000.0 => Some(v),
            _ => bail!("--speed '{n}' is not max or a number from 0 to 1000"),
        },
    };
    let operation = read_operation(&a.operation)?;
    let settings = if a.weakened {
        EngineSettings::weakened()
    } else {
        EngineSettings::default()
    };
    let base = a.operation.parent().unwrap_or(Path::new("."));
    let armed = match &a.watch {
        None => None,
        Some(path) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("can't read {name}; check the path"))?;
            Some(Armed::new(&name, &text, &operation, Vec::new())?)
        }
    };
    let context = Context::new(operation, settings)?
        .with_reference(base)?
        .with_watch(armed);
    let bar = progress::bar(None, "analysing");
    let start = std::time::Instant::now();
    let result = recording::run(&context, base, &a.out, &RunOptions { speed }, &mut |n| {
        bar.set_position(n);
    })?;
    bar.finish_and_clear();
    report::write(&context, base, &a.out, &result, a.language.into())?;
    let s = &result.summary;
    let frames: u64 = s.feeds.iter().map(|f| f.analysed).sum();
    eprintln!(
        "{}: {frames} frames analysed, {:.1} a second; {} tracks, {} events, {} alerts; settings {}",
        a.out.display(),
        frames as f64 / start.elapsed().as_secs_f64().max(1e-9),
        s.tracks,
        result.events.len(),
        s.alerts,
        s.configuration
    );
    for remark in &s.remarks {
        eprintln!("note: {remark}");
    }
    Ok(())
}
