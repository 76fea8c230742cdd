//! The text format between Apertium's programs: which characters are escaped, how a text ends, how
//! unknown words are marked (Apertium wiki, "Apertium stream format"). No process here.

use crate::Rendered;

/// Characters that mean something in the stream.
const RESERVED: &str = "[]{}^$/\\@<>";
/// Characters with which the programs mark words: unknown, or without a form.
const MARKS: &str = "*#";
/// An empty superblank: what stands before it is complete.
const END: &str = "[]";

/// A text as the first program takes it; the zero byte makes every program give out what it has.
pub fn encode(text: &str) -> Vec<u8> {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        // A zero byte would end the text too early, a line break is not ours to send.
        let c = if c.is_control() { ' ' } else { c };
        if MARKS.contains(c) {
            // As formatting it goes through untouched, and is no mark of theirs on the way back.
            out.extend(['[', c, ']']);
            continue;
        }
        if RESERVED.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out.push_str(END);
    out.push('\0');
    out.into_bytes()
}

/// What the last program gave, up to its zero byte. `None` when it is not text, or does not end as it
/// was made to.
pub fn decode(bytes: &[u8]) -> Option<Rendered> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix(END)?;
    let mut out = String::with_capacity(text.len());
    let mut unknown = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            // A superblank: formatting, of which there is only our own.
            '[' | ']' => {}
            '*' | '#' if chars.peek() == Some(&']') => out.push(c),
            // A word that was not known, or of which no form was known; signs of the source are in superblanks.
            '*' | '#' | '@' if chars.peek().is_some_and(|n| n.is_alphabetic()) => {
                let mut word = String::new();
                while let Some(n) = chars.next_if(|n| n.is_alphanumeric() || *n == '-') {
                    word.push(n);
                }
                out.push_str(&word);
                unknown.push(word);
            }
            _ => out.push(c),
        }
    }
    Some(Rendered { text: out, unknown })
}
