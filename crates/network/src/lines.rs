//! Lines of text from outside, bounded.

use std::io::{self, BufRead};

/// What is wrong with an input: file, line, cause, remedy, on one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {what}")]
pub struct ReadError {
    /// The input's name.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Cause and remedy.
    pub what: String,
}

/// Reads lines of at most so many bytes; ends of line may be LF or CR LF.
pub(crate) struct Lines<R> {
    reader: R,
    file: String,
    line: u64,
    limit: usize,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(reader: R, file: &str, limit: usize) -> Self {
        Self {
            reader,
            file: file.to_owned(),
            line: 0,
            limit,
            buffer: Vec::new(),
        }
    }

    /// An error at the line read last.
    pub(crate) fn error(&self, what: impl Into<String>) -> ReadError {
        ReadError {
            file: self.file.clone(),
            line: self.line.max(1),
            what: what.into(),
        }
    }

    /// The next line, without its end.
    pub(crate) fn next(&mut self) -> Result<Option<&str>, ReadError> {
        self.buffer.clear();
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(c) => c,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => {
                    self.line += 1;
                    return Err(self.error(format!("can't be read: {e}; check the file")));
                }
            };
            if chunk.is_empty() {
                if self.buffer.is_empty() {
                    return Ok(None);
                }
                break;
            }
            let end = chunk.iter().position(|b| *b == b'\n');
            let taken = end.unwrap_or(chunk.len());
            self.buffer.extend_from_slice(&chunk[..taken]);
            self.reader.consume(taken + usize::from(end.is_some()));
            if self.buffer.len() > self.limit {
                self.line += 1;
                return Err(self.error(format!(
                    "the line is longer than {} bytes; is this a text file with one record a line?",
                    self.limit
                )));
            }
            if end.is_some() {
                break;
            }
        }
        self.line += 1;
        if self.buffer.last() == Some(&b'\r') {
            self.buffer.pop();
        }
        let bom: &[u8] = b"\xef\xbb\xbf";
        let skip = if self.line == 1 && self.buffer.starts_with(bom) {
            bom.len()
        } else {
            0
        };
        match std::str::from_utf8(&self.buffer[skip..]) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(ReadError {
                file: self.file.clone(),
                line: self.line,
                what: "not UTF-8; save the file as UTF-8".into(),
            }),
        }
    }
}

/// Splits a line of a table (RFC 4180, but a cell ends on its line) into `cells`, which keeps its
/// room. The error says what is wrong.
pub(crate) fn split(line: &str, cells: &mut Cells) -> Result<(), &'static str> {
    cells.text.clear();
    cells.ends.clear();
    let mut rest = line;
    loop {
        let trimmed = rest.trim_start_matches([' ', '\t']);
        if let Some(quoted) = trimmed.strip_prefix('"') {
            let mut inside = quoted;
            loop {
                let Some(end) = inside.find('"') else {
                    return Err("a quote is not closed on its line; close it with \"");
                };
                cells.text.push_str(&inside[..end]);
                inside = &inside[end + 1..];
                match inside.strip_prefix('"') {
                    Some(more) => {
                        cells.text.push('"');
                        inside = more;
                    }
                    None => break,
                }
            }
            rest = inside.trim_start_matches([' ', '\t']);
            if !rest.is_empty() && !rest.starts_with(',') {
                return Err("there is text after a closing quote; double quotes inside a cell");
            }
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            cells.text.push_str(rest[..end].trim());
            rest = &rest[end..];
        }
        cells.ends.push(cells.text.len());
        match rest.strip_prefix(',') {
            Some(more) => rest = more,
            None => return Ok(()),
        }
    }
}

/// The cells of a line.
#[derive(Default)]
pub(crate) struct Cells {
    text: String,
    ends: Vec<usize>,
}

impl Cells {
    /// A cell; empty beyond the last.
    pub(crate) fn get(&self, i: usize) -> &str {
        match self.ends.get(i) {
            Some(&end) => {
                let start = if i == 0 { 0 } else { self.ends[i - 1] };
                &self.text[start..end]
            }
            None => "",
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i))
    }
}

/// A cell as a table needs it: in quotes where it would be misread.
pub fn quoted(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.contains([',', '"', '\n', '\r'])
        || cell.starts_with([' ', '\t'])
        || cell.ends_with([' ', '\t'])
    {
        // A cell ends on its line: a line break inside becomes a blank.
        let text = cell.replace(['\n', '\r'], " ").replace('"', "\"\"");
        format!("\"{text}\"").into()
    } else {
        cell.into()
    }
}
