//! Nodes, links and what they rest on.

use crate::named::Named;
use atalaya_model::{EvidenceRef, Micros};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// Imported without saying what it is.
    Thing,
    /// A zone or site, or an address.
    Place,
    /// A vehicle.
    Vehicle,
    /// A company or other body.
    Organisation,
    /// A person whom the authority names.
    Person,
}

impl NodeKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Thing,
        Self::Place,
        Self::Vehicle,
        Self::Organisation,
        Self::Person,
    ];

    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Thing => "thing",
            Self::Place => "place",
            Self::Vehicle => "vehicle",
            Self::Organisation => "organisation",
            Self::Person => "person",
        }
    }

    /// From the name in files.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// An entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Unique in the graph.
    pub id: String,
    /// For people; the id when there is no other.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
}

/// One occasion on which a link was seen or asserted.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// First and last moment; `None` when the source gives no time.
    pub span: Option<(Micros, Micros)>,
    /// How much it counts: a probability for what was observed, the column of an import. Above 0.
    pub weight: f64,
    /// What it rests on; empty for imports that bring none.
    pub evidence: Vec<EvidenceRef>,
}

impl Sighting {
    /// Without time or evidence.
    pub fn bare(weight: f64) -> Self {
        Self {
            span: None,
            weight,
            evidence: Vec::new(),
        }
    }

    /// True when some of it lies in `[from, until)`.
    pub fn within(&self, from: Micros, until: Micros) -> bool {
        self.span.is_some_and(|(t0, t1)| t0 < until && t1 >= from)
    }
}

/// A link of one kind between two nodes; it has no direction, only the order it was first said in.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Index of one end.
    pub a: u32,
    /// Index of the other.
    pub b: u32,
    kind: u16,
    /// When and why, in the order they were added.
    pub sightings: Vec<Sighting>,
}

impl Link {
    /// Sum of the sightings' weights.
    pub fn weight(&self) -> f64 {
        self.sightings.iter().map(|s| s.weight).sum()
    }

    /// Earliest moment, where any is known.
    pub fn first(&self) -> Option<Micros> {
        self.sightings
            .iter()
            .filter_map(|s| s.span)
            .map(|s| s.0)
            .min()
    }

    /// Latest moment, where any is known.
    pub fn last(&self) -> Option<Micros> {
        self.sightings
            .iter()
            .filter_map(|s| s.span)
            .map(|s| s.1)
            .max()
    }

    /// All evidence, sighting by sighting.
    pub fn evidence(&self) -> impl Iterator<Item = &EvidenceRef> {
        self.sightings.iter().flat_map(|s| &s.evidence)
    }
}

/// How large a graph may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most nodes.
    pub nodes: usize,
    /// Most sightings of links.
    pub links: usize,
    /// Most bytes of a line that is read.
    pub line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nodes: 5_000_000,
            links: 20_000_000,
            line: 1 << 20,
        }
    }
}

/// Why something is not taken into a graph.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// A person whom nobody with authority named.
    #[error(
        "person '{0}' is not named by the authority; add the name to [authority] persons or leave the person out"
    )]
    Person(String),
    /// A link from a node to itself.
    #[error("'{0}' is linked to itself; a link needs two ends")]
    Loop(String),
    /// A weight that can't be used.
    #[error("weight {0} is not usable; give a number above 0")]
    Weight(f64),
    /// A kind too many.
    #[error("more than {0} kinds of links; give fewer")]
    Kinds(usize),
    /// A node or link too many.
    #[error("more than {limit} {what}; split the input")]
    Full {
        /// Nodes or links.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
}

/// Most kinds of links.
const MAX_KINDS: usize = 10_000;

/// A network with its reasons. Nodes and links keep the order in which they were first said.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    named: Named,
    limits: Limits,
    nodes: Vec<Node>,
    /// Look-up only, never walked through: its order is not ours.
    ids: HashMap<String, u32>,
    kinds: Vec<String>,
    /// Look-up only, as above.
    kind_numbers: HashMap<String, u16>,
    links: Vec<Link>,
    /// Look-up only, as above: both ends in order, and the kind.
    pairs: HashMap<(u32, u32, u16), u32>,
    sightings: usize,
}

impl PartialEq for Graph {
    fn eq(&self, other: &Self) -> bool {
        self.nodes == other.nodes
            && self.links.len() == other.links.len()
            && self.links.iter().zip(&other.links).all(|(x, y)| {
                (x.a, x.b, &x.sightings) == (y.a, y.b, &y.sightings)
                    && self.kind(x) == other.kind(y)
            })
    }
}

impl Graph {
    /// Empty, for an authority that names these persons.
    pub fn new(named: Named, limits: Limits) -> Self {
        Self {
            named,
            limits,
            ..Self::default()
        }
    }

    /// Nodes, in the order they came.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Links, in the order they came.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// A link's kind in words.
    pub fn kind(&self, link: &Link) -> &str {
        &self.kinds[link.kind as usize]
    }

    /// Whom the authority names.
    pub fn named(&self) -> &Named {
        &self.named
    }

    /// The index of a node.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.ids.get(id).copied()
    }

    /// Adds a node, or finds it; a thing becomes what it is now said to be.
    pub fn node(&mut self, id: &str, name: &str, kind: NodeKind) -> Result<u32, Refused> {
        if kind == NodeKind::Person && !self.named.allows(name) {
            return Err(Refused::Person(name.to_owned()));
        }
        if let Some(&ix) = self.ids.get(id) {
            let node = &mut self.nodes[ix as usize];
            if node.kind == NodeKind::Thing && kind != NodeKind::Thing {
                node.kind = kind;
                name.clone_into(&mut node.name);
            }
            return Ok(ix);
        }
        if self.nodes.len() >= self.limits.nodes.min(u32::MAX as usize) {
            return Err(Refused::Full {
                what: "nodes",
                limit: self.limits.nodes,
            });
        }
        let ix = self.nodes.len() as u32;
        self.ids.insert(id.to_owned(), ix);
        self.nodes.push(Node {
            id: id.to_owned(),
            name: name.to_owned(),
            kind,
        });
        Ok(ix)
    }

    /// Adds a sighting of a link and gives the link's index. Ends are indices of this graph.
    pub fn link(&mut self, a: u32, b: u32, kind: &str, seen: Sighting) -> Result<u32, Refused> {
        if a == b {
            return Err(Refused::Loop(self.nodes[a as usize].id.clone()));
        }
        if !(seen.weight.is_finite() && seen.weight > 0.0) {
            return Err(Refused::Weight(seen.weight));
        }
        if self.sightings >= self.limits.links {
            return Err(Refused::Full {
                what: "links",
                limit: self.limits.links,
            });
        }
        let kind = self.kind_index(kind)?;
        let key = (a.min(b), a.max(b), kind);
        let ix = *self.pairs.entry(key).or_insert_with(|| {
            self.links.push(Link {
                a,
                b,
                kind,
                sightings: Vec::new(),
            });
            (self.links.len() - 1) as u32
        });
        self.links[ix as usize].sightings.push(seen);
        self.sightings += 1;
        Ok(ix)
    }

    fn kind_index(&mut self, kind: &str) -> Result<u16, Refused> {
        if let Some(i) = self.kind_numbers.get(kind) {
            return Ok(*i);
        }
        if self.kinds.len() >= MAX_KINDS {
            return Err(Refused::Kinds(MAX_KINDS));
        }
        let number = self.kinds.len() as u16;
        self.kinds.push(kind.to_owned());
        self.kind_numbers.insert(kind.to_owned(), number);
        Ok(number)
    }

    /// A sighting that is still going on.
    pub(crate) fn sighting_mut(&mut self, link: u32, n: usize) -> Option<&mut Sighting> {
        self.links.get_mut(link as usize)?.sightings.get_mut(n)
    }

    /// The same graph with some nodes only, and the links between them.
    pub fn retain(&self, keep: impl Fn(&Node) -> bool) -> Self {
        self.map(|n| keep(n).then_some(n))
    }

    /// The graph with nodes put in the place of others: `place` gives the node that stands for
    /// each, or `None` to leave it out. Links inside one place go.
    pub(crate) fn map<'a>(&'a self, place: impl Fn(&'a Node) -> Option<&'a Node>) -> Self {
        let mut made = Self::new(self.named.clone(), self.limits);
        // A node of this graph was accepted once and is accepted again: nothing is refused here
        // but links that have become loops.
        let to: Vec<Option<u32>> = self
            .nodes
            .iter()
            .map(|n| place(n).and_then(|p| made.node(&p.id, &p.name, p.kind).ok()))
            .collect();
        for link in &self.links {
            if let (Some(a), Some(b)) = (to[link.a as usize], to[link.b as usize]) {
                for s in &link.sightings {
                    let _loops_go = made.link(a, b, self.kind(link), s.clone());
                }
            }
        }
        made
    }
}
