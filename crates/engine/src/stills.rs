//! Stills of moments that are past, out of the bytes that are the evidence.

use crate::context::Context;
use crate::error::EngineError;
use atalaya_feeds::{Fmv, FmvOptions, Unit};
use atalaya_geo::{Polygon, Vector2};
use atalaya_model::{Frame, Micros, PixelFormat, PlatformState};
use atalaya_video::still::{StillOptions, jpeg};
use atalaya_video::{Image, PixelFormat as VideoFormat};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The frame of a file nearest to `t`, as a JPEG `width` pixels wide; no-look areas are masked.
/// `None` when the file holds no frame.
pub fn nearest(
    context: &Context,
    file: &Path,
    start: Option<Micros>,
    t: Micros,
    width: u32,
) -> Result<Option<(Micros, Vec<u8>)>, EngineError> {
    let mut best: Option<(Frame, Option<PlatformState>)> = None;
    for_frames(file, start, |frame, platform| {
        let off = |f: &Frame| (f.t.0 - t.0).abs();
        let nearer = best.as_ref().is_none_or(|(b, _)| off(&frame) < off(b));
        let past = frame.t > t;
        if nearer {
            best = Some((frame, platform));
        }
        !past
    })?;
    best.map(|(frame, platform)| {
        let bytes = still(context, &frame, platform.as_ref(), width)?;
        Ok((frame.t, bytes))
    })
    .transpose()
}

/// A still and the size of the frame it was made from.
pub struct Numbered {
    /// The JPEG.
    pub jpeg: Vec<u8>,
    /// Width and height of the frame, display pixels.
    pub frame_size: (u32, u32),
}

/// Several frames of a recording by their numbers, as JPEGs.
pub fn numbered(
    context: &Context,
    file: &Path,
    start: Option<Micros>,
    wanted: &BTreeSet<u64>,
    width: u32,
) -> Result<BTreeMap<u64, Numbered>, EngineError> {
    let mut found = BTreeMap::new();
    let mut failed = None;
    let Some(last) = wanted.last().copied() else {
        return Ok(found);
    };
    for_frames(file, start, |frame, platform| {
        if wanted.contains(&frame.id) {
            match still(context, &frame, platform.as_ref(), width) {
                Ok(bytes) => {
                    found.insert(
                        frame.id,
                        Numbered {
                            jpeg: bytes,
                            frame_size: (frame.width, frame.height),
                        },
                    );
                }
                Err(e) => failed = Some(e),
            }
        }
        frame.id < last
    })?;
    failed.map_or(Ok(found), Err)
}

fn for_frames(
    file: &Path,
    start: Option<Micros>,
    mut each: impl FnMut(Frame, Option<PlatformState>) -> bool,
) -> Result<(), EngineError> {
    let fail = |e: atalaya_feeds::Error| EngineError::File {
        path: file.to_owned(),
        why: e.to_string(),
    };
    let options = FmvOptions {
        start,
        hash_file: false,
        ..FmvOptions::default()
    };
    let mut fmv = Fmv::file(file, options).map_err(fail)?;
    while let Some(unit) = fmv.next_unit().map_err(fail)? {
        if let Unit::Frame(f) = unit
            && !each(f.frame, f.platform)
        {
            break;
        }
    }
    Ok(())
}

fn still(
    context: &Context,
    frame: &Frame,
    platform: Option<&PlatformState>,
    width: u32,
) -> Result<Vec<u8>, EngineError> {
    let format = match frame.format {
        PixelFormat::Gray8 => VideoFormat::Gray8,
        PixelFormat::Yuv420p => VideoFormat::Yuv420p,
        PixelFormat::Yuv422p => VideoFormat::Yuv422p,
        PixelFormat::Nv12 => VideoFormat::Nv12,
    };
    let mut planes: Vec<Vec<u8>> = frame
        .planes
        .iter()
        .map(|p| (*p.bytes).as_ref().to_vec())
        .collect();
    mask(context, frame, platform, &mut planes)?;
    let plane = |i: usize| planes.get(i).map_or(&[][..], Vec::as_slice);
    let stride = |i: usize| frame.planes.get(i).map_or(0, |p| p.stride);
    let image = Image {
        width: frame.width,
        height: frame.height,
        format,
        full_range: false,
        planes: [plane(0), plane(1), plane(2)],
        strides: [stride(0), stride(1), stride(2)],
    };
    let options = StillOptions {
        crop: None,
        width: Some(width.min(frame.width)),
        quality: 80,
    };
    Ok(jpeg(&image, options)?)
}

/// Blackens the luma of no-look areas. A picture without position can't be masked: it is only
/// shown where the operation allows it, and then whole.
fn mask(
    context: &Context,
    frame: &Frame,
    platform: Option<&PlatformState>,
    planes: &mut [Vec<u8>],
) -> Result<(), EngineError> {
    let gate = context.gate()?;
    if gate.no_look().is_empty() {
        return Ok(());
    }
    let size = (frame.width, frame.height);
    let camera = platform
        .and_then(|p| context.pointing(p, size))
        .and_then(|p| p.camera.map(|c| (c, p.up)));
    let (Some((camera, up)), Some(luma)) = (camera, planes.first_mut()) else {
        return Ok(());
    };
    let stride = frame.planes.first().map_or(0, |p| p.stride);
    let areas: Vec<&Polygon> = gate.no_look().iter().collect();
    // Blocks of eight pixels: a mask needs no finer edge.
    for by in (0..frame.height as usize).step_by(8) {
        for bx in (0..frame.width as usize).step_by(8) {
            let px = Vector2::new(bx as f64 + 4.0, by as f64 + 4.0);
            let hidden = camera
                .ground(px, up)
                .is_some_and(|g| areas.iter().any(|a| a.contains(g)));
            if hidden {
                for y in by..(by + 8).min(frame.height as usize) {
                    let end = (bx + 8).min(frame.width as usize);
                    if let Some(row) = luma.get_mut(y * stride + bx..y * stride + end) {
                        row.fill(16);
                    }
                }
            }
        }
    }
    Ok(())
}
