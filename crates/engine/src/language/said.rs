//! What an interpreter says: a text in the other language, sentence by sentence.

use super::GLOSSARY_ONLY;
use atalaya_language::{
    Correction, Engine, EngineError, KeptEntity, Language, NoEngine, Suggestion, Translation,
    Translator, UsedTerm,
};

/// A text in the other language.
#[derive(Clone, Debug, PartialEq)]
pub struct Interpretation {
    /// What it was translated from; the language asked for if it was in that already.
    pub from: Language,
    /// What was asked for.
    pub to: Language,
    /// The text, line for line.
    pub text: String,
    /// Whose work it is: the engine's name or [`GLOSSARY_ONLY`], `memory` for people's corrections, both
    /// joined by `+`.
    pub engine: String,
    /// What had to be kept: names, places, plates, phones, positions, times, quantities.
    pub kept: Vec<Kept>,
    /// Terms of the glossary: as they stood, and as they are now.
    pub terms: Vec<(String, String)>,
    /// What could not be checked or was not translated, each `word: explanation`.
    pub flags: Vec<String>,
    /// A machine wrote some of [`Self::text`]; false if it is the text that was given, or people's throughout.
    pub machine: bool,
    /// The lines, sentence by sentence; empty if nothing was translated.
    pub lines: Vec<Line>,
}

/// What had to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As it stood.
    pub text: String,
    /// The translation has it once for each time that the text has it.
    pub kept: bool,
}

/// A line or paragraph.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// Its sentences, in order.
    pub sentences: Vec<Sentence>,
    /// What stands behind the last: blanks.
    pub tail: String,
}

/// A sentence and its translation.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    /// What stands before it: blanks, a tab.
    pub before: String,
    /// The sentence.
    pub source: String,
    /// Its translation.
    pub target: String,
    /// Whose work it is, as in [`Interpretation::engine`].
    pub engine: String,
    /// What a person has to look at.
    pub flags: Vec<String>,
    /// What had to be kept.
    pub kept: Vec<Kept>,
    /// Terms of the glossary.
    pub terms: Vec<(String, String)>,
    /// Similar sentences that people have corrected, the score from 0.7 to 1.
    pub suggestions: Vec<Suggestion>,
    /// The correction that stands there.
    pub correction: Option<Correction>,
}

impl Sentence {
    /// A machine wrote it, or part of it.
    pub fn is_machine(&self) -> bool {
        self.engine != "memory"
    }

    /// It is left as it was: in the language asked for already.
    fn left(source: &str, flag: String) -> Self {
        Self {
            before: String::new(),
            source: source.to_owned(),
            target: source.to_owned(),
            engine: "none".into(),
            flags: vec![flag],
            kept: Vec::new(),
            terms: Vec::new(),
            suggestions: Vec::new(),
            correction: None,
        }
    }

    fn of(before: String, t: Translation) -> Self {
        let kept = |e: KeptEntity| Kept {
            text: e.text,
            kept: e.kept,
        };
        Self {
            before,
            source: t.source,
            target: t.target,
            engine: t.engine.replacen(NoEngine.name(), GLOSSARY_ONLY, 1),
            flags: t.flags,
            kept: t.entities.into_iter().map(kept).collect(),
            terms: t
                .glossary
                .into_iter()
                .map(|UsedTerm { term, used, .. }| (term, used))
                .collect(),
            suggestions: t.memory,
            correction: t.corrections.into_iter().next(),
        }
    }
}

impl Line {
    /// The translation.
    pub fn target(&self) -> String {
        let mut out: String = self
            .sentences
            .iter()
            .flat_map(|s| [s.before.as_str(), s.target.as_str()])
            .collect();
        out.push_str(&self.tail);
        out
    }

    /// A line that was left as it was.
    pub(super) fn left(text: &str, to: Language) -> Self {
        let flag = format!(
            "already: this looks like {}; nothing was translated",
            to.name()
        );
        Self {
            sentences: vec![Sentence::left(text, flag)],
            tail: String::new(),
        }
    }
}

/// A line by a translator.
pub(super) fn line<E: Engine>(
    translator: &mut Translator<E>,
    text: &str,
) -> Result<Line, EngineError> {
    let mut made = Line::default();
    let mut at = 0;
    for (span, t) in translator.sentences(text)? {
        made.sentences
            .push(Sentence::of(text[at..span.start].to_owned(), t));
        at = span.end;
    }
    made.tail = text[at..].to_owned();
    Ok(made)
}

/// The lines of a text by a translator.
pub(super) fn all<E: Engine>(
    translator: &mut Translator<E>,
    text: &str,
) -> Result<Vec<Line>, EngineError> {
    text.lines().map(|l| line(translator, l)).collect()
}

/// Whose work sentences are, all together: the engine's name first, then the memory's.
pub fn by_whom<'a>(sentences: impl Iterator<Item = &'a Sentence>) -> String {
    let (mut engine, mut memory) = (None, false);
    for s in sentences {
        for part in s.engine.split('+') {
            match part {
                "memory" => memory = true,
                "none" => {}
                _ if engine.is_none() => engine = Some(part),
                _ => {}
            }
        }
    }
    match (engine, memory) {
        (Some(e), true) => format!("{e}+memory"),
        (Some(e), false) => e.to_owned(),
        (None, true) => "memory".into(),
        (None, false) => "none".into(),
    }
}

/// A text that needs no translation.
pub(super) fn already(text: &str, to: Language) -> Interpretation {
    Interpretation {
        from: to,
        to,
        text: text.to_owned(),
        engine: "none".into(),
        kept: Vec::new(),
        terms: Vec::new(),
        flags: vec![format!(
            "already: this looks like {}; nothing was translated",
            to.name()
        )],
        machine: false,
        lines: Vec::new(),
    }
}

pub(super) fn joined(lines: Vec<Line>, to: Language, mut flags: Vec<String>) -> Interpretation {
    let sentences = || lines.iter().flat_map(|l| &l.sentences);
    for flag in sentences().flat_map(|s| &s.flags) {
        if !flags.contains(flag) {
            flags.push(flag.clone());
        }
    }
    Interpretation {
        from: to.other(),
        to,
        text: lines
            .iter()
            .map(Line::target)
            .collect::<Vec<_>>()
            .join("\n"),
        engine: by_whom(sentences()),
        kept: sentences().flat_map(|s| s.kept.clone()).collect(),
        terms: sentences().flat_map(|s| s.terms.clone()).collect(),
        flags,
        machine: sentences().any(Sentence::is_machine),
        lines,
    }
}
