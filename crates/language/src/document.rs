//! The lines of a document: text as it is, Word (Office Open XML, ISO/IEC 29500-1, 17.3) paragraph by paragraph.

use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::{Cursor, Read};

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text, a paragraph a line.
    Text,
    /// A ZIP archive, which a Word document is.
    Word,
    /// PDF: a program of others takes its text out.
    Pdf,
    /// An old Word document (OLE 2).
    OldWord,
}

/// Tells kinds apart.
pub fn kind(start: &[u8]) -> Kind {
    if start.starts_with(b"PK\x03\x04") {
        Kind::Word
    } else if start.starts_with(b"%PDF") {
        Kind::Pdf
    } else if start.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        Kind::OldWord
    } else {
        Kind::Text
    }
}

/// Why a document has no lines.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct DocumentError(String);

/// The largest file and the largest text inside one, in bytes.
pub const LARGEST: u64 = 64 * 1024 * 1024;
/// The most elements inside each other.
const DEEPEST: usize = 256;

/// The paragraphs of a Word document, in order; empty ones too. Deleted text, field codes and the second
/// versions that are kept for old programs are left out; headers, footers and notes are not read.
pub fn paragraphs(docx: &[u8]) -> Result<Vec<String>, DocumentError> {
    let bad = |e: &dyn std::fmt::Display| {
        DocumentError(format!(
            "not a Word document that can be read: {e}; save it as .docx or as text"
        ))
    };
    let mut archive = zip::ZipArchive::new(Cursor::new(docx)).map_err(|e| bad(&e))?;
    let part = archive
        .by_name("word/document.xml")
        .map_err(|_| bad(&"it has no word/document.xml"))?;
    let mut xml = Vec::new();
    part.take(LARGEST + 1)
        .read_to_end(&mut xml)
        .map_err(|e| bad(&e))?;
    if xml.len() as u64 > LARGEST {
        return Err(bad(&format!("its text is larger than {LARGEST} bytes")));
    }
    let xml = String::from_utf8(xml).map_err(|_| bad(&"its text is not UTF-8"))?;
    read(&xml).map_err(|e| bad(&e))
}

/// The paragraphs of text that was taken out of pages: lines that follow each other are one paragraph, and a
/// word that was parted at a line's end is one word again. Digits are never joined.
pub fn unwrapped(text: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = String::new();
    for line in text.split(['\n', '\u{c}']) {
        let line = line.trim();
        if line.is_empty() {
            if !open.is_empty() {
                done.push(std::mem::take(&mut open));
            }
            continue;
        }
        let parted = open
            .strip_suffix('-')
            .is_some_and(|o| o.ends_with(char::is_alphabetic))
            && line.starts_with(char::is_lowercase);
        if parted {
            open.pop();
        } else if !open.is_empty() {
            open.push(' ');
        }
        open.push_str(line);
    }
    if !open.is_empty() {
        done.push(open);
    }
    done
}

fn read(xml: &str) -> Result<Vec<String>, String> {
    let mut reader = Reader::from_str(xml);
    let mut done = Vec::new();
    // Paragraphs can stand in a text box inside a paragraph.
    let mut open: Vec<String> = Vec::new();
    let mut depth = 0usize;
    let mut fallback: Option<usize> = None;
    let mut in_text = false;
    loop {
        let event = reader.read_event().map_err(|e| e.to_string())?;
        match &event {
            Event::Start(e) => {
                depth += 1;
                if depth > DEEPEST {
                    return Err("its elements stand too deep in each other".into());
                }
                match e.local_name().as_ref() {
                    "Fallback" if fallback.is_none() => fallback = Some(depth),
                    "p" if e.name().as_ref() == "w:p" => open.push(String::new()),
                    "t" if e.name().as_ref() == "w:t" => in_text = true,
                    _ => {}
                }
            }
            Event::Empty(e) if fallback.is_none() => match (e.name().as_ref(), open.last_mut()) {
                ("w:tab" | "w:br" | "w:cr", Some(p)) => p.push(' '),
                ("w:noBreakHyphen", Some(p)) => p.push('-'),
                ("w:p", _) => done.push(String::new()),
                _ => {}
            },
            Event::Text(t) if in_text && fallback.is_none() => {
                if let Some(p) = open.last_mut() {
                    p.push_str(t.as_ref());
                }
            }
            Event::GeneralRef(r) if in_text && fallback.is_none() => {
                if let Some(p) = open.last_mut() {
                    match r.resolve_char_ref().map_err(|e| e.to_string())? {
                        Some(c) => p.push(c),
                        None => {
                            let name: &str = r.as_ref();
                            let known = quick_xml::escape::resolve_predefined_entity(name)
                                .ok_or_else(|| format!("the entity '{name}' is unknown"))?;
                            p.push_str(known);
                        }
                    }
                }
            }
            Event::End(e) => {
                match e.name().as_ref() {
                    "w:t" => in_text = false,
                    "w:p" => {
                        let text = open.pop().unwrap_or_default();
                        if fallback.is_none() {
                            // A line is a line.
                            done.push(text.split(['\n', '\r']).collect::<Vec<_>>().join(" "));
                        }
                    }
                    _ => {}
                }
                if fallback == Some(depth) {
                    fallback = None;
                }
                depth = depth.saturating_sub(1);
            }
            Event::Eof => return Ok(done),
            _ => {}
        }
    }
}
