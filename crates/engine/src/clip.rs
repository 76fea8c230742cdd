//! Clips of what was recorded: cut from segments that are what they were, shown to nobody who may not
//! see them, and never without an entry in the log of acts.

use crate::footage::no_look;
use atalaya_exchange::stanag::{self, Clip, Piece};
use atalaya_model::{Micros, Operation};
use atalaya_store::{Author, Store, StoreError};
use std::io::Write;

/// What is to be cut.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The feed.
    pub feed: &'a str,
    /// The run, where several recorded the same time; the latest without it.
    pub run: Option<&'a str>,
    /// First and last moment.
    pub span: (Micros, Micros),
}

/// What was cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The run that recorded it.
    pub run: String,
    /// What it holds.
    pub clip: Clip,
}

/// Why there is no clip.
#[derive(Debug, thiserror::Error)]
pub enum ClipError {
    /// The first moment is not before the last.
    #[error("from is not before to")]
    Span,
    /// No segment.
    #[error("nothing of feed '{0}' is recorded between these times")]
    Nothing(String),
    /// Nobody may look at it.
    #[error(
        "the clip would show {0}; cut before or after it, or give stills, where it is painted over"
    )]
    Hidden(String),
    /// The segments can't be read, or the clip not written.
    #[error(transparent)]
    Video(#[from] stanag::Error),
    /// The cutting itself broke off.
    #[error("the clip could not be made")]
    Broken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Cuts a clip to `out`, which errors call `what`, and enters it into the log of acts of `who`. Where it
/// fails, what was written to `out` is no clip and must not be kept.
pub async fn cut(
    store: &Store,
    operation: &Operation,
    who: &Author,
    wanted: Wanted<'_>,
    out: Box<dyn Write + Send>,
    what: &str,
) -> Result<Cut, ClipError> {
    let Wanted { feed, run, span } = wanted;
    if span.0 >= span.1 {
        return Err(ClipError::Span);
    }
    let found = store.segments_between(feed, run, span.0, span.1).await?;
    let latest = found.last().map(|(run, _)| run.clone());
    let run = latest.ok_or_else(|| ClipError::Nothing(feed.to_owned()))?;
    let pieces: Vec<Piece> = found
        .into_iter()
        .filter(|(of, _)| *of == run)
        .map(|(_, s)| Piece {
            path: store.dir().join(s.path),
            sha256: s.sha256,
            from: s.t0,
            to: s.t1,
        })
        .collect();
    let what = what.to_owned();
    let made = tokio::task::spawn_blocking(move || stanag::clip(&pieces, span, out, &what));
    let clip = made.await.map_err(|_| ClipError::Broken)??;
    // The clip begins with a key frame, which may lie well before what was asked for.
    if let Some(hidden) = no_look(store, operation, feed, &run, (clip.from, clip.to)).await? {
        return Err(ClipError::Hidden(hidden));
    }
    let subject = format!("{feed}@{}", clip.from.to_rfc3339());
    store
        .note_act(who, "evidence.export", &subject, &clip)
        .await?;
    Ok(Cut { run, clip })
}
