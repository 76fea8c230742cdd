//! `atalaya activity`: a table of positions to events.

use crate::visits::{Change, ChangeKind, Visits};
use crate::zone::Zone;
use atalaya_geo::LocalPlane;
use atalaya_model::{Event, EventKind, Micros};
use std::collections::BTreeMap;
use std::io::Read;

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
}

/// Reads positions (`time,id,lat,lon`, other names by `map`) and gives all events, in the order of
/// FORMATS.
pub fn events(
    reader: impl Read,
    map: &BTreeMap<String, String>,
    plane: &LocalPlane,
    zones: Vec<Zone>,
) -> Result<Vec<Event>, TableError> {
    let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let header = csv.headers()?.clone();
    let column = |name: &'static str| {
        let wanted = map.get(name).map_or(name, String::as_str);
        header
            .iter()
            .position(|h| h.trim() == wanted)
            .ok_or_else(|| TableError::Column {
                name,
                wanted: wanted.to_owned(),
                found: header.iter().collect::<Vec<_>>().join(", "),
            })
    };
    let columns = [
        column("time")?,
        column("id")?,
        column("lat")?,
        column("lon")?,
    ];
    let mut visits = Visits::new(zones);
    let mut changes = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut last = Micros::MIN;
    while csv.read_record(&mut record)? {
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |i: usize| record.get(columns[i]).unwrap_or("").trim();
        let bad = |i: usize, what| TableError::Cell {
            line,
            cell: cell(i).to_owned(),
            what,
        };
        let t = time(cell(0)).ok_or_else(|| bad(0, "a time (ISO 8601 UTC or epoch seconds)"))?;
        let degrees = |i: usize, limit: f64| {
            cell(i)
                .parse::<f64>()
                .ok()
                .filter(|v| v.abs() <= limit)
                .ok_or_else(|| bad(i, "an angle in degrees"))
        };
        let (lat, lon) = (degrees(2, 90.0)?, degrees(3, 180.0)?);
        let at = plane.to_en(lat.to_radians(), lon.to_radians());
        visits.observe(cell(1), t, at, &mut changes);
        last = last.max(t);
    }
    visits.end_all(last, &mut changes);
    let mut events: Vec<Event> = changes
        .iter()
        .map(|c| event(c, &visits.zones()[c.zone].id, plane))
        .collect();
    events.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Ok(events)
}

fn time(cell: &str) -> Option<Micros> {
    if let Ok(s) = cell.parse::<f64>() {
        return (s.is_finite() && s.abs() < 1e12).then(|| Micros::from_secs(s));
    }
    Micros::parse_rfc3339(cell).or_else(|| {
        // Without an offset a time is UTC; a blank may stand for the T.
        let mut text = cell.replace(' ', "T");
        text.push('Z');
        Micros::parse_rfc3339(&text)
    })
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
