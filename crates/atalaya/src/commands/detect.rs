//! `atalaya detect`: what moves, in thermal pictures what is warm, or what a user's detector finds.

use crate::commands::learn;
use crate::commands::placed::Placer;
use crate::{frames, onnx, output::Output, progress};
use anyhow::{Context as _, Result, bail};
use atalaya_engine::EngineSettings;
use atalaya_model::{Attention, Detection, Frame, FrameReport, PixelBox, PlatformState};
use atalaya_track::{View, mot};
use atalaya_vision::chip::{Chip, Classifier, Look, Luma, Said};
use atalaya_vision::detector::Detector;
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
    /// A model of `atalaya learn`: says what boxes show, and drops those that show nothing
    #[arg(long, value_name = "MODEL")]
    classifier: Option<PathBuf>,
    /// A detector of your own in place of what moves: the manifest of an ONNX file (docs/detectors.md)
    #[arg(long, value_name = "MANIFEST", conflicts_with_all = ["classifier", "black_hot"])]
    detector: Option<PathBuf>,
    /// Let it look closer at so many places of a picture where something moves
    #[arg(long, value_name = "N", default_value_t = 0, requires = "detector", value_parser = clap::value_parser!(u8).range(0..=64))]
    tiles: u8,
    /// The library of the ONNX Runtime [default: $ORT_DYLIB_PATH, else libonnxruntime.so]
    #[arg(long, value_name = "LIB", requires = "detector")]
    onnxruntime: Option<PathBuf>,
    /// Most boxes of a picture: the surest are kept
    #[arg(long, value_name = "N", default_value_t = 200,
        value_parser = clap::value_parser!(u16).range(1..=1000))]
    boxes: u16,
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
    let classifier = match &a.classifier {
        Some(path) => Some(learn::load(path)?.0),
        None => None,
    };
    let mut detector = match &a.detector {
        Some(manifest) => Some(brought(a, manifest)?),
        None => None,
    };
    let bar = progress::bar(None, "detecting");
    let mut out = None;
    let mut vision = None;
    let mut polarity = None;
    let mut placer = Placer::default();
    let mut spent = Duration::ZERO;
    let (mut telling, mut told) = (Duration::ZERO, 0);
    let mut blind = Blind::default();
    let mut first_pts = None;
    let n = for_each(a, |frame, platform, timed| {
        let out = match &mut out {
            Some(o) => o,
            None => out.insert(Output::open(a.out.as_deref())?),
        };
        let start = Instant::now();
        let polarity = *polarity.get_or_insert_with(|| warm(a, frame));
        let mut report = FrameReport {
            frame: frame.id,
            ..FrameReport::default()
        };
        // A detector of one's own needs it for places to look closer at, and for the ground only.
        if detector.is_none() || a.tiles > 0 || a.format == Format::Jsonl {
            let vision = vision.get_or_insert_with(|| {
                let vision = Vision::new(VisionSettings::default(), Vec::new());
                match polarity {
                    Some(_) => vision.with_warm(polarity),
                    None => vision.with_links(),
                }
            });
            // By the stream's own time, so that both formats find the same.
            let first = *first_pts.get_or_insert(frame.pts_90k);
            let seen = match frame.pts_90k.zip(first) {
                Some((pts, first)) if a.format == Format::Jsonl && !a.path.is_dir() => Frame {
                    t: frames::of_ticks(pts - first),
                    ..frame.clone()
                },
                _ => frame.clone(),
            };
            report = vision.push(&seen, &Attention::default());
            blind.note(frame, &report);
        }
        if let Some(detector) = &mut detector {
            report.detections = look(detector, frame, report.detections, a.tiles)
                .with_context(|| format!("frame {}", frame.id))?;
        }
        surest(&mut report.detections, a.boxes.into());
        spent += start.elapsed();
        let placing = a.format == Format::Jsonl || classifier.is_some();
        let view = match placing {
            true => placer.view(frame, platform, &report),
            false => None,
        };
        let mut said = Vec::new();
        if let Some(model) = &classifier {
            let start = Instant::now();
            said = classify(model, frame, polarity, view.as_ref(), &mut report);
            told += said.len();
            telling += start.elapsed();
        }
        match a.format {
            Format::Mot => {
                for d in &report.detections {
                    writeln!(out, "{}", mot::detect_row(frame.id, d))?;
                }
            }
            Format::Jsonl => {
                for record in placer.records(frame, timed, view.as_ref(), &report, &said) {
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
    for line in blind.lines() {
        eprintln!("{}: {line}", a.path.display());
    }
    if a.format == Format::Jsonl
        && let Some(line) = placer.what_is_missing()
    {
        eprintln!("{}: {line}", a.path.display());
    }
    eprintln!(
        "{n} frames, {:.1} frames/s of vision, settings {}",
        n as f64 / spent.as_secs_f64().max(1e-9),
        EngineSettings::default().configuration()
    );
    if classifier.is_some() {
        eprintln!(
            "{told} boxes kept, {:.2} s of classifying",
            telling.as_secs_f64()
        );
    }
    Ok(())
}

/// The detector that the user brought.
fn brought(a: &Args, manifest: &Path) -> Result<Detector<onnx::Network>> {
    let said = a.onnxruntime.clone();
    let library = said.or_else(|| std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from));
    onnx::detector(manifest, library.as_deref())
}

/// What it finds, closer in where the surest of what moves is.
fn look(
    detector: &mut Detector<onnx::Network>,
    frame: &Frame,
    mut moving: Vec<Detection>,
    tiles: u8,
) -> Result<Vec<Detection>> {
    if tiles == 0 {
        return Ok(detector.detect(frame)?);
    }
    moving.sort_by(|a, b| b.score.total_cmp(&a.score));
    let cues: Vec<PixelBox> = moving.iter().map(|d| d.bbox).collect();
    Ok(detector.detect_about(frame, &cues, usize::from(tiles))?)
}

/// Says what each detection shows, and drops those that surely show nothing. Scores stay: multiplied by the
/// probability of something they rank better in simulated pictures and worse in real ones.
fn classify(
    model: &Classifier,
    frame: &Frame,
    polarity: Option<Polarity>,
    view: Option<&View>,
    report: &mut FrameReport,
) -> Vec<Option<Said>> {
    let Some(luma) = Luma::of(frame) else {
        return Vec::new();
    };
    let mut all = Vec::with_capacity(report.detections.len());
    report.detections.retain_mut(|d| {
        let look = Look {
            thermal: polarity.is_some(),
            black_hot: polarity == Some(Polarity::BlackHot),
            metres_per_px: view.and_then(|v| learn::metres_per_px(v, &d.bbox)),
        };
        let said = Chip::cut(&luma, &d.bbox, &look).map(|c| model.tell(&c));
        if said.is_some_and(|s| s.nothing) {
            return false;
        }
        if let Some(s) = said {
            d.class = s.thing.0.class();
        }
        all.push(said);
        true
    });
    all
}

/// Frames in which nothing could be seen to move, whatever did.
#[derive(Default)]
struct Blind {
    frames: u64,
    unregistered: u64,
    frozen: u64,
    before: Vec<u8>,
}

impl Blind {
    fn note(&mut self, frame: &Frame, report: &FrameReport) {
        // One byte in a thousand tells a picture from the next, as every camera has noise.
        let luma = frame.luma().map_or(&[][..], |(bytes, _)| bytes);
        let now: Vec<u8> = luma.iter().step_by(997).copied().collect();
        if self.frames > 0 {
            if report.registration.is_none() {
                self.unregistered += 1;
            } else if now == self.before {
                self.frozen += 1;
            }
        }
        self.before = now;
        self.frames += 1;
    }

    /// What has to be known before an empty file is believed.
    fn lines(&self) -> Vec<String> {
        let (n, all) = (self.unregistered, self.frames);
        let mut lines = Vec::new();
        if n > 0 {
            lines.push(format!(
                "{n} of {all} pictures could not be laid over the one before (too small, without texture, \
                 or another scene); nothing was looked for in them"
            ));
        }
        if self.frozen > 0 {
            let n = self.frozen;
            lines.push(format!(
                "{n} of {all} pictures are the same as the one before; the video stands still there"
            ));
        }
        lines
    }
}

/// Keeps the `most` of highest score, in the order they have.
fn surest(found: &mut Vec<Detection>, most: usize) {
    if found.len() > most {
        let mut scores: Vec<f32> = found.iter().map(|d| d.score).collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        let (least, mut left) = (scores[most], most);
        // Of equal ones the first.
        let above = found.iter().filter(|d| d.score > least).count();
        left -= above;
        found.retain(|d| {
            let equal = d.score == least && left > 0;
            left -= usize::from(equal);
            equal || d.score > least
        });
    }
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
    if (a.format == Format::Mot && a.classifier.is_none()) || a.path.is_dir() {
        return frames::for_each(&a.path, |frame| each(&frame, None, false));
    }
    frames::for_each_placed(&a.path, |frame, platform, timed| {
        each(&frame, platform, timed)
    })
}
