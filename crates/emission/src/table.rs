//! Tables of readings, wind and candidates.

use crate::estimator::Reading;
use crate::grid::Candidate;
use crate::wind::Wind;
use atalaya_geo::Vector3;
use std::io::Read;

/// More rows than this are not read.
pub const MOST_ROWS: usize = 5_000_000;
/// More rows of an array of sensors than this are not read.
const MOST_ARRAY_ROWS: usize = 100_000;
/// Names of sensors and candidates are no longer than this.
const LONGEST_NAME: usize = 200;

/// A table that can't be used: one line for people. The caller puts the file's name before it.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A column is missing.
    #[error("line 1: there is no column '{wanted}'; the header has: {found}; rename or add it")]
    Column {
        /// What is missing.
        wanted: &'static str,
        /// What is there.
        found: String,
    },
    /// A cell can't be read.
    #[error("line {line}, column '{column}': '{cell}' is not {what}")]
    Cell {
        /// Line, from 1.
        line: u64,
        /// The column.
        column: &'static str,
        /// The text, cut short.
        cell: String,
        /// What was expected.
        what: &'static str,
    },
    /// Too long.
    #[error("line {0}: more than {MOST_ROWS} rows; cut the table by time")]
    Rows(u64),
    /// No row.
    #[error("there is no row below the header; give at least one")]
    Empty,
    /// Not a table.
    #[error("not a table of comma-separated values in UTF-8: {0}; export it as such")]
    Csv(#[from] csv::Error),
}

/// A table being read.
struct Table<R: Read> {
    csv: csv::Reader<R>,
    header: Vec<String>,
    record: csv::StringRecord,
    rows: usize,
}

impl<R: Read> Table<R> {
    fn open(reader: R) -> Result<Self, TableError> {
        let mut csv = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
        let header = csv
            .headers()?
            .iter()
            .map(|h| h.trim().trim_start_matches('\u{feff}').to_owned());
        Ok(Self {
            header: header.collect(),
            csv,
            record: csv::StringRecord::new(),
            rows: 0,
        })
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h == name)
    }

    fn need(&self, wanted: &'static str) -> Result<Column, TableError> {
        let index = self.find(wanted).ok_or_else(|| TableError::Column {
            wanted,
            found: self.header.join(", ").chars().take(LONGEST_NAME).collect(),
        })?;
        Ok(Column(Some(index), wanted))
    }

    fn maybe(&self, name: &'static str) -> Column {
        Column(self.find(name), name)
    }

    fn next(&mut self) -> Result<bool, TableError> {
        let more = self.csv.read_record(&mut self.record)?;
        self.rows += usize::from(more);
        if self.rows > MOST_ROWS {
            return Err(TableError::Rows(self.line()));
        }
        if !more && self.rows == 0 {
            return Err(TableError::Empty);
        }
        Ok(more)
    }

    fn line(&self) -> u64 {
        self.record.position().map_or(0, csv::Position::line)
    }

    fn cell(&self, c: Column) -> &str {
        c.0.and_then(|i| self.record.get(i)).unwrap_or("").trim()
    }

    fn bad(&self, c: Column, what: &'static str) -> TableError {
        TableError::Cell {
            line: self.line(),
            column: c.1,
            cell: self.cell(c).chars().take(40).collect(),
            what,
        }
    }

    /// A number within bounds.
    fn number(&self, c: Column, bounds: (f64, f64), what: &'static str) -> Result<f64, TableError> {
        let value = self.cell(c).parse::<f64>().ok();
        value
            .filter(|v| (bounds.0..=bounds.1).contains(v))
            .ok_or_else(|| self.bad(c, what))
    }

    /// The same where an empty cell, `nan` or no column at all means that it is not known.
    fn known(
        &self,
        c: Column,
        bounds: (f64, f64),
        what: &'static str,
    ) -> Result<Option<f64>, TableError> {
        let cell = self.cell(c);
        if cell.is_empty() || cell.eq_ignore_ascii_case("nan") {
            return Ok(None);
        }
        self.number(c, bounds, what).map(Some)
    }

    fn name(&self, c: Column) -> Result<String, TableError> {
        let cell = self.cell(c);
        if cell.is_empty() || cell.len() > LONGEST_NAME {
            return Err(self.bad(c, "a name of 1 to 200 letters; name it"));
        }
        Ok(cell.to_owned())
    }
}

#[derive(Clone, Copy)]
struct Column(Option<usize>, &'static str);

const METRES: (f64, f64) = (-1e6, 1e6);
const METRES_SAID: &str = "a number of metres within a million; give local metres";
const SECONDS: (f64, f64) = (-1e12, 1e12);
const SECONDS_SAID: &str = "a number of seconds; convert the time to seconds";

/// Readings, in the order of time (those of one moment as in the table), and how many rows had none (empty or
/// `nan`). Where there are columns `rh` (humidity, %) or `air_T` (°C), what goes with them is taken out
/// ([`crate::sensor::cross`]).
pub fn readings(reader: impl Read) -> Result<(Vec<Reading>, usize), TableError> {
    let mut t = Table::open(reader)?;
    let (time, sensor, ppm) = (t.need("t_s")?, t.need("sensor")?, t.need("ppm")?);
    let at = [t.need("e")?, t.need("n")?, t.need("u")?];
    let to = [t.maybe("e2"), t.maybe("n2"), t.maybe("u2")];
    let beside = [t.maybe("rh"), t.maybe("air_T")];
    let (mut all, mut missing) = (Vec::new(), 0);
    while t.next()? {
        let t_s = t.number(time, SECONDS, SECONDS_SAID)?;
        let [rh, warm] = beside.map(|c| {
            t.known(
                c,
                (-100.0, 200.0),
                "a number; leave it empty if it is not known",
            )
        });
        let around = [rh?.unwrap_or(0.0), warm?.unwrap_or(0.0)];
        let said = "a concentration in ppm; leave the cell empty where there is no reading";
        let value = t.known(ppm, (-1e6, 1e6), said)?;
        let sensor = t.name(sensor)?;
        let metres = |c| t.number(c, METRES, METRES_SAID);
        let from = Vector3::new(metres(at[0])?, metres(at[1])?, metres(at[2])?);
        let path = to.iter().any(|c| !t.cell(*c).is_empty());
        let end = if path {
            Some(Vector3::new(metres(to[0])?, metres(to[1])?, metres(to[2])?))
        } else {
            None
        };
        match value {
            Some(ppm) => all.push((
                Reading {
                    t_s,
                    sensor,
                    at: from,
                    to: end,
                    ppm,
                },
                around,
            )),
            None => missing += 1,
        }
    }
    all.sort_by(|a, b| a.0.t_s.total_cmp(&b.0.t_s));
    let (mut all, around): (Vec<Reading>, Vec<[f64; 2]>) = all.into_iter().unzip();
    if beside.iter().any(|c| c.0.is_some()) {
        crate::sensor::cross(&mut all, &around);
    }
    Ok((all, missing))
}

/// Winds in the order of time, and how many rows had none.
pub fn winds(reader: impl Read) -> Result<(Vec<Wind>, usize), TableError> {
    let mut t = Table::open(reader)?;
    let (time, speed, from) = (
        t.need("t_s")?,
        t.need("wind_speed")?,
        t.need("wind_dir_from")?,
    );
    let [sig_h, sig_v, kelvin, kilopascal] = [
        t.maybe("sig_h"),
        t.maybe("sig_v"),
        t.maybe("T"),
        t.maybe("p"),
    ];
    let (mut all, mut missing) = (Vec::new(), 0);
    while t.next()? {
        let t_s = t.number(time, SECONDS, SECONDS_SAID)?;
        let said = "a speed of 0 to 150 m/s; convert it to metres a second";
        let speed = t.known(speed, (0.0, 150.0), said)?;
        let said = "a direction of -360 to 720 degrees; give where the wind comes from";
        let from = t.known(from, (-360.0, 720.0), said)?;
        let said = "a deviation of 0 to 180 degrees; leave it empty if it is not known";
        let sig = |c| {
            t.known(c, (0.0, 180.0), said)
                .map(|s| s.map(f64::to_radians))
        };
        let (sig_h, sig_v) = (sig(sig_h)?, sig(sig_v)?);
        let said = "a temperature of 150 to 350 K; convert it to kelvin or leave it empty";
        let kelvin = t
            .known(kelvin, (150.0, 350.0), said)?
            .unwrap_or(Wind::KELVIN);
        let said = "a pressure of 10 to 120 kPa; convert it to kilopascals or leave it empty";
        let kilopascal = t
            .known(kilopascal, (10.0, 120.0), said)?
            .unwrap_or(Wind::KILOPASCAL);
        match (speed, from) {
            (Some(speed), Some(from)) => all.push(Wind {
                t_s,
                speed,
                from: from.to_radians(),
                sig_h,
                sig_v,
                kelvin,
                kilopascal,
            }),
            _ => missing += 1,
        }
    }
    all.sort_by(|a, b| a.t_s.total_cmp(&b.t_s));
    Ok((all, missing))
}

/// Candidates: `name,e,n` and, if known, `u` or `height`.
pub fn candidates(reader: impl Read) -> Result<Vec<Candidate>, TableError> {
    let mut t = Table::open(reader)?;
    let (name, e, n) = (t.need("name")?, t.need("e")?, t.need("n")?);
    let u = if t.find("u").is_some() {
        t.maybe("u")
    } else {
        t.maybe("height")
    };
    let mut all = Vec::new();
    while t.next()? {
        let metres = |c| t.number(c, METRES, METRES_SAID);
        let up = t
            .known(u, (0.0, 1000.0), "a height of 0 to 1000 m")?
            .unwrap_or(0.0);
        if all.len() == 1000 {
            return Err(t.bad(name, "one of the first 1000 candidates; give fewer"));
        }
        all.push(Candidate {
            name: t.name(name)?,
            at: Vector3::new(metres(e)?, metres(n)?, up),
        });
    }
    Ok(all)
}

/// A row of an array of sensors: its kind if it is given, and its features.
pub type ArrayRow = (Option<String>, Vec<f64>);

/// Rows of an array of sensors: `kind` (may be empty) and, in all other columns, numbers.
pub fn features(reader: impl Read) -> Result<Vec<ArrayRow>, TableError> {
    let mut t = Table::open(reader)?;
    let kind = t.need("kind")?;
    let columns: Vec<Column> = (0..t.header.len())
        .filter(|i| Some(*i) != kind.0)
        .map(|i| Column(Some(i), "of features"))
        .collect();
    let mut all = Vec::new();
    while t.next()? {
        let said = "a number; leave out rows that lack one";
        let numbers: Result<Vec<f64>, _> = columns
            .iter()
            .map(|c| t.number(*c, (-1e15, 1e15), said))
            .collect();
        let named = !t.cell(kind).is_empty();
        let name = if named { Some(t.name(kind)?) } else { None };
        all.push((name, numbers?));
        if all.len() > MOST_ARRAY_ROWS {
            return Err(TableError::Rows(t.line()));
        }
    }
    Ok(all)
}
