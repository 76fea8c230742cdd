//! Names from a table, and what they have in common.

use super::blocking::candidates;
use super::parse::Name;
use super::score::{Judged, score, suggestion};
use crate::graph::Limits;
use crate::judgements::{Judgements, Verdict};
use crate::lines::{Cells, Lines, ReadError, quoted, split};
use rayon::prelude::*;
use std::io::{self, BufRead, Write};

/// What a table of names asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Table {
    /// `id,name`: which of them are the same?
    Names(Vec<(String, Name)>),
    /// `left,right`: is this pair the same?
    Pairs(Vec<(String, String)>),
}

/// A compared pair; for names from a list their ids.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// One.
    pub left: String,
    /// The other.
    pub right: String,
    /// Score and what holds: a person's judgement where there is one, else the suggestion.
    pub judged: Judged,
}

/// What came of a list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Matches {
    /// Pairs in the order of the list.
    pub rows: Vec<Row>,
    /// Pairs that were compared.
    pub compared: u64,
    /// Blocks of names that were too large to be searched.
    pub crowded: usize,
}

/// Reads a table; `file` is its name for messages. A column `kind` may say `person` or
/// `organisation`; without it the words tell.
pub fn read(reader: impl BufRead, file: &str, limits: &Limits) -> Result<Table, ReadError> {
    let mut lines = Lines::new(reader, file, limits.line);
    let mut cells = Cells::default();
    let fault = match lines.next()? {
        None => {
            Some("the file is empty; the first line must be a header with id,name or left,right")
        }
        Some(line) => split(line, &mut cells).err(),
    };
    if let Some(what) = fault {
        return Err(lines.error(what));
    }
    let column = |name: &str| cells.iter().position(|c| c.eq_ignore_ascii_case(name));
    let (first, second, list) = match (
        column("left"),
        column("right"),
        column("id"),
        column("name"),
    ) {
        (Some(l), Some(r), ..) => (l, r, false),
        (_, _, Some(id), Some(name)) => (id, name, true),
        _ => {
            let found: String = cells.iter().collect::<Vec<_>>().join(",");
            let shown: String = found.chars().take(80).collect();
            return Err(lines.error(format!(
                "the header '{shown}' has neither id,name nor left,right; the first line must name the columns, separated by commas"
            )));
        }
    };
    let kind = column("kind").filter(|_| list);
    let mut made = if list {
        Table::Names(Vec::new())
    } else {
        Table::Pairs(Vec::new())
    };
    loop {
        let fault = match lines.next()? {
            None => return Ok(made),
            Some(line) if line.trim().is_empty() => continue,
            Some(line) => split(line, &mut cells)
                .map_err(str::to_owned)
                .and_then(|()| {
                    let kind = kind.map_or("", |k| cells.get(k));
                    made.add(cells.get(first), cells.get(second), kind, limits)
                }),
        };
        if let Err(what) = fault {
            return Err(lines.error(what));
        }
    }
}

impl Table {
    fn add(
        &mut self,
        first: &str,
        second: &str,
        kind: &str,
        limits: &Limits,
    ) -> Result<(), String> {
        let (rows, empty) = match self {
            Self::Names(n) => (n.len(), first.is_empty().then_some("id")),
            Self::Pairs(p) => (
                p.len(),
                (first.is_empty() || second.is_empty()).then_some("left or right"),
            ),
        };
        if let Some(what) = empty {
            return Err(format!("{what} is empty; fill it in or remove the row"));
        }
        if rows >= limits.nodes {
            return Err(format!("more than {} rows; split the input", limits.nodes));
        }
        match self {
            Self::Pairs(p) => p.push((first.to_owned(), second.to_owned())),
            Self::Names(n) => {
                let name = match kind {
                    "person" => Name::person(second),
                    "organisation" | "organization" => Name::organisation(second),
                    "" => Name::parse(second),
                    other => {
                        return Err(format!(
                            "'{other}' is not a kind of name; use person or organisation, or leave it empty"
                        ));
                    }
                };
                n.push((first.to_owned(), name));
            }
        }
        Ok(())
    }

    /// Compares: every pair of a table of pairs; of a list those that share enough, and of them
    /// the ones that score `least` or more, or about which a person has judged.
    pub fn matches(&self, least: f64, judgements: &Judgements) -> Matches {
        let holding = judgements.holding();
        let row = |left: &str, right: &str, score: f64, least: f64| {
            let mut judged = suggestion(score);
            let said = holding.get(&(left.min(right), left.max(right)));
            if let Some((_, verdict)) = said {
                judged.verdict = *verdict;
            }
            (said.is_some() || judged.score >= least).then(|| Row {
                left: left.to_owned(),
                right: right.to_owned(),
                judged,
            })
        };
        match self {
            Self::Pairs(pairs) => Matches {
                rows: pairs
                    .par_iter()
                    .filter_map(|(l, r)| row(l, r, score(&Name::parse(l), &Name::parse(r)), 0.0))
                    .collect(),
                compared: pairs.len() as u64,
                crowded: 0,
            },
            Self::Names(list) => {
                let names: Vec<Name> = list.iter().map(|n| n.1.clone()).collect();
                let blocks = candidates(&names);
                let found: Vec<(Vec<Row>, u64)> = (0..list.len())
                    .into_par_iter()
                    .map_init(Vec::new, |near, i| {
                        blocks.before(i, near);
                        let rows = near.iter().filter_map(|j| {
                            let j = *j as usize;
                            row(&list[j].0, &list[i].0, score(&names[j], &names[i]), least)
                        });
                        (rows.collect(), near.len() as u64)
                    })
                    .collect();
                Matches {
                    compared: found.iter().map(|f| f.1).sum(),
                    rows: found.into_iter().flat_map(|f| f.0).collect(),
                    crowded: blocks.crowded(),
                }
            }
        }
    }
}

/// Writes `left,right,score,judgement`.
pub fn write(rows: &[Row], mut out: impl Write) -> io::Result<()> {
    writeln!(out, "left,right,score,judgement")?;
    for r in rows {
        let verdict: Verdict = r.judged.verdict;
        writeln!(
            out,
            "{},{},{:.3},{}",
            quoted(&r.left),
            quoted(&r.right),
            r.judged.score,
            verdict.name()
        )?;
    }
    Ok(())
}
