//! A video passed on as a transport stream, with metadata put beside it.

use super::stamps::Stamps;
use super::{Error, Timeline};
use atalaya_video::{Demuxer, KlvKind, Packet, TsMuxer};
use std::collections::BTreeMap;
use std::io::Write;

/// Decoding begins so many ticks after the stream's clock at the earliest (a tenth of a second).
const LEAD: i64 = 9_000;
/// Where a stream that begins earlier is moved to: one second.
const BEGIN: i64 = 90_000;

/// So long after the last picture its metadata are waited for: two seconds.
const LATE: i64 = 180_000;
/// Units of metadata that may come before the first picture.
const MOST_EARLY: usize = 4096;
/// Pictures that may be coded before one that is shown before them; no decoder holds more (H.264 and
/// H.265: sixteen frames, or their fields).
const MOST_AHEAD: usize = 32;

/// A packet of metadata to put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Added {
    /// Its presentation time, ticks of 90 kHz as in the source.
    pub pts: i64,
    /// Its bytes.
    pub packet: Vec<u8>,
}

/// What is to be written.
#[derive(Clone, Debug, Default)]
pub struct Order<'a> {
    /// To be put in, in the order of time.
    pub added: &'a [Added],
    /// A stream of their own (`true`), or the source's first one of ST 0601, if it has one.
    pub apart: bool,
    /// Presentation times of the first and the last picture asked for; decoding may have to begin earlier.
    pub range: Option<(i64, i64)>,
    /// Leave out the metadata that the source has.
    pub without_own: bool,
    /// Pictures that do not say when they were taken get a time stamp by the timeline's clock (ST 0604).
    pub stamps: bool,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// Pictures.
    pub pictures: u64,
    /// Units of metadata passed on.
    pub passed: u64,
    /// Packets of metadata put in.
    pub added: u64,
    /// Pictures that got a time stamp.
    pub stamped: u64,
    /// Presentation times of the first and the last picture, as in the source.
    pub from: i64,
    /// See `from`.
    pub to: i64,
}

/// Writes `source`, whose first look is `timeline`, to `out`; `what` names the output in errors.
pub fn copy(
    mut source: Demuxer,
    timeline: &Timeline,
    order: &Order<'_>,
    out: Box<dyn Write + Send>,
    what: &str,
) -> Result<Copied, Error> {
    let nothing = || Error::NothingThere(what.to_owned());
    let Some(video) = source.video().cloned() else {
        return Err(Error::NoPictures(what.to_owned()));
    };
    // Decoding begins at a key frame, at or before what is asked for.
    let (from, to) = match order.range {
        None => (i64::MIN, i64::MAX),
        Some((from, to)) => {
            let before = timeline.keys.partition_point(|k| *k <= from);
            let begin = timeline
                .keys
                .get(before.saturating_sub(1))
                .ok_or_else(nothing)?;
            (*begin, to)
        }
    };
    let Layout { kinds, own, onto } = layout(timeline, order);
    let mut writer = Writer {
        muxer: TsMuxer::copy_of(out, what.to_owned(), &video, &kinds)?,
        shift: if timeline.first_dts < LEAD {
            BEGIN - timeline.first_dts
        } else {
            0
        },
        added: order.added,
        onto,
        stamps: order
            .stamps
            .then(|| Stamps::new(timeline, &video))
            .flatten(),
        done: Copied {
            from: i64::MAX,
            to: i64::MIN,
            ..Copied::default()
        },
    };
    writer.pass_over(from);
    let mut begun = order.range.is_none();
    let mut shown = i64::MIN;
    // Metadata may come before the picture that they are presented with, and after the last one.
    let mut early: Vec<(usize, Packet)> = Vec::new();
    // Pictures shown after the end are written only if one that is shown before it is coded after them.
    let mut ahead: Vec<Packet> = Vec::new();
    while let Some(packet) = source.read()? {
        let pts = packet.pts_90k;
        if packet.stream == video.index {
            let Some(pts) = pts else { continue };
            begun |= packet.key && pts >= from;
            let decoded = packet.dts_90k.unwrap_or(pts);
            if decoded > to.saturating_add(LATE) {
                break;
            }
            shown = pts;
            // What is shown before the key frame and coded behind it is made of pictures before both.
            if !begun || pts < from {
                continue;
            }
            if pts > to {
                if ahead.len() < MOST_AHEAD {
                    ahead.push(packet);
                }
                continue;
            }
            for (stream, packet) in early.drain(..) {
                writer.pass(stream, &packet)?;
            }
            writer.add_until(pts)?;
            for packet in ahead.drain(..).chain([packet]) {
                writer.picture(&packet)?;
            }
        } else if let Some(&stream) = own.get(&packet.stream) {
            let at = pts.unwrap_or(shown);
            if !(from..=to).contains(&at) {
                continue;
            }
            if begun {
                writer.add_until(at)?;
                writer.pass(stream, &packet)?;
            } else if early.len() < MOST_EARLY {
                early.push((stream, packet));
            }
        }
    }
    writer.add_until(to.min(timeline.pictures.last().copied().unwrap_or(to)))?;
    if writer.done.pictures == 0 {
        return Err(nothing());
    }
    writer.muxer.finish()?;
    Ok(writer.done)
}

/// Which streams of metadata are written.
struct Layout {
    kinds: Vec<KlvKind>,
    /// The source's, by their index there.
    own: BTreeMap<usize, usize>,
    /// Where packets are put in.
    onto: usize,
}

fn layout(timeline: &Timeline, order: &Order<'_>) -> Layout {
    let mut kinds = Vec::new();
    let mut own = BTreeMap::new();
    let mut onto = None;
    for stream in timeline.metadata.iter().filter(|_| !order.without_own) {
        own.insert(stream.index, kinds.len());
        if stream.st0601 && !order.apart {
            onto = onto.or(Some(kinds.len()));
        }
        kinds.push(if stream.synchronous {
            KlvKind::Synchronous
        } else {
            KlvKind::Asynchronous
        });
    }
    if onto.is_none() && !order.added.is_empty() {
        onto = Some(kinds.len());
        kinds.push(KlvKind::Synchronous);
    }
    let onto = onto.unwrap_or_default();
    Layout { kinds, own, onto }
}

struct Writer<'a> {
    muxer: TsMuxer,
    shift: i64,
    added: &'a [Added],
    onto: usize,
    stamps: Option<Stamps<'a>>,
    done: Copied,
}

impl Writer<'_> {
    /// Leaves out what is to be put in before `pts`.
    fn pass_over(&mut self, pts: i64) {
        let n = self.added.partition_point(|a| a.pts < pts);
        self.added = &self.added[n..];
    }

    /// Puts in what is presented up to `pts`.
    fn add_until(&mut self, pts: i64) -> Result<(), Error> {
        let n = self.added.partition_point(|a| a.pts <= pts);
        let (now, later) = self.added.split_at(n);
        self.added = later;
        for a in now {
            self.muxer
                .klv(self.onto, &a.packet, Some(a.pts + self.shift))?;
            self.done.added += 1;
        }
        Ok(())
    }

    fn picture(&mut self, packet: &Packet) -> Result<(), Error> {
        let (mut moved, stamped) = match &self.stamps {
            Some(stamps) => stamps.on(packet)?,
            None => (packet.clone(), false),
        };
        self.done.stamped += u64::from(stamped);
        moved.pts_90k = packet.pts_90k.map(|t| t + self.shift);
        moved.dts_90k = packet.dts_90k.map(|t| t + self.shift);
        self.muxer.video(&moved)?;
        let pts = packet.pts_90k.unwrap_or_default();
        self.done.pictures += 1;
        self.done.from = self.done.from.min(pts);
        self.done.to = self.done.to.max(pts);
        Ok(())
    }

    fn pass(&mut self, stream: usize, packet: &Packet) -> Result<(), Error> {
        let pts = packet.pts_90k.map(|t| t + self.shift);
        self.muxer.klv(stream, packet.bytes(), pts)?;
        self.done.passed += 1;
        Ok(())
    }
}
