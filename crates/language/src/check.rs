//! Is everything there, once, and as it was?

use crate::Language;
use regex::Regex;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

/// How an engine broke what it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(crate) enum Broken {
    #[error("lost a placeholder")]
    Lost,
    #[error("doubled a placeholder")]
    Doubled,
    #[error("altered a placeholder or a number")]
    Altered,
}

#[allow(clippy::expect_used, reason = "a constant pattern")]
static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)xq(\d{1,4})x").expect("a pattern of ours"));

/// The placeholders 0..n of a text, each once and nothing like one beside them.
pub(crate) fn tokens(text: &str, n: usize) -> Result<Vec<(Range<usize>, usize)>, Broken> {
    let mut found = Vec::with_capacity(n);
    let mut seen = vec![false; n];
    let mut at = 0;
    for c in TOKEN.captures_iter(text) {
        let (Some(whole), Some(number)) = (c.get(0), c.get(1)) else {
            continue;
        };
        let apart = apart(text, whole.start(), whole.end());
        let number: usize = number.as_str().parse().map_err(|_| Broken::Altered)?;
        if !apart || number >= n || has_digit(&text[at..whole.start()]) {
            return Err(Broken::Altered);
        }
        if std::mem::replace(&mut seen[number], true) {
            return Err(Broken::Doubled);
        }
        found.push((whole.range(), number));
        at = whole.end();
    }
    // Digits first: `XQ1` without its end is altered, not lost.
    if has_digit(&text[at..]) {
        return Err(Broken::Altered);
    }
    if seen.contains(&false) {
        return Err(Broken::Lost);
    }
    Ok(found)
}

/// Words that deny, in lower case. A translation that drops or adds one says the opposite.
const DENIES: [(&str, &[&str]); 2] = [
    (
        "es",
        &[
            "no", "nadie", "nada", "nunca", "jamás", "ningún", "ninguno", "ninguna", "ningunos",
            "ningunas", "ni", "tampoco", "sin",
        ],
    ),
    (
        "en",
        &[
            "no", "not", "nobody", "nothing", "never", "none", "neither", "nor", "nowhere",
            "cannot", "without",
        ],
    ),
];

/// The text says that something is not so.
pub(crate) fn denies(text: &str, language: Language) -> bool {
    let words = DENIES.iter().find(|d| d.0 == language.code());
    let text = text.to_lowercase().replace('’', "'");
    let short = language == Language::En && text.contains("n't");
    short
        || text
            .split(|c: char| !c.is_alphabetic())
            .any(|w| words.is_some_and(|(_, all)| all.contains(&w)))
}

fn has_digit(text: &str) -> bool {
    text.chars().any(char::is_numeric)
}

/// No letter or digit touches the stretch.
pub(crate) fn apart(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// For each wanted text, whether the target holds it as often as it is wanted. A stretch of the target
/// serves one text only; longer texts choose first.
pub(crate) fn present(target: &str, wanted: &[&str]) -> Vec<bool> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(wanted[i].len()), i));
    let mut taken = vec![false; target.len()];
    let mut from: BTreeMap<&str, usize> = BTreeMap::new();
    let mut there = vec![false; wanted.len()];
    for i in order {
        let text = wanted[i];
        let mut at = from.get(text).copied().unwrap_or(0);
        while let Some(k) = target.get(at..).and_then(|rest| rest.find(text)) {
            let (start, end) = (at + k, at + k + text.len());
            at = end;
            if !taken[start..end].contains(&true) && apart(target, start, end) {
                taken[start..end].fill(true);
                there[i] = true;
                break;
            }
        }
        from.insert(text, at);
    }
    there
}
