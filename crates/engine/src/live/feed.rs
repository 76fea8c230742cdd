//! A live feed's two threads: one that receives and never waits, one that analyses.

use crate::context::Context;
use crate::error::EngineError;
use crate::feed_thread::{Decimator, count, count_analysed};
use crate::live::LiveOptions;
use crate::pipeline::{Analysed, FeedPipeline};
use crate::summary::FeedSummary;
use atalaya_feeds::{Fmv, FmvOptions, FrameUnit, Gap, SegmentUnit, Unit};
use atalaya_model::operation::SourceAddress;
use atalaya_model::{FeedIx, FeedStatus, Micros, Stamped};
use atalaya_store::{AccessUnit, Bus, Live};
use crossbeam_channel::{Sender, TrySendError, bounded};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Scope;
use std::time::{Duration, Instant};

/// An analysed frame, and when it was received.
pub struct Received {
    /// The frame in the total order.
    pub stamped: Stamped<Analysed>,
    /// When its picture came out of the decoder.
    pub at: Instant,
}

/// What a feed's threads say.
pub enum Heard {
    /// A frame is analysed.
    Frame(Box<Received>),
    /// A segment is closed.
    Segment(FeedIx, SegmentUnit),
    /// The feed changed its state.
    Status(FeedIx, Micros, FeedStatus),
    /// Frames were shed since the last time.
    Shed(FeedIx, u64),
    /// The feed has ended.
    End(FeedIx, Box<FeedSummary>),
}

/// Opens a feed's source; a live one is recorded into `folder`.
pub fn open(context: &Context, i: usize, folder: &Path) -> Result<Fmv, EngineError> {
    let feed = &context.operation.feeds[i];
    let fail = |why: String| EngineError::Feed {
        feed: feed.id.clone(),
        why,
    };
    let options = FmvOptions {
        start: context.start_of(i),
        record: Some((folder.to_owned(), feed.id.clone())),
        coded: true,
        stop_after: Duration::from_secs(2),
        ..FmvOptions::default()
    };
    match feed.address().map_err(fail)? {
        SourceAddress::Udp(address) => {
            Fmv::udp(&address.to_string(), options).map_err(|e| fail(e.to_string()))
        }
        SourceAddress::File(_) => Err(fail(format!(
            "'{}' is a recording; atalaya run analyses recordings, a live feed is udp://host:port",
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
    shown: Arc<AtomicBool>,
) {
    let ix = FeedIx(i as u16);
    let (queue, frames) = bounded::<(Box<FrameUnit>, Instant)>(options.queue.max(1));
    let done = say.clone();
    scope.spawn(move || {
        let reader = Reader {
            context,
            ix,
            bus: &options.bus,
            run: &options.run,
            shown,
            say,
        };
        reader.run(fmv, &queue);
    });
    scope.spawn(move || {
        let mut pipeline = FeedPipeline::new(context, ix);
        let mut summary = FeedSummary::default();
        for (seq, (f, at)) in (0u64..).zip(frames) {
            let analysed = pipeline.push(context, &f.frame, f.platform.as_ref());
            count_analysed(&analysed, &mut summary);
            let stamped = Stamped {
                t: analysed.t,
                feed: ix,
                seq,
                body: analysed,
            };
            let received = Box::new(Received { stamped, at });
            if done.send(Heard::Frame(received)).is_err() {
                return;
            }
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
    say: Sender<Heard>,
}

impl Reader<'_> {
    fn run(&self, mut fmv: Fmv, queue: &Sender<(Box<FrameUnit>, Instant)>) {
        let config = &self.context.operation.feeds[usize::from(self.ix.0)];
        let mut summary = FeedSummary {
            id: config.id.clone(),
            source: config.source.clone(),
            ..FeedSummary::default()
        };
        let mut decimator = Decimator::new(config);
        let mut last = Micros(0);
        let mut live = false;
        let mut shed = 0;
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
                    if self.shown.load(Ordering::Relaxed) {
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
            if !decimator.takes(f.frame.t) {
                continue;
            }
            match queue.try_send((f, Instant::now())) {
                Ok(()) => {
                    if shed > 0 {
                        summary.shed += shed;
                        let _ = self.say.send(Heard::Shed(self.ix, shed));
                        shed = 0;
                    }
                }
                Err(TrySendError::Full(_)) => shed += 1,
                Err(TrySendError::Disconnected(_)) => break,
            }
        }
        summary.shed += shed;
        status(last, FeedStatus::Ended);
        let _ = self.say.send(Heard::End(self.ix, Box::new(summary)));
    }
}
