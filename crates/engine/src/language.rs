//! Spanish ↔ English for the page: the translator of `language` with the built-in glossary, and an
//! engine that is started when somebody first asks. Without an engine the glossary still speaks, and
//! the answer says that nothing else did.

pub use atalaya_language::{Engine, EngineError, Language, Rendered};

use atalaya_language::{
    Glossary, NoEngine, Recognised, Translation, Translator, UsedTerm, recognise,
};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// The longest text, in characters: that of a note.
pub const LONGEST_TEXT: usize = 2000;
/// What is said in place of an engine's name where there is none.
pub const GLOSSARY_ONLY: &str = "glossary only";
/// Texts that may wait for their turn, the one being translated included.
const AT_ONCE: u32 = 8;
/// Sentences of a text on which the engine may fail before it is left alone with the rest: each may
/// cost its whole patience.
const FAILURES: u32 = 3;

/// An engine for one direction, wherever it runs.
pub type BoxedEngine = Box<dyn Engine + Send>;
/// Starts the engine that translates from a language into the other.
pub type StartEngine = Box<dyn Fn(Language) -> Result<BoxedEngine, EngineError> + Send + Sync>;

/// A text in the other language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpretation {
    /// What it was translated from; the language asked for if it was in that already.
    pub from: Language,
    /// What was asked for.
    pub to: Language,
    /// The text, line for line.
    pub text: String,
    /// The engine's name, or [`GLOSSARY_ONLY`].
    pub engine: String,
    /// What had to be kept: names, places, plates, phones, positions, times, quantities.
    pub kept: Vec<Kept>,
    /// Terms of the glossary: as they stood, and as they are now.
    pub terms: Vec<(String, String)>,
    /// What could not be checked or was not translated, each `word: explanation`.
    pub flags: Vec<String>,
    /// A machine wrote [`Self::text`]; false if it is the text that was given.
    pub machine: bool,
}

/// What had to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// As it stood.
    pub text: String,
    /// The translation has it once for each time that the text has it.
    pub kept: bool,
}

/// Why a text was not translated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InterpretError {
    /// Nothing to translate.
    #[error("there is no text to translate; say one")]
    Empty,
    /// Longer than [`LONGEST_TEXT`].
    #[error("the text has {0} characters; translate {LONGEST_TEXT} at most at once")]
    Long(usize),
    /// Others wait already.
    #[error("{AT_ONCE} texts are waiting to be translated; try again in a moment")]
    Busy,
    /// The built-in glossary can't be read.
    #[error("no glossary: {0}")]
    Glossary(String),
}

/// An engine that is not asked again in a text on which it failed too often.
struct Patient {
    engine: BoxedEngine,
    failures: Arc<AtomicU32>,
}

impl Engine for Patient {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn limit(&self) -> usize {
        self.engine.limit()
    }

    fn translate(&mut self, text: &str) -> Result<Rendered, EngineError> {
        if self.failures.load(Relaxed) >= FAILURES {
            return Err(EngineError::Text(format!(
                "the engine failed {FAILURES} times on this text and was not asked again"
            )));
        }
        let rendered = self.engine.translate(text);
        if rendered.is_err() {
            self.failures.fetch_add(1, Relaxed);
        }
        rendered
    }
}

/// One direction.
#[derive(Default)]
struct Direction {
    translator: Option<Translator<Patient>>,
    /// Why there is no engine, as it was last logged.
    missing: Option<String>,
}

/// Translates one text at a time; a few more may wait.
pub struct Interpreter {
    start: Option<StartEngine>,
    failures: Arc<AtomicU32>,
    waiting: AtomicU32,
    /// From Spanish, from English.
    directions: Mutex<[Direction; 2]>,
}

/// A place among those who wait.
struct Turn<'a>(&'a AtomicU32);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Interpreter {
    /// With an engine, which is started when the first text of a direction comes.
    pub fn new(start: StartEngine) -> Self {
        Self {
            start: Some(start),
            ..Self::glossary_only()
        }
    }

    /// Without an engine.
    pub fn glossary_only() -> Self {
        Self {
            start: None,
            failures: Arc::default(),
            waiting: AtomicU32::new(0),
            directions: Mutex::default(),
        }
    }

    /// Translates a text into a language. It blocks while the engine works and while others are
    /// before it.
    pub fn interpret(&self, text: &str, to: Language) -> Result<Interpretation, InterpretError> {
        let long = text.chars().count();
        if long > LONGEST_TEXT {
            return Err(InterpretError::Long(long));
        }
        let text = text.trim();
        if text.is_empty() {
            return Err(InterpretError::Empty);
        }
        let mut flags = Vec::new();
        match recognise(text) {
            Recognised::Is(l) if l == to => return Ok(already(text, to)),
            Recognised::Is(_) => {}
            Recognised::Undecided => flags.push(format!(
                "assumed: the language can't be told; it was taken for {}",
                to.other().name()
            )),
        }
        let turn = Turn(&self.waiting);
        if self.waiting.fetch_add(1, Relaxed) >= AT_ONCE {
            return Err(InterpretError::Busy);
        }
        let mut directions = self
            .directions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let direction = &mut directions[usize::from(to == Language::Es)];
        let lines = self.by_engine(direction, text, to.other())?;
        drop(directions);
        drop(turn);
        let lines = match lines {
            Ok(lines) => lines,
            Err(why) => {
                flags.insert(
                    0,
                    format!("{GLOSSARY_ONLY}: no engine translated this ({why})"),
                );
                let mut plain =
                    Translator::new(NoEngine, to.other(), glossary()?, Default::default());
                all(&mut plain, text).map_err(|e| InterpretError::Glossary(e.to_string()))?
            }
        };
        Ok(joined(lines, to, flags))
    }

    /// The lines by the engine, or why there is none.
    fn by_engine(
        &self,
        direction: &mut Direction,
        text: &str,
        from: Language,
    ) -> Result<Result<Vec<Translation>, String>, InterpretError> {
        let Some(start) = &self.start else {
            return Ok(Err("none is set up".into()));
        };
        if direction.translator.is_none() {
            match start(from) {
                Ok(engine) => {
                    let failures = self.failures.clone();
                    let patient = Patient { engine, failures };
                    let new = Translator::new(patient, from, glossary()?, Default::default());
                    direction.translator = Some(new);
                    direction.missing = None;
                }
                Err(e) => return Ok(Err(gone(direction, from, &e))),
            }
        }
        let Some(translator) = &mut direction.translator else {
            return Ok(Err("none is set up".into()));
        };
        self.failures.store(0, Relaxed);
        match all(translator, text) {
            Ok(lines) => Ok(Ok(lines)),
            Err(e) => {
                direction.translator = None;
                Ok(Err(gone(direction, from, &e)))
            }
        }
    }
}

/// Says once why there is no engine, and once more when the reason changes.
fn gone(direction: &mut Direction, from: Language, e: &EngineError) -> String {
    let why = e.to_string();
    if direction.missing.as_ref() != Some(&why) {
        tracing::warn!(from = from.code(), why, "translations by glossary only");
        direction.missing = Some(why.clone());
    }
    why
}

fn glossary() -> Result<Glossary, InterpretError> {
    Glossary::built_in().map_err(|e| InterpretError::Glossary(e.to_string()))
}

fn all<E: Engine>(
    translator: &mut Translator<E>,
    text: &str,
) -> Result<Vec<Translation>, EngineError> {
    text.lines().map(|line| translator.line(line)).collect()
}

/// A text that needs no translation.
fn already(text: &str, to: Language) -> Interpretation {
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
    }
}

fn joined(lines: Vec<Translation>, to: Language, mut flags: Vec<String>) -> Interpretation {
    let engine = match lines.first() {
        Some(l) if l.engine != NoEngine.name() => l.engine.clone(),
        _ => GLOSSARY_ONLY.to_owned(),
    };
    let mut text = Vec::new();
    let (mut kept, mut terms) = (Vec::new(), Vec::new());
    for line in lines {
        text.push(line.target);
        for flag in line.flags {
            if !flags.contains(&flag) {
                flags.push(flag);
            }
        }
        kept.extend(line.entities.into_iter().map(|e| Kept {
            text: e.text,
            kept: e.kept,
        }));
        terms.extend(
            line.glossary
                .into_iter()
                .map(|UsedTerm { term, used, .. }| (term, used)),
        );
    }
    Interpretation {
        from: to.other(),
        to,
        text: text.join("\n"),
        engine,
        kept,
        terms,
        flags,
        machine: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "El camión con matrícula 4821 KTR entró en la finca a las 05:12\ny salió por el norte hacia la carretera";

    struct Loud;

    impl Engine for Loud {
        fn name(&self) -> &str {
            "loud"
        }

        fn translate(&mut self, text: &str) -> Result<Rendered, EngineError> {
            Ok(Rendered {
                text: text.to_uppercase(),
                unknown: Vec::new(),
            })
        }
    }

    struct Dead;

    impl Engine for Dead {
        fn name(&self) -> &str {
            "dead"
        }

        fn translate(&mut self, _: &str) -> Result<Rendered, EngineError> {
            Err(EngineError::Gone("it died".into()))
        }
    }

    #[test]
    fn an_engine_translates_and_what_must_be_kept_is_kept() {
        let i = Interpreter::new(Box::new(|_| Ok(Box::new(Loud))));
        let said = i.interpret(NOTE, Language::En).unwrap();
        assert_eq!((said.from, said.engine.as_str()), (Language::Es, "loud"));
        assert_eq!(said.text.lines().count(), 2);
        assert!(said.text.contains("4821 KTR"), "{}", said.text);
        assert!(said.kept.len() >= 2 && said.kept.iter().all(|k| k.kept));
    }

    #[test]
    fn without_an_engine_it_says_so() {
        for i in [
            Interpreter::glossary_only(),
            Interpreter::new(Box::new(|_| Err(EngineError::Gone("not installed".into())))),
            Interpreter::new(Box::new(|_| Ok(Box::new(Dead)))),
        ] {
            let said = i.interpret(NOTE, Language::En).unwrap();
            assert_eq!(said.engine, GLOSSARY_ONLY);
            assert!(said.flags[0].starts_with("glossary only: "), "{said:?}");
        }
    }

    #[test]
    fn what_is_in_that_language_is_left_alone_and_bounds_hold() {
        let i = Interpreter::glossary_only();
        let said = i.interpret(NOTE, Language::Es).unwrap();
        assert!(!said.machine && said.flags[0].starts_with("already: "));
        assert_eq!(
            i.interpret(&"a".repeat(2001), Language::Es),
            Err(InterpretError::Long(2001))
        );
        assert_eq!(i.interpret(" \n", Language::Es), Err(InterpretError::Empty));
    }
}
