use crate::generator::sentences;
use atalaya_language::EntityKind::{self, *};
use atalaya_language::{Language, entities};
use proptest::prelude::*;

fn found(text: &str, language: Language) -> Vec<(&str, EntityKind)> {
    entities::find(text, language)
        .into_iter()
        .map(|e| (&text[e.span], e.kind))
        .collect()
}

#[track_caller]
fn one(text: &str, language: Language, wanted: &str, kind: EntityKind) {
    let all = found(text, language);
    assert!(
        all.contains(&(wanted, kind)),
        "no {kind:?} '{wanted}' in {all:?} of: {text}"
    );
}

/// Each value of the generator is found whole, with its kind, in both languages.
#[test]
fn two_hundred_sentences_have_what_was_put_in() {
    for language in [Language::Es, Language::En] {
        for made in sentences(language) {
            let all = found(&made.text, language);
            for (text, kind) in &made.wanted {
                assert!(
                    all.contains(&(text.as_str(), *kind)),
                    "no {kind:?} '{text}' in {all:?} of: {}",
                    made.text
                );
            }
        }
    }
}

#[test]
fn names_at_the_start_of_a_sentence_and_behind_a_title() {
    let es = Language::Es;
    one("Reyes salió temprano.", es, "Reyes", Person);
    one(
        "El comandante Tobías Quirarte llegó.",
        es,
        "Tobías Quirarte",
        Person,
    );
    one("Vio a la Sra. Gómez salir.", es, "Gómez", Person);
    one(
        "Detenido Juan Pérez en la aduana.",
        es,
        "Juan Pérez",
        Person,
    );
    one("vieron a juan pérez salir", es, "juan pérez", Person);
    one(
        "VIERON A JUAN PÉREZ EN TIJUANA CON ARMAS",
        es,
        "JUAN PÉREZ",
        Person,
    );
    one(
        "La Policía Nacional detuvo a dos.",
        es,
        "Policía Nacional",
        Organisation,
    );
    one("Según la DEA no hubo nada.", es, "DEA", Organisation);
    one(
        "Transportes del Norte S.A. pagó.",
        es,
        "Transportes del Norte S.A.",
        Organisation,
    );
    one("Iba en una Toyota Hilux blanca.", es, "Toyota Hilux", Name);
    one(
        "En 25.76° N, 80.19° W. Camioneta Nissan gris.",
        es,
        "Nissan",
        Name,
    );
    one("Lo dijo J. Mendoza ayer.", es, "J. Mendoza", Person);
    one("Vive en la calle Zurbarán.", es, "Zurbarán", Place);
    assert!(found("Los hombres descargaron las cajas.", es).is_empty());
    assert!(
        found(
            "Three men left on Tuesday. They spoke Spanish.",
            Language::En
        )
        .is_empty()
    );
}

#[test]
fn a_date_with_a_months_name_is_written_as_the_other_language_does() {
    let other = |text: &str, l| entities::find(text, l).into_iter().find_map(|e| e.other);
    let is = |text: &str| Some(text.to_owned());
    assert_eq!(
        other("el 3 de marzo de 2026", Language::Es),
        is("3 March 2026")
    );
    assert_eq!(other("en marzo de 2026", Language::Es), is("March 2026"));
    assert_eq!(other("el 12 de diciembre", Language::Es), is("12 December"));
    assert_eq!(
        other("on March 3rd, 2026", Language::En),
        is("3 de marzo de 2026")
    );
    assert_eq!(
        other("on 3 March 2026", Language::En),
        is("3 de marzo de 2026")
    );
    assert_eq!(other("el 03/03/2026", Language::Es), None);
}

#[test]
fn shapes_that_are_easily_taken_for_others() {
    let es = Language::Es;
    one("placas abc 123 d de Sonora", es, "abc 123 d", Plate);
    one(
        "escriba a ana.perez@example.org ya",
        es,
        "ana.perez@example.org",
        Reference,
    );
    one(
        "expediente FGR/SON/0123/2026 abierto",
        es,
        "FGR/SON/0123/2026",
        Reference,
    );
    one("son 3 camiones", es, "3", Quantity);
    one("entre 10-12 kg de pasta", es, "10-12 kg", Quantity);
    one("latitud 19.4326 y nada más", es, "19.4326", Coordinate);
    one("temperatura de -3,5 °C", es, "-3,5 °C", Quantity);
    one("la 2ª vez", es, "2ª", Quantity);
    one("٣ cajas", es, "٣", Quantity);
}

proptest! {
    /// Whatever the text: spans are in order and apart, and no digit is left free.
    #[test]
    fn every_digit_belongs_to_an_entity(text in "[a-zA-ZñÁé0-9 .,:;°'\"/+*()@#-]{0,80}|\\PC{0,40}") {
        for language in [Language::Es, Language::En] {
            let all = entities::find(&text, language);
            let mut at = 0;
            for e in &all {
                prop_assert!(e.span.start >= at && e.span.end > e.span.start);
                prop_assert!(!text[at..e.span.start].chars().any(char::is_numeric));
                at = e.span.end;
            }
            prop_assert!(!text[at..].chars().any(char::is_numeric));
        }
    }
}
