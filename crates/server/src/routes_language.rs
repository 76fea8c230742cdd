//! The routes of translations, documents and the translation memory.

use crate::documents::{self, DocumentRow, DocumentView};
use crate::memory::{self, CorrectedView, CorrectionBody, MemoryView, TmxTakenView};
use crate::routes::{Gives, Param, Route, act, of, param, read};
use crate::translation::{self, TranslationBody, TranslationView};
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

/// Longest document, bytes.
const LONGEST_DOCUMENT: usize = 8 << 20;
/// Longest TMX file, bytes.
const LONGEST_TMX: usize = 20 << 20;

const UPLOAD: &[Param] = &[
    param("name", true, "the file's name"),
    param(
        "from",
        false,
        "its language, es or en; recognised when absent",
    ),
];
const NAME: &[Param] = &[param("name", true, "the file's name")];
const FORMAT: &[Param] = &[param("format", true, "txt or tmx")];

/// Everything in the other language.
pub(crate) fn translating() -> Vec<Route> {
    use Gives::{Bytes, Json};
    vec![
        act(
            "/api/v1/translations",
            "A machine's translation of a text (2000 characters at most) into es or en, with what was kept and what to look at; nothing is stored.",
            Some(of::<TranslationBody>),
            Json(of::<TranslationView>),
            post(translation::translate),
        ),
        read(
            "/api/v1/documents",
            "Documents that were brought to be translated, the latest first.",
            &[],
            Json(of::<Vec<DocumentRow>>),
            get(documents::documents),
        ),
        Route {
            params: UPLOAD,
            ..act(
                "/api/v1/documents",
                "Takes in a document (UTF-8 text, .docx, PDF; 8 MiB at most); the body is the file, of which only the text is kept.",
                None,
                Json(of::<DocumentRow>),
                post(documents::add).layer(DefaultBodyLimit::max(LONGEST_DOCUMENT)),
            )
        },
        read(
            "/api/v1/documents/{n}",
            "A document in both languages, sentence by sentence.",
            &[],
            Json(of::<DocumentView>),
            get(documents::document),
        ),
        read(
            "/api/v1/documents/{n}/export",
            "Both languages side by side as text, or as TMX.",
            FORMAT,
            Bytes("application/octet-stream"),
            get(documents::export),
        ),
        act(
            "/api/v1/documents/{n}/remove",
            "Deletes a document's text; what was corrected in it stays.",
            None,
            Json(of::<Vec<DocumentRow>>),
            post(documents::remove),
        ),
        read(
            "/api/v1/memory",
            "The translation memory: how much it holds, the latest corrections, files.",
            &[],
            Json(of::<MemoryView>),
            get(memory::memory),
        ),
        act(
            "/api/v1/memory",
            "Corrects a sentence: from now on it is translated so, in notes, documents and releases.",
            Some(of::<CorrectionBody>),
            Json(of::<CorrectedView>),
            post(memory::correct),
        ),
        act(
            "/api/v1/memory/{n}/undo",
            "Takes a correction back.",
            None,
            Json(of::<MemoryView>),
            post(memory::undo),
        ),
        Route {
            params: NAME,
            ..act(
                "/api/v1/memory/import",
                "Takes in a TMX file, 20 MiB at most; the body is the file.",
                None,
                Json(of::<TmxTakenView>),
                post(memory::import).layer(DefaultBodyLimit::max(LONGEST_TMX)),
            )
        },
        act(
            "/api/v1/memory/files/{n}/undo",
            "Takes a TMX file back, with all that came with it.",
            None,
            Json(of::<MemoryView>),
            post(memory::undo_file),
        ),
        read(
            "/api/v1/memory/export",
            "All corrections that hold, as TMX.",
            &[],
            Bytes("application/x-tmx+xml"),
            get(memory::export),
        ),
    ]
}
