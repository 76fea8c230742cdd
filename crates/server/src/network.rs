//! The network behind the sites: what was seen, what people brought, and what they say about which entities
//! are one.

use crate::access::refuse;
use crate::auth::Caller;
use crate::documents::{download, file_name, sha256_of};
use crate::error::{Answer, ApiError, Asked, Said};
use crate::serve::App;
use crate::translation::waited;
use atalaya_engine::network::{
    ImportCounts, Imported, Judgement, JudgementError, Judgements, NetworkInput, NetworkPicture,
    Verdict, network_file, network_picture, read_import,
};
use atalaya_model::{Micros, Operation, never_in};
use atalaya_store::{Author, NewImport, StoredImport, StoredJudgement};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

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
    /// Nodes, links, order of removal, names that may be one.
    network: NetworkPicture,
    /// Older events were left out.
    cut: bool,
    /// What people said, oldest first.
    judgements: Vec<JudgementView>,
    /// What people brought, oldest first.
    imports: Vec<ImportView>,
    /// How many persons the authority names; all others are left out of imports.
    persons: usize,
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

/// A file of entities that somebody brought.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImportView {
    n: i64,
    /// The file's name.
    name: String,
    /// `csv` or `ftm`.
    format: String,
    /// Of the file, hex.
    sha256: String,
    /// What was kept, and what was left out.
    counts: ImportCounts,
    by: Author,
    at_us: i64,
    /// Somebody took it back.
    undone: bool,
}

/// Everything the network is made from, and whether older events were left out.
async fn gathered(app: &App, q: &NetworkQuery) -> Result<(NetworkInput, bool), ApiError> {
    let all = (Micros(i64::MIN), Micros(i64::MAX));
    let events = app.store.events(None, all.0, all.1, MOST_EVENTS).await?;
    let cut = events.len() >= MOST_EVENTS as usize;
    let classes = app.store.track_classes(all.0, all.1).await?;
    let runs: BTreeSet<&String> = events.iter().map(|(run, _)| run).collect();
    let mut lineages = BTreeMap::new();
    for run in runs {
        lineages.insert(run.clone(), app.store.lineage(run).await?);
    }
    let (judgements, _) = judgements_of(&app.store.judgements().await?);
    let persons = app.operation.authority.persons.clone();
    let mut imports = Vec::new();
    for i in app.store.imports().await?.iter().filter(|i| !i.undone) {
        match Imported::of(i.n, &i.import.body, &persons) {
            Ok(read) => imports.push(read),
            Err(e) => tracing::warn!("{e}"),
        }
    }
    let window = (q.from.is_some() || q.to.is_some()).then(|| {
        let (from, to) = (q.from.unwrap_or(i64::MIN), q.to.unwrap_or(i64::MAX));
        (Micros(from), Micros(to))
    });
    let input = NetworkInput {
        events,
        classes,
        lineages,
        imports,
        persons,
        judgements,
        window,
    };
    Ok((input, cut))
}

fn zone_names(operation: &Operation) -> BTreeMap<String, String> {
    operation
        .site
        .zones
        .iter()
        .map(|z| (z.id.clone(), z.name.clone()))
        .collect()
}

fn failed(why: impl ToString) -> ApiError {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, why.to_string())
}

/// `GET /api/v1/network`.
pub(crate) async fn network(
    State(app): State<App>,
    _: Caller,
    Asked(q): Asked<NetworkQuery>,
) -> Answer<NetworkView> {
    let (input, cut) = gathered(&app, &q).await?;
    let (_, judgements) = judgements_of(&app.store.judgements().await?);
    let operation = app.operation.clone();
    let network =
        waited(move || network_picture(&operation.id, &zone_names(&operation), input)).await?;
    Ok(Json(NetworkView {
        network: network.map_err(failed)?,
        cut,
        judgements,
        imports: imports(&app).await?,
        persons: app.operation.authority.persons.len(),
    }))
}

async fn imports(app: &App) -> Result<Vec<ImportView>, ApiError> {
    let all = app.store.imports().await?;
    Ok(all.into_iter().map(import_view).collect())
}

fn import_view(s: StoredImport) -> ImportView {
    ImportView {
        n: s.n,
        name: s.import.name,
        format: s.import.format,
        sha256: s.import.sha256,
        counts: serde_json::from_str(&s.import.counts).unwrap_or_default(),
        by: s.author,
        at_us: s.at.0,
        undone: s.undone,
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct ImportQuery {
    name: String,
}

/// `POST /api/v1/network/imports?name`: the body is an edge list or FollowTheMoney. Persons whom the
/// authority does not name are left out before anything is stored.
pub(crate) async fn import(
    State(app): State<App>,
    caller: Caller,
    Asked(q): Asked<ImportQuery>,
    body: Bytes,
) -> Answer<ImportView> {
    let name = file_name(&q.name)?;
    let sha256 = sha256_of(&body);
    let persons = app.operation.authority.persons.clone();
    let file = name.clone();
    let read = waited(move || {
        let forbidden = std::iter::once(&body[..])
            .chain(body.split(|b| *b == b'\n'))
            .filter_map(|line| serde_json::from_slice(line).ok())
            .find_map(|v: serde_json::Value| never_in(&v));
        (read_import(&file, &body, &persons), forbidden)
    })
    .await?;
    if let (_, Some((field, what))) = read {
        let said = refuse(
            &app,
            &caller,
            "POST /api/v1/network/imports",
            (&field, what),
        );
        return Err(said.await?);
    }
    let read = read.0.map_err(|e| ApiError::bad(e.to_string()))?;
    let counts = &read.counts;
    let new = NewImport {
        name,
        format: read.format.into(),
        sha256,
        counts: serde_json::to_string(counts).map_err(failed)?,
        body: read.body,
    };
    let n = app.store.add_import(&new, &caller.author).await?;
    let made = imports(&app).await?.into_iter().find(|i| i.n == n);
    made.map(Json).ok_or_else(|| failed("the import is gone"))
}

/// `POST /api/v1/network/imports/{n}/undo`.
pub(crate) async fn undo_import(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(n): Path<i64>,
) -> Answer<Vec<ImportView>> {
    app.store.undo_import(n, &author).await?;
    Ok(Json(imports(&app).await?))
}

#[derive(Debug, Deserialize)]
pub(crate) struct ExportQuery {
    format: String,
    from: Option<i64>,
    to: Option<i64>,
}

/// `GET /api/v1/network/export?format`: the network as a file, judgements applied. An act.
pub(crate) async fn export(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Asked(q): Asked<ExportQuery>,
) -> Result<Response, ApiError> {
    let window = NetworkQuery {
        from: q.from,
        to: q.to,
    };
    let (input, _) = gathered(&app, &window).await?;
    let operation = app.operation.clone();
    let format = q.format.clone();
    let made = waited(move || network_file(&operation.id, &zone_names(&operation), input, &format))
        .await?;
    let Some(bytes) = made.map_err(failed)? else {
        let short: String = q.format.chars().take(40).collect();
        return Err(ApiError::bad(format!(
            "a network is not written as '{short}'; use graphml, ftm or csv"
        )));
    };
    app.store
        .note_act(&author, "network.export", &q.format, &bytes.len())
        .await?;
    let (end, kind) = match q.format.as_str() {
        "graphml" => ("graphml", "application/xml"),
        "ftm" => ("ftm.json", "application/x-ndjson"),
        _ => ("csv", "text/csv; charset=utf-8"),
    };
    let name = format!("{}-network.{end}", app.operation.id);
    Ok(download(&name, kind, bytes))
}

/// A judgement to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JudgementBody {
    /// Id of one entity.
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
