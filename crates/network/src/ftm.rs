//! FollowTheMoney entities as JSON Lines (followthemoney.tech): in and out.
//!
//! Entities of which the schema says that they are a link (a directorship, an ownership, a payment)
//! become links, those that stand for something become nodes, others (documents, sanctions) are
//! counted and left. Weights, exact times and evidence travel in a field `atalaya` beside
//! `properties`, which other readers carry along as context.

use crate::csv::{Import, moment};
use crate::graph::{Graph, Limits, NodeKind, Refused, Sighting};
use crate::lines::{Lines, ReadError};
use crate::named::Named;
use crate::names::has_legal_form;
use atalaya_model::{EvidenceRef, Micros};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Write};

/// What stands for a node, and what it is. From the schemas of followthemoney 4.
const NODES: [(&str, NodeKind); 19] = [
    ("Thing", NodeKind::Thing),
    // A person or a company: taken for a person where the name has no legal form.
    ("LegalEntity", NodeKind::Person),
    ("Asset", NodeKind::Thing),
    ("BankAccount", NodeKind::Thing),
    ("CryptoWallet", NodeKind::Thing),
    ("Contract", NodeKind::Thing),
    ("Position", NodeKind::Thing),
    ("Project", NodeKind::Thing),
    ("Security", NodeKind::Thing),
    ("Address", NodeKind::Place),
    ("RealEstate", NodeKind::Place),
    ("Territory", NodeKind::Place),
    ("Vehicle", NodeKind::Vehicle),
    ("Vessel", NodeKind::Vehicle),
    ("Airplane", NodeKind::Vehicle),
    ("Organization", NodeKind::Organisation),
    ("Company", NodeKind::Organisation),
    ("PublicBody", NodeKind::Organisation),
    ("Person", NodeKind::Person),
];

/// What stands for a link, the properties of its ends, and our kind.
const LINKS: [(&str, &str, &str, &str); 16] = [
    ("UnknownLink", "subject", "object", "link"),
    ("Ownership", "owner", "asset", "ownership"),
    ("Directorship", "director", "organization", "directorship"),
    ("Control", "controller", "controlled", "control"),
    ("Employment", "employee", "employer", "employment"),
    ("Membership", "member", "organization", "membership"),
    ("Representation", "agent", "client", "representation"),
    ("Succession", "predecessor", "successor", "succession"),
    ("Associate", "person", "associate", "associate"),
    ("Family", "person", "relative", "family"),
    ("Payment", "payer", "beneficiary", "payment"),
    ("Debt", "debtor", "creditor", "debt"),
    ("Occupancy", "holder", "post", "occupancy"),
    ("ContractAward", "contract", "supplier", "award"),
    (
        "ProjectParticipant",
        "participant",
        "project",
        "participation",
    ),
    ("CourtCaseParty", "party", "case", "case"),
];

/// One sighting as it travels in the field `atalaya`.
#[derive(Serialize, Deserialize)]
struct Carried {
    #[serde(with = "atalaya_model::rfc3339::option", default)]
    t0: Option<Micros>,
    #[serde(with = "atalaya_model::rfc3339::option", default)]
    t1: Option<Micros>,
    weight: f64,
    #[serde(default)]
    evidence: Vec<EvidenceRef>,
}

struct Found {
    line: u64,
    ends: Vec<(String, String)>,
    kind: String,
    sightings: Vec<Sighting>,
}

/// Reads entities; `file` is its name for messages.
pub fn read(
    reader: impl BufRead,
    file: &str,
    named: Named,
    limits: Limits,
) -> Result<Import, ReadError> {
    let mut lines = Lines::new(reader, file, limits.line);
    let mut made = Import {
        graph: Graph::new(named, limits),
        ..Import::default()
    };
    let mut found: Vec<Found> = Vec::new();
    // Where our id is another than the one outside.
    let mut ours: BTreeMap<String, String> = BTreeMap::new();
    let mut n = 0;
    loop {
        n += 1;
        let fault = match lines.next()? {
            None => break,
            Some(line) if line.trim().is_empty() => continue,
            Some(line) => match entity(line, n, &mut made, &mut ours) {
                Ok(Some(_)) if found.len() >= limits.links => {
                    Some(format!("more than {} links; split the input", limits.links))
                }
                Ok(Some(f)) => {
                    found.push(f);
                    None
                }
                Ok(None) => None,
                Err(what) => Some(what),
            },
        };
        if let Some(what) = fault {
            return Err(lines.error(what));
        }
    }
    for f in found {
        let at = |what: String| ReadError {
            file: file.to_owned(),
            line: f.line,
            what,
        };
        for (a, b) in &f.ends {
            let find = |id: &String| made.graph.find(ours.get(id).unwrap_or(id));
            let (Some(a), Some(b)) = (find(a), find(b)) else {
                made.dropped += 1;
                continue;
            };
            for s in &f.sightings {
                match made.graph.link(a, b, &f.kind, s.clone()) {
                    Ok(_) => {}
                    Err(Refused::Loop(_)) => made.loops += 1,
                    Err(e) => return Err(at(e.to_string())),
                }
            }
        }
    }
    Ok(made)
}

/// Takes an entity: a node at once, a link when all nodes are known.
fn entity(
    line: &str,
    n: u64,
    made: &mut Import,
    ours: &mut BTreeMap<String, String>,
) -> Result<Option<Found>, String> {
    let value: Map<String, Value> = serde_json::from_str(line)
        .map_err(|e| format!("not a JSON object ({e}); each line is one entity"))?;
    let text = |key: &str| {
        value.get(key).and_then(Value::as_str).ok_or_else(|| {
            format!(
                "the entity has no '{key}'; FollowTheMoney entities have id, schema, properties"
            )
        })
    };
    let (id, schema) = (text("id")?, text("schema")?);
    if id.is_empty() {
        return Err("the id is empty; give each entity one".into());
    }
    let inner = value.get("atalaya").and_then(|a| a.get("id"));
    let inner = inner.and_then(Value::as_str).unwrap_or(id);
    if let Some((_, kind)) = NODES.iter().find(|k| k.0 == schema) {
        let caption = value.get("caption").and_then(Value::as_str);
        let name = first(&value, &["name", "full", "registrationNumber"])
            .or(caption)
            .unwrap_or(inner);
        // Any of a person's names may be the one in the order.
        let name = properties(&value, "name")
            .chain(properties(&value, "alias"))
            .find(|n| *kind == NodeKind::Person && made.graph.named().allows(n))
            .unwrap_or(name);
        let kind = if schema == "LegalEntity" && has_legal_form(name) {
            NodeKind::Organisation
        } else {
            *kind
        };
        match made.graph.node(inner, name, kind) {
            Ok(_) if inner != id => {
                ours.insert(id.to_owned(), inner.to_owned());
            }
            Ok(_) => {}
            Err(Refused::Person(_)) => {
                made.persons.insert(id.to_owned());
            }
            Err(e) => return Err(e.to_string()),
        }
        return Ok(None);
    }
    let Some((_, from, to, kind)) = LINKS.iter().find(|k| k.0 == schema) else {
        return Ok(None);
    };
    let mut ends = Vec::new();
    for a in properties(&value, from) {
        for b in properties(&value, to) {
            ends.push((a.to_owned(), b.to_owned()));
        }
    }
    let kind = match first(&value, &["role"]) {
        Some(role) if schema == "UnknownLink" => role,
        _ => kind,
    };
    Ok(Some(Found {
        line: n,
        ends,
        kind: kind.to_owned(),
        sightings: sightings(&value)?,
    }))
}

fn sightings(value: &Map<String, Value>) -> Result<Vec<Sighting>, String> {
    if let Some(carried) = value.get("atalaya").and_then(|a| a.get("sightings")) {
        let carried: Vec<Carried> = Deserialize::deserialize(carried).map_err(|e| {
            format!("atalaya.sightings can't be read ({e}); remove the field or write it again")
        })?;
        return Ok(carried
            .into_iter()
            .map(|c| Sighting {
                span: c.t0.map(|t0| (t0, c.t1.unwrap_or(t0).max(t0))),
                weight: c.weight,
                evidence: c.evidence,
            })
            .collect());
    }
    // Dates of any precision: a year or month begins on its first day.
    let date = |keys: &[&str]| {
        first(value, keys).and_then(|d| {
            let full = match d.len() {
                4 => format!("{d}-01-01"),
                7 => format!("{d}-01"),
                _ => d.to_owned(),
            };
            moment(&full).filter(|_| d.contains('-') || d.len() == 4)
        })
    };
    let span = date(&["startDate", "date"]).map(|t0| {
        let t1 = date(&["endDate", "date"]).unwrap_or(t0);
        (t0, t1.max(t0))
    });
    Ok(vec![Sighting {
        span,
        ..Sighting::bare(1.0)
    }])
}

fn properties<'a>(value: &'a Map<String, Value>, name: &str) -> impl Iterator<Item = &'a str> {
    let found = value.get("properties").and_then(|p| p.get(name));
    let one = found.and_then(Value::as_str);
    let many = found.and_then(Value::as_array).into_iter().flatten();
    // A nested entity stands for its id.
    one.into_iter()
        .chain(many.filter_map(|v| v.as_str().or_else(|| v.get("id").and_then(Value::as_str))))
}

fn first<'a>(value: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .find_map(|n| properties(value, n).find(|t| !t.is_empty()))
}

/// Writes a graph: nodes, then links.
pub fn write(graph: &Graph, mut out: impl Write) -> io::Result<()> {
    let ids: Vec<String> = graph.nodes().iter().map(|n| outer_id(&n.id)).collect();
    for (n, id) in graph.nodes().iter().zip(&ids) {
        let (schema, property) = match n.kind {
            NodeKind::Thing => ("Thing", "name"),
            NodeKind::Place => ("Address", "full"),
            NodeKind::Vehicle => ("Vehicle", "name"),
            NodeKind::Organisation => ("Organization", "name"),
            NodeKind::Person => ("Person", "name"),
        };
        let mut properties = Map::new();
        properties.insert("name".into(), json!([n.name]));
        properties.insert(property.into(), json!([n.name]));
        let mut entity = json!({
            "id": id, "schema": schema, "caption": n.name, "properties": properties,
        });
        if *id != n.id {
            entity["atalaya"] = json!({ "id": n.id });
        }
        writeln!(out, "{entity}")?;
    }
    let mut taken: BTreeSet<String> = ids.iter().cloned().collect();
    for link in graph.links() {
        let (a, b) = (&ids[link.a as usize], &ids[link.b as usize]);
        let kind = graph.kind(link);
        let schema = LINKS.iter().find(|l| l.3 == kind).unwrap_or(&LINKS[0]);
        let mut properties = Map::new();
        properties.insert(schema.1.into(), json!([a]));
        properties.insert(schema.2.into(), json!([b]));
        if schema.0 == "UnknownLink" && kind != "link" {
            properties.insert("role".into(), json!([kind]));
        }
        for (key, t) in [("startDate", link.first()), ("endDate", link.last())] {
            if let Some(t) = t {
                // Dates there go to the second, without a zone, and mean UTC.
                let text = t.to_rfc3339();
                properties.insert(key.into(), json!([text.get(..19).unwrap_or(&text)]));
            }
        }
        let carried: Vec<Carried> = link
            .sightings
            .iter()
            .map(|s| Carried {
                t0: s.span.map(|s| s.0),
                t1: s.span.map(|s| s.1),
                weight: s.weight,
                evidence: s.evidence.clone(),
            })
            .collect();
        // The same link has the same id in every export, so that exports can be put together.
        let mut id = format!("link-{:016x}", fnv(&[a, b, kind]));
        while !taken.insert(id.clone()) {
            id.push('x');
        }
        let entity = json!({
            "id": id, "schema": schema.0, "properties": properties,
            "atalaya": { "sightings": carried },
        });
        writeln!(out, "{entity}")?;
    }
    Ok(())
}

/// An id as other readers of the format allow it (letters, digits, `.` and `-`): ours where it is one,
/// else its bytes in hex; ours then stands in the field `atalaya`.
fn outer_id(id: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric();
    let ends = [id.bytes().next(), id.bytes().next_back()];
    let fits = ends.iter().all(|b| b.is_some_and(plain))
        && id.bytes().all(|b| plain(b) || b == b'.' || b == b'-');
    let hex = id.strip_prefix('x');
    let mistaken = hex.is_some_and(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
    if fits && !mistaken {
        return id.to_owned();
    }
    let mut made = String::from("x");
    for b in id.bytes() {
        made.push_str(&format!("{b:02x}"));
    }
    made
}

/// FNV-1a over texts and the gaps between them.
fn fnv(texts: &[&str]) -> u64 {
    let bytes = texts.iter().flat_map(|t| t.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
    })
}
