//! Alerts that a run says again, what was answered, and watch documents.

use crate::make::{self, FAR, RUN, secs};
use atalaya_model::{AlertLife, AlertState, Micros, Severity};
use atalaya_store::{AlertActKind, Author, Record, Store};

/// Alert `n` with a life, as loud as that, in that state.
fn again(n: i64, severity: Severity, state: AlertState, count: u32) -> Record {
    let Record::Alert { run, mut alert, .. } = make::alert(n, FAR) else {
        unreachable!("make::alert makes alerts");
    };
    alert.severity = severity;
    alert.state = state;
    alert.life = Some(AlertLife {
        updated_at: secs(100),
        count,
        escalated_at: (severity == Severity::Critical).then(|| secs(100)),
        expires_at: None,
        p_right: None,
        reasons: Vec::new(),
    });
    Record::Alert {
        run,
        alert,
        delete_by: FAR,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_does_not_undo_what_a_person_answered() {
    use AlertState::{Acknowledged, Expired, Open};
    use Severity::{Critical, Warning};
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let writer = store.writer();
    let write = |r| tokio::task::block_in_place(|| writer.submit(r).unwrap().wait().unwrap());
    write((0..2).map(|n| again(n, Warning, Open, 1)).collect());
    let ana = Author::verified("ana");
    store
        .act_on_alert((RUN, "a0"), AlertActKind::Acknowledge, &ana, "")
        .await
        .unwrap();
    // The run knows of no answer: both grow, become louder, and expire.
    write((0..2).map(|n| again(n, Critical, Open, 5)).collect());
    let stands = async |id: &str| {
        let alert = store.alert(RUN, id).await.unwrap().0.alert;
        let life = alert.life.unwrap();
        (alert.state, alert.severity, life.count, life.escalated_at)
    };
    assert_eq!(stands("a0").await, (Acknowledged, Warning, 5, None));
    assert_eq!(stands("a1").await, (Open, Critical, 5, Some(secs(100))));
    write((0..2).map(|n| again(n, Critical, Expired, 5)).collect());
    assert_eq!(stands("a0").await.0, Acknowledged);
    assert_eq!(stands("a1").await.0, Expired);
    let late = store.act_on_alert((RUN, "a1"), AlertActKind::Acknowledge, &ana, "");
    assert!(late.await.is_err(), "what has expired is not acknowledged");
    let answers = store.answers().await.unwrap();
    assert_eq!(answers.len(), 1, "expiry is no answer");
    assert!(answers[0].right && answers[0].rule == "long-stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_document_is_armed_and_outlives_its_date() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    assert_eq!(store.watch().await.unwrap(), None);
    let ana = Author::verified("ana");
    for text in ["first", "second"] {
        store.save_watch(text, "00", 1, &ana).await.unwrap();
    }
    let armed = store.watch().await.unwrap().unwrap();
    assert_eq!((armed.n, armed.text.as_str()), (2, "second"));
    store.purge(Micros::MAX).await.unwrap();
    assert_eq!(store.watch().await.unwrap(), Some(armed));
}
