//! A clip out of recorded segments: the same pictures, the same metadata.

use super::{Copied, Error, Order, Timeline, copy};
use atalaya_model::Micros;
use atalaya_video::Demuxer;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;

/// Segments that follow each other within this time are one stream, seconds.
const PAUSE_S: f64 = 1.0;

/// A recorded segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it lies.
    pub path: PathBuf,
    /// Hash of its bytes when it was closed, hex.
    pub sha256: String,
    /// First moment in it.
    pub from: Micros,
    /// Last moment in it.
    pub to: Micros,
}

/// What a clip holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Clip {
    /// First picture; a key frame, at or before what was asked for.
    #[serde(with = "atalaya_model::rfc3339")]
    pub from: Micros,
    /// Last picture.
    #[serde(with = "atalaya_model::rfc3339")]
    pub to: Micros,
    /// Pictures.
    pub pictures: u64,
    /// Units of metadata, each as it was recorded.
    pub metadata: u64,
    /// The segments it was cut from: SHA-256 each.
    pub segments: Vec<String>,
    /// The recording has a gap before what was asked for ends.
    pub cut_short: bool,
}

/// Cuts what lies between two moments out of segments of one feed and run, in the order of time. Each
/// is checked against its hash first. Where the recording has a gap, the clip ends. `what` names
/// the output in errors.
pub fn clip(
    pieces: &[Piece],
    (from, to): (Micros, Micros),
    out: Box<dyn Write + Send>,
    what: &str,
) -> Result<Clip, Error> {
    let nothing = || Error::NothingThere(what.to_owned());
    let first = pieces
        .iter()
        .position(|p| p.to >= from)
        .ok_or_else(nothing)?;
    let mut end = first;
    while let Some(next) = pieces.get(end + 1)
        && next.from <= to
        && next.from.since(pieces[end].to) <= PAUSE_S
    {
        end += 1;
    }
    let used = &pieces[first..=end];
    for piece in used {
        verify(piece)?;
    }
    let open = || Demuxer::from_reader(Box::new(Chain::new(used)));
    let mut timeline = Timeline::of(open()?, what)?;
    if !timeline.has_clock() {
        timeline.start_at(used[0].from.0);
    }
    let at = |t: Micros| timeline.pts_at(t.0).unwrap_or_default();
    let range = Some((at(from), at(to)));
    let order = Order {
        range,
        ..Order::default()
    };
    let Copied {
        pictures,
        passed,
        from: shown,
        to: until,
        ..
    } = copy(open()?, &timeline, &order, out, what)?;
    let time = |pts| Micros(timeline.time_at(pts).unwrap_or_default());
    Ok(Clip {
        from: time(shown),
        to: time(until),
        pictures,
        metadata: passed,
        segments: used.iter().map(|p| p.sha256.clone()).collect(),
        cut_short: used[used.len() - 1].to < to && end + 1 < pieces.len(),
    })
}

fn verify(piece: &Piece) -> Result<(), Error> {
    let failed = |e: io::Error| Error::Segment {
        path: piece.path.display().to_string(),
        cause: e.to_string(),
    };
    let mut hash = Sha256::new();
    let mut file = File::open(&piece.path).map_err(failed)?;
    io::copy(&mut file, &mut hash).map_err(failed)?;
    let found: String = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    if found == piece.sha256 {
        Ok(())
    } else {
        Err(Error::Altered(piece.path.display().to_string()))
    }
}

/// One segment after the other.
struct Chain {
    left: VecDeque<PathBuf>,
    open: Option<File>,
}

impl Chain {
    fn new(pieces: &[Piece]) -> Self {
        Self {
            left: pieces.iter().map(|p| p.path.clone()).collect(),
            open: None,
        }
    }
}

impl Read for Chain {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(file) = &mut self.open {
                let n = file.read(buffer)?;
                if n > 0 {
                    return Ok(n);
                }
            }
            match self.left.pop_front() {
                Some(path) => self.open = Some(File::open(path)?),
                None => return Ok(0),
            }
        }
    }
}
