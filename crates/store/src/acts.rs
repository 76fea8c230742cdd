//! The log of acts: who did what to what, and when.

use crate::audit;
use crate::batch::{SCHEMA, json};
use crate::error::StoreError;
use crate::open::Store;
use crate::record::Author;
use atalaya_authority::audit::{Entry, SigningKey};
use atalaya_model::{Micros, rfc3339};
use serde::{Deserialize, Serialize};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, SqliteConnection, Transaction};
use std::time::{SystemTime, UNIX_EPOCH};

/// The wall clock. Acts and delete-by dates go by it; event time never does.
pub(crate) fn wall_clock() -> Micros {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// A line of the log of acts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// Number, from 1, without gaps.
    pub n: i64,
    /// When, wall time.
    #[serde(with = "rfc3339")]
    pub at: Micros,
    /// Who; `atalaya` for what the program does by itself.
    pub who: Author,
    /// What: `alert.acknowledge`, `track.split`, `purge`, ….
    pub what: String,
    /// To what.
    pub subject: String,
    /// More about it, JSON.
    pub detail: String,
    /// Its content was deleted at its time: only number and leaf are left.
    #[serde(default)]
    pub purged: bool,
}

/// How long an act's content is kept: five years. Its number and its leaf stay.
pub(crate) const KEEP_ACTS_US: i64 = 157_766_400_000_000;

/// Appends to the log and its tree, inside the transaction of the act itself: there is no act without
/// its line, and no line without its act.
pub(crate) async fn record_act<T: Serialize>(
    key: &SigningKey,
    tx: &mut SqliteConnection,
    at: Micros,
    who: &Author,
    (what, subject): (&str, &str),
    detail: &T,
) -> Result<(), sqlx::Error> {
    let entry = Entry {
        n: audit::size(tx).await? + 1,
        at_us: at.0,
        who: who.name.clone(),
        verified: who.verified,
        what: what.into(),
        subject: subject.into(),
        detail: json(detail),
    };
    let (salt, commitment) = audit::take(tx, key, &entry).await?;
    sqlx::query(
        "INSERT INTO act (n, wall, who, verified, what, subject, detail, schema, salt, commitment, delete_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(entry.n.cast_signed())
    .bind(entry.at_us)
    .bind(entry.who)
    .bind(entry.verified)
    .bind(entry.what)
    .bind(entry.subject)
    .bind(entry.detail)
    .bind(SCHEMA)
    .bind(salt.as_slice())
    .bind(commitment.as_slice())
    .bind(at.0.saturating_add(KEEP_ACTS_US))
    .execute(tx)
    .await?;
    Ok(())
}

impl Store {
    /// Begins a transaction that will write.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.pool.begin_with("BEGIN IMMEDIATE").await
    }

    /// Ends a transaction with the line of its act.
    pub(crate) async fn commit_act<T: Serialize>(
        &self,
        mut tx: Transaction<'static, Sqlite>,
        at: Micros,
        who: &Author,
        what_subject: (&str, &str),
        detail: &T,
    ) -> Result<(), sqlx::Error> {
        record_act(&self.shared.key, &mut tx, at, who, what_subject, detail).await?;
        tx.commit().await
    }

    /// Notes an act that changes nothing here: a look at evidence, an export, a refusal.
    pub async fn note_act<T: Serialize>(
        &self,
        who: &Author,
        what: &str,
        subject: &str,
        detail: &T,
    ) -> Result<(), StoreError> {
        let fail = |e| StoreError::sql("noting an act", e);
        let tx = self.begin().await.map_err(fail)?;
        self.commit_act(tx, wall_clock(), who, (what, subject), detail)
            .await
            .map_err(fail)
    }

    /// Up to `limit` acts after number `after`, oldest first.
    pub async fn acts(&self, after: i64, limit: u32) -> Result<Vec<Act>, StoreError> {
        let rows = sqlx::query("SELECT * FROM act WHERE n > ? ORDER BY n LIMIT ?")
            .bind(after)
            .bind(limit)
            .fetch_all(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading acts", e))?;
        Ok(rows.iter().map(act_of).collect())
    }

    /// Up to `limit` acts before number `before`, newest first; only those whose `what` begins with
    /// `what`, and whose author's name or subject holds `text`.
    pub async fn acts_before(
        &self,
        before: Option<i64>,
        what: &str,
        text: &str,
        limit: u32,
    ) -> Result<Vec<Act>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM act WHERE n < ?1 AND substr(what, 1, length(?2)) = ?2
               AND (?3 = '' OR instr(lower(who), lower(?3)) > 0 OR instr(lower(subject), lower(?3)) > 0)
             ORDER BY n DESC LIMIT ?4",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(what)
        .bind(text)
        .bind(limit.clamp(1, 1000))
        .fetch_all(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading acts", e))?;
        Ok(rows.iter().map(act_of).collect())
    }

    /// How many acts there are, and how many of them are refusals (`refused…`).
    pub async fn count_acts(&self) -> Result<(i64, i64), StoreError> {
        sqlx::query_as("SELECT count(*), coalesce(sum(substr(what, 1, 7) = 'refused'), 0) FROM act")
            .fetch_one(&self.pool)
            .await
            .map_err(|e| StoreError::sql("counting acts", e))
    }
}

fn act_of(r: &SqliteRow) -> Act {
    Act {
        n: r.get("n"),
        at: Micros(r.get("wall")),
        who: Author {
            name: r.get("who"),
            verified: r.get("verified"),
        },
        what: r.get("what"),
        subject: r.get("subject"),
        detail: r.get("detail"),
        purged: r.get::<Option<Vec<u8>>, _>("salt").is_none(),
    }
}
