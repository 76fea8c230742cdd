//! The order in which things may happen to decisions and releases, and how they go.

use crate::make;
use atalaya_authority::access::Role;
use atalaya_model::{
    Author, Choice, Direction, Done, MessageKind, Release, ReleaseMessage, ReleaseState,
};
use atalaya_store::{NewDecision, Store, StoreError, Token, TokenUse};

fn says<T: std::fmt::Debug>(result: Result<T, StoreError>, what: &str) {
    let said = result.unwrap_err().to_string();
    assert!(said.contains(what), "{said}");
    assert!(!said.contains('\n'));
}

async fn with_alert() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    tokio::task::block_in_place(|| {
        let records = vec![make::run(), make::alert(0, make::FAR)];
        store.writer().submit(records).unwrap().wait().unwrap();
    });
    (dir, store)
}

fn message(kind: MessageKind) -> ReleaseMessage {
    ReleaseMessage {
        schema: ReleaseMessage::SCHEMA.into(),
        release: "x".into(),
        kind,
        done: Done {
            by: Author::verified("vidal"),
            at: make::secs(2),
        },
        text: "words".into(),
        manifest_sha256: "00".into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_goes_its_way_and_no_other() {
    let (_dir, store) = with_alert().await;
    let authority = make::authority();
    let (ana, bo) = (Author::verified("ana"), Author::verified("bo"));
    let draft = make::release("x");
    let elsewhere = Release {
        to: "Nobody".into(),
        ..draft.clone()
    };
    says(
        store
            .draft_release(&elsewhere, "{}", &authority, make::FAR)
            .await,
        "does not name 'Nobody' as a partner, it names: Guardia",
    );
    store
        .draft_release(&draft, "{}", &authority, make::FAR)
        .await
        .unwrap();
    says(
        store
            .seal_release(&make::sealed(draft.clone()), "{}", &[])
            .await,
        "is draft: only an approved one",
    );
    says(
        store.judge_release("x", true, "", &ana).await,
        "another person must",
    );
    says(
        store
            .say_of_release(&message(MessageKind::Receipt), None, &bo)
            .await,
        "before it is sealed",
    );
    let approved = store
        .judge_release("x", true, "", &bo)
        .await
        .unwrap()
        .release;
    // What is sealed is what was approved.
    let other = Release {
        manifest_sha256: "11".into(),
        ..make::sealed(approved.clone())
    };
    says(
        store.seal_release(&other, "{}", &[]).await,
        "as it was approved",
    );
    let token = Token {
        hash: [7; 32],
        purpose: TokenUse::Fetch,
        expires: make::FAR,
    };
    let sealed = make::sealed(approved);
    store
        .seal_release(&sealed, "sealed", &[token])
        .await
        .unwrap();
    says(
        store.seal_release(&sealed, "sealed", &[]).await,
        "is sealed: only an approved one",
    );

    assert_eq!(store.fetch_release(&[8; 32]).await.unwrap(), None);
    assert_eq!(
        store
            .portal_release(&[7; 32], TokenUse::Answer)
            .await
            .unwrap(),
        None
    );
    let fetched = store.fetch_release(&[7; 32]).await.unwrap();
    assert_eq!(fetched, Some(("x".into(), "sealed".into())));
    assert_eq!(store.fetch_release(&[7; 32]).await.unwrap(), None);

    says(
        store
            .say_of_release(&message(MessageKind::Accepted), None, &bo)
            .await,
        "confirm the receipt first",
    );
    says(
        store
            .say_of_release(&message(MessageKind::Recall), None, &bo)
            .await,
        "is for the sender to say",
    );
    let stranger = ReleaseMessage {
        manifest_sha256: "11".into(),
        ..message(MessageKind::Receipt)
    };
    says(
        store.say_of_release(&stranger, None, &bo).await,
        "said of another content",
    );
    for kind in [
        MessageKind::Delivered,
        MessageKind::Receipt,
        MessageKind::Accepted,
    ] {
        store
            .say_of_release(&message(kind), None, &bo)
            .await
            .unwrap();
    }
    let recalled = store
        .recall_release(&message(MessageKind::Recall), "sealed")
        .await
        .unwrap();
    assert_eq!(recalled.release.state, ReleaseState::Recalled);
    says(
        store
            .say_of_release(&message(MessageKind::Outcome), None, &bo)
            .await,
        "it was recalled",
    );
    let acts: Vec<String> = store
        .acts(0, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|a| a.what)
        .collect();
    assert_eq!(
        acts,
        [
            "release.draft",
            "refused.same_person",
            "release.approve",
            "release.seal",
            "release.fetch",
            "release.delivered",
            "release.receipt",
            "release.accepted",
            "release.recall"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recalled_release_leaves_no_words_at_the_receiver() {
    let (dir, store) = with_alert().await;
    let ours = Author::verified("atalaya");
    let received = Release {
        direction: Direction::Received,
        summary: "Vehicle of the Xylophone family".into(),
        ..make::sealed(make::release("x"))
    };
    let delivered = message(MessageKind::Delivered);
    let package = "{\"words\": \"Xylophone\"}";
    store
        .receive_release(&received, package, make::FAR, (&delivered, "s"), &ours)
        .await
        .unwrap();
    store
        .say_of_release(&message(MessageKind::Recall), None, &ours)
        .await
        .unwrap();
    let there = store.release("x").await.unwrap();
    assert!(!there.has_content);
    store.close().await;
    for name in ["atalaya.db", "atalaya.db-wal"] {
        let bytes = std::fs::read(dir.path().join(name)).unwrap_or_default();
        let found = bytes.windows(9).any(|w| w == b"Xylophone");
        assert!(!found, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_and_releases_go_at_their_time() {
    let (_dir, store) = with_alert().await;
    let authority = make::authority();
    let ana = Author::verified("ana");
    store
        .decide((make::RUN, "a0"), make::decision(), &authority, &ana)
        .await
        .unwrap();
    store
        .draft_release(&make::release("x"), "{}", &authority, make::secs(10))
        .await
        .unwrap();
    store.purge(make::secs(11)).await.unwrap();
    says(store.release("x").await, "there is no release 'x'");
    assert_eq!(store.decisions(make::RUN, "a0").await.unwrap().0.len(), 1);
    store.purge(make::FAR).await.unwrap();
    assert!(store.decisions(make::RUN, "a0").await.unwrap().0.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_needs_name_words_and_law() {
    let (_dir, store) = with_alert().await;
    let authority = make::authority();
    let ana = Author::verified("ana");
    let alert = (make::RUN, "a0");
    let with = |change: &dyn Fn(&mut NewDecision)| {
        let mut new = make::decision();
        change(&mut new);
        new
    };
    let nobody = Author::unverified("nobody");
    says(
        store
            .decide(alert, make::decision(), &authority, &nobody)
            .await,
        "needs a person's name",
    );
    for (new, what) in [
        (with(&|n| n.assessment.clear()), "the text is empty"),
        (with(&|n| n.reason = " ".into()), "the text is empty"),
        (
            with(&|n| n.options = vec![Choice::Continue]),
            "not among the options",
        ),
        (with(&|n| n.partner = None), "does not name '' as a partner"),
        (
            with(&|n| n.choice = Choice::RecommendEntry),
            "not among the options",
        ),
        (
            with(&|n| {
                n.options.push(Choice::RecommendEntry);
                n.choice = Choice::RecommendEntry;
            }),
            "entry can't be recommended",
        ),
    ] {
        says(store.decide(alert, new, &authority, &ana).await, what);
    }
    says(
        store
            .decide((make::RUN, "zz"), make::decision(), &authority, &ana)
            .await,
        "no alert 'zz'",
    );
    assert!(store.acts(0, 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_stay_with_a_new_password_and_change_when_given() {
    let (_dir, store) = with_alert().await;
    let root = Author::unverified("command line");
    store.put_user("ana", "h", &[], &root).await.unwrap();
    assert_eq!(store.roles_of("ana").await.unwrap(), [Role::WatchOfficer]);
    let two = [Role::Approver, Role::Auditor];
    store.put_user("ana", "h", &two, &root).await.unwrap();
    store.put_user("ana", "h2", &[], &root).await.unwrap();
    assert_eq!(store.roles_of("ana").await.unwrap(), two);
    assert!(store.roles_of("bo").await.unwrap().is_empty());
}
