//! Watch documents, what is asked of events to try them, and what people answered.

use crate::acts::wall_clock;
use crate::batch::SCHEMA;
use crate::error::StoreError;
use crate::open::Store;
use crate::record::{Author, author_of};
use atalaya_model::{Event, Micros};
use serde_json::json;
use sqlx::Row;

/// Answers that are learnt from, the newest.
const MOST_ANSWERS: i64 = 5000;

/// A watch document that was saved.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredWatch {
    /// Number, from 1; the greatest is armed.
    pub n: i64,
    /// The document, TOML; it was checked before it was saved.
    pub text: String,
    /// SHA-256 of the text.
    pub sha256: String,
    /// How many rules it has.
    pub rules: u32,
    /// Who armed it.
    pub author: Author,
    /// When, wall time.
    pub at: Micros,
}

/// A person's answer to an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The rule.
    pub rule: String,
    /// The class of its first event, as records name it; empty where it is not known.
    pub class: String,
    /// The alert's zone.
    pub zone: String,
    /// False when it was rejected.
    pub right: bool,
}

impl Store {
    /// Saves a watch document: it is armed from the next start of a run.
    pub async fn save_watch(
        &self,
        text: &str,
        sha256: &str,
        rules: u32,
        author: &Author,
    ) -> Result<StoredWatch, StoreError> {
        let fail = |e| StoreError::sql("saving a watch document", e);
        let at = wall_clock();
        let delete_by = self.keep_until(None, at).await?;
        let mut tx = self.begin().await.map_err(fail)?;
        let n = sqlx::query(
            "INSERT INTO watch (body, sha256, rules, author, verified, wall, schema, delete_by)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(text)
        .bind(sha256)
        .bind(rules)
        .bind(&author.name)
        .bind(author.verified)
        .bind(at.0)
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(&mut *tx)
        .await
        .map_err(fail)?
        .last_insert_rowid();
        let detail = json!({ "sha256": sha256, "rules": rules });
        self.commit_act(tx, at, author, ("watch.arm", &n.to_string()), &detail)
            .await
            .map_err(fail)?;
        Ok(StoredWatch {
            n,
            text: text.to_owned(),
            sha256: sha256.to_owned(),
            rules,
            author: author.clone(),
            at,
        })
    }

    /// The watch document that is armed.
    pub async fn watch(&self) -> Result<Option<StoredWatch>, StoreError> {
        let row = sqlx::query("SELECT * FROM watch ORDER BY n DESC LIMIT 1")
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading a watch document", e))?;
        Ok(row.map(|r| StoredWatch {
            n: r.get("n"),
            text: r.get("body"),
            sha256: r.get("sha256"),
            rules: r.get("rules"),
            author: author_of(&r),
            at: Micros(r.get("wall")),
        }))
    }

    /// Events from a moment on (event time), the latest `limit` of them, oldest first, with their
    /// runs.
    pub async fn events_since(
        &self,
        run: Option<&str>,
        from: Micros,
        limit: u32,
    ) -> Result<Vec<(String, Event)>, StoreError> {
        let rows = sqlx::query(
            "SELECT run, body FROM event WHERE t >= ?1 AND (?2 IS NULL OR run = ?2) ORDER BY t DESC, run, id LIMIT ?3",
        )
        .bind(from.0)
        .bind(run)
        .bind(limit)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading events", e))?;
        rows.iter()
            .rev()
            .map(|r| {
                let event = serde_json::from_str(r.get("body"));
                let event = event.map_err(|e| StoreError::Database {
                    doing: "reading an event",
                    why: e.to_string(),
                })?;
                Ok((r.get("run"), event))
            })
            .collect()
    }

    /// What people answered to alerts, the latest 5,000: acknowledged and closed are right, rejected is wrong.
    pub async fn answers(&self) -> Result<Vec<StoredAnswer>, StoreError> {
        let rows = sqlx::query(
            "SELECT a.state = 'rejected' AS wrong, json_extract(a.body, '$.rule') AS rule,
               json_extract(a.body, '$.zone') AS zone, coalesce(json_extract(e.body, '$.class'), '') AS class
             FROM alert a LEFT JOIN event e ON e.run = a.run AND e.id = json_extract(a.body, '$.events[0]')
             WHERE a.state IN ('acknowledged', 'closed', 'rejected') ORDER BY a.n DESC LIMIT ?",
        )
        .bind(MOST_ANSWERS)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading answers", e))?;
        Ok(rows
            .iter()
            .map(|r| StoredAnswer {
                rule: r.get("rule"),
                class: r.get("class"),
                zone: r.get("zone"),
                right: r.get::<i64, _>("wrong") == 0,
            })
            .collect())
    }
}
