//! `atalaya learn`: labelled chips to a classifier, its score, chips of videos, and what must go.

mod boxes;
mod cut;
mod folder;
mod print;
mod purge;
mod sample;
mod video;

use crate::output::Output;
use anyhow::{Context as _, Result, bail};
use atalaya_geo::Vector2;
use atalaya_model::{Micros, PixelBox};
use atalaya_track::View;
use atalaya_vision::chip::{
    Checked, Classifier, Example, Label, Source, SourceKind, TrainOptions, train as fit,
};
use sample::{Sample, Variations};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;
use video::Video;

/// What to do.
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    /// Train a classifier on chips, calibrate it, and write a model file
    Train(Train),
    /// Say how well a model does on chips that it was not trained on
    Score(ScoreArgs),
    /// Cut chips out of a video with known boxes: a folder to train on
    Cut(cut::Args),
    /// Delete chips whose time is over, or of an operation, and every model that rests on them
    Purge(purge::Args),
}

/// Arguments of training.
#[derive(clap::Args, Debug)]
pub struct Train {
    /// A folder of chips with manifest.jsonl; may be given again
    #[arg(long, value_name = "DIR")]
    chips: Vec<PathBuf>,
    /// A world of `atalaya sim compound`; may be given again
    #[arg(long, value_name = "DIR")]
    world: Vec<PathBuf>,
    /// Score only: a video with its boxes, or a simulated world; may be given again
    #[arg(long, value_name = "VIDEO,BOXES[,CLASS]|DIR")]
    check: Vec<String>,
    /// Score only: a folder of chips; may be given again
    #[arg(long, value_name = "DIR")]
    check_chips: Vec<PathBuf>,
    /// Everything that looks random follows from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Times that each chip is seen
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=1000))]
    epochs: u16,
    /// Hidden units
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=512))]
    hidden: u16,
    /// Variations of each chip
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(0..=20))]
    vary: u8,
    /// Where each chip's place, size and label go, for other programs: CSV
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
    /// The model
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Arguments of scoring.
#[derive(clap::Args, Debug)]
pub struct ScoreArgs {
    /// The model
    model: PathBuf,
    /// A video with its boxes, or a simulated world; may be given again
    #[arg(long, value_name = "VIDEO,BOXES[,CLASS]|DIR")]
    check: Vec<String>,
    /// A folder of chips; may be given again
    #[arg(long, value_name = "DIR")]
    check_chips: Vec<PathBuf>,
    /// Where each chip's place, size, label and probabilities go: CSV
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
}

/// Runs it.
pub fn run(c: &Command) -> Result<()> {
    match c {
        Command::Train(a) => train(a),
        Command::Score(a) => score(a),
        Command::Cut(a) => cut::run(a),
        Command::Purge(a) => purge::run(a),
    }
}

/// A model that may be used today, and its hash.
pub fn load(path: &Path) -> Result<(Classifier, String)> {
    let bytes = std::fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    let (model, hash) =
        Classifier::from_file(&bytes).with_context(|| path.display().to_string())?;
    if model.expired(today()) {
        bail!(
            "{}: rests on chips that had to be deleted by {}; learn it anew without them",
            path.display(),
            model.card.delete_by.unwrap_or_default()
        );
    }
    Ok((model, hash))
}

/// Wall time: what has to be deleted when is a matter of the calendar.
fn today() -> Micros {
    crate::station::now()
}

/// Metres across a pixel where a thing in a box stands, across the line of sight.
pub fn metres_per_px(view: &View, b: &PixelBox) -> Option<f32> {
    let (cx, cy) = b.centre();
    let j = view
        .map
        .jacobian(Vector2::new(f64::from(cx), f64::from(cy)))?;
    let across = j.singular_values().min();
    (across.is_finite() && across > 1e-4 && across < 100.0).then_some(across as f32)
}

fn train(a: &Train) -> Result<()> {
    let vary = Variations(usize::from(a.vary));
    let (mut samples, mut sources, mut retained) = (Vec::new(), Vec::new(), Vec::new());
    let start = Instant::now();
    for dir in &a.world {
        for v in video::of_world(dir)? {
            eprintln!("{}: cutting chips", v.name);
            let all = v.samples(sources.len(), vary, a.seed)?;
            sources.push(source(&v, &all)?);
            samples.extend(all);
        }
    }
    for dir in &a.chips {
        let (s, from, keep) = folder::samples(dir, vary, a.seed, today())?;
        samples.extend(s);
        sources.extend(from);
        retained.extend(keep);
    }
    if samples.is_empty() {
        bail!("no chips; give folders by --chips, or simulated worlds by --world");
    }
    if let Some(path) = &a.rows {
        rows(path, &samples, None)?;
    }
    let cut_s = start.elapsed().as_secs_f64();
    eprintln!("{} chips cut in {cut_s:.0} s; learning", samples.len());
    let start = Instant::now();
    let examples: Vec<Example> = samples.into_iter().map(|s| s.example).collect();
    let mut model = fit(
        &examples,
        &TrainOptions {
            seed: a.seed,
            epochs: usize::from(a.epochs),
            hidden: usize::from(a.hidden),
            ..TrainOptions::default()
        },
    )?;
    drop(examples);
    eprintln!("learnt in {:.0} s", start.elapsed().as_secs_f64());
    retained.sort();
    retained.dedup();
    model.card.sources = sources;
    model.card.delete_by = retained.iter().map(|r| r.delete_by).min();
    model.card.retained = retained;
    let mut checked = Vec::new();
    for (name, kind, s) in checks(&a.check, &a.check_chips)? {
        if model.card.sources.iter().any(|o| o.sha256 == s.1) {
            bail!("{name}: was trained on, and can't be a check; take it out of one");
        }
        let examples: Vec<Example> = s.0.into_iter().map(|s| s.example).collect();
        let score = model.score(&examples);
        checked.push(Checked { name, kind, score });
    }
    model.card.checked = checked;
    let (bytes, hash) = model.to_file();
    let mut out = Output::open(Some(&a.out))?;
    out.write_all(&bytes)?;
    out.finish()?;
    print::card(&model, &hash)
}

fn source(v: &Video, samples: &[Sample]) -> Result<Source> {
    Ok(Source {
        name: v.name.clone(),
        kind: v.kind,
        licence: "made by atalaya sim".into(),
        sha256: video::hash(&v.path)?,
        chips: video::count(samples),
    })
}

type Check = (String, SourceKind, (Vec<Sample>, String));

/// Chips for scoring only, with the hash of where they are from.
fn checks(videos: &[String], folders: &[PathBuf]) -> Result<Vec<Check>> {
    let mut all = Vec::new();
    for text in videos {
        for v in video::of_check(text)? {
            eprintln!("{}: cutting chips", v.name);
            let s = v.samples(0, Variations(0), 1)?;
            all.push((v.name.clone(), v.kind, (s, video::hash(&v.path)?)));
        }
    }
    for dir in folders {
        let (mut samples, sources, _) = folder::samples(dir, Variations(0), 1, today())?;
        for from in sources {
            let (mine, rest) = samples.into_iter().partition(|s| s.source == from.name);
            samples = rest;
            all.push((from.name, from.kind, (mine, from.sha256)));
        }
    }
    Ok(all)
}

fn score(a: &ScoreArgs) -> Result<()> {
    let (model, hash) = load(&a.model)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "model {hash}")?;
    let mut told = Vec::new();
    for (name, kind, (samples, _)) in checks(&a.check, &a.check_chips)? {
        let examples: Vec<Example> = samples.iter().map(|s| s.example.clone()).collect();
        print::score(&mut out, &name, kind, &model.score(&examples))?;
        told.extend(samples);
    }
    if told.is_empty() {
        bail!("nothing to score; give --check or --check-chips");
    }
    if let Some(path) = &a.rows {
        rows(path, &told, Some(&model))?;
    }
    Ok(())
}

/// `source,frame,x,y,w,h,label[,said,p of each label]`, variations left out.
fn rows(path: &Path, samples: &[Sample], model: Option<&Classifier>) -> Result<()> {
    let mut out = Output::open(Some(path))?;
    write!(out, "source,frame,x,y,w,h,label")?;
    if model.is_some() {
        write!(out, ",said")?;
        for l in Label::ALL {
            write!(out, ",p_{}", l.name())?;
        }
    }
    writeln!(out)?;
    for s in samples.iter().filter(|s| !s.example.varied) {
        let PixelBox { x, y, w, h } = s.bbox;
        let name = s.source.replace(',', " ");
        let label = s.example.label.name();
        write!(
            out,
            "{name},{},{x:.2},{y:.2},{w:.2},{h:.2},{label}",
            s.frame
        )?;
        if let Some(m) = model {
            let said = m.tell(&s.example.chip);
            write!(out, ",{}", said.best().0.name())?;
            for p in said.p {
                write!(out, ",{p:.4}")?;
            }
        }
        writeln!(out)?;
    }
    out.finish()
}

/// Chips by label, on one line.
fn counts(all: &BTreeMap<Label, u64>) -> String {
    let each: Vec<String> = all
        .iter()
        .map(|(l, n)| format!("{} {n}", l.name()))
        .collect();
    each.join(", ")
}
