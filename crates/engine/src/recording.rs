//! A run over recordings: as fast as the machine can, no frame lost, the same bytes twice.

use crate::context::Context;
use crate::error::EngineError;
use crate::feed_thread::{Said, read_recording, read_sensor};
use crate::gas::problem as sensor_problem;
use crate::item::Item;
use crate::junction::{Junction, Passed};
use crate::merge::Merge;
use crate::pipeline::Analysed;
use crate::summary::{FeedSummary, GateSummary, Summary};
use crate::tracks_out::{Tracks, round};
use atalaya_authority::Tally;
use atalaya_feeds::sensors::SensorFile;
use atalaya_feeds::{Fmv, FmvOptions};
use atalaya_model::operation::{FeedKind, SourceAddress};
use atalaya_model::{
    Alert, EmissionMap, Event, EventKind, EvidenceRef, FeedIx, Micros, Sensed, Stamped, TrackPoint,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Analysed frames that may wait for a slower feed.
const WAITING: usize = 256;

/// How to run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Event seconds per second; as fast as possible when absent.
    pub speed: Option<f64>,
}

/// What a run found, besides what it wrote.
pub struct RunResult {
    /// The summary.
    pub summary: Summary,
    /// Events, in the order of FORMATS.
    pub events: Vec<Event>,
    /// Alerts, oldest first.
    pub alerts: Vec<Alert>,
    /// Tracks.
    pub tracks: Tracks,
    /// Where pictures lay, once a second and feed: corners as longitude, latitude.
    pub footprints: Vec<(Micros, [[f64; 2]; 4])>,
    /// What was known of sources of gas, in order of time.
    pub emissions: Vec<EmissionMap>,
}

/// Runs all feeds of an operation, sources relative to `base`, into the folder `out`; `progress`
/// is told the number of analysed frames.
pub fn run(
    context: &Context,
    base: &Path,
    out: &Path,
    options: &RunOptions,
    progress: &mut dyn FnMut(u64),
) -> Result<RunResult, EngineError> {
    let feeds = open_feeds(context, base)?;
    std::fs::create_dir_all(out).map_err(|e| EngineError::io(out, &e))?;
    let mut writer = RunWriter::create(out)?;
    let mut summaries: Vec<Option<FeedSummary>> = feeds.iter().map(|_| None).collect();
    let mut junction = Junction::new(context)?;
    let mut merge = Merge::new(feeds.len());
    std::thread::scope(|scope| -> Result<(), EngineError> {
        let mut mailboxes = Vec::new();
        for (i, source) in feeds.into_iter().enumerate() {
            let (send, receive) = crossbeam_channel::bounded(WAITING);
            mailboxes.push(receive);
            let config = &context.operation.feeds[i];
            scope.spawn(move || {
                let (ix, say) = (FeedIx(i as u16), |said| send.send(said).is_ok());
                match source {
                    Source::Video(fmv) => read_recording(context, ix, *fmv, config, say),
                    Source::Sensor(file) => read_sensor(ix, file, config, say),
                }
            });
        }
        let mut pace = options.speed.map(Pace::new);
        let mut done = 0;
        loop {
            while let Some(feed) = merge.waits_for() {
                match mailboxes[usize::from(feed.0)].recv() {
                    Ok(Said::Item(item)) => merge.push(item),
                    Ok(Said::End(ix, summary)) => {
                        summaries[usize::from(ix.0)] = Some(*summary);
                        merge.close(ix);
                    }
                    Err(_) => return Err(EngineError::Died("feed")),
                }
            }
            let Some(item) = merge.pop() else {
                return Ok(());
            };
            if let Some(pace) = &mut pace {
                pace.wait(item.t);
            }
            let passed = junction.take(&item);
            match &item.body {
                Item::Frame(a) => writer.frame(context, &item.with(&**a), passed)?,
                Item::Sensed(s) => writer.sensed(context, &item.with(&**s), passed)?,
            }
            done += 1;
            progress(done);
        }
    })?;
    let last = junction.finish();
    writer.passed(last);
    let feeds: Vec<FeedSummary> = summaries.into_iter().flatten().collect();
    writer.finish(context, feeds, &junction)
}

/// A recording that is open.
enum Source {
    Video(Box<Fmv>),
    Sensor(SensorFile),
}

/// Opens all feeds before anything is written: a missing file is said at once.
fn open_feeds(context: &Context, base: &Path) -> Result<Vec<Source>, EngineError> {
    let op = &context.operation;
    if op.feeds.is_empty() {
        return Err(EngineError::NoFeed);
    }
    op.feeds
        .iter()
        .enumerate()
        .map(|(i, f)| {
            let fail = |why: String| EngineError::Feed {
                feed: f.id.clone(),
                why,
            };
            match f.address().map_err(fail)? {
                SourceAddress::File(path) if f.kind() != FeedKind::Video => {
                    if let Some(why) = sensor_problem(context, FeedIx(i as u16)) {
                        return Err(fail(why));
                    }
                    SensorFile::open(&base.join(path), base, f)
                        .map(Source::Sensor)
                        .map_err(|e| fail(e.to_string()))
                }
                SourceAddress::File(path) => {
                    let options = FmvOptions {
                        start: context.start_of(i),
                        north: context.north_of(i),
                        ..FmvOptions::default()
                    };
                    let fmv =
                        Fmv::file(&base.join(path), options).map_err(|e| fail(e.to_string()))?;
                    if fmv.video().is_none() {
                        return Err(fail(format!(
                            "{} carries no video; atalaya klv reads metadata alone",
                            f.source
                        )));
                    }
                    Ok(Source::Video(Box::new(fmv)))
                }
                _ => Err(fail(
                    "a live source can't be run as a recording; use atalaya serve".into(),
                )),
            }
        })
        .collect()
}

/// Holds event time to wall time.
struct Pace {
    speed: f64,
    start: Option<(Micros, Instant)>,
}

impl Pace {
    fn new(speed: f64) -> Self {
        Self { speed, start: None }
    }

    fn wait(&mut self, t: Micros) {
        let (t0, w0) = *self.start.get_or_insert((t, Instant::now()));
        let due = w0 + Duration::from_secs_f64((t.since(t0) / self.speed).clamp(0.0, 1e7));
        let now = Instant::now();
        if due > now {
            std::thread::sleep(due - now);
        }
    }
}

/// Writes what a run says.
struct RunWriter {
    dir: PathBuf,
    observations: BufWriter<File>,
    observations_path: PathBuf,
    tracks: Tracks,
    subjects: Tracks,
    events: Vec<Event>,
    alerts: Vec<Alert>,
    coverage: Vec<Value>,
    footprints: Vec<(Micros, [[f64; 2]; 4])>,
    covered: BTreeMap<FeedIx, Micros>,
    emissions: Vec<EmissionMap>,
}

impl RunWriter {
    fn create(dir: &Path) -> Result<Self, EngineError> {
        let path = dir.join("observations.jsonl");
        let file = File::create(&path).map_err(|e| EngineError::io(&path, &e))?;
        Ok(Self {
            dir: dir.to_owned(),
            observations: BufWriter::new(file),
            observations_path: path,
            tracks: Tracks::default(),
            subjects: Tracks::default(),
            events: Vec::new(),
            alerts: Vec::new(),
            coverage: Vec::new(),
            footprints: Vec::new(),
            covered: BTreeMap::new(),
            emissions: Vec::new(),
        })
    }

    fn frame(
        &mut self,
        context: &Context,
        frame: &Stamped<&Analysed>,
        passed: Passed,
    ) -> Result<(), EngineError> {
        let Some(feed) = context.operation.feeds.get(usize::from(frame.feed.0)) else {
            return Ok(());
        };
        for p in passed.points.iter().filter(|p| p.state.is_observed()) {
            let line = observation(&feed.id, frame, p);
            writeln!(self.observations, "{line}")
                .map_err(|e| EngineError::io(&self.observations_path, &e))?;
        }
        self.tracks.push(&feed.id, frame.t, &passed.points);
        self.subjects.push(&feed.id, frame.t, &passed.subjects);
        if let Some(c) = &passed.coverage {
            let due = self
                .covered
                .get(&frame.feed)
                .is_none_or(|last| frame.t.since(*last) >= 1.0);
            if let (true, Some(corners)) = (due, c.footprint_lon_lat) {
                self.covered.insert(frame.feed, frame.t);
                self.footprints.push((frame.t, corners));
                let mut ring: Vec<[f64; 2]> =
                    corners.iter().map(|p| p.map(|v| round(v, 7))).collect();
                ring.push(ring[0]);
                let sensor = c
                    .sensor
                    .map(|s| [round(s[0], 7), round(s[1], 7), round(s[2], 1)]);
                self.coverage.push(json!({
                    "type": "Feature",
                    "geometry": { "type": "Polygon", "coordinates": [ring] },
                    "properties": {
                        "feed": feed.id,
                        "time": frame.t.to_rfc3339(),
                        "tracking": c.tracking,
                        "sensor": sensor,
                    }
                }));
            }
        }
        self.passed(passed);
        Ok(())
    }

    fn sensed(
        &mut self,
        context: &Context,
        item: &Stamped<&Sensed>,
        passed: Passed,
    ) -> Result<(), EngineError> {
        let feed = context.operation.feeds.get(usize::from(item.feed.0));
        if let (Some(feed), Sensed::Cue(cue)) = (feed, item.body)
            && !passed.events.is_empty()
        {
            let line = json!({
                "schema": "observation/1",
                "time": cue.t.to_rfc3339(),
                "feed": feed.id,
                "sample": cue.number,
                "node": cue.node,
                "class": cue.class.name(),
                "p": round(cue.p, 3),
                "lat": round(cue.lon_lat[1], 7),
                "lon": round(cue.lon_lat[0], 7),
                "cov_random": cue.cov.map(|v| round(v, 4)),
            });
            writeln!(self.observations, "{line}")
                .map_err(|e| EngineError::io(&self.observations_path, &e))?;
        }
        self.passed(passed);
        Ok(())
    }

    fn passed(&mut self, passed: Passed) {
        for event in passed.events {
            // An emission is said again when more is known of it.
            let again = (event.kind == EventKind::Emission)
                .then(|| self.events.iter_mut().find(|e| e.id == event.id))
                .flatten();
            match again {
                Some(known) => *known = event,
                None => self.events.push(event),
            }
        }
        self.emissions.extend(passed.emissions);
        for alert in passed.alerts {
            // An alert of a watch rule is said again when it changes; then it has a life.
            let again = alert
                .life
                .is_some()
                .then(|| self.alerts.iter_mut().find(|a| a.id == alert.id))
                .flatten();
            match again {
                Some(known) => *known = alert,
                None => self.alerts.push(alert),
            }
        }
    }

    fn finish(
        mut self,
        context: &Context,
        feeds: Vec<FeedSummary>,
        junction: &Junction,
    ) -> Result<RunResult, EngineError> {
        let hashes: BTreeMap<&str, &String> = feeds
            .iter()
            .filter_map(|f| Some((f.id.as_str(), f.sha256.as_ref()?)))
            .collect();
        let seal = |evidence: &mut Vec<EvidenceRef>| {
            for e in evidence {
                e.segment = hashes.get(e.feed.as_str()).map(|h| (*h).clone());
            }
        };
        self.events.iter_mut().for_each(|e| seal(&mut e.evidence));
        self.alerts.iter_mut().for_each(|a| seal(&mut a.evidence));
        let maps = self.emissions.iter_mut();
        maps.for_each(|m| seal(&mut m.evidence));
        self.events.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.alerts
            .sort_by(|a, b| (a.opened_at, &a.id).cmp(&(b.opened_at, &b.id)));
        self.observations
            .flush()
            .map_err(|e| EngineError::io(&self.observations_path, &e))?;
        let events = lines(&self.events);
        let alerts = lines(&self.alerts);
        let summary = summarise(context, feeds, junction, &self);
        self.put("events.jsonl", &events)?;
        self.put("alerts.jsonl", &alerts)?;
        if context
            .operation
            .feeds
            .iter()
            .any(|f| f.kind() == FeedKind::Gas)
        {
            self.put("emission.jsonl", &lines(&self.emissions))?;
        }
        self.put("tracks.geojson", &format!("{}\n", self.tracks.geojson()))?;
        self.put(
            "subjects.geojson",
            &format!("{}\n", self.subjects.geojson()),
        )?;
        let coverage = json!({
            "type": "FeatureCollection", "schema": "coverage/1", "features": self.coverage
        });
        self.put("coverage.geojson", &format!("{coverage}\n"))?;
        let text = serde_json::to_string_pretty(&summary).unwrap_or_default();
        self.put("summary.json", &format!("{text}\n"))?;
        Ok(RunResult {
            summary,
            events: self.events,
            alerts: self.alerts,
            tracks: self.tracks,
            footprints: self.footprints,
            emissions: self.emissions,
        })
    }

    fn put(&self, name: &str, text: &str) -> Result<(), EngineError> {
        let path = self.dir.join(name);
        std::fs::write(&path, text).map_err(|e| EngineError::io(&path, &e))
    }
}

/// Records as JSON Lines.
fn lines<T: serde::Serialize>(records: &[T]) -> String {
    records
        .iter()
        .filter_map(|r| serde_json::to_string(r).ok())
        .map(|line| line + "\n")
        .collect()
}

fn observation(feed: &str, frame: &Stamped<&Analysed>, p: &TrackPoint) -> Value {
    let b = p.bbox;
    let bbox = [b.x, b.y, b.w, b.h].map(|v| round(f64::from(v), 2));
    json!({
        "schema": "observation/1",
        "time": frame.t.to_rfc3339(),
        "feed": feed,
        "frame": p.frame,
        "track": p.track,
        "state": p.state,
        "class": p.class.name(),
        "class_p": round(f64::from(p.class_p), 3),
        "p": round(f64::from(p.p), 3),
        "box": bbox,
        "lat": p.ground.map(|g| round(g.lat, 7)),
        "lon": p.ground.map(|g| round(g.lon, 7)),
        "cov_random": p.ground.map(|g| g.cov_random.map(|v| round(v, 4))),
        "cov_common": p.ground.map(|g| g.cov_common.map(|v| round(v, 4))),
        "anchored_px": p.anchored.map(|a| a.map(|v| round(v, 2))),
    })
}

fn refused(t: &Tally) -> BTreeMap<String, u64> {
    t.refused
        .iter()
        .map(|(r, n)| (r.name().to_owned(), *n))
        .collect()
}

fn summarise(
    context: &Context,
    feeds: Vec<FeedSummary>,
    junction: &Junction,
    w: &RunWriter,
) -> Summary {
    let op = &context.operation;
    let gate = junction.gate();
    let mut events = BTreeMap::new();
    for e in &w.events {
        *events.entry(e.kind.name().to_owned()).or_default() += 1;
    }
    let mut remarks: Vec<String> = feeds.iter().flat_map(FeedSummary::remarks).collect();
    if gate.samples.passed == 0 && !gate.samples.refused.is_empty() {
        let why: Vec<String> = refused(&gate.samples)
            .into_iter()
            .map(|(r, n)| format!("{r} {n}"))
            .collect();
        remarks.push(format!(
            "no sample or cue passed the gate ({}): check area, window, sensors and objects of the operation",
            why.join(", ")
        ));
    }
    if gate.frames.passed == 0 && !gate.frames.refused.is_empty() {
        let why = refused(&gate.frames)
            .into_iter()
            .map(|(r, n)| format!("{r} {n}"))
            .collect::<Vec<_>>()
            .join(", ");
        remarks.push(format!(
            "no frame passed the gate ({why}): check area, window and 'unplaced' of the operation"
        ));
    }
    Summary {
        schema: "summary/1".into(),
        operation: op.id.clone(),
        simulated: op.simulated,
        settings: context.hash.clone(),
        configuration: context.settings.configuration(),
        version: env!("CARGO_PKG_VERSION").into(),
        gate: GateSummary {
            frames_passed: gate.frames.passed,
            frames_refused: refused(&gate.frames),
            points_passed: gate.points.passed,
            points_refused: refused(&gate.points),
            samples_passed: gate.samples.passed,
            samples_refused: refused(&gate.samples),
        },
        tracks: w.tracks.len() as u64,
        events,
        alerts: w.alerts.len() as u64,
        feeds,
        remarks,
    }
}
