//! The translation memory: what people corrected, one sentence at a time or by the file. Nothing is
//! changed: what is taken back is marked.

use crate::acts::wall_clock;
use crate::batch::SCHEMA;
use crate::error::StoreError;
use crate::open::Store;
use crate::record::{Author, author_of};
use atalaya_model::Micros;
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// Most corrections that are held, and come back at once.
const MOST: i64 = 200_000;

/// A correction to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCorrection {
    /// Language of the sentence: `es`, `en`.
    pub lang: String,
    /// The sentence.
    pub source: String,
    /// Its translation.
    pub target: String,
    /// Where it was made: `note`, `document 3`, `release`; for a file, whom the file names.
    pub origin: String,
}

/// A correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCorrection {
    /// Number, from 1.
    pub n: i64,
    /// What.
    pub body: NewCorrection,
    /// The file it came with.
    pub file: Option<i64>,
    /// Who stands for it.
    pub author: Author,
    /// When, wall time.
    pub at: Micros,
    /// Somebody took it back.
    pub undone: bool,
}

/// A file of corrections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCorrectionFile {
    /// Number, from 1.
    pub n: i64,
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// Pairs that were taken.
    pub taken: i64,
    /// Who stands for it.
    pub author: Author,
    /// When, wall time.
    pub at: Micros,
    /// Somebody took it back.
    pub undone: bool,
}

fn correction_of(r: &SqliteRow) -> StoredCorrection {
    StoredCorrection {
        n: r.get("n"),
        body: NewCorrection {
            lang: r.get("lang"),
            source: r.get("source"),
            target: r.get("target"),
            origin: r.get("origin"),
        },
        file: r.get("file"),
        author: author_of(r),
        at: Micros(r.get("wall")),
        undone: r.get("undone"),
    }
}

async fn insert(
    tx: &mut SqliteConnection,
    c: &NewCorrection,
    file: Option<i64>,
    author: &Author,
    (at, delete_by): (Micros, Micros),
) -> Result<i64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO correction (lang, source, target, origin, file, author, verified, wall, schema, delete_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&c.lang)
    .bind(&c.source)
    .bind(&c.target)
    .bind(&c.origin)
    .bind(file)
    .bind(&author.name)
    .bind(author.verified)
    .bind(at.0)
    .bind(SCHEMA)
    .bind(delete_by.0)
    .execute(tx)
    .await?;
    Ok(done.last_insert_rowid())
}

impl Store {
    /// Keeps a correction; gives its number.
    pub async fn add_correction(
        &self,
        new: &NewCorrection,
        author: &Author,
    ) -> Result<i64, StoreError> {
        let fail = |e| StoreError::sql("writing a correction", e);
        let at = wall_clock();
        let delete_by = self.keep_until(None, at).await?;
        let mut tx = self.begin().await.map_err(fail)?;
        room(&mut tx, 1).await?;
        let n = insert(&mut tx, new, None, author, (at, delete_by))
            .await
            .map_err(fail)?;
        self.commit_act(
            tx,
            at,
            author,
            ("translation.correct", &n.to_string()),
            &json!({ "lang": new.lang, "origin": new.origin }),
        )
        .await
        .map_err(fail)?;
        Ok(n)
    }

    /// Keeps the corrections of a file, all or none; gives the file's number and those of its corrections.
    pub async fn add_correction_file(
        &self,
        (name, sha256): (&str, &str),
        new: &[NewCorrection],
        author: &Author,
    ) -> Result<(i64, Vec<i64>), StoreError> {
        let fail = |e| StoreError::sql("writing corrections", e);
        let at = wall_clock();
        let delete_by = self.keep_until(None, at).await?;
        let mut tx = self.begin().await.map_err(fail)?;
        room(&mut tx, new.len() as i64).await?;
        let file = sqlx::query(
            "INSERT INTO correction_file (name, sha256, taken, author, verified, wall, schema, delete_by)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(name)
        .bind(sha256)
        .bind(new.len() as i64)
        .bind(&author.name)
        .bind(author.verified)
        .bind(at.0)
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(&mut *tx)
        .await
        .map_err(fail)?
        .last_insert_rowid();
        let mut numbers = Vec::with_capacity(new.len());
        for c in new {
            let n = insert(&mut tx, c, Some(file), author, (at, delete_by)).await;
            numbers.push(n.map_err(fail)?);
        }
        self.commit_act(
            tx,
            at,
            author,
            ("translation.import", &file.to_string()),
            &json!({ "name": name, "sha256": sha256, "taken": new.len() }),
        )
        .await
        .map_err(fail)?;
        Ok((file, numbers))
    }

    /// Takes a correction back.
    pub async fn undo_correction(&self, n: i64, author: &Author) -> Result<(), StoreError> {
        let sql = ["UPDATE correction SET undone = 1 WHERE n = ? AND undone = 0"];
        self.take_back(&sql, n, ("correction", "translation.undo"), author)
            .await
    }

    /// Takes a file of corrections back, with all that came with it.
    pub async fn undo_correction_file(&self, n: i64, author: &Author) -> Result<(), StoreError> {
        let sql = [
            "UPDATE correction_file SET undone = 1 WHERE n = ? AND undone = 0",
            "UPDATE correction SET undone = 1 WHERE file = ?",
        ];
        let what = ("file of corrections", "translation.undo-import");
        self.take_back(&sql, n, what, author).await
    }

    /// Marks what has this number as taken back: the first statement must find it, the others follow.
    pub(crate) async fn take_back(
        &self,
        statements: &[&'static str],
        n: i64,
        (what, act): (&'static str, &str),
        author: &Author,
    ) -> Result<(), StoreError> {
        let fail = |e| StoreError::sql("taking something back", e);
        let at = wall_clock();
        let mut tx = self.begin().await.map_err(fail)?;
        for (i, sql) in statements.iter().enumerate() {
            let done = sqlx::query(*sql).bind(n).execute(&mut *tx).await;
            if i == 0 && done.as_ref().is_ok_and(|d| d.rows_affected() == 0) {
                return Err(StoreError::NotFound {
                    what,
                    id: n.to_string(),
                });
            }
            done.map_err(fail)?;
        }
        self.commit_act(tx, at, author, (act, &n.to_string()), &())
            .await
            .map_err(fail)
    }

    /// Corrections that hold, oldest first.
    pub async fn corrections(&self) -> Result<Vec<StoredCorrection>, StoreError> {
        let rows = sqlx::query("SELECT * FROM correction WHERE undone = 0 ORDER BY n LIMIT ?")
            .bind(MOST)
            .fetch_all(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading corrections", e))?;
        Ok(rows.iter().map(correction_of).collect())
    }

    /// Up to `limit` corrections that people made one by one, those taken back too, the latest first.
    pub async fn latest_corrections(
        &self,
        limit: u32,
    ) -> Result<Vec<StoredCorrection>, StoreError> {
        let rows =
            sqlx::query("SELECT * FROM correction WHERE file IS NULL ORDER BY n DESC LIMIT ?")
                .bind(limit.clamp(1, 1000))
                .fetch_all(&self.pool)
                .await
                .map_err(|e| StoreError::sql("reading corrections", e))?;
        Ok(rows.iter().map(correction_of).collect())
    }

    /// How many corrections hold.
    pub async fn count_corrections(&self) -> Result<i64, StoreError> {
        sqlx::query_scalar("SELECT count(*) FROM correction WHERE undone = 0")
            .fetch_one(&self.pool)
            .await
            .map_err(|e| StoreError::sql("counting corrections", e))
    }

    /// Files of corrections, those taken back too, the latest first; a hundred at most.
    pub async fn correction_files(&self) -> Result<Vec<StoredCorrectionFile>, StoreError> {
        let rows = sqlx::query("SELECT * FROM correction_file ORDER BY n DESC LIMIT 100")
            .fetch_all(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading files of corrections", e))?;
        Ok(rows
            .iter()
            .map(|r| StoredCorrectionFile {
                n: r.get("n"),
                name: r.get("name"),
                sha256: r.get("sha256"),
                taken: r.get("taken"),
                author: author_of(r),
                at: Micros(r.get("wall")),
                undone: r.get("undone"),
            })
            .collect())
    }
}

/// There is room for so many more.
async fn room(tx: &mut SqliteConnection, more: i64) -> Result<(), StoreError> {
    let held: i64 = sqlx::query_scalar("SELECT count(*) FROM correction WHERE undone = 0")
        .fetch_one(tx)
        .await
        .map_err(|e| StoreError::sql("counting corrections", e))?;
    if held + more > MOST {
        return Err(StoreError::Invalid {
            why: format!(
                "the memory holds {held} corrections and {MOST} at most; take files back that are not needed"
            ),
        });
    }
    Ok(())
}
