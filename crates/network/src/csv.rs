//! Edge lists as tables.
//!
//! `source,target` and, in any order and all optional, `weight`, `kind`, `time`, `time_end`,
//! `source_kind`, `target_kind`; other columns are skipped. A header is required. Ids that occur
//! several times are one node, rows that occur several times are several sightings of one link.

use crate::graph::{Graph, Limits, NodeKind, Refused, Sighting};
pub use crate::lines::quoted as cell;
use crate::lines::{Cells, Lines, ReadError, quoted, split};
use crate::named::Named;
use atalaya_model::Micros;
use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};

/// What was read, and what was not taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Import {
    /// The network.
    pub graph: Graph,
    /// Links from a node to itself, left out.
    pub loops: usize,
    /// Persons whom the authority does not name, left out with their links.
    pub persons: BTreeSet<String>,
    /// Links left out because an end was left out or is not there.
    pub dropped: usize,
}

const COLUMNS: [&str; 8] = [
    "source",
    "target",
    "weight",
    "kind",
    "time",
    "time_end",
    "source_kind",
    "target_kind",
];

/// The kind of a link that names none.
pub const LINK: &str = "link";

/// Reads an edge list; `file` is its name for messages.
pub fn read(
    reader: impl BufRead,
    file: &str,
    named: Named,
    limits: Limits,
) -> Result<Import, ReadError> {
    let mut lines = Lines::new(reader, file, limits.line);
    let mut cells = Cells::default();
    let columns = header(&mut lines, &mut cells, &COLUMNS, 2)?;
    let mut made = Import {
        graph: Graph::new(named, limits),
        ..Import::default()
    };
    loop {
        let fault = match lines.next()? {
            None => break,
            Some(line) if line.trim().is_empty() => continue,
            Some(line) => match split(line, &mut cells) {
                Ok(()) => row(&cells, &columns, &mut made).err(),
                Err(e) => Some(e.to_owned()),
            },
        };
        if let Some(what) = fault {
            return Err(lines.error(what));
        }
    }
    if !made.persons.is_empty() {
        // A person may have been there as a thing before a row said what it is.
        let persons = &made.persons;
        let before = made.graph.links().len();
        made.graph = made.graph.retain(|n| !persons.contains(&n.id));
        made.dropped += before - made.graph.links().len();
    }
    Ok(made)
}

/// Reads the header: the place of each column of `names`, of which the first `needed` must be
/// there.
pub(crate) fn header<R: BufRead>(
    lines: &mut Lines<R>,
    cells: &mut Cells,
    names: &[&str],
    needed: usize,
) -> Result<Vec<Option<usize>>, ReadError> {
    let wanted = names[..needed].join(",");
    let fault = match lines.next()? {
        None => Some(format!(
            "the file is empty; the first line must be a header with {wanted}"
        )),
        Some(line) => split(line, cells).err().map(str::to_owned),
    };
    if let Some(what) = fault {
        return Err(lines.error(what));
    }
    let places: Vec<Option<usize>> = names
        .iter()
        .map(|name| cells.iter().position(|c| c.eq_ignore_ascii_case(name)))
        .collect();
    if let Some(i) = (0..needed).find(|i| places[*i].is_none()) {
        let found: Vec<&str> = cells.iter().collect();
        let hint = if found.len() == 1 && found[0].contains([';', '\t']) {
            "; separate columns by commas"
        } else {
            ""
        };
        let shown: String = found.join(",").chars().take(80).collect();
        return Err(lines.error(format!(
            "there is no column '{}' in the header '{shown}'; the first line must be a header with {wanted}{hint}",
            names[i]
        )));
    }
    Ok(places)
}

fn row(cells: &Cells, columns: &[Option<usize>], made: &mut Import) -> Result<(), String> {
    let cell = |i: usize| columns[i].map_or("", |c| cells.get(c));
    for (i, end) in COLUMNS[..2].iter().enumerate() {
        if cell(i).is_empty() {
            return Err(format!("the {end} is empty; each row names both ends"));
        }
    }
    let weight = match cell(2) {
        "" => 1.0,
        text => text
            .parse::<f64>()
            .ok()
            .filter(|w| w.is_finite() && *w > 0.0)
            .ok_or_else(|| {
                format!("weight '{text}' is not a number above 0; mend or leave empty")
            })?,
    };
    let time = |i: usize| match cell(i) {
        "" => Ok(None),
        text => moment(text).map(Some).ok_or_else(|| {
            format!(
                "{} '{text}' is not a time; write 2026-11-22T05:00:00Z or seconds since 1970",
                COLUMNS[i]
            )
        }),
    };
    let span = match (time(4)?, time(5)?) {
        (Some(a), Some(b)) if b < a => {
            return Err("the time_end is before the time; exchange them".into());
        }
        (Some(a), b) => Some((a, b.unwrap_or(a))),
        (None, Some(_)) => return Err("there is a time_end without a time; give both".into()),
        (None, None) => None,
    };
    let mut ends = [0; 2];
    let mut refused = false;
    for (i, end) in ends.iter_mut().enumerate() {
        let kind = match cell(6 + i) {
            "" => NodeKind::Thing,
            text => NodeKind::parse(text).ok_or_else(|| {
                format!("'{text}' is not a kind of node; use thing, place, vehicle, organisation or person")
            })?,
        };
        let id = cell(i);
        match made.graph.node(id, id, kind) {
            Ok(ix) => *end = ix,
            Err(Refused::Person(_)) => {
                made.persons.insert(id.to_owned());
                refused = true;
            }
            Err(e) => return Err(e.to_string()),
        }
    }
    if refused {
        made.dropped += 1;
        return Ok(());
    }
    let kind = match cell(3) {
        "" => LINK,
        text => text,
    };
    let seen = Sighting {
        span,
        ..Sighting::bare(weight)
    };
    match made.graph.link(ends[0], ends[1], kind, seen) {
        Ok(_) => Ok(()),
        Err(Refused::Loop(_)) => {
            made.loops += 1;
            Ok(())
        }
        Err(e) => Err(e.to_string()),
    }
}

/// A moment: RFC 3339, a date, or seconds since 1970.
pub(crate) fn moment(text: &str) -> Option<Micros> {
    if let Ok(s) = text.parse::<f64>() {
        return (s.is_finite() && s.abs() < 1e11).then(|| Micros::from_secs(s));
    }
    Micros::parse_rfc3339(text)
        .or_else(|| Micros::parse_rfc3339(&format!("{}Z", text.replacen(' ', "T", 1))))
        .or_else(|| Micros::parse_rfc3339(&format!("{text}T00:00:00Z")))
}

/// Writes an edge list, one row a sighting. Evidence and names other than ids have no column: use
/// [`crate::ftm`] to keep them.
pub fn write(graph: &Graph, mut out: impl Write) -> io::Result<()> {
    writeln!(out, "{}", COLUMNS.join(","))?;
    for link in graph.links() {
        let (a, b) = (
            &graph.nodes()[link.a as usize],
            &graph.nodes()[link.b as usize],
        );
        for s in &link.sightings {
            let (t0, t1) = match s.span {
                Some((t0, t1)) => (t0.to_rfc3339(), t1.to_rfc3339()),
                None => (String::new(), String::new()),
            };
            writeln!(
                out,
                "{},{},{},{},{t0},{t1},{},{}",
                quoted(&a.id),
                quoted(&b.id),
                s.weight,
                quoted(graph.kind(link)),
                a.kind.name(),
                b.kind.name()
            )?;
        }
    }
    Ok(())
}
