//! Was anything altered? From the rows of a log and checkpoints alone.

use super::checkpoint::Checkpoint;
use super::entry::{Commitment, Entry, Salt};
use super::tree::{Root, Roots};
use std::fmt;

/// Findings that are named; more are counted.
const NAMED: usize = 100;

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number, from 1.
    pub n: u64,
    /// The leaf.
    pub commitment: Commitment,
    /// What it commits to; gone when its time had come.
    pub entry: Option<(Salt, Entry)>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The content is not what its leaf commits to.
    Altered {
        /// Which act.
        n: u64,
    },
    /// A number is missing, doubled or out of order.
    OutOfOrder {
        /// What was expected.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// The log is shorter than a signed checkpoint says.
    Missing {
        /// Acts that are there.
        have: u64,
        /// Acts the checkpoint speaks of.
        size: u64,
        /// Which checkpoint.
        checkpoint: String,
    },
    /// The acts are not those the checkpoint was signed over.
    Forked {
        /// Acts the checkpoint speaks of.
        size: u64,
        /// Which checkpoint.
        checkpoint: String,
    },
    /// Acts came after the newest checkpoint of the log's own: nothing vouches for them.
    Unsigned {
        /// How many.
        acts: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { n } => write!(f, "act {n}: its content is not what was written"),
            Self::OutOfOrder { expected, found } => write!(
                f,
                "act {expected}: act {found} stands in its place; one was dropped, doubled or moved"
            ),
            Self::Missing {
                have,
                size,
                checkpoint,
            } => write!(
                f,
                "{} of {size} acts are missing at the end ({checkpoint})",
                size - have
            ),
            Self::Forked { size, checkpoint } => write!(
                f,
                "the first {size} acts are not those that were signed ({checkpoint})"
            ),
            Self::Unsigned { acts } => write!(
                f,
                "the last {acts} acts are not covered by the log's own checkpoint"
            ),
        }
    }
}

/// What verification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Acts in the log.
    pub acts: u64,
    /// Of these, such whose content has been deleted at its time.
    pub purged: u64,
    /// Root of the log.
    pub root: Root,
    /// What is wrong: the first hundred.
    pub findings: Vec<Finding>,
    /// How many more.
    pub more: u64,
}

impl Report {
    /// Nothing was altered.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn add(&mut self, finding: Finding) {
        if self.findings.len() < NAMED {
            self.findings.push(finding);
        } else {
            self.more += 1;
        }
    }
}

/// Reads `rows` once, in order, in memory that does not grow with them. Each checkpoint comes with a
/// word on where it is from; `own` is the log's newest.
pub fn verify<E>(
    rows: impl Iterator<Item = Result<Row, E>>,
    own: Option<&Checkpoint>,
    others: &[(String, Checkpoint)],
) -> Result<Report, E> {
    let mut report = Report {
        acts: 0,
        purged: 0,
        root: [0; 32],
        findings: Vec::new(),
        more: 0,
    };
    let mut checkpoints: Vec<(&str, &Checkpoint)> = others
        .iter()
        .map(|(from, c)| (from.as_str(), c))
        .chain(own.map(|c| ("the log's own checkpoint", c)))
        .collect();
    checkpoints.sort_by_key(|(_, c)| c.size);
    let mut next = checkpoints.into_iter().peekable();
    let mut roots = Roots::default();
    let mut judge = |roots: &Roots, report: &mut Report| {
        while let Some((from, c)) = next.next_if(|(_, c)| c.size == roots.size()) {
            if c.root != roots.root() {
                report.add(Finding::Forked {
                    size: c.size,
                    checkpoint: from.to_owned(),
                });
            }
        }
        next.peek().map(|(from, c)| (from.to_string(), c.size))
    };
    let mut open = judge(&roots, &mut report);
    for row in rows {
        let row = row?;
        let expected = roots.size() + 1;
        if row.n != expected {
            report.add(Finding::OutOfOrder {
                expected,
                found: row.n,
            });
        }
        match &row.entry {
            Some((salt, entry)) => {
                if entry.n != row.n || entry.commitment(salt) != row.commitment {
                    report.add(Finding::Altered { n: row.n });
                }
            }
            None => report.purged += 1,
        }
        roots.push(&row.commitment);
        open = judge(&roots, &mut report);
    }
    report.acts = roots.size();
    report.root = roots.root();
    if let Some((checkpoint, size)) = open {
        report.add(Finding::Missing {
            have: roots.size(),
            size,
            checkpoint,
        });
    }
    let signed = own.map_or(0, |c| c.size);
    if signed < roots.size() {
        report.add(Finding::Unsigned {
            acts: roots.size() - signed,
        });
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn log(acts: u64) -> Vec<Row> {
        (1..=acts)
            .map(|n| {
                let entry = Entry {
                    n,
                    at_us: 1_000_000 * n as i64,
                    who: "officer".into(),
                    verified: true,
                    what: "alert.acknowledge".into(),
                    subject: format!("run/{n}"),
                    detail: "null".into(),
                };
                let salt = [n as u8; 32];
                Row {
                    n,
                    commitment: entry.commitment(&salt),
                    entry: Some((salt, entry)),
                }
            })
            .collect()
    }

    fn checkpoint(rows: &[Row]) -> Checkpoint {
        let mut roots = Roots::default();
        rows.iter().for_each(|r| roots.push(&r.commitment));
        Checkpoint {
            size: roots.size(),
            root: roots.root(),
        }
    }

    fn check(rows: &[Row], own: &Checkpoint, taken: Option<&Checkpoint>) -> Vec<String> {
        let taken: Vec<_> = taken
            .map(|c| ("the inspector's".to_owned(), c.clone()))
            .into_iter()
            .collect();
        let rows = rows.iter().cloned().map(Ok::<_, Infallible>);
        let report = verify(rows, Some(own), &taken).unwrap();
        report.findings.iter().map(Finding::to_string).collect()
    }

    #[test]
    fn an_untouched_log_is_sound_and_stays_so_when_content_is_deleted() {
        let mut rows = log(37);
        let taken = checkpoint(&rows[..20]);
        let own = checkpoint(&rows);
        assert_eq!(check(&rows, &own, Some(&taken)), [""; 0]);
        rows[4].entry = None;
        assert_eq!(check(&rows, &own, Some(&taken)), [""; 0]);
        assert_eq!(check(&[], &checkpoint(&[]), None), [""; 0]);
    }

    #[test]
    fn flip_drop_reorder_truncate_fork_are_each_found() {
        let rows = log(37);
        let own = checkpoint(&rows);
        let taken = checkpoint(&rows[..20]);
        let text = |rows: &[Row], own: &Checkpoint| check(rows, own, Some(&taken)).join("; ");

        let mut flipped = rows.clone();
        if let Some((_, e)) = &mut flipped[8].entry {
            e.who = "somebody".into();
        }
        assert_eq!(
            text(&flipped, &own),
            "act 9: its content is not what was written"
        );

        let mut dropped = rows.clone();
        dropped.remove(8);
        let said = text(&dropped, &own);
        assert!(
            said.starts_with("act 9: act 10 stands in its place"),
            "{said}"
        );

        let mut swapped = rows.clone();
        swapped.swap(3, 4);
        let said = text(&swapped, &own);
        assert!(
            said.starts_with("act 4: act 5 stands in its place"),
            "{said}"
        );

        let said = text(&rows[..36], &own);
        assert!(
            said.contains("1 of 37 acts are missing at the end (the log's own checkpoint)"),
            "{said}"
        );

        // Somebody who holds the key rewrites history and signs it anew: only a checkpoint that was
        // taken away before tells.
        let mut forked = rows.clone();
        if let Some((salt, e)) = &mut forked[8].entry {
            e.who = "somebody".into();
            forked[8].commitment = e.commitment(salt);
        }
        let signed_anew = checkpoint(&forked);
        assert_eq!(
            text(&forked, &signed_anew),
            "the first 20 acts are not those that were signed (the inspector's)"
        );

        let said = text(&rows, &checkpoint(&rows[..30]));
        assert_eq!(
            said,
            "the last 7 acts are not covered by the log's own checkpoint"
        );
    }
}
