//! What people say about which vehicles are one: a log to which is only added.

use crate::acts::wall_clock;
use crate::batch::{SCHEMA, json};
use crate::error::StoreError;
use crate::open::Store;
use crate::record::{Author, author_of};
use atalaya_model::{Class, Micros};
use serde::Serialize;
use sqlx::Row;
use std::collections::BTreeMap;

/// An entry.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredJudgement {
    /// Number, from 1.
    pub n: i64,
    /// What was said, JSON; the store does not look into it.
    pub body: String,
    /// It takes back the entry of this number.
    pub undoes: Option<i64>,
    /// Who.
    pub author: Author,
    /// When, wall time.
    pub at: Micros,
}

impl Store {
    /// Adds a judgement, or takes one back; gives its number.
    pub async fn add_judgement<T: Serialize>(
        &self,
        body: &T,
        undoes: Option<i64>,
        author: &Author,
    ) -> Result<i64, StoreError> {
        let fail = |e| StoreError::sql("writing a judgement", e);
        let at = wall_clock();
        let delete_by = self.keep_until(None, at).await?;
        let mut tx = self.begin().await.map_err(fail)?;
        let n = sqlx::query(
            "INSERT INTO judgement (body, undoes, author, verified, wall, schema, delete_by)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(json(body))
        .bind(undoes)
        .bind(&author.name)
        .bind(author.verified)
        .bind(at.0)
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(&mut *tx)
        .await
        .map_err(fail)?
        .last_insert_rowid();
        let what = if undoes.is_some() {
            "network.undo"
        } else {
            "network.judge"
        };
        let subject = undoes.unwrap_or(n).to_string();
        self.commit_act(tx, at, author, (what, &subject), body)
            .await
            .map_err(fail)?;
        Ok(n)
    }

    /// All judgements, oldest first, 100,000 at most.
    pub async fn judgements(&self) -> Result<Vec<StoredJudgement>, StoreError> {
        let rows = sqlx::query("SELECT * FROM judgement ORDER BY n LIMIT 100000")
            .fetch_all(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading judgements", e))?;
        Ok(rows
            .iter()
            .map(|r| StoredJudgement {
                n: r.get("n"),
                body: r.get("body"),
                undoes: r.get("undoes"),
                author: author_of(r),
                at: Micros(r.get("wall")),
            })
            .collect())
    }

    /// What kind each track is, by run and name, of those seen from `from` to `to`; 100,000 at most.
    pub async fn track_classes(
        &self,
        from: Micros,
        to: Micros,
    ) -> Result<BTreeMap<(String, String), Class>, StoreError> {
        let rows = sqlx::query(
            "SELECT run, track, class FROM track WHERE t1 >= ? AND t0 <= ? ORDER BY t1 DESC LIMIT 100000",
        )
        .bind(from.0)
        .bind(to.0)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading tracks", e))?;
        Ok(rows
            .iter()
            .filter_map(|r| {
                let name: String = r.get("class");
                let class = serde_json::from_value(serde_json::Value::String(name)).ok()?;
                Some(((r.get("run"), r.get("track")), class))
            })
            .collect())
    }
}
