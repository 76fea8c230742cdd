//! The translation memory: what people have corrected, used before any engine is asked.

use crate::auth::Caller;
use crate::documents::{download, file_name, sha256_of};
use crate::error::{Answer, ApiError, Asked, Said};
use crate::serve::App;
use crate::translation::{language, waited};
use atalaya_engine::language::{Entry, Interpreter, MemoryError, read_tmx, tmx};
use atalaya_store::{
    Author, NewCorrection, Store, StoreError, StoredCorrection, StoredCorrectionFile,
};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Corrections in a list.
const LISTED: u32 = 200;

/// A correction.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CorrectionView {
    n: i64,
    /// Language of the sentence.
    lang: String,
    source: String,
    target: String,
    /// Where it was made.
    origin: String,
    by: Author,
    at_us: i64,
    /// Somebody took it back.
    undone: bool,
}

/// A file of corrections.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CorrectionFileView {
    n: i64,
    name: String,
    sha256: String,
    taken: i64,
    by: Author,
    at_us: i64,
    undone: bool,
}

/// The memory.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct MemoryView {
    /// Corrections that are used.
    held: i64,
    /// The latest that people made one by one, those taken back too.
    corrections: Vec<CorrectionView>,
    /// Files that were taken in.
    files: Vec<CorrectionFileView>,
}

fn view(c: StoredCorrection) -> CorrectionView {
    CorrectionView {
        n: c.n,
        lang: c.body.lang,
        source: c.body.source,
        target: c.body.target,
        origin: c.body.origin,
        by: c.author,
        at_us: c.at.0,
        undone: c.undone,
    }
}

fn file_view(f: StoredCorrectionFile) -> CorrectionFileView {
    CorrectionFileView {
        n: f.n,
        name: f.name,
        sha256: f.sha256,
        taken: f.taken,
        by: f.author,
        at_us: f.at.0,
        undone: f.undone,
    }
}

fn refused(e: MemoryError) -> ApiError {
    ApiError::bad(e.to_string())
}

/// The corrections that hold, as the interpreter knows them.
async fn entries(store: &Store) -> Result<Vec<Entry>, StoreError> {
    let all = store.corrections().await?;
    Ok(all.into_iter().filter_map(entry).collect())
}

fn entry(c: StoredCorrection) -> Option<Entry> {
    let from = language("language", &c.body.lang).ok()?;
    Some(Entry {
        schema: "memory/1".into(),
        from,
        to: from.other(),
        source: c.body.source,
        target: c.body.target,
        author: c.author.name,
        time: Some(c.at),
        n: Some(c.n),
    })
}

/// Gives an interpreter the corrections that a store has: at the start, and when something was taken back or
/// deleted.
pub async fn remember_corrections(
    store: &Store,
    interpreter: &Arc<Interpreter>,
) -> Result<(), StoreError> {
    let all = entries(store).await?;
    let interpreter = interpreter.clone();
    if let Err(e) = tokio::task::spawn_blocking(move || interpreter.remember(all)).await {
        tracing::error!("the translation memory could not be taken in: {e}");
    }
    Ok(())
}

/// `GET /api/v1/memory`.
pub(crate) async fn memory(State(app): State<App>, _: Caller) -> Answer<MemoryView> {
    shown(&app).await
}

async fn shown(app: &App) -> Answer<MemoryView> {
    let corrections = app.store.latest_corrections(LISTED).await?;
    let files = app.store.correction_files().await?;
    Ok(Json(MemoryView {
        held: app.store.count_corrections().await?,
        corrections: corrections.into_iter().map(view).collect(),
        files: files.into_iter().map(file_view).collect(),
    }))
}

/// A correction of a sentence.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorrectionBody {
    /// Language of the sentence, `es` or `en`.
    lang: String,
    /// The sentence.
    source: String,
    /// How it should read in the other language. Names, places, plates, phones, positions, times and
    /// quantities must be in it.
    target: String,
    /// Number of the document it was made in; absent for a note or a release.
    #[serde(default)]
    document: Option<i64>,
}

/// What became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CorrectedView {
    /// Its number.
    n: i64,
}

/// `POST /api/v1/memory`.
pub(crate) async fn correct(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Said(body): Said<CorrectionBody>,
) -> Answer<CorrectedView> {
    let from = language("lang", &body.lang)?;
    let mut entry =
        Entry::checked(from, &body.source, &body.target, &author.name, None).map_err(refused)?;
    let origin = match body.document {
        Some(n) => format!("document {}", app.store.document(n).await?.n),
        None => "text".into(),
    };
    let new = NewCorrection {
        lang: body.lang,
        source: entry.source.clone(),
        target: entry.target.clone(),
        origin,
    };
    let n = app.store.add_correction(&new, &author).await?;
    entry.n = Some(n);
    app.interpreter.learn(vec![entry]).map_err(refused)?;
    Ok(Json(CorrectedView { n }))
}

/// `POST /api/v1/memory/{n}/undo`.
pub(crate) async fn undo(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(n): Path<i64>,
) -> Answer<MemoryView> {
    app.store.undo_correction(n, &author).await?;
    remember_corrections(&app.store, &app.interpreter).await?;
    shown(&app).await
}

/// `POST /api/v1/memory/files/{n}/undo`.
pub(crate) async fn undo_file(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(n): Path<i64>,
) -> Answer<MemoryView> {
    app.store.undo_correction_file(n, &author).await?;
    remember_corrections(&app.store, &app.interpreter).await?;
    shown(&app).await
}

#[derive(Debug, Deserialize)]
pub(crate) struct ImportQuery {
    name: String,
}

/// What became of a file of corrections.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TmxTakenView {
    /// Its number.
    n: i64,
    /// Pairs that are used from now on.
    taken: usize,
    /// Pairs that the memory had already.
    known: usize,
    /// Pairs that had lost or changed a name, place, plate, phone, position, time or quantity: not taken.
    refused: usize,
    /// Why the first of them was not.
    first_refused: Option<String>,
    /// Pairs that the file says a machine has made: not taken.
    machine: usize,
    /// Pairs without both Spanish and English.
    others: usize,
}

/// `POST /api/v1/memory/import?name`: the body is a TMX file. Whoever takes it in stands for it.
pub(crate) async fn import(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Asked(q): Asked<ImportQuery>,
    body: Bytes,
) -> Answer<TmxTakenView> {
    let name = file_name(&q.name)?;
    let sha256 = sha256_of(&body);
    let interpreter = app.interpreter.clone();
    let who = author.name.clone();
    let read = waited(move || {
        let file = read_tmx(&body)?;
        let mut view = TmxTakenView {
            n: 0,
            taken: 0,
            known: 0,
            refused: 0,
            first_refused: None,
            machine: file.machine,
            others: file.others,
        };
        let mut entries: Vec<(Entry, String)> = Vec::new();
        for u in file.units {
            match Entry::checked(u.from, &u.source, &u.target, &who, None) {
                Ok(e) if interpreter.knows(&e) => view.known += 1,
                Ok(e) => entries.push((e, u.author)),
                Err(why) => {
                    view.refused += 1;
                    view.first_refused.get_or_insert(why.to_string());
                }
            }
        }
        Ok((entries, view))
    })
    .await?;
    let (mut entries, mut view) = read
        .map_err(|e: atalaya_engine::language::TmxError| ApiError::bad(format!("{name}: {e}")))?;
    if entries.is_empty() {
        let why = view
            .first_refused
            .map_or(String::new(), |w| format!("; {w}"));
        return Err(ApiError::bad(format!(
            "{name}: no pair of it can be taken: {} known already, {} by machine, {} in other languages, {} refused{why}",
            view.known, view.machine, view.others, view.refused
        )));
    }
    let new: Vec<NewCorrection> = entries
        .iter()
        .map(|(e, by)| NewCorrection {
            lang: e.from.code().into(),
            source: e.source.clone(),
            target: e.target.clone(),
            origin: format!("{name} {by}").trim().to_owned(),
        })
        .collect();
    let (n, numbers) = app
        .store
        .add_correction_file((&name, &sha256), &new, &author)
        .await?;
    for ((e, _), number) in entries.iter_mut().zip(numbers) {
        e.n = Some(number);
    }
    view.n = n;
    view.taken = entries.len();
    let learned: Vec<Entry> = entries.into_iter().map(|(e, _)| e).collect();
    let interpreter = app.interpreter.clone();
    waited(move || interpreter.learn(learned))
        .await?
        .map_err(refused)?;
    Ok(Json(view))
}

/// `GET /api/v1/memory/export`: all corrections that hold, as TMX. An act.
pub(crate) async fn export(
    State(app): State<App>,
    Caller { author, .. }: Caller,
) -> Result<Response, ApiError> {
    let all = entries(&app.store).await?;
    app.store
        .note_act(&author, "translation.export", "memory", &all.len())
        .await?;
    // The last correction of a sentence holds.
    let mut last: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (i, e) in all.iter().enumerate() {
        last.insert((e.from.code(), &e.source), i);
    }
    let mut holds: Vec<usize> = last.into_values().collect();
    holds.sort_unstable();
    let holds: Vec<Entry> = holds.into_iter().map(|i| all[i].clone()).collect();
    let name = format!("{}-memory.tmx", app.operation.id);
    Ok(download(&name, "application/x-tmx+xml", tmx(&holds)))
}
