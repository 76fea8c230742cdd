//! A live run again, from its segments and its admission log.

use crate::context::Context;
use crate::digest::Digest;
use crate::error::EngineError;
use crate::feed_thread::{Decimator, count};
use crate::junction::{Junction, Passed};
use crate::live::admission::{Admission, AdmissionLog};
use crate::pipeline::{Analysed, FeedPipeline};
use crate::summary::FeedSummary;
use atalaya_feeds::{Fmv, FmvOptions};
use atalaya_model::{FeedIx, Stamped};
use std::path::{Path, PathBuf};

/// One feed being read again.
struct Again {
    fmv: Fmv,
    pipeline: FeedPipeline,
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
    mut each: impl FnMut(&Stamped<Analysed>, Passed),
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
    for (i, feed) in context.operation.feeds.iter().enumerate() {
        let segments = segments(folder, &feed.id)?;
        let options = FmvOptions {
            start: context.start_of(i),
            hash_file: false,
            ..FmvOptions::default()
        };
        let again = if segments.is_empty() {
            None
        } else {
            let fmv = Fmv::replay(&segments, options).map_err(|e| EngineError::Feed {
                feed: feed.id.clone(),
                why: e.to_string(),
            })?;
            Some(Again {
                fmv,
                pipeline: FeedPipeline::new(context, FeedIx(i as u16)),
                decimator: Decimator::new(feed),
                summary: FeedSummary::default(),
                seq: 0,
            })
        };
        feeds.push(again);
    }
    let mut junction = Junction::new(context)?;
    let mut digest = Digest::default();
    let mut result = Replayed::default();
    for line in lines {
        let (ix, frame, passes) = match line {
            Admission::Passed(ix, frame) => (ix, frame, true),
            Admission::Late(ix, frame) => (ix, frame, false),
            Admission::Finished(live) => {
                digest.passed(&junction.finish());
                result.live = Some(live);
                break;
            }
        };
        let feed = feeds.get_mut(usize::from(ix.0)).and_then(Option::as_mut);
        let Some(analysed) = feed.and_then(|f| f.analyse(context, ix, frame)) else {
            // The last second before a crash may be in the log and not in the stream.
            break;
        };
        if passes {
            let passed = junction.push(&analysed);
            digest.frame(&analysed, &passed);
            result.frames += 1;
            each(&analysed, passed);
        }
    }
    result.digest = digest.finish();
    Ok(result)
}

impl Again {
    /// Analyses frame `wanted`; those before it were shed.
    fn analyse(&mut self, context: &Context, ix: FeedIx, wanted: u64) -> Option<Stamped<Analysed>> {
        while let Ok(Some(unit)) = self.fmv.next_unit() {
            let Some(f) = count(unit, &mut self.summary) else {
                continue;
            };
            let taken = self.decimator.takes(f.frame.t);
            if !taken || f.frame.id < wanted {
                continue;
            }
            let analysed = self.pipeline.push(context, &f.frame, f.platform.as_ref());
            let stamped = Stamped {
                t: analysed.t,
                feed: ix,
                seq: self.seq,
                body: analysed,
            };
            self.seq += 1;
            return Some(stamped);
        }
        None
    }
}

/// A feed's segments in order of their names, which count up.
fn segments(folder: &Path, feed: &str) -> Result<Vec<PathBuf>, EngineError> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .map_err(|e| EngineError::io(folder, &e))?
        .filter_map(|e| e.ok().map(|e| e.path()))
        .filter(|p| {
            p.extension().is_some_and(|e| e == "ts" || e == "part")
                && p.file_name()
                    .and_then(|n| n.to_str())
                    .is_some_and(|n| n.starts_with(&format!("{feed}-")))
        })
        .collect();
    found.sort();
    Ok(found)
}
