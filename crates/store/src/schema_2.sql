-- Version 2: the log of acts is a tree of hashes (RFC 6962) with a signed checkpoint.
-- `salt` makes `commitment`, the tree's leaf, unguessable.
DROP TRIGGER act_is_append_only_update;
ALTER TABLE act ADD COLUMN salt BLOB;
ALTER TABLE act ADD COLUMN commitment BLOB;

-- Hashes of whole subtrees, by their number.
CREATE TABLE audit_node (i INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;

-- The newest checkpoint, renewed in the transaction of every act.
CREATE TABLE audit_checkpoint (
  one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL, note TEXT NOT NULL
) STRICT;
