//! Releases as they stand, and what was said of them.

use crate::decisions::parse;
use crate::error::StoreError;
use crate::open::Store;
use crate::releases::not_found;
use atalaya_model::{Micros, Release, ReleaseMessage};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// A release with all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRelease {
    /// The record.
    pub release: Release,
    /// When its link was used.
    pub fetched: Option<Micros>,
    /// Its content is still there.
    pub has_content: bool,
    /// What was said of it, oldest first.
    pub messages: Vec<StoredMessage>,
}

/// Something that was said of a release.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMessage {
    /// Number in the store, from 1.
    pub n: i64,
    /// The record.
    pub message: ReleaseMessage,
    /// We say it, and there is a file of it.
    pub ours: bool,
    /// It reached the other side by post.
    pub posted: bool,
}

impl Store {
    /// One release.
    pub async fn release(&self, id: &str) -> Result<StoredRelease, StoreError> {
        let fail = |e| StoreError::sql("reading a release", e);
        let mut conn = self.pool.acquire().await.map_err(fail)?;
        let row = sqlx::query(
            "SELECT body, fetched, package IS NOT NULL AS content FROM release WHERE id = ?",
        )
        .bind(id)
        .fetch_optional(&mut *conn)
        .await
        .map_err(fail)?
        .ok_or_else(|| not_found(id))?;
        let said = messages(&mut conn, id).await?;
        stored(&row, said)
    }

    /// All releases of both directions, the latest first.
    pub async fn releases(&self) -> Result<Vec<StoredRelease>, StoreError> {
        let fail = |e| StoreError::sql("reading releases", e);
        let mut conn = self.pool.acquire().await.map_err(fail)?;
        let rows = sqlx::query(
            "SELECT id, body, fetched, package IS NOT NULL AS content FROM release ORDER BY created DESC, id LIMIT 1000",
        )
        .fetch_all(&mut *conn)
        .await
        .map_err(fail)?;
        let mut all = Vec::with_capacity(rows.len());
        for row in &rows {
            let said = messages(&mut conn, row.get("id")).await?;
            all.push(stored(row, said)?);
        }
        Ok(all)
    }

    /// The product of a release; `None` when it is gone.
    pub async fn release_package(&self, id: &str) -> Result<Option<String>, StoreError> {
        self.column(id, "SELECT package FROM release WHERE id = ?")
            .await
    }

    /// The sealed file of a release; `None` when it is not sealed, or gone.
    pub async fn sealed_release(&self, id: &str) -> Result<Option<String>, StoreError> {
        self.column(id, "SELECT sealed FROM release WHERE id = ?")
            .await
    }

    /// The sealed file of something that we said of a release.
    pub async fn sealed_message(&self, n: i64) -> Result<String, StoreError> {
        let found: Option<Option<String>> =
            sqlx::query_scalar("SELECT sealed FROM release_message WHERE n = ?")
                .bind(n)
                .fetch_optional(&self.pool)
                .await
                .map_err(|e| StoreError::sql("reading a message", e))?;
        found.flatten().ok_or_else(|| StoreError::NotFound {
            what: "message of ours",
            id: n.to_string(),
        })
    }

    async fn column(&self, id: &str, query: &'static str) -> Result<Option<String>, StoreError> {
        let found: Option<Option<String>> = sqlx::query_scalar(query)
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading a release", e))?;
        found.ok_or_else(|| not_found(id))
    }
}

pub(crate) async fn messages(
    tx: &mut SqliteConnection,
    id: &str,
) -> Result<Vec<StoredMessage>, StoreError> {
    let rows = sqlx::query(
        "SELECT n, body, sealed IS NOT NULL AS ours, posted IS NOT NULL AS posted
         FROM release_message WHERE release = ? ORDER BY n",
    )
    .bind(id)
    .fetch_all(tx)
    .await
    .map_err(|e| StoreError::sql("reading messages", e))?;
    rows.iter()
        .map(|r| {
            Ok(StoredMessage {
                n: r.get("n"),
                message: parse(r.get("body"))?,
                ours: r.get("ours"),
                posted: r.get("posted"),
            })
        })
        .collect()
}

fn stored(row: &SqliteRow, messages: Vec<StoredMessage>) -> Result<StoredRelease, StoreError> {
    Ok(StoredRelease {
        release: parse(row.get("body"))?,
        fetched: row.get::<Option<i64>, _>("fetched").map(Micros),
        has_content: row.get("content"),
        messages,
    })
}
