//! Engines that break what they are given: each break is caught, and nothing is lost.

use crate::generator::sentences;
use atalaya_language::{
    Engine, EngineError, Entry, Glossary, Language, Memory, Rendered, Translation, Translator,
};
use proptest::prelude::*;

/// An engine out of a function of text to text.
struct Standin<F>(F);

impl<F: FnMut(&str) -> String> Engine for Standin<F> {
    fn name(&self) -> &str {
        "standin"
    }

    fn translate(&mut self, text: &str) -> Result<Rendered, EngineError> {
        Ok(Rendered {
            text: (self.0)(text),
            unknown: Vec::new(),
        })
    }
}

/// A text with its first placeholder replaced; without one it stays.
fn first_token(text: &str, by: &str) -> String {
    let Some(at) = text.find("XQ") else {
        return text.to_owned();
    };
    let end = at + 2 + text[at + 2..].find('X').unwrap() + 1;
    format!("{}{by}{}", &text[..at], &text[end..])
}

fn line(engine: impl FnMut(&str) -> String, text: &str, from: Language) -> Translation {
    let mut t = Translator::new(
        Standin(engine),
        from,
        Glossary::default(),
        Memory::default(),
    );
    t.line(text).unwrap()
}

#[track_caller]
fn all_there(t: &Translation) {
    let mut rest = t.target.clone();
    for e in &t.entities {
        let text = e.used.as_ref().unwrap_or(&e.text);
        let at = rest
            .find(text)
            .unwrap_or_else(|| panic!("no '{text}' in: {}", t.target));
        assert!(e.kept, "{t:?}");
        rest.replace_range(at..at + text.len(), "");
    }
    assert!(
        !rest.chars().any(char::is_numeric),
        "made up a number: {}",
        t.target
    );
}

type Break = (&'static str, fn(&str) -> String);

const BREAKS: [Break; 8] = [
    ("lost", |t| first_token(t, "")),
    ("doubled", |t| format!("{t} XQ0X")),
    ("altered", |t| first_token(t, "XQ77X")),
    ("altered", |t| t.replace("XQ0X", "XQ0")),
    ("altered", |t| t.replace("XQ0X", "aXQ0X")),
    ("altered", |t| t.replace("XQ0X", "XQ0X 4")),
    ("altered", |t| t.replace("XQ0X", "XQ 0 X")),
    ("lost", |t| {
        t.replace("XQ", "QX").replace(char::is_numeric, "")
    }),
];

#[test]
fn an_engine_that_drops_doubles_or_alters_is_caught_and_nothing_is_lost() {
    for (how, engine) in BREAKS {
        for language in [Language::Es, Language::En] {
            let mut caught = 0;
            for made in sentences(language) {
                let t = line(engine, &made.text, language);
                all_there(&t);
                caught += usize::from(
                    t.flags
                        .iter()
                        .any(|f| f.starts_with("pieces") && f.contains(how)),
                );
            }
            assert_eq!(caught, 100, "{how} {language:?}");
        }
    }
}

#[test]
fn an_engine_that_makes_up_numbers_in_pieces_is_not_believed() {
    let t = line(
        |t| format!("{t} 9"),
        "El coche llegó a Tijuana.",
        Language::Es,
    );
    assert_eq!(t.target, "El coche llegó a Tijuana.");
    assert!(
        t.flags.iter().any(|f| f.contains("made up a number")),
        "{t:?}"
    );
}

#[test]
fn an_honest_engine_is_not_suspected() {
    for made in sentences(Language::Es) {
        let t = line(str::to_owned, &made.text, Language::Es);
        all_there(&t);
        assert_eq!(t.flags, Vec::<String>::new(), "{}", made.text);
        assert_eq!(t.engine, "standin");
    }
}

#[test]
fn capital_and_blanks_that_engines_add_are_undone() {
    let t = line(
        |_| " *XQ0X  Arrived.".replace('*', ""),
        "María llegó.",
        Language::Es,
    );
    assert_eq!(t.target, "María arrived.");
}

#[test]
fn the_preposition_of_a_time_goes_with_it() {
    for (from, text, target) in [
        (
            Language::Es,
            "A las 05:12 y a las 06:00",
            "At 05:12 y at 06:00",
        ),
        (Language::Es, "el 3 de marzo del 2026", "on 3 March 2026"),
        (
            Language::Es,
            "del 23/11/2026 al 24/11/2026",
            "del 23/11/2026 al 24/11/2026",
        ),
        (
            Language::En,
            "on 23/11/2026 at 05:12 h",
            "el 23/11/2026 a las 05:12 h",
        ),
    ] {
        assert_eq!(line(str::to_owned, text, from).target, target);
    }
}

#[test]
fn a_memory_that_lacks_an_entity_is_not_believed_either() {
    let entry = Entry {
        schema: "memory/1".into(),
        from: Language::Es,
        to: Language::En,
        source: "Llegó a Tijuana.".into(),
        target: "He arrived.".into(),
        author: "a".into(),
        time: None,
        n: None,
    };
    let store = serde_json::to_string(&entry).unwrap();
    let memory = Memory::read(store.as_bytes(), "m").unwrap();
    let engine = Standin(str::to_owned);
    let mut t = Translator::new(engine, Language::Es, Glossary::default(), memory);
    let t = t.line("Llegó a Tijuana.").unwrap();
    assert_eq!(t.target, "He arrived. [Tijuana]");
    assert!(
        !t.entities[0].kept && t.flags[0].contains("missing: 'Tijuana'"),
        "{t:?}"
    );
}

#[test]
fn signs_blanks_and_marks_come_through() {
    for text in [
        "",
        "   ",
        "*hola* #uno",
        "a\tb",
        "¿? ¡!",
        "XQ0X y XQ1X",
        "50% XQ0XXQ1X 3*4",
    ] {
        let t = line(str::to_owned, text, Language::Es);
        assert_eq!(t.target, text);
    }
}

#[test]
fn an_engine_that_fails_on_a_text_leaves_it_and_says_so() {
    struct Fails;
    impl Engine for Fails {
        fn name(&self) -> &str {
            "fails"
        }
        fn translate(&mut self, _: &str) -> Result<Rendered, EngineError> {
            Err(EngineError::Text("too much".into()))
        }
    }
    let mut t = Translator::new(Fails, Language::Es, Glossary::default(), Memory::default());
    let t = t.line("Llegó un coche a Tijuana.").unwrap();
    assert_eq!(t.target, "Llegó un coche a Tijuana.");
    assert_eq!(t.flags, ["untranslated: too much"]);
}

proptest! {
    /// Whatever the text and however the engine mangles it, each entity is in the target.
    #[test]
    fn nothing_is_ever_lost(
        text in "[a-zA-Zñ0-9 .,:°'/+*()#X-]{0,60}|\\PC{0,40}",
        cut in 0usize..60,
        more in "[ XQxq0-9a-z]{0,6}",
    ) {
        let mangle = |t: &str| {
            let keep: String = t.chars().take(cut).collect();
            format!("{keep}{more}")
        };
        let t = line(mangle, &text, Language::Es);
        for e in &t.entities {
            prop_assert!(t.target.contains(e.used.as_ref().unwrap_or(&e.text)), "{:?}", t);
        }
    }
}

#[test]
fn the_stream_of_apertium_is_written_and_read() {
    use atalaya_language::apertium::{decode, encode};
    assert_eq!(encode("a/b *c* \u{0}[d]"), b"a\\/b [*]c[*]  \\[d\\][]\0");
    let r = decode(b"a\\/b [*]*c[*] #d \\[e\\] \\@f\\*[]").unwrap();
    assert_eq!(r.text, "a/b *c* d [e] @f*");
    assert_eq!(r.unknown, ["c", "d"]);
    assert_eq!(decode(b"cut off"), None);
    assert_eq!(decode(b"\xff[]"), None);
}

#[test]
fn a_denial_that_is_lost_or_made_up_is_flagged() {
    for (source, target, flagged) in [
        (
            "nadie lo siguió hasta la noche",
            "anybody followed it until the night",
            true,
        ),
        (
            "nadie lo siguió hasta la noche",
            "nobody followed it until the night",
            false,
        ),
        (
            "el camión salió de la finca",
            "the truck didn't leave the farm",
            true,
        ),
        (
            "el camión no salió de la finca",
            "the truck didn't leave the farm",
            false,
        ),
    ] {
        let said = target.to_owned();
        let engine = Standin(move |_: &str| said.clone());
        let mut t = Translator::new(engine, Language::Es, Glossary::default(), Memory::default());
        let flags = t.line(source).unwrap().flags;
        let found = flags.iter().any(|f| f.starts_with("negation: "));
        assert_eq!(found, flagged, "{source} {target} {flags:?}");
    }
}
