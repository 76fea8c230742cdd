//! Stills of moments that are past, out of the bytes that are the evidence.

use crate::context::Context;
use crate::error::EngineError;
use crate::mask::{self, Painted};
use atalaya_authority::{Mask, Refusal};
use atalaya_feeds::{Fmv, FmvOptions, Unit};
use atalaya_model::{FeedIx, Frame, Micros, PixelBox, PlatformState};
use atalaya_video::still::{StillOptions, jpeg};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The frame of a file nearest to `t`, as a JPEG `width` pixels wide; no-look areas are masked, and
/// a picture that the gate refuses is an error. `None` when the file holds no frame.
pub fn nearest(
    context: &Context,
    feed: FeedIx,
    file: &Path,
    t: Micros,
    width: u32,
) -> Result<Option<(Micros, Vec<u8>)>, EngineError> {
    nearest_frame(context, feed, file, t)?
        .map(|(frame, platform)| {
            let bytes = still(
                context,
                feed,
                &frame,
                platform.as_ref(),
                (width, Others::default()),
            )?;
            Ok((frame.t, bytes))
        })
        .transpose()
}

/// Whom a still for others must not show.
#[derive(Clone, Copy, Debug, Default)]
pub struct Others<'a> {
    /// Their boxes, display pixels.
    pub boxes: &'a [PixelBox],
    /// Whom it is about: nothing in here is covered.
    pub keep: Option<PixelBox>,
}

/// The same for somebody else: others are painted over too. With the size of the frame, so that a box
/// of it can be drawn on the still.
pub fn redacted(
    context: &Context,
    feed: FeedIx,
    file: &Path,
    (t, width): (Micros, u32),
    others: Others<'_>,
) -> Result<Option<Numbered>, EngineError> {
    let Some((frame, platform)) = nearest_frame(context, feed, file, t)? else {
        return Ok(None);
    };
    Ok(Some(Numbered {
        jpeg: still(context, feed, &frame, platform.as_ref(), (width, others))?,
        frame_size: (frame.width, frame.height),
    }))
}

fn nearest_frame(
    context: &Context,
    feed: FeedIx,
    file: &Path,
    t: Micros,
) -> Result<Option<(Frame, Option<PlatformState>)>, EngineError> {
    let mut best: Option<(Frame, Option<PlatformState>)> = None;
    for_frames(context, feed, file, |frame, platform| {
        let off = |f: &Frame| (f.t.0 - t.0).abs();
        let nearer = best.as_ref().is_none_or(|(b, _)| off(&frame) < off(b));
        let past = frame.t > t;
        if nearer {
            best = Some((frame, platform));
        }
        !past
    })?;
    Ok(best)
}

/// A still and the size of the frame it was made from.
pub struct Numbered {
    /// The JPEG.
    pub jpeg: Vec<u8>,
    /// Width and height of the frame, display pixels.
    pub frame_size: (u32, u32),
}

/// Several frames of a recording by their numbers, as JPEGs, masked likewise; those that the gate
/// refuses are left out.
pub fn numbered(
    context: &Context,
    feed: FeedIx,
    file: &Path,
    wanted: &BTreeSet<u64>,
    width: u32,
) -> Result<BTreeMap<u64, Numbered>, EngineError> {
    let mut found = BTreeMap::new();
    let mut failed = None;
    let Some(last) = wanted.last().copied() else {
        return Ok(found);
    };
    for_frames(context, feed, file, |frame, platform| {
        if wanted.contains(&frame.id) {
            match still(
                context,
                feed,
                &frame,
                platform.as_ref(),
                (width, Others::default()),
            ) {
                Ok(bytes) => {
                    found.insert(
                        frame.id,
                        Numbered {
                            jpeg: bytes,
                            frame_size: (frame.width, frame.height),
                        },
                    );
                }
                Err(EngineError::Refused { .. }) => {}
                Err(e) => failed = Some(e),
            }
        }
        frame.id < last
    })?;
    failed.map_or(Ok(found), Err)
}

fn for_frames(
    context: &Context,
    feed: FeedIx,
    file: &Path,
    mut each: impl FnMut(Frame, Option<PlatformState>) -> bool,
) -> Result<(), EngineError> {
    let fail = |e: atalaya_feeds::Error| EngineError::File {
        path: file.to_owned(),
        why: e.to_string(),
    };
    let i = usize::from(feed.0);
    let options = FmvOptions {
        start: context.start_of(i),
        north: context.north_of(i),
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
    feed: FeedIx,
    frame: &Frame,
    platform: Option<&PlatformState>,
    (width, others): (u32, Others<'_>),
) -> Result<Vec<u8>, EngineError> {
    let gate = context.gate()?;
    // Without no-look areas, what was let into the record may be shown as it is: its place was
    // judged when it came.
    let mask = if gate.hides() {
        let size = (frame.width, frame.height);
        let view = mask::view(context, feed, platform, size, None);
        let feed = context.operation.feeds.get(usize::from(feed.0));
        feed.map_or(Err(Refusal::Unplaced), |f| {
            gate.picture(f.sensor, f.unplaced, frame.t, view.as_ref())
        })
        .map_err(|why| EngineError::Refused {
            t: frame.t.to_rfc3339(),
            why: why.name(),
        })?
    } else {
        Mask::default()
    };
    let mut painted = Painted::new(frame, &mask).ok_or_else(|| EngineError::Refused {
        t: frame.t.to_rfc3339(),
        why: "empty",
    })?;
    painted.cover(others.boxes, others.keep);
    let options = StillOptions {
        crop: None,
        width: Some(width.min(frame.width & !1)),
        quality: 80,
    };
    Ok(jpeg(&painted.image(), options)?)
}
