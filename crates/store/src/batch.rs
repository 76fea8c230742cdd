//! One transaction of the engine's records.

use crate::acts::{record_act, wall_clock};
use crate::record::{Author, Record, Run};
use crate::stretch;
use atalaya_authority::audit::SigningKey;
use atalaya_model::{Alert, Coverage, Event, EvidenceRef, Micros, Segment, TrackPoint};
use sqlx::{Connection, SqliteConnection};
use std::collections::BTreeMap;

/// Major number of the formats written here.
pub(crate) const SCHEMA: i64 = 1;

/// Evidence rests on what surrounds it too: references are this much wider on both sides.
const MARGIN_US: i64 = 10_000_000;

type SqlResult<T = ()> = Result<T, sqlx::Error>;

/// A track's points in this transaction.
struct Stretch<'a> {
    feed: &'a str,
    points: Vec<(i64, &'a TrackPoint)>,
    delete_by: i64,
}

/// Writes `records` in order, in one transaction.
pub(crate) async fn write<'a>(
    conn: &mut SqliteConnection,
    key: &SigningKey,
    records: impl Iterator<Item = &'a Record>,
) -> SqlResult {
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
    let mut stretches: BTreeMap<(&str, String), Stretch<'a>> = BTreeMap::new();
    for record in records {
        match record {
            Record::Run { run, delete_by } => write_run(&mut tx, run, *delete_by).await?,
            Record::Segment {
                run,
                segment,
                delete_by,
            } => write_segment(&mut tx, run, segment, *delete_by).await?,
            Record::Coverage {
                run,
                feed,
                t,
                coverage,
                delete_by,
            } => write_coverage(&mut tx, (run, feed, *t), coverage, *delete_by).await?,
            Record::TrackPoints {
                run,
                feed,
                t,
                points,
                delete_by,
            } => {
                for p in points {
                    let stretch =
                        stretches
                            .entry((run, p.track.to_string()))
                            .or_insert_with(|| Stretch {
                                feed,
                                points: Vec::new(),
                                delete_by: i64::MIN,
                            });
                    stretch.points.push((t.0, p));
                    stretch.delete_by = stretch.delete_by.max(delete_by.0);
                }
            }
            Record::Event {
                run,
                event,
                delete_by,
            } => write_event(&mut tx, run, event, *delete_by).await?,
            Record::Alert {
                run,
                alert,
                delete_by,
            } => write_alert(&mut tx, run, alert, *delete_by).await?,
            Record::Act {
                what,
                subject,
                detail,
            } => {
                let (at, who) = (wall_clock(), Author::verified("atalaya"));
                record_act(key, &mut tx, at, &who, (what, subject), detail).await?;
            }
        }
    }
    for ((run, track), stretch) in &stretches {
        write_stretch(&mut tx, run, track, stretch).await?;
    }
    tx.commit().await
}

async fn write_run(tx: &mut SqliteConnection, run: &Run, delete_by: Micros) -> SqlResult {
    sqlx::query("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(&run.id)
        .bind(&run.operation)
        .bind(run.started.0)
        .bind(&run.settings_hash)
        .bind(&run.code_version)
        .bind(run.retention.bystander_hours)
        .bind(run.retention.evidence_days)
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(tx)
        .await?;
    Ok(())
}

async fn write_segment(
    tx: &mut SqliteConnection,
    run: &str,
    s: &Segment,
    delete_by: Micros,
) -> SqlResult {
    sqlx::query("INSERT OR REPLACE INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(run)
        .bind(&s.feed)
        .bind(s.t0.0)
        .bind(s.t1.0)
        .bind(&s.path)
        .bind(&s.sha256)
        .bind(i64::try_from(s.bytes).unwrap_or(i64::MAX))
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(tx)
        .await?;
    Ok(())
}

async fn write_coverage(
    tx: &mut SqliteConnection,
    (run, feed, t): (&str, &str, Micros),
    c: &Coverage,
    delete_by: Micros,
) -> SqlResult {
    let done = sqlx::query(
        "INSERT INTO frame_coverage (run, feed, t, body, schema, delete_by) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT DO NOTHING",
    )
    .bind(run)
    .bind(feed)
    .bind(t.0)
    .bind(json(c))
    .bind(SCHEMA)
    .bind(delete_by.0)
    .execute(&mut *tx)
    .await?;
    let Some(corners) = &c.footprint_lon_lat else {
        return Ok(());
    };
    if done.rows_affected() == 0 || !corners.iter().flatten().all(|v| v.is_finite()) {
        return Ok(());
    }
    let range = |axis: usize| {
        let all = corners.iter().map(|p| p[axis]);
        (
            all.clone().fold(f64::INFINITY, f64::min),
            all.fold(f64::NEG_INFINITY, f64::max),
        )
    };
    let ((lon0, lon1), (lat0, lat1)) = (range(0), range(1));
    sqlx::query("INSERT OR REPLACE INTO coverage_box VALUES (?, ?, ?, ?, ?)")
        .bind(done.last_insert_rowid())
        .bind(lon0)
        .bind(lon1)
        .bind(lat0)
        .bind(lat1)
        .execute(tx)
        .await?;
    Ok(())
}

async fn write_event(
    tx: &mut SqliteConnection,
    run: &str,
    e: &Event,
    delete_by: Micros,
) -> SqlResult {
    sqlx::query("INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(run)
        .bind(&e.id)
        .bind(e.time.0)
        .bind(e.kind.name())
        .bind(&e.zone)
        .bind(json(e))
        .bind(SCHEMA)
        .bind(delete_by.0)
        .execute(&mut *tx)
        .await?;
    let span = (e.time.0, e.time_end.unwrap_or(e.decided_at).0);
    refer(
        tx,
        (run, &e.id),
        (&e.subjects, span),
        &e.evidence,
        delete_by,
    )
    .await
}

async fn write_alert(
    tx: &mut SqliteConnection,
    run: &str,
    a: &Alert,
    delete_by: Micros,
) -> SqlResult {
    // The state is a person's to change: only the first record sets it, and only what nobody has
    // answered can expire or become louder.
    sqlx::query(
        "INSERT INTO alert (run, id, opened_at, state, body, schema, delete_by) VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (run, id) DO UPDATE SET body = CASE
             WHEN state = 'open' OR json_type(excluded.body, '$.life') IS NULL THEN excluded.body
             ELSE json_set(excluded.body, '$.severity', json_extract(body, '$.severity'),
               '$.life.escalated_at', json_extract(body, '$.life.escalated_at')) END,
           delete_by = max(delete_by, excluded.delete_by),
           state = CASE WHEN state = 'open' AND excluded.state = 'expired' THEN 'expired' ELSE state END",
    )
    .bind(run)
    .bind(&a.id)
    .bind(a.opened_at.0)
    .bind(crate::alerts::state_name(a.state))
    .bind(json(a))
    .bind(SCHEMA)
    .bind(delete_by.0)
    .execute(&mut *tx)
    .await?;
    let span = (a.opened_at.0, a.opened_at.0);
    refer(
        tx,
        (run, &a.id),
        (&a.subjects, span),
        &a.evidence,
        delete_by,
    )
    .await
}

/// Notes what a record refers to, so that the purge keeps it as long as the record.
async fn refer(
    tx: &mut SqliteConnection,
    (run, owner): (&str, &str),
    (subjects, span): (&[String], (i64, i64)),
    evidence: &[EvidenceRef],
    delete_by: Micros,
) -> SqlResult {
    sqlx::query("DELETE FROM reference WHERE run = ? AND owner = ?")
        .bind(run)
        .bind(owner)
        .execute(&mut *tx)
        .await?;
    let subjects = subjects.iter().map(|s| ("", s.as_str(), span));
    let stretches = evidence.iter().map(|e| {
        let (t0, t1) = (
            e.t0.0.saturating_sub(MARGIN_US),
            e.t1.0.saturating_add(MARGIN_US),
        );
        (e.feed.as_str(), "", (t0, t1))
    });
    for (feed, subject, (t0, t1)) in subjects.chain(stretches) {
        sqlx::query(
            "INSERT INTO reference (run, owner, feed, subject, t0, t1, delete_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(run)
        .bind(owner)
        .bind(feed)
        .bind(subject)
        .bind(t0)
        .bind(t1)
        .bind(delete_by.0)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

async fn write_stretch(
    tx: &mut SqliteConnection,
    run: &str,
    track: &str,
    s: &Stretch<'_>,
) -> SqlResult {
    let times = || s.points.iter().map(|(t, _)| *t);
    let (Some(t0), Some(t1), Some((_, last))) = (times().min(), times().max(), s.points.last())
    else {
        return Ok(());
    };
    let body = stretch::encode(&s.points).map_err(|e| sqlx::Error::Encode(e.into()))?;
    sqlx::query(
        "INSERT INTO track_point (run, track, t0, t1, body, schema) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(run)
    .bind(track)
    .bind(t0)
    .bind(t1)
    .bind(body)
    .bind(SCHEMA)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO track VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
         ON CONFLICT (run, track) DO UPDATE SET t0 = min(t0, ?4), t1 = max(t1, ?5),
           points = points + ?6, class = ?7, class_p = ?8, state = ?9, delete_by = max(delete_by, ?11)",
    )
    .bind(run)
    .bind(track)
    .bind(s.feed)
    .bind(t0)
    .bind(t1)
    .bind(i64::try_from(s.points.len()).unwrap_or(i64::MAX))
    .bind(last.class.name())
    .bind(f64::from(last.class_p))
    .bind(json(&last.state).trim_matches('"').to_owned())
    .bind(SCHEMA)
    .bind(s.delete_by)
    .execute(tx)
    .await?;
    Ok(())
}

/// As text; the types here have string keys only, so it can't fail.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
