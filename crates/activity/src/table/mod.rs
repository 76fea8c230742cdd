//! `atalaya activity`: a table of positions to events.

mod cells;
mod rows;

pub use rows::{Row, Rows};

use crate::composed::Composed;
use crate::fix::{Finding, Fix};
use crate::reorder::Reorder;
use crate::visits::{Change, ChangeKind, Visits};
use crate::zone::Zone;
use atalaya_geo::{LocalPlane, Vector2};
use atalaya_model::{Event, EventKind, Micros};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

/// A table that can't be used: one line for people.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A column is missing.
    #[error(
        "there is no column '{wanted}'; the header has: {found}; map another name with --map {name}=COLUMN"
    )]
    Column {
        /// Our name.
        name: &'static str,
        /// The name looked for.
        wanted: String,
        /// What is there.
        found: String,
    },
    /// A cell can't be read.
    #[error("line {line}: '{cell}' is not {what}")]
    Cell {
        /// Line, from 1.
        line: u64,
        /// The text.
        cell: String,
        /// What was expected.
        what: &'static str,
    },
    /// Not a table.
    #[error("not a table: {0}")]
    Csv(#[from] csv::Error),
    /// The events can't be written.
    #[error("can't write events: {0}")]
    Write(#[from] std::io::Error),
}

/// How a table is read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Other names of columns.
    pub map: BTreeMap<String, String>,
    /// Composed events, too: what one vehicle does, and what two do.
    pub composed: bool,
    /// A stream: rows are late by at most so many seconds, events are given as soon as they are known,
    /// and memory is bounded. Without it, events are given at the end, in the order of FORMATS.
    pub late_s: Option<f64>,
}

/// What was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows.
    pub rows: u64,
    /// Rows of a stream that came later than the window allows.
    pub late: u64,
}

/// Seconds between looks for who has fallen silent in a stream.
const SILENT_EVERY_S: f64 = 10.0;

/// Reads positions (`time,id,lat,lon`, other names by `map`) and gives all events, in the order of
/// FORMATS.
pub fn events(
    reader: impl Read,
    map: &BTreeMap<String, String>,
    plane: &LocalPlane,
    zones: Vec<Zone>,
) -> Result<Vec<Event>, TableError> {
    let options = Options {
        map: map.clone(),
        ..Options::default()
    };
    let mut events = Vec::new();
    run(reader, &options, plane, zones, |e| {
        events.push(e);
        Ok(())
    })?;
    Ok(events)
}

/// Reads positions and gives events to `sink`.
pub fn run(
    reader: impl Read,
    options: &Options,
    plane: &LocalPlane,
    zones: Vec<Zone>,
    sink: impl FnMut(Event) -> std::io::Result<()>,
) -> Result<Counts, TableError> {
    let rows = Rows::new(reader, &options.map)?;
    match options.late_s {
        Some(late_s) => stream(rows, late_s, options.composed, plane, zones, sink),
        None => whole(rows, options.composed, plane, zones, sink),
    }
}

/// A change, small: a long table has many.
struct Small {
    kind: ChangeKind,
    zone: u32,
    subject: Arc<str>,
    time: Micros,
    decided_at: Micros,
    at: Vector2<f64>,
}

/// A whole table, its events at the end.
fn whole<R: Read>(
    mut rows: Rows<R>,
    composed: bool,
    plane: &LocalPlane,
    zones: Vec<Zone>,
    mut sink: impl FnMut(Event) -> std::io::Result<()>,
) -> Result<Counts, TableError> {
    let mut counts = Counts::default();
    let (mut fixes, mut names) = (Vec::new(), Names::default());
    let mut visits = Visits::new(zones.clone());
    let (mut changes, mut small) = (Vec::new(), Vec::<Small>::new());
    let mut last = Micros::MIN;
    let mut keep = |changes: &mut Vec<Change>, names: &mut Names| {
        small.extend(changes.drain(..).map(|c| Small {
            kind: c.kind,
            zone: c.zone as u32,
            subject: names.of(&c.subject),
            time: c.time,
            decided_at: c.decided_at,
            at: c.at,
        }));
    };
    while let Some(row) = rows.next_row()? {
        counts.rows += 1;
        let at = plane.to_en(row.lat.to_radians(), row.lon.to_radians());
        visits.observe(row.id, row.t, at, &mut changes);
        if !changes.is_empty() {
            keep(&mut changes, &mut names);
        }
        last = last.max(row.t);
        if composed {
            fixes.push(fix(&row, at, &mut names));
        }
    }
    visits.end_all(last, &mut changes);
    keep(&mut changes, &mut names);
    let mut events: Vec<Event> = Vec::new();
    if composed {
        fixes.sort_by(|a, b| (a.t, &a.subject).cmp(&(b.t, &b.subject)));
        let mut stages = Composed::new(zones);
        let mut found = Vec::new();
        for f in &fixes {
            stages.push(f, &mut found);
            told(&stages, &mut found, plane, |e| events.push(e));
        }
        stages.finish(last, &mut found);
        told(&stages, &mut found, plane, |e| events.push(e));
        events.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    }
    let zone = |s: &Small| visits.zones()[s.zone as usize].id.as_str();
    small.sort_by(|a, b| {
        let rest = || (zone(a), &a.subject).cmp(&(zone(b), &b.subject));
        let kinds = || kind_of(a.kind).cmp(&kind_of(b.kind));
        a.time.cmp(&b.time).then_with(rest).then_with(kinds)
    });
    let mut composed = events.into_iter().peekable();
    for s in &small {
        let e = event(
            &Change {
                kind: s.kind,
                zone: s.zone as usize,
                subject: s.subject.to_string(),
                time: s.time,
                decided_at: s.decided_at,
                at: s.at,
            },
            zone(s),
            plane,
        );
        while let Some(c) = composed.next_if(|c| c.sort_key() < e.sort_key()) {
            sink(c)?;
        }
        sink(e)?;
    }
    composed.try_for_each(sink)?;
    Ok(counts)
}

/// A stream, its events as they become known.
fn stream<R: Read>(
    mut rows: Rows<R>,
    late_s: f64,
    composed: bool,
    plane: &LocalPlane,
    zones: Vec<Zone>,
    mut sink: impl FnMut(Event) -> std::io::Result<()>,
) -> Result<Counts, TableError> {
    let mut counts = Counts::default();
    let mut names = Names::default();
    let mut window = Reorder::new(late_s);
    let mut stages = composed.then(|| Composed::new(zones.clone()));
    let mut visits = Visits::new(zones);
    let (mut changes, mut found) = (Vec::new(), Vec::new());
    let (mut last, mut looked) = (Micros::MIN, Micros::MIN);
    let mut ended = false;
    while !ended {
        match rows.next_row()? {
            Some(row) => {
                counts.rows += 1;
                let at = plane.to_en(row.lat.to_radians(), row.lon.to_radians());
                window.push(row.t, fix(&row, at, &mut names));
            }
            None => ended = true,
        }
        while let Some((t, f)) = if ended { window.take() } else { window.pop() } {
            last = t;
            if t.since(looked) > SILENT_EVERY_S {
                looked = t;
                visits.end_silent(t, &mut changes);
                names.tidy();
            }
            visits.observe(&f.subject, t, f.at, &mut changes);
            if let Some(stages) = &mut stages {
                stages.push(&f, &mut found);
            }
            for c in changes.drain(..) {
                sink(event(&c, &visits.zones()[c.zone].id, plane))?;
            }
            if let Some(stages) = &stages {
                let mut failed = Ok(());
                told(stages, &mut found, plane, |e| {
                    if failed.is_ok() {
                        failed = sink(e);
                    }
                });
                failed?;
            }
        }
    }
    visits.end_all(last, &mut changes);
    for c in changes.drain(..) {
        sink(event(&c, &visits.zones()[c.zone].id, plane))?;
    }
    if let Some(stages) = &mut stages {
        stages.finish(last, &mut found);
        let mut all = Vec::new();
        told(stages, &mut found, plane, |e| all.push(e));
        all.into_iter().try_for_each(sink)?;
    }
    counts.late = window.dropped();
    Ok(counts)
}

/// Findings as events.
fn told(
    stages: &Composed,
    found: &mut Vec<Finding>,
    plane: &LocalPlane,
    mut to: impl FnMut(Event),
) {
    for f in found.drain(..) {
        to(stages.event(&f, Some(plane.to_lat_lon(&f.at))));
    }
}

/// Names that are in use, each once.
#[derive(Default)]
struct Names(BTreeSet<Arc<str>>);

impl Names {
    fn of(&mut self, name: &str) -> Arc<str> {
        if let Some(n) = self.0.get(name) {
            return n.clone();
        }
        let n: Arc<str> = name.into();
        self.0.insert(n.clone());
        n
    }

    /// Lets go of those that nobody uses.
    fn tidy(&mut self) {
        self.0.retain(|n| Arc::strong_count(n) > 1);
    }
}

fn fix(row: &Row<'_>, at: Vector2<f64>, names: &mut Names) -> Fix {
    Fix {
        t: row.t,
        subject: names.of(row.id),
        class: row.class,
        at,
        sigma_m: row.sigma_m,
    }
}
/// The event of a change.
pub fn event(c: &Change, zone: &str, plane: &LocalPlane) -> Event {
    let (lat, lon) = plane.to_lat_lon(&c.at);
    let kind = kind_of(c.kind);
    Event {
        about: None,
        schema: Event::SCHEMA.into(),
        class: None,
        id: Event::id_of(kind, zone, &c.subject, c.time),
        kind,
        time: c.time,
        time_end: None,
        decided_at: c.decided_at,
        zone: zone.into(),
        subjects: vec![c.subject.clone()],
        p: 1.0,
        lat: Some(round7(lat.to_degrees())),
        lon: Some(round7(lon.to_degrees())),
        reason: reason(c.kind).into(),
        evidence: Vec::new(),
    }
}

/// Probabilities and weights to a thousandth.
pub(crate) fn round3(v: f64) -> f64 {
    (v * 1e3).round() / 1e3
}

/// Degrees to about a centimetre: rounding keeps records short.
pub(crate) fn round7(v: f64) -> f64 {
    (v * 1e7).round() / 1e7
}

/// The kind of event of a change.
pub fn kind_of(kind: ChangeKind) -> EventKind {
    match kind {
        ChangeKind::Arrival => EventKind::Arrival,
        ChangeKind::Departure => EventKind::Departure,
        ChangeKind::Appeared => EventKind::Appeared,
        ChangeKind::Lost => EventKind::Lost,
    }
}

/// Why, in words.
pub fn reason(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Arrival => "seen outside the zone, then inside",
        ChangeKind::Departure => "seen beyond the exit margin for long enough",
        ChangeKind::Appeared => "first seen inside the zone; where it came from was not observed",
        ChangeKind::Lost => "last seen inside the zone; whether it left was not observed",
    }
}
