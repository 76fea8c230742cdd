//! Tracks, as they were written and as people have edited them.

use crate::acts::wall_clock;
use crate::batch::{SCHEMA, json};
use crate::error::StoreError;
use crate::lineage::Lineage;
use crate::open::Store;
use crate::record::{Author, Edit, TrackEdit, author_of};
use crate::stretch;
use atalaya_model::{Micros, TrackPoint};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::collections::{BTreeMap, BTreeSet};

/// A track in a time window, edits applied.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTrack {
    /// The run.
    pub run: String,
    /// The name it has now.
    pub name: String,
    /// The original tracks it is made of.
    pub made_of: Vec<String>,
    /// The feed.
    pub feed: String,
    /// Event time and point, by time.
    pub points: Vec<(Micros, TrackPoint)>,
}

/// Most points that one question brings back.
const MOST_POINTS: usize = 200_000;

fn edit_of(row: &SqliteRow) -> Result<TrackEdit, StoreError> {
    let body: String = row.get("body");
    Ok(TrackEdit {
        n: row.get("n"),
        run: row.get("run"),
        edit: serde_json::from_str(&body).map_err(|e| StoreError::Database {
            doing: "reading an edit of tracks",
            why: e.to_string(),
        })?,
        author: author_of(row),
        made_at: Micros(row.get("wall")),
        undone: row.get("undone"),
    })
}

impl Store {
    /// The tracks seen from `from` to `to` (event time), of one run or of all, by run and name.
    pub async fn tracks(
        &self,
        run: Option<&str>,
        from: Micros,
        to: Micros,
    ) -> Result<Vec<StoredTrack>, StoreError> {
        let fail = |e| StoreError::sql("reading tracks", e);
        let rows = sqlx::query(
            "SELECT p.run, p.track, k.feed, p.body FROM track_point p
             JOIN track k ON k.run = p.run AND k.track = p.track
             WHERE k.t1 >= ?1 AND k.t0 <= ?2 AND p.t1 >= ?1 AND p.t0 <= ?2 AND (?3 IS NULL OR p.run = ?3)
             ORDER BY p.run, p.track, p.t0, p.n LIMIT ?4",
        )
        .bind(from.0)
        .bind(to.0)
        .bind(run)
        .bind(MOST_POINTS as i64)
        .fetch_all(&self.pool)
        .await
        .map_err(fail)?;
        let mut lineages: BTreeMap<String, Lineage> = BTreeMap::new();
        let mut tracks: BTreeMap<(String, String), StoredTrack> = BTreeMap::new();
        let mut total = 0;
        for row in &rows {
            let run: String = row.get("run");
            if !lineages.contains_key(&run) {
                lineages.insert(run.clone(), self.lineage(&run).await?);
            }
            let Some(lineage) = lineages.get(&run) else {
                continue;
            };
            let original: String = row.get("track");
            let points = stretch::decode(row.get("body")).map_err(|e| StoreError::Database {
                doing: "reading track points",
                why: e.to_string(),
            })?;
            for (t, point) in points {
                if t < from.0 || t > to.0 || total >= MOST_POINTS {
                    continue;
                }
                total += 1;
                let name = lineage.name(&original, t).to_owned();
                let track = tracks
                    .entry((run.clone(), name.clone()))
                    .or_insert_with(|| StoredTrack {
                        run: run.clone(),
                        name,
                        made_of: Vec::new(),
                        feed: row.get("feed"),
                        points: Vec::new(),
                    });
                if !track.made_of.contains(&original) {
                    track.made_of.push(original.clone());
                }
                track.points.push((Micros(t), point));
            }
        }
        Ok(tracks
            .into_values()
            .map(|mut t| {
                t.points.sort_by_key(|(at, p)| (*at, p.track));
                t
            })
            .collect())
    }

    /// The edits of a run, oldest first, undone ones included.
    pub async fn track_edits(&self, run: &str) -> Result<Vec<TrackEdit>, StoreError> {
        let rows = sqlx::query("SELECT * FROM track_edit WHERE run = ? ORDER BY n")
            .bind(run)
            .fetch_all(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading edits of tracks", e))?;
        rows.iter().map(edit_of).collect()
    }

    /// The names that a run's tracks have now.
    pub async fn lineage(&self, run: &str) -> Result<Lineage, StoreError> {
        let edits = self.track_edits(run).await?;
        Ok(Lineage::of(
            edits.iter().filter(|e| !e.undone).map(|e| &e.edit),
        ))
    }

    /// From `at` on, the track is another one.
    pub async fn split_track(
        &self,
        run: &str,
        track: &str,
        at: Micros,
        author: &Author,
    ) -> Result<TrackEdit, StoreError> {
        let (t0, t1) = self.span(run, track).await?;
        if at <= t0 || at > t1 {
            return Err(StoreError::Conflict {
                why: format!(
                    "track '{track}' was seen from {t0} to {t1}; split it at a moment between"
                ),
            });
        }
        let edit = Edit::Split {
            track: track.into(),
            at,
        };
        self.edit_tracks(run, edit, author).await
    }

    /// `other` is the same as `track`, and takes its name.
    pub async fn merge_tracks(
        &self,
        run: &str,
        track: &str,
        other: &str,
        author: &Author,
    ) -> Result<TrackEdit, StoreError> {
        if track == other {
            return Err(StoreError::Conflict {
                why: format!("'{track}' and '{other}' are one track already"),
            });
        }
        self.span(run, track).await?;
        self.span(run, other).await?;
        let edit = Edit::Merge {
            track: track.into(),
            other: other.into(),
        };
        self.edit_tracks(run, edit, author).await
    }

    /// Takes an edit back.
    pub async fn undo_track_edit(&self, n: i64, author: &Author) -> Result<TrackEdit, StoreError> {
        let fail = |e| StoreError::sql("undoing an edit of tracks", e);
        let mut tx = self.begin().await.map_err(fail)?;
        let row =
            sqlx::query("UPDATE track_edit SET undone = 1 WHERE n = ? AND undone = 0 RETURNING *")
                .bind(n)
                .fetch_optional(&mut *tx)
                .await
                .map_err(fail)?
                .ok_or_else(|| StoreError::NotFound {
                    what: "edit that is in force",
                    id: n.to_string(),
                })?;
        let edit = edit_of(&row)?;
        let at = wall_clock();
        self.commit_act(tx, at, author, ("track.undo", &edit.run), &edit.edit)
            .await
            .map_err(fail)?;
        Ok(edit)
    }

    async fn edit_tracks(
        &self,
        run: &str,
        edit: Edit,
        author: &Author,
    ) -> Result<TrackEdit, StoreError> {
        let fail = |e| StoreError::sql("editing tracks", e);
        let made_at = wall_clock();
        let delete_by = self.keep_until(Some(run), made_at).await?;
        let mut tx = self.begin().await.map_err(fail)?;
        let done = sqlx::query(
            "INSERT INTO track_edit (run, body, author, verified, wall, schema, delete_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(run)
        .bind(json(&edit))
        .bind(&author.name)
        .bind(author.verified)
        .bind(made_at.0)
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        let what = match edit {
            Edit::Split { .. } => "track.split",
            Edit::Merge { .. } => "track.merge",
        };
        self.commit_act(tx, made_at, author, (what, run), &edit)
            .await
            .map_err(fail)?;
        Ok(TrackEdit {
            n: done.last_insert_rowid(),
            run: run.into(),
            edit,
            author: author.clone(),
            made_at,
            undone: false,
        })
    }

    /// First and last moment of the track that has this name now.
    async fn span(&self, run: &str, name: &str) -> Result<(Micros, Micros), StoreError> {
        let lineage = self.lineage(run).await?;
        let mut times = BTreeSet::new();
        for original in lineage.originals(name) {
            let rows = sqlx::query("SELECT body FROM track_point WHERE run = ? AND track = ?")
                .bind(run)
                .bind(&original)
                .fetch_all(&self.pool)
                .await
                .map_err(|e| StoreError::sql("reading a track", e))?;
            for row in &rows {
                let points = stretch::decode(row.get("body")).unwrap_or_default();
                times.extend(
                    points
                        .iter()
                        .map(|(t, _)| *t)
                        .filter(|t| lineage.name(&original, *t) == name),
                );
            }
        }
        match (times.first(), times.last()) {
            (Some(a), Some(b)) => Ok((Micros(*a), Micros(*b))),
            _ => Err(StoreError::NotFound {
                what: "track",
                id: name.into(),
            }),
        }
    }
}
