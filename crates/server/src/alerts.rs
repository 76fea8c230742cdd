//! Alerts, their evidence, and what people do with them; events.

use crate::auth::Caller;
use crate::error::{Answer, ApiError, Asked, Said};
use crate::serve::App;
use atalaya_model::{Alert, AlertState, Event, Micros};
use atalaya_store::{AlertAct, AlertActKind, AlertFilter, Live, StoredAlert};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An alert with the key that names it among all runs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct AlertView {
    /// `run~id`: the path element of this alert.
    pub key: String,
    pub run: String,
    /// The record.
    pub alert: Alert,
}

impl From<StoredAlert> for AlertView {
    fn from(s: StoredAlert) -> Self {
        Self {
            key: format!("{}~{}", s.run, s.alert.id),
            run: s.run,
            alert: s.alert,
        }
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct AlertsQuery {
    state: Option<String>,
    run: Option<String>,
    after: Option<String>,
    limit: Option<u32>,
}

/// A page of alerts, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AlertsView {
    alerts: Vec<AlertView>,
    /// Give it as `after` for the next page; null at the end.
    next: Option<String>,
}

/// `GET /api/v1/alerts`.
pub(crate) async fn alerts(
    State(app): State<App>,
    _: Caller,
    Asked(q): Asked<AlertsQuery>,
) -> Answer<AlertsView> {
    let state = match q.state.as_deref() {
        None | Some("all") => None,
        Some("open") => Some(AlertState::Open),
        Some("acknowledged") => Some(AlertState::Acknowledged),
        Some("rejected") => Some(AlertState::Rejected),
        Some("closed") => Some(AlertState::Closed),
        Some("expired") => Some(AlertState::Expired),
        Some(other) => {
            return Err(ApiError::bad(format!(
                "state '{other}' is not known; use open, acknowledged, rejected, closed, expired or all"
            )));
        }
    };
    let filter = AlertFilter {
        state,
        run: q.run,
        after: q.after.map(|a| a.parse()).transpose()?,
    };
    let page = app.store.alerts(&filter, q.limit.unwrap_or(100)).await?;
    Ok(Json(AlertsView {
        alerts: page.alerts.into_iter().map(AlertView::from).collect(),
        next: page.next.map(|n| n.to_string()),
    }))
}

/// One alert with all that belongs to it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AlertDetail {
    #[serde(flatten)]
    pub view: AlertView,
    /// What people did with it, oldest first.
    pub acts: Vec<AlertAct>,
    /// The events that led to it.
    pub events: Vec<Event>,
}

pub(crate) fn key_of(key: &str) -> Result<(&str, &str), ApiError> {
    key.split_once('~').ok_or_else(|| {
        ApiError::new(
            StatusCode::NOT_FOUND,
            format!("there is no alert '{key}'; keys look like run~id"),
        )
    })
}

/// `GET /api/v1/alerts/{id}`.
pub(crate) async fn alert(
    State(app): State<App>,
    _: Caller,
    Path(key): Path<String>,
) -> Answer<AlertDetail> {
    let (run, id) = key_of(&key)?;
    let (stored, acts) = app.store.alert(run, id).await?;
    let mut events = Vec::new();
    for id in stored.alert.events.iter().take(100) {
        match app.store.event(run, id).await {
            Ok(event) => events.push(event),
            // It may have passed its date, or not have been written yet.
            Err(atalaya_store::StoreError::NotFound { .. }) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(Json(AlertDetail {
        view: stored.into(),
        acts,
        events,
    }))
}

/// What goes with an act.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct ActBody {
    /// Words; needed for a comment.
    #[serde(default)]
    text: String,
}

/// `POST /api/v1/alerts/{id}/{act}`.
pub(crate) async fn act(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Path((key, act)): Path<(String, String)>,
    Said(body): Said<ActBody>,
) -> Answer<AlertView> {
    let (run, id) = key_of(&key)?;
    let kind = match act.as_str() {
        "acknowledge" => AlertActKind::Acknowledge,
        "reject" => AlertActKind::Reject,
        "close" => AlertActKind::Close,
        "comment" => AlertActKind::Comment,
        other => {
            return Err(ApiError::new(
                StatusCode::NOT_FOUND,
                format!("'{other}' is not an act; use acknowledge, reject, close or comment"),
            ));
        }
    };
    let stored = app
        .store
        .act_on_alert((run, id), kind, &author, &body.text)
        .await?;
    app.bus.publish(Live::Alert {
        run: run.to_owned(),
        alert: Arc::new(stored.alert.clone()),
    });
    Ok(Json(stored.into()))
}

#[derive(Debug, Deserialize)]
pub(crate) struct WindowQuery {
    pub run: Option<String>,
    pub from: Option<i64>,
    pub to: Option<i64>,
    pub limit: Option<u32>,
}

/// An event and its run.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EventView {
    run: String,
    event: Event,
}

/// `GET /api/v1/events`.
pub(crate) async fn events(
    State(app): State<App>,
    _: Caller,
    Asked(q): Asked<WindowQuery>,
) -> Answer<Vec<EventView>> {
    let (from, to) = (
        Micros(q.from.unwrap_or(i64::MIN)),
        Micros(q.to.unwrap_or(i64::MAX)),
    );
    let events = app
        .store
        .events(q.run.as_deref(), from, to, q.limit.unwrap_or(200))
        .await?;
    let view = |(run, event)| EventView { run, event };
    Ok(Json(events.into_iter().map(view).collect()))
}
