use atalaya_language::{Glossary, Language, Memory, NoEngine, Translator};

const HEADER: &str = "es\ten\tes_plural\ten_plural\tsense\tregister\tregion\tsource\n";

fn used(glossary: Glossary, from: Language, text: &str) -> (String, Vec<String>) {
    let mut t = Translator::new(NoEngine, from, glossary, Memory::default());
    let t = t.line(text).unwrap();
    (
        t.target,
        t.glossary
            .into_iter()
            .map(|g| format!("{}={}", g.term, g.used))
            .collect(),
    )
}

#[test]
fn every_built_in_term_names_its_source() {
    let g = Glossary::built_in().unwrap();
    assert!(g.terms().len() >= 90, "{}", g.terms().len());
    for t in g.terms() {
        assert!(!t.source.is_empty(), "{}", t.es);
    }
}

#[test]
fn the_longest_term_is_used_in_both_directions() {
    let g = || Glossary::built_in().unwrap();
    let (text, terms) = used(
        g(),
        Language::Es,
        "Entregas vigiladas de base de cocaína y dos halcones",
    );
    assert_eq!(text, "Controlled deliveries de cocaine base y dos lookouts");
    assert_eq!(
        terms,
        [
            "Entregas vigiladas=Controlled deliveries",
            "base de cocaína=cocaine base",
            "halcones=lookouts"
        ]
    );
    let (text, _) = used(g(), Language::En, "the money laundering case");
    assert_eq!(text, "the lavado de activos case");
}

#[test]
fn a_term_inside_a_name_is_left_alone() {
    let g = Glossary::built_in().unwrap();
    let (text, terms) = used(g, Language::Es, "Vio a Juan Camello Pérez salir");
    assert_eq!(text, "Vio a Juan Camello Pérez salir");
    assert!(terms.is_empty());
}

#[test]
fn a_table_of_ones_own_overrules() {
    let mut g = Glossary::built_in().unwrap();
    let own = format!("{HEADER}halcón\tspotter\thalcones\tspotters\t\tslang\tMX\town\n");
    g.add(own.as_bytes(), "own").unwrap();
    assert_eq!(
        used(g, Language::Es, "un halcón y dos halcones").0,
        "un spotter y dos spotters"
    );
}

#[test]
fn a_bad_table_says_where() {
    let row = |r: &str| format!("{HEADER}{r}\n");
    for (table, words) in [
        ("es,en\n".to_owned(), "g:1: the header is not"),
        (row("a\tb"), "g:2: 2 cells between tabs, 8 are needed"),
        (
            row("a\tb\t\t\t\tslang\t\t"),
            "g:2: es, en or source is empty",
        ),
        (
            row("a\tb\t\t\t\trude\t\ts"),
            "g:2: register 'rude' is none of",
        ),
        (
            row("a\tb\tas\t\t\tslang\t\ts"),
            "g:2: a plural in one language only",
        ),
        (
            row("a 1\tb\t\t\t\tslang\t\ts"),
            "g:2: 'a 1' or 'b' has a digit",
        ),
    ] {
        let said = Glossary::default()
            .add(table.as_bytes(), "g")
            .unwrap_err()
            .to_string();
        assert!(said.starts_with(words), "{said}");
    }
}
