//! Lines of text from outside, bounded.

use std::io::{self, BufRead, Read};

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

/// The longest line that is read, in bytes.
const LIMIT: u64 = 64 * 1024;

/// Reads lines of at most 64 KiB; ends of line may be LF or CR LF.
pub struct Lines<R> {
    reader: R,
    file: String,
    line: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// Lines of a reader; `file` is what errors call it.
    pub fn new(reader: R, file: &str) -> Self {
        Self {
            reader,
            file: file.to_owned(),
            line: 0,
            buffer: Vec::new(),
        }
    }

    /// An error at the line read last.
    pub fn error(&self, what: impl Into<String>) -> ReadError {
        ReadError {
            file: self.file.clone(),
            line: self.line.max(1),
            what: what.into(),
        }
    }

    /// The next line, without its end.
    pub fn next_line(&mut self) -> Result<Option<String>, ReadError> {
        self.buffer.clear();
        self.line += 1;
        let read = loop {
            match (&mut self.reader)
                .take(LIMIT + 2)
                .read_until(b'\n', &mut self.buffer)
            {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        if let Err(e) = read {
            return Err(self.error(format!("can't be read: {e}; check the file")));
        }
        if self.buffer.is_empty() {
            return Ok(None);
        }
        for end in [b'\n', b'\r'] {
            if self.buffer.last() == Some(&end) {
                self.buffer.pop();
            }
        }
        if self.buffer.len() as u64 > LIMIT {
            return Err(self.error(format!(
                "the line is longer than {LIMIT} bytes; is this text, one paragraph a line?"
            )));
        }
        match std::str::from_utf8(&self.buffer) {
            Ok(text) if self.line == 1 => {
                Ok(Some(text.strip_prefix('\u{feff}').unwrap_or(text).into()))
            }
            Ok(text) => Ok(Some(text.to_owned())),
            Err(_) => Err(self.error("not UTF-8; save the file as UTF-8")),
        }
    }
}
