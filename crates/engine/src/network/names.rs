//! Names worth a person's look: may these two entities be one?

use atalaya_network::names::{Name, UNDECIDED_FROM, candidates, score, suggestion};
use atalaya_network::{Judgements, Node, NodeKind};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Most pairs that are shown.
const MOST: usize = 40;

/// Two entities whose names may be one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PairPicture {
    /// One id.
    pub left: String,
    /// The other.
    pub right: String,
    /// Its name.
    pub left_name: String,
    /// The other's.
    pub right_name: String,
    /// Probability that both are spellings of one name: not that they are one entity.
    pub score: f64,
    /// What the score suggests: `same` or `undecided`. People decide.
    pub suggestion: &'static str,
}

/// The pairs nobody has judged yet, the likeliest first, and how many there are in all. At least one of a
/// pair was brought by people: what grew by itself has no name of its own but places.
pub(super) fn pairs(
    nodes: &[Node],
    said_by: &BTreeMap<String, Vec<i64>>,
    judgements: &Judgements,
) -> (Vec<PairPicture>, usize) {
    let holding = judgements.holding();
    let same = judgements.same();
    let named: Vec<&Node> = nodes
        .iter()
        .filter(|n| said_by.contains_key(&n.id) || n.kind == NodeKind::Place)
        .collect();
    let names: Vec<Name> = named
        .iter()
        .map(|n| match n.kind {
            NodeKind::Organisation => Name::organisation(&n.name),
            NodeKind::Person => Name::person(&n.name),
            _ => Name::parse(&n.name),
        })
        .collect();
    let blocks = candidates(&names);
    let mut found = Vec::new();
    let mut near = Vec::new();
    for (i, right) in named.iter().enumerate() {
        blocks.before(i, &mut near);
        for j in &near {
            let left = named[*j as usize];
            let brought = said_by.contains_key(&left.id) || said_by.contains_key(&right.id);
            let alike = left.kind == right.kind
                || left.kind == NodeKind::Thing
                || right.kind == NodeKind::Thing;
            let key = (
                left.id.as_str().min(&right.id),
                left.id.as_str().max(&right.id),
            );
            let one = same
                .get(&left.id)
                .is_some_and(|g| same.get(&right.id) == Some(g));
            if !brought || !alike || one || holding.contains_key(&key) {
                continue;
            }
            let judged = suggestion(score(&names[*j as usize], &names[i]));
            if judged.score >= UNDECIDED_FROM {
                found.push(PairPicture {
                    left: left.id.clone(),
                    right: right.id.clone(),
                    left_name: left.name.clone(),
                    right_name: right.name.clone(),
                    score: judged.score,
                    suggestion: judged.verdict.name(),
                });
            }
        }
    }
    found.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| (&a.left, &a.right).cmp(&(&b.left, &b.right)))
    });
    let all = found.len();
    found.truncate(MOST);
    (found, all)
}
