//! The log of acts as a tree: written with each act, read for verification.

use crate::error::StoreError;
use atalaya_authority::audit::{
    Checkpoint, Commitment, Entry, PublicKey, Root, Row, Salt, SigningKey, append,
    nodes_for_append, nodes_for_root, root,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{ConnectOptions, Row as _, SqliteConnection};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// The file of the signing key in the store's folder; only its owner may read it.
const KEY_FILE: &str = "audit.key";
/// The file of the public key.
const PUBLIC_FILE: &str = "audit.pub";
/// Acts that are read at once.
const PAGE: u32 = 1000;

fn broken(why: &str) -> sqlx::Error {
    sqlx::Error::Protocol(format!("the audit log can't be continued: {why}"))
}

fn random() -> Result<[u8; 32], sqlx::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| broken(&e.to_string()))?;
    Ok(bytes)
}

/// The store's signing key; made with the store.
pub(crate) fn key(dir: &Path) -> Result<SigningKey, StoreError> {
    let path = dir.join(KEY_FILE);
    let fail = |why: String| StoreError::Open {
        path: path.clone(),
        why,
    };
    match std::fs::read_to_string(&path) {
        Ok(line) => SigningKey::parse(&line).map_err(|e| fail(e.to_string())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let seed = random().map_err(|e| fail(e.to_string()))?;
            let mark = random().map_err(|e| fail(e.to_string()))?;
            let mark: String = mark[..6].iter().map(|b| format!("{b:02x}")).collect();
            let key = SigningKey::from_seed(&format!("atalaya/{mark}"), &seed)
                .map_err(|e| fail(e.to_string()))?;
            write_secret(&path, key.line()).map_err(|e| fail(e.to_string()))?;
            std::fs::write(dir.join(PUBLIC_FILE), format!("{}\n", key.public().line()))
                .map_err(|e| fail(e.to_string()))?;
            Ok(key)
        }
        Err(e) => Err(fail(e.to_string())),
    }
}

/// Writes a file with a secret: whole or not at all, and readable by nobody else.
pub fn write_secret(path: &Path, line: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let part = path.with_extension("part");
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)?;
    file.write_all(line.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(part, path)
}

/// Acts that the tree holds.
pub(crate) async fn size(tx: &mut SqliteConnection) -> Result<u64, sqlx::Error> {
    let size: Option<i64> = sqlx::query_scalar("SELECT size FROM audit_checkpoint")
        .fetch_optional(tx)
        .await?;
    Ok(size.unwrap_or(0).unsigned_abs())
}

/// Takes an entry into the tree and signs the new root. The entry's number must be the next.
pub(crate) async fn take(
    tx: &mut SqliteConnection,
    key: &SigningKey,
    entry: &Entry,
) -> Result<(Salt, Commitment), sqlx::Error> {
    let before = entry.n - 1;
    let salt = random()?;
    let leaf = entry.commitment(&salt);
    let mut known = BTreeMap::new();
    let needed = nodes_for_append(before)
        .into_iter()
        .chain(nodes_for_root(before + 1));
    for i in needed {
        let hash: Option<Vec<u8>> = sqlx::query_scalar("SELECT hash FROM audit_node WHERE i = ?")
            .bind(i.cast_signed())
            .fetch_optional(&mut *tx)
            .await?;
        if let Some(hash) = hash.and_then(|h| Root::try_from(h).ok()) {
            known.insert(i, hash);
        }
    }
    let added =
        append(before, &leaf, &known).ok_or_else(|| broken("a hash of the tree is missing"))?;
    for (i, hash) in (added.first..).zip(&added.hashes) {
        sqlx::query("INSERT INTO audit_node (i, hash) VALUES (?, ?)")
            .bind(i.cast_signed())
            .bind(hash.as_slice())
            .execute(&mut *tx)
            .await?;
        known.insert(i, *hash);
    }
    let root = root(entry.n, &known).ok_or_else(|| broken("a hash of the tree is missing"))?;
    let checkpoint = Checkpoint {
        size: entry.n,
        root,
    };
    let note = checkpoint.sign(key).map_err(|e| broken(&e.to_string()))?;
    sqlx::query("INSERT OR REPLACE INTO audit_checkpoint (one, size, note) VALUES (1, ?, ?)")
        .bind(entry.n.cast_signed())
        .bind(note)
        .execute(tx)
        .await?;
    Ok((salt, leaf))
}

/// Takes the acts of a store into the tree that was made before there was one.
pub(crate) async fn adopt(tx: &mut SqliteConnection, key: &SigningKey) -> Result<(), sqlx::Error> {
    loop {
        let next = size(tx).await? + 1;
        let row = sqlx::query("SELECT * FROM act WHERE n = ?")
            .bind(next.cast_signed())
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { break };
        let entry = entry_of(&row);
        let (salt, leaf) = take(tx, key, &entry).await?;
        sqlx::query("UPDATE act SET salt = ?, commitment = ? WHERE n = ?")
            .bind(salt.as_slice())
            .bind(leaf.as_slice())
            .bind(next.cast_signed())
            .execute(&mut *tx)
            .await?;
    }
    sqlx::raw_sql(
        "CREATE TRIGGER act_is_append_only_update BEFORE UPDATE ON act
           BEGIN SELECT RAISE(ABORT, 'the log of acts is append-only'); END",
    )
    .execute(tx)
    .await?;
    Ok(())
}

fn entry_of(row: &SqliteRow) -> Entry {
    Entry {
        n: row.get::<i64, _>("n").unsigned_abs(),
        at_us: row.get("wall"),
        who: row.get("who"),
        verified: row.get("verified"),
        what: row.get("what"),
        subject: row.get("subject"),
        detail: row.get("detail"),
    }
}

/// Reads the log of a store's folder, page by page, and changes nothing in it. The store may be in
/// use or not.
pub struct AuditReader {
    conn: SqliteConnection,
    after: i64,
}

impl std::fmt::Debug for AuditReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuditReader(after {})", self.after)
    }
}

impl AuditReader {
    /// Opens `dir/atalaya.db` for reading.
    pub async fn open(dir: &Path) -> Result<Self, StoreError> {
        let path = dir.join("atalaya.db");
        let fail = |why: String| StoreError::Open {
            path: dir.to_path_buf(),
            why,
        };
        if !path.is_file() {
            return Err(fail("there is no atalaya.db in it".into()));
        }
        let conn = SqliteConnectOptions::new()
            .filename(&path)
            .read_only(true)
            .disable_statement_logging()
            .connect()
            .await
            .map_err(|e| fail(e.to_string()))?;
        Ok(Self { conn, after: 0 })
    }

    /// The public key that lies beside the database.
    pub fn public_key(dir: &Path) -> Result<PublicKey, StoreError> {
        let path = dir.join(PUBLIC_FILE);
        let fail = |why: String| StoreError::Open {
            path: path.clone(),
            why,
        };
        let line = std::fs::read_to_string(&path).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => StoreError::Open {
                path: dir.to_path_buf(),
                why: format!("there is no {PUBLIC_FILE} in it, so it has no audit log yet, or lost its key; give --key FILE"),
            },
            _ => fail(e.to_string()),
        })?;
        PublicKey::parse(&line).map_err(|e| fail(e.to_string()))
    }

    /// The newest checkpoint as a signed note; `None` before the first act.
    pub async fn checkpoint(&mut self) -> Result<Option<String>, StoreError> {
        sqlx::query_scalar("SELECT note FROM audit_checkpoint")
            .fetch_optional(&mut self.conn)
            .await
            .map_err(|e| StoreError::sql("reading the audit log", e))
    }

    /// The next rows in the order they lie in; none at the end.
    pub async fn page(&mut self) -> Result<Vec<Row>, StoreError> {
        let rows = sqlx::query("SELECT * FROM act WHERE n > ? ORDER BY n LIMIT ?")
            .bind(self.after)
            .bind(PAGE)
            .fetch_all(&mut self.conn)
            .await
            .map_err(|e| StoreError::sql("reading the audit log", e))?;
        if let Some(last) = rows.last() {
            self.after = last.get("n");
        }
        Ok(rows
            .iter()
            .map(|r| {
                let bytes = |name: &str| {
                    r.get::<Option<Vec<u8>>, _>(name)
                        .and_then(|b| <[u8; 32]>::try_from(b).ok())
                };
                Row {
                    n: r.get::<i64, _>("n").unsigned_abs(),
                    // A leaf that is gone matches nothing.
                    commitment: bytes("commitment").unwrap_or_default(),
                    entry: bytes("salt").map(|salt| (salt, entry_of(r))),
                }
            })
            .collect())
    }
}
