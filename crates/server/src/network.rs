//! The network behind the sites, and what people say about which vehicles are one.

use crate::auth::Caller;
use crate::error::{Answer, ApiError, Asked, Said};
use crate::serve::App;
use atalaya_engine::network::{
    Judgement, JudgementError, Judgements, NetworkInput, NetworkPicture, Verdict, network_picture,
};
use atalaya_model::Micros;
use atalaya_store::{Author, StoredJudgement};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most events that a network is made from, the latest.
const MOST_EVENTS: u32 = 10_000;

#[derive(Debug, Deserialize)]
pub(crate) struct NetworkQuery {
    from: Option<i64>,
    to: Option<i64>,
}

/// The network, measured.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NetworkView {
    /// Nodes, links, order of removal.
    #[schemars(with = "serde_json::Value")]
    network: NetworkPicture,
    /// Older events were left out.
    cut: bool,
    /// What people said, oldest first.
    judgements: Vec<JudgementView>,
}

/// A judgement, or one taken back.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct JudgementView {
    n: i64,
    left: String,
    right: String,
    /// `same`, `distinct` or `undecided`.
    verdict: String,
    reason: String,
    by: Author,
    at_us: i64,
    /// Somebody took it back.
    undone: bool,
}

/// `GET /api/v1/network`.
pub(crate) async fn network(
    State(app): State<App>,
    _: Caller,
    Asked(q): Asked<NetworkQuery>,
) -> Answer<NetworkView> {
    let all = (Micros(i64::MIN), Micros(i64::MAX));
    let events = app.store.events(None, all.0, all.1, MOST_EVENTS).await?;
    let cut = events.len() >= MOST_EVENTS as usize;
    let classes = app.store.track_classes(all.0, all.1).await?;
    let stored = app.store.judgements().await?;
    let window = (q.from.is_some() || q.to.is_some()).then(|| {
        let (from, to) = (q.from.unwrap_or(i64::MIN), q.to.unwrap_or(i64::MAX));
        (Micros(from), Micros(to))
    });
    let (judgements, judged) = judgements_of(&stored);
    let operation = app.operation.clone();
    let input = NetworkInput {
        events,
        classes,
        judgements,
        window,
    };
    let made = tokio::task::spawn_blocking(move || {
        let names: BTreeMap<String, String> = operation
            .site
            .zones
            .iter()
            .map(|z| (z.id.clone(), z.name.clone()))
            .collect();
        network_picture(&operation.id, &names, input)
    })
    .await;
    let failed = |why: String| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, why);
    let network = made
        .map_err(|e| failed(e.to_string()))?
        .map_err(|e| failed(e.to_string()))?;
    Ok(Json(NetworkView {
        network,
        cut,
        judgements: judged,
    }))
}

/// A judgement to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JudgementBody {
    /// Id of one vehicle.
    left: String,
    /// Id of the other.
    right: String,
    /// `same`, `distinct` or `undecided`.
    #[schemars(with = "String")]
    verdict: Verdict,
    /// Why.
    #[serde(default)]
    reason: String,
}

/// What became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct JudgedView {
    /// Its number.
    n: i64,
}

/// `POST /api/v1/network/judgements`.
pub(crate) async fn judge(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Said(body): Said<JudgementBody>,
) -> Answer<JudgedView> {
    let judgement = Judgement {
        left: body.left,
        right: body.right,
        verdict: body.verdict,
        reason: body.reason,
    };
    let (mut log, _) = judgements_of(&app.store.judgements().await?);
    log.judge(judgement.clone(), &author.name, Micros(0))
        .map_err(refused)?;
    let n = app.store.add_judgement(&judgement, None, &author).await?;
    Ok(Json(JudgedView { n }))
}

/// `POST /api/v1/network/judgements/{n}/undo`.
pub(crate) async fn undo(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(n): Path<i64>,
) -> Answer<JudgedView> {
    let stored = app.store.judgements().await?;
    let open = |s: &StoredJudgement| {
        s.n == n && s.undoes.is_none() && !stored.iter().any(|o| o.undoes == Some(n))
    };
    let Some(entry) = stored.iter().find(|s| open(s)) else {
        return Err(refused(JudgementError::Undo(n.unsigned_abs())));
    };
    let body: serde_json::Value = serde_json::from_str(&entry.body).unwrap_or_default();
    let n = app.store.add_judgement(&body, Some(n), &author).await?;
    Ok(Json(JudgedView { n }))
}

fn refused(e: JudgementError) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, e.to_string())
}

/// The log as the network knows it, and as people read it. Numbers of the store may have gaps, where
/// old ones were deleted in time; those of the log have none.
fn judgements_of(stored: &[StoredJudgement]) -> (Judgements, Vec<JudgementView>) {
    let mut log = Judgements::default();
    let mut views = Vec::new();
    for s in stored.iter().filter(|s| s.undoes.is_none()) {
        let Ok(j) = serde_json::from_str::<Judgement>(&s.body) else {
            continue;
        };
        let undone = stored.iter().any(|o| o.undoes == Some(s.n));
        views.push(JudgementView {
            n: s.n,
            left: j.left.clone(),
            right: j.right.clone(),
            verdict: j.verdict.name().into(),
            reason: j.reason.clone(),
            by: s.author.clone(),
            at_us: s.at.0,
            undone,
        });
        if !undone && let Err(e) = log.judge(j, &s.author.name, s.at) {
            tracing::warn!(n = s.n, why = %e, "a stored judgement makes no sense");
        }
    }
    (log, views)
}
