//! `atalaya learn cut`: chips of a video with known boxes, as pictures with a list.

use super::boxes;
use super::folder::{self, Entry, MANIFEST};
use crate::frames;
use anyhow::{Context as _, Result, bail};
use atalaya_model::{Micros, PixelBox};
use atalaya_vision::chip::{Label, SourceKind};
use std::path::PathBuf;

/// How much around a box is kept: what a classifier looks at, and room for variations.
const CONTEXT: f32 = 2.6;
/// Longest side of a chip, pixels.
const LARGEST: f32 = 2048.0;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The video
    video: PathBuf,
    /// Its boxes: MOT rows with a class, or a CSV with frame, x, y, w, h and perhaps class and id
    boxes: PathBuf,
    /// What boxes of no class show
    #[arg(long)]
    class: Option<String>,
    /// One picture in so many
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    every: u64,
    /// Where it is from
    #[arg(long)]
    source: String,
    /// Under which licence
    #[arg(long, required_unless_present = "operation")]
    licence: Option<String>,
    /// Which operation's it is
    #[arg(long, requires = "delete_by")]
    operation: Option<String>,
    /// When it has to be deleted there: RFC 3339
    #[arg(long, value_name = "TIME")]
    delete_by: Option<String>,
    /// The video is simulated
    #[arg(long)]
    simulated: bool,
    /// The folder; chips are added to those it has
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let class = a.class.as_deref().map(Label::parse).transpose()?;
    let delete_by = match &a.delete_by {
        None => None,
        Some(t) => match Micros::parse_rfc3339(t) {
            Some(t) => Some(t),
            None => bail!("--delete-by '{t}' is no RFC 3339 time: 2027-01-31T00:00:00Z"),
        },
    };
    let boxes = boxes::read(&a.boxes, class)?;
    std::fs::create_dir_all(&a.out).with_context(|| format!("can't make {}", a.out.display()))?;
    let mut entries = match a.out.join(MANIFEST).exists() {
        true => folder::list(&a.out)?,
        false => Vec::new(),
    };
    let before = entries.len();
    frames::for_each(&a.video, |frame| {
        let known = boxes
            .get(&frame.id)
            .filter(|_| frame.id.is_multiple_of(a.every));
        let Some((bytes, stride)) = frame.luma() else {
            return Ok(());
        };
        for b in known.into_iter().flatten().filter(|b| b.clear) {
            let Some(label) = b.label else { continue };
            let Some(part) = around(&b.bbox, frame.width, frame.height) else {
                continue;
            };
            let file = format!("{:06}.bmp", entries.len() + 1);
            let path = a.out.join(&file);
            if path.exists() {
                bail!("{}: is there, and not in the list", path.display());
            }
            let [x0, y0, x1, y1] = part;
            let rows = (y0..y1).map(|y| bytes.get(y * stride + x0..y * stride + x1));
            let picture = bitmap(x1 - x0, y1 - y0, rows.map(Option::unwrap_or_default));
            std::fs::write(&path, picture)
                .with_context(|| format!("can't write {}", path.display()))?;
            entries.push(Entry {
                schema: "chip/1".into(),
                file,
                bbox: Some([
                    b.bbox.x - x0 as f32,
                    b.bbox.y - y0 as f32,
                    b.bbox.w,
                    b.bbox.h,
                ]),
                class: label.name().into(),
                source: a.source.clone(),
                kind: match a.simulated {
                    true => SourceKind::Simulated,
                    false => SourceKind::Real,
                },
                licence: a.licence.clone(),
                operation: a.operation.clone(),
                delete_by,
                group: (b.track >= 0).then(|| format!("{} {}", a.source, b.track)),
                thermal: frame.is_grey(),
                black_hot: false,
                metres_per_px: None,
            });
        }
        Ok(())
    })?;
    folder::rewrite(&a.out, &entries)?;
    println!("{} chips added", entries.len() - before);
    Ok(())
}

/// Left, top, right, bottom of what is kept around a box.
fn around(b: &PixelBox, width: u32, height: u32) -> Option<[usize; 4]> {
    let (cx, cy) = b.centre();
    let half = 0.5 * CONTEXT * b.w.max(b.h);
    if !(half > 0.0 && 2.0 * half <= LARGEST) {
        return None;
    }
    let edge = |v: f32, end: u32| v.max(0.0).min(end as f32) as usize;
    let part = [
        edge(cx - half, width),
        edge(cy - half, height),
        edge((cx + half).ceil(), width),
        edge((cy + half).ceil(), height),
    ];
    (part[2] >= part[0] + 2 && part[3] >= part[1] + 2).then_some(part)
}

/// A picture as a bitmap of 24 bits. Luma of video is 16 to 235, and becomes so again when it is read.
fn bitmap<'a>(w: usize, h: usize, rows: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    const HEADER: u32 = 54;
    let line = (3 * w).next_multiple_of(4);
    let mut out = Vec::with_capacity(HEADER as usize + line * h);
    out.extend(b"BM");
    for v in [HEADER + (line * h) as u32, 0, HEADER, 40, w as u32] {
        out.extend(v.to_le_bytes());
    }
    // The first row is the upper one.
    out.extend((-(h as i32)).to_le_bytes());
    out.extend([1, 0, 24, 0]);
    out.extend([0; 24]);
    for row in rows {
        let end = out.len() + line;
        for v in row {
            let level = (f32::from(*v) - 16.0) * 255.0 / 219.0;
            out.extend([level.round().clamp(0.0, 255.0) as u8; 3]);
        }
        out.resize(end, 0);
    }
    out
}
