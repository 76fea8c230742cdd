//! `atalaya track --mot`: detections to tracks.

use crate::output::Output;
use anyhow::{Context, Result};
use atalaya_geo::{Geodetic, Homography, LocalFrame};
use atalaya_model::operation::SensorErrors;
use atalaya_model::{FeedIx, FrameReport, Micros, Registration};
use atalaya_track::{TrackInput, TrackSettings, Tracker, mot};
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
    let size = frames.values().flatten().fold((1f32, 1f32), |s, d| {
        (s.0.max(d.bbox.x + d.bbox.w), s.1.max(d.bbox.y + d.bbox.h))
    });
    let size = (size.0.ceil() as u32, size.1.ceil() as u32);
    let still = Registration {
        to_previous: Homography::identity(),
        inliers: 1.0,
        rms_px: 0.0,
    };
    let mut tracker = Tracker::new(
        TrackSettings::given_detections(),
        FeedIx(0),
        SensorErrors::default(),
        LocalFrame::new(Geodetic::from_degrees(0.0, 0.0, 0.0)),
    );
    let mut out = Output::open(a.out.as_deref())?;
    let last = frames.keys().next_back().copied().unwrap_or(0);
    for frame in 1..=last {
        let found = tracker.push(&TrackInput {
            t: Micros::from_secs(frame as f64 / a.fps),
            size,
            pointing: None,
            report: FrameReport {
                frame,
                registration: Some(still),
                detections: frames.get(&frame).cloned().unwrap_or_default(),
                ..FrameReport::default()
            },
        });
        for p in found.points.iter().filter(|p| p.state.is_observed()) {
            writeln!(out, "{}", mot::track_row(frame, p.track.n, &p.bbox, p.p))?;
        }
    }
    out.finish()
}
