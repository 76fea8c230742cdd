//! A live sensor's thread: what comes is decoded, judged, recorded and passed on.

use crate::context::Context;
use crate::error::EngineError;
use crate::feed_thread::kind_name;
use crate::gas::problem;
use crate::item::Item;
use crate::live::Stop;
use crate::live::door::Refusals;
use crate::live::feed::{Heard, Received};
use crate::live::looks::Looks;
use crate::summary::FeedSummary;
use atalaya_authority::{Gate, Refusal};
use atalaya_feeds::sensors::{Arrival, Decoded, Decoder, SensorLive, SensorRecorder};
use atalaya_geo::{Cov2, Geodetic, Vector2};
use atalaya_model::operation::{FeedConfig, SourceAddress};
use atalaya_model::{Cue, FeedIx, FeedStatus, Micros, Sensed, Stamped};
use atalaya_store::FeedCounts;
use crossbeam_channel::Sender;
use serde_json::json;
use std::path::Path;
use std::thread::Scope;
use std::time::{Duration, Instant};

/// Silence after which a sensor counts as stopped.
const SILENCE: Duration = Duration::from_secs(30);
/// Pause between words about what reading has come to.
const TELL_EVERY: Duration = Duration::from_millis(500);
/// Faults kept for the summary.
const FAULTS: usize = 20;

/// Opens a sensor's live source.
pub fn open(context: &Context, i: usize) -> Result<SensorLive, EngineError> {
    let feed = &context.operation.feeds[i];
    let fail = |why: String| EngineError::Feed {
        feed: feed.id.clone(),
        why,
    };
    if let Some(why) = problem_of(context, i) {
        return Err(fail(why));
    }
    SensorLive::open(feed).map_err(|e| fail(e.to_string()))
}

fn problem_of(context: &Context, i: usize) -> Option<String> {
    let gas = context.operation.feeds[i].kind() == atalaya_model::operation::FeedKind::Gas;
    gas.then(|| problem(context, FeedIx(i as u16))).flatten()
}

/// May what was decoded be kept?
pub fn judge(
    context: &Context,
    gate: &Gate,
    feed: &FeedConfig,
    d: &Decoded,
) -> Result<(), Refusal> {
    let origin = context.frame.origin().hae_m;
    let local = |lon: f64, lat: f64| -> Vector2<f64> {
        context
            .frame
            .to_enu(&Geodetic::from_degrees(lat, lon, origin))
            .xy()
    };
    match &d.sensed {
        Some(Sensed::Gas(g)) => {
            let places: Vec<_> =
                g.at.iter()
                    .chain(&g.to)
                    .map(|p| local(p[0], p[1]))
                    .collect();
            gate.sample(feed.sensor, g.t, &places)
        }
        Some(Sensed::Cue(c)) => {
            let [a, b, e, f] = c.cov;
            let at = local(c.lon_lat[0], c.lon_lat[1]);
            gate.cue(c.t, c.class, at, &Cov2::new(a, b, e, f))
        }
        // What keeps a link alive says nothing of anybody; without a window it is not kept either.
        None => gate.sample(feed.sensor, d.t, &[]),
    }
}

/// A sensor's thread.
struct Listener<'a> {
    context: &'a Context,
    ix: FeedIx,
    feed: &'a FeedConfig,
    gate: Gate,
    decoder: Decoder,
    recorder: SensorRecorder,
    refusals: Refusals,
    looks: Looks,
    /// Since when the broker is gone.
    gone: Option<Instant>,
    say: Sender<Heard>,
    summary: FeedSummary,
    /// Messages recorded so far.
    recorded: u64,
    last: Micros,
    state: FeedStatus,
}

/// Starts it.
pub fn spawn<'s, 'e: 's>(
    scope: &'s Scope<'s, 'e>,
    context: &'e Context,
    i: usize,
    live: SensorLive,
    say: Sender<Heard>,
    (stop, refusals, folder): (Stop, Refusals, &Path),
) -> Result<(), EngineError> {
    let feed = &context.operation.feeds[i];
    let fail = |why: String| EngineError::Feed {
        feed: feed.id.clone(),
        why,
    };
    let recorder =
        SensorRecorder::new(folder, &feed.id, feed.kind()).map_err(|e| fail(e.to_string()))?;
    let decoder = Decoder::new(feed).ok_or_else(|| fail("is video".into()))?;
    let listener = Listener {
        context,
        ix: FeedIx(i as u16),
        feed,
        gate: context.gate()?,
        decoder,
        recorder,
        refusals,
        looks: Looks::default(),
        gone: None,
        say,
        summary: FeedSummary {
            id: feed.id.clone(),
            source: feed.source.to_string(),
            kind: Some(kind_name(feed).into()),
            ..FeedSummary::default()
        },
        recorded: 0,
        last: Micros(0),
        state: FeedStatus::Ended,
    };
    scope.spawn(move || listener.run(&live, &stop));
    Ok(())
}

impl Listener<'_> {
    fn run(mut self, live: &SensorLive, stop: &Stop) {
        let mut told = Instant::now();
        let mut heard = Instant::now();
        loop {
            match live.next_arrival() {
                Some(Arrival::Message(bytes, at)) => {
                    heard = at;
                    self.message(&bytes, at, live);
                    live.done();
                }
                Some(Arrival::Answered {
                    node,
                    task,
                    status,
                    reason,
                }) => {
                    let detail = json!({ "task": task, "status": status, "reason": reason });
                    self.tell(Heard::Act(self.ix, "sensor.look_answer", node, detail));
                }
                Some(Arrival::Connected) => {
                    self.back();
                    self.status(FeedStatus::Live);
                }
                Some(Arrival::Lost(why)) => {
                    tracing::warn!(feed = self.feed.id, why, "sensor lost");
                    self.lost(&why);
                    self.status(FeedStatus::Failed { why });
                }
                None if stop.is_asked() => break,
                None => {
                    if self.state == FeedStatus::Live && heard.elapsed() > SILENCE {
                        let since = self.last;
                        self.status(FeedStatus::Stopped { since });
                    }
                }
            }
            if stop.is_asked() {
                live.stop();
            }
            if told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                (self.summary.shed, self.summary.doubled) = (live.shed(), live.doubled());
                let s = &self.summary;
                // Where the junction is behind, the next word will do.
                let _ = self.say.try_send(Heard::Read(
                    self.ix,
                    FeedCounts {
                        frames: s.frames,
                        shed: s.shed,
                        damaged: s.damaged,
                        ..FeedCounts::default()
                    },
                ));
            }
        }
        (self.summary.shed, self.summary.doubled) = (live.shed(), live.doubled());
        match self.recorder.finish() {
            Ok(Some(segment)) => self.tell(Heard::Segment(self.ix, segment)),
            Ok(None) => {}
            Err(e) => self.fault(e.to_string()),
        }
        self.status(FeedStatus::Ended);
        let end = Heard::End(self.ix, Box::new(self.summary.clone()));
        self.tell(end);
    }

    fn message(&mut self, bytes: &[u8], at: Instant, live: &SensorLive) {
        self.summary.frames += 1;
        // What is refused must leave no trace in what later messages are taken for: whoever replays
        // the recording has not seen it.
        let mut decoder = self.decoder.clone();
        let decoded = match decoder.decode(bytes) {
            Ok(d) => d,
            Err(e) => {
                self.summary.damaged += 1;
                self.fault(e);
                return;
            }
        };
        if let Err(why) = judge(self.context, &self.gate, self.feed, &decoded) {
            self.refusals.count(why.name());
            let why = why.name().to_owned();
            self.status(FeedStatus::Refused { why });
            return;
        }
        self.decoder = decoder;
        self.last = self.last.max(decoded.t);
        match self.recorder.push(bytes, self.last) {
            Ok(closed) => {
                if let Some(segment) = closed {
                    self.tell(Heard::Segment(self.ix, segment));
                }
            }
            Err(e) => {
                // What is not recorded is no evidence, and is not passed on either.
                self.summary.damaged += 1;
                self.fault(e.to_string());
                return;
            }
        }
        self.recorded += 1;
        self.status(FeedStatus::Live);
        let Some(sensed) = decoded.sensed else { return };
        if decoded.late {
            self.late(sensed.t());
            return;
        }
        if let Sensed::Cue(cue) = &sensed {
            self.look(cue, live);
        }
        let text = sensed.t().to_rfc3339();
        self.summary.t0.get_or_insert_with(|| text.clone());
        self.summary.t1 = Some(text);
        let stamped = Stamped {
            t: sensed.t(),
            feed: self.ix,
            seq: self.recorded,
            body: Item::Sensed(Box::new(sensed.numbered(self.recorded))),
        };
        self.tell(Heard::Frame(Box::new(Received {
            stamped,
            at,
            picture: None,
        })));
    }

    /// Other nodes are asked to look at what the gate has let in.
    fn look(&mut self, cue: &Cue, live: &SensorLive) {
        let Some(config) = self.feed.ground.as_ref().filter(|g| g.look) else {
            return;
        };
        let ground = self.context.frame.origin().hae_m;
        let place = [cue.lon_lat[0], cue.lon_lat[1], ground];
        for node in self.looks.ask(config, cue, &live.lookers()) {
            if let Some(task) = live.look(&node, place) {
                let detail = json!({
                    "task": task, "t": cue.t.to_rfc3339(), "lon_lat": cue.lon_lat,
                    "reported_by": cue.node, "object": cue.object,
                });
                self.tell(Heard::Act(self.ix, "sensor.look", node, detail));
            }
        }
    }

    /// A broker is one for the whole feed: that it is gone is a gap in the record, and is said there.
    /// Nodes come and go by themselves.
    fn lost(&mut self, why: &str) {
        if self.gone.is_none() && matches!(self.feed.address(), Ok(SourceAddress::Mqtt(_))) {
            self.gone = Some(Instant::now());
            self.summary.gaps += 1;
            let detail = json!({ "why": why, "last": self.last.to_rfc3339() });
            self.tell(Heard::Act(self.ix, "feed.lost", String::new(), detail));
        }
    }

    fn back(&mut self) {
        if let Some(gone) = self.gone.take() {
            let away = (gone.elapsed().as_secs_f64() * 10.0).round() / 10.0;
            let detail = json!({ "away_s": away, "last": self.last.to_rfc3339() });
            self.tell(Heard::Act(self.ix, "feed.back", String::new(), detail));
        }
    }

    fn tell(&self, word: Heard) {
        // Nobody listens only when the run is over.
        let _ = self.say.send(word);
    }

    /// What is recorded and too late to be weighed is counted, and said once.
    fn late(&mut self, t: Micros) {
        self.summary.late += 1;
        if self.summary.late == 1 {
            let behind = self.last.since(t);
            let text = format!(
                "a sample came {behind:.0} s behind later ones: such are recorded, not weighed"
            );
            tracing::warn!(feed = self.feed.id, "{text}; further ones are counted");
            self.summary.faults.push(text);
        }
    }

    /// A change of state is said, once.
    fn status(&mut self, state: FeedStatus) {
        if self.state != state {
            self.state = state.clone();
            self.tell(Heard::Status(self.ix, self.last, state));
        }
    }

    fn fault(&mut self, text: String) {
        if self.summary.faults.is_empty() {
            tracing::warn!(
                feed = self.feed.id,
                "a message can't be used: {text}; further ones are counted"
            );
        }
        if self.summary.faults.len() < FAULTS {
            self.summary.faults.push(text);
        }
    }
}
