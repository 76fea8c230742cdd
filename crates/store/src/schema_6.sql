-- Version 6: watch documents; the newest is the one that is armed.

CREATE TABLE watch (
  n INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, sha256 TEXT NOT NULL, rules INTEGER NOT NULL,
  author TEXT NOT NULL, verified INTEGER NOT NULL, wall INTEGER NOT NULL,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT;
