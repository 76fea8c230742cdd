use crate::generator::sentences;
use atalaya_language::{Language, Recognised, recognise};

#[test]
fn sentences_are_recognised() {
    for language in [Language::Es, Language::En] {
        for made in sentences(language) {
            assert_eq!(
                recognise(&made.text),
                Recognised::Is(language),
                "{}",
                made.text
            );
        }
    }
}

#[test]
fn sentences_without_function_words_are_told_by_their_letters() {
    for (text, language) in [
        (
            "Detenidos cuatro sospechosos, incautada mercancía ilegal",
            Language::Es,
        ),
        ("Vehículos abandonados, investigación abierta", Language::Es),
        ("Four suspects detained, illegal goods seized", Language::En),
        (
            "Abandoned vehicles found, investigation opened",
            Language::En,
        ),
    ] {
        assert_eq!(recognise(text), Recognised::Is(language), "{text}");
    }
}

#[test]
fn short_mixed_and_foreign_texts_are_undecided() {
    for text in [
        "",
        "ok",
        "4471 KLM",
        "Juan Pérez",
        "El camión llegó a la casa y the truck left the house with the men",
        "xkcd qwrt zzzz pfff hrrr",
    ] {
        assert_eq!(recognise(text), Recognised::Undecided, "{text}");
    }
}
