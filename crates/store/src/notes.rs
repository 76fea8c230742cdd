//! The watch log.

use crate::acts::wall_clock;
use crate::alerts::check_text;
use crate::batch::SCHEMA;
use crate::error::StoreError;
use crate::open::Store;
use crate::record::{Author, Note, NoteKind, author_of};
use atalaya_model::Micros;
use sqlx::Row;

/// A line to be written into the watch log.
#[derive(Clone, Debug)]
pub struct NewNote {
    /// Kind.
    pub kind: NoteKind,
    /// The moment it is about, event time.
    pub t: Micros,
    /// The run it is about.
    pub run: Option<String>,
    /// The feed it is about.
    pub feed: Option<String>,
    /// The words.
    pub text: String,
}

/// What notes and edits go by when no run says how long: days.
const DEFAULT_EVIDENCE_DAYS: i64 = 365;
const DAY_US: i64 = 86_400_000_000;

impl Store {
    /// Writes a line into the watch log.
    pub async fn add_note(&self, new: NewNote, author: &Author) -> Result<Note, StoreError> {
        check_text(&new.text, true)?;
        let fail = |e| StoreError::sql("writing a note", e);
        let written_at = wall_clock();
        let delete_by = self.keep_until(new.run.as_deref(), written_at).await?;
        let mut tx = self.begin().await.map_err(fail)?;
        let done = sqlx::query(
            "INSERT INTO note (kind, t, run, feed, text, author, verified, wall, schema, delete_by)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.kind.name())
        .bind(new.t.0)
        .bind(&new.run)
        .bind(&new.feed)
        .bind(&new.text)
        .bind(&author.name)
        .bind(author.verified)
        .bind(written_at.0)
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        let n = done.last_insert_rowid();
        let subject = n.to_string();
        self.commit_act(tx, written_at, author, ("note.add", &subject), &new.kind)
            .await
            .map_err(fail)?;
        Ok(Note {
            n,
            kind: new.kind,
            t: new.t,
            run: new.run,
            feed: new.feed,
            text: new.text,
            author: author.clone(),
            written_at,
        })
    }

    /// Up to `limit` notes, the latest written first, before number `before`.
    pub async fn notes(&self, before: Option<i64>, limit: u32) -> Result<Vec<Note>, StoreError> {
        let rows = sqlx::query("SELECT * FROM note WHERE n < ? ORDER BY n DESC LIMIT ?")
            .bind(before.unwrap_or(i64::MAX))
            .bind(limit.clamp(1, 1000))
            .fetch_all(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading notes", e))?;
        Ok(rows
            .iter()
            .map(|r| Note {
                n: r.get("n"),
                kind: match r.get("kind") {
                    "instruction" => NoteKind::Instruction,
                    "handover" => NoteKind::Handover,
                    "fault" => NoteKind::Fault,
                    _ => NoteKind::Observation,
                },
                t: Micros(r.get("t")),
                run: r.get("run"),
                feed: r.get("feed"),
                text: r.get("text"),
                author: author_of(r),
                written_at: Micros(r.get("wall")),
            })
            .collect())
    }

    /// How long something that a person adds now is kept: as long as the run's evidence, or the
    /// latest run's.
    pub(crate) async fn keep_until(
        &self,
        run: Option<&str>,
        now: Micros,
    ) -> Result<Micros, StoreError> {
        let days: Option<i64> = sqlx::query_scalar(
            "SELECT evidence_days FROM run ORDER BY (id = ?) DESC, started DESC LIMIT 1",
        )
        .bind(run)
        .fetch_optional(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading a run", e))?;
        let days = days.unwrap_or(DEFAULT_EVIDENCE_DAYS);
        Ok(Micros(now.0.saturating_add(days.saturating_mul(DAY_US))))
    }
}
