//! From a line to a checked translation.

use crate::check::{Broken, denies, present, tokens};
use crate::entities::{self, Entity, EntityKind};
use crate::mask::{Slot, mask, restore};
use crate::memory::{Match, Memory};
use crate::record::{Correction, KeptEntity, Suggestion, Translation, UsedTerm};
use crate::sentences::sentences;
use crate::{Engine, EngineError, Glossary, Language, NoEngine, Recognised, recognise};
use std::ops::Range;
use std::sync::Arc;

/// Translates lines from one language into the other.
pub struct Translator<E> {
    engine: E,
    from: Language,
    glossary: Glossary,
    memory: Arc<Memory>,
}

/// What has been gathered about a line.
#[derive(Default)]
struct Notes {
    flags: Vec<String>,
    suggestions: Vec<Suggestion>,
    corrections: Vec<Correction>,
    by_engine: bool,
    by_memory: bool,
}

impl Notes {
    fn flag(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.flags.contains(&text) {
            self.flags.push(text);
        }
    }
}

impl<E: Engine> Translator<E> {
    /// A translator from a language into the other; the engine must be one for this direction.
    pub fn new(engine: E, from: Language, glossary: Glossary, memory: Memory) -> Self {
        Self {
            engine,
            from,
            glossary,
            memory: Arc::new(memory),
        }
    }

    /// From now on this memory is asked first.
    pub fn remember(&mut self, memory: Arc<Memory>) {
        self.memory = memory;
    }

    /// A line sentence by sentence: where each stands in the line, and its translation. What is between
    /// them (blanks, tabs) belongs to none.
    pub fn sentences(
        &mut self,
        line: &str,
    ) -> Result<Vec<(Range<usize>, Translation)>, EngineError> {
        let spans: Vec<Range<usize>> = entities::find(line, self.from)
            .into_iter()
            .map(|e| e.span)
            .collect();
        sentences(line, &spans, self.engine.limit() / 2)
            .into_iter()
            .map(|part| {
                let text = &line[part.clone()];
                let found = entities::find(text, self.from);
                let whole = std::iter::once(0..text.len()).collect();
                Ok((part, self.translated(text, whole, &found)?))
            })
            .collect()
    }

    /// Translates a line. The error is that the engine is gone; whatever else it does is caught and
    /// flagged.
    pub fn line(&mut self, line: &str) -> Result<Translation, EngineError> {
        let found = entities::find(line, self.from);
        let spans: Vec<Range<usize>> = found.iter().map(|e| e.span.clone()).collect();
        let parts = sentences(line, &spans, self.engine.limit() / 2);
        self.translated(line, parts, &found)
    }

    fn translated(
        &mut self,
        line: &str,
        parts: Vec<Range<usize>>,
        found: &[Entity],
    ) -> Result<Translation, EngineError> {
        let mut notes = Notes::default();
        if recognise(line) == Recognised::Is(self.from.other()) {
            notes.flag(format!(
                "language: this looks like {}",
                self.from.other().name()
            ));
        }
        let mut target = String::with_capacity(line.len() * 2);
        let mut used = Vec::new();
        let mut at = 0;
        for part in parts {
            target.push_str(&line[at..part.start]);
            at = part.end;
            target.push_str(&self.sentence(line, part, found, &mut used, &mut notes)?);
        }
        target.push_str(&line[at..]);
        let kept = keep(line, &mut target, found, &mut notes);
        let engine = match (notes.by_memory, notes.by_engine) {
            (true, true) => format!("{}+memory", self.engine.name()),
            (true, false) => "memory".into(),
            (false, _) => self.engine.name().to_owned(),
        };
        Ok(Translation {
            schema: "translation/1",
            source: line.to_owned(),
            target,
            engine,
            entities: kept,
            flags: notes.flags,
            glossary: used,
            memory: notes.suggestions,
            corrections: notes.corrections,
        })
    }

    fn sentence(
        &mut self,
        line: &str,
        part: Range<usize>,
        found: &[Entity],
        used: &mut Vec<UsedTerm>,
        notes: &mut Notes,
    ) -> Result<String, EngineError> {
        let source = &line[part.clone()];
        match self.memory.find(source, self.from) {
            Some(hit) if !matches!(hit.kind, Match::Fuzzy(_)) => {
                notes.by_memory = true;
                notes.corrections.push(Correction {
                    author: hit.author,
                    n: hit.n,
                    exact: hit.kind == Match::Exact,
                });
                return Ok(hit.target);
            }
            Some(hit) => {
                if let Match::Fuzzy(score) = hit.kind {
                    notes.suggestions.push(Suggestion {
                        score: (score * 1000.0).round() / 1000.0,
                        source: hit.source,
                        target: hit.target,
                    });
                }
            }
            None => {}
        }
        notes.by_engine = true;
        let slots = self.slots(line, &part, found, used);
        if source.chars().filter(|c| c.is_alphabetic()).count() >= 8
            && !source.chars().any(char::is_lowercase)
        {
            notes
                .flag("capitals: names can't be told by their capitals here; look for missed ones");
        }
        let masked = mask(line, part.clone(), &slots);
        if !words_left(&masked, slots.len()) {
            return Ok(shown(line, part, &slots));
        }
        if masked.len() > self.engine.limit() {
            notes.flag("untranslated: too long without a blank");
            return Ok(shown(line, part, &slots));
        }
        let masked: String = masked.chars().map(plain).collect();
        let rendered = match self.engine.translate(&masked) {
            Ok(r) => r,
            Err(EngineError::Text(why)) => {
                notes.flag(format!("untranslated: {why}"));
                return Ok(shown(line, part, &slots));
            }
            Err(gone) => return Err(gone),
        };
        if self.engine.name() == NoEngine::NAME {
            notes.flag("untranslated: no engine was asked");
        }
        let tidy = self.tidy(source, &masked, &rendered.text);
        match restore(&tidy, &slots) {
            Ok(target) => {
                Self::unknown(&rendered.unknown, notes);
                if denies(source, self.from) != denies(&target, self.from.other()) {
                    notes.flag(
                        "negation: one language denies something that the other does not; read both",
                    );
                }
                Ok(target)
            }
            Err(broken) => self.pieces(line, part, &slots, broken, notes),
        }
    }

    /// What is masked in a sentence: entities and terms.
    fn slots(
        &self,
        line: &str,
        part: &Range<usize>,
        found: &[Entity],
        used: &mut Vec<UsedTerm>,
    ) -> Vec<Slot> {
        let mut slots: Vec<Slot> = found
            .iter()
            .filter(|e| part.start <= e.span.start && e.span.end <= part.end)
            .map(|e| self.slot(line, part.start, e))
            .collect();
        let text = &line[part.clone()];
        let taken: Vec<Range<usize>> = slots
            .iter()
            .map(|s| s.span.start - part.start..s.span.end - part.start)
            .collect();
        for f in self.glossary.find(text, self.from, &taken) {
            let term = &text[f.span.clone()];
            let capital = term.chars().next().is_some_and(char::is_uppercase);
            let shown = if capital {
                capitalised(&f.shown)
            } else {
                f.shown
            };
            used.push(UsedTerm {
                term: term.to_owned(),
                used: shown.clone(),
                register: f.term.register.clone(),
                source: f.term.source.clone(),
            });
            slots.push(Slot {
                span: part.start + f.span.start..part.start + f.span.end,
                shown,
            });
        }
        slots.sort_by_key(|s| s.span.start);
        slots
    }

    /// An entity as it is masked. The preposition of a time or date goes with it, because engines translate
    /// it word by word ("arrived to the 05:12").
    fn slot(&self, line: &str, from: usize, e: &Entity) -> Slot {
        let text = e.other.as_deref().unwrap_or(&line[e.span.clone()]);
        let mut slot = Slot {
            shown: text.to_owned(),
            span: e.span.clone(),
        };
        if e.kind != EntityKind::Time {
            return slot;
        }
        let date = e.other.is_some() || (!text.contains(':') && text.contains(['/', '-', '.']));
        let pairs: &[(&str, &str)] = match (self.from, date) {
            (Language::Es, true) => &[("el ", "on ")],
            (Language::Es, false) => &[("a las ", "at "), ("a la ", "at ")],
            (Language::En, true) => &[("on ", "el ")],
            (Language::En, false) => &[("at ", "a las ")],
        };
        let before = &line[from..e.span.start];
        for (here, there) in pairs {
            let Some(start) = before.len().checked_sub(here.len()) else {
                continue;
            };
            // Where the words differ, their bytes may not even be characters.
            if before.get(start..).map(str::to_lowercase).as_deref() != Some(*here) {
                continue;
            }
            let word = !before[..start]
                .chars()
                .next_back()
                .is_some_and(char::is_alphanumeric);
            if word {
                let begins = before[start..].starts_with(char::is_uppercase);
                let lead = if begins {
                    capitalised(there)
                } else {
                    (*there).to_owned()
                };
                slot.shown = lead + text;
                slot.span.start = from + start;
                break;
            }
        }
        slot
    }

    /// What engines do to blanks and capitals, undone.
    fn tidy(&self, source: &str, masked: &str, rendered: &str) -> String {
        let mut text = rendered.trim().to_owned();
        if !masked.contains("  ") {
            while text.contains("  ") {
                text = text.replace("  ", " ");
            }
        }
        // Apertium gives the capital of a word that it does not know to the next one. All names are
        // masked, so that no word there has a capital of its own but those that English demands.
        if let Some(rest) = after_placeholder(&text) {
            let word = text[rest..]
                .split(|c: char| !c.is_alphanumeric())
                .next()
                .unwrap_or("");
            let own = entities::ordinary(&entities::fold(word), false, self.from.other());
            let acronym = word.chars().skip(1).any(char::is_uppercase);
            if !own && !acronym {
                let lower: String = word.chars().flat_map(char::to_lowercase).collect();
                text.replace_range(rest..rest + word.len(), &lower);
            }
        } else if source.chars().next().is_some_and(char::is_uppercase) {
            text = capitalised(&text);
        }
        text
    }

    fn unknown(words: &[String], notes: &mut Notes) {
        for w in words {
            // The placeholders are unknown too, as they were meant to be.
            if !w.chars().any(char::is_numeric) {
                notes.flag(format!("unknown word: {w}"));
            }
        }
    }

    /// Around what is masked, stretch by stretch: nothing masked passes through the engine.
    fn pieces(
        &mut self,
        line: &str,
        part: Range<usize>,
        slots: &[Slot],
        broken: Broken,
        notes: &mut Notes,
    ) -> Result<String, EngineError> {
        notes.flag(format!(
            "pieces: the engine {broken}; translated in pieces around what must be kept"
        ));
        let mut out = String::new();
        let mut at = part.start;
        let ends = slots
            .iter()
            .map(|s| (s.span.start, s.span.end, s.shown.as_str()))
            .chain([(part.end, part.end, "")]);
        for (start, end, shown) in ends {
            let piece = &line[at..start];
            at = end;
            let inner = piece.trim();
            let lead = &piece[..piece.len() - piece.trim_start().len()];
            let trail = &piece[lead.len() + inner.len()..];
            out.push_str(lead);
            if inner.chars().any(char::is_alphabetic) {
                let plain: String = inner.chars().map(plain).collect();
                match self.engine.translate(&plain) {
                    Ok(r) if tokens(&r.text, 0).is_ok() => {
                        Self::unknown(&r.unknown, notes);
                        out.push_str(r.text.trim());
                    }
                    Ok(_) => {
                        notes.flag(format!(
                            "untranslated: the engine made up a number in '{inner}'"
                        ));
                        out.push_str(inner);
                    }
                    Err(EngineError::Text(why)) => {
                        notes.flag(format!("untranslated: {why}"));
                        out.push_str(inner);
                    }
                    Err(gone) => return Err(gone),
                }
            } else {
                out.push_str(inner);
            }
            out.push_str(trail);
            out.push_str(shown);
        }
        Ok(out)
    }
}

/// The last check, over the whole line and whoever translated it: what is missing is put at its end.
fn keep(line: &str, target: &mut String, found: &[Entity], notes: &mut Notes) -> Vec<KeptEntity> {
    let wanted: Vec<&str> = found
        .iter()
        .map(|e| e.other.as_deref().unwrap_or(&line[e.span.clone()]))
        .collect();
    let there = present(target, &wanted);
    for (text, _) in wanted.iter().zip(&there).filter(|(_, kept)| !**kept) {
        notes.flag(format!(
            "missing: '{text}' had no place in the translation; put at its end"
        ));
        target.push_str(&format!(" [{text}]"));
    }
    found
        .iter()
        .zip(there)
        .map(|(e, kept)| KeptEntity {
            text: line[e.span.clone()].to_owned(),
            kind: e.kind,
            start: e.span.start,
            end: e.span.end,
            kept,
            used: e.other.clone(),
        })
        .collect()
}

/// The source with only what is masked in its target form.
fn shown(line: &str, part: Range<usize>, slots: &[Slot]) -> String {
    let mut out = String::new();
    let mut at = part.start;
    for s in slots {
        out.push_str(&line[at..s.span.start]);
        out.push_str(&s.shown);
        at = s.span.end;
    }
    out + &line[at..part.end]
}

fn plain(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// A word remains that an engine could translate.
fn words_left(masked: &str, slots: usize) -> bool {
    let Ok(found) = tokens(masked, slots) else {
        return true;
    };
    let mut at = 0;
    let mut left = false;
    for (span, _) in found {
        left |= masked[at..span.start].chars().any(char::is_alphabetic);
        at = span.end;
    }
    left || masked[at..].chars().any(char::is_alphabetic)
}

/// Where the word behind a placeholder at the beginning of a text starts.
fn after_placeholder(text: &str) -> Option<usize> {
    let start = text.find(char::is_alphanumeric)?;
    let rest = &text[start..];
    let end = rest.find(|c: char| !c.is_alphanumeric())?;
    let token = rest[..end].to_uppercase();
    let ours = token.starts_with("XQ") && token.ends_with('X');
    let word = start + end + rest[end..].find(|c: char| c != ' ')?;
    (ours && text[word..].starts_with(char::is_alphabetic)).then_some(word)
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(c) => c.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
