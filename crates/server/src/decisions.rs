//! Decisions on an alert, and its matches with targets that the authority named.

use crate::alerts::key_of;
use crate::auth::Caller;
use crate::error::{Answer, ApiError, Said};
use crate::serve::App;
use atalaya_model::operation::Target;
use atalaya_model::{Choice, Decision, TargetMatch};
use atalaya_store::NewDecision;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was decided on an alert, and what can be.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DecisionsView {
    /// Oldest first.
    decisions: Vec<Decision>,
    /// Oldest first.
    matches: Vec<TargetMatch>,
    /// What the authority names in advance.
    targets: Vec<Target>,
    /// Whom results may be given to.
    partners: Vec<String>,
}

/// `GET /api/v1/alerts/{id}/decisions`.
pub(crate) async fn decisions(
    State(app): State<App>,
    _: Caller,
    Path(key): Path<String>,
) -> Answer<DecisionsView> {
    let (run, id) = key_of(&key)?;
    let (decisions, matches) = app.store.decisions(run, id).await?;
    let authority = &app.operation.authority;
    Ok(Json(DecisionsView {
        decisions,
        matches,
        targets: authority.targets.clone(),
        partners: authority.partners.clone(),
    }))
}

/// A decision to be taken.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecisionBody {
    /// What is known and what is not.
    assessment: String,
    /// What was considered; the choice is added when it is not among it.
    #[serde(default)]
    options: Vec<Choice>,
    /// What is decided.
    choice: Choice,
    /// Why.
    reason: String,
    /// For `refer_to_partner`.
    #[serde(default)]
    partner: Option<String>,
}

/// `POST /api/v1/alerts/{id}/decisions`.
pub(crate) async fn decide(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(key): Path<String>,
    Said(body): Said<DecisionBody>,
) -> Answer<Decision> {
    let (run, id) = key_of(&key)?;
    let mut options = body.options;
    options.push(body.choice);
    let new = NewDecision {
        assessment: body.assessment,
        options,
        choice: body.choice,
        reason: body.reason,
        partner: body.partner,
    };
    let authority = &app.operation.authority;
    Ok(Json(
        app.store.decide((run, id), new, authority, &author).await?,
    ))
}

/// A match to be proposed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MatchBody {
    /// The target's name in the authority.
    target: String,
    /// Why it may be so.
    reason: String,
}

/// `POST /api/v1/alerts/{id}/matches`.
pub(crate) async fn propose(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path(key): Path<String>,
    Said(body): Said<MatchBody>,
) -> Answer<TargetMatch> {
    let (run, id) = key_of(&key)?;
    let authority = &app.operation.authority;
    let found = app
        .store
        .propose_match((run, id), &body.target, &body.reason, authority, &author)
        .await?;
    Ok(Json(found))
}

/// Why.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonBody {
    /// The reason.
    #[serde(default)]
    pub reason: String,
}

/// `POST /api/v1/matches/{n}/{answer}`.
pub(crate) async fn answer(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path((n, answer)): Path<(i64, String)>,
    Said(body): Said<ReasonBody>,
) -> Answer<TargetMatch> {
    let confirm = match answer.as_str() {
        "confirm" => true,
        "deny" => false,
        other => {
            return Err(ApiError::new(
                StatusCode::NOT_FOUND,
                format!("'{other}' is not an answer; use confirm or deny"),
            ));
        }
    };
    let found = app
        .store
        .answer_match(n, confirm, &body.reason, &author)
        .await?;
    Ok(Json(found))
}
