//! Terms of the trade, with the word that the other language uses for them.

use crate::{Language, Lines, ReadError};
use std::collections::BTreeMap;
use std::io::BufRead;
use std::ops::Range;

/// A term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Spanish.
    pub es: String,
    /// English.
    pub en: String,
    /// What is meant.
    pub sense: String,
    /// `legal`, `technical`, `colloquial`, `slang`.
    pub register: String,
    /// Where it is said (ISO 3166-1), empty for everywhere.
    pub region: String,
    /// Where it is documented.
    pub source: String,
}

/// Terms by their words.
#[derive(Clone, Debug, Default)]
pub struct Glossary {
    terms: Vec<Term>,
    /// Language and words in lower case → form in the other language, its term.
    forms: BTreeMap<(Language, Vec<String>), (String, usize)>,
    /// Words of the longest form.
    longest: usize,
}

const HEADER: &str = "es\ten\tes_plural\ten_plural\tsense\tregister\tregion\tsource";
const REGISTERS: [&str; 4] = ["legal", "technical", "colloquial", "slang"];
/// The most terms.
const LIMIT: usize = 100_000;
/// The most words of a term.
const LONGEST: usize = 12;

/// A term found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found<'g> {
    pub span: Range<usize>,
    pub shown: String,
    pub term: &'g Term,
}

impl Glossary {
    /// The terms that come with the program; each row names where it is publicly documented.
    pub fn built_in() -> Result<Self, ReadError> {
        let mut g = Self::default();
        let table = include_str!("../data/glossary.tsv");
        g.add(table.as_bytes(), "built-in glossary")?;
        Ok(g)
    }

    /// Adds the terms of a table: tab-separated, with the header
    /// `es en es_plural en_plural sense register region source`. A table added later overrules
    /// the ones before.
    pub fn add(&mut self, reader: impl BufRead, file: &str) -> Result<(), ReadError> {
        let mut lines = Lines::new(reader, file);
        let table = self.terms.len();
        let header = lines.next_line()?;
        if header.as_deref().map(str::trim_end) != Some(HEADER) {
            return Err(lines.error(format!(
                "the header is not '{}' between tabs; is this a glossary?",
                HEADER.replace('\t', " ")
            )));
        }
        while let Some(line) = lines.next_line()? {
            if line.trim().is_empty() {
                continue;
            }
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            let [
                es,
                en,
                es_plural,
                en_plural,
                sense,
                register,
                region,
                source,
            ] = cells[..]
            else {
                let n = cells.len();
                return Err(lines.error(format!("{n} cells between tabs, 8 are needed")));
            };
            if es.is_empty() || en.is_empty() || source.is_empty() {
                return Err(lines.error("es, en or source is empty; a term needs all three"));
            }
            if !REGISTERS.contains(&register) {
                let known = REGISTERS.join(", ");
                return Err(lines.error(format!("register '{register}' is none of {known}")));
            }
            if es_plural.is_empty() != en_plural.is_empty() {
                return Err(lines.error("a plural in one language only; give both or none"));
            }
            if self.terms.len() >= LIMIT {
                return Err(lines.error(format!("more than {LIMIT} terms; leave some out")));
            }
            self.terms.push(Term {
                es: es.into(),
                en: en.into(),
                sense: sense.into(),
                register: register.into(),
                region: region.into(),
                source: source.into(),
            });
            for (s, e) in [(es, en), (es_plural, en_plural)] {
                for (language, from, to) in [(Language::Es, s, e), (Language::En, e, s)] {
                    self.form(language, from, to, table)
                        .map_err(|what| lines.error(what))?;
                }
            }
        }
        Ok(())
    }

    fn form(
        &mut self,
        language: Language,
        from: &str,
        to: &str,
        table: usize,
    ) -> Result<(), String> {
        let n = self.terms.len() - 1;
        let key: Vec<String> = words(from).into_iter().map(|(_, w)| w).collect();
        if key.len() > LONGEST {
            return Err(format!(
                "'{from}' has more than {LONGEST} words; shorten it"
            ));
        }
        if from
            .chars()
            .chain(to.chars())
            .any(|c| c.is_numeric() || c == '*')
        {
            return Err(format!(
                "'{from}' or '{to}' has a digit or an asterisk; terms are words"
            ));
        }
        if key.is_empty() {
            return Ok(());
        }
        self.longest = self.longest.max(key.len());
        // Of several terms of one table with the same word, the first is used; a later table overrules.
        let old = self.forms.get(&(language, key.clone())).map(|(_, k)| *k);
        if old.is_none_or(|k| k < table) {
            self.forms.insert((language, key), (to.to_owned(), n));
        }
        Ok(())
    }

    /// All terms.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The terms in the stretches of a text that are not `taken` (sorted), the longest first.
    pub(crate) fn find(
        &self,
        text: &str,
        language: Language,
        taken: &[Range<usize>],
    ) -> Vec<Found<'_>> {
        let words = words(text);
        let mut out = Vec::new();
        let mut i = 0;
        while i < words.len() {
            let hit = (1..=self.longest.min(words.len() - i)).rev().find_map(|n| {
                let some = &words[i..i + n];
                let span = some[0].0.start..some[n - 1].0.end;
                let k = taken.partition_point(|t| t.end <= span.start);
                if taken.get(k).is_some_and(|t| t.start < span.end) {
                    return None;
                }
                // Only blanks between the words of a term.
                let plain = some.windows(2).all(|w| {
                    text[w[0].0.end..w[1].0.start]
                        .chars()
                        .all(|c| c == ' ' || c == '-')
                });
                let key = some.iter().map(|(_, w)| w.clone()).collect();
                let (shown, term) = self.forms.get(&(language, key)).filter(|_| plain)?;
                Some((n, span, shown.clone(), &self.terms[*term]))
            });
            match hit {
                Some((n, span, shown, term)) => {
                    out.push(Found { span, shown, term });
                    i += n;
                }
                None => i += 1,
            }
        }
        out
    }
}

fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let mut out = Vec::new();
    let mut start = None;
    for (i, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_alphanumeric()) {
            (None, true) => start = Some(i),
            (Some(s), false) => {
                out.push((s..i, text[s..i].to_lowercase()));
                start = None;
            }
            _ => {}
        }
    }
    out
}
