//! Proper names: capitals where none are due, lists of frequent names, and the words around them.
//!
//! In both languages a capital inside a sentence nearly always begins a name. At the start of a sentence
//! lists decide; in a line of capitals only lists do. A name that is missed here and that the engine
//! does not know stays as it is; one that is an ordinary word too (Flores, Reyes) is in the lists.

use super::lists::{
    GIVEN, ORGANISATION_WORDS, PLACE_BEFORE, PLACE_WORDS, PLACES, SURNAMES, TITLES, fold, ordinary,
};
use super::{EntityKind, Taken};
use crate::Language;
use std::ops::Range;

struct Word<'a> {
    text: &'a str,
    span: Range<usize>,
    folded: String,
    /// First of its sentence.
    begins: bool,
    /// Nothing but one blank or hyphen between it and the word before.
    joined: bool,
    free: bool,
}

impl Word<'_> {
    fn capital(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }

    fn acronym(&self) -> bool {
        self.text.chars().count() >= 2 && self.text.chars().all(|c| c.is_uppercase() || c == '.')
    }

    fn listed(&self) -> bool {
        GIVEN.contains(&self.folded) || SURNAMES.contains(&self.folded)
    }
}

/// How many words the longest place of the lists has.
const LONGEST_PLACE: usize = 5;
const PARTICLES: [&str; 9] = ["de", "del", "la", "las", "los", "von", "van", "da", "of"];

pub(super) fn find(text: &str, language: Language, taken: &mut Taken) {
    let words = words(text, taken);
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = text.chars().filter(|c| c.is_uppercase()).count();
    let shouted = letters >= 12 && capitals * 10 > letters * 7;
    let mut i = 0;
    while i < words.len() {
        let end = if !words[i].free {
            None
        } else if let Some(end) = place(&words, i, shouted) {
            taken.take(span(&words, i, end), EntityKind::Place, None);
            Some(end)
        } else if shouted {
            listed(&words, i).inspect(|&end| {
                taken.take(span(&words, i, end), EntityKind::Person, None);
            })
        } else if words[i].capital() {
            run(&words, i, language).map(|(from, end)| {
                let kind = kind(&words, from, end);
                taken.take(span(&words, from, end), kind, None);
                end
            })
        } else {
            // Notes are often written without capitals: a given name and a family name together.
            listed(&words, i)
                .filter(|end| end - i >= 2)
                .inspect(|&end| {
                    taken.take(span(&words, i, end), EntityKind::Person, None);
                })
        };
        i = end.map_or(i + 1, |e| e.max(i + 1));
    }
}

fn span(words: &[Word<'_>], from: usize, end: usize) -> Range<usize> {
    words[from].span.start..words[end - 1].span.end
}

fn words<'a>(text: &'a str, taken: &Taken) -> Vec<Word<'a>> {
    let mut out: Vec<Word<'a>> = Vec::new();
    let mut at = 0;
    let mut last = 0;
    while let Some(k) = text[at..].find(char::is_alphabetic) {
        let start = at + k;
        let rest = &text[start..];
        let mut len = rest
            .find(|c: char| !(c.is_alphanumeric() || "'’.\u{301}\u{303}".contains(c)))
            .unwrap_or(rest.len());
        // A full stop belongs to an initial or an acronym ("J.", "S.A."), not to the end of a sentence.
        let mut word = &rest[..len];
        let dotted = word.split('.').all(|p| p.chars().count() <= 2) && word.contains('.');
        // Nor does one behind something that is no name ("80.19° W. El camión").
        let initial =
            word.ends_with('.') && word.chars().count() == 2 && taken.free(&(start..start + 1));
        if !(dotted && (initial || word.matches('.').count() >= 2)) {
            len = word.find('.').unwrap_or(len);
            word = &rest[..len];
        }
        // A genitive's ending is not part of the name.
        for ending in ["'s", "’s", "'", "’"] {
            word = word.strip_suffix(ending).unwrap_or(word);
        }
        let span = start..start + word.len();
        let between = &text[last..start];
        let free = taken.free(&span);
        let begins = out.is_empty() && !text[..start].chars().any(char::is_alphanumeric)
            || between
                .trim_end_matches(['"', '“', '«', '(', '[', '¿', '¡', '\'', '-', '–', '—', ' '])
                .ends_with(['.', '?', '!', '…', ':', '•', '\t'])
            || between.contains(['¿', '¡', '•']);
        out.push(Word {
            text: word,
            folded: fold(word),
            begins,
            joined: !out.is_empty() && (between == " " || between == "-"),
            free,
            span: span.clone(),
        });
        last = span.end;
        at = start + len.max(word.len());
    }
    out
}

/// The end of a place of the lists that begins here.
fn place(words: &[Word<'_>], i: usize, shouted: bool) -> Option<usize> {
    if !words[i].capital() {
        return None;
    }
    (1..=LONGEST_PLACE.min(words.len() - i))
        .rev()
        .find_map(|n| {
            let some = &words[i..i + n];
            let joined = some[1..].iter().all(|w| w.joined && w.free);
            let name: Vec<&str> = some.iter().map(|w| w.folded.as_str()).collect();
            if !joined || !PLACES.contains(&name.join(" ")) && !PLACES.contains(&name.join("-")) {
                return None;
            }
            // "Valencia López" is somebody, "Santiago" may be; behind a given name it is a family name.
            let next = words.get(i + n);
            let person = n == 1
                && (some[0].listed() && next.is_some_and(|w| w.joined && w.capital() && !w.begins)
                    || i > 0
                        && words[i].joined
                        && words[i - 1].capital()
                        && GIVEN.contains(&words[i - 1].folded));
            let longer = !shouted && next.is_some_and(|w| w.joined && w.free && w.capital());
            if person || (longer && n == 1) {
                None
            } else {
                Some(i + n)
            }
        })
}

/// The end of a run of listed names that begins with a given name; one alone counts in capitals.
fn listed(words: &[Word<'_>], i: usize) -> Option<usize> {
    if !GIVEN.contains(&words[i].folded) {
        return None;
    }
    let more = words[i + 1..]
        .iter()
        .take_while(|w| w.joined && w.free && w.listed())
        .count();
    let family = words[i + 1..i + 1 + more]
        .iter()
        .any(|w| SURNAMES.contains(&w.folded));
    (family || words[i].capital()).then_some(i + 1 + more)
}

/// A run of capitals from here, with particles inside: where the name begins and ends.
fn run(words: &[Word<'_>], i: usize, language: Language) -> Option<(usize, usize)> {
    let mut end = i + 1;
    loop {
        let mut k = end;
        while words
            .get(k)
            .is_some_and(|w| k < end + 2 && w.joined && PARTICLES.contains(&w.text))
        {
            k += 1;
        }
        let on = |w: &Word<'_>| {
            w.joined && w.free && w.capital() && !ordinary(&w.folded, false, language)
        };
        match words.get(k) {
            Some(w) if on(w) => end = k + 1,
            _ => break,
        }
    }
    let mut from = i;
    let first = &words[i];
    if TITLES.contains(&first.folded) && !first.acronym() {
        // A title is translated; only what follows it is a name.
        from += 1;
    } else if ordinary(&first.folded, first.begins, language) {
        from += 1;
    } else if first.begins && end == i + 1 && !first.listed() && !first.acronym() {
        // One unknown word with the capital that its place demands.
        let title = i > 0 && TITLES.contains(&words[i - 1].folded);
        return title.then_some((i, end));
    } else if first.begins
        && end > i + 1
        && !first.listed()
        && words[i + 1].joined
        && GIVEN.contains(&words[i + 1].folded)
        && !PLACE_WORDS.contains(&first.folded)
    {
        // "Detenido Juan Pérez": an ordinary word before a name.
        from += 1;
    }
    while from < end && PARTICLES.contains(&words[from].text) {
        from += 1;
    }
    // "El" and "La" inside a sentence belong to names such as El Güero only with what follows them.
    let alone =
        end - from == 1 && ["el", "la", "los", "las", "the"].contains(&words[from].folded.as_str());
    (from < end && !alone && words[from..end].iter().all(|w| w.free)).then_some((from, end))
}

fn kind(words: &[Word<'_>], from: usize, end: usize) -> EntityKind {
    let name = &words[from..end];
    let before = from.checked_sub(1).map(|k| words[k].folded.as_str());
    let first = &name[0];
    let one_of =
        |set: &std::collections::BTreeSet<String>| name.iter().any(|w| set.contains(&w.folded));
    let bare = |w: &Word<'_>| ORGANISATION_WORDS.contains(&w.folded.replace('.', ""));
    if before.is_some_and(|b| TITLES.contains(b)) {
        EntityKind::Person
    } else if name.iter().any(bare) || (name.len() == 1 && first.acronym()) {
        EntityKind::Organisation
    } else if PLACE_WORDS.contains(&first.folded)
        || before.is_some_and(|b| PLACE_WORDS.contains(b))
        || name
            .last()
            .is_some_and(|w| PLACE_WORDS.contains(&w.folded) && !w.listed())
        || ["san", "santa", "santo"].contains(&first.folded.as_str())
    {
        EntityKind::Place
    } else if GIVEN.contains(&first.folded) || (name.len() > 1 && one_of(&SURNAMES)) {
        EntityKind::Person
    } else if before.is_some_and(|b| PLACE_BEFORE.contains(b)) {
        EntityKind::Place
    } else if name.len() == 1 && SURNAMES.contains(&first.folded) {
        EntityKind::Person
    } else {
        EntityKind::Name
    }
}
