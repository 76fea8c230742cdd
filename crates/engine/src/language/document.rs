//! Documents: their paragraphs out of text, Word and PDF files, and both languages side by side.

use super::said::{Line, Sentence, by_whom};
use atalaya_language::{Entry, Language, document, write_tmx};
use std::fmt::Write;

/// The largest file, bytes.
pub const LARGEST_FILE: usize = 8 << 20;
/// The most paragraphs of a document, blank ones included.
pub const MOST_PARAGRAPHS: usize = 5000;
/// The longest text of a document, characters: some 33,000 words.
pub const LONGEST_DOCUMENT: usize = 200_000;

/// Takes the text out of a PDF, wherever that is done; the error is one line.
pub type ReadPdf = Box<dyn Fn(&[u8]) -> Result<String, String> + Send + Sync>;

/// A document's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentText {
    /// `text`, `word` or `pdf`.
    pub kind: &'static str,
    /// Paragraphs in order; blank ones are left out but for one between others.
    pub paragraphs: Vec<String>,
}

/// Why a file has no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DocumentError(String);

/// The paragraphs of a file.
pub fn read_document(bytes: &[u8], pdf: Option<&ReadPdf>) -> Result<DocumentText, DocumentError> {
    let no = |why: String| Err(DocumentError(why));
    if bytes.len() > LARGEST_FILE {
        return no(format!(
            "the file has {} bytes; {LARGEST_FILE} at most: split the document",
            bytes.len()
        ));
    }
    let (kind, raw) = match document::kind(bytes) {
        document::Kind::Text => {
            let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let Ok(text) = std::str::from_utf8(bare) else {
                return no(
                    "neither a Word document, nor PDF, nor UTF-8 text; save it as one of them"
                        .into(),
                );
            };
            if text.contains('\0') {
                return no("not text; save it as UTF-8 text, .docx or PDF".into());
            }
            ("text", text.lines().map(str::to_owned).collect())
        }
        document::Kind::Word => {
            let read = document::paragraphs(bytes).map_err(|e| DocumentError(e.to_string()))?;
            ("word", read)
        }
        document::Kind::Pdf => {
            let Some(pdf) = pdf else {
                return no(
                    "PDF is not read here; take its text out first (Debian package poppler-utils: pdftotext FILE.pdf)"
                        .into(),
                );
            };
            (
                "pdf",
                document::unwrapped(&pdf(bytes).map_err(DocumentError)?),
            )
        }
        document::Kind::OldWord => {
            return no("an old Word document is not read; save it as .docx or as text".into());
        }
    };
    let mut paragraphs: Vec<String> = Vec::with_capacity(raw.len());
    let mut characters = 0;
    for p in raw {
        // Control characters have no place in a text, and would break what is written of it.
        let p: String = p
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let p = p.trim_end().to_owned();
        let blank = p.trim().is_empty();
        if blank && paragraphs.last().is_none_or(|l| l.is_empty()) {
            continue;
        }
        characters += p.chars().count();
        paragraphs.push(if blank { String::new() } else { p });
    }
    while paragraphs.last().is_some_and(String::is_empty) {
        paragraphs.pop();
    }
    if paragraphs.is_empty() {
        return no("there is no text in it; is it a scan? Recognise its text first".into());
    }
    if characters > LONGEST_DOCUMENT || paragraphs.len() > MOST_PARAGRAPHS {
        return no(format!(
            "its text has {characters} characters in {} paragraphs; {LONGEST_DOCUMENT} in {MOST_PARAGRAPHS} at most: split the document",
            paragraphs.len()
        ));
    }
    Ok(DocumentText { kind, paragraphs })
}

/// What stands above both languages side by side, in the language that is translated to.
struct Words {
    machine: &'static str,
    holds: &'static str,
    marks: &'static str,
    original: &'static str,
    translation: &'static str,
    by: &'static str,
}

const EN: Words = Words {
    machine: "MACHINE TRANSLATION, not read by a person unless marked",
    holds: "The original holds.",
    marks: "= corrected by a person    ! look at it: something could not be checked    ~ by machine",
    original: "ORIGINAL",
    translation: "TRANSLATION",
    by: "Translated by",
};
const ES: Words = Words {
    machine: "TRADUCCIÓN AUTOMÁTICA, no leída por una persona salvo donde se indica",
    holds: "Vale el original.",
    marks: "= corregido por una persona    ! revíselo: algo no se pudo comprobar    ~ por máquina",
    original: "ORIGINAL",
    translation: "TRADUCCIÓN",
    by: "Traducido por",
};

/// Characters of a column.
const COLUMN: usize = 60;

/// Both languages side by side as text: sentence by sentence, each translation with its mark.
pub fn side_by_side(name: &str, sha256: &str, to: Language, lines: &[Line]) -> String {
    let w = match to {
        Language::En => &EN,
        Language::Es => &ES,
    };
    let by = by_whom(lines.iter().flat_map(|l| &l.sentences));
    let mut out = String::new();
    // Writing to a string does not fail, here and below.
    let _ = write!(
        out,
        "{name}\nSHA-256 {sha256}\n{} → {}\n\n{}\n{}: {by}. {}\n{}\n\n",
        to.other().code(),
        to.code(),
        w.machine,
        w.by,
        w.holds,
        w.marks,
    );
    let rule = "-".repeat(COLUMN);
    let _ = writeln!(out, "{:<COLUMN$}    {}", w.original, w.translation);
    let _ = writeln!(out, "{rule}    {rule}");
    for line in lines {
        for s in &line.sentences {
            let (left, right) = (wrapped(&s.source), wrapped(&s.target));
            for i in 0..left.len().max(right.len()) {
                let cell = |c: &[String]| c.get(i).cloned().unwrap_or_default();
                let (l, r) = (cell(&left), cell(&right));
                let pad = COLUMN.saturating_sub(l.chars().count());
                let sign = if i == 0 { mark(s) } else { ' ' };
                let row = format!("{l}{}  {sign} {r}", " ".repeat(pad));
                let _ = writeln!(out, "{}", row.trim_end());
            }
        }
        out.push('\n');
    }
    out
}

/// `=` a person's, `!` to be looked at, `~` a machine's.
fn mark(s: &Sentence) -> char {
    match (&s.correction, s.flags.is_empty()) {
        (_, false) => '!',
        (Some(_), true) => '=',
        (None, true) => '~',
    }
}

/// A text in lines of a column; a word that is longer is cut.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut room = COLUMN;
    for word in text.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        if room < COLUMN && letters.len() + 1 > room {
            lines.push(std::mem::take(&mut line));
            room = COLUMN;
        }
        for piece in letters.chunks(COLUMN) {
            if room < COLUMN && piece.len() > room.saturating_sub(1) {
                lines.push(std::mem::take(&mut line));
                room = COLUMN;
            }
            if room < COLUMN {
                line.push(' ');
                room -= 1;
            }
            line.extend(piece);
            room -= piece.len();
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// The sentences as TMX: people's with their names, a machine's marked as such.
pub fn document_tmx(from: Language, lines: &[Line]) -> Vec<u8> {
    let entries: Vec<Entry> = lines
        .iter()
        .flat_map(|l| &l.sentences)
        .filter(|s| s.source.chars().any(char::is_alphabetic))
        .map(|s| {
            let mut e = Entry::of_machine(from, &s.source, &s.target, &s.engine);
            if let Some(c) = s.correction.as_ref().filter(|_| !s.is_machine()) {
                e.author = c.author.clone();
            }
            e
        })
        .collect();
    tmx(&entries)
}

/// Entries as TMX.
pub fn tmx(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    // Writing to memory does not fail.
    let _ = write_tmx(entries, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(source: &str, target: &str) -> Sentence {
        Sentence {
            before: String::new(),
            source: source.into(),
            target: target.into(),
            engine: "apertium".into(),
            flags: Vec::new(),
            kept: Vec::new(),
            terms: Vec::new(),
            suggestions: Vec::new(),
            correction: None,
        }
    }

    #[test]
    fn text_and_pdf_become_paragraphs() {
        let read = read_document("\u{feff}Uno\r\n\n\n\tdos\u{7}\n\n".as_bytes(), None).unwrap();
        assert_eq!(
            (read.kind, read.paragraphs),
            (
                "text",
                vec!["Uno".into(), String::new(), "\u{20}dos".into()]
            )
        );
        let pdf: ReadPdf = Box::new(|_| Ok("El ca-\nmión\n\nsalió\n".into()));
        let read = read_document(b"%PDF-1.4", Some(&pdf)).unwrap();
        assert_eq!(
            (read.kind, read.paragraphs),
            ("pdf", vec!["El camión".into(), "salió".into()])
        );
    }

    #[test]
    fn what_has_no_text_is_refused_with_a_reason() {
        let broken: ReadPdf = Box::new(|_| Err("it is encrypted".into()));
        let long = "a ".repeat(LONGEST_DOCUMENT);
        let many = "a\n".repeat(MOST_PARAGRAPHS + 1);
        let large = vec![b'a'; LARGEST_FILE + 1];
        for (bytes, pdf, words) in [
            (&b"%PDF-1.4"[..], None, "poppler-utils"),
            (b"%PDF-1.4", Some(&broken), "it is encrypted"),
            (b"\xd0\xcf\x11\xe0", None, "old Word document"),
            (b"\xff\xfe\xfd", None, "nor UTF-8 text"),
            (b"a\0b", None, "not text"),
            (b" \n \n", None, "no text in it"),
            (long.as_bytes(), None, "split the document"),
            (many.as_bytes(), None, "split the document"),
            (&large, None, "split the document"),
        ] {
            let said = read_document(bytes, pdf).unwrap_err().to_string();
            assert!(said.contains(words) && !said.contains('\n'), "{said}");
        }
    }

    #[test]
    fn sides_stand_beside_each_other_with_their_marks() {
        let mut flagged = sentence(&"palabra ".repeat(20), "word");
        flagged.flags.push("unknown word: x".into());
        let lines = [Line {
            sentences: vec![sentence("El camión salió.", "The truck left."), flagged],
            tail: String::new(),
        }];
        let text = side_by_side("nota.txt", "ab", Language::En, &lines);
        let row = text.lines().find(|l| l.starts_with("El camión")).unwrap();
        assert_eq!(row.chars().position(|c| c == '~'), Some(COLUMN + 2));
        assert!(row.ends_with("~ The truck left."), "{row}");
        assert!(
            text.contains("! word") && text.contains("MACHINE TRANSLATION"),
            "{text}"
        );
        assert!(
            text.lines()
                .skip(9)
                .all(|l| l.chars().count() <= 2 * COLUMN + 4),
            "{text}"
        );
        assert_eq!(wrapped(&"x".repeat(130)).len(), 3);
        assert_eq!(wrapped(""), [""]);
    }

    #[test]
    fn tmx_says_what_a_machine_made() {
        let text = String::from_utf8(document_tmx(
            Language::Es,
            &[Line {
                sentences: vec![sentence("El camión", "The truck"), sentence("12", "12")],
                tail: String::new(),
            }],
        ))
        .unwrap();
        assert_eq!(text.matches("<tu ").count(), 1);
        assert!(text.contains("creationid=\"machine: apertium\""), "{text}");
    }
}
