//! Documents that people brought to be translated: their text, never the file.

use crate::acts::wall_clock;
use crate::batch::{SCHEMA, json as text};
use crate::error::StoreError;
use crate::open::Store;
use crate::record::{Author, author_of};
use atalaya_model::Micros;
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Most documents at once.
const MOST: i64 = 1000;

/// A document to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDocument {
    /// The file's name.
    pub name: String,
    /// `text`, `word`, `pdf`.
    pub kind: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Language of the text: `es`, `en`.
    pub lang: String,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
}

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    /// Number, from 1.
    pub n: i64,
    /// What it is; of a list, without its paragraphs.
    pub document: NewDocument,
    /// Who brought it.
    pub author: Author,
    /// When, wall time.
    pub at: Micros,
}

fn document_of(r: &SqliteRow, paragraphs: Vec<String>) -> StoredDocument {
    StoredDocument {
        n: r.get("n"),
        document: NewDocument {
            name: r.get("name"),
            kind: r.get("kind"),
            sha256: r.get("sha256"),
            lang: r.get("lang"),
            paragraphs,
        },
        author: author_of(r),
        at: Micros(r.get("wall")),
    }
}

impl Store {
    /// Keeps a document's text; gives its number.
    pub async fn add_document(
        &self,
        new: &NewDocument,
        author: &Author,
    ) -> Result<i64, StoreError> {
        let fail = |e| StoreError::sql("writing a document", e);
        let at = wall_clock();
        let delete_by = self.keep_until(None, at).await?;
        let mut tx = self.begin().await.map_err(fail)?;
        let held: i64 = sqlx::query_scalar("SELECT count(*) FROM document")
            .fetch_one(&mut *tx)
            .await
            .map_err(fail)?;
        if held >= MOST {
            return Err(StoreError::Invalid {
                why: format!("there are {held} documents and {MOST} at most; remove some first"),
            });
        }
        let n = sqlx::query(
            "INSERT INTO document (name, kind, sha256, lang, body, author, verified, wall, schema, delete_by)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&new.name)
        .bind(&new.kind)
        .bind(&new.sha256)
        .bind(&new.lang)
        .bind(text(&new.paragraphs))
        .bind(&author.name)
        .bind(author.verified)
        .bind(at.0)
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(&mut *tx)
        .await
        .map_err(fail)?
        .last_insert_rowid();
        self.commit_act(
            tx,
            at,
            author,
            ("document.add", &n.to_string()),
            &json!({ "name": new.name, "kind": new.kind, "sha256": new.sha256 }),
        )
        .await
        .map_err(fail)?;
        Ok(n)
    }

    /// Documents without their paragraphs, the latest first.
    pub async fn documents(&self) -> Result<Vec<StoredDocument>, StoreError> {
        let rows = sqlx::query(
            "SELECT n, name, kind, sha256, lang, author, verified, wall FROM document ORDER BY n DESC LIMIT ?",
        )
        .bind(MOST)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading documents", e))?;
        Ok(rows.iter().map(|r| document_of(r, Vec::new())).collect())
    }

    /// A document.
    pub async fn document(&self, n: i64) -> Result<StoredDocument, StoreError> {
        let row = sqlx::query("SELECT * FROM document WHERE n = ?")
            .bind(n)
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading a document", e))?
            .ok_or_else(|| StoreError::NotFound {
                what: "document",
                id: n.to_string(),
            })?;
        let body: String = row.get("body");
        let paragraphs = serde_json::from_str(&body).map_err(|e| StoreError::Database {
            doing: "reading a document",
            why: e.to_string(),
        })?;
        Ok(document_of(&row, paragraphs))
    }

    /// Deletes a document's text. What was corrected in it stays in the memory.
    pub async fn remove_document(&self, n: i64, author: &Author) -> Result<(), StoreError> {
        let what = ("document", "document.remove");
        self.take_back(&["DELETE FROM document WHERE n = ?"], n, what, author)
            .await
    }
}
