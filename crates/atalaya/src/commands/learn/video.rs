//! Chips of videos whose boxes are known.

use super::boxes::{self, Labelled};
use super::sample::{Sample, Variations};
use crate::commands::placed::Placer;
use crate::frames;
use anyhow::{Context as _, Result};
use atalaya_model::{Attention, Frame, FrameReport, PixelBox, PixelFormat, Plane};
use atalaya_vision::chip::{Label, Look, Luma, Random, SourceKind};
use atalaya_vision::{Polarity, Vision, VisionSettings};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Chips are taken of so many pictures a second: neighbours are alike.
const EVERY_S: f64 = 0.34;
/// Boxes of ground in a picture.
const GROUND: usize = 3;
/// Boxes of the detector that show nothing, in a picture.
const FALSE: usize = 5;
/// Overlap with a true box from which a detector's box shows that thing, and below which it shows
/// nothing.
const SHOWS: f32 = 0.3;
/// Longer sides of things below which they are not learnt from at half size, pixels.
const LEAST_HALF: f32 = 6.0;
/// Background of one stretch of a video is held out together.
const STRETCH_S: f64 = 5.0;

/// A video and its boxes.
pub struct Video {
    /// Its name in reports.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// The boxes.
    pub boxes: PathBuf,
    /// What boxes of no class show.
    pub class: Option<Label>,
    /// Simulated worlds list all that moves: what is found beside shows nothing.
    pub kind: SourceKind,
}

/// The videos of a simulated world.
pub fn of_world(dir: &Path) -> Result<Vec<Video>> {
    let name = dir
        .file_name()
        .map_or("world".into(), |n| n.to_string_lossy());
    let all: Vec<Video> = [("eo.ts", "boxes.csv"), ("ir.ts", "boxes_ir.csv")]
        .into_iter()
        .map(|(video, boxes)| Video {
            name: format!("{name}/{video}"),
            path: dir.join(video),
            boxes: dir.join("truth").join(boxes),
            class: None,
            kind: SourceKind::Simulated,
        })
        .filter(|v| v.path.exists() && v.boxes.exists())
        .collect();
    if all.is_empty() {
        anyhow::bail!(
            "{}: holds no eo.ts with truth/boxes.csv; make one with `atalaya sim compound`",
            dir.display()
        );
    }
    Ok(all)
}

/// `VIDEO,BOXES[,CLASS]`, or the folder of a simulated world.
pub fn of_check(text: &str) -> Result<Vec<Video>> {
    if Path::new(text).is_dir() {
        return of_world(Path::new(text));
    }
    let parts: Vec<&str> = text.split(',').collect();
    let (path, boxes, class) = match parts[..] {
        [v, b] => (v, b, None),
        [v, b, c] => (v, b, Some(Label::parse(c)?)),
        _ => anyhow::bail!("'{text}' is no VIDEO,BOXES[,CLASS] and no simulated world"),
    };
    let path = PathBuf::from(path);
    Ok(vec![Video {
        name: path
            .file_name()
            .map_or("video".into(), |n| n.to_string_lossy().into_owned()),
        path,
        boxes: boxes.into(),
        class,
        kind: SourceKind::Real,
    }])
}

/// SHA-256 of a file in hex.
pub fn hash(path: &Path) -> Result<String> {
    let mut file =
        std::fs::File::open(path).with_context(|| format!("can't read {}", path.display()))?;
    let (mut sha, mut part) = (Sha256::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hex(&sha.finalize())),
            n => sha.update(&part[..n]),
        }
    }
}

/// Bytes in hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

impl Video {
    /// Its chips: of true boxes, of the detector's boxes that show them or nothing, of ground.
    pub fn samples(&self, source: usize, vary: Variations, seed: u64) -> Result<Vec<Sample>> {
        let truth = boxes::read(&self.boxes, self.class)?;
        let sizes: Vec<(f32, f32)> = truth
            .values()
            .flatten()
            .filter(|b| b.label.is_some())
            .map(|b| (b.bbox.w, b.bbox.h))
            .collect();
        let mut taker = Taker {
            name: self.name.clone(),
            source,
            vary,
            sizes,
            random: Random::new(seed ^ (source as u64 + 1).wrapping_mul(0x9E37_79B9)),
            out: Vec::new(),
        };
        // Learnt from, simulated daylight is looked at from twice as far, too: a detector's boxes of small
        // things lie otherwise than those of large ones.
        let mut near = Scale::new();
        let mut far = (vary.0 > 0).then(Scale::new);
        let mut placer = Placer::default();
        let mut next_s = 0.0;
        let mut first = None;
        let none = Vec::new();
        let simulated = self.kind == SourceKind::Simulated;
        frames::for_each_placed(&self.path, |frame, platform, _| {
            let thermal = *first.get_or_insert_with(|| frame.is_grey());
            // What the detector finds is only of use where all that moves is known.
            let report = match simulated {
                true => near.detect(&frame, thermal),
                false => FrameReport::default(),
            };
            let half = match (simulated && !thermal, &mut far) {
                (true, Some(far)) => halved(&frame).map(|f| (far.detect(&f, thermal), f)),
                _ => None,
            };
            let view = placer.view(&frame, platform, &report);
            let known = truth.get(&frame.id).unwrap_or(&none);
            // Where not all pictures have boxes, others are of no use.
            let asked = simulated || !known.is_empty();
            if frame.t.secs() + 1e-6 < next_s || !asked {
                return Ok(());
            }
            if simulated {
                next_s = frame.t.secs() + EVERY_S;
            }
            let look = |b: &PixelBox| Look {
                thermal,
                black_hot: false,
                metres_per_px: view.as_ref().and_then(|v| super::metres_per_px(v, b)),
            };
            taker.take(&frame, known, &report, &look);
            if let Some((report, half)) = half {
                let known: Vec<Labelled> = known.iter().map(far_off).collect();
                let look = |b: &PixelBox| {
                    let near = look(&grown(b, 2.0));
                    Look {
                        metres_per_px: near.metres_per_px.map(|m| 2.0 * m),
                        ..near
                    }
                };
                let whole =
                    std::mem::replace(&mut taker.name, format!("{} at half size", self.name));
                taker.take(&half, &known, &report, &look);
                taker.name = whole;
            }
            Ok(())
        })?;
        Ok(taker.out)
    }
}

/// A detector for pictures of one size.
struct Scale {
    vision: Option<Vision>,
}

impl Scale {
    fn new() -> Self {
        Self { vision: None }
    }

    fn detect(&mut self, frame: &Frame, thermal: bool) -> FrameReport {
        let vision = self.vision.get_or_insert_with(|| {
            let warm = thermal.then_some(Polarity::WhiteHot);
            Vision::new(VisionSettings::default(), Vec::new()).with_warm(warm)
        });
        vision.push(frame, &Attention::default())
    }
}

/// A frame's luma at half its size: the mean of each 2x2.
fn halved(frame: &Frame) -> Option<Frame> {
    let (bytes, stride) = frame.luma()?;
    let (w, h) = (frame.width as usize / 2, frame.height as usize / 2);
    let mut px = Vec::with_capacity(w * h);
    for y in 0..h {
        let row = |y: usize| bytes.get(y * stride..y * stride + 2 * w);
        let (a, b) = (row(2 * y)?, row(2 * y + 1)?);
        px.extend(a.chunks_exact(2).zip(b.chunks_exact(2)).map(|(a, b)| {
            let sum = [a[0], a[1], b[0], b[1]].map(u16::from).iter().sum::<u16>();
            ((sum + 2) / 4) as u8
        }));
    }
    Some(Frame {
        width: w as u32,
        height: h as u32,
        format: PixelFormat::Gray8,
        planes: vec![Plane {
            bytes: Arc::new(px),
            stride: w,
        }],
        ..frame.clone()
    })
}

/// All lengths of a box times `k`.
fn grown(b: &PixelBox, k: f32) -> PixelBox {
    PixelBox {
        x: k * b.x,
        y: k * b.y,
        w: k * b.w,
        h: k * b.h,
    }
}

/// A known box in the picture of half the size.
fn far_off(b: &Labelled) -> Labelled {
    let bbox = grown(&b.bbox, 0.5);
    Labelled {
        bbox,
        clear: b.clear && bbox.w.max(bbox.h) >= LEAST_HALF,
        ..b.clone()
    }
}

struct Taker {
    /// What chips are said to be of.
    name: String,
    source: usize,
    vary: Variations,
    sizes: Vec<(f32, f32)>,
    random: Random,
    out: Vec<Sample>,
}

impl Taker {
    fn take(
        &mut self,
        frame: &Frame,
        known: &[Labelled],
        report: &FrameReport,
        look: &dyn Fn(&PixelBox) -> Look,
    ) {
        let Some(luma) = &Luma::of(frame) else {
            return;
        };
        let found: Vec<PixelBox> = report.detections.iter().map(|d| d.bbox).collect();
        let stretch = (frame.t.secs() / STRETCH_S) as i64;
        for b in known.iter().filter(|b| b.clear) {
            if let Some(label) = b.label {
                // Boxes of no track are grouped by time.
                let track = if b.track >= 0 { b.track } else { -1 - stretch };
                self.add(frame.id, luma, b.bbox, label, track, look);
            }
        }
        let ground = -1_000_000 - stretch;
        let mut order = found;
        self.random.shuffle(&mut order);
        let mut wrong = 0;
        for f in &order {
            let best = known
                .iter()
                .max_by(|a, b| a.bbox.iou(f).total_cmp(&b.bbox.iou(f)));
            match best {
                Some(b) if b.bbox.iou(f) >= SHOWS => {
                    if let Some(label) = b.label.filter(|_| b.clear && b.track >= 0) {
                        self.add(frame.id, luma, *f, label, b.track, look);
                    }
                }
                _ if wrong < FALSE && clear_of(f, known) => {
                    wrong += 1;
                    self.add(frame.id, luma, *f, Label::Nothing, ground, look);
                }
                _ => {}
            }
        }
        for _ in 0..GROUND {
            if let Some(b) = self.anywhere(luma, known) {
                self.add(frame.id, luma, b, Label::Nothing, ground, look);
            }
        }
    }

    /// A box of a thing's size where none is.
    fn anywhere(&mut self, luma: &Luma<'_>, known: &[Labelled]) -> Option<PixelBox> {
        let (w, h) = *self.sizes.get(self.random.below(self.sizes.len()))?;
        let b = PixelBox {
            x: self.random.between(0.0, (luma.w as f32 - w).max(1.0)),
            y: self.random.between(0.0, (luma.h as f32 - h).max(1.0)),
            w,
            h,
        };
        clear_of(&b, known).then_some(b)
    }

    fn add(
        &mut self,
        frame: u64,
        luma: &Luma<'_>,
        bbox: PixelBox,
        label: Label,
        track: i64,
        look: &dyn Fn(&PixelBox) -> Look,
    ) {
        let group = ((self.source as u64) << 40) ^ track as u64;
        let look = look(&bbox);
        self.vary.push(
            &mut self.out,
            &mut self.random,
            luma,
            &look,
            Sample::of(self.name.clone(), frame, bbox, label, group),
        );
    }
}

/// True where no known box, grown by half, touches.
fn clear_of(b: &PixelBox, known: &[Labelled]) -> bool {
    known.iter().all(|k| {
        let grown = PixelBox {
            x: k.bbox.x - 0.25 * k.bbox.w,
            y: k.bbox.y - 0.25 * k.bbox.h,
            w: 1.5 * k.bbox.w,
            h: 1.5 * k.bbox.h,
        };
        grown.overlap(b) <= 0.0
    })
}

/// How many chips show what, variations left out.
pub fn count(samples: &[Sample]) -> BTreeMap<Label, u64> {
    let mut all = BTreeMap::new();
    for s in samples.iter().filter(|s| !s.example.varied) {
        *all.entry(s.example.label).or_default() += 1;
    }
    all
}
