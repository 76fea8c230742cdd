//! Which of the two languages a text is in: letter triples and function words.
//!
//! Triples as in Cavnar and Trenkle (1994), with log-likelihood ratios in place of ranks: 500 of them, those
//! that tell most, from the Spanish and English texts of a Debian system's programs
//! (`examples/fit_language.rs`). Function words count by themselves, so that a text that has both kinds
//! is not called either.

use crate::Language;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What a text is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// One language.
    Is(Language),
    /// Too short, mixed, or neither.
    Undecided,
}

/// Triple of letters (`_` is a blank) → 10 ln(P(Spanish) / P(English)).
static TRIPLES: LazyLock<BTreeMap<[char; 3], i32>> = LazyLock::new(|| {
    include_str!("trigrams.tsv")
        .lines()
        .filter_map(|l| {
            let (t, w) = l.split_once('\t')?;
            let mut c = t.chars().map(|c| if c == '_' { ' ' } else { c });
            Some(([c.next()?, c.next()?, c.next()?], w.parse().ok()?))
        })
        .collect()
});

/// Words of one language that are not words of the other.
static SPANISH: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    "el la los las de del al en y que se un una unos unas por para con su sus lo le les como más pero este esta estos
     estas ese esa fue son está están era eran hay muy ya desde hasta sobre entre cuando donde sin también porque
     según fueron ha han había sido ser es tiene tres dos cuatro hacia tras quien"
        .split_whitespace()
        .collect()
});
static ENGLISH: LazyLock<BTreeSet<&str>> = LazyLock::new(|| {
    "the of and to in is that it was for on are with as his they at be this from have or had by but what were when
     your can said there which do how if will up about then them these her would him has more no two three near into
     an been their who not she he its"
        .split_whitespace()
        .filter(|w| !["no", "he", "has"].contains(w))
        .collect()
});

/// Fewer letters than this tell nothing.
const LETTERS: usize = 10;
/// Mean evidence (tenths of a nat a letter) from which a text is decided.
const ENOUGH: f64 = 3.0;

/// Says which language a text is in. Texts beyond 16 KiB are judged by their beginning.
pub fn recognise(text: &str) -> Recognised {
    let text: String = text.chars().take(16 * 1024).collect();
    let all = without_particles(
        text.split(|c: char| !c.is_alphabetic())
            .filter(|w| !w.is_empty())
            .collect(),
    );
    let count: usize = all.iter().map(|w| w.chars().count()).sum();
    let (mut spanish, mut english) = (0usize, 0usize);
    for w in &all {
        let w = w.to_lowercase();
        spanish += usize::from(SPANISH.contains(w.as_str()));
        english += usize::from(ENGLISH.contains(w.as_str()));
    }
    let (least, most) = (spanish.min(english), spanish.max(english));
    // One foreign word in a text (a name, a quotation) is no mixture.
    if count < LETTERS || (least >= 2 && least * 4 > most) {
        return Recognised::Undecided;
    }
    // Names say nothing of the language they stand in: words with a capital count when there are no others.
    let common: Vec<&str> = all
        .iter()
        .filter(|w| !w.starts_with(char::is_uppercase))
        .copied()
        .collect();
    let told = if common.is_empty() { all } else { common };
    let chars: Vec<char> = format!(" {} ", told.join(" "))
        .to_lowercase()
        .chars()
        .collect();
    let triples: i32 = chars
        .windows(3)
        .filter_map(|w| TRIPLES.get(&[w[0], w[1], w[2]]))
        .sum();
    let words = 40.0 * (spanish as f64 - english as f64);
    let evidence = (f64::from(triples) + words) / chars.len() as f64;
    if evidence >= ENOUGH {
        Recognised::Is(Language::Es)
    } else if evidence <= -ENOUGH {
        Recognised::Is(Language::En)
    } else {
        Recognised::Undecided
    }
}

/// Without what joins the words of a name ("Juan Carlos de la Cruz"): it is Spanish in an English text too.
fn without_particles(words: Vec<&str>) -> Vec<&str> {
    let capital = |w: &&str| w.starts_with(char::is_uppercase);
    let mut out = Vec::with_capacity(words.len());
    let mut i = 0;
    while i < words.len() {
        out.push(words[i]);
        let joints = words[i + 1..]
            .iter()
            .take_while(|w| ["de", "del", "la", "las", "los", "y", "of"].contains(w))
            .count();
        let name =
            capital(&words[i]) && joints <= 3 && words.get(i + 1 + joints).is_some_and(capital);
        i += 1 + if name { joints } else { 0 };
    }
    out
}
