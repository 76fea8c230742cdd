//! Networks that people bring: edge lists and FollowTheMoney. What may not be kept is left out before
//! anything is stored, and counted.

use atalaya_network::names::reads_like_person;
use atalaya_network::{Graph, Limits, Named, NodeKind, ReadError, Refused, Sighting, csv, ftm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What a file may have: the page draws far less.
const LIMITS: Limits = Limits {
    nodes: 5_000,
    links: 20_000,
    line: 1 << 16,
};
/// Between the kind of an imported link and the number of its import; no kind has it.
const MARK: char = '\u{1f}';

/// A file of entities, as it was kept.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Its number.
    pub n: i64,
    /// Its entities and links.
    pub graph: Graph,
}

/// What was kept of a file, and what was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImportCounts {
    /// Entities.
    pub nodes: u64,
    /// Pairs of entities that are linked in a way.
    pub links: u64,
    /// Persons whom the authority does not name: left out.
    pub persons: u64,
    /// Entities without a kind that read like persons whom the authority does not name: left out.
    pub like_persons: u64,
    /// Links left out because an end was left out or is not there.
    pub dropped: u64,
    /// Links from something to itself, left out.
    pub loops: u64,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct ImportRead {
    /// `csv` or `ftm`.
    pub format: &'static str,
    /// What is kept, as FollowTheMoney JSON Lines.
    pub body: String,
    /// What was kept and left out.
    pub counts: ImportCounts,
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Nothing of it can be kept.
    #[error("{0}")]
    Nothing(String),
}

/// Reads an edge list or FollowTheMoney (JSON Lines or an array) for an authority that names these persons.
pub fn read_import(
    name: &str,
    bytes: &[u8],
    persons: &[String],
) -> Result<ImportRead, ImportError> {
    let named = Named::new(persons.iter().map(String::as_str));
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let first = bare.iter().find(|b| !b.is_ascii_whitespace());
    let (format, import) = match first {
        Some(b'{') => ("ftm", ftm::read(bare, name, named.clone(), LIMITS)?),
        Some(b'[') => {
            let lines = lines_of_array(name, bare)?;
            (
                "ftm",
                ftm::read(lines.as_slice(), name, named.clone(), LIMITS)?,
            )
        }
        _ => ("csv", csv::read(bare, name, named.clone(), LIMITS)?),
    };
    let like = |n: &atalaya_network::Node| {
        n.kind == NodeKind::Thing && reads_like_person(&n.name) && !named.allows(&n.name)
    };
    let like_persons = import.graph.nodes().iter().filter(|n| like(n)).count();
    let links_before = import.graph.links().len();
    let graph = import.graph.retain(|n| !like(n));
    let counts = ImportCounts {
        nodes: graph.nodes().len() as u64,
        links: graph.links().len() as u64,
        persons: import.persons.len() as u64,
        like_persons: like_persons as u64,
        dropped: (import.dropped + links_before - graph.links().len()) as u64,
        loops: import.loops as u64,
    };
    if counts.nodes == 0 {
        let left = counts.persons + counts.like_persons;
        return Err(ImportError::Nothing(match left {
            0 => format!(
                "{name}: there is no entity in it that is known here; is it an edge list or FollowTheMoney?"
            ),
            n => format!(
                "{name}: it has only {n} persons whom the authority does not name; nothing was kept"
            ),
        }));
    }
    let mut body = Vec::new();
    // Writing to memory does not fail, and what is written is text.
    let _ = ftm::write(&graph, &mut body);
    Ok(ImportRead {
        format,
        body: String::from_utf8(body).unwrap_or_default(),
        counts,
    })
}

fn lines_of_array(name: &str, bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    let bad = |e: serde_json::Error| ReadError {
        file: name.to_owned(),
        line: e.line() as u64,
        what: format!("not a JSON array of entities ({e}); mend it or give one entity a line"),
    };
    let all: Vec<serde_json::Value> = serde_json::from_slice(bytes).map_err(bad)?;
    let mut out = Vec::new();
    for entity in all {
        out.extend(entity.to_string().into_bytes());
        out.push(b'\n');
    }
    Ok(out)
}

impl Imported {
    /// A file from the store. What the authority has ceased to name is left out.
    pub fn of(n: i64, body: &str, persons: &[String]) -> Result<Self, ReadError> {
        let named = Named::new(persons.iter().map(String::as_str));
        let read = ftm::read(body.as_bytes(), &format!("import {n}"), named, LIMITS)?;
        Ok(Self {
            n,
            graph: read.graph,
        })
    }
}

/// Joins an import to the graph. An entity whose id the graph has is that one; every other gets an id of
/// its import's own: two files are never taken to speak of the same without a person saying so.
pub(super) fn join(
    graph: &mut Graph,
    import: &Imported,
    said_by: &mut BTreeMap<String, Vec<i64>>,
    apart: bool,
) -> Result<(), Refused> {
    let grown: BTreeSet<String> = graph
        .nodes()
        .iter()
        .filter(|n| !n.id.starts_with("import/"))
        .map(|n| n.id.clone())
        .collect();
    let mut places = Vec::with_capacity(import.graph.nodes().len());
    for n in import.graph.nodes() {
        let id = if grown.contains(&n.id) {
            n.id.clone()
        } else {
            format!("import/{}/{}", import.n, n.id)
        };
        places.push(graph.node(&id, &n.name, n.kind)?);
        said_by.entry(id).or_default().push(import.n);
    }
    for link in import.graph.links() {
        let mut kind = import.graph.kind(link).replace(MARK, " ");
        if apart {
            kind = format!("{kind}{MARK}{}", import.n);
        }
        for s in &link.sightings {
            let seen = Sighting {
                span: s.span,
                weight: s.weight,
                // What a file calls evidence is not ours: its pictures would be looked for here.
                evidence: Vec::new(),
            };
            match graph.link(
                places[link.a as usize],
                places[link.b as usize],
                &kind,
                seen,
            ) {
                // Two ids that the graph knows as one.
                Ok(_) | Err(Refused::Loop(_)) => {}
                Err(e) => return Err(e),
            }
        }
    }
    Ok(())
}

/// A link's kind and the import it is from.
pub(super) fn kind_of(kind: &str) -> (&str, Option<i64>) {
    match kind.split_once(MARK) {
        Some((k, n)) => (k, n.parse().ok()),
        None => (kind, None),
    }
}
