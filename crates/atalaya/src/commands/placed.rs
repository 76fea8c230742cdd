//! Detections with their place on the ground and their look, as `detection/1` records.

use atalaya_engine::context::pointing;
use atalaya_geo::{Cov2, Geodetic, LocalFrame, Vector2, Vector3};
use atalaya_model::operation::SensorErrors;
use atalaya_model::{Detection, Frame, FrameReport, PixelBox, PixelFormat, PlatformState};
use atalaya_track::{GroundView, Seen, TrackSettings, View};
use atalaya_vision::chip::{Label, Said};
use serde::Serialize;
use std::collections::BTreeMap;

/// One sigma of a box's edge, as a share of its side.
const EDGE: f64 = 0.1;
/// Bins of the histogram of luma.
const BINS: usize = 8;

/// A `detection/1` record (docs/formats.md).
#[derive(Serialize)]
pub struct Record {
    schema: &'static str,
    frame: u64,
    time: Option<String>,
    #[serde(rename = "box")]
    bbox: [f32; 4],
    score: f32,
    class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    class_p: Option<BTreeMap<&'static str, f32>>,
    lat: Option<f64>,
    lon: Option<f64>,
    cov_random: Option<[f64; 4]>,
    cov_common: Option<[f64; 4]>,
    appearance: Option<Appearance>,
}

/// How a box looks; likeness of two boxes can be told from it, never who somebody is.
#[derive(Serialize)]
struct Appearance {
    luma: f32,
    contrast: f32,
    histogram: [f32; BINS],
    chroma: Option<[f32; 2]>,
}

/// Turns what vision says into records.
#[derive(Default)]
pub struct Placer {
    ground: Option<(LocalFrame, GroundView)>,
    placed: u64,
    unplaced: u64,
}

impl Placer {
    /// The records of a frame that lies on the ground by `view`; `timed` says that its time is of the
    /// metadata, `said` what a classifier says of each detection.
    pub fn records(
        &mut self,
        frame: &Frame,
        timed: bool,
        view: Option<&View>,
        report: &FrameReport,
        said: &[Option<Said>],
    ) -> Vec<Record> {
        let place = view.zip(self.ground.as_ref().map(|(f, _)| f));
        let mut records = Vec::new();
        for (i, d) in report.detections.iter().enumerate() {
            let fix = place.and_then(|(view, local)| fix(view, local, &d.bbox));
            match fix {
                Some(_) => self.placed += 1,
                None => self.unplaced += 1,
            }
            let (lat, lon, random, common) = fix.map_or((None, None, None, None), |f| {
                (Some(f.lat), Some(f.lon), Some(f.random), Some(f.common))
            });
            records.push(Record {
                schema: "detection/1",
                frame: frame.id,
                time: timed.then(|| frame.t.to_rfc3339()),
                bbox: [d.bbox.x, d.bbox.y, d.bbox.w, d.bbox.h].map(|v| rounded(v, 2)),
                score: rounded(d.score, 4),
                class: d.class.name(),
                class_p: said.get(i).copied().flatten().map(shares),
                lat,
                lon,
                cov_random: random,
                cov_common: common,
                appearance: appearance(frame, d),
            });
        }
        records
    }

    /// One line, when some or all detections have no place.
    pub fn what_is_missing(&self) -> Option<String> {
        match (self.placed, self.unplaced) {
            (_, 0) => None,
            (0, _) => Some("no metadata say where the camera looks; lat, lon, cov_random and cov_common are null".into()),
            (some, none) => Some(format!(
                "metadata place {some} of {} detections; lat, lon and covariances of the others are null",
                some + none
            )),
        }
    }

    /// How the next frame lies on the ground; the local frame is about the first sensor position.
    pub fn view(
        &mut self,
        frame: &Frame,
        platform: Option<&PlatformState>,
        report: &FrameReport,
    ) -> Option<View> {
        let size = (frame.width, frame.height);
        if self.ground.is_none() {
            let p = platform?;
            let origin = Geodetic {
                lat: p.lat.or(p.frame_centre.map(|c| c.0))?,
                lon: p.lon.or(p.frame_centre.map(|c| c.1))?,
                hae_m: p.frame_centre.and_then(|c| c.2).unwrap_or(0.0),
            };
            let smooth_s = TrackSettings::default().ground_smooth_s;
            let ground = GroundView::new(SensorErrors::default(), smooth_s);
            self.ground = Some((LocalFrame::new(origin), ground));
        }
        let (local, ground) = self.ground.as_mut()?;
        let pointing = platform.and_then(|p| pointing(local, None, p, size));
        ground
            .push(&Seen {
                t: frame.t,
                size,
                pointing: pointing.as_ref(),
                registration: report.registration.as_ref(),
                ties: &report.ties,
                reference: None,
            })
            .filter(|v| v.placed)
    }
}

/// What a classifier says, by the labels' names.
fn shares(said: Said) -> BTreeMap<&'static str, f32> {
    Label::ALL
        .into_iter()
        .zip(said.p)
        .map(|(l, p)| (l.name(), rounded(p, 4)))
        .collect()
}

struct Fix {
    lat: f64,
    lon: f64,
    random: [f64; 4],
    common: [f64; 4],
}

/// Where a thing in a box stands: below its middle by as much as it is seen from the side.
fn fix(view: &View, local: &LocalFrame, b: &PixelBox) -> Option<Fix> {
    let (w, h) = (f64::from(b.w), f64::from(b.h));
    let middle = Vector2::new(f64::from(b.x) + 0.5 * w, f64::from(b.y) + 0.5 * h);
    let down = view.look_down(view.map.apply(middle)?);
    let foot = middle + Vector2::new(0.0, 0.5 * h * down.cos());
    let at = view.map.apply(foot)?;
    let j = view.map.jacobian(foot)?;
    let edges = Cov2::new(
        (EDGE * w).powi(2).max(1.0),
        0.0,
        0.0,
        (EDGE * h).powi(2).max(1.0),
    );
    let random = j * edges * j.transpose() + Cov2::identity() * view.noise_m.powi(2);
    let g = local.to_geodetic(&Vector3::new(at.x, at.y, view.up));
    let row =
        |c: &Cov2| [c[(0, 0)], c[(0, 1)], c[(1, 0)], c[(1, 1)]].map(|v| (v * 1e3).round() / 1e3);
    let seven = |v: f64| (v.to_degrees() * 1e7).round() / 1e7;
    Some(Fix {
        lat: seven(g.lat),
        lon: seven(g.lon),
        random: row(&random),
        common: row(&view.common(foot)),
    })
}

fn appearance(frame: &Frame, d: &Detection) -> Option<Appearance> {
    let (luma, stride) = frame.luma()?;
    let (mut n, mut sum, mut squares, mut bins) = (0u32, 0f64, 0f64, [0u32; BINS]);
    for (x, y) in pixels(&d.bbox, frame.width, frame.height) {
        let v = *luma.get(y * stride + x)?;
        n += 1;
        sum += f64::from(v);
        squares += f64::from(v) * f64::from(v);
        bins[usize::from(v) * BINS / 256] += 1;
    }
    if n == 0 {
        return None;
    }
    let mean = sum / f64::from(n);
    Some(Appearance {
        luma: rounded(mean as f32, 1),
        contrast: rounded(
            (squares / f64::from(n) - mean * mean).max(0.0).sqrt() as f32,
            1,
        ),
        histogram: bins.map(|b| rounded(b as f32 / n as f32, 3)),
        chroma: chroma(frame, &d.bbox),
    })
}

/// Mean of Cb and Cr; nothing for a grey picture.
fn chroma(frame: &Frame, b: &PixelBox) -> Option<[f32; 2]> {
    let (planes, step, rows) = match frame.format {
        PixelFormat::Gray8 => return None,
        PixelFormat::Yuv420p => ([(1, 0), (2, 0)], 1, 2),
        PixelFormat::Yuv422p => ([(1, 0), (2, 0)], 1, 1),
        PixelFormat::Nv12 => ([(1, 0), (1, 1)], 2, 2),
    };
    let mut means = [0f32; 2];
    for ((plane, offset), mean) in planes.into_iter().zip(&mut means) {
        let plane = frame.planes.get(plane)?;
        let bytes = (*plane.bytes).as_ref();
        let (mut n, mut sum) = (0u32, 0u32);
        for (x, y) in pixels(b, frame.width & !1, frame.height & !1) {
            let at = y / rows * plane.stride + x / 2 * step + offset;
            sum += u32::from(*bytes.get(at)?);
            n += 1;
        }
        *mean = rounded(sum as f32 / n.max(1) as f32, 1);
    }
    Some(means)
}

/// The pixels of a box that lie in the picture.
fn pixels(b: &PixelBox, width: u32, height: u32) -> impl Iterator<Item = (usize, usize)> {
    let range = |from: f32, side: f32, end: u32| {
        let end = end as usize;
        (from.max(0.0) as usize).min(end)..((from + side).max(0.0).ceil() as usize).min(end)
    };
    let columns = range(b.x, b.w, width);
    range(b.y, b.h, height).flat_map(move |y| columns.clone().map(move |x| (x, y)))
}

fn rounded(v: f32, digits: i32) -> f32 {
    let k = 10f32.powi(digits);
    (v * k).round() / k
}
