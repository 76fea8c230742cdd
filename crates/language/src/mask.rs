//! What must not be translated, replaced by words that no engine knows, and put back.
//!
//! The form was chosen by trying: Apertium passes `XQ0X` on as an unknown noun in both directions, also
//! at the start of a sentence, in brackets and before a genitive, and moves it with its phrase. Tags,
//! symbols in brackets and numbers survive as well, but do not take part in the grammar.

use crate::check::{Broken, tokens};
use std::ops::Range;

/// A stretch of the source that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    /// Bytes of the source.
    pub span: Range<usize>,
    /// What stands in its place in the translation.
    pub shown: String,
}

pub(crate) fn placeholder(n: usize) -> String {
    format!("XQ{n}X")
}

/// A stretch of `source` with the slots inside it (sorted, apart from each other) replaced.
pub(crate) fn mask(source: &str, part: Range<usize>, slots: &[Slot]) -> String {
    let mut out = String::with_capacity(part.len());
    let mut at = part.start;
    for (n, s) in slots.iter().enumerate() {
        out.push_str(&source[at..s.span.start]);
        out.push_str(&placeholder(n));
        at = s.span.end;
    }
    out.push_str(&source[at..part.end]);
    out
}

/// Puts back what was masked, if each placeholder is there exactly once and nothing else holds a digit:
/// every digit of the source was masked.
pub(crate) fn restore(rendered: &str, slots: &[Slot]) -> Result<String, Broken> {
    let found = tokens(rendered, slots.len())?;
    let mut out = String::with_capacity(rendered.len() * 2);
    let mut at = 0;
    for (span, n) in found {
        out.push_str(&rendered[at..span.start]);
        out.push_str(&slots[n].shown);
        at = span.end;
    }
    out.push_str(&rendered[at..]);
    Ok(out)
}
