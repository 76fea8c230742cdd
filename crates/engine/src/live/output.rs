//! Where a live run's results go: the store first, then the bus and partners.

use crate::context::Context;
use crate::error::EngineError;
use crate::item::Item;
use crate::junction::Passed;
use crate::live::LiveOptions;
use crate::live::feed::Received;
use crate::live::latency::Latencies;
use crate::live::maps::MapKeeper;
use crate::live::seal::{is_open, seal};
use atalaya_authority::Keeping;
use atalaya_feeds::SegmentUnit;
use atalaya_model::{
    Alert, EmissionMap, Event, EvidenceRef, FeedIx, FeedStatus, Micros, Segment, TrackState,
};
use atalaya_store::{FeedCounts, Live, LiveFrame, Record, Run, StoreError, Ticket};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Most events and alerts that wait for their segments.
const PROVISIONAL: usize = 10_000;
/// Most messages that wait to be durable before they are said.
const UNSAID: usize = 10_000;

/// Closed segments that are kept in mind for evidence that is older than what it belongs to.
const CLOSED: usize = 4096;

/// What is said once it is durable.
struct Saying {
    ticket: Ticket,
    events: Vec<Event>,
    alerts: Vec<Alert>,
    received: Instant,
}

/// Stores, then says.
pub struct Output<'a> {
    context: &'a Context,
    options: &'a LiveOptions,
    covered: BTreeMap<FeedIx, Micros>,
    events: VecDeque<Event>,
    alerts: VecDeque<Alert>,
    closed: VecDeque<Segment>,
    maps: BTreeMap<String, MapKeeper>,
    /// Alerts so far.
    raised: u64,
    say: Option<Sender<Saying>>,
    speaker: Option<JoinHandle<()>>,
    latencies: Arc<Mutex<Latencies>>,
}

impl<'a> Output<'a> {
    /// Begins the run in the store.
    pub fn new(context: &'a Context, options: &'a LiveOptions) -> Result<Self, EngineError> {
        let op = &context.operation;
        let now = Micros::parse_rfc3339(&op.authority.valid_until).unwrap_or(Micros::MAX);
        let run = Run {
            id: options.run.clone(),
            operation: op.id.clone(),
            started: Micros(0),
            settings_hash: context.hash.clone(),
            code_version: env!("CARGO_PKG_VERSION").into(),
            retention: op.authority.retention.clone(),
        };
        options.writer.submit(vec![Record::Run {
            run,
            delete_by: Keeping::Evidence.delete_by(now, &op.authority.retention),
        }])?;
        let (say, hear) = unbounded();
        let latencies: Arc<Mutex<Latencies>> = Arc::default();
        let speaker = {
            let (options, latencies) = (options.clone(), latencies.clone());
            std::thread::spawn(move || speak(&hear, &options, &latencies))
        };
        Ok(Self {
            context,
            options,
            covered: BTreeMap::new(),
            events: VecDeque::new(),
            alerts: VecDeque::new(),
            closed: VecDeque::new(),
            maps: BTreeMap::new(),
            raised: 0,
            say: Some(say),
            speaker: Some(speaker),
            latencies,
        })
    }

    fn keep(&self, what: Keeping, t: Micros) -> Micros {
        what.delete_by(t, &self.context.operation.authority.retention)
    }

    fn feed(&self, ix: FeedIx) -> String {
        self.context
            .operation
            .feeds
            .get(usize::from(ix.0))
            .map_or_else(String::new, |f| f.id.clone())
    }

    /// A sensor's word and what it led to.
    pub fn sensed(&mut self, f: &Received, mut passed: Passed) -> Result<(), EngineError> {
        let mut records = Vec::new();
        for map in std::mem::take(&mut passed.emissions) {
            records.extend(self.keep_map(map)?);
        }
        self.store(records, passed, f.stamped.t, f.at)
    }

    /// Into the log of acts: what the run did of itself, or what befell a feed.
    pub fn act(
        &mut self,
        ix: FeedIx,
        what: &str,
        whom: &str,
        mut detail: serde_json::Value,
    ) -> Result<(), EngineError> {
        if let Some(detail) = detail.as_object_mut() {
            detail.insert("run".into(), self.options.run.clone().into());
        }
        let feed = self.feed(ix);
        self.options.writer.submit(vec![Record::Act {
            what: what.into(),
            subject: if whom.is_empty() {
                feed
            } else {
                format!("{feed}/{whom}")
            },
            detail,
        }])?;
        Ok(())
    }

    /// Keeps an estimate and says it; gives the record of the file that it closed.
    fn keep_map(&mut self, map: EmissionMap) -> Result<Option<Record>, EngineError> {
        let run = &self.options.run;
        let folder = self.options.dir.join("segments").join(run);
        let keeper = self
            .maps
            .entry(map.feed.clone())
            .or_insert_with(|| MapKeeper::new(&map.feed, &folder, run));
        let closed = keeper.push(&map)?;
        self.options.bus.publish(Live::Emission {
            run: run.clone(),
            map: Arc::new(map),
        });
        Ok(closed.map(|segment| self.map_record(segment)))
    }

    /// No person is in an estimate: it is kept as long as what it may be evidence for.
    fn map_record(&self, segment: Segment) -> Record {
        Record::Segment {
            run: self.options.run.clone(),
            delete_by: self.keep(Keeping::Evidence, segment.t1),
            segment,
        }
    }

    /// A frame and what it led to; `masked` is the share of its picture that is hidden.
    pub fn frame(
        &mut self,
        f: &Received,
        passed: Passed,
        masked: Option<f32>,
    ) -> Result<(), EngineError> {
        let s = &f.stamped;
        let Item::Frame(analysed) = &s.body else {
            return Ok(());
        };
        let (run, feed) = (self.options.run.clone(), self.feed(s.feed));
        let mut records = Vec::new();
        if let Some(coverage) = &passed.coverage {
            let due = self
                .covered
                .get(&s.feed)
                .is_none_or(|last| s.t.since(*last) >= 1.0);
            if due {
                self.covered.insert(s.feed, s.t);
                records.push(Record::Coverage {
                    run: run.clone(),
                    feed: feed.clone(),
                    t: s.t,
                    coverage: coverage.clone(),
                    // Where a camera looked says nothing of anybody, and finds the segments again.
                    delete_by: self.keep(Keeping::Evidence, s.t),
                });
            }
            self.options.bus.publish(Live::Frame(Arc::new(LiveFrame {
                feed: feed.clone(),
                run: run.clone(),
                frame: analysed.frame,
                t: s.t,
                pts_90k: analysed.pts_90k.unwrap_or(0),
                width: analysed.size.0,
                height: analysed.size.1,
                coverage: coverage.clone(),
                masked,
                drawn: passed.drawn.clone(),
                tracks: passed.points.clone(),
            })));
        }
        if !passed.points.is_empty() {
            let points = passed
                .points
                .iter()
                .filter(|p| p.state.is_observed() || p.state == TrackState::Ended)
                .cloned()
                .collect();
            records.push(Record::TrackPoints {
                run: run.clone(),
                feed,
                t: s.t,
                points,
                delete_by: self.keep(Keeping::Bystander, s.t),
            });
        }
        self.store(records, passed, s.t, f.at)
    }

    fn store(
        &mut self,
        mut records: Vec<Record>,
        mut passed: Passed,
        t: Micros,
        received: Instant,
    ) -> Result<(), EngineError> {
        // Evidence may be minutes old, in segments that are closed.
        let events = passed.events.iter_mut().map(|e| &mut e.evidence);
        let alerts = passed.alerts.iter_mut().map(|a| &mut a.evidence);
        for evidence in events.chain(alerts) {
            for segment in self
                .closed
                .iter()
                .filter(|_| is_open(evidence))
                .cloned()
                .collect::<Vec<_>>()
            {
                seal(evidence, &segment);
            }
        }
        for e in &passed.events {
            records.push(self.event_record(e, t));
        }
        for a in &passed.alerts {
            records.push(self.alert_record(a, t));
        }
        self.raised += passed.alerts.len() as u64;
        if records.is_empty() {
            return Ok(());
        }
        let ticket = self.submit(records)?;
        if !passed.events.is_empty() || !passed.alerts.is_empty() {
            // A second word about an event or alert takes the place of the first.
            self.events
                .retain(|known| !passed.events.iter().any(|e| e.id == known.id));
            let open = |evidence: &[EvidenceRef]| is_open(evidence);
            let events = passed.events.iter().filter(|e| open(&e.evidence));
            push_bounded(&mut self.events, events.cloned());
            self.alerts
                .retain(|known| !passed.alerts.iter().any(|a| a.id == known.id));
            let alerts = passed.alerts.iter().filter(|a| open(&a.evidence));
            push_bounded(&mut self.alerts, alerts.cloned());
            self.tell(ticket, passed.events, passed.alerts, received);
        }
        Ok(())
    }

    fn event_record(&self, e: &Event, t: Micros) -> Record {
        Record::Event {
            run: self.options.run.clone(),
            event: e.clone(),
            delete_by: self.keep(Keeping::Evidence, t),
        }
    }

    fn alert_record(&self, a: &Alert, t: Micros) -> Record {
        Record::Alert {
            run: self.options.run.clone(),
            alert: a.clone(),
            delete_by: self.keep(Keeping::Evidence, t),
        }
    }

    fn tell(&self, ticket: Ticket, events: Vec<Event>, alerts: Vec<Alert>, received: Instant) {
        let Some(say) = &self.say else { return };
        if say.len() < UNSAID {
            let _ = say.send(Saying {
                ticket,
                events,
                alerts,
                received,
            });
        } else {
            tracing::error!(
                events = events.len(),
                alerts = alerts.len(),
                "not announced: the store is too far behind; they are queued for it and will be in the API"
            );
        }
    }

    /// A full disk does not end the run: what is not stored is tried again for as long as the
    /// queue of the store has room, and the live picture goes on.
    fn submit(&self, records: Vec<Record>) -> Result<Ticket, StoreError> {
        loop {
            match self.options.writer.submit(records.clone()) {
                Err(e @ StoreError::DiskFull { .. }) => {
                    tracing::error!("{e}");
                    std::thread::sleep(Duration::from_millis(500));
                }
                other => return other,
            }
        }
    }

    /// A segment is closed: its evidence is no longer provisional.
    pub fn segment(&mut self, ix: FeedIx, unit: SegmentUnit) -> Result<(), EngineError> {
        let segment = Segment {
            feed: self.feed(ix),
            path: relative(&unit.path, &self.options.dir),
            sha256: unit.sha256,
            bytes: unit.bytes,
            t0: unit.t0,
            t1: unit.t1,
        };
        let mut records = vec![Record::Segment {
            run: self.options.run.clone(),
            delete_by: self.keep(Keeping::Bystander, segment.t1),
            segment: segment.clone(),
        }];
        if self.closed.len() == CLOSED {
            self.closed.pop_front();
        }
        self.closed.push_back(segment.clone());
        let (mut events, mut alerts) = (Vec::new(), Vec::new());
        for e in &mut self.events {
            if seal(&mut e.evidence, &segment) {
                events.push(e.clone());
            }
        }
        for a in &mut self.alerts {
            if seal(&mut a.evidence, &segment) {
                alerts.push(a.clone());
            }
        }
        self.events.retain(|e| is_open(&e.evidence));
        self.alerts.retain(|a| is_open(&a.evidence));
        records.extend(events.iter().map(|e| self.event_record(e, e.decided_at)));
        records.extend(alerts.iter().map(|a| self.alert_record(a, a.opened_at)));
        self.submit(records)?;
        Ok(())
    }

    /// A feed changed its state.
    pub fn status(&mut self, ix: FeedIx, t: Micros, status: FeedStatus) {
        tracing::info!(feed = %self.feed(ix), ?status, "feed");
        self.options.bus.publish(Live::Status {
            feed: self.feed(ix),
            run: self.options.run.clone(),
            t,
            status,
        });
    }

    /// What became of a feed's frames so far, and what was said of it `before`.
    pub fn counts(&self, ix: FeedIx, t: Micros, now: FeedCounts, before: FeedCounts) {
        let feed = self.feed(ix);
        let warn = |more: u64, in_all: u64, why: &str| {
            if more > 0 {
                tracing::warn!(feed, more, in_all, "{why}");
            }
        };
        let of = |count: fn(&FeedCounts) -> u64, why: &str| {
            warn(count(&now).saturating_sub(count(&before)), count(&now), why);
        };
        of(
            |c| c.shed,
            "frames shed: they come faster than this machine can analyse; lower analyse_fps",
        );
        of(
            |c| c.late,
            "frames dropped: the other feeds were past their time; compare the feeds' clocks",
        );
        of(
            |c| c.early,
            "frames dropped: the other feeds are far behind their time; compare the feeds' clocks",
        );
        of(
            |c| c.datagrams_shed,
            "datagrams shed: they come faster than they can be read",
        );
        self.options.bus.publish(Live::Counts {
            feed,
            run: self.options.run.clone(),
            t,
            counts: now,
        });
    }

    /// Alerts so far.
    pub fn alerts(&self) -> u64 {
        self.raised
    }

    /// The end of the run: stores what is left and waits until all is durable and said.
    pub fn finish(&mut self, mut passed: Passed) -> Result<(), EngineError> {
        let t = passed.events.last().map_or(Micros(0), |e| e.decided_at);
        let mut records = Vec::new();
        for map in std::mem::take(&mut passed.emissions) {
            records.extend(self.keep_map(map)?);
        }
        let mut maps = std::mem::take(&mut self.maps);
        let files = maps.values_mut().filter_map(MapKeeper::finish);
        records.extend(files.map(|segment| self.map_record(segment)));
        self.store(records, passed, t, Instant::now())?;
        self.say = None;
        if let Some(speaker) = self.speaker.take() {
            speaker.join().map_err(|_| EngineError::Died("speaker"))?;
        }
        Ok(())
    }

    /// Wall time from the frame that completed an alert to the alert being durable.
    pub fn latencies(&self) -> Latencies {
        self.latencies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Says events and alerts once they are durable: nobody acts on what a crash could undo.
fn speak(hear: &Receiver<Saying>, options: &LiveOptions, latencies: &Mutex<Latencies>) {
    for s in hear {
        loop {
            match s.ticket.wait() {
                Ok(()) => break,
                Err(e) if s.ticket.is_over() => {
                    tracing::error!("not stored: {e}");
                    break;
                }
                Err(e) => tracing::error!("not stored yet: {e}"),
            }
        }
        if !s.alerts.is_empty() {
            latencies
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .add(s.received.elapsed());
        }
        for e in s.events {
            options.bus.publish(Live::Event {
                run: options.run.clone(),
                event: Arc::new(e),
            });
        }
        for a in s.alerts {
            options.bus.publish(Live::Alert {
                run: options.run.clone(),
                alert: Arc::new(a),
            });
        }
    }
}

fn push_bounded<T>(queue: &mut VecDeque<T>, items: impl Iterator<Item = T>) {
    for item in items {
        if queue.len() >= PROVISIONAL {
            queue.pop_front();
            tracing::error!(
                "evidence stays provisional: too many records wait for their segments to be closed"
            );
        }
        queue.push_back(item);
    }
}

/// A path within the store's folder as the store names it.
fn relative(path: &Path, dir: &Path) -> String {
    path.strip_prefix(dir)
        .unwrap_or(path)
        .to_string_lossy()
        .into_owned()
}
