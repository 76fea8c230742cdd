//! What is being watched, under which authority.

use crate::auth::Caller;
use crate::error::Answer;
use crate::serve::App;
use atalaya_model::operation::{LonLat, Operation, Rule, RuleKind};
use atalaya_model::{Micros, Severity};
use atalaya_store::Run;
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

/// `operation-view/1`: the operation as the page needs it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct OperationView {
    schema: &'static str,
    id: String,
    name: String,
    simulated: bool,
    site: SiteView,
    zones: Vec<ZoneView>,
    feeds: Vec<FeedView>,
    rules: Vec<RuleView>,
    authority: AuthorityView,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct SiteView {
    id: String,
    name: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct ZoneView {
    id: String,
    name: String,
    /// Outline, `[longitude, latitude]` in degrees; null for a zone drawn on a frame.
    polygon: Option<Vec<LonLat>>,
    /// The feed of a zone that was drawn on a frame.
    drawn_on: Option<String>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct FeedView {
    id: String,
    /// Its number in binary messages of `live/1`.
    index: usize,
    sensor: String,
    unplaced: bool,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct RuleView {
    id: String,
    kind: String,
    zone: String,
    subject: String,
    longer_than_s: Option<f64>,
    /// Of rules about emissions: the least probability.
    p_at_least: Option<f64>,
    /// Of a visit joined with an emission: seconds between them.
    within_s: Option<f64>,
    /// The zone that the gas comes from.
    source_zone: Option<String>,
    severity: Severity,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct AuthorityView {
    issuer: String,
    legal_basis: String,
    reference: String,
    purpose: String,
    valid_from_us: Option<i64>,
    valid_until_us: Option<i64>,
    sensors: Vec<String>,
    objects: Vec<String>,
    area: Vec<LonLat>,
    no_look: Vec<NoLookView>,
    bystander_hours: u32,
    evidence_days: u32,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct NoLookView {
    name: String,
    polygon: Vec<LonLat>,
}

/// The name of a plain enum in records.
fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(s)) => s,
        _ => String::new(),
    }
}

fn gas(r: &Rule) -> bool {
    matches!(r.kind, RuleKind::Emission | RuleKind::EmissionVisit)
}

impl OperationView {
    pub fn of(op: &Operation) -> Self {
        let a = &op.authority;
        Self {
            schema: "operation-view/1",
            id: op.id.clone(),
            name: op.name.clone(),
            simulated: op.simulated,
            site: SiteView {
                id: op.site.id.clone(),
                name: op.site.name.clone(),
            },
            zones: op
                .site
                .zones
                .iter()
                .map(|z| ZoneView {
                    id: z.id.clone(),
                    name: if z.name.is_empty() {
                        z.id.clone()
                    } else {
                        z.name.clone()
                    },
                    polygon: z.polygon.clone(),
                    drawn_on: z.drawn.as_ref().map(|d| d.feed.clone()),
                })
                .collect(),
            feeds: op
                .feeds
                .iter()
                .enumerate()
                .map(|(index, f)| FeedView {
                    id: f.id.clone(),
                    index,
                    sensor: word(&f.sensor),
                    unplaced: f.unplaced,
                })
                .collect(),
            rules: op
                .rules
                .iter()
                .map(|r| RuleView {
                    id: r.id.clone(),
                    kind: word(&r.kind),
                    zone: r.zone.clone(),
                    subject: word(&r.subject),
                    longer_than_s: r.longer_than_s,
                    p_at_least: gas(r).then(|| r.p_at_least()),
                    within_s: (r.kind == RuleKind::EmissionVisit).then(|| r.within_s()),
                    source_zone: gas(r).then(|| r.source_zone().to_owned()),
                    severity: r.severity,
                })
                .collect(),
            authority: AuthorityView {
                issuer: a.issuer.clone(),
                legal_basis: a.legal_basis.clone(),
                reference: a.reference.clone(),
                purpose: a.purpose.clone(),
                valid_from_us: Micros::parse_rfc3339(&a.valid_from).map(|t| t.0),
                valid_until_us: Micros::parse_rfc3339(&a.valid_until).map(|t| t.0),
                sensors: a.sensors.iter().map(word).collect(),
                objects: a.objects.iter().map(word).collect(),
                area: a.area.clone(),
                no_look: a
                    .no_look
                    .iter()
                    .map(|n| NoLookView {
                        name: n.name.clone(),
                        polygon: n.polygon.clone(),
                    })
                    .collect(),
                bystander_hours: a.retention.bystander_hours,
                evidence_days: a.retention.evidence_days,
            },
        }
    }
}

/// `GET /api/v1/operation`.
pub(crate) async fn operation(State(app): State<App>, _: Caller) -> Json<OperationView> {
    Json(OperationView::of(&app.operation))
}

/// A run, as the list shows it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunView {
    id: String,
    operation: String,
    started_us: i64,
    settings_hash: String,
    code_version: String,
}

/// `GET /api/v1/runs`.
pub(crate) async fn runs(State(app): State<App>, _: Caller) -> Answer<Vec<RunView>> {
    let view = |r: Run| RunView {
        id: r.id,
        operation: r.operation,
        started_us: r.started.0,
        settings_hash: r.settings_hash,
        code_version: r.code_version,
    };
    Ok(Json(
        app.store.runs().await?.into_iter().map(view).collect(),
    ))
}
