//! The network to look at, and as a file for other programs.

use super::imports::kind_of;
use super::names::{PairPicture, pairs};
use super::{Assembled, NetworkInput, assemble};
use atalaya_model::{EvidenceRef, Micros};
use atalaya_network::measure::{Options, measures};
use atalaya_network::{Csr, Graph, Refused, Sighting, csv, dismantle, ftm, graphml, slices};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Sightings of a link that are shown, the latest.
const SHOWN_SIGHTINGS: usize = 40;
/// Nodes times (nodes and linked pairs) up to which an order of removal is found while somebody waits: about a
/// second. Betweenness is counted anew after every removal.
const DISMANTLED: usize = 400_000;

/// A network to look at.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct NetworkPicture {
    /// First and last sighting of all, microseconds UTC, whatever the window.
    pub extent: Option<(i64, i64)>,
    /// Nodes that are linked within the window, and those of imports.
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
    /// Names that may be one and that nobody has judged, the likeliest first.
    pub pairs: Vec<PairPicture>,
    /// How many such pairs there are.
    pub all_pairs: u64,
}

/// An entity.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct NodePicture {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// `vehicle`, `place`, `organisation`, `thing`, or `person` whom the authority names.
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
    /// The imports that speak of it; none for what was seen only.
    pub imports: Vec<i64>,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LinkPicture {
    /// One end.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// `visit`, `route` or `meeting`; of an import what its file says.
    pub kind: String,
    /// The import it is from: somebody's word, not seen here.
    pub import: Option<i64>,
    /// Times it was seen in the window.
    pub count: usize,
    /// The latest of them, oldest first.
    pub sightings: Vec<SightingPicture>,
}

/// When a link was seen or is said to have been, and by what it is borne out.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SightingPicture {
    /// First moment, microseconds UTC; null where an import gives none.
    pub from: Option<i64>,
    /// Last moment.
    pub until: Option<i64>,
    /// Probability; of an import the weight that its file gives.
    pub p: f64,
    /// Evidence.
    pub evidence: Vec<EvidenceRef>,
}

/// Builds and measures the network of an operation; `names` gives zones their names.
pub fn network_picture(
    operation: &str,
    names: &BTreeMap<String, String>,
    mut input: NetworkInput,
) -> Result<NetworkPicture, Refused> {
    let Assembled {
        graph: whole,
        anonymous,
        said_by,
    } = assemble(operation, names, &mut input, true)?;
    let graph = input.judgements.applied(&whole);
    let extent = slices::extent(&graph).map(|(a, b)| (a.0, b.0));
    let (from, until) = input.window.unwrap_or((Micros(i64::MIN), Micros(i64::MAX)));
    let same = input.judgements.same();
    // What an import says of an entity, it says of all that people made one with it.
    let mut imports: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (id, by) in &said_by {
        let head = same.get(id).unwrap_or(id);
        imports.entry(head).or_default().extend(by);
    }
    let shown = |s: &&Sighting| s.span.is_none() || s.within(from, until);
    let mut linked = vec![false; graph.nodes().len()];
    let kept_links: Vec<_> = graph
        .links()
        .iter()
        .filter_map(|l| {
            let seen: Vec<&Sighting> = l.sightings.iter().filter(shown).collect();
            (!seen.is_empty()).then_some((l, seen))
        })
        .collect();
    for (l, _) in &kept_links {
        linked[l.a as usize] = true;
        linked[l.b as usize] = true;
    }
    let mut local = vec![u32::MAX; linked.len()];
    let mut kept = Vec::new();
    for (v, n) in graph.nodes().iter().enumerate() {
        let head = same.get(&n.id).unwrap_or(&n.id);
        if linked[v] || imports.contains_key(head.as_str()) {
            local[v] = kept.len() as u32;
            kept.push(v);
        }
    }
    let links: Vec<LinkPicture> = kept_links
        .into_iter()
        .map(|(l, seen)| {
            let (kind, import) = kind_of(graph.kind(l));
            let first = seen.len().saturating_sub(SHOWN_SIGHTINGS);
            LinkPicture {
                a: local[l.a as usize],
                b: local[l.b as usize],
                kind: kind.to_owned(),
                import,
                count: seen.len(),
                sightings: seen[first..].iter().map(|s| sighting(s)).collect(),
            }
        })
        .collect();
    let pairs_of: Vec<(u32, u32, f64)> = links.iter().map(|l| (l.a, l.b, l.count as f64)).collect();
    let net = Csr::from_links(kept.len(), &pairs_of);
    let m = measures(&net, &Options::default());
    let nodes = kept
        .iter()
        .enumerate()
        .map(|(i, v)| {
            let n = &graph.nodes()[*v];
            let group = same.get(&n.id);
            let mut by = imports
                .get(group.unwrap_or(&n.id).as_str())
                .cloned()
                .unwrap_or_default();
            by.sort_unstable();
            by.dedup();
            NodePicture {
                id: n.id.clone(),
                name: n.name.clone(),
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
                imports: by,
            }
        })
        .collect();
    let work = kept.len().saturating_mul(kept.len() + net.links());
    let broken = (work <= DISMANTLED && !kept.is_empty()).then(|| dismantle::dismantle(&net, 0));
    let (removal, largest, area) =
        broken.map_or_else(Default::default, |d| (d.order, d.largest, d.area));
    let (pairs, all) = pairs(whole.nodes(), &said_by, &input.judgements);
    Ok(NetworkPicture {
        extent,
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
        anonymous,
        pairs,
        all_pairs: all as u64,
    })
}

fn sighting(s: &Sighting) -> SightingPicture {
    SightingPicture {
        from: s.span.map(|s| s.0.0),
        until: s.span.map(|s| s.1.0),
        p: s.weight,
        evidence: s.evidence.clone(),
    }
}

/// The network as a file, people's judgements applied: `graphml`, `ftm` or `csv`; `None` for another
/// format. Of a window, what was seen in it and what has no time.
pub fn network_file(
    operation: &str,
    names: &BTreeMap<String, String>,
    mut input: NetworkInput,
    format: &str,
) -> Result<Option<Vec<u8>>, Refused> {
    let made = assemble(operation, names, &mut input, false)?;
    let (from, until) = input.window.unwrap_or((Micros(i64::MIN), Micros(i64::MAX)));
    let graph = within(&input.judgements.applied(&made.graph), from, until)?;
    let mut out = Vec::new();
    // Writing to memory does not fail.
    let _ = match format {
        "graphml" => graphml::write(&graph, &mut out),
        "ftm" => ftm::write(&graph, &mut out),
        "csv" => csv::write(&graph, &mut out),
        _ => return Ok(None),
    };
    Ok(Some(out))
}

/// What is linked in a window, and what people brought, linked or not.
fn within(graph: &Graph, from: Micros, until: Micros) -> Result<Graph, Refused> {
    let mut made = Graph::new(graph.named().clone(), Default::default());
    let mut keep: Vec<bool> = graph
        .nodes()
        .iter()
        .map(|n| n.id.starts_with("import/"))
        .collect();
    let shown = |s: &&Sighting| s.span.is_none() || s.within(from, until);
    for l in graph.links() {
        let any = l.sightings.iter().any(|s| shown(&s));
        keep[l.a as usize] |= any;
        keep[l.b as usize] |= any;
    }
    let mut to = vec![u32::MAX; keep.len()];
    for (i, n) in graph.nodes().iter().enumerate().filter(|(i, _)| keep[*i]) {
        to[i] = made.node(&n.id, &n.name, n.kind)?;
    }
    for l in graph.links() {
        for s in l.sightings.iter().filter(shown) {
            let (a, b) = (to[l.a as usize], to[l.b as usize]);
            made.link(a, b, graph.kind(l), s.clone())?;
        }
    }
    Ok(made)
}
