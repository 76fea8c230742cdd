//! A full disk: said in one line, nothing acknowledged is lost, writing goes on by itself.

use crate::make;
use atalaya_store::{AlertActKind, AlertFilter, Author, Store, StoreError};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open_limited(dir.path(), Some(90)).await.unwrap();
    let writer = store.writer();
    let mut durable = 0;
    let (waiting, error) = tokio::task::block_in_place(|| {
        for n in 0.. {
            let batch = (0..100).map(|i| make::alert(n * 100 + i, make::FAR));
            let ticket = writer.submit(batch.collect()).unwrap();
            match ticket.wait() {
                Ok(()) => durable += 100,
                Err(e) => return (ticket, e),
            }
        }
        unreachable!()
    });
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error}");
    let line = error.to_string();
    assert!(
        line.starts_with("disk full: can't write to ") && line.contains("free space"),
        "{line}"
    );
    assert!(!line.contains('\n'));
    assert!(writer.trouble().is_some());
    assert!(!waiting.is_over());
    let page = store.alerts(&AlertFilter::default(), 1000).await.unwrap();
    assert_eq!(page.alerts.len(), durable);
    // What people do is refused in words, and leaves no trace.
    let ana = Author::verified("ana");
    let mut acted = Vec::new();
    let refused = loop {
        let text = "x".repeat(4000);
        let act = AlertActKind::Comment;
        match store
            .act_on_alert((make::RUN, "a0"), act, &ana, &text)
            .await
        {
            Ok(_) => acted.push(()),
            Err(e) => break e.to_string(),
        }
    };
    assert!(
        refused.starts_with("disk full while changing an alert: nothing was changed; free space"),
        "{refused}"
    );
    assert_eq!(
        store.alert(make::RUN, "a0").await.unwrap().1.len(),
        acted.len()
    );
    assert_eq!(store.acts(0, 1000).await.unwrap().len(), acted.len());
    store.close().await;
    assert!(matches!(
        writer.submit(vec![make::run()]),
        Err(StoreError::Closed)
    ));
    // With space again, all that was acknowledged is there, and more can be written.
    let store = Store::open(dir.path()).await.unwrap();
    let writer = store.writer();
    tokio::task::block_in_place(|| {
        writer
            .submit(vec![make::alert(1_000_000, make::FAR)])
            .unwrap()
            .wait()
            .unwrap();
    });
    let page = store.alerts(&AlertFilter::default(), 1000).await.unwrap();
    assert_eq!(page.alerts.len(), durable + 1);
    store.close().await;
}

#[tokio::test]
async fn what_is_no_store_is_said() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("atalaya.db"),
        b"this is not a database at all, sorry",
    )
    .unwrap();
    let error = Store::open(dir.path()).await.unwrap_err().to_string();
    assert!(error.starts_with("can't open the store in "), "{error}");
    let file = dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let error = Store::open(file.join("in")).await.unwrap_err().to_string();
    assert!(
        error.contains("check that the folder exists and is writable"),
        "{error}"
    );
}
