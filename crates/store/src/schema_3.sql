-- Version 3: roles; decisions and matches with targets; partners and releases; acts lose their
-- content at their time.

CREATE TABLE user_role (
  user TEXT NOT NULL REFERENCES user (name) ON DELETE CASCADE, role TEXT NOT NULL,
  PRIMARY KEY (user, role)
) STRICT, WITHOUT ROWID;
-- Accounts could do so far what watch officers and analysts may.
INSERT INTO user_role SELECT name, 'watch-officer' FROM user UNION ALL SELECT name, 'analyst' FROM user;

CREATE TABLE decision (
  n INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, alert TEXT NOT NULL, body TEXT NOT NULL,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT;
CREATE INDEX decision_alert ON decision (run, alert);

CREATE TABLE target_match (
  n INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, alert TEXT NOT NULL, target TEXT NOT NULL,
  state TEXT NOT NULL, body TEXT NOT NULL, schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT;
CREATE INDEX target_match_alert ON target_match (run, alert);

CREATE TABLE partner (
  name TEXT PRIMARY KEY, card TEXT NOT NULL, added INTEGER NOT NULL, schema INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- `package` is the product as it was approved; gone when it was recalled. `sealed` may travel.
CREATE TABLE release (
  id TEXT PRIMARY KEY, direction TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL,
  package TEXT, sealed TEXT, created INTEGER NOT NULL, fetched INTEGER,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX release_created ON release (created);

-- What was said of a release; `sealed` is what we say ourselves, ready to travel.
CREATE TABLE release_message (
  n INTEGER PRIMARY KEY AUTOINCREMENT, release TEXT NOT NULL REFERENCES release (id) ON DELETE CASCADE,
  kind TEXT NOT NULL, body TEXT NOT NULL, sealed TEXT, posted INTEGER, schema INTEGER NOT NULL
) STRICT;
CREATE INDEX release_message_release ON release_message (release, n);

-- One-time links to fetch, and addresses for answers. Only the hash of a token is kept.
CREATE TABLE portal_token (
  hash BLOB PRIMARY KEY, release TEXT NOT NULL REFERENCES release (id) ON DELETE CASCADE,
  purpose TEXT NOT NULL, expires INTEGER NOT NULL, used INTEGER, schema INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- An act's content goes at its time; number and leaf stay, and nothing else ever changes.
DROP TRIGGER act_is_append_only_update;
ALTER TABLE act ADD COLUMN delete_by INTEGER;
UPDATE act SET delete_by = wall + 157766400000000;
CREATE INDEX act_delete ON act (delete_by);
CREATE TRIGGER act_is_append_only_update BEFORE UPDATE ON act
  WHEN NOT (NEW.n = OLD.n AND NEW.commitment IS OLD.commitment AND NEW.salt IS NULL AND NEW.delete_by IS NULL
    AND NEW.wall = 0 AND NEW.who = '' AND NEW.verified = 0 AND NEW.what = '' AND NEW.subject = '' AND NEW.detail = '')
  BEGIN SELECT RAISE(ABORT, 'the log of acts is append-only'); END;
