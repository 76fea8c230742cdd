//! The watch log.

use crate::auth::Caller;
use crate::error::{Answer, Asked, Said};
use crate::serve::App;
use atalaya_model::Micros;
use atalaya_store::{Live, NewNote, Note, NoteKind};
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Deserialize;
use std::sync::Arc;

#[derive(Debug, Deserialize)]
pub(crate) struct NotesQuery {
    before: Option<i64>,
    limit: Option<u32>,
}

/// `GET /api/v1/notes`.
pub(crate) async fn notes(
    State(app): State<App>,
    _: Caller,
    Asked(q): Asked<NotesQuery>,
) -> Answer<Vec<Note>> {
    Ok(Json(
        app.store.notes(q.before, q.limit.unwrap_or(100)).await?,
    ))
}

/// A note to be written.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct NoteBody {
    kind: NoteKind,
    /// The moment it is about: event time in microseconds UTC.
    t_us: i64,
    #[serde(default)]
    run: Option<String>,
    #[serde(default)]
    feed: Option<String>,
    text: String,
}

/// `POST /api/v1/notes`.
pub(crate) async fn add(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Said(body): Said<NoteBody>,
) -> Answer<Note> {
    let new = NewNote {
        kind: body.kind,
        t: Micros(body.t_us),
        run: body.run,
        feed: body.feed,
        text: body.text,
    };
    let note = app.store.add_note(new, &author).await?;
    app.bus.publish(Live::Note(Arc::new(note.clone())));
    Ok(Json(note))
}
