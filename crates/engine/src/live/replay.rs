//! A live run again, from its segments and its admission log.

use crate::context::Context;
use crate::digest::Digest;
use crate::error::EngineError;
use crate::feed_thread::{Decimator, count};
use crate::item::Item;
use crate::junction::{Junction, Passed};
use crate::live::admission::{Admission, AdmissionLog};
use crate::live::stretches::Stretches;
use crate::summary::FeedSummary;
use crate::watching::Armed;
use atalaya_feeds::sensors::SensorFile;
use atalaya_feeds::{Fmv, FmvOptions, Stamp, Stretch};
use atalaya_model::operation::FeedKind;
use atalaya_model::{FeedIx, Landmark, Micros, Stamped};
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

/// One feed being read again.
struct Again<'a> {
    /// Parts of the recording that are still to be read, each with its segments.
    parts: VecDeque<(Stretch, Vec<PathBuf>)>,
    fmv: Option<Fmv>,
    stretches: Stretches<'a>,
    stretch: u32,
    /// What the log remembers of frames that the recording can't tell any more.
    stamps: BTreeMap<u64, Stamp>,
    /// Given before the next frame.
    landmarks: Vec<Landmark>,
    decimator: Decimator,
    summary: FeedSummary,
    seq: u64,
}

/// What a replay came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Frames passed on.
    pub frames: u64,
    /// Hash of all that was said.
    pub digest: String,
    /// The live run's own; `None` when it was cut off (killed).
    pub live: Option<String>,
}

/// Replays the run whose segments and `admission.jsonl` are in `folder`; `each` is told every frame
/// and what it led to, exactly as the live run was.
pub fn replay(
    context: &Context,
    folder: &Path,
    mut each: impl FnMut(&Stamped<Item>, Passed),
) -> Result<Replayed, EngineError> {
    let log = folder.join("admission.jsonl");
    let (hash, lines) = AdmissionLog::read(&log)?;
    if hash != context.hash {
        return Err(EngineError::File {
            path: log,
            why: "was written with other settings or another operation; replay with those".into(),
        });
    }
    let mut feeds = Vec::new();
    for i in 0..context.operation.feeds.len() {
        let feed = &context.operation.feeds[i];
        feeds.push(if feed.kind() == FeedKind::Video {
            Feed::Video(Box::new(Again::new(context, i, folder, &lines)?))
        } else {
            let paths: Vec<PathBuf> = segments(folder, &feed.id)?
                .into_iter()
                .map(|(_, path)| path)
                .collect();
            let file = SensorFile::replay(&paths, feed).map_err(|e| EngineError::Feed {
                feed: feed.id.clone(),
                why: e.to_string(),
            })?;
            Feed::Sensor(file)
        });
    }
    let armed = Armed::of_run(folder, &context.operation)?;
    let context = &context.clone().with_watch(armed);
    let mut junction = Junction::new(context)?;
    let mut digest = Digest::default();
    let mut result = Replayed::default();
    for line in lines {
        let (ix, frame, passes) = match line {
            Admission::Passed(ix, frame) => (ix, frame, true),
            Admission::Late(ix, frame) => (ix, frame, false),
            Admission::Landmark(ix, l) => {
                if let Some(Feed::Video(again)) = feeds.get_mut(usize::from(ix.0)) {
                    again.landmarks.push(l);
                }
                continue;
            }
            // These have been seen to.
            Admission::Refused(..) | Admission::Resumed(..) => continue,
            Admission::Finished(live) => {
                digest.passed(&junction.finish());
                result.live = Some(live);
                break;
            }
        };
        let feed = feeds.get_mut(usize::from(ix.0));
        let item = match feed {
            Some(Feed::Video(again)) => again.analyse(context, ix, frame)?,
            Some(Feed::Sensor(file)) => again_sensed(file, ix, frame),
            None => None,
        };
        let Some(item) = item else {
            // The last second before a crash may be in the log and not in the stream.
            break;
        };
        if passes {
            let passed = junction.take(&item);
            digest.item(&item, &passed);
            result.frames += 1;
            each(&item, passed);
        }
    }
    result.digest = digest.finish();
    Ok(result)
}

/// A feed that is read again.
enum Feed<'a> {
    Video(Box<Again<'a>>),
    Sensor(SensorFile),
}

/// A sensor's message by its number; those before it were not passed on.
fn again_sensed(file: &mut SensorFile, feed: FeedIx, wanted: u64) -> Option<Stamped<Item>> {
    let sensed = std::iter::from_fn(|| file.next_sensed()).find(|s| s.number() >= wanted)?;
    (sensed.number() == wanted).then(|| Stamped {
        t: sensed.t(),
        feed,
        seq: wanted,
        body: Item::Sensed(Box::new(sensed)),
    })
}

impl<'a> Again<'a> {
    fn new(
        context: &'a Context,
        i: usize,
        folder: &Path,
        lines: &[Admission],
    ) -> Result<Self, EngineError> {
        let ix = FeedIx(i as u16);
        let feed = &context.operation.feeds[i];
        let mut begins = Vec::new();
        let mut stamps = BTreeMap::new();
        for line in lines {
            match line {
                Admission::Resumed(of, stretch) if *of == ix => begins.push(*stretch),
                Admission::Refused(of, known) if *of == ix => {
                    stamps.extend(known.iter().map(|s| (s.frame, s.clone())));
                }
                _ => {}
            }
        }
        let mut parts: VecDeque<(Stretch, Vec<PathBuf>)> = VecDeque::new();
        for (number, path) in segments(folder, &feed.id)? {
            // The last stretch that begins with this segment or before it; the first is from the
            // beginning of the feed.
            let of = begins.iter().rev().find(|b| b.segment <= number);
            let stretch = of.copied().unwrap_or(Stretch {
                frame: 1,
                segment: 0,
                start: Micros(0),
            });
            match parts.back_mut() {
                Some((last, paths)) if *last == stretch => paths.push(path),
                _ => parts.push_back((stretch, vec![path])),
            }
        }
        Ok(Self {
            parts,
            fmv: None,
            stretches: Stretches::new(context, ix),
            stretch: 0,
            stamps,
            landmarks: Vec::new(),
            decimator: Decimator::new(feed),
            summary: FeedSummary::default(),
            seq: 0,
        })
    }

    /// Goes on to the part that holds a frame.
    fn open(&mut self, context: &Context, ix: FeedIx, frame: u64) -> Result<(), EngineError> {
        let i = usize::from(ix.0);
        while self.parts.front().is_some_and(|(s, _)| s.frame <= frame) {
            let Some((stretch, paths)) = self.parts.pop_front() else {
                break;
            };
            let first = stretch.start == Micros(0);
            let options = FmvOptions {
                start: if first {
                    context.start_of(i)
                } else {
                    Some(stretch.start)
                },
                first_frame: stretch.frame,
                north: context.north_of(i),
                hash_file: false,
                ..FmvOptions::default()
            };
            let feed = &context.operation.feeds[i];
            let fmv = Fmv::replay(&paths, options).map_err(|e| EngineError::Feed {
                feed: feed.id.clone(),
                why: e.to_string(),
            })?;
            self.fmv = Some(fmv);
            if !first {
                self.stretch += 1;
                self.decimator = Decimator::new(feed);
            }
        }
        Ok(())
    }

    /// Analyses frame `wanted`; those before it were shed.
    fn analyse(
        &mut self,
        context: &Context,
        ix: FeedIx,
        wanted: u64,
    ) -> Result<Option<Stamped<Item>>, EngineError> {
        self.open(context, ix, wanted)?;
        let Some(fmv) = &mut self.fmv else {
            return Ok(None);
        };
        while let Ok(Some(unit)) = fmv.next_unit() {
            let Some(mut f) = count(unit, &mut self.summary) else {
                continue;
            };
            if let Some(stamp) = self.stamps.remove(&f.frame.id) {
                (f.frame.t, f.platform) = (stamp.t, stamp.platform);
            }
            let taken = self.decimator.takes(f.frame.t);
            if !taken || f.frame.id < wanted {
                continue;
            }
            let platform = f.platform.as_ref();
            let given = std::mem::take(&mut self.landmarks);
            let analysed = self.stretches.push(self.stretch, &f.frame, platform, given);
            let stamped = Stamped {
                t: analysed.t,
                feed: ix,
                seq: self.seq,
                body: Item::Frame(Box::new(analysed)),
            };
            self.seq += 1;
            return Ok(Some(stamped));
        }
        Ok(None)
    }
}

/// A feed's segments with their numbers, in order.
fn segments(folder: &Path, feed: &str) -> Result<Vec<(u64, PathBuf)>, EngineError> {
    let number = |p: &Path| -> Option<u64> {
        let name = p.file_name()?.to_str()?;
        let digits = name.strip_prefix(feed)?.strip_prefix('-')?;
        let (digits, ending) = digits.split_once('.')?;
        let ending = ending.trim_end_matches(".part");
        matches!(ending, "ts" | "gas" | "sapient")
            .then(|| digits.parse().ok())
            .flatten()
    };
    let mut found: Vec<(u64, PathBuf)> = std::fs::read_dir(folder)
        .map_err(|e| EngineError::io(folder, &e))?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter_map(|p| Some((number(&p)?, p)))
        .collect();
    found.sort();
    Ok(found)
}
