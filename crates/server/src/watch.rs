//! The watch document: what is armed, a check, a backtest, and arming.

use crate::auth::Caller;
use crate::error::{Answer, ApiError, Said};
use crate::serve::App;
use atalaya_engine::watching::{self, Backtest, Fault, read_rules};
use atalaya_model::{Alert, Event, EventKind, Micros};
use atalaya_store::{Author, StoredWatch};
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

/// Most events of a backtest on the page.
const MOST_EVENTS: u32 = 200_000;
/// Most alerts of its answer: all are counted.
const MOST_ALERTS: usize = 500;
const DAY_US: i64 = 86_400_000_000;

/// A watch document that somebody proposes.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct WatchBody {
    /// The document, TOML.
    text: String,
    /// For a backtest: only the last so many days of what was recorded, 1 to 400.
    #[serde(default)]
    days: Option<u32>,
}

/// The document that is armed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WatchView {
    /// Its number; null while none was ever armed.
    n: Option<i64>,
    /// The document, TOML; one to begin with while none was ever armed.
    text: String,
    sha256: Option<String>,
    rules: u32,
    /// Who armed it.
    author: Option<Author>,
    /// When, wall time in microseconds UTC.
    at_us: Option<i64>,
    /// What `on` can name.
    on: Vec<&'static str>,
    /// What `where` can name.
    fields: Vec<FieldView>,
}

/// A field of an event.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FieldView {
    name: &'static str,
    /// Its type, as CEL names it.
    kind: &'static str,
    /// What it says, in English.
    text: &'static str,
}

fn on() -> Vec<&'static str> {
    let kinds = EventKind::ALL.iter().map(|k| k.name());
    let mut all: Vec<&str> = watching::PATTERNS.into_iter().chain(kinds).collect();
    // A pattern and a kind of event may share a name.
    let mut seen = BTreeSet::new();
    all.retain(|name| seen.insert(*name));
    all
}

fn fields() -> Vec<FieldView> {
    let view = |f: &watching::Field| FieldView {
        name: f.name,
        kind: f.kind.name(),
        text: f.text,
    };
    watching::FIELDS.iter().map(view).collect()
}

/// A fault, and where.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FaultView {
    /// From 1.
    line: usize,
    /// Of the word's first character, from 1.
    column: usize,
    /// Characters of the word.
    length: usize,
    /// Cause and remedy.
    what: String,
}

/// What a check found.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CheckView {
    ok: bool,
    rules: u32,
    faults: Vec<FaultView>,
}

/// What one rule would have raised.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TrialRule {
    rule: String,
    /// Alerts of each day.
    per_day: Vec<u32>,
    longest_quiet_s: f64,
    raised: u64,
    joined: u64,
    held: u64,
    learned: u64,
    parked: u64,
    unwatched: u64,
    undecided: u64,
    failed: u64,
    failure: Option<String>,
}

/// An alert that would have been raised.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TrialAlert {
    /// The run of its first event.
    run: Option<String>,
    alert: Alert,
}

/// What a document would have raised on what was recorded.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TrialView {
    schema: &'static str,
    events: usize,
    /// More events were recorded than are tried at once: the latest were.
    cut: bool,
    /// Local days, first to last.
    days: Vec<String>,
    rules: Vec<TrialRule>,
    /// How many alerts there are.
    count: usize,
    /// The latest of them, 500 at most, newest first.
    alerts: Vec<TrialAlert>,
}

/// Name of the document in messages.
const NAME: &str = "watch.toml";

fn beginning(app: &App) -> String {
    let zone = app.operation.site.zones.first().map(|z| z.id.as_str());
    let mut text = format!(
        "schema = \"watch/1\"\nsite = \"{}\"\nutc_offset = \"+00:00\"\n\n[[rule]]\nid = \"vehicle-at-night\"\non = \"enter\"\n",
        app.operation.site.id
    );
    if let Some(zone) = zone {
        let _ = writeln!(text, "zone = \"{zone}\"");
    }
    text.push_str("where = \"vehicle && (hour >= 22 || hour < 6)\"\nseverity = \"warning\"\nescalate_after_s = 300\n");
    text
}

fn view(saved: Option<StoredWatch>, app: &App) -> WatchView {
    match saved {
        Some(w) => WatchView {
            n: Some(w.n),
            text: w.text,
            sha256: Some(w.sha256),
            rules: w.rules,
            author: Some(w.author),
            at_us: Some(w.at.0),
            on: on(),
            fields: fields(),
        },
        None => WatchView {
            n: None,
            text: beginning(app),
            sha256: None,
            rules: 0,
            author: None,
            at_us: None,
            on: on(),
            fields: fields(),
        },
    }
}

/// `GET /api/v1/watch`.
pub(crate) async fn armed(State(app): State<App>, _: Caller) -> Answer<WatchView> {
    let saved = app.store.watch().await?;
    Ok(Json(view(saved, &app)))
}

/// `POST /api/v1/watch/check`.
pub(crate) async fn check(
    State(app): State<App>,
    _: Caller,
    Said(body): Said<WatchBody>,
) -> Answer<CheckView> {
    let zones = watching::zones(&app.operation);
    let faults = |all: Vec<Fault>| {
        all.into_iter()
            .map(|f| FaultView {
                line: f.line,
                column: f.column,
                length: f.length,
                what: f.what,
            })
            .collect()
    };
    Ok(Json(match read_rules(NAME, &body.text, &zones) {
        Ok(rules) => CheckView {
            ok: true,
            rules: rules.document.rules.len() as u32,
            faults: Vec::new(),
        },
        Err(all) => CheckView {
            ok: false,
            rules: 0,
            faults: faults(all),
        },
    }))
}

fn bad(faults: &[Fault]) -> ApiError {
    let first = faults.first().map_or_else(String::new, ToString::to_string);
    ApiError::bad(first)
}

/// `POST /api/v1/watch/backtest`.
pub(crate) async fn backtest(
    State(app): State<App>,
    _: Caller,
    Said(body): Said<WatchBody>,
) -> Answer<TrialView> {
    let zones = watching::zones(&app.operation);
    let rules = read_rules(NAME, &body.text, &zones).map_err(|f| bad(&f))?;
    let days = body.days.unwrap_or(28).clamp(1, 400);
    let newest = app
        .store
        .events(None, Micros(i64::MIN), Micros(i64::MAX), 1)
        .await?;
    // A day more, for what is decided late.
    let from = newest.first().map_or(Micros(i64::MIN), |(_, e)| {
        Micros(e.time.0.saturating_sub((i64::from(days) + 1) * DAY_US))
    });
    let events = app.store.events_since(None, from, MOST_EVENTS).await?;
    let answers = watching::answers(app.store.answers().await?);
    let cut = events.len() == MOST_EVENTS as usize;
    let (runs, events): (BTreeMap<String, String>, Vec<Event>) = events
        .into_iter()
        .map(|(run, e)| ((e.id.clone(), run), e))
        .unzip();
    let tried = tokio::task::spawn_blocking(move || {
        watching::backtest(Arc::new(rules), &events, Some(days), &answers)
    });
    let result = tried
        .await
        .map_err(|_| ApiError::bad("the backtest did not end; try fewer days"))?;
    Ok(Json(shown(result, cut, &runs)))
}

fn shown(result: Backtest, cut: bool, runs: &BTreeMap<String, String>) -> TrialView {
    let count = result.alerts.len();
    let latest = result.alerts.into_iter().rev().take(MOST_ALERTS);
    let alerts = latest
        .map(|alert| TrialAlert {
            run: alert.events.first().and_then(|id| runs.get(id)).cloned(),
            alert,
        })
        .collect();
    let rules = result.rules.into_iter().map(|r| TrialRule {
        rule: r.rule,
        per_day: r.per_day,
        longest_quiet_s: r.longest_quiet_s,
        raised: r.tally.raised,
        joined: r.tally.joined,
        held: r.tally.held,
        learned: r.tally.learned,
        parked: r.tally.parked,
        unwatched: r.tally.unwatched,
        undecided: r.tally.undecided,
        failed: r.tally.failed,
        failure: r.tally.failure,
    });
    TrialView {
        schema: result.schema,
        events: result.events,
        cut,
        days: result.days,
        rules: rules.collect(),
        count,
        alerts,
    }
}

/// `POST /api/v1/watch`: armed from the next start of a run.
pub(crate) async fn arm(
    State(app): State<App>,
    Caller { author, .. }: Caller,
    Said(body): Said<WatchBody>,
) -> Answer<WatchView> {
    let zones = watching::zones(&app.operation);
    let rules = read_rules(NAME, &body.text, &zones).map_err(|f| bad(&f))?;
    let n = rules.document.rules.len() as u32;
    let hash = atalaya_engine::hex(&Sha256::digest(&body.text));
    let saved = app.store.save_watch(&body.text, &hash, n, &author).await?;
    Ok(Json(view(Some(saved), &app)))
}
