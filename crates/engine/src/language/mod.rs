//! Spanish ↔ English for the page: the translator of `language` with the built-in glossary, and an
//! engine that is started when somebody first asks. Without an engine the glossary still speaks, and
//! the answer says that nothing else did.

mod document;
mod said;

pub use atalaya_language::{
    Correction, Engine, EngineError, Entry, Language, Memory, MemoryError, Recognised, Rendered,
    Suggestion, TmxError, TmxRead, TmxUnit, read_tmx, recognise,
};
pub use document::{
    DocumentError, DocumentText, LARGEST_FILE, LONGEST_DOCUMENT, MOST_PARAGRAPHS, ReadPdf,
    document_tmx, read_document, side_by_side, tmx,
};
pub use said::{Interpretation, Kept, Line, Sentence, by_whom};

use atalaya_language::{Glossary, Match, NoEngine, Translator};
use said::{all, already, joined, line};
use std::collections::BTreeMap;
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
    /// What it said: a document is asked for again after every correction in it.
    said: BTreeMap<String, Rendered>,
    /// Bytes of that.
    held: usize,
}

/// Bytes of answers that are held for a direction; then they are forgotten, all at once.
const HELD: usize = 16 << 20;

impl Engine for Patient {
    fn name(&self) -> &str {
        self.engine.name()
    }

    fn limit(&self) -> usize {
        self.engine.limit()
    }

    fn translate(&mut self, text: &str) -> Result<Rendered, EngineError> {
        if let Some(known) = self.said.get(text) {
            return Ok(known.clone());
        }
        if self.failures.load(Relaxed) >= FAILURES {
            return Err(EngineError::Text(format!(
                "the engine failed {FAILURES} times on this text and was not asked again"
            )));
        }
        match self.engine.translate(text) {
            Ok(rendered) => {
                self.held += text.len() + rendered.text.len() + 100;
                if self.held > HELD {
                    self.said.clear();
                    self.held = 0;
                }
                self.said.insert(text.to_owned(), rendered.clone());
                Ok(rendered)
            }
            Err(e) => {
                self.failures.fetch_add(1, Relaxed);
                Err(e)
            }
        }
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
    /// What people have corrected: asked first.
    memory: Mutex<Arc<Memory>>,
    pdf: Option<ReadPdf>,
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
            memory: Mutex::default(),
            pdf: None,
        }
    }

    /// The same, reading PDF too.
    pub fn reading_pdf(mut self, read: ReadPdf) -> Self {
        self.pdf = Some(read);
        self
    }

    /// The paragraphs of a file.
    pub fn read_document(&self, bytes: &[u8]) -> Result<DocumentText, DocumentError> {
        read_document(bytes, self.pdf.as_ref())
    }

    /// From now on only these corrections are used; those that make no sense are left out. Gives how
    /// many are used.
    pub fn remember(&self, entries: Vec<Entry>) -> usize {
        let mut memory = Memory::default();
        for e in entries {
            if let Err(why) = memory.take(e) {
                tracing::warn!(%why, "a stored correction is not used");
            }
        }
        let n = memory.entries().len();
        *self.memory.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(memory);
        n
    }

    /// Uses these corrections too.
    pub fn learn(&self, entries: Vec<Entry>) -> Result<(), MemoryError> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let memory = Arc::make_mut(&mut memory);
        entries.into_iter().try_for_each(|e| memory.take(e))
    }

    /// The memory has this very correction already.
    pub fn knows(&self, entry: &Entry) -> bool {
        let hit = self.memory().find(&entry.source, entry.from);
        hit.is_some_and(|h| h.kind == Match::Exact && h.target == entry.target)
    }

    fn memory(&self) -> Arc<Memory> {
        self.memory
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Translates paragraphs of a document from a language into the other; those that are in the other
    /// already are left. Others get their turn between paragraphs.
    pub fn interpret_document(
        &self,
        paragraphs: &[String],
        from: Language,
    ) -> Result<Vec<Line>, InterpretError> {
        let _turn = self.turn()?;
        let memory = self.memory();
        self.failures.store(0, Relaxed);
        let mut plain: Option<Translator<NoEngine>> = None;
        let mut lines = Vec::with_capacity(paragraphs.len());
        for p in paragraphs {
            if recognise(p) == Recognised::Is(from.other()) {
                lines.push(Line::left(p, from.other()));
                continue;
            }
            if let Some(plain) = &mut plain {
                lines.push(line(plain, p).map_err(impossible)?);
                continue;
            }
            let mut directions = self
                .directions
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let direction = &mut directions[usize::from(from == Language::En)];
            match self.by_engine(direction, from, &memory, |t| line(t, p))? {
                Ok(made) => lines.push(made),
                Err(_) => {
                    drop(directions);
                    let mut t = without_engine(from, &memory)?;
                    lines.push(line(&mut t, p).map_err(impossible)?);
                    plain = Some(t);
                }
            }
        }
        Ok(lines)
    }

    fn turn(&self) -> Result<Turn<'_>, InterpretError> {
        let turn = Turn(&self.waiting);
        if self.waiting.fetch_add(1, Relaxed) >= AT_ONCE {
            return Err(InterpretError::Busy);
        }
        Ok(turn)
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
        let turn = self.turn()?;
        let memory = self.memory();
        self.failures.store(0, Relaxed);
        let mut directions = self
            .directions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let direction = &mut directions[usize::from(to == Language::Es)];
        let lines = self.by_engine(direction, to.other(), &memory, |t| all(t, text))?;
        drop(directions);
        drop(turn);
        let lines = match lines {
            Ok(lines) => lines,
            Err(why) => {
                flags.insert(
                    0,
                    format!("{GLOSSARY_ONLY}: no engine translated this ({why})"),
                );
                all(&mut without_engine(to.other(), &memory)?, text).map_err(impossible)?
            }
        };
        Ok(joined(lines, to, flags))
    }

    /// What the engine makes, or why there is none.
    fn by_engine<T>(
        &self,
        direction: &mut Direction,
        from: Language,
        memory: &Arc<Memory>,
        make: impl FnOnce(&mut Translator<Patient>) -> Result<T, EngineError>,
    ) -> Result<Result<T, String>, InterpretError> {
        let Some(start) = &self.start else {
            return Ok(Err("none is set up".into()));
        };
        if direction.translator.is_none() {
            match start(from) {
                Ok(engine) => {
                    let failures = self.failures.clone();
                    let patient = Patient {
                        engine,
                        failures,
                        said: BTreeMap::new(),
                        held: 0,
                    };
                    let new = Translator::new(patient, from, glossary()?, Memory::default());
                    direction.translator = Some(new);
                    direction.missing = None;
                }
                Err(e) => return Ok(Err(gone(direction, from, &e))),
            }
        }
        let Some(translator) = &mut direction.translator else {
            return Ok(Err("none is set up".into()));
        };
        translator.remember(memory.clone());
        match make(translator) {
            Ok(made) => Ok(Ok(made)),
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

/// Glossary and memory alone.
fn without_engine(
    from: Language,
    memory: &Arc<Memory>,
) -> Result<Translator<NoEngine>, InterpretError> {
    let mut t = Translator::new(NoEngine, from, glossary()?, Memory::default());
    t.remember(memory.clone());
    Ok(t)
}

/// No engine can't be gone; if it says so, it is told like a broken glossary.
fn impossible(e: EngineError) -> InterpretError {
    InterpretError::Glossary(e.to_string())
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
    fn a_correction_is_used_first_in_notes_and_documents_and_forgotten_when_taken_back() {
        let i = Interpreter::new(Box::new(|_| Ok(Box::new(Loud))));
        let mut e = Entry::checked(
            Language::Es,
            "El camión con matrícula 4821 KTR entró en la finca a las 05:12",
            "The truck with plate 4821 KTR entered the farm at 05:12",
            "ana",
            None,
        )
        .unwrap();
        e.n = Some(3);
        i.learn(vec![e]).unwrap();
        let said = i.interpret(NOTE, Language::En).unwrap();
        assert_eq!(said.engine, "loud+memory");
        let first = &said.lines[0].sentences[0];
        assert!(!first.is_machine() && first.correction.as_ref().unwrap().n == Some(3));
        assert!(
            said.text
                .starts_with("The truck with plate 4821 KTR entered")
        );
        // Another plate, another time: the same correction.
        let other = ["El camión con matrícula 9034 BCD entró en la finca a las 23:40".to_owned()];
        let lines = i.interpret_document(&other, Language::Es).unwrap();
        assert_eq!(
            lines[0].target(),
            "The truck with plate 9034 BCD entered the farm at 23:40"
        );
        assert_eq!(i.remember(Vec::new()), 0);
        let said = i.interpret(NOTE, Language::En).unwrap();
        assert_eq!(said.engine, "loud");
    }

    #[test]
    fn a_document_without_an_engine_or_with_one_that_dies_still_has_its_paragraphs() {
        let text: Vec<String> = [
            "",
            "El camión salió.  Volvió después.",
            "The truck left the yard and was not seen again.",
        ]
        .map(str::to_owned)
        .to_vec();
        for i in [
            Interpreter::glossary_only(),
            Interpreter::new(Box::new(|_| Ok(Box::new(Dead)))),
        ] {
            let lines = i.interpret_document(&text, Language::Es).unwrap();
            assert_eq!(lines.len(), 3);
            assert_eq!(lines[0].target(), "");
            assert_eq!(lines[1].sentences.len(), 2);
            assert_eq!(lines[1].sentences[1].before, "  ");
            assert_eq!(lines[1].sentences[0].engine, GLOSSARY_ONLY);
            assert!(lines[1].sentences[0].flags[0].starts_with("untranslated: "));
            assert!(lines[2].sentences[0].flags[0].starts_with("already: "));
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
