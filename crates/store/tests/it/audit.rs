//! The log of acts as an inspector sees it: sound when untouched, and each way of touching it found.

use atalaya_authority::audit::{Checkpoint, Report, verify};
use atalaya_store::{AuditReader, Author, NewNote, NoteKind, Store};
use std::convert::Infallible;
use std::path::Path;

pub async fn acts(store: &Store, from: usize, to: usize) {
    for n in from..to {
        let note = NewNote {
            kind: NoteKind::Observation,
            t: atalaya_model::Micros(n as i64),
            run: None,
            feed: None,
            text: format!("note {n}"),
        };
        store
            .add_note(note, &Author::verified("ana"))
            .await
            .unwrap();
    }
}

pub async fn report(dir: &Path, taken: &[(String, Checkpoint)]) -> Report {
    let key = AuditReader::public_key(dir).unwrap();
    let mut reader = AuditReader::open(dir).await.unwrap();
    let note = reader.checkpoint().await.unwrap();
    let own = note.map(|n| Checkpoint::open(&n, &key).unwrap());
    let mut rows = Vec::new();
    loop {
        let page = reader.page().await.unwrap();
        if page.is_empty() {
            break;
        }
        rows.extend(page);
    }
    verify(
        rows.into_iter().map(Ok::<_, Infallible>),
        own.as_ref(),
        taken,
    )
    .unwrap()
}

pub fn words(r: &Report) -> String {
    let all: Vec<String> = r.findings.iter().map(ToString::to_string).collect();
    all.join("; ")
}

#[tokio::test]
async fn a_log_in_use_is_sound_and_its_key_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    assert_eq!(report(dir.path(), &[]).await.acts, 0);
    acts(&store, 0, 9).await;
    let look = Author::unverified("night officer");
    store
        .note_act(&look, "evidence.view", "run~a1", &())
        .await
        .unwrap();
    let first = report(dir.path(), &[]).await;
    assert!(first.is_sound(), "{}", words(&first));
    assert_eq!(first.acts, 10);
    // Opened anew, it goes on where it was.
    store.close().await;
    let store = Store::open(dir.path()).await.unwrap();
    acts(&store, 9, 21).await;
    let second = report(dir.path(), &[]).await;
    assert!(second.is_sound(), "{}", words(&second));
    assert_eq!(second.acts, 22);
    let mode = std::fs::metadata(dir.path().join("audit.key")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn content_goes_at_its_time_and_the_tree_stays_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    acts(&store, 0, 12).await;
    let key = AuditReader::public_key(dir.path()).unwrap();
    let note = AuditReader::open(dir.path())
        .await
        .unwrap()
        .checkpoint()
        .await
        .unwrap();
    let taken = [(
        "the inspector's".to_owned(),
        Checkpoint::open(&note.unwrap(), &key).unwrap(),
    )];
    let now = store.acts(0, 1).await.unwrap()[0].at;
    // Not before its time; five years and a day later all of it, and the purge is an act itself.
    store
        .purge(atalaya_model::Micros(now.0 + 157_000_000_000_000))
        .await
        .unwrap();
    assert_eq!(report(dir.path(), &taken).await.purged, 0);
    store
        .purge(atalaya_model::Micros(now.0 + 158_000_000_000_000))
        .await
        .unwrap();
    let r = report(dir.path(), &taken).await;
    assert!(r.is_sound(), "{}", words(&r));
    let all = store.acts(0, 100).await.unwrap();
    let gone = all.iter().filter(|a| a.purged).count();
    assert_eq!(gone as u64, r.purged);
    assert!(r.purged >= 12 && r.acts > r.purged, "{r:?}");
    assert!(all[0].who.name.is_empty() && all[0].detail.is_empty());
    assert_eq!(all.last().unwrap().what, "purge");
    acts(&store, 12, 15).await;
    assert!(report(dir.path(), &taken).await.is_sound());
    // Nobody empties or changes one through the database's own door, except the purge.
    let url = format!("sqlite:{}", dir.path().join("atalaya.db").display());
    let mut conn = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url)
        .await
        .unwrap();
    for bad in [
        "UPDATE act SET detail = '' WHERE n = 14",
        "UPDATE act SET salt = NULL WHERE n = 14",
        "UPDATE act SET who = 'eva' WHERE n = 3",
        "UPDATE act SET commitment = zeroblob(32) WHERE n = 3",
        "DELETE FROM act WHERE n = 3",
    ] {
        let said = sqlx::raw_sql(bad)
            .execute(&mut conn)
            .await
            .unwrap_err()
            .to_string();
        assert!(said.contains("append-only"), "{bad}: {said}");
    }
}

#[tokio::test]
async fn what_somebody_changed_in_the_database_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    acts(&store, 0, 12).await;
    let key = AuditReader::public_key(dir.path()).unwrap();
    let mut reader = AuditReader::open(dir.path()).await.unwrap();
    let note = reader.checkpoint().await.unwrap().unwrap();
    let taken = [(
        "the inspector's".to_owned(),
        Checkpoint::open(&note, &key).unwrap(),
    )];
    acts(&store, 12, 20).await;
    // Of the acts from 8 to 11 only the leaves are left; what is found is found all the same.
    let url = format!("sqlite:{}", dir.path().join("atalaya.db").display());
    let mut conn = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url)
        .await
        .unwrap();
    sqlx::raw_sql(
        "UPDATE act SET wall = 0, who = '', verified = 0, what = '', subject = '', detail = '', salt = NULL,
           delete_by = NULL WHERE n BETWEEN 8 AND 11",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    sqlx::Connection::close(conn).await.unwrap();
    assert_eq!(report(dir.path(), &taken).await.purged, 4);
    store.close().await;
    let free = "DROP TRIGGER act_is_append_only_update; DROP TRIGGER act_is_append_only_delete;";
    for (done, said) in [
        (
            "UPDATE act SET who = 'eva' WHERE n = 5",
            "act 5: its content is not what was written",
        ),
        (
            "DELETE FROM act WHERE n = 5",
            "act 5: act 6 stands in its place",
        ),
        (
            "DELETE FROM act WHERE n > 18",
            "2 of 20 acts are missing at the end",
        ),
        (
            "UPDATE act SET n = 100 WHERE n = 5; UPDATE act SET n = 5 WHERE n = 6; UPDATE act SET n = 6 WHERE n = 100",
            "act 5: its content is not what was written",
        ),
        // Those whose content is gone are guarded by their leaves.
        (
            "UPDATE act SET commitment = zeroblob(32) WHERE n = 9",
            "the first 12 acts are not those that were signed (the inspector's)",
        ),
        (
            "DELETE FROM act WHERE n = 9",
            "act 9: act 10 stands in its place",
        ),
        // With the leaves too, and the log's own checkpoint taken away.
        (
            "UPDATE act SET commitment = zeroblob(32), salt = NULL WHERE n = 5; DELETE FROM audit_checkpoint",
            "the first 12 acts are not those that were signed (the inspector's)",
        ),
    ] {
        let copy = tempfile::tempdir().unwrap();
        for name in ["atalaya.db", "atalaya.db-wal", "audit.pub"] {
            let from = dir.path().join(name);
            if from.exists() {
                std::fs::copy(from, copy.path().join(name)).unwrap();
            }
        }
        let url = format!("sqlite:{}", copy.path().join("atalaya.db").display());
        let mut conn = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url)
            .await
            .unwrap();
        let statements = format!("{free} {done}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements))
            .execute(&mut conn)
            .await
            .unwrap();
        sqlx::Connection::close(conn).await.unwrap();
        let found = words(&report(copy.path(), &taken).await);
        assert!(found.contains(said), "{done}: {found}");
    }
}
