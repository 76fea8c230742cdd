//! What is wrong with a watch document, and at which word.

use std::fmt;
use std::ops::Range;

/// A fault of a watch document: where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// The document's name.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column of the word's first character, from 1.
    pub column: usize,
    /// Characters of the word.
    pub length: usize,
    /// Cause and remedy.
    pub what: String,
    /// The line itself.
    pub text: String,
}

impl Fault {
    /// At a range of bytes of the document.
    pub(crate) fn new(file: &str, text: &str, at: Range<usize>, what: String) -> Self {
        let start = floor(text, at.start.min(text.len()));
        let begin = text[..start].rfind('\n').map_or(0, |i| i + 1);
        let end = text[start..].find('\n').map_or(text.len(), |i| start + i);
        let stop = floor(text, at.end.clamp(start, end));
        Self {
            file: file.into(),
            line: text[..start].matches('\n').count() + 1,
            column: text[begin..start].chars().count() + 1,
            length: text[start..stop].chars().count().max(1),
            what,
            text: text[begin..end].trim_end().into(),
        }
    }

    /// Two lines for people: the line of the document, and a caret under the word.
    pub fn snippet(&self) -> String {
        let before = self.text.chars().take(self.column - 1);
        // Tabs keep their width, whatever it is.
        let blank: String = before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        format!("{}\n{blank}{}", self.text, "^".repeat(self.length))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.what
        )
    }
}

/// The nearest boundary of a character at or before a byte.
fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// `; did you mean 'class'?` when a known name is near, else the list of what there is.
pub(crate) fn hint<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let near = known
        .iter()
        .map(|k| (distance(&word.to_lowercase(), k), *k))
        .min();
    match near {
        Some((d, k)) if d <= 2.max(word.len() / 3) && d < k.len() => {
            format!("; did you mean '{k}'?")
        }
        _ if known.is_empty() => String::new(),
        _ => format!("; there are {}", known.join(", ")),
    }
}

/// What the TOML reader says, as a remedy.
pub(crate) fn remedy(message: &str) -> String {
    let first = message.lines().next().unwrap_or("this is not TOML");
    if let Some((field, known)) = first
        .strip_prefix("unknown field `")
        .and_then(|r| r.split_once("`, expected "))
    {
        let names = known.split('`').skip(1).step_by(2);
        return format!("unknown field '{field}'{}", hint(field, names));
    }
    if let Some((word, known)) = first
        .strip_prefix("unknown variant `")
        .and_then(|r| r.split_once("`, expected "))
    {
        let names = known.split('`').skip(1).step_by(2);
        return format!("'{word}' is not known{}", hint(word, names));
    }
    if let Some(field) = first.strip_prefix("missing field `") {
        let field = field.trim_end_matches('`');
        return format!("field '{field}' is missing; add it");
    }
    first.replace('`', "'")
}

/// Least number of characters to change, add, leave out, or swap with the next.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(64).collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i];
        for j in 1..=b.len() {
            let change = row[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_points_at_its_word() {
        let text = "schema = 1\n\twhere = 'ñ clas'\nx";
        let at = text.find("clas").unwrap();
        let fault = Fault::new("w.toml", text, at..at + 4, "no".into());
        assert_eq!((fault.line, fault.column, fault.length), (2, 13, 4));
        assert_eq!(fault.snippet(), "\twhere = 'ñ clas'\n\t           ^^^^");
        // Beyond the end: still a place.
        assert_eq!(Fault::new("w", text, 999..1000, String::new()).line, 3);
    }

    #[test]
    fn near_names_are_offered_and_far_ones_listed() {
        let known = ["class", "zone", "kind"];
        assert_eq!(hint("clas", known), "; did you mean 'class'?");
        assert_eq!(hint("zoen", known), "; did you mean 'zone'?");
        assert_eq!(hint("weather", known), "; there are class, zone, kind");
    }
}
