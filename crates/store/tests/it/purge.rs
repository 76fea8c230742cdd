//! Delete-by dates.

use crate::make::{self, FAR, RUN, secs};
use atalaya_model::{Coverage, Micros};
use atalaya_store::{Record, Store};

async fn filled(records: Vec<Record>) -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    for name in ["a.ts", "b.ts"] {
        std::fs::write(store.segments_dir().join(name), b"abc").unwrap();
    }
    let writer = store.writer();
    tokio::task::block_in_place(|| writer.submit(records).unwrap().wait().unwrap());
    (dir, store)
}

/// Which feed saw it, and when.
fn feeds_and_times(seen: &[(String, String, Micros, Coverage)]) -> Vec<(&str, Micros)> {
    seen.iter()
        .map(|(_, feed, t, _)| (feed.as_str(), *t))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bystanders_go_and_evidence_stays_until_its_own_date() {
    let (early, late) = (secs(1_000), secs(2_000));
    let elsewhere = tempfile::tempdir().unwrap();
    let recording = elsewhere.path().join("flight.ts");
    std::fs::write(&recording, b"abc").unwrap();
    let (_dir, store) = filled(vec![
        make::run(),
        make::points(1, 500, early),
        make::points(2, 500, early),
        make::event("e1", "A1", 500, late),
        make::segment("segments/a.ts", 495, 505, early),
        make::segment("segments/b.ts", 600, 610, early),
        make::segment(recording.to_str().unwrap(), 600, 610, early),
        make::segment("segments/../atalaya.db", 600, 610, early),
        make::coverage(500, -3.5, early),
        make::coverage(700, -3.5, early),
    ])
    .await;
    let names = async |store: &Store| -> Vec<String> {
        let tracks = store.tracks(None, Micros::MIN, Micros::MAX).await.unwrap();
        tracks.into_iter().map(|t| t.name).collect()
    };
    assert_eq!(names(&store).await, ["A1", "A2"]);
    assert_eq!(store.purge(secs(999)).await.unwrap().rows, 0);

    let purged = store.purge(early).await.unwrap();
    assert_eq!((purged.files, purged.bytes), (1, 3));
    assert_eq!(names(&store).await, ["A1"]);
    assert!(store.segments_dir().join("a.ts").exists());
    assert!(!store.segments_dir().join("b.ts").exists());
    assert!(recording.exists(), "a recording is its owner's");
    assert!(store.dir().join("atalaya.db").exists());
    assert_eq!(store.segments_at("eo", secs(500)).await.unwrap().len(), 1);
    assert_eq!(store.segments_at("eo", secs(605)).await.unwrap().len(), 0);
    let seen = store
        .coverage_of([-3.495, 39.995], Micros::MIN, Micros::MAX)
        .await;
    assert_eq!(feeds_and_times(&seen.unwrap()), [("eo", secs(500))]);

    store.purge(late).await.unwrap();
    assert!(names(&store).await.is_empty());
    assert!(!store.segments_dir().join("a.ts").exists());
    assert!(store.event(RUN, "e1").await.is_err());
    let acts = store.acts(0, 100).await.unwrap();
    assert!(
        acts.iter()
            .all(|a| a.what == "purge" && a.who.name == "atalaya")
    );
    assert!(acts.len() >= 2, "{acts:?}");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleted_means_gone_from_the_file() {
    let (dir, store) = filled(vec![make::event(
        "e-to-be-forgotten",
        "A1",
        500,
        secs(1_000),
    )])
    .await;
    store.purge(secs(1_000)).await.unwrap();
    store.close().await;
    for entry in std::fs::read_dir(dir.path()).unwrap().flatten() {
        if entry.path().is_file() {
            let bytes = std::fs::read(entry.path()).unwrap();
            let found = bytes.windows(17).any(|w| w == b"e-to-be-forgotten");
            assert!(!found, "{} still holds it", entry.path().display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_found_by_what_was_covered() {
    let (_dir, store) = filled(vec![
        make::coverage(10, -3.5, FAR),
        make::coverage(11, 2.0, FAR),
    ])
    .await;
    let seen = store
        .coverage_of([2.005, 39.995], Micros::MIN, Micros::MAX)
        .await
        .unwrap();
    assert_eq!(feeds_and_times(&seen), [("eo", secs(11))]);
    assert!(
        store
            .coverage_of([9.0, 39.995], Micros::MIN, Micros::MAX)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        store
            .coverage(Some("eo"), secs(0), secs(10))
            .await
            .unwrap()
            .len(),
        1
    );
    store.close().await;
}
