//! Documents side by side in both languages. The text is stored; its translation is made anew for every
//! look, with what people have corrected by then.

use crate::auth::Caller;
use crate::error::{Answer, ApiError, Asked};
use crate::serve::App;
use crate::translation::{ParagraphView, language, waited};
use atalaya_engine::language::{
    Language, Line, Recognised, by_whom, document_tmx, recognise, side_by_side,
};
use atalaya_store::{Author, NewDocument, StoredDocument};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Longest name of a file, characters.
const LONGEST_NAME: usize = 200;

/// A document, without its text.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DocumentRow {
    n: i64,
    name: String,
    /// `text`, `word`, `pdf`.
    kind: String,
    /// Of the file, hex.
    sha256: String,
    /// Language of the text.
    lang: String,
    by: Author,
    at_us: i64,
}

/// A document in both languages.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DocumentView {
    document: DocumentRow,
    /// Language of the translation.
    to: &'static str,
    /// Whose work the translation is.
    engine: String,
    /// Words of the text.
    words: usize,
    /// Sentences with letters, of them those that a person has to look at, and those that people corrected.
    sentences: usize,
    flagged: usize,
    corrected: usize,
    paragraphs: Vec<ParagraphView>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct UploadQuery {
    name: String,
    from: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ExportQuery {
    format: String,
}

fn row(s: StoredDocument) -> DocumentRow {
    DocumentRow {
        n: s.n,
        name: s.document.name,
        kind: s.document.kind,
        sha256: s.document.sha256,
        lang: s.document.lang,
        by: s.author,
        at_us: s.at.0,
    }
}

/// A file's name as it may be shown and written: one line, no folders.
pub(crate) fn file_name(name: &str) -> Result<String, ApiError> {
    let name: String = name
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(ApiError::bad(format!(
            "a file needs a name of {LONGEST_NAME} characters at most"
        )));
    }
    Ok(name.to_owned())
}

pub(crate) fn sha256_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

/// A file for the caller to keep.
pub(crate) fn download(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._- ".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let headers = [
        (CONTENT_TYPE, kind.to_owned()),
        (
            CONTENT_DISPOSITION,
            format!("attachment; filename=\"{plain}\""),
        ),
    ];
    (headers, bytes).into_response()
}

/// `GET /api/v1/documents`.
pub(crate) async fn documents(State(app): State<App>, _: Caller) -> Answer<Vec<DocumentRow>> {
    let all = app.store.documents().await?;
    Ok(Json(all.into_iter().map(row).collect()))
}

/// `POST /api/v1/documents?name&from`: the body is the file.
pub(crate) async fn add(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Asked(q): Asked<UploadQuery>,
    body: Bytes,
) -> Answer<DocumentRow> {
    let name = file_name(&q.name)?;
    let said = q.from.as_deref().map(|l| language("from", l)).transpose()?;
    let interpreter = app.interpreter.clone();
    let sha256 = sha256_of(&body);
    let read = waited(move || interpreter.read_document(&body)).await?;
    let read = read.map_err(|e| ApiError::bad(format!("{name}: {e}")))?;
    let lang = match (said, recognise(&read.paragraphs.join("\n"))) {
        (Some(l), _) | (None, Recognised::Is(l)) => l,
        (None, Recognised::Undecided) => {
            return Err(ApiError::bad(format!(
                "{name}: its language can't be told; say which with from=es or from=en"
            )));
        }
    };
    let new = NewDocument {
        name,
        kind: read.kind.into(),
        sha256,
        lang: lang.code().into(),
        paragraphs: read.paragraphs,
    };
    let n = app.store.add_document(&new, &author).await?;
    Ok(Json(row(app.store.document(n).await?)))
}

/// A document and its translation.
async fn translated(app: &App, n: i64) -> Result<(StoredDocument, Language, Vec<Line>), ApiError> {
    let mut stored = app.store.document(n).await?;
    let from = language("language", &stored.document.lang)?;
    let paragraphs = std::mem::take(&mut stored.document.paragraphs);
    let interpreter = app.interpreter.clone();
    let lines = waited(move || interpreter.interpret_document(&paragraphs, from)).await??;
    Ok((stored, from, lines))
}

/// `GET /api/v1/documents/{n}`. Reading it is an act.
pub(crate) async fn document(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(n): Path<i64>,
) -> Answer<DocumentView> {
    let (stored, from, lines) = translated(&app, n).await?;
    app.store
        .note_act(&author, "document.view", &n.to_string(), &())
        .await?;
    let sentences = || lines.iter().flat_map(|l| &l.sentences);
    let worded = || sentences().filter(|s| s.source.chars().any(char::is_alphabetic));
    Ok(Json(DocumentView {
        document: row(stored),
        to: from.other().code(),
        engine: by_whom(sentences()),
        words: sentences()
            .map(|s| s.source.split_whitespace().count())
            .sum(),
        sentences: worded().count(),
        flagged: worded().filter(|s| !s.flags.is_empty()).count(),
        corrected: worded().filter(|s| s.correction.is_some()).count(),
        paragraphs: lines.iter().map(ParagraphView::from).collect(),
    }))
}

/// `GET /api/v1/documents/{n}/export?format`: both languages, as text or TMX. An act.
pub(crate) async fn export(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(n): Path<i64>,
    Asked(q): Asked<ExportQuery>,
) -> Result<Response, ApiError> {
    if !matches!(q.format.as_str(), "txt" | "tmx") {
        let short: String = q.format.chars().take(40).collect();
        return Err(ApiError::bad(format!(
            "a document is not written as '{short}'; use txt or tmx"
        )));
    }
    let (stored, from, lines) = translated(&app, n).await?;
    let act = ("document.export", n.to_string());
    app.store
        .note_act(&author, act.0, &act.1, &q.format)
        .await?;
    let d = stored.document;
    let name = format!("{}.{}", d.name, q.format);
    Ok(if q.format == "tmx" {
        download(&name, "application/x-tmx+xml", document_tmx(from, &lines))
    } else {
        let text = side_by_side(&d.name, &d.sha256, from.other(), &lines);
        download(&name, "text/plain; charset=utf-8", text.into_bytes())
    })
}

/// `POST /api/v1/documents/{n}/remove`: its text is deleted.
pub(crate) async fn remove(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(n): Path<i64>,
) -> Answer<Vec<DocumentRow>> {
    app.store.remove_document(n, &author).await?;
    let all = app.store.documents().await?;
    Ok(Json(all.into_iter().map(row).collect()))
}
