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
