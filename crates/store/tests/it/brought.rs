//! What people bring: documents, corrections of translations, files of entities.

use crate::make::secs;
use atalaya_model::{Author, Micros};
use atalaya_store::{NewCorrection, NewDocument, NewImport, Store, StoreError};

async fn empty() -> (tempfile::TempDir, Store, Author) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    (dir, store, Author::unverified("ana"))
}

fn correction(source: &str, target: &str) -> NewCorrection {
    NewCorrection {
        lang: "es".into(),
        source: source.into(),
        target: target.into(),
        origin: "note".into(),
    }
}

/// The names of the acts, and how many there are of each.
async fn acts(store: &Store) -> Vec<String> {
    let acts = store.acts(0, 1000).await.unwrap();
    acts.into_iter()
        .map(|a| format!("{} {}", a.what, a.subject))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn corrections_are_kept_taken_back_and_each_is_an_act() {
    let (_dir, store, ana) = empty().await;
    let one = store
        .add_correction(&correction("a", "b"), &ana)
        .await
        .unwrap();
    let two = store
        .add_correction(&correction("c", "d"), &ana)
        .await
        .unwrap();
    let (file, numbers) = store
        .add_correction_file(
            ("m.tmx", "00"),
            &[correction("e", "f"), correction("g", "h")],
            &ana,
        )
        .await
        .unwrap();
    assert_eq!(numbers, [3, 4]);
    assert_eq!(store.count_corrections().await.unwrap(), 4);
    store.undo_correction(one, &ana).await.unwrap();
    let held = store.corrections().await.unwrap();
    assert_eq!(held.iter().map(|c| c.n).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(held[0].body, correction("c", "d"));
    assert_eq!(
        (held[1].file, held[1].author.name.as_str()),
        (Some(file), "ana")
    );
    store.undo_correction_file(file, &ana).await.unwrap();
    assert_eq!(store.count_corrections().await.unwrap(), 1);
    assert!(store.correction_files().await.unwrap()[0].undone);
    let latest = store.latest_corrections(10).await.unwrap();
    assert_eq!(
        latest.iter().map(|c| (c.n, c.undone)).collect::<Vec<_>>(),
        [(two, false), (one, true)]
    );
    for again in [
        store.undo_correction(one, &ana).await,
        store.undo_correction_file(9, &ana).await,
    ] {
        assert!(
            matches!(again, Err(StoreError::NotFound { .. })),
            "{again:?}"
        );
    }
    assert_eq!(
        acts(&store).await,
        [
            "translation.correct 1",
            "translation.correct 2",
            "translation.import 1",
            "translation.undo 1",
            "translation.undo-import 1",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_imports_are_kept_and_gone_when_their_time_comes() {
    let (_dir, store, ana) = empty().await;
    let document = NewDocument {
        name: "informe.docx".into(),
        kind: "word".into(),
        sha256: "ab".into(),
        lang: "es".into(),
        paragraphs: vec!["Uno.".into(), String::new(), "Dos.".into()],
    };
    let n = store.add_document(&document, &ana).await.unwrap();
    let other = store.add_document(&document, &ana).await.unwrap();
    assert_eq!(store.document(n).await.unwrap().document, document);
    assert!(
        store.documents().await.unwrap()[0]
            .document
            .paragraphs
            .is_empty()
    );
    store.remove_document(other, &ana).await.unwrap();
    assert!(store.document(other).await.is_err());
    let import = NewImport {
        name: "who.csv".into(),
        format: "csv".into(),
        sha256: "cd".into(),
        body: "{}".into(),
        counts: "{\"nodes\":2}".into(),
    };
    let i = store.add_import(&import, &ana).await.unwrap();
    assert_eq!(store.imports().await.unwrap()[0].import, import);
    store.undo_import(i, &ana).await.unwrap();
    assert!(store.imports().await.unwrap()[0].undone);
    assert!(store.undo_import(i, &ana).await.is_err());
    store
        .add_correction(&correction("a", "b"), &ana)
        .await
        .unwrap();
    assert_eq!(
        acts(&store).await,
        [
            "document.add 1",
            "document.add 2",
            "document.remove 2",
            "network.import 1",
            "network.undo-import 1",
            "translation.correct 1",
        ]
    );
    assert_eq!(store.purge(secs(1)).await.unwrap().rows, 0);
    store.purge(Micros(9_000_000_000_000_000)).await.unwrap();
    assert!(store.documents().await.unwrap().is_empty());
    assert!(store.imports().await.unwrap().is_empty());
    assert_eq!(store.count_corrections().await.unwrap(), 0);
}
