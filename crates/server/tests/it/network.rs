//! The network that grows from stored events, and what people say about it.

use crate::client::{FAR, Post, RUN, point, run};
use atalaya_model::{Event, EventKind, Micros};
use atalaya_store::Record;
use serde_json::json;

fn came(track: u32, zone: &str, s: i64) -> Record {
    let (t, who) = (Micros(s * 1_000_000), format!("A{track}"));
    Record::Event {
        run: RUN.into(),
        event: Event {
            about: None,
            schema: Event::SCHEMA.into(),
            id: Event::id_of(EventKind::Arrival, zone, &who, t),
            kind: EventKind::Arrival,
            time: t,
            time_end: None,
            decided_at: t,
            zone: zone.into(),
            subjects: vec![who],
            p: 0.9,
            lat: None,
            lon: None,
            reason: String::new(),
            evidence: Vec::new(),
        },
        delete_by: FAR,
    }
}

fn seen(track: u32) -> Record {
    Record::TrackPoints {
        run: RUN.into(),
        feed: "eo".into(),
        t: Micros(1_000_000),
        points: vec![point(track, 1)],
        delete_by: FAR,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn vehicles_are_linked_to_places_and_judged_by_people() {
    let post = Post::start().await;
    post.write(vec![run(), seen(1), seen(2)]);
    post.write(vec![
        came(1, "gate", 10),
        came(1, "yard", 20),
        came(2, "yard", 30),
        came(3, "yard", 40),
    ]);
    let net = || async { post.get("/api/v1/network").await.json() };
    let first = net().await;
    let nodes = first["network"]["nodes"].as_array().unwrap().clone();
    assert_eq!(nodes.len(), 4, "{first}");
    // A3 is not known to be a vehicle: it stays out.
    assert_eq!(first["network"]["anonymous"], 1);
    let early = post.get("/api/v1/network?to=5000000").await.json();
    assert_eq!(early["network"]["nodes"].as_array().unwrap().len(), 0);

    let ids: Vec<&str> = nodes
        .iter()
        .filter(|n| n["kind"] == "vehicle")
        .map(|n| n["id"].as_str().unwrap())
        .collect();
    let body = json!({"left": ids[0], "right": ids[1], "verdict": "same", "reason": "dent"});
    let path = "/api/v1/network/judgements";
    let done = post.post(path, &body.to_string()).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(net().await["network"]["nodes"].as_array().unwrap().len(), 3);
    let undone = post.post(&format!("{path}/1/undo"), "").await;
    assert_eq!(undone.status, 200, "{}", undone.body);
    let last = net().await;
    assert_eq!(last["network"]["nodes"].as_array().unwrap().len(), 4);
    assert_eq!(last["judgements"][0]["undone"], true);
    let again = post.post(&format!("{path}/1/undo"), "").await;
    assert_eq!(again.status, 400);
    assert!(again.error().contains("undone already"), "{}", again.body);
    let alone = json!({"left": ids[0], "right": ids[0], "verdict": "same"});
    let alone = post.post(path, &alone.to_string()).await;
    assert!(
        alone.error().contains("name two different ones"),
        "{}",
        alone.body
    );
    let acts = post.store.acts(0, 100).await.unwrap();
    let named = |what: &str| acts.iter().filter(|a| a.what == what).count();
    assert_eq!((named("network.judge"), named("network.undo")), (1, 1));
}
