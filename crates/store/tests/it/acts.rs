//! What people do.

use crate::make::{self, FAR, RUN, secs};
use atalaya_model::{AlertState, Micros};
use atalaya_store::{
    AlertActKind, AlertFilter, Author, NewNote, NoteKind, Record, Store, StoreError,
};

async fn filled(records: Vec<Record>) -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let writer = store.writer();
    tokio::task::block_in_place(|| writer.submit(records).unwrap().wait().unwrap());
    (dir, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_go_from_open_to_acknowledged_to_closed_or_are_rejected() {
    use AlertActKind::{Acknowledge, Close, Comment, Reject};
    let (_dir, store) = filled((0..3).map(|n| make::alert(n, FAR)).collect()).await;
    let ana = Author::verified("ana");
    let does = async |id: &str, act, text: &str| {
        let done = store.act_on_alert((RUN, id), act, &ana, text).await;
        done.map(|a| a.alert.state)
    };
    assert_eq!(does("a0", Comment, "hm").await.unwrap(), AlertState::Open);
    assert!(matches!(
        does("a0", Close, "").await,
        Err(StoreError::Conflict { .. })
    ));
    assert_eq!(
        does("a0", Acknowledge, "").await.unwrap(),
        AlertState::Acknowledged
    );
    let again = does("a0", Acknowledge, "").await.unwrap_err().to_string();
    assert_eq!(
        again,
        "alert 'a0' is acknowledged: can't acknowledge it; reload to see who did what"
    );
    assert_eq!(does("a0", Close, "").await.unwrap(), AlertState::Closed);
    assert_eq!(
        does("a1", Reject, "a shadow").await.unwrap(),
        AlertState::Rejected
    );
    assert!(does("a1", Acknowledge, "").await.is_err());
    assert_eq!(
        does("a1", Comment, "sure?").await.unwrap(),
        AlertState::Rejected
    );
    assert!(matches!(
        does("a1", Comment, "  ").await,
        Err(StoreError::Invalid { .. })
    ));
    assert!(matches!(
        does("a1", Comment, &"x".repeat(5000)).await,
        Err(StoreError::Invalid { .. })
    ));
    assert!(matches!(
        does("a9", Reject, "").await,
        Err(StoreError::NotFound { .. })
    ));

    // The engine writes the alert again (its segment was closed): the person's word stands.
    let writer = store.writer();
    let again = make::alert(1, FAR);
    tokio::task::block_in_place(|| writer.submit(vec![again]).unwrap().wait().unwrap());
    let (stored, acts) = store.alert(RUN, "a1").await.unwrap();
    assert_eq!(stored.alert.state, AlertState::Rejected);
    let said: Vec<_> = acts.iter().map(|a| (a.act, a.text.as_str())).collect();
    assert_eq!(said, [(Reject, "a shadow"), (Comment, "sure?")]);
    assert_eq!(store.open_alerts().await.unwrap(), 1);

    let log = store.acts(0, 100).await.unwrap();
    let what: Vec<_> = log
        .iter()
        .map(|a| (a.n, a.what.as_str(), a.subject.as_str()))
        .collect();
    assert_eq!(
        what,
        [
            (1, "alert.comment", "r1~a0"),
            (2, "alert.acknowledge", "r1~a0"),
            (3, "alert.close", "r1~a0"),
            (4, "alert.reject", "r1~a1"),
            (5, "alert.comment", "r1~a1"),
        ]
    );
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_every_alert_once_newest_first() {
    // Two alerts at each moment: the order must not depend on time alone.
    let (_dir, store) = filled((0..25).map(|n| make::alert(n, FAR)).collect()).await;
    let mut filter = AlertFilter::default();
    let mut ids = Vec::new();
    let mut sizes = Vec::new();
    loop {
        let page = store.alerts(&filter, 10).await.unwrap();
        sizes.push(page.alerts.len());
        ids.extend(page.alerts.into_iter().map(|a| a.alert.id));
        match page.next {
            // Through its text, as the API does.
            Some(next) => filter.after = Some(next.to_string().parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(sizes, [10, 10, 5]);
    let want: Vec<String> = (0..25).rev().map(|n| format!("a{n}")).collect();
    assert_eq!(ids, want);
    assert!("12".parse::<atalaya_store::AlertCursor>().is_err());
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tracks_are_split_and_merged_and_it_can_be_undone() {
    let mut records = vec![make::run()];
    for s in 0..10 {
        records.push(make::points(1, s, FAR));
        records.push(make::points(2, s + 5, FAR));
    }
    let (_dir, store) = filled(records).await;
    let bo = Author::unverified("bo");
    let shown = async || -> Vec<(String, usize)> {
        let tracks = store
            .tracks(Some(RUN), Micros::MIN, Micros::MAX)
            .await
            .unwrap();
        tracks
            .into_iter()
            .map(|t| (t.name, t.points.len()))
            .collect()
    };
    let named = |list: &[(&str, usize)]| -> Vec<(String, usize)> {
        list.iter().map(|(n, c)| ((*n).to_owned(), *c)).collect()
    };
    assert_eq!(shown().await, named(&[("A1", 10), ("A2", 10)]));
    let split = store.split_track(RUN, "A1", secs(4), &bo).await.unwrap();
    assert_eq!(shown().await, named(&[("A1", 4), ("A1.2", 6), ("A2", 10)]));
    let merge = store.merge_tracks(RUN, "A2", "A1.2", &bo).await.unwrap();
    assert_eq!(shown().await, named(&[("A1", 4), ("A2", 16)]));
    store.undo_track_edit(merge.n, &bo).await.unwrap();
    store.undo_track_edit(split.n, &bo).await.unwrap();
    assert_eq!(shown().await, named(&[("A1", 10), ("A2", 10)]));

    let error = store
        .split_track(RUN, "A1", secs(0), &bo)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("split it at a moment between"),
        "{error}"
    );
    assert!(store.split_track(RUN, "A7", secs(4), &bo).await.is_err());
    assert!(store.merge_tracks(RUN, "A1", "A1", &bo).await.is_err());
    assert!(store.undo_track_edit(merge.n, &bo).await.is_err());
    let edits = store.track_edits(RUN).await.unwrap();
    assert!(edits.iter().all(|e| e.undone && e.author == bo));
    assert_eq!(store.acts(0, 100).await.unwrap().len(), 4);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_accounts_and_sessions() {
    let (_dir, store) = filled(vec![make::run()]).await;
    let note = NewNote {
        kind: NoteKind::Handover,
        t: secs(7),
        run: Some(RUN.into()),
        feed: None,
        text: "quiet night".into(),
    };
    let bo = Author::unverified("bo");
    let first = store.add_note(note.clone(), &bo).await.unwrap();
    let second = store.add_note(note.clone(), &bo).await.unwrap();
    assert_eq!(
        store.notes(None, 10).await.unwrap(),
        [second.clone(), first.clone()]
    );
    assert_eq!(store.notes(Some(second.n), 10).await.unwrap(), [first]);
    let empty = NewNote {
        text: " ".into(),
        ..note
    };
    assert!(store.add_note(empty, &bo).await.is_err());

    assert_eq!(store.users().await.unwrap(), 0);
    store.put_user("ana", "hash", &[], &bo).await.unwrap();
    assert!(store.put_user("a b", "hash", &[], &bo).await.is_err());
    store.begin_session(&[7; 32], "ana", 3600).await.unwrap();
    store.begin_session(&[8; 32], "ana", 0).await.unwrap();
    assert_eq!(
        store.session_user(&[7; 32]).await.unwrap().as_deref(),
        Some("ana")
    );
    assert_eq!(
        store.session_user(&[8; 32]).await.unwrap(),
        None,
        "its time is over"
    );
    store.put_user("ana", "new hash", &[], &bo).await.unwrap();
    assert_eq!(
        store.session_user(&[7; 32]).await.unwrap(),
        None,
        "a new password ends it"
    );
    assert_eq!(
        store.password_of("ana").await.unwrap().as_deref(),
        Some("new hash")
    );
    store.close().await;
}
