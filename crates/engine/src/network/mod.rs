//! The network behind the sites: what was seen and stored (vehicles, places, and why they are linked), and
//! what people brought from elsewhere (organisations, things, persons whom the authority names). Anonymous
//! persons are never in it.

mod imports;
mod names;
mod picture;
#[cfg(test)]
mod tests;

pub use atalaya_network::{Judgement, JudgementError, Judgements, Verdict};
pub use imports::{ImportCounts, ImportError, ImportRead, Imported, read_import};
pub use names::PairPicture;
pub use picture::{
    LinkPicture, NetworkPicture, NodePicture, SightingPicture, network_file, network_picture,
};

use atalaya_model::{Class, Event, EventKind, Micros};
use atalaya_network::{Graph, Growth, Limits, Named, NodeKind, Refused, Who};
use atalaya_store::Lineage;
use imports::join;
use std::collections::BTreeMap;

/// Vehicles that are together at a place for so long meet, seconds.
const MEETING_S: f64 = 60.0;

/// What the network is made from.
#[derive(Clone, Debug, Default)]
pub struct NetworkInput {
    /// Events with their runs, in any order.
    pub events: Vec<(String, Event)>,
    /// Kinds of tracks by run and original name.
    pub classes: BTreeMap<(String, String), Class>,
    /// Splits and merges of tracks, by run.
    pub lineages: BTreeMap<String, Lineage>,
    /// What people brought.
    pub imports: Vec<Imported>,
    /// Whom the authority names.
    pub persons: Vec<String>,
    /// What people said about which entities are one.
    pub judgements: Judgements,
    /// Only what was seen in `[from, until)`, and what has no time.
    pub window: Option<(Micros, Micros)>,
}

/// The id of a track's vehicle in the network.
pub fn vehicle_id(operation: &str, run: &str, track: &str) -> String {
    format!("{operation}/{run}/{track}")
}

/// Everything there is, before people's judgements.
struct Assembled {
    graph: Graph,
    /// Times an anonymous subject was passed over.
    anonymous: u64,
    /// Which imports speak of a node.
    said_by: BTreeMap<String, Vec<i64>>,
}

/// Grows the network of the events and joins the imports to it. With `apart` the links of an import are
/// links of their own even where the same kind was seen.
fn assemble(
    operation: &str,
    names: &BTreeMap<String, String>,
    input: &mut NetworkInput,
    apart: bool,
) -> Result<Assembled, Refused> {
    input
        .events
        .sort_by(|a, b| (a.1.time, &a.0, &a.1.id).cmp(&(b.1.time, &b.0, &b.1.id)));
    let named = Named::new(input.persons.iter().map(String::as_str));
    let mut graph = Graph::new(named, Limits::default());
    // Places have the names that people gave them.
    for (zone, name) in names {
        graph.node(&format!("{operation}/{zone}"), name, NodeKind::Place)?;
    }
    let mut growth = Growth::new(operation, MEETING_S);
    for (run, original, name, event) in edited(input) {
        growth.push(&mut graph, &event, |_| {
            let class = input.classes.get(&(run.clone(), original.clone()));
            match class.filter(|c| c.is_vehicle()) {
                Some(class) => Who::Vehicle {
                    id: vehicle_id(operation, &run, &name),
                    name: format!("{} {name}", class.name()),
                },
                None => Who::Anonymous,
            }
        })?;
    }
    let mut said_by = BTreeMap::new();
    for import in &input.imports {
        join(&mut graph, import, &mut said_by, apart)?;
    }
    Ok(Assembled {
        graph,
        anonymous: growth.anonymous(),
        said_by,
    })
}

/// The events under the names that people gave the tracks, one for each subject: run, original name, name,
/// event. Where a track was split while it was at a place, one vehicle is lost there and another appears.
fn edited(input: &NetworkInput) -> Vec<(String, String, String, Event)> {
    let none = Lineage::default();
    let mut out = Vec::new();
    // By run, original track and zone: since when it is there.
    let mut inside: BTreeMap<(&str, &str, &str), Micros> = BTreeMap::new();
    for (run, event) in &input.events {
        let lineage = input.lineages.get(run).unwrap_or(&none);
        let opens = matches!(event.kind, EventKind::Arrival | EventKind::Appeared);
        let closes = matches!(event.kind, EventKind::Departure | EventKind::Lost);
        for original in &event.subjects {
            let key = (run.as_str(), original.as_str(), event.zone.as_str());
            let now = lineage.name(original, event.time.0);
            if opens {
                inside.insert(key, event.time);
            } else if closes && let Some(since) = inside.remove(&key) {
                for (at, name) in lineage.pieces(original) {
                    let before = lineage.name(original, at.saturating_sub(1));
                    if *at <= since.0 || *at > event.time.0 || before == name {
                        continue;
                    }
                    for (kind, who) in [(EventKind::Lost, before), (EventKind::Appeared, name)] {
                        let mut cut = event.clone();
                        cut.kind = kind;
                        cut.time = Micros(*at);
                        cut.id = Event::id_of(kind, &event.zone, who, cut.time);
                        cut.subjects = vec![who.to_owned()];
                        // Nothing was seen there: a person said so.
                        cut.evidence.clear();
                        out.push((run.clone(), original.clone(), who.to_owned(), cut));
                    }
                }
            }
            let mut event = event.clone();
            event.subjects = vec![now.to_owned()];
            out.push((run.clone(), original.clone(), now.to_owned(), event));
        }
    }
    // What was put between stands at its own time; at one moment the order stays.
    out.sort_by_key(|(_, _, _, e)| e.time);
    out
}
