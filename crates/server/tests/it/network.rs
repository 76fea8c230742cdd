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
            class: None,
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

const LIST: &str = "source,target,kind,source_kind,target_kind\nTransportes Sierra S.L.,op/yard,rents,organisation,place\nTransportes Sierra S.L.,Juan Pérez García,employs,organisation,person\n\"SIERRA TRANSPORTES, S.L.\",Nave 3,rents,organisation,place\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_people_bring_stands_beside_what_was_seen_without_unnamed_persons() {
    let post = Post::start().await;
    post.write(vec![run(), seen(1)]);
    post.write(vec![came(1, "gate", 10), came(1, "yard", 20)]);
    let path = "/api/v1/network/imports";
    let csv = [("content-type", "text/csv")];
    let made = post
        .ask("POST", &format!("{path}?name=who.csv"), &csv, LIST)
        .await;
    assert_eq!(made.status, 200, "{}", made.body);
    let made = made.json();
    assert_eq!(
        (&made["n"], &made["counts"]["persons"]),
        (&json!(1), &json!(1))
    );
    let net = || async { post.get("/api/v1/network").await.json() };
    let shown = net().await;
    assert!(!shown.to_string().contains("Pérez"), "{shown}");
    let nodes = shown["network"]["nodes"].as_array().unwrap();
    let firm = nodes
        .iter()
        .find(|n| n["name"] == "Transportes Sierra S.L.")
        .unwrap();
    assert_eq!(
        (&firm["kind"], &firm["imports"]),
        (&json!("organisation"), &json!([1]))
    );
    let links = shown["network"]["links"].as_array().unwrap();
    assert!(
        links
            .iter()
            .any(|l| l["kind"] == "rents" && l["import"] == 1)
    );
    assert_eq!(shown["imports"][0]["name"], "who.csv");
    let pair = &shown["network"]["pairs"][0];
    assert!(pair["score"].as_f64().unwrap() > 0.1, "{shown}");

    // A person judges the two names one.
    let body = json!({"left": pair["left"], "right": pair["right"], "verdict": "same", "reason": "register"});
    let judged = post
        .post("/api/v1/network/judgements", &body.to_string())
        .await;
    assert_eq!(judged.status, 200, "{}", judged.body);
    let one = net().await;
    assert_eq!(
        one["network"]["nodes"].as_array().unwrap().len(),
        nodes.len() - 1
    );
    assert_eq!(one["network"]["pairs"], json!([]));

    for (format, kind) in [
        ("graphml", "application/xml"),
        ("ftm", "ndjson"),
        ("csv", "text/csv"),
    ] {
        let file = post
            .get(&format!("/api/v1/network/export?format={format}"))
            .await;
        assert_eq!(file.status, 200);
        assert!(
            file.head.contains(kind) && file.head.contains("attachment"),
            "{}",
            file.head
        );
        assert!(
            file.body.contains("Sierra") && !file.body.contains("Pérez"),
            "{}",
            file.body
        );
    }
    assert_eq!(
        post.get("/api/v1/network/export?format=xls").await.status,
        400
    );
    let undone = post.post(&format!("{path}/1/undo"), "").await.json();
    assert_eq!(undone[0]["undone"], true);
    assert_eq!(post.post(&format!("{path}/1/undo"), "").await.status, 404);
    assert_eq!(net().await["network"]["nodes"].as_array().unwrap().len(), 3);
    let acts = post.store.acts(0, 100).await.unwrap();
    for act in ["network.import", "network.undo-import", "network.export"] {
        assert!(acts.iter().any(|a| a.what == act), "no {act}");
    }
    for (name, body, words) in [
        ("a.csv", "a;b\n", "separate columns by commas"),
        (
            "a.json",
            "{\"id\":\"x\",\"schema\":\"Person\",\"properties\":{\"name\":[\"Ana Ruiz\"]}}",
            "only 1 persons",
        ),
        (
            "a.json",
            "{\"id\":\"x\",\"schema\":\"Thing\",\"weapon\":1}",
            "refused: 'weapon'",
        ),
    ] {
        let said = post
            .ask("POST", &format!("{path}?name={name}"), &csv, body)
            .await;
        assert!(
            said.status >= 400 && said.body.contains(words),
            "{}",
            said.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_of_tracks_makes_one_vehicle_of_two_until_it_is_undone() {
    let post = Post::start().await;
    post.write(vec![run(), seen(1), seen(2)]);
    post.write(vec![came(1, "gate", 10), came(2, "yard", 30)]);
    let vehicles = || async {
        let net = post.get("/api/v1/network").await.json();
        let nodes = net["network"]["nodes"].as_array().unwrap().clone();
        nodes.iter().filter(|n| n["kind"] == "vehicle").count()
    };
    assert_eq!(vehicles().await, 2);
    let names: Vec<String> = post
        .store
        .tracks(None, Micros(0), Micros(2_000_000))
        .await
        .unwrap()
        .into_iter()
        .map(|t| t.name)
        .collect();
    let body = json!({"run": RUN, "track": names[0], "other": names[1]});
    let merged = post.post("/api/v1/tracks/merge", &body.to_string()).await;
    assert_eq!(merged.status, 200, "{}", merged.body);
    assert_eq!(vehicles().await, 1);
    let n = merged.json()["n"].as_i64().unwrap();
    let undone = post
        .post(&format!("/api/v1/track-edits/{n}/undo"), "")
        .await;
    assert_eq!(undone.status, 200);
    assert_eq!(vehicles().await, 2);
}
