//! A live feed's two threads: one that receives and never waits, one that analyses.

use crate::context::Context;
use crate::error::EngineError;
use crate::feed_thread::{Decimator, count};
use crate::item::Item;
use crate::live::LiveOptions;
use crate::live::door::{Refusals, judge};
use crate::live::masked::{Doorman, Relayable};
use crate::live::stretches::Stretches;
use crate::reference;
use crate::summary::FeedSummary;
use atalaya_feeds::{Fmv, FmvOptions, FrameUnit, Gap, SegmentUnit, Stamp, Stretch, Unit};
use atalaya_model::operation::SourceAddress;
use atalaya_model::{FeedIx, FeedStatus, Micros, Stamped, TimeFault};
use atalaya_store::{AccessUnit, Bus, FeedCounts, Live};
use crossbeam_channel::{Sender, TrySendError, bounded};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// Pause between words about what reading has come to.
const TELL_EVERY: Duration = Duration::from_millis(500);

/// An analysed frame, and when it was received.
pub struct Received {
    /// The frame, or what a sensor said, in the total order.
    pub stamped: Stamped<Item>,
    /// When the datagram came in which its picture begins.
    pub at: Instant,
    /// Where the operation hides parts of pictures: the picture, if any of it may be seen.
    pub picture: Option<Relayable>,
}

/// What a feed's threads say.
pub enum Heard {
    /// A frame is analysed.
    Frame(Box<Received>),
    /// A segment is closed.
    Segment(FeedIx, SegmentUnit),
    /// The feed changed its state.
    Status(FeedIx, Micros, FeedStatus),
    /// What reading has come to so far.
    Read(FeedIx, FeedCounts),
    /// Something for the log of acts: what, of whom, more about it.
    Act(FeedIx, &'static str, String, serde_json::Value),
    /// Pictures are refused from here on.
    Refused(FeedIx, Vec<Stamp>),
    /// Pictures are let in again.
    Resumed(FeedIx, Stretch),
    /// The feed has ended.
    End(FeedIx, Box<FeedSummary>),
}

/// Opens a feed's source; what the gate lets in of it is recorded into `folder`.
pub fn open(
    context: &Context,
    i: usize,
    folder: &Path,
    refusals: &Refusals,
) -> Result<Fmv, EngineError> {
    let feed = &context.operation.feeds[i];
    let fail = |why: String| EngineError::Feed {
        feed: feed.id.clone(),
        why,
    };
    let hides = context.gate()?.hides();
    let relay = feed.relay_addresses().map_err(fail)?;
    if hides && !relay.is_empty() {
        return Err(fail(
            "can't be passed on as it came: the authority has parts that must be hidden; remove relay"
                .into(),
        ));
    }
    let options = FmvOptions {
        start: context.start_of(i),
        program: feed.program,
        north: feed.north,
        relay,
        record: Some((folder.to_owned(), feed.id.clone())),
        // Where parts must be hidden, no picture goes out as it came.
        coded: !hides,
        judge: Some(judge(context, i, refusals)?),
        stop_after: Duration::from_secs(2),
        ..FmvOptions::default()
    };
    match feed.address().map_err(fail)? {
        SourceAddress::Stream(address) => {
            Fmv::stream(&address, options).map_err(|e| fail(e.to_string()))
        }
        _ => Err(fail(format!(
            "'{}' is a recording; atalaya run analyses recordings, a live feed has an address",
            feed.source
        ))),
    }
}

/// Starts both threads.
pub fn spawn<'s, 'e: 's>(
    scope: &'s Scope<'s, 'e>,
    context: &'e Context,
    options: &'e LiveOptions,
    i: usize,
    fmv: Fmv,
    say: Sender<Heard>,
    (shown, refusals): (Arc<AtomicBool>, Refusals),
) {
    let ix = FeedIx(i as u16);
    let (queue, frames) = bounded::<(Box<FrameUnit>, Instant)>(options.queue.max(1));
    let done = say.clone();
    let (over, end) = bounded(1);
    scope.spawn(move || {
        let reader = Reader {
            context,
            ix,
            bus: &options.bus,
            run: &options.run,
            shown,
            refusals,
            say,
        };
        let summary = reader.run(fmv, &queue);
        // The analysis thread says it, when it has said its last frame.
        let _ = over.send(summary);
    });
    scope.spawn(move || {
        let mut stretches = Stretches::new(context, ix);
        let doorman = Doorman::new(context, ix);
        for (seq, (f, at)) in (0u64..).zip(frames) {
            let id = &context.operation.feeds[i].id;
            let given = options.landmarks.take(id);
            let analysed = stretches.push(f.stretch, &f.frame, f.platform.as_ref(), given);
            options.landmarks.told(id, &analysed.tracks.landmarks);
            if let Some(fit) = &analysed.tracks.reference {
                reference::tell(id, fit);
                options.landmarks.looked(id, fit);
            }
            let picture = doorman.as_ref().and_then(|d| d.picture(&f, &analysed));
            let stamped = Stamped {
                t: analysed.t,
                feed: ix,
                seq,
                body: Item::Frame(Box::new(analysed)),
            };
            let received = Box::new(Received {
                stamped,
                at,
                picture,
            });
            if done.send(Heard::Frame(received)).is_err() {
                return;
            }
        }
        if let Ok(summary) = end.recv() {
            let _ = done.send(Heard::End(ix, summary));
        }
    });
}

struct Reader<'a> {
    context: &'a Context,
    ix: FeedIx,
    bus: &'a Bus,
    run: &'a str,
    /// The gate's last word on this feed's pictures; nothing is relayed before it has spoken.
    shown: Arc<AtomicBool>,
    /// Why pictures were not let in.
    refusals: Refusals,
    say: Sender<Heard>,
}

impl Reader<'_> {
    fn run(&self, mut fmv: Fmv, queue: &Sender<(Box<FrameUnit>, Instant)>) -> Box<FeedSummary> {
        let config = &self.context.operation.feeds[usize::from(self.ix.0)];
        let mut summary = FeedSummary {
            id: config.id.clone(),
            source: config.source.to_string(),
            ..FeedSummary::default()
        };
        let mut decimator = Decimator::new(config);
        let mut last = Micros(0);
        let mut live = false;
        let mut refused = false;
        // As many as there are kinds: each is said once.
        let mut clocks: Vec<TimeFault> = Vec::new();
        let mut told = Instant::now();
        let status = |t, status| self.say.send(Heard::Status(self.ix, t, status)).is_ok();
        loop {
            let unit = match fmv.next_unit() {
                Ok(Some(unit)) => unit,
                Ok(None) => break,
                Err(e) => {
                    summary.faults.push(e.to_string());
                    status(last, FeedStatus::Failed { why: e.to_string() });
                    break;
                }
            };
            match &unit {
                Unit::Coded(c) => {
                    if !refused && self.shown.load(Ordering::Relaxed) {
                        self.bus.publish(Live::Video(Arc::new(AccessUnit {
                            feed: config.id.clone(),
                            run: self.run.to_owned(),
                            pts_90k: c.pts_90k,
                            key: c.key,
                            codec: c.codec.clone(),
                            bytes: c.bytes.clone(),
                        })));
                    }
                    continue;
                }
                Unit::Fault(text) => tracing::warn!(feed = config.id, "{text}"),
                Unit::Clock(fault) => {
                    tracing::warn!(feed = config.id, "{fault}");
                    clocks.push(*fault);
                    self.bus.publish(Live::Clocks {
                        feed: config.id.clone(),
                        run: self.run.to_owned(),
                        t: last,
                        faults: clocks.clone(),
                    });
                }
                Unit::Segment(s) => {
                    let _ = self.say.send(Heard::Segment(self.ix, s.clone()));
                }
                Unit::Gap(Gap::Stopped { since }) => {
                    live = false;
                    status(
                        last,
                        FeedStatus::Stopped {
                            since: since.unwrap_or(last),
                        },
                    );
                }
                Unit::Gap(Gap::Refused { stamps }) => {
                    (live, refused) = (false, true);
                    let why = self.refusals.last().to_owned();
                    let _ = self.say.send(Heard::Refused(self.ix, stamps.clone()));
                    status(last, FeedStatus::Refused { why });
                }
                Unit::Resumed(stretch) => {
                    refused = false;
                    // Whoever replays this has not seen what came before.
                    decimator = Decimator::new(config);
                    let _ = self.say.send(Heard::Resumed(self.ix, *stretch));
                }
                _ => {}
            }
            let Some(f) = count(unit, &mut summary) else {
                continue;
            };
            last = f.frame.t;
            if !live {
                live = true;
                status(last, FeedStatus::Live);
            }
            if decimator.takes(f.frame.t) {
                let at = f.received.unwrap_or_else(Instant::now);
                match queue.try_send((f, at)) {
                    Ok(()) => {}
                    Err(TrySendError::Full(_)) => summary.shed += 1,
                    Err(TrySendError::Disconnected(_)) => break,
                }
            } else {
                summary.thinned += 1;
            }
            if told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                // Where the junction is behind, the next word will do.
                let _ = self
                    .say
                    .try_send(Heard::Read(self.ix, read(&summary, &fmv)));
            }
        }
        let counts = read(&summary, &fmv);
        (summary.damaged, summary.datagrams_shed) = (counts.damaged, counts.datagrams_shed);
        status(last, FeedStatus::Ended);
        Box::new(summary)
    }
}

/// What reading has come to.
fn read(summary: &FeedSummary, fmv: &Fmv) -> FeedCounts {
    let stats = fmv.stats();
    FeedCounts {
        frames: summary.frames,
        thinned: summary.thinned,
        shed: summary.shed,
        datagrams_shed: stats.datagrams_shed,
        damaged: stats.packets_damaged + stats.decode_errors + stats.frames_damaged,
        ..FeedCounts::default()
    }
}
