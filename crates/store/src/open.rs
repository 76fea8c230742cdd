//! The store's folder and its connections.

use crate::audit;
use crate::error::StoreError;
use crate::writer::{Writer, WriterThread};
use atalaya_authority::audit::SigningKey;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, SqliteConnection};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The newest schema that is known here (`PRAGMA user_version`).
const VERSION: i64 = 6;
/// What makes version n + 1 from version n.
const MIGRATIONS: [&str; 6] = [
    include_str!("schema.sql"),
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
    include_str!("schema_6.sql"),
];

/// What the writer's thread shares with the store.
pub(crate) struct Shared {
    pub(crate) dir: PathBuf,
    pub(crate) key: SigningKey,
    options: SqliteConnectOptions,
}

impl Shared {
    pub(crate) fn database(&self) -> PathBuf {
        self.dir.join("atalaya.db")
    }

    pub(crate) async fn connect(&self) -> Result<SqliteConnection, sqlx::Error> {
        self.options.connect().await
    }
}

/// A folder with `atalaya.db` and `segments/`. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
    pub(crate) pool: SqlitePool,
    writer: Writer,
    thread: Arc<WriterThread>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({})", self.shared.dir.display())
    }
}

impl Store {
    /// Opens the store in `dir`, and makes what is missing.
    pub async fn open(dir: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_limited(dir.as_ref(), None).await
    }

    /// The same, with a bound on the database's size in pages of 4 KiB, to rehearse a full disk.
    pub async fn open_limited(dir: &Path, pages: Option<u32>) -> Result<Self, StoreError> {
        let fail = |why: String| StoreError::Open {
            path: dir.to_path_buf(),
            why,
        };
        std::fs::create_dir_all(dir.join("segments")).map_err(|e| fail(e.to_string()))?;
        let mut options = SqliteConnectOptions::new()
            .filename(dir.join("atalaya.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            // Deleted means gone: pages are overwritten, and the file shrinks.
            .pragma("secure_delete", "ON")
            .pragma("auto_vacuum", "INCREMENTAL")
            .disable_statement_logging();
        if let Some(pages) = pages {
            options = options.pragma("max_page_count", pages.to_string());
        }
        let shared = Arc::new(Shared {
            dir: dir.to_path_buf(),
            key: audit::key(dir)?,
            options: options.clone(),
        });
        migrate(&shared, dir).await?;
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .map_err(|e| fail(e.to_string()))?;
        let (thread, writer) = WriterThread::start(shared.clone())?;
        Ok(Self {
            shared,
            pool,
            writer,
            thread: Arc::new(thread),
        })
    }

    /// The engine's way in.
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// The store's folder.
    pub fn dir(&self) -> &Path {
        &self.shared.dir
    }

    /// Where segments lie; their rows name them `segments/…`, relative to [`Store::dir`].
    pub fn segments_dir(&self) -> PathBuf {
        self.shared.dir.join("segments")
    }

    /// Writes what is queued and closes; the writers of all clones take no more.
    pub async fn close(&self) {
        let thread = self.thread.clone();
        if tokio::task::spawn_blocking(move || thread.close())
            .await
            .is_err()
        {
            tracing::error!("the store's writer could not be waited for");
        }
        self.pool.close().await;
    }
}

async fn migrate(shared: &Shared, dir: &Path) -> Result<(), StoreError> {
    use sqlx::Connection;
    let fail = |e: sqlx::Error| StoreError::Open {
        path: dir.to_path_buf(),
        why: e.to_string(),
    };
    let mut conn = shared.connect().await.map_err(fail)?;
    let mut tx = conn.begin_with("BEGIN IMMEDIATE").await.map_err(fail)?;
    let found: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(&mut *tx)
        .await
        .map_err(fail)?;
    if !(0..=VERSION).contains(&found) {
        return Err(StoreError::Newer {
            path: dir.to_path_buf(),
            found,
            known: VERSION,
        });
    }
    for (version, step) in (1..).zip(MIGRATIONS) {
        if version <= found {
            continue;
        }
        sqlx::raw_sql(step).execute(&mut *tx).await.map_err(fail)?;
        if version == 2 {
            audit::adopt(&mut tx, &shared.key).await.map_err(fail)?;
        }
    }
    sqlx::raw_sql("PRAGMA user_version = 6")
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
    tx.commit().await.map_err(fail)?;
    conn.close().await.map_err(fail)
}
