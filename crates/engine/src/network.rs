//! The network behind the sites, from what was stored: vehicles, places, and why they are linked.
//! Persons are anonymous and never in it.

use atalaya_model::{Class, Event, EvidenceRef, Micros};
use atalaya_network::measure::{Options, measures};
use atalaya_network::{
    Csr, Graph, Growth, Limits, Named, NodeKind, Refused, Who, dismantle, slices,
};
pub use atalaya_network::{Judgement, JudgementError, Judgements, Verdict};
use serde::Serialize;
use std::collections::BTreeMap;

/// Vehicles that are together at a place for so long meet, seconds.
const MEETING_S: f64 = 60.0;
/// Sightings of a link that are shown, the latest.
const SHOWN_SIGHTINGS: usize = 40;
/// Nodes up to which an order of removal is found while somebody waits.
const DISMANTLED: usize = 2000;

/// What the network is made from.
#[derive(Clone, Debug, Default)]
pub struct NetworkInput {
    /// Events with their runs, in any order.
    pub events: Vec<(String, Event)>,
    /// Kinds of tracks by run and name.
    pub classes: BTreeMap<(String, String), Class>,
    /// What people said about which vehicles are one.
    pub judgements: Judgements,
    /// Only what was seen in `[from, until)`.
    pub window: Option<(Micros, Micros)>,
}

/// A network to look at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NetworkPicture {
    /// First and last sighting of all, microseconds UTC, whatever the window.
    pub extent: Option<(i64, i64)>,
    /// Nodes that are linked within the window.
    pub nodes: Vec<NodePicture>,
    /// Links within the window; ends are indices into `nodes`.
    pub links: Vec<LinkPicture>,
    /// Indices of nodes in the order whose removal breaks the network fastest.
    pub removal: Vec<u32>,
    /// Nodes in the largest component after each of these removals.
    pub largest: Vec<u32>,
    /// Mean share of the largest component over all removals, 0 to 1.
    pub area: f64,
    /// Ids that are said to be two and have been made one by others: pairs.
    pub conflicts: Vec<(String, String)>,
    /// Times an anonymous subject was passed over.
    pub anonymous: u64,
}

/// A vehicle or a place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NodePicture {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// `vehicle` or `place`.
    pub kind: &'static str,
    /// Number of neighbours.
    pub degree: u32,
    /// Shortest paths that lead through it, normalised to 0 … 1.
    pub betweenness: f64,
    /// Number of its component.
    pub component: u32,
    /// Number of its community.
    pub community: u32,
    /// Without it its component falls apart.
    pub articulation: bool,
    /// Ids that people said are this one too.
    pub also: Vec<String>,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LinkPicture {
    /// One end.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// `visit`, `route` or `meeting`.
    pub kind: String,
    /// Times it was seen in the window.
    pub count: usize,
    /// The latest of them, oldest first.
    pub sightings: Vec<SightingPicture>,
}

/// When a link was seen, and by what it is borne out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SightingPicture {
    /// First moment, microseconds UTC.
    pub from: i64,
    /// Last moment.
    pub until: i64,
    /// Probability.
    pub p: f64,
    /// Evidence.
    pub evidence: Vec<EvidenceRef>,
}

/// The id of a track's vehicle in the network.
pub fn vehicle_id(operation: &str, run: &str, track: &str) -> String {
    format!("{operation}/{run}/{track}")
}

/// Builds and measures the network of an operation; `names` gives zones their names.
pub fn network_picture(
    operation: &str,
    names: &BTreeMap<String, String>,
    mut input: NetworkInput,
) -> Result<NetworkPicture, Refused> {
    input
        .events
        .sort_by(|a, b| (a.1.time, &a.0, &a.1.id).cmp(&(b.1.time, &b.0, &b.1.id)));
    let mut graph = Graph::new(Named::nobody(), Limits::default());
    let mut growth = Growth::new(operation, MEETING_S);
    for (run, event) in &input.events {
        growth.push(&mut graph, event, |subject| {
            let class = input.classes.get(&(run.clone(), subject.to_owned()));
            match class.filter(|c| c.is_vehicle()) {
                Some(class) => Who::Vehicle {
                    id: vehicle_id(operation, run, subject),
                    name: format!("{} {subject}", class.name()),
                },
                None => Who::Anonymous,
            }
        })?;
    }
    let graph = input.judgements.applied(&graph);
    let extent = slices::extent(&graph);
    let (from, until) = input.window.unwrap_or((Micros(i64::MIN), Micros(i64::MAX)));
    let same = input.judgements.same();
    // Only what is linked within the window.
    let whole = Csr::within(&graph, from, until);
    let kept: Vec<u32> = (0..whole.len() as u32)
        .filter(|v| whole.degree(*v) > 0)
        .collect();
    let mut local = vec![u32::MAX; whole.len()];
    for (i, v) in kept.iter().enumerate() {
        local[*v as usize] = i as u32;
    }
    let links: Vec<LinkPicture> = graph
        .links()
        .iter()
        .filter_map(|l| {
            let seen: Vec<_> = l
                .sightings
                .iter()
                .filter(|s| s.within(from, until))
                .collect();
            let (a, b) = (local[l.a as usize], local[l.b as usize]);
            if seen.is_empty() || a == u32::MAX || b == u32::MAX {
                return None;
            }
            let first = seen.len().saturating_sub(SHOWN_SIGHTINGS);
            Some(LinkPicture {
                a,
                b,
                kind: graph.kind(l).to_owned(),
                count: seen.len(),
                sightings: seen[first..]
                    .iter()
                    .map(|s| SightingPicture {
                        from: s.span.map_or(0, |s| s.0.0),
                        until: s.span.map_or(0, |s| s.1.0),
                        p: s.weight,
                        evidence: s.evidence.clone(),
                    })
                    .collect(),
            })
        })
        .collect();
    let pairs: Vec<(u32, u32, f64)> = links.iter().map(|l| (l.a, l.b, l.count as f64)).collect();
    let net = Csr::from_links(kept.len(), &pairs);
    let m = measures(&net, &Options::default());
    let nodes = kept
        .iter()
        .enumerate()
        .map(|(i, v)| {
            let n = &graph.nodes()[*v as usize];
            let place = n.kind == NodeKind::Place;
            let group = same.get(&n.id);
            NodePicture {
                id: n.id.clone(),
                name: match names.get(&n.name).filter(|_| place) {
                    Some(name) => name.clone(),
                    None => n.name.clone(),
                },
                kind: n.kind.name(),
                degree: m.degree[i],
                betweenness: m.betweenness[i],
                component: m.component[i],
                community: m.communities.of[i],
                articulation: m.articulation[i],
                also: same
                    .iter()
                    .filter(|(id, g)| Some(*g) == group && **id != n.id)
                    .map(|(id, _)| id.clone())
                    .collect(),
            }
        })
        .collect();
    let broken =
        (kept.len() <= DISMANTLED && !kept.is_empty()).then(|| dismantle::dismantle(&net, 0));
    let (removal, largest, area) =
        broken.map_or_else(Default::default, |d| (d.order, d.largest, d.area));
    Ok(NetworkPicture {
        extent: extent.map(|(a, b)| (a.0, b.0)),
        nodes,
        links,
        removal,
        largest,
        area,
        conflicts: input
            .judgements
            .conflicts()
            .into_iter()
            .map(|c| (c.left, c.right))
            .collect(),
        anonymous: growth.anonymous(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_model::EventKind;

    fn event(kind: EventKind, zone: &str, who: &str, s: i64) -> Event {
        let t = Micros(s * 1_000_000);
        Event {
            about: None,
            schema: Event::SCHEMA.into(),
            id: Event::id_of(kind, zone, who, t),
            kind,
            time: t,
            time_end: None,
            decided_at: t,
            zone: zone.into(),
            subjects: vec![who.into()],
            p: 0.9,
            lat: None,
            lon: None,
            reason: String::new(),
            evidence: Vec::new(),
        }
    }

    /// Two runs: a truck that visits gate and yard, and one that visits the yard; a person too.
    fn input() -> NetworkInput {
        let mut i = NetworkInput::default();
        for (run, zone, who, from, to) in [
            ("r1", "gate", "A1", 10, 20),
            ("r1", "yard", "A1", 30, 200),
            ("r1", "yard", "A2", 40, 90),
            ("r2", "yard", "A1", 1000, 1100),
        ] {
            let (came, went) = (EventKind::Arrival, EventKind::Departure);
            i.events.push((run.into(), event(went, zone, who, to)));
            i.events.push((run.into(), event(came, zone, who, from)));
        }
        for (run, track, class) in [
            ("r1", "A1", Class::Truck),
            ("r1", "A2", Class::Person),
            ("r2", "A1", Class::Truck),
        ] {
            i.classes.insert((run.into(), track.into()), class);
        }
        i
    }

    fn names() -> BTreeMap<String, String> {
        BTreeMap::from([("yard".into(), "Yard".into())])
    }

    #[test]
    fn vehicles_and_places_are_linked_and_persons_are_not_there() {
        let p = network_picture("op", &names(), input()).unwrap();
        let ids: Vec<_> = p
            .nodes
            .iter()
            .map(|n| (n.id.as_str(), n.name.as_str()))
            .collect();
        assert_eq!(
            ids,
            [
                ("op/r1/A1", "truck A1"),
                ("op/gate", "gate"),
                ("op/yard", "Yard"),
                ("op/r2/A1", "truck A1")
            ]
        );
        assert_eq!(p.links.len(), 4, "{:?}", p.links);
        assert_eq!(p.anonymous, 2);
        assert_eq!(p.extent, Some((10_000_000, 1_100_000_000)));
        assert_eq!(p.removal.len(), p.nodes.len());
        assert!(p.nodes[2].articulation);
    }

    #[test]
    fn a_window_shows_what_was_seen_in_it() {
        let mut i = input();
        i.window = Some((Micros(900_000_000), Micros(2_000_000_000)));
        let p = network_picture("op", &names(), i).unwrap();
        assert_eq!((p.nodes.len(), p.links.len()), (2, 1));
    }

    #[test]
    fn judged_the_same_two_are_one_until_it_is_undone() {
        let mut i = input();
        let same = Judgement {
            left: "op/r1/A1".into(),
            right: "op/r2/A1".into(),
            verdict: Verdict::Same,
            reason: String::new(),
        };
        i.judgements.judge(same, "Ana", Micros(1)).unwrap();
        let one = network_picture("op", &names(), i.clone()).unwrap();
        assert_eq!(one.nodes.len(), 3);
        assert_eq!(one.nodes[0].also, ["op/r2/A1"]);
        i.judgements.undo(1, "Ben", Micros(2)).unwrap();
        assert_eq!(network_picture("op", &names(), i).unwrap().nodes.len(), 4);
    }
}
