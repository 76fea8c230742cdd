//! Delete-by dates, enforced.

use crate::acts::{record_act, wall_clock};
use crate::bus::Purged;
use crate::error::StoreError;
use crate::open::Store;
use crate::record::Author;
use atalaya_model::Micros;
use sqlx::{AssertSqlSafe, Row};
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

/// First, what an event or alert refers to is kept as long as it; only rows whose time has come
/// need be looked at.
const KEEP: [&str; 3] = [
    "UPDATE track SET delete_by = (SELECT max(r.delete_by) FROM reference r WHERE r.run = track.run AND r.subject = track.track)
     WHERE delete_by <= ?1 AND EXISTS (SELECT 1 FROM reference r
       WHERE r.run = track.run AND r.subject = track.track AND r.delete_by > ?1)",
    "UPDATE segment SET delete_by = (SELECT max(r.delete_by) FROM reference r
       WHERE r.run = segment.run AND r.feed = segment.feed AND r.t0 <= segment.t1 AND r.t1 >= segment.t0)
     WHERE delete_by <= ?1 AND EXISTS (SELECT 1 FROM reference r
       WHERE r.run = segment.run AND r.feed = segment.feed AND r.t0 <= segment.t1 AND r.t1 >= segment.t0
         AND r.delete_by > ?1)",
    "UPDATE frame_coverage SET delete_by = (SELECT max(r.delete_by) FROM reference r
       WHERE r.run = frame_coverage.run AND r.feed = frame_coverage.feed AND frame_coverage.t BETWEEN r.t0 AND r.t1)
     WHERE delete_by <= ?1 AND EXISTS (SELECT 1 FROM reference r
       WHERE r.run = frame_coverage.run AND r.feed = frame_coverage.feed
         AND frame_coverage.t BETWEEN r.t0 AND r.t1 AND r.delete_by > ?1)",
];

/// Then the rest goes. The rows that hang on others go first.
const DELETE: [&str; 21] = [
    "DELETE FROM reference WHERE delete_by <= ?1",
    "DELETE FROM track_point WHERE (run, track) IN (SELECT run, track FROM track WHERE delete_by <= ?1)",
    "DELETE FROM track WHERE delete_by <= ?1",
    "DELETE FROM coverage_box WHERE n IN (SELECT n FROM frame_coverage WHERE delete_by <= ?1)",
    "DELETE FROM frame_coverage WHERE delete_by <= ?1",
    "DELETE FROM decision WHERE delete_by <= ?1",
    "DELETE FROM target_match WHERE delete_by <= ?1",
    "DELETE FROM release WHERE delete_by <= ?1",
    "DELETE FROM portal_token WHERE expires <= ?1",
    "DELETE FROM alert WHERE delete_by <= ?1",
    "DELETE FROM event WHERE delete_by <= ?1",
    "DELETE FROM track_edit WHERE delete_by <= ?1",
    "DELETE FROM note WHERE delete_by <= ?1",
    "DELETE FROM judgement WHERE delete_by <= ?1",
    "DELETE FROM correction WHERE delete_by <= ?1",
    "DELETE FROM correction_file WHERE delete_by <= ?1",
    "DELETE FROM document WHERE delete_by <= ?1",
    "DELETE FROM network_import WHERE delete_by <= ?1",
    // What is armed stays for as long as it is.
    "DELETE FROM watch WHERE delete_by <= ?1 AND n < (SELECT max(n) FROM watch)",
    "DELETE FROM session WHERE delete_by <= ?1",
    "DELETE FROM run WHERE delete_by <= ?1",
];

/// An act loses its content and its salt; number and leaf stay, and with them the tree.
const EMPTY_ACTS: &str =
    "UPDATE act SET wall = 0, who = '', verified = 0, what = '', subject = '', detail = '',
   salt = NULL, delete_by = NULL WHERE delete_by <= ?1";

/// Segments whose files are deleted in one go.
const SEGMENTS_AT_ONCE: u32 = 1000;

impl Store {
    /// Deletes what may no longer be kept at `now` (wall time): rows, and segment files under
    /// [`Store::segments_dir`]. What an event or alert refers to stays as long as it does. The
    /// purge itself is an act in the log.
    pub async fn purge(&self, now: Micros) -> Result<Purged, StoreError> {
        let fail = |e| StoreError::sql("deleting what is past its date", e);
        let mut purged = Purged::default();
        let mut tx = self.begin().await.map_err(fail)?;
        for statement in KEEP {
            sqlx::query(statement)
                .bind(now.0)
                .execute(&mut *tx)
                .await
                .map_err(fail)?;
        }
        for statement in DELETE {
            let done = sqlx::query(AssertSqlSafe(statement))
                .bind(now.0)
                .execute(&mut *tx)
                .await
                .map_err(fail)?;
            purged.rows += done.rows_affected();
        }
        let done = sqlx::query(EMPTY_ACTS)
            .bind(now.0)
            .execute(&mut *tx)
            .await
            .map_err(fail)?;
        purged.rows += done.rows_affected();
        if purged.rows > 0 {
            self.log_purge(&mut tx, &purged).await.map_err(fail)?;
        }
        tx.commit().await.map_err(fail)?;
        let files = self.purge_segments(now).await?;
        purged.rows += files.rows;
        purged.files = files.files;
        purged.bytes = files.bytes;
        if purged.rows > 0 {
            // Deleted means gone: not in the log of the database either.
            for statement in [
                "PRAGMA incremental_vacuum",
                "PRAGMA wal_checkpoint(TRUNCATE)",
            ] {
                sqlx::query(statement)
                    .fetch_all(&self.pool)
                    .await
                    .map_err(fail)?;
            }
        }
        Ok(purged)
    }

    /// The same at the wall clock's time.
    pub async fn purge_now(&self) -> Result<Purged, StoreError> {
        self.purge(wall_clock()).await
    }

    /// Files first, then their rows: a crash between leaves rows that the next purge takes up.
    async fn purge_segments(&self, now: Micros) -> Result<Purged, StoreError> {
        let fail = |e| StoreError::sql("deleting segments", e);
        let mut purged = Purged::default();
        loop {
            let rows = sqlx::query("SELECT run, feed, t0, path, bytes FROM segment WHERE delete_by <= ? ORDER BY delete_by LIMIT ?")
                .bind(now.0)
                .bind(SEGMENTS_AT_ONCE)
                .fetch_all(&self.pool)
                .await
                .map_err(fail)?;
            if rows.is_empty() {
                return Ok(purged);
            }
            for row in &rows {
                let Some(path) = self.own_file(row.get("path")) else {
                    continue;
                };
                match std::fs::remove_file(&path) {
                    Ok(()) => {
                        purged.files += 1;
                        purged.bytes += row.get::<i64, _>("bytes").unsigned_abs();
                    }
                    Err(e) if e.kind() == ErrorKind::NotFound => {}
                    Err(e) => {
                        return Err(StoreError::Database {
                            doing: "deleting segments",
                            why: format!("{}: {e}; delete it by hand", path.display()),
                        });
                    }
                }
            }
            let mut tx = self.begin().await.map_err(fail)?;
            for row in &rows {
                sqlx::query(
                    "DELETE FROM segment WHERE run = ? AND feed = ? AND t0 = ? AND path = ?",
                )
                .bind(row.get::<String, _>("run"))
                .bind(row.get::<String, _>("feed"))
                .bind(row.get::<i64, _>("t0"))
                .bind(row.get::<String, _>("path"))
                .execute(&mut *tx)
                .await
                .map_err(fail)?;
            }
            purged.rows += rows.len() as u64;
            let part = Purged {
                rows: rows.len() as u64,
                ..purged
            };
            self.log_purge(&mut tx, &part).await.map_err(fail)?;
            tx.commit().await.map_err(fail)?;
        }
    }

    async fn log_purge(
        &self,
        tx: &mut sqlx::SqliteConnection,
        purged: &Purged,
    ) -> Result<(), sqlx::Error> {
        let who = Author::verified("atalaya");
        let key = &self.shared.key;
        record_act(key, tx, wall_clock(), &who, ("purge", "delete_by"), purged).await
    }

    /// The file of a segment, if it is ours to delete: under `segments/` of the store's folder. A
    /// recording elsewhere is its owner's.
    fn own_file(&self, path: &str) -> Option<PathBuf> {
        let path = Path::new(path);
        let inside = path
            .components()
            .all(|c| matches!(c, Component::Normal(_) | Component::CurDir));
        (inside && path.starts_with("segments")).then(|| self.shared.dir.join(path))
    }
}
