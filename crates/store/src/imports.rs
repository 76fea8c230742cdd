//! Networks that people brought: entities and links of a file, as it was kept.

use crate::acts::wall_clock;
use crate::batch::SCHEMA;
use crate::error::StoreError;
use crate::open::Store;
use crate::record::{Author, author_of};
use atalaya_model::Micros;
use serde_json::json;
use sqlx::Row;

/// Most files at once.
const MOST: i64 = 200;

/// A file of entities to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewImport {
    /// The file's name.
    pub name: String,
    /// `csv` or `ftm`.
    pub format: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// What was kept; the store does not look into it.
    pub body: String,
    /// What was kept and left out, JSON.
    pub counts: String,
}

/// A file of entities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImport {
    /// Number, from 1.
    pub n: i64,
    /// What.
    pub import: NewImport,
    /// Who brought it.
    pub author: Author,
    /// When, wall time.
    pub at: Micros,
    /// Somebody took it back.
    pub undone: bool,
}

impl Store {
    /// Keeps a file of entities; gives its number.
    pub async fn add_import(&self, new: &NewImport, author: &Author) -> Result<i64, StoreError> {
        let fail = |e| StoreError::sql("writing an import", e);
        let at = wall_clock();
        let delete_by = self.keep_until(None, at).await?;
        let mut tx = self.begin().await.map_err(fail)?;
        let held: i64 = sqlx::query_scalar("SELECT count(*) FROM network_import WHERE undone = 0")
            .fetch_one(&mut *tx)
            .await
            .map_err(fail)?;
        if held >= MOST {
            return Err(StoreError::Invalid {
                why: format!("there are {held} imports and {MOST} at most; take some back first"),
            });
        }
        let n = sqlx::query(
            "INSERT INTO network_import (name, format, sha256, body, counts, author, verified, wall, schema, delete_by)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&new.name)
        .bind(&new.format)
        .bind(&new.sha256)
        .bind(&new.body)
        .bind(&new.counts)
        .bind(&author.name)
        .bind(author.verified)
        .bind(at.0)
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(&mut *tx)
        .await
        .map_err(fail)?
        .last_insert_rowid();
        let counts: serde_json::Value = serde_json::from_str(&new.counts).unwrap_or_default();
        self.commit_act(
            tx,
            at,
            author,
            ("network.import", &n.to_string()),
            &json!({ "name": new.name, "sha256": new.sha256, "counts": counts }),
        )
        .await
        .map_err(fail)?;
        Ok(n)
    }

    /// All imports, oldest first, those taken back too.
    pub async fn imports(&self) -> Result<Vec<StoredImport>, StoreError> {
        let rows = sqlx::query("SELECT * FROM network_import ORDER BY n LIMIT 1000")
            .fetch_all(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading imports", e))?;
        Ok(rows
            .iter()
            .map(|r| StoredImport {
                n: r.get("n"),
                import: NewImport {
                    name: r.get("name"),
                    format: r.get("format"),
                    sha256: r.get("sha256"),
                    body: r.get("body"),
                    counts: r.get("counts"),
                },
                author: author_of(r),
                at: Micros(r.get("wall")),
                undone: r.get("undone"),
            })
            .collect())
    }

    /// Takes an import back.
    pub async fn undo_import(&self, n: i64, author: &Author) -> Result<(), StoreError> {
        let sql = ["UPDATE network_import SET undone = 1 WHERE n = ? AND undone = 0"];
        self.take_back(&sql, n, ("import", "network.undo-import"), author)
            .await
    }
}
