-- Version 4: what people say about which vehicles are one.

CREATE TABLE judgement (
  n INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL, undoes INTEGER,
  author TEXT NOT NULL, verified INTEGER NOT NULL, wall INTEGER NOT NULL,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT;
