//! A recording's thread: reads, decodes and analyses one feed, loses nothing.

use crate::context::Context;
use crate::item::Item;
use crate::pipeline::{Analysed, FeedPipeline};
use crate::summary::FeedSummary;
use atalaya_feeds::sensors::SensorFile;
use atalaya_feeds::{Fmv, FrameUnit, Pairing, TimeSource, Unit};
use atalaya_model::operation::{FeedConfig, FeedKind};
use atalaya_model::{FeedIx, Micros, Stamped};

/// Most faults kept for the summary.
const FAULTS: usize = 20;
/// Most landmarks.
const LANDMARKS: usize = 100;

/// What a feed's thread says.
pub enum Said {
    /// A frame is analysed, or a sensor has said something.
    Item(Stamped<Item>),
    /// The recording is read to its end.
    End(FeedIx, Box<FeedSummary>),
}

/// Keeps the rate of analysed frames at or below what the operation asks.
pub struct Decimator {
    step: Option<Micros>,
    next: Option<Micros>,
}

impl Decimator {
    /// For a feed.
    pub fn new(feed: &FeedConfig) -> Self {
        Self {
            step: feed.analyse_fps.map(|fps| Micros::from_secs(1.0 / fps)),
            next: None,
        }
    }

    /// Is the frame at `t` to be analysed? Depends on event time alone.
    pub fn takes(&mut self, t: Micros) -> bool {
        let Some(step) = self.step else { return true };
        match self.next {
            // A tenth of a step early is on time: time stamps are rounded.
            Some(next) if t + Micros(step.0 / 10) < next && next.0 - t.0 <= step.0 => false,
            Some(next) if t.0 - next.0 < step.0 => {
                self.next = Some(next + step);
                true
            }
            _ => {
                self.next = Some(t + step);
                true
            }
        }
    }
}

/// Counts a unit into the summary; gives the frame if it is one.
pub fn count(unit: Unit, s: &mut FeedSummary) -> Option<Box<FrameUnit>> {
    match unit {
        Unit::Frame(f) => {
            s.frames += 1;
            match f.pairing {
                Pairing::Paired { .. } => s.metadata_paired += 1,
                Pairing::Stale { .. } => s.metadata_stale += 1,
                Pairing::Absent => s.metadata_absent += 1,
            }
            let t = f.frame.t.to_rfc3339();
            s.t0.get_or_insert_with(|| t.clone());
            s.t1 = Some(t);
            s.time_source = Some(
                match f.time_source {
                    TimeSource::Metadata => "metadata",
                    TimeSource::Operation => "operation",
                    TimeSource::Presentation => "stream",
                }
                .into(),
            );
            return Some(f);
        }
        Unit::Gap(_) => s.gaps += 1,
        Unit::Segment(seg) => s.sha256 = Some(seg.sha256),
        Unit::Fault(text) => {
            if s.faults.len() < FAULTS {
                s.faults.push(text);
            }
        }
        Unit::Clock(fault) => {
            if s.faults.len() < FAULTS {
                s.faults.push(fault.to_string());
            }
        }
        Unit::Stats(stats) => {
            s.metadata_bad = stats.klv_bad;
            s.damaged = stats.packets_damaged + stats.decode_errors + stats.frames_damaged;
            s.datagrams_shed = stats.datagrams_shed;
        }
        Unit::Metadata(_) | Unit::Coded(_) | Unit::Resumed(_) => {}
    }
    None
}

/// Counts an analysed frame into the summary.
pub fn count_analysed(a: &Analysed, s: &mut FeedSummary) {
    s.analysed += 1;
    s.placed += u64::from(a.placed);
    let room = LANDMARKS.saturating_sub(s.landmarks.len());
    s.landmarks
        .extend(a.tracks.landmarks.iter().take(room).cloned());
    if let Some(fit) = &a.tracks.reference {
        s.reference.get_or_insert_default().add(fit);
    }
    let tracking = a.tracks.coverage.as_ref().is_some_and(|c| c.tracking);
    s.unregistered += u64::from(!tracking);
}

/// Reads a recording to its end, saying each analysed frame; stops early when nobody listens.
pub fn read_recording(
    context: &Context,
    ix: FeedIx,
    mut fmv: Fmv,
    feed: &FeedConfig,
    mut say: impl FnMut(Said) -> bool,
) {
    let mut summary = FeedSummary {
        id: feed.id.clone(),
        source: feed.source.to_string(),
        ..FeedSummary::default()
    };
    let mut pipeline = FeedPipeline::new(context, ix);
    let mut decimator = Decimator::new(feed);
    let mut seq = 0;
    loop {
        let unit = match fmv.next_unit() {
            Ok(Some(unit)) => unit,
            Ok(None) => break,
            Err(e) => {
                summary.faults.push(e.to_string());
                break;
            }
        };
        let Some(f) = count(unit, &mut summary) else {
            continue;
        };
        if !decimator.takes(f.frame.t) {
            summary.thinned += 1;
            continue;
        }
        let analysed = pipeline.push(context, &f.frame, f.platform.as_ref());
        count_analysed(&analysed, &mut summary);
        let stamped = Stamped {
            t: analysed.t,
            feed: ix,
            seq,
            body: Item::Frame(Box::new(analysed)),
        };
        seq += 1;
        if !say(Said::Item(stamped)) {
            return;
        }
    }
    say(Said::End(ix, Box::new(summary)));
}

/// Says all of a sensor's recording; stops early when nobody listens.
pub fn read_sensor(
    ix: FeedIx,
    mut file: SensorFile,
    feed: &FeedConfig,
    mut say: impl FnMut(Said) -> bool,
) {
    let mut summary = FeedSummary {
        id: feed.id.clone(),
        source: feed.source.to_string(),
        kind: Some(kind_name(feed).into()),
        sha256: file.sha256.clone(),
        frames: file.messages,
        damaged: file.malformed,
        faults: file.faults.clone(),
        ..FeedSummary::default()
    };
    let mut seq = 0;
    while let Some(sensed) = file.next_sensed() {
        let text = sensed.t().to_rfc3339();
        summary.t0.get_or_insert_with(|| text.clone());
        summary.t1 = Some(text);
        summary.analysed += 1;
        let stamped = Stamped {
            t: sensed.t(),
            feed: ix,
            seq,
            body: Item::Sensed(Box::new(sensed)),
        };
        seq += 1;
        if !say(Said::Item(stamped)) {
            return;
        }
    }
    say(Said::End(ix, Box::new(summary)));
}

/// What a feed is called in summaries when it is not video.
pub fn kind_name(feed: &FeedConfig) -> &'static str {
    match feed.kind() {
        FeedKind::Gas => "gas",
        FeedKind::Ground => "ground",
        _ => "video",
    }
}
