-- Version 5: documents, what people corrected in translations, networks that people brought.

CREATE TABLE document (
  n INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, kind TEXT NOT NULL, sha256 TEXT NOT NULL,
  lang TEXT NOT NULL, body TEXT NOT NULL,
  author TEXT NOT NULL, verified INTEGER NOT NULL, wall INTEGER NOT NULL,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT;

-- A file of corrections that was taken in as a whole, and can be taken back as a whole.
CREATE TABLE correction_file (
  n INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, sha256 TEXT NOT NULL, taken INTEGER NOT NULL,
  author TEXT NOT NULL, verified INTEGER NOT NULL, wall INTEGER NOT NULL, undone INTEGER NOT NULL DEFAULT 0,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT;

CREATE TABLE correction (
  n INTEGER PRIMARY KEY AUTOINCREMENT, lang TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL,
  origin TEXT NOT NULL, file INTEGER,
  author TEXT NOT NULL, verified INTEGER NOT NULL, wall INTEGER NOT NULL, undone INTEGER NOT NULL DEFAULT 0,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT;
CREATE INDEX correction_file_n ON correction (file);

-- What was kept of a file of entities: persons whom the authority does not name are not in it.
CREATE TABLE network_import (
  n INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, format TEXT NOT NULL, sha256 TEXT NOT NULL,
  body TEXT NOT NULL, counts TEXT NOT NULL,
  author TEXT NOT NULL, verified INTEGER NOT NULL, wall INTEGER NOT NULL, undone INTEGER NOT NULL DEFAULT 0,
  schema INTEGER NOT NULL, delete_by INTEGER NOT NULL
) STRICT;
