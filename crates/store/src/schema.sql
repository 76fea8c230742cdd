-- Version 1. Times are microseconds UTC; delete_by is wall time, event times are event time.
-- `schema` is the major number of the record's format when it was written.

CREATE TABLE run (
  id TEXT PRIMARY KEY, operation TEXT NOT NULL, started INTEGER NOT NULL,
  settings_hash TEXT NOT NULL, code_version TEXT NOT NULL,
  bystander_hours INTEGER NOT NULL, evidence_days INTEGER NOT NULL,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE segment (
  run TEXT NOT NULL, feed TEXT NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL,
  path TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL,
  PRIMARY KEY (run, feed, t0, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX segment_delete ON segment (delete_by);

CREATE TABLE frame_coverage (
  n INTEGER PRIMARY KEY, run TEXT NOT NULL, feed TEXT NOT NULL, t INTEGER NOT NULL,
  body TEXT NOT NULL, schema INTEGER NOT NULL, delete_by INTEGER NOT NULL,
  UNIQUE (run, feed, t)
) STRICT;
CREATE INDEX coverage_t ON frame_coverage (t);
CREATE INDEX coverage_delete ON frame_coverage (delete_by);
-- Bounding boxes of footprints, degrees; its id is frame_coverage.n.
CREATE VIRTUAL TABLE coverage_box USING rtree (n, lon0, lon1, lat0, lat1);

CREATE TABLE track (
  run TEXT NOT NULL, track TEXT NOT NULL, feed TEXT NOT NULL,
  t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, points INTEGER NOT NULL,
  class TEXT NOT NULL, class_p REAL NOT NULL, state TEXT NOT NULL,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL,
  PRIMARY KEY (run, track)
) STRICT, WITHOUT ROWID;
CREATE INDEX track_t ON track (t1);
CREATE INDEX track_delete ON track (delete_by);

-- A stretch of one track: `body` is a list of (time, point) as postcard writes it.
CREATE TABLE track_point (
  n INTEGER PRIMARY KEY, run TEXT NOT NULL, track TEXT NOT NULL,
  t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, body BLOB NOT NULL, schema INTEGER NOT NULL
) STRICT;
CREATE INDEX track_point_track ON track_point (run, track, t0);

CREATE TABLE track_edit (
  n INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, body TEXT NOT NULL,
  author TEXT NOT NULL, verified INTEGER NOT NULL, wall INTEGER NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0, schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT;

CREATE TABLE event (
  run TEXT NOT NULL, id TEXT NOT NULL, t INTEGER NOT NULL, kind TEXT NOT NULL, zone TEXT NOT NULL,
  body TEXT NOT NULL, schema INTEGER NOT NULL, delete_by INTEGER NOT NULL,
  PRIMARY KEY (run, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_t ON event (t);
CREATE INDEX event_delete ON event (delete_by);

CREATE TABLE alert (
  n INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, id TEXT NOT NULL,
  opened_at INTEGER NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL,
  UNIQUE (run, id)
) STRICT;
CREATE INDEX alert_opened ON alert (opened_at DESC, n DESC);
CREATE INDEX alert_delete ON alert (delete_by);

CREATE TABLE alert_act (
  n INTEGER PRIMARY KEY AUTOINCREMENT, alert INTEGER NOT NULL REFERENCES alert (n) ON DELETE CASCADE,
  act TEXT NOT NULL, text TEXT NOT NULL, author TEXT NOT NULL, verified INTEGER NOT NULL,
  wall INTEGER NOT NULL, schema INTEGER NOT NULL
) STRICT;
CREATE INDEX alert_act_alert ON alert_act (alert, n);

-- What events and alerts refer to: it is kept until the latest delete_by of them.
-- `subject` is a track's name or empty; `feed` empty means any feed.
CREATE TABLE reference (
  n INTEGER PRIMARY KEY, run TEXT NOT NULL, owner TEXT NOT NULL, feed TEXT NOT NULL,
  subject TEXT NOT NULL, t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT;
CREATE INDEX reference_owner ON reference (run, owner);
CREATE INDEX reference_subject ON reference (run, subject);
CREATE INDEX reference_feed ON reference (run, feed, t0);

CREATE TABLE note (
  n INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, t INTEGER NOT NULL, run TEXT, feed TEXT,
  text TEXT NOT NULL, author TEXT NOT NULL, verified INTEGER NOT NULL, wall INTEGER NOT NULL,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT;
CREATE INDEX note_delete ON note (delete_by);

CREATE TABLE user (
  name TEXT PRIMARY KEY, password TEXT NOT NULL, created INTEGER NOT NULL, schema INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  token_hash BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE,
  created INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every act of a person and every purge, append-only. It names what was done to what, and holds
-- nothing that was observed, so it outlives the records it speaks about.
CREATE TABLE act (
  n INTEGER PRIMARY KEY AUTOINCREMENT, wall INTEGER NOT NULL, who TEXT NOT NULL,
  verified INTEGER NOT NULL, what TEXT NOT NULL, subject TEXT NOT NULL, detail TEXT NOT NULL,
  schema INTEGER NOT NULL
) STRICT;
CREATE TRIGGER act_is_append_only_update BEFORE UPDATE ON act
  BEGIN SELECT RAISE(ABORT, 'the log of acts is append-only'); END;
CREATE TRIGGER act_is_append_only_delete BEFORE DELETE ON act
  BEGIN SELECT RAISE(ABORT, 'the log of acts is append-only'); END;
