//! What people have corrected, to be used again. A log to which is only added: the last correction of a
//! sentence holds.

use crate::check::present;
use crate::entities::{self, Entity};
use crate::similar::{similar, words};
use crate::{Language, Lines, ReadError};
use atalaya_model::Micros;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

/// A pair of sentences that a person stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// `memory/1`.
    pub schema: String,
    /// Language of the source.
    pub from: Language,
    /// Language of the target.
    pub to: Language,
    /// The sentence.
    pub source: String,
    /// Its translation.
    pub target: String,
    /// Who says so.
    pub author: String,
    /// When it was said, where that is known.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "atalaya_model::rfc3339::option"
    )]
    pub time: Option<Micros>,
    /// Its number where it is kept in a store, so that it can be named and taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<i64>,
}

/// What the author of a pair begins with that no person has seen: it is never taken into a memory.
pub(crate) const MACHINE: &str = "machine: ";

impl Entry {
    /// A correction. One that has lost or changed a name, place, plate, phone, position, time or
    /// quantity is refused, and says which.
    pub fn checked(
        from: Language,
        source: &str,
        target: &str,
        author: &str,
        time: Option<Micros>,
    ) -> Result<Self, MemoryError> {
        let refused = |why: String| Err(MemoryError::Refused(why));
        let (source, target, author) = (normal(source), normal(target), normal(author));
        if source.is_empty() || target.is_empty() || author.is_empty() {
            return refused("a correction needs a sentence, its translation and an author".into());
        }
        if author.starts_with(MACHINE) {
            return refused(format!(
                "'{author}' is no person; a memory has what people stand for"
            ));
        }
        if source.len().max(target.len()) > LONGEST {
            return refused(format!(
                "a sentence is longer than {LONGEST} bytes; correct it in parts"
            ));
        }
        let found = entities::find(&source, from);
        let texts: Vec<&str> = found
            .iter()
            .map(|e| e.other.as_deref().unwrap_or(&source[e.span.clone()]))
            .collect();
        if let Some(k) = present(&target, &texts).iter().position(|there| !there) {
            return refused(format!(
                "the correction of '{}' lacks '{}'; it must be there as it was",
                shortened(&source),
                texts[k]
            ));
        }
        Ok(Self {
            schema: SCHEMA.into(),
            from,
            to: from.other(),
            source,
            target,
            author,
            time,
            n: None,
        })
    }

    /// What an engine made of a sentence: for a file that others read, never for a memory.
    pub fn of_machine(from: Language, source: &str, target: &str, engine: &str) -> Self {
        Self {
            schema: SCHEMA.into(),
            from,
            to: from.other(),
            source: normal(source),
            target: normal(target),
            author: format!("{MACHINE}{engine}"),
            time: None,
            n: None,
        }
    }

    /// No person stands for it.
    pub fn is_machine(&self) -> bool {
        self.author.starts_with(MACHINE)
    }
}

const SCHEMA: &str = "memory/1";
/// The most entries that are held: a fuzzy match looks at all that share a word.
const LIMIT: usize = 200_000;
/// The longest sentence, in bytes.
const LONGEST: usize = 16 * 1024;
/// From this score a sentence is worth showing to a person.
const FUZZY: f64 = 0.7;
/// The most entries that a fuzzy match compares.
const CANDIDATES: usize = 500;

/// Why a correction is not taken.
#[derive(Debug, thiserror::Error)]
pub enum MemoryError {
    /// A line of the file.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The correction itself.
    #[error("{0}")]
    Refused(String),
    /// The store.
    #[error("can't write the memory: {0}; check space and permission")]
    Write(#[from] io::Error),
}

/// How a sentence was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Match {
    /// The same sentence.
    Exact,
    /// The same sentence with other names, numbers, times in the same places.
    Template,
    /// A similar one, with its score in [0.7, 1): for a person to look at.
    Fuzzy(f64),
}

/// A find.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// How.
    pub kind: Match,
    /// The sentence in the memory.
    pub source: String,
    /// Its translation; of a template, with the asked sentence's entities.
    pub target: String,
    /// Who stands for it.
    pub author: String,
    /// Its number in the store.
    pub n: Option<i64>,
}

/// Translations that people stand for.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    entries: Vec<Entry>,
    exact: BTreeMap<(Language, String), usize>,
    template: BTreeMap<(Language, String), usize>,
    by_word: BTreeMap<(Language, String), Vec<usize>>,
}

fn normal(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The sentence with every entity replaced by its kind. Dates with a month's name have two forms and are
/// left as they are.
fn abstracted(text: &str, found: &[Entity]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for e in found.iter().filter(|e| e.other.is_none()) {
        out.push_str(&text[at..e.span.start]);
        out.push_str(&format!("\u{1}{:?}\u{1}", e.kind));
        at = e.span.end;
    }
    out.push_str(&text[at..]);
    out
}

impl Memory {
    /// Reads a store: JSON Lines of `memory/1`.
    pub fn read(reader: impl BufRead, file: &str) -> Result<Self, MemoryError> {
        let mut lines = Lines::new(reader, file);
        let mut memory = Self::default();
        while let Some(line) = lines.next_line()? {
            if line.trim().is_empty() {
                continue;
            }
            let entry: Entry = serde_json::from_str(&line).map_err(|e| {
                lines.error(format!(
                    "not a record of {SCHEMA}: {e}; is this a translation memory?"
                ))
            })?;
            if entry.schema != SCHEMA {
                let what = format!(
                    "schema '{}' is not {SCHEMA}; use a newer program",
                    entry.schema
                );
                return Err(lines.error(what).into());
            }
            memory
                .hold(entry)
                .map_err(|what| MemoryError::Read(lines.error(what)))?;
        }
        Ok(memory)
    }

    /// Takes an entry in: from now on it is used.
    pub fn take(&mut self, entry: Entry) -> Result<(), MemoryError> {
        self.hold(entry).map_err(MemoryError::Refused)
    }

    /// Its entries in the order in which they came.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn hold(&mut self, entry: Entry) -> Result<(), String> {
        if self.entries.len() >= LIMIT {
            return Err(format!(
                "the memory has {LIMIT} entries already; begin a new one"
            ));
        }
        if entry.source.len().max(entry.target.len()) > LONGEST {
            return Err(format!(
                "a sentence is longer than {LONGEST} bytes; correct it in parts"
            ));
        }
        if entry.from == entry.to || entry.source.trim().is_empty() {
            return Err("a sentence or its other language is missing".into());
        }
        let n = self.entries.len();
        let source = normal(&entry.source);
        let found = entities::find(&source, entry.from);
        self.exact.insert((entry.from, source.clone()), n);
        self.template
            .insert((entry.from, abstracted(&source, &found)), n);
        let mut seen = words(&source);
        seen.sort();
        seen.dedup();
        for w in seen {
            self.by_word.entry((entry.from, w)).or_default().push(n);
        }
        self.entries.push(entry);
        Ok(())
    }

    /// Takes a correction and writes it to the store. A correction that has lost or changed a name, place,
    /// plate, phone, position, time or quantity is refused, and says which.
    pub fn correct(
        &mut self,
        from: Language,
        source: &str,
        target: &str,
        author: &str,
        time: Option<Micros>,
        store: &mut dyn Write,
    ) -> Result<(), MemoryError> {
        let entry = Entry::checked(from, source, target, author, time)?;
        let line = serde_json::to_string(&entry)
            .map_err(|e| MemoryError::Refused(format!("can't be written: {e}")))?;
        self.hold(entry).map_err(MemoryError::Refused)?;
        writeln!(store, "{line}")?;
        store.flush()?;
        Ok(())
    }

    /// The best that the memory has for a sentence.
    pub fn find(&self, source: &str, from: Language) -> Option<Hit> {
        let source = normal(source);
        if let Some(&n) = self.exact.get(&(from, source.clone())) {
            let target = self.entries[n].target.clone();
            return Some(self.hit(n, Match::Exact, target));
        }
        let found = entities::find(&source, from);
        let key = (from, abstracted(&source, &found));
        let filled = self.template.get(&key).and_then(|&n| {
            let target = self.filled(n, &source, &found)?;
            Some(self.hit(n, Match::Template, target))
        });
        filled.or_else(|| self.fuzzy(&source, from))
    }

    fn hit(&self, n: usize, kind: Match, target: String) -> Hit {
        let e = &self.entries[n];
        Hit {
            kind,
            source: e.source.clone(),
            target,
            author: e.author.clone(),
            n: e.n,
        }
    }

    /// The translation of entry `n` with other entities in it; `None` if it can't be told where each one goes.
    fn filled(&self, n: usize, source: &str, found: &[Entity]) -> Option<String> {
        let e = &self.entries[n];
        let old_source = normal(&e.source);
        let old: Vec<Entity> = entities::find(&old_source, e.from);
        if old.len() != found.len() {
            return None;
        }
        let mut places = Vec::new();
        for (o, new) in old.iter().zip(found) {
            if o.other.is_some() {
                // Part of the sentence that was compared: it is the same.
                continue;
            }
            let text = &old_source[o.span.clone()];
            let mut hits = e.target.match_indices(text);
            let (at, _) = hits.next()?;
            if hits.next().is_some() || !crate::check::apart(&e.target, at, at + text.len()) {
                return None;
            }
            places.push((at..at + text.len(), &source[new.span.clone()]));
        }
        places.sort_by_key(|(span, _)| span.start);
        if places.windows(2).any(|w| w[0].0.end > w[1].0.start) {
            return None;
        }
        let mut out = String::new();
        let mut at = 0;
        for (span, text) in places {
            out.push_str(&e.target[at..span.start]);
            out.push_str(text);
            at = span.end;
        }
        out.push_str(&e.target[at..]);
        Some(out)
    }

    fn fuzzy(&self, source: &str, from: Language) -> Option<Hit> {
        let asked = words(source);
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        // Frequent words tell little and have long lists: rare ones first, as far as there is room.
        let mut lists: Vec<&Vec<usize>> = asked
            .iter()
            .filter_map(|w| self.by_word.get(&(from, w.clone())))
            .collect();
        lists.sort_by_key(|l| l.len());
        for n in lists.into_iter().flatten().take(CANDIDATES * 20) {
            *shared.entry(*n).or_default() += 1;
        }
        let mut order: Vec<(usize, usize)> = shared.into_iter().collect();
        order.sort_by_key(|&(n, k)| (std::cmp::Reverse(k), std::cmp::Reverse(n)));
        let mut best: Option<(f64, usize)> = None;
        for (n, _) in order.into_iter().take(CANDIDATES) {
            let other = words(&self.entries[n].source);
            let (a, b) = (asked.len().min(other.len()), asked.len().max(other.len()));
            // The score can't be better than the lengths allow.
            if (a as f64) < FUZZY * b as f64 || b > 400 {
                continue;
            }
            let score = similar(&asked, &other);
            if score >= FUZZY && best.is_none_or(|(s, _)| score > s) {
                best = Some((score, n));
            }
        }
        // Same words but for case and punctuation: still not the same sentence.
        best.map(|(score, n)| {
            let target = self.entries[n].target.clone();
            self.hit(n, Match::Fuzzy(score.min(0.99)), target)
        })
    }
}

fn shortened(text: &str) -> String {
    let mut out: String = text.chars().take(40).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}
