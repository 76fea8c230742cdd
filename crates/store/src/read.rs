//! Questions about runs, events, coverage and segments.

use crate::error::StoreError;
use crate::open::Store;
use crate::record::Run;
use atalaya_model::operation::Retention;
use atalaya_model::{Coverage, Event, Micros, Segment};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

fn decode<T: serde::de::DeserializeOwned>(
    doing: &'static str,
    body: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|e| StoreError::Database {
        doing,
        why: e.to_string(),
    })
}

impl Store {
    /// The runs, latest first.
    pub async fn runs(&self) -> Result<Vec<Run>, StoreError> {
        let rows = sqlx::query("SELECT * FROM run ORDER BY started DESC, id DESC LIMIT 1000")
            .fetch_all(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading runs", e))?;
        Ok(rows
            .iter()
            .map(|r| Run {
                id: r.get("id"),
                operation: r.get("operation"),
                started: Micros(r.get("started")),
                settings_hash: r.get("settings_hash"),
                code_version: r.get("code_version"),
                retention: Retention {
                    bystander_hours: r.get("bystander_hours"),
                    evidence_days: r.get("evidence_days"),
                },
            })
            .collect())
    }

    /// Up to `limit` events from `from` to `to` (event time), the latest first, with their runs.
    pub async fn events(
        &self,
        run: Option<&str>,
        from: Micros,
        to: Micros,
        limit: u32,
    ) -> Result<Vec<(String, Event)>, StoreError> {
        let rows = sqlx::query(
            "SELECT run, body FROM event WHERE t BETWEEN ?1 AND ?2 AND (?3 IS NULL OR run = ?3)
             ORDER BY t DESC, run, id LIMIT ?4",
        )
        .bind(from.0)
        .bind(to.0)
        .bind(run)
        .bind(limit.clamp(1, 10_000))
        .fetch_all(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading events", e))?;
        rows.iter()
            .map(|r| Ok((r.get("run"), decode("reading an event", r.get("body"))?)))
            .collect()
    }

    /// One event.
    pub async fn event(&self, run: &str, id: &str) -> Result<Event, StoreError> {
        let body: String = sqlx::query_scalar("SELECT body FROM event WHERE run = ? AND id = ?")
            .bind(run)
            .bind(id)
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading an event", e))?
            .ok_or_else(|| StoreError::NotFound {
                what: "event",
                id: id.into(),
            })?;
        decode("reading an event", &body)
    }

    /// What was covered from `from` to `to` (event time), by time: run, feed, time, coverage.
    pub async fn coverage(
        &self,
        feed: Option<&str>,
        from: Micros,
        to: Micros,
    ) -> Result<Vec<(String, String, Micros, Coverage)>, StoreError> {
        let rows = sqlx::query(
            "SELECT run, feed, t, body FROM frame_coverage
             WHERE t BETWEEN ?1 AND ?2 AND (?3 IS NULL OR feed = ?3) ORDER BY t, feed LIMIT 100000",
        )
        .bind(from.0)
        .bind(to.0)
        .bind(feed)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading coverage", e))?;
        rows.iter()
            .map(|r| {
                let coverage = decode("reading coverage", r.get("body"))?;
                Ok((r.get("run"), r.get("feed"), Micros(r.get("t")), coverage))
            })
            .collect()
    }

    /// What was covered while a place (longitude, latitude in degrees) lay in the bounding box of a
    /// footprint: run, feed, event time and coverage, by feed, run and time. At most 100,000.
    pub async fn coverage_of(
        &self,
        lon_lat: [f64; 2],
        from: Micros,
        to: Micros,
    ) -> Result<Vec<(String, String, Micros, Coverage)>, StoreError> {
        let rows = sqlx::query(
            "SELECT c.run, c.feed, c.t, c.body FROM coverage_box b JOIN frame_coverage c ON c.n = b.n
             WHERE b.lon0 <= ?1 AND b.lon1 >= ?1 AND b.lat0 <= ?2 AND b.lat1 >= ?2
               AND c.t BETWEEN ?3 AND ?4 ORDER BY c.feed, c.run, c.t LIMIT 100000",
        )
        .bind(lon_lat[0])
        .bind(lon_lat[1])
        .bind(from.0)
        .bind(to.0)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading coverage", e))?;
        rows.iter()
            .map(|r| {
                let coverage = decode("reading coverage", r.get("body"))?;
                Ok((r.get("run"), r.get("feed"), Micros(r.get("t")), coverage))
            })
            .collect()
    }

    /// The segments of a feed that hold anything between two moments (event time), in the order of
    /// time; of the run, if one is given.
    pub async fn segments_between(
        &self,
        feed: &str,
        run: Option<&str>,
        from: Micros,
        to: Micros,
    ) -> Result<Vec<(String, Segment)>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM segment WHERE feed = ?1 AND (?2 IS NULL OR run = ?2) AND t0 <= ?4 AND t1 >= ?3
             ORDER BY t0, path LIMIT 10000",
        )
        .bind(feed)
        .bind(run)
        .bind(from.0)
        .bind(to.0)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading segments", e))?;
        Ok(rows.iter().map(segment).collect())
    }

    /// Paths of all segments of a run, in order.
    pub async fn segment_paths(&self, run: &str) -> Result<Vec<String>, StoreError> {
        sqlx::query_scalar("SELECT path FROM segment WHERE run = ?1 ORDER BY path")
            .bind(run)
            .fetch_all(&self.pool)
            .await
            .map_err(|e| StoreError::sql("reading paths of segments", e))
    }

    /// The segments of a feed that hold the moment `t` (event time), with their runs; the latest
    /// begun first.
    pub async fn segments_at(
        &self,
        feed: &str,
        t: Micros,
    ) -> Result<Vec<(String, Segment)>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM segment WHERE feed = ?1 AND t0 <= ?2 AND t1 >= ?2 ORDER BY t0 DESC LIMIT 16",
        )
        .bind(feed)
        .bind(t.0)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| StoreError::sql("reading segments", e))?;
        Ok(rows.iter().map(segment).collect())
    }
}

/// A segment and its run.
fn segment(r: &SqliteRow) -> (String, Segment) {
    let segment = Segment {
        feed: r.get("feed"),
        path: r.get("path"),
        sha256: r.get("sha256"),
        bytes: r.get::<i64, _>("bytes").unsigned_abs(),
        t0: Micros(r.get("t0")),
        t1: Micros(r.get("t1")),
    };
    (r.get("run"), segment)
}
