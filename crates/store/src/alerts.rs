//! Alerts and what people do with them.

use crate::acts::wall_clock;
use crate::batch::SCHEMA;
use crate::error::StoreError;
use crate::open::Store;
use crate::record::{Author, author_of};
use atalaya_model::{Alert, AlertState, Micros, rfc3339};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// The name in records.
pub(crate) fn state_name(state: AlertState) -> &'static str {
    match state {
        AlertState::Open => "open",
        AlertState::Acknowledged => "acknowledged",
        AlertState::Rejected => "rejected",
        AlertState::Closed => "closed",
        AlertState::Expired => "expired",
    }
}

fn state_of(name: &str) -> AlertState {
    match name {
        "acknowledged" => AlertState::Acknowledged,
        "rejected" => AlertState::Rejected,
        "closed" => AlertState::Closed,
        "expired" => AlertState::Expired,
        _ => AlertState::Open,
    }
}

/// What a person can do with an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertActKind {
    /// Seen, and taken care of: open → acknowledged.
    Acknowledge,
    /// It is not so: open or acknowledged → rejected.
    Reject,
    /// Done: acknowledged → closed.
    Close,
    /// Says something; changes nothing.
    Comment,
}

impl AlertActKind {
    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Reject => "reject",
            Self::Close => "close",
            Self::Comment => "comment",
        }
    }

    /// The state after it, `None` when it is not possible in `state`.
    pub fn after(self, state: AlertState) -> Option<AlertState> {
        use AlertState::{Acknowledged, Closed, Open, Rejected};
        match (self, state) {
            (Self::Acknowledge, Open) => Some(Acknowledged),
            (Self::Reject, Open | Acknowledged) => Some(Rejected),
            (Self::Close, Acknowledged) => Some(Closed),
            (Self::Comment, state) => Some(state),
            _ => None,
        }
    }

    fn of(name: &str) -> Self {
        match name {
            "acknowledge" => Self::Acknowledge,
            "reject" => Self::Reject,
            "close" => Self::Close,
            _ => Self::Comment,
        }
    }
}

/// Something that a person did with an alert.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertAct {
    /// What.
    pub act: AlertActKind,
    /// The words that go with it; may be empty.
    pub text: String,
    /// Who.
    pub author: Author,
    /// When, wall time.
    #[serde(with = "rfc3339")]
    #[schemars(with = "String")]
    pub at: Micros,
}

/// An alert as it stands now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredAlert {
    /// The run.
    pub run: String,
    /// The alert, with the state that people gave it.
    pub alert: Alert,
}

/// Which alerts.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// Only in this state.
    pub state: Option<AlertState>,
    /// Only of this run.
    pub run: Option<String>,
    /// Only after this one in the order of the list: the `next` of the page before.
    pub after: Option<AlertCursor>,
}

/// A place in the list of alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlertCursor {
    opened_at: i64,
    n: i64,
}

impl std::fmt::Display for AlertCursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.opened_at, self.n)
    }
}

impl std::str::FromStr for AlertCursor {
    type Err = StoreError;

    fn from_str(s: &str) -> Result<Self, StoreError> {
        let parts = s
            .split_once('.')
            .and_then(|(t, n)| Some((t.parse().ok()?, n.parse().ok()?)));
        let (opened_at, n) = parts.ok_or_else(|| StoreError::Invalid {
            why: format!(
                "'{s}' is not a place in the list; take it from 'next' of the page before"
            ),
        })?;
        Ok(Self { opened_at, n })
    }
}

/// A page of alerts, newest first.
#[derive(Clone, Debug, Default)]
pub struct AlertPage {
    /// The alerts.
    pub alerts: Vec<StoredAlert>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<AlertCursor>,
}

/// Longest text of an act or note, bytes.
pub(crate) const MOST_TEXT: usize = 4000;

pub(crate) fn check_text(text: &str, needed: bool) -> Result<(), StoreError> {
    if needed && text.trim().is_empty() {
        return Err(StoreError::Invalid {
            why: "the text is empty; write something".into(),
        });
    }
    if text.len() > MOST_TEXT {
        return Err(StoreError::Invalid {
            why: format!(
                "the text has {} bytes; at most {MOST_TEXT} are kept",
                text.len()
            ),
        });
    }
    Ok(())
}

fn alert_of(row: &SqliteRow) -> Result<StoredAlert, StoreError> {
    let body: String = row.get("body");
    let mut alert: Alert = serde_json::from_str(&body).map_err(|e| StoreError::Database {
        doing: "reading an alert",
        why: e.to_string(),
    })?;
    alert.state = state_of(row.get("state"));
    Ok(StoredAlert {
        run: row.get("run"),
        alert,
    })
}

impl Store {
    /// Up to `limit` alerts, newest first.
    pub async fn alerts(&self, filter: &AlertFilter, limit: u32) -> Result<AlertPage, StoreError> {
        let limit = limit.clamp(1, 1000);
        let after = filter.after.unwrap_or(AlertCursor {
            opened_at: i64::MAX,
            n: i64::MAX,
        });
        let rows = sqlx::query(
            "SELECT n, run, state, body, opened_at FROM alert
             WHERE (opened_at, n) < (?1, ?2) AND (?3 IS NULL OR state = ?3) AND (?4 IS NULL OR run = ?4)
             ORDER BY opened_at DESC, n DESC LIMIT ?5",
        )
        .bind(after.opened_at)
        .bind(after.n)
        .bind(filter.state.map(state_name))
        .bind(filter.run.as_deref())
        .bind(limit + 1)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading alerts", e))?;
        let most = limit as usize;
        let next = (rows.len() > most)
            .then(|| rows.get(most - 1))
            .flatten()
            .map(|r| AlertCursor {
                opened_at: r.get("opened_at"),
                n: r.get("n"),
            });
        let alerts = rows
            .iter()
            .take(most)
            .map(alert_of)
            .collect::<Result<_, _>>()?;
        Ok(AlertPage { alerts, next })
    }

    /// How many alerts are open.
    pub async fn open_alerts(&self) -> Result<i64, StoreError> {
        sqlx::query_scalar("SELECT count(*) FROM alert WHERE state = 'open'")
            .fetch_one(&self.pool)
            .await
            .map_err(|e| StoreError::sql("counting alerts", e))
    }

    /// One alert and what people did with it, oldest first.
    pub async fn alert(
        &self,
        run: &str,
        id: &str,
    ) -> Result<(StoredAlert, Vec<AlertAct>), StoreError> {
        let fail = |e| StoreError::sql("reading an alert", e);
        let row = sqlx::query("SELECT n, run, state, body FROM alert WHERE run = ? AND id = ?")
            .bind(run)
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .map_err(fail)?
            .ok_or_else(|| not_found(id))?;
        let acts = sqlx::query("SELECT * FROM alert_act WHERE alert = ? ORDER BY n")
            .bind(row.get::<i64, _>("n"))
            .fetch_all(&self.pool)
            .await
            .map_err(fail)?;
        let acts = acts.iter().map(|r| AlertAct {
            act: AlertActKind::of(r.get("act")),
            text: r.get("text"),
            author: author_of(r),
            at: Micros(r.get("wall")),
        });
        Ok((alert_of(&row)?, acts.collect()))
    }

    /// Does something with an alert, when its state allows it, and gives the alert as it is then.
    pub async fn act_on_alert(
        &self,
        (run, id): (&str, &str),
        act: AlertActKind,
        author: &Author,
        text: &str,
    ) -> Result<StoredAlert, StoreError> {
        check_text(text, act == AlertActKind::Comment)?;
        let fail = |e| StoreError::sql("changing an alert", e);
        let mut tx = self.begin().await.map_err(fail)?;
        let row = sqlx::query("SELECT n, run, state, body FROM alert WHERE run = ? AND id = ?")
            .bind(run)
            .bind(id)
            .fetch_optional(&mut *tx)
            .await
            .map_err(fail)?
            .ok_or_else(|| not_found(id))?;
        let mut stored = alert_of(&row)?;
        let before = state_name(stored.alert.state);
        let after = act
            .after(stored.alert.state)
            .ok_or_else(|| StoreError::Conflict {
                why: format!(
                    "alert '{id}' is {before}: can't {} it; reload to see who did what",
                    act.name()
                ),
            })?;
        stored.alert.state = after;
        let n: i64 = row.get("n");
        let at = wall_clock();
        sqlx::query("UPDATE alert SET state = ? WHERE n = ?")
            .bind(state_name(after))
            .bind(n)
            .execute(&mut *tx)
            .await
            .map_err(fail)?;
        sqlx::query(
            "INSERT INTO alert_act (alert, act, text, author, verified, wall, schema) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(n)
        .bind(act.name())
        .bind(text)
        .bind(&author.name)
        .bind(author.verified)
        .bind(at.0)
        .bind(SCHEMA)
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        let what = format!("alert.{}", act.name());
        let subject = format!("{run}~{id}");
        let detail = (before, state_name(after));
        self.commit_act(tx, at, author, (&what, &subject), &detail)
            .await
            .map_err(fail)?;
        Ok(stored)
    }
}

fn not_found(id: &str) -> StoreError {
    StoreError::NotFound {
        what: "alert",
        id: id.into(),
    }
}
