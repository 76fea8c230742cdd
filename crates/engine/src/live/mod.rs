//! A run over live feeds: what does not fit is shed and said so, and stream plus admission log
//! replay to the same bytes.
//!
//! ```text
//! UDP ─▶ reader thread ─▶ bounded queue ─▶ analysis thread ─┐
//!  (one of each per feed; segments, coded pictures)         ├─▶ junction ─▶ store, bus, log
//! UDP ─▶ reader thread ─▶ bounded queue ─▶ analysis thread ─┘
//! ```

mod admission;
mod counts;
mod door;
mod feed;
mod landmarks;
mod latency;
mod looks;
mod maps;
mod masked;
mod order;
mod output;
mod replay;
pub mod seal;
mod sensor;
mod stretches;

pub use admission::{Admission, AdmissionLog};
pub use landmarks::Landmarks;
pub use latency::Latencies;
pub use masked::Masked;
pub use replay::{Replayed, replay};

use crate::context::Context;
use crate::digest::Digest;
use crate::error::EngineError;
use crate::feed_thread::count_analysed;
use crate::item::Item;
use crate::junction::{Junction, Passed};
use crate::summary::FeedSummary;
use atalaya_feeds::sensors::SensorLive;
use atalaya_feeds::{Fmv, StopHandle};
use atalaya_model::Stamped;
use atalaya_model::operation::FeedKind;
use atalaya_store::{Bus, Writer};
use counts::Counts;
use crossbeam_channel::{RecvTimeoutError, bounded};
use door::Refusals;
use feed::{Heard, Received, open};
use masked::MaskedRelay;
use order::{Order, Placed};
use output::Output;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Messages from feeds that may wait for the junction.
const WAITING: usize = 256;

/// Where a live run's results go.
#[derive(Clone)]
pub struct LiveOptions {
    /// The run's id.
    pub run: String,
    /// The store's folder; segments go to `segments/<run>` and the admission log beside them.
    pub dir: PathBuf,
    /// The store.
    pub writer: Writer,
    /// The bus.
    pub bus: Bus,
    /// Frames that may wait for analysis per feed; more are shed.
    pub queue: usize,
    /// Landmarks that are given while it goes on.
    pub landmarks: Landmarks,
}

/// Ends a run from another thread.
#[derive(Clone, Default)]
pub struct Stop {
    asked: Arc<AtomicBool>,
    feeds: Arc<Mutex<Vec<StopHandle>>>,
}

impl Stop {
    /// Asks the run to end; what has been received is still analysed and stored.
    pub fn stop(&self) {
        self.asked.store(true, Ordering::SeqCst);
        for f in self
            .feeds
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
        {
            f.stop();
        }
    }

    fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    fn add(&self, handle: StopHandle) {
        if self.is_asked() {
            handle.stop();
        }
        self.feeds
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(handle);
    }
}

/// What a live run amounted to.
#[derive(Clone, Debug, Default)]
pub struct LiveSummary {
    /// Feeds.
    pub feeds: Vec<FeedSummary>,
    /// Alerts.
    pub alerts: u64,
    /// Wall time from the datagram in which the picture begins that completes an alert to the alert
    /// being durable; one sample for each frame that completed any.
    pub alert_latency: Latencies,
    /// Hash of all that was said; a replay gives the same.
    pub digest: String,
    /// Feeds whose pictures were re-encoded because parts of them are hidden.
    pub masked: BTreeMap<String, Masked>,
    /// Pictures that were refused at the door, neither analysed nor recorded: by feed and reason.
    pub refused: BTreeMap<String, BTreeMap<String, u64>>,
}

/// A live source that is open.
enum Source {
    Video(Box<Fmv>),
    Sensor(SensorLive),
}

/// Runs all feeds of the operation until `stop`. `ready` is told the addresses listened on.
pub fn run(
    context: &Context,
    options: &LiveOptions,
    stop: &Stop,
    ready: impl FnOnce(&[std::net::SocketAddr]),
) -> Result<LiveSummary, EngineError> {
    let op = &context.operation;
    if op.feeds.is_empty() {
        return Err(EngineError::NoFeed);
    }
    let folder = options.dir.join("segments").join(&options.run);
    std::fs::create_dir_all(&folder).map_err(|e| EngineError::io(&folder, &e))?;
    if let Some(armed) = &context.watch {
        armed.keep(&folder)?;
    }
    let mut log = AdmissionLog::create(&folder.join("admission.jsonl"), context)?;
    let mut junction = Junction::new(context)?;
    let mut output = Output::new(context, options)?;
    let mut sources = Vec::new();
    let mut refusals = Vec::new();
    let mut addresses = Vec::new();
    for i in 0..op.feeds.len() {
        let refused = Refusals::default();
        if op.feeds[i].kind() == FeedKind::Video {
            let fmv = open(context, i, &folder, &refused)?;
            addresses.extend(fmv.local_address());
            if let Some(handle) = fmv.stop_handle() {
                stop.add(handle);
            }
            sources.push(Source::Video(Box::new(fmv)));
        } else {
            let live = sensor::open(context, i)?;
            addresses.extend(live.local_address());
            sources.push(Source::Sensor(live));
        }
        refusals.push(refused);
    }
    ready(&addresses);
    let shown: Vec<Arc<AtomicBool>> = sources.iter().map(|_| Arc::default()).collect();
    let mut summary = LiveSummary::default();
    let mut digest = Digest::default();
    std::thread::scope(|scope| -> Result<(), EngineError> {
        let (say, hear) = bounded(WAITING);
        for (i, source) in sources.into_iter().enumerate() {
            let (say, refused) = (say.clone(), refusals[i].clone());
            match source {
                Source::Video(fmv) => feed::spawn(
                    scope,
                    context,
                    options,
                    i,
                    *fmv,
                    say,
                    (shown[i].clone(), refused),
                ),
                Source::Sensor(live) => {
                    let rest = (stop.clone(), refused, folder.as_path());
                    sensor::spawn(scope, context, i, live, say, rest)?;
                }
            }
        }
        drop(say);
        let mut relays: Vec<Option<MaskedRelay>> = Vec::new();
        for f in &op.feeds {
            let hides = f.kind() == FeedKind::Video && junction.gate().hides();
            relays.push(hides.then(|| {
                let (bus, run) = (options.bus.clone(), options.run.clone());
                MaskedRelay::spawn(scope, bus, f.id.clone(), run)
            }));
        }
        let waits = op.feeds.iter().map(|f| f.kind() == FeedKind::Video);
        let mut order = Order::new(waits.collect(), Instant::now());
        let mut counts = Counts::new(op.feeds.len());
        let mut analysed = vec![FeedSummary::default(); op.feeds.len()];
        loop {
            match hear.recv_timeout(Duration::from_millis(50)) {
                Ok(Heard::Frame(f)) => {
                    let ix = f.stamped.feed;
                    match &f.stamped.body {
                        Item::Frame(a) => count_analysed(a, &mut analysed[usize::from(ix.0)]),
                        Item::Sensed(_) => analysed[usize::from(ix.0)].analysed += 1,
                    }
                    counts.count(ix, |c| c.analysed += 1);
                    let place = f.stamped.with(());
                    let dropped = match order.heard(place.with(f), Instant::now()) {
                        Placed::Queued => None,
                        Placed::Late(f) => {
                            counts.count(ix, |c| c.late += 1);
                            Some(f)
                        }
                        Placed::Early(f) => {
                            counts.count(ix, |c| c.early += 1);
                            Some(f)
                        }
                    };
                    if let Some(f) = dropped {
                        admit(&mut log, &f.body.stamped, false)?;
                    }
                }
                Ok(Heard::Segment(ix, segment)) => output.segment(ix, segment)?,
                Ok(Heard::Act(ix, what, whom, detail)) => output.act(ix, what, &whom, detail)?,
                Ok(Heard::Status(ix, t, status)) => output.status(ix, t, status),
                Ok(Heard::Read(ix, r)) => counts.count(ix, |c| {
                    (c.frames, c.thinned, c.shed) = (r.frames, r.thinned, r.shed);
                    (c.datagrams_shed, c.damaged) = (r.datagrams_shed, r.damaged);
                }),
                Ok(Heard::Refused(ix, stamps)) => log.write(Admission::Refused(ix, stamps))?,
                Ok(Heard::Resumed(ix, stretch)) => log.write(Admission::Resumed(ix, stretch))?,
                Ok(Heard::End(ix, mut s)) => {
                    order.close(ix);
                    counts.count(ix, |c| {
                        (c.frames, c.thinned, c.shed) = (s.frames, s.thinned, s.shed);
                        (c.datagrams_shed, c.damaged) = (s.datagrams_shed, s.damaged);
                        (s.late, s.early) = (s.late + c.late, c.early);
                    });
                    let a = &analysed[usize::from(ix.0)];
                    (s.analysed, s.placed, s.unregistered) = (a.analysed, a.placed, a.unregistered);
                    s.landmarks.clone_from(&a.landmarks);
                    s.reference.clone_from(&a.reference);
                    summary.feeds.push(*s);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            for (ix, now, before) in counts.due(false) {
                output.counts(ix, order.passed_until(), now, before);
            }
            while let Some(next) = order.next(Instant::now()) {
                let shown = &shown[usize::from(next.feed.0)];
                let passed = pass(next.body, &mut log, &mut junction, &mut digest)?;
                shown.store(passed.1.shown, Ordering::Relaxed);
                say_of(passed, &mut output, &mut relays)?;
            }
        }
        for (ix, now, before) in counts.due(true) {
            output.counts(ix, order.passed_until(), now, before);
        }
        // All feeds have ended: nobody is waited for.
        order.end();
        while let Some(next) = order.next(Instant::now()) {
            let passed = pass(next.body, &mut log, &mut junction, &mut digest)?;
            say_of(passed, &mut output, &mut relays)?;
        }
        for (feed, relay) in op.feeds.iter().zip(relays) {
            if let Some(relay) = relay {
                summary.masked.insert(feed.id.clone(), relay.finish()?);
            }
        }
        Ok(())
    })?;
    for (feed, refused) in op.feeds.iter().zip(&refusals) {
        let counts = refused.counts();
        if !counts.is_empty() {
            tracing::warn!(
                feed = feed.id,
                ?counts,
                "pictures refused by the gate, and not recorded"
            );
            summary.refused.insert(feed.id.clone(), counts);
        }
    }
    let last = junction.finish();
    digest.passed(&last);
    summary.digest = digest.finish();
    log.write(Admission::Finished(summary.digest.clone()))?;
    log.finish()?;
    output.finish(last)?;
    summary.feeds.sort_by(|a, b| a.id.cmp(&b.id));
    (summary.alerts, summary.alert_latency) = (output.alerts(), output.latencies());
    Ok(summary)
}

/// A frame goes into the log, behind the landmarks that were given before it.
fn admit(log: &mut AdmissionLog, item: &Stamped<Item>, passes: bool) -> Result<(), EngineError> {
    let (feed, number) = (item.feed, item.body.number());
    if let Item::Frame(a) = &item.body {
        for l in &a.landmarks {
            log.write(Admission::Landmark(feed, l.clone()))?;
        }
    }
    log.write(if passes {
        Admission::Passed(feed, number)
    } else {
        Admission::Late(feed, number)
    })
}

/// The next frame in total order goes into the log and through the junction.
fn pass(
    f: Box<Received>,
    log: &mut AdmissionLog,
    junction: &mut Junction,
    digest: &mut Digest,
) -> Result<(Box<Received>, Passed), EngineError> {
    admit(log, &f.stamped, true)?;
    let passed = junction.take(&f.stamped);
    digest.item(&f.stamped, &passed);
    if !(passed.events.is_empty() && passed.alerts.is_empty()) {
        // What is about to be stored must be told by a replay too, whenever the process is killed.
        log.flush()?;
    }
    Ok((f, passed))
}

/// What it led to is said; its picture is relayed if the gate passed it.
fn say_of(
    (mut f, passed): (Box<Received>, Passed),
    output: &mut Output,
    relays: &mut [Option<MaskedRelay>],
) -> Result<(), EngineError> {
    if let Item::Sensed(_) = f.stamped.body {
        return output.sensed(&f, passed);
    }
    let picture = f.picture.take();
    let relay = relays.get_mut(usize::from(f.stamped.feed.0));
    let masked = relay.and_then(Option::as_mut).map(|relay| {
        let share = picture.as_ref().map_or(1.0, |p| p.mask.share());
        relay.offer(picture.filter(|_| passed.shown));
        share
    });
    output.frame(&f, passed, masked)
}
