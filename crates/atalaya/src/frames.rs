//! Pictures of a file or a folder as frames, for the stand-alone commands.

use anyhow::{Context, Result, bail};
use atalaya_feeds::{Fmv, FmvOptions, TimeSource, Unit};
use atalaya_model::{Frame, Micros, PixelFormat, Plane, PlatformState};
use atalaya_video::{Decoder, Demuxer, Picture};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A plane that keeps its picture alive.
struct PicturePlane(Picture, usize);

impl AsRef<[u8]> for PicturePlane {
    fn as_ref(&self) -> &[u8] {
        self.0.plane(self.1)
    }
}

/// A picture as a frame, buffers shared.
pub fn wrap(picture: Picture, id: u64, t: Micros) -> Frame {
    let format = match picture.format {
        atalaya_video::PixelFormat::Gray8 => PixelFormat::Gray8,
        atalaya_video::PixelFormat::Nv12 => PixelFormat::Nv12,
        atalaya_video::PixelFormat::Yuv422p => PixelFormat::Yuv422p,
        _ => PixelFormat::Yuv420p,
    };
    let planes = (0..picture.format.planes())
        .map(|i| Plane {
            stride: picture.stride(i),
            bytes: Arc::new(PicturePlane(picture.clone(), i)),
        })
        .collect();
    Frame {
        id,
        t,
        pts_90k: picture.pts_90k,
        width: picture.width,
        height: picture.height,
        format,
        planes,
        interlaced: picture.interlaced,
        damaged: picture.damaged,
    }
}

/// A time in ticks of 90 kHz.
pub fn of_ticks(ticks: i64) -> Micros {
    Micros(ticks.saturating_mul(100) / 9)
}

/// Calls `each` with every decodable picture of a file, or of a folder's files in byte order of
/// their names. Pictures without time stamps are taken as 25 a second.
pub fn for_each(path: &Path, mut each: impl FnMut(Frame) -> Result<()>) -> Result<u64> {
    let files = if path.is_dir() {
        let mut files: Vec<PathBuf> = std::fs::read_dir(path)
            .with_context(|| format!("can't list {}", path.display()))?
            .filter_map(|e| e.ok().map(|e| e.path()))
            .filter(|p| p.is_file())
            .collect();
        files.sort();
        if files.is_empty() {
            bail!(
                "{}: the folder is empty; name one with pictures",
                path.display()
            );
        }
        files
    } else {
        vec![path.to_owned()]
    };
    let folder = files.len() > 1 || path.is_dir();
    let mut id = 0;
    for file in files {
        let mut demuxer = match Demuxer::open(&file) {
            Ok(d) => d,
            // A folder may hold other things beside pictures.
            Err(_) if folder => continue,
            Err(e) => return Err(e.into()),
        };
        let Some(stream) = demuxer.video().cloned() else {
            if folder {
                continue;
            }
            bail!(
                "{}: holds no video stream; give a file with pictures",
                file.display()
            );
        };
        let mut decoder = Decoder::new(&stream)?;
        let mut pictures = Vec::new();
        let mut first_pts = None;
        let mut take = |pictures: &mut Vec<Picture>, id: &mut u64| -> Result<()> {
            for p in pictures.drain(..) {
                *id += 1;
                let t = match p.pts_90k {
                    Some(pts) if !folder => {
                        let first = *first_pts.get_or_insert(pts);
                        of_ticks(pts - first)
                    }
                    _ => Micros(*id as i64 * 40_000),
                };
                each(wrap(p, *id, t))?;
            }
            Ok(())
        };
        while let Some(packet) = demuxer.read()? {
            if packet.stream == stream.index {
                decoder.push(&packet, &mut pictures)?;
                take(&mut pictures, &mut id)?;
            }
        }
        decoder.flush(&mut pictures)?;
        take(&mut pictures, &mut id)?;
    }
    if id == 0 {
        bail!(
            "{}: no picture could be decoded; is it a video or a folder of pictures?",
            path.display()
        );
    }
    Ok(id)
}

/// Calls `each` with every picture of a video, its metadata, and whether its time is of this world.
pub fn for_each_placed(
    path: &Path,
    mut each: impl FnMut(Frame, Option<&PlatformState>, bool) -> Result<()>,
) -> Result<u64> {
    let options = FmvOptions {
        start: Some(Micros(0)),
        hash_file: false,
        ..FmvOptions::default()
    };
    let mut fmv = Fmv::file(path, options)?;
    let mut n = 0;
    while let Some(unit) = fmv.next_unit()? {
        if let Unit::Frame(f) = unit {
            n += 1;
            let timed = f.time_source == TimeSource::Metadata;
            each(f.frame, f.platform.as_ref(), timed)?;
        }
    }
    if n == 0 {
        // The same words as without metadata.
        return for_each(path, |_| Ok(()));
    }
    Ok(n)
}
