//! For the auditor: the log of acts, its verification, its newest checkpoint.

use crate::auth::Caller;
use crate::error::{Answer, ApiError, Asked};
use crate::release::file;
use crate::serve::App;
use atalaya_authority::audit::{Checkpoint, verify};
use atalaya_model::{Author, Micros, rfc3339};
use atalaya_store::{Act, AuditReader, StoreError};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::convert::Infallible;

#[derive(Debug, Deserialize)]
pub(crate) struct ActsQuery {
    before: Option<i64>,
    what: Option<String>,
    text: Option<String>,
    limit: Option<u32>,
}

/// An act in the log.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ActView {
    n: i64,
    /// When, wall time; null when its content is gone.
    at: Option<When>,
    who: Author,
    what: String,
    subject: String,
    /// JSON.
    detail: String,
    /// Its content was deleted at its time; number and leaf stay.
    purged: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct When(
    #[serde(with = "rfc3339")]
    #[schemars(with = "String")]
    Micros,
);

/// A page of the log.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ActsView {
    /// Newest first.
    acts: Vec<ActView>,
    /// Acts in the log.
    total: i64,
    /// Refusals among them.
    refused: i64,
}

fn shown(a: Act) -> ActView {
    ActView {
        n: a.n,
        at: (!a.purged).then_some(When(a.at)),
        who: a.who,
        what: a.what,
        subject: a.subject,
        detail: a.detail,
        purged: a.purged,
    }
}

/// `GET /api/v1/audit`.
pub(crate) async fn acts(
    State(app): State<App>,
    _: Caller,
    Asked(q): Asked<ActsQuery>,
) -> Answer<ActsView> {
    let what = q.what.unwrap_or_default();
    let text = q.text.unwrap_or_default();
    let acts = app
        .store
        .acts_before(q.before, &what, &text, q.limit.unwrap_or(200))
        .await?;
    let (total, refused) = app.store.count_acts().await?;
    Ok(Json(ActsView {
        acts: acts.into_iter().map(shown).collect(),
        total,
        refused,
    }))
}

/// What verification says.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct VerifiedView {
    /// Nothing was altered.
    sound: bool,
    acts: u64,
    /// Of these, such whose content was deleted at its time.
    purged: u64,
    /// Root of the tree, hex.
    root: String,
    /// What is wrong, a line each; the first hundred.
    findings: Vec<String>,
}

/// `POST /api/v1/audit/verify`: checks the whole log as it lies on the disk.
pub(crate) async fn verify_now(
    State(app): State<App>,
    Caller { author, .. }: Caller,
) -> Answer<VerifiedView> {
    let dir = app.store.dir().to_owned();
    let key = AuditReader::public_key(&dir)?;
    let mut reader = AuditReader::open(&dir).await?;
    let broken = |e: atalaya_authority::audit::CheckpointError| StoreError::Database {
        doing: "verifying the log",
        why: e.to_string(),
    };
    let note = reader.checkpoint().await?;
    let own = note
        .map(|n| Checkpoint::open(&n, &key))
        .transpose()
        .map_err(broken)?;
    // Acts that come in meanwhile are after the checkpoint: they are left for the next time.
    let last = own.as_ref().map_or(0, |c| c.size);
    let mut rows = Vec::new();
    loop {
        let page = reader.page().await?;
        let end = page.is_empty() || page.last().is_some_and(|r| r.n >= last);
        rows.extend(page.into_iter().filter(|r| r.n <= last));
        if end {
            break;
        }
    }
    let made = tokio::task::spawn_blocking(move || {
        verify(rows.into_iter().map(Ok::<_, Infallible>), own.as_ref(), &[])
    })
    .await;
    let Ok(Ok(report)) = made else {
        return Err(ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the verification was broken off; try again, or run `atalaya audit verify`",
        ));
    };
    let sound = report.is_sound();
    app.store
        .note_act(&author, "audit.verify", "log", &(report.acts, sound))
        .await?;
    Ok(Json(VerifiedView {
        sound,
        acts: report.acts,
        purged: report.purged,
        root: report.root.iter().map(|b| format!("{b:02x}")).collect(),
        findings: report.findings.iter().map(ToString::to_string).collect(),
    }))
}

/// `GET /api/v1/audit/checkpoint`: the newest signed checkpoint, to be kept elsewhere.
pub(crate) async fn checkpoint(
    State(app): State<App>,
    Caller { author, .. }: Caller,
) -> Result<Response, ApiError> {
    app.store
        .note_act(&author, "audit.checkpoint", "log", &())
        .await?;
    let mut reader = AuditReader::open(app.store.dir()).await?;
    match reader.checkpoint().await? {
        Some(note) => Ok(file("atalaya.checkpoint", note)),
        None => Err(ApiError::new(
            StatusCode::NOT_FOUND,
            "nothing was done yet; there is no checkpoint",
        )),
    }
}
