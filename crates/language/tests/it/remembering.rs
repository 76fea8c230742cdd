use atalaya_language::Language::{En, Es};
use atalaya_language::{
    Entry, Glossary, Hit, Match, Memory, MemoryError, NoEngine, Translator, read_tmx, write_tmx,
};
use atalaya_model::Micros;
use std::sync::Arc;

fn taught(pairs: &[(&str, &str)]) -> (Memory, String) {
    let mut store = Vec::new();
    let mut memory = Memory::default();
    let time = Micros::parse_rfc3339("2026-11-23T05:12:09Z");
    for (s, t) in pairs {
        memory.correct(Es, s, t, "ana", time, &mut store).unwrap();
    }
    (memory, String::from_utf8(store).unwrap())
}

#[test]
fn a_correction_is_found_again_also_from_its_store() {
    let (memory, store) = taught(&[
        ("Se detuvo el carro.", "The car stopped."),
        ("Se detuvo el carro.", "The car pulled over."),
    ]);
    for m in [&memory, &Memory::read(store.as_bytes(), "m").unwrap()] {
        let hit = m.find("  Se detuvo  el carro. ", Es).unwrap();
        assert_eq!(hit.kind, Match::Exact);
        assert_eq!(hit.target, "The car pulled over.");
        assert_eq!(m.entries().len(), 2);
    }
}

#[test]
fn a_sentence_with_other_names_and_numbers_fits_the_same_correction() {
    let (memory, _) = taught(&[(
        "El camión 4471 KLM llegó a Tijuana a las 05:12.",
        "At 05:12 the truck 4471 KLM reached Tijuana.",
    )]);
    let hit = memory.find("El camión 7713 BCD llegó a Nogales a las 23:40.", Es);
    assert_eq!(
        hit,
        Some(Hit {
            kind: Match::Template,
            source: "El camión 4471 KLM llegó a Tijuana a las 05:12.".into(),
            target: "At 23:40 the truck 7713 BCD reached Nogales.".into(),
            author: "ana".into(),
            n: None,
        })
    );
}

#[test]
fn a_similar_sentence_is_offered_with_its_score_and_a_different_one_is_not() {
    let (memory, _) = taught(&[(
        "los hombres descargaron las cajas rojas",
        "the men unloaded the red boxes",
    )]);
    let hit = memory
        .find("los hombres descargaron las cajas azules", Es)
        .unwrap();
    let Match::Fuzzy(score) = hit.kind else {
        panic!("{hit:?}")
    };
    assert!((score - 5.0 / 6.0).abs() < 1e-9, "{score}");
    assert_eq!(memory.find("llegó la noche", Es), None);
}

#[test]
fn a_correction_that_loses_something_is_refused() {
    let mut store = Vec::new();
    let said = Memory::default()
        .correct(
            Es,
            "Pagó 300 kg en Nogales.",
            "He paid 30 kg in Nogales.",
            "ana",
            None,
            &mut store,
        )
        .unwrap_err();
    assert!(
        matches!(&said, MemoryError::Refused(w) if w.contains("lacks '300 kg'")),
        "{said}"
    );
    assert!(store.is_empty());
}

#[test]
fn a_broken_store_says_where() {
    let good = "{\"schema\":\"memory/1\",\"from\":\"es\",\"to\":\"en\",\"source\":\"a\",\"target\":\"b\",\"author\":\"c\"}\n";
    let newer = good.replace("memory/1", "memory/2");
    let same = good.replace("\"en\"", "\"es\"");
    for (bad, words) in [
        ("{\n", "m:2: not a record"),
        (newer.as_str(), "m:2: schema 'memory/2'"),
        (
            same.as_str(),
            "m:2: a sentence or its other language is missing",
        ),
    ] {
        let said = Memory::read(format!("{good}{bad}").as_bytes(), "m")
            .unwrap_err()
            .to_string();
        assert!(said.starts_with(words), "{said}");
    }
    let said = Memory::read(&b"\xff\n"[..], "m").unwrap_err().to_string();
    assert_eq!(said, "m:1: not UTF-8; save the file as UTF-8");
}

#[test]
fn tmx_has_what_holds() {
    let (memory, _) = taught(&[
        ("uno & dos", "x"),
        ("uno & dos", "one & <two>"),
        ("tres", "three"),
    ]);
    let mut out = Vec::new();
    memory.write_tmx(&mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(
        text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<tmx version=\"1.4\">"),
        "{text}"
    );
    assert_eq!(text.matches("<tu ").count(), 2, "{text}");
    for part in [
        "segtype=\"sentence\"",
        "creationdate=\"20261123T051209Z\"",
        "<tuv xml:lang=\"es\">",
        "<seg>uno &amp; dos</seg>",
        "<seg>one &amp; &lt;two&gt;</seg>",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
}

#[test]
fn tmx_comes_back_as_it_went_without_what_a_machine_made() {
    let (memory, _) = taught(&[("uno & dos", "one & <two>"), ("Mató 3 kg", "3 kg")]);
    let machine = Entry::of_machine(Es, "la casa", "the house", "apertium");
    assert!(machine.is_machine());
    let mut out = Vec::new();
    write_tmx(memory.entries().iter().chain([&machine]), &mut out).unwrap();
    let read = read_tmx(&out).unwrap();
    assert_eq!((read.units.len(), read.machine, read.others), (2, 1, 0));
    let u = &read.units[0];
    assert_eq!((u.from, u.author.as_str()), (Es, "ana"));
    assert_eq!(
        (u.source.as_str(), u.target.as_str()),
        ("uno & dos", "one & <two>")
    );
    let said = Entry::checked(Es, "la casa", "the house", "machine: apertium", None);
    assert!(matches!(said, Err(MemoryError::Refused(w)) if w.contains("is no person")));
}

#[test]
fn tmx_of_others_is_read_with_its_codes_languages_and_encodings() {
    let text = "<?xml version=\"1.0\"?><!DOCTYPE tmx SYSTEM \"tmx14.dtd\"><tmx version=\"1.4\">\
        <header srclang=\"en-US\" segtype=\"sentence\"/><body>\
        <tu creationid=\"PRADO\"><tuv xml:lang=\"es-MX\"><seg>El <bpt i=\"1\">&lt;b&gt;</bpt>cami&#243;n<ept i=\"1\">x</ept></seg></tuv>\
        <tuv xml:lang=\"EN-us\"><seg>The <hi>truck</hi></seg></tuv></tu>\
        <tu srclang=\"es\"><tuv lang=\"es\"><seg>No</seg></tuv><tuv lang=\"en\"><seg>No.</seg></tuv></tu>\
        <tu><tuv xml:lang=\"fr\"><seg>a</seg></tuv><tuv xml:lang=\"es\"><seg>b</seg></tuv></tu></body></tmx>";
    let wide: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    for bytes in [text.as_bytes(), &wide] {
        let read = read_tmx(bytes).unwrap();
        let pairs: Vec<_> = read
            .units
            .iter()
            .map(|u| {
                (
                    u.from,
                    u.source.as_str(),
                    u.target.as_str(),
                    u.author.as_str(),
                )
            })
            .collect();
        assert_eq!(
            pairs,
            [
                (En, "The truck", "El camión", "PRADO"),
                (Es, "No", "No.", "")
            ]
        );
        assert_eq!(read.others, 1);
    }
}

#[test]
fn what_is_no_tmx_is_refused_with_a_reason() {
    let deep = format!("<tmx>{}", "<a>".repeat(100));
    for (bytes, words) in [
        (&b"<html></html>"[..], "there is no tmx element"),
        (b"<tmx><a></b>", "not a TMX file"),
        (b"\xff\xff", "not UTF-8 or UTF-16"),
        (b"<!DOCTYPE tmx [<!ENTITY a 'b'>]><tmx/>", "declares things"),
        (b"<tmx>&nbsp;</tmx>", "the entity 'nbsp' is unknown"),
        (deep.as_bytes(), "too deep"),
    ] {
        let said = read_tmx(bytes).unwrap_err().to_string();
        assert!(said.contains(words), "{said}");
        assert_eq!(said.lines().count(), 1);
    }
}

#[test]
fn sentences_come_one_by_one_with_whose_correction_they_are() {
    let mut memory = Memory::default();
    let mut entry =
        Entry::checked(Es, "Se fue a las 05:12.", "It left at 05:12.", "ana", None).unwrap();
    entry.n = Some(7);
    memory.take(entry).unwrap();
    let mut t = Translator::new(NoEngine, Es, Glossary::default(), Memory::default());
    let line = "Llegó el carro.  Se fue a las 23:40.";
    assert!(t.sentences(line).unwrap()[1].1.corrections.is_empty());
    t.remember(Arc::new(memory));
    let parts = t.sentences(line).unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(&line[parts[1].0.clone()], "Se fue a las 23:40.");
    let second = &parts[1].1;
    assert_eq!(
        (second.target.as_str(), second.engine.as_str()),
        ("It left at 23:40.", "memory")
    );
    let c = &second.corrections[0];
    assert_eq!((c.author.as_str(), c.n, c.exact), ("ana", Some(7), false));
    assert!(parts[0].1.corrections.is_empty());
}
