//! `atalaya activity --coverage`: tables of positions, of what was covered, and of what sensors said, to events.

use super::{Placed, Sites};
use crate::fix::Fix;
use crate::presence::{Cover, Look};
use crate::zone::Zone;
use atalaya_geo::{LocalPlane, Polygon, Vector2};
use atalaya_model::{Class, Event, Micros};
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

/// Seconds between two moments at which cover is told.
const TICK_US: i64 = 5_000_000;
/// Names that are kept before those not seen lately are let go.
const NAMES: usize = 100_000;
/// Rows of tables that are held in memory.
const MOST_ROWS: usize = 2_000_000;

/// A table that can't be used: one line for people.
#[derive(Debug, thiserror::Error)]
pub enum SitesError {
    /// Which table, and what.
    #[error("{table}: {what}")]
    Table {
        /// The table.
        table: &'static str,
        /// What is wrong, and where.
        what: String,
    },
}

/// A row as text, with the columns looked up by name.
struct Rows<R: Read> {
    table: &'static str,
    csv: csv::Reader<R>,
    columns: Vec<Option<usize>>,
    record: csv::StringRecord,
}

impl<R: Read> Rows<R> {
    /// `names` that end in `?` may be missing.
    fn open(table: &'static str, reader: R, names: &[&str]) -> Result<Self, SitesError> {
        let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
        let bad = |what: String| SitesError::Table { table, what };
        let header = csv.headers().map_err(|e| bad(e.to_string()))?.clone();
        let mut columns = Vec::new();
        for name in names {
            let (name, must) = match name.strip_suffix('?') {
                Some(n) => (n, false),
                None => (*name, true),
            };
            let at = header.iter().position(|h| h.trim() == name);
            if must && at.is_none() {
                let there: Vec<&str> = header.iter().collect();
                return Err(bad(format!(
                    "there is no column '{name}'; the header has: {}",
                    there.join(", ")
                )));
            }
            columns.push(at);
        }
        Ok(Self {
            table,
            csv,
            columns,
            record: csv::StringRecord::new(),
        })
    }

    fn next(&mut self) -> Result<bool, SitesError> {
        let table = self.table;
        self.csv
            .read_record(&mut self.record)
            .map_err(|e| SitesError::Table {
                table,
                what: e.to_string(),
            })
    }

    fn cell(&self, i: usize) -> &str {
        let at = self.columns.get(i).copied().flatten();
        at.and_then(|c| self.record.get(c)).unwrap_or("").trim()
    }

    fn bad(&self, i: usize, what: &str) -> SitesError {
        let line = self.record.position().map_or(0, csv::Position::line);
        SitesError::Table {
            table: self.table,
            what: format!("line {line}: '{}' is not {what}", self.cell(i)),
        }
    }

    fn time(&self, i: usize) -> Result<Micros, SitesError> {
        Micros::parse_rfc3339(self.cell(i)).ok_or_else(|| self.bad(i, "a time (ISO 8601 UTC)"))
    }

    fn number(&self, i: usize, lo: f64, hi: f64, what: &str) -> Result<f64, SitesError> {
        let v = self.cell(i).parse::<f64>().ok();
        v.filter(|v| (lo..=hi).contains(v))
            .ok_or_else(|| self.bad(i, what))
    }

    /// An empty cell, or none, is `None`.
    fn maybe(&self, i: usize) -> Option<f64> {
        self.cell(i).parse::<f64>().ok().filter(|v| v.is_finite())
    }
}

/// What was covered from when to when.
struct Span {
    from: Micros,
    to: Micros,
    cover: Cover,
    /// Sites whose yard lies in it.
    sites: Vec<String>,
}

fn class_of(word: &str) -> Class {
    match word {
        "person" => Class::Person,
        "car" => Class::Car,
        "pickup" => Class::Pickup,
        "truck" => Class::Truck,
        "other" => Class::Other,
        _ => Class::Unknown,
    }
}

fn spans(reader: impl Read, plane: &LocalPlane, zones: &[Zone]) -> Result<Vec<Span>, SitesError> {
    let names = ["from", "to", "p_person?", "p_vehicle?", "outline"];
    let mut rows = Rows::open("coverage", reader, &names)?;
    let mut out = Vec::new();
    while rows.next()? {
        if out.len() >= MOST_ROWS {
            return Err(rows.bad(0, "to be read: there are more than 2,000,000 rows"));
        }
        let numbers: Vec<f64> = rows
            .cell(4)
            .split_whitespace()
            .map_while(|n| n.parse().ok())
            .collect();
        let corners = numbers
            .chunks_exact(2)
            .map(|c| plane.to_en(c[1].to_radians(), c[0].to_radians()));
        let outline = Polygon::new(corners.collect());
        let outline = outline
            .ok_or_else(|| rows.bad(4, "an outline: longitude latitude, three times or more"))?;
        let odds = |i: usize, default: f64| match rows.cell(i) {
            "" => Ok(default),
            _ => rows.number(i, 0.0, 1.0, "a probability"),
        };
        let sites = zones.iter().filter(|z| {
            z.role == atalaya_model::operation::ZoneRole::Yard && outline.contains(z.middle())
        });
        let sites = sites.map(|z| z.site.clone()).collect();
        out.push(Span {
            from: rows.time(0)?,
            to: rows.time(1)?,
            cover: Cover {
                p_person: odds(2, 0.9)?,
                p_vehicle: odds(3, 0.95)?,
                outline,
            },
            sites,
        });
    }
    out.sort_by_key(|s| s.from);
    Ok(out)
}

/// What sensors said: time, zone, probability.
fn said(
    table: &'static str,
    time: &'static str,
    reader: impl Read,
) -> Result<Vec<Said>, SitesError> {
    let mut rows = Rows::open(table, reader, &[time, "zone", "p?"])?;
    let mut out = Vec::new();
    while rows.next()? {
        if out.len() >= MOST_ROWS {
            return Err(rows.bad(0, "to be read: there are more than 2,000,000 rows"));
        }
        out.push(Said {
            t: rows.time(0)?,
            zone: rows.cell(1).to_owned(),
            p: rows.maybe(2).unwrap_or(1.0).clamp(0.0, 1.0),
        });
    }
    out.sort_by_key(|s| s.t);
    Ok(out)
}

struct Said {
    t: Micros,
    zone: String,
    p: f64,
}

/// The tables beside that of positions.
pub struct Beside<C: Read, S: Read, E: Read> {
    /// `from,to[,p_person,p_vehicle],outline`: what was covered.
    pub coverage: C,
    /// `time,zone[,p]`: ground sensors.
    pub cues: Option<S>,
    /// `from,zone[,p]`: gas.
    pub emissions: Option<E>,
}

/// What comes out.
pub struct Told {
    /// Events, in the order of FORMATS.
    pub events: Vec<Event>,
    /// The state at the end: routine and flow.
    pub sites: Sites,
}

/// Reads positions (`time,id,lat,lon,class[,sigma_m,length_m,width_m,l,a,b]`) in order of time, with the other
/// tables.
pub fn events<C: Read, S: Read, E: Read>(
    tracks: impl Read,
    beside: Beside<C, S, E>,
    plane: &LocalPlane,
    zones: Vec<Zone>,
) -> Result<Told, SitesError> {
    let spans = spans(beside.coverage, plane, &zones)?;
    let cues = beside.cues.map(|r| said("cues", "time", r));
    let emissions = beside.emissions.map(|r| said("emissions", "from", r));
    let mut ahead = Ahead {
        spans,
        next_span: 0,
        active: Vec::new(),
        cues: cues.transpose()?.unwrap_or_default(),
        next_cue: 0,
        emissions: emissions.transpose()?.unwrap_or_default(),
        next_emission: 0,
        tick: i64::MIN,
    };
    let mut sites = Sites::new(zones);
    let names = [
        "time",
        "id",
        "lat",
        "lon",
        "class",
        "sigma_m?",
        "length_m?",
        "width_m?",
        "l?",
        "a?",
        "b?",
        "feed?",
    ];
    let mut rows = Rows::open("tracks", tracks, &names)?;
    let mut known: BTreeMap<String, Arc<str>> = BTreeMap::new();
    let mut cameras: Vec<String> = Vec::new();
    let mut out = Vec::new();
    while rows.next()? {
        let t = rows.time(0)?;
        let lat = rows.number(2, -90.0, 90.0, "a latitude in degrees")?;
        let lon = rows.number(3, -180.0, 180.0, "a longitude in degrees")?;
        ahead.until(t, &mut sites, &mut out);
        if known.len() >= NAMES {
            known.clear();
        }
        let id = rows.cell(1);
        let subject = match known.get(id) {
            Some(s) => s.clone(),
            None => {
                let s: Arc<str> = id.into();
                known.insert(id.to_owned(), s.clone());
                s
            }
        };
        let look = match (
            rows.maybe(6),
            rows.maybe(7),
            rows.maybe(8),
            rows.maybe(9),
            rows.maybe(10),
        ) {
            (Some(l), Some(w), Some(a), Some(b), Some(c)) => Look::new(l, w, [a, b, c]),
            _ => None,
        };
        let fix = Fix {
            t,
            subject,
            class: class_of(rows.cell(4)),
            at: plane.to_en(lat.to_radians(), lon.to_radians()),
            sigma_m: rows.maybe(5).unwrap_or(1.0).clamp(0.01, 1e3),
        };
        let feed = rows.cell(11);
        let camera = cameras.iter().position(|c| c == feed);
        let camera = camera.unwrap_or_else(|| {
            cameras.push(feed.to_owned());
            cameras.len() - 1
        });
        let camera =
            u16::try_from(camera).map_err(|_| rows.bad(11, "one of at most 65,536 feeds"))?;
        sites.push(&fix, camera, look.as_ref(), &mut out);
    }
    ahead.until(Micros(i64::MAX), &mut sites, &mut out);
    let mut events: Vec<Event> = out.iter().map(|p| event(p, plane)).collect();
    events.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Ok(Told { events, sites })
}

/// What lies ahead in the other tables.
struct Ahead {
    spans: Vec<Span>,
    next_span: usize,
    active: Vec<usize>,
    cues: Vec<Said>,
    next_cue: usize,
    emissions: Vec<Said>,
    next_emission: usize,
    tick: i64,
}

impl Ahead {
    /// Everything up to `t`.
    fn until(&mut self, t: Micros, sites: &mut Sites, out: &mut Vec<Placed>) {
        while let Some(c) = self.cues.get(self.next_cue).filter(|c| c.t <= t) {
            sites.cue(c.t, &c.zone);
            self.next_cue += 1;
        }
        while let Some(e) = self.emissions.get(self.next_emission).filter(|e| e.t <= t) {
            sites.emission(e.t, &e.zone, e.p, out);
            self.next_emission += 1;
        }
        loop {
            if self.active.is_empty() {
                let Some(s) = self.spans.get(self.next_span) else {
                    break;
                };
                let first = s.from.0.div_euclid(TICK_US) * TICK_US + TICK_US;
                self.tick = self.tick.max(first);
            }
            if self.tick > t.0 {
                break;
            }
            let now = Micros(self.tick);
            while self
                .spans
                .get(self.next_span)
                .is_some_and(|s| s.from <= now)
            {
                self.active.push(self.next_span);
                self.next_span += 1;
            }
            self.active.retain(|i| self.spans[*i].to >= now);
            let mut watched: BTreeMap<&str, f64> = BTreeMap::new();
            for i in &self.active {
                let s = &self.spans[*i];
                sites.cover(now, &s.cover, out);
                for site in &s.sites {
                    let p = watched.entry(site).or_default();
                    *p = p.max(s.cover.p_vehicle);
                }
            }
            for (site, p) in watched {
                sites.watched(site, now, TICK_US as f64 / 1e6, p, out);
            }
            sites.advance(now, out);
            self.tick += TICK_US;
        }
    }
}

/// As a record with its place.
fn event(p: &Placed, plane: &LocalPlane) -> Event {
    let mut event = p.event();
    if p.finding.at != Vector2::zeros() {
        let (lat, lon) = plane.to_lat_lon(&p.finding.at);
        event.lat = Some(crate::table::round7(lat.to_degrees()));
        event.lon = Some(crate::table::round7(lon.to_degrees()));
    }
    event
}
