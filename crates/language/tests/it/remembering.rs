use atalaya_language::{Hit, Language::Es, Match, Memory, MemoryError};
use atalaya_model::Micros;

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
