//! Reading TOML so that every fault has its line.

use toml::de::{DeTable, DeValue};

/// What is wrong with a document: one line with place, cause and remedy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct DocumentError {
    /// The document's name.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Cause and remedy.
    pub what: String,
}

/// A fault of a value: where it stands (`plan.wind.speed_m_s`, `plan.no_fly.1.polygon`) and what is
/// wrong with it.
pub(crate) type Fault = (String, String);

/// Reads a document and checks it.
pub(crate) fn read<T: serde::de::DeserializeOwned>(
    file: &str,
    text: &str,
    check: impl Fn(&T) -> Result<(), Fault>,
) -> Result<T, DocumentError> {
    let fail = |line, what: String| DocumentError {
        file: file.into(),
        line,
        what,
    };
    let value: T = toml::from_str(text).map_err(|e| {
        let line = e.span().map_or(1, |s| line_of(text, s.start));
        fail(line, remedy(e.message()))
    })?;
    check(&value).map_err(|(path, what)| fail(locate(text, &path), what))?;
    Ok(value)
}

fn line_of(text: &str, byte: usize) -> usize {
    let byte = byte.min(text.len());
    1 + text.as_bytes()[..byte]
        .iter()
        .filter(|b| **b == b'\n')
        .count()
}

/// The parser's words on one line, with what to do.
fn remedy(message: &str) -> String {
    let words = message.split_whitespace().collect::<Vec<_>>().join(" ");
    let add = if words.contains("missing field") {
        "; add it"
    } else if words.contains("unknown field") {
        "; remove it or correct its name"
    } else {
        ""
    };
    format!("{words}{add}")
}

/// The line of a value; of the nearest table around it when it isn't written.
fn locate(text: &str, path: &str) -> usize {
    let Ok(document) = DeTable::parse(text) else {
        return 1;
    };
    let mut at = document.span().start;
    let mut table = Some(document.get_ref());
    let mut list = None;
    for step in path.split('.') {
        let next = match (table, list) {
            (Some(t), _) => t.get(step),
            (None, Some(l)) => {
                let l: &toml::de::DeArray<'_> = l;
                step.parse::<usize>().ok().and_then(|i| l.get(i))
            }
            _ => None,
        };
        let Some(value) = next else { break };
        at = value.span().start;
        (table, list) = match value.get_ref() {
            DeValue::Table(t) => (Some(t), None),
            DeValue::Array(a) => (None, Some(a)),
            _ => (None, None),
        };
    }
    line_of(text, at)
}

/// Checks that a number is within limits.
pub(crate) fn within(path: &str, value: f64, least: f64, most: f64) -> Result<(), Fault> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let name = path.rsplit('.').next().unwrap_or(path);
    Err((
        path.into(),
        format!("{name} = {value} is out of range; give {least} to {most}"),
    ))
}

/// Checks a position in degrees.
pub(crate) fn lon_lat(path: &str, p: &[f64; 2]) -> Result<(), Fault> {
    if p[0].abs() <= 180.0 && p[1].abs() < 89.0 {
        return Ok(());
    }
    Err((
        path.into(),
        format!(
            "[{}, {}] is not [longitude, latitude] in degrees; check the order",
            p[0], p[1]
        ),
    ))
}
