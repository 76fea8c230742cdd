//! Rows of a table of positions.

use super::TableError;
use super::cells::{number, time};
use atalaya_model::{Class, Micros};
use std::collections::BTreeMap;
use std::io::Read;

/// One-sigma error of a place where the table does not say it, metres.
const SIGMA_M: f64 = 1.0;

/// A row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// Event time.
    pub t: Micros,
    /// Who.
    pub id: &'a str,
    /// Degrees.
    pub lat: f64,
    /// Degrees.
    pub lon: f64,
    /// What it is taken for; `vehicle` is a car, any word that is not one of ours is unknown.
    pub class: Class,
    /// One-sigma error of the place, metres.
    pub sigma_m: f64,
}

/// Reads rows one by one, without allocating.
pub struct Rows<R> {
    csv: csv::Reader<R>,
    record: csv::ByteRecord,
    columns: [usize; 4],
    class: Option<usize>,
    sigma: Option<usize>,
}

impl<R: Read> Rows<R> {
    /// Reads the header; other names of columns by `map`.
    pub fn new(reader: R, map: &BTreeMap<String, String>) -> Result<Self, TableError> {
        let mut csv = csv::ReaderBuilder::new()
            .flexible(true)
            .buffer_capacity(1 << 16)
            .from_reader(reader);
        let header = csv.headers()?.clone();
        let wanted = |name: &str| map.get(name).map_or(name.to_owned(), Clone::clone);
        let find = |name: &str| header.iter().position(|h| h.trim() == name);
        let column = |name: &'static str| {
            find(&wanted(name)).ok_or_else(|| TableError::Column {
                name,
                wanted: wanted(name),
                found: header.iter().collect::<Vec<_>>().join(", "),
            })
        };
        let columns = [
            column("time")?,
            column("id")?,
            column("lat")?,
            column("lon")?,
        ];
        let optional = |name: &'static str| {
            if map.contains_key(name) {
                column(name).map(Some)
            } else {
                Ok(find(name))
            }
        };
        Ok(Self {
            class: optional("class")?,
            sigma: optional("sigma_m")?,
            csv,
            record: csv::ByteRecord::new(),
            columns,
        })
    }

    /// The next row; `None` at the end.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, TableError> {
        if !self.csv.read_byte_record(&mut self.record)? {
            return Ok(None);
        }
        let record = &self.record;
        let cell = |i: usize| record.get(i).unwrap_or(b"").trim_ascii();
        let bad = |i: usize, what| TableError::Cell {
            line: record.position().map_or(0, csv::Position::line),
            cell: String::from_utf8_lossy(cell(i)).into_owned(),
            what,
        };
        let [t, id, lat, lon] = self.columns;
        let degrees = |i: usize, limit: f64| {
            number(cell(i))
                .filter(|v| v.abs() <= limit)
                .ok_or_else(|| bad(i, "an angle in degrees"))
        };
        let sigma_m = match self.sigma.map(|i| (i, cell(i))) {
            None | Some((_, b"")) => SIGMA_M,
            Some((i, text)) => number(text)
                .filter(|v| (0.0..=1e5).contains(v))
                .ok_or_else(|| bad(i, "an error in metres"))?,
        };
        Ok(Some(Row {
            t: time(cell(t)).ok_or_else(|| bad(t, "a time (ISO 8601 UTC or epoch seconds)"))?,
            id: std::str::from_utf8(cell(id)).map_err(|_| bad(id, "text in UTF-8"))?,
            lat: degrees(lat, 90.0)?,
            lon: degrees(lon, 180.0)?,
            class: self.class.map_or(Class::Unknown, |i| class(cell(i))),
            sigma_m,
        }))
    }
}

fn class(cell: &[u8]) -> Class {
    match cell {
        b"person" => Class::Person,
        b"car" | b"vehicle" => Class::Car,
        b"pickup" => Class::Pickup,
        b"truck" | b"bus" => Class::Truck,
        b"other" => Class::Other,
        _ => Class::Unknown,
    }
}
