//! What people decided about names: same, distinct or undecided; never by a score.

use crate::graph::Graph;
use crate::lines::{Lines, ReadError};
use crate::unite::UnionFind;
use atalaya_model::Micros;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Write};

/// What is decided about a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// One and the same.
    Same,
    /// Two.
    Distinct,
    /// Looked at, and open.
    Undecided,
}

impl Verdict {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Distinct => "distinct",
            Self::Undecided => "undecided",
        }
    }
}

/// A decision about two ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// One id.
    pub left: String,
    /// The other.
    pub right: String,
    /// What.
    pub verdict: Verdict,
    /// Why, in words; may be empty.
    #[serde(default)]
    pub reason: String,
}

/// What an entry of the log does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Judged(Judgement),
    /// Takes back the entry of this number.
    Undid(u64),
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Always `judgement/1`.
    pub schema: String,
    /// Number, from 1.
    pub n: u64,
    /// Who decided.
    pub author: String,
    /// When.
    #[serde(with = "atalaya_model::rfc3339")]
    pub time: Micros,
    #[serde(flatten)]
    act: Act,
}

impl Entry {
    /// What was decided, unless the entry takes another back.
    pub fn judgement(&self) -> Option<&Judgement> {
        match &self.act {
            Act::Judged(j) => Some(j),
            Act::Undid(_) => None,
        }
    }

    /// The number of the entry that it takes back.
    pub fn undid(&self) -> Option<u64> {
        match self.act {
            Act::Judged(_) => None,
            Act::Undid(n) => Some(n),
        }
    }
}

/// An act that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JudgementError {
    /// Nobody decides.
    #[error("a judgement needs an author; say who decides")]
    Author,
    /// One id or none.
    #[error("'{0}' and '{1}' are not two ids; name two different ones")]
    Ids(String, String),
    /// Nothing there to take back.
    #[error("there is no judgement {0} to undo, or it is undone already")]
    Undo(u64),
}

/// A chain of judgements that contradicts another judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The number of the entry that says distinct.
    pub n: u64,
    /// One of the two that others have made the same.
    pub left: String,
    /// The other.
    pub right: String,
}

/// A log of judgements, to which is only ever added. The last judgement about a pair that was not
/// undone holds; what is one entity is worked out anew from all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgements {
    entries: Vec<Entry>,
    undone: BTreeSet<u64>,
}

impl Judgements {
    /// All entries, oldest first.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Adds a judgement and gives its number.
    pub fn judge(
        &mut self,
        judgement: Judgement,
        author: &str,
        time: Micros,
    ) -> Result<u64, JudgementError> {
        let (l, r) = (judgement.left.trim(), judgement.right.trim());
        if l.is_empty() || r.is_empty() || l == r {
            return Err(JudgementError::Ids(judgement.left, judgement.right));
        }
        self.add(Act::Judged(judgement), author, time)
    }

    /// Takes a judgement back and gives the number of that act. The judgement stays in the log.
    pub fn undo(&mut self, n: u64, author: &str, time: Micros) -> Result<u64, JudgementError> {
        let there = n
            .checked_sub(1)
            .and_then(|i| self.entries.get(usize::try_from(i).ok()?))
            .is_some_and(|e| e.judgement().is_some() && !self.undone.contains(&n));
        if !there {
            return Err(JudgementError::Undo(n));
        }
        let number = self.add(Act::Undid(n), author, time)?;
        self.undone.insert(n);
        Ok(number)
    }

    fn add(&mut self, act: Act, author: &str, time: Micros) -> Result<u64, JudgementError> {
        if author.trim().is_empty() {
            return Err(JudgementError::Author);
        }
        let n = self.entries.len() as u64 + 1;
        self.entries.push(Entry {
            schema: "judgement/1".into(),
            n,
            author: author.to_owned(),
            time,
            act,
        });
        Ok(n)
    }

    /// Judgements that are not undone, oldest first.
    fn judged(&self) -> impl Iterator<Item = (u64, &Judgement)> {
        self.entries
            .iter()
            .filter(|e| !self.undone.contains(&e.n))
            .filter_map(|e| e.judgement().map(|j| (e.n, j)))
    }

    /// What holds for each pair, ids in order, with the number of the entry.
    pub fn holding(&self) -> BTreeMap<(&str, &str), (u64, Verdict)> {
        self.judged()
            .map(|(n, j)| {
                let (l, r) = (j.left.as_str(), j.right.as_str());
                ((l.min(r), l.max(r)), (n, j.verdict))
            })
            .collect()
    }

    /// Groups of ids that are one entity by all judgements `same` that hold: each id to the first
    /// of its group. Ids that stand alone are not in it.
    pub fn same(&self) -> BTreeMap<String, String> {
        let holding = self.holding();
        let ids: BTreeSet<&str> = holding
            .iter()
            .filter(|(_, h)| h.1 == Verdict::Same)
            .flat_map(|((l, r), _)| [*l, *r])
            .collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let place = |id: &str| ids.binary_search(&id).unwrap_or(0) as u32;
        let mut sets = UnionFind::new(ids.len());
        for ((l, r), (_, verdict)) in &holding {
            if *verdict == Verdict::Same {
                sets.join(place(l), place(r));
            }
        }
        let mut head: BTreeMap<u32, &str> = BTreeMap::new();
        for (i, id) in ids.iter().enumerate() {
            head.entry(sets.find(i as u32)).or_insert(id);
        }
        ids.iter()
            .enumerate()
            .map(|(i, id)| {
                let first = head.get(&sets.find(i as u32)).unwrap_or(id);
                ((*id).to_owned(), (*first).to_owned())
            })
            .collect()
    }

    /// Pairs judged distinct that other judgements make the same: a person has to look again.
    pub fn conflicts(&self) -> Vec<Conflict> {
        let same = self.same();
        self.holding()
            .into_iter()
            .filter(|((l, r), (_, verdict))| {
                let group = same.get(*l);
                *verdict == Verdict::Distinct && group.is_some() && group == same.get(*r)
            })
            .map(|((l, r), (n, _))| Conflict {
                n,
                left: l.to_owned(),
                right: r.to_owned(),
            })
            .collect()
    }

    /// The graph with the nodes of each group put together under the first of them that is in it.
    /// Sightings and their evidence stay as they are; without the judgements the graph is as before.
    pub fn applied(&self, graph: &Graph) -> Graph {
        let same = self.same();
        let mut head: BTreeMap<&str, u32> = BTreeMap::new();
        for (i, n) in graph.nodes().iter().enumerate() {
            if let Some(group) = same.get(&n.id) {
                head.entry(group).or_insert(i as u32);
            }
        }
        graph.map(|n| {
            let i = same.get(&n.id).and_then(|g| head.get(g.as_str()));
            Some(i.map_or(n, |i| &graph.nodes()[*i as usize]))
        })
    }

    /// Reads a log as JSON Lines.
    pub fn read(reader: impl BufRead, file: &str, limit: usize) -> Result<Self, ReadError> {
        let mut lines = Lines::new(reader, file, limit);
        let mut made = Self::default();
        loop {
            let read = match lines.next()? {
                None => return Ok(made),
                Some(line) if line.trim().is_empty() => continue,
                Some(line) => serde_json::from_str::<Entry>(line)
                    .map_err(|e| format!("not a judgement ({e}); each line is one judgement/1")),
            };
            let fault = match read {
                Err(what) => what,
                Ok(e) if e.schema != "judgement/1" => {
                    format!("schema '{}' is not known; expected judgement/1", e.schema)
                }
                Ok(e) if e.n != made.entries.len() as u64 + 1 => format!(
                    "number {} follows {}; a log is not cut or reordered: restore it",
                    e.n,
                    made.entries.len()
                ),
                Ok(e) => {
                    let done = match e.act {
                        Act::Judged(j) => made.judge(j, &e.author, e.time),
                        Act::Undid(n) => made.undo(n, &e.author, e.time),
                    };
                    match done {
                        Ok(_) => continue,
                        Err(e) => e.to_string(),
                    }
                }
            };
            return Err(lines.error(fault));
        }
    }

    /// Writes the log as JSON Lines.
    pub fn write(&self, mut out: impl Write) -> io::Result<()> {
        for e in &self.entries {
            serde_json::to_writer(&mut out, e)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}
