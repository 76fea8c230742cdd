//! The watch document: checked at its words, tried on what was recorded, armed as an act.

use crate::client::{Post, RUN, run};
use atalaya_model::{Class, Event, EventKind, Micros};
use atalaya_store::Record;
use serde_json::{Value, json};

const DAY_US: i64 = 86_400_000_000;

fn arrival(day: i64, hour: i64, class: Class) -> Record {
    let time = Micros(day * DAY_US + hour * 3_600_000_000);
    let subject = format!("{day}-{hour}");
    Record::Event {
        run: RUN.into(),
        event: Event {
            schema: Event::SCHEMA.into(),
            class: Some(class),
            id: Event::id_of(EventKind::Arrival, "yard", &subject, time),
            kind: EventKind::Arrival,
            time,
            time_end: None,
            decided_at: time,
            zone: "yard".into(),
            subjects: vec![subject],
            p: 0.9,
            lat: None,
            lon: None,
            reason: "seen".into(),
            about: None,
            evidence: Vec::new(),
        },
        delete_by: Micros(i64::MAX),
    }
}

fn body(rules: &str) -> String {
    let text = format!("schema = \"watch/1\"\nsite = \"yard\"\n{rules}");
    json!({ "text": text, "days": 10 }).to_string()
}

const NIGHT: &str =
    "[[rule]]\nid = \"truck-at-night\"\non = \"enter\"\nwhere = \"class == 'truck' && hour < 6\"\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_checked_tried_and_armed() {
    let post = Post::start().await;
    // Trucks at two and at nine on each of three days, a car at three.
    let mut records = vec![run()];
    for day in 20_000..20_003 {
        records.push(arrival(day, 2, Class::Truck));
        records.push(arrival(day, 3, Class::Car));
        records.push(arrival(day, 9, Class::Truck));
    }
    post.write(records);

    let first = post.get("/api/v1/watch").await.json();
    assert_eq!(first["n"], Value::Null);
    assert!(first["on"].as_array().unwrap().contains(&json!("delivery")));
    assert!(first["fields"].as_array().unwrap().len() > 20);
    let begin = json!({ "text": first["text"] }).to_string();
    let checked = post.post("/api/v1/watch/check", &begin).await.json();
    assert_eq!(
        checked["ok"], true,
        "what one begins with is good: {checked}"
    );

    let wrong = NIGHT.replace("class ==", "clas ==");
    let checked = post.post("/api/v1/watch/check", &body(&wrong)).await.json();
    let fault = &checked["faults"][0];
    assert_eq!(
        (&fault["line"], &fault["column"], &fault["length"]),
        (&json!(6), &json!(10), &json!(4))
    );
    assert!(
        fault["what"]
            .as_str()
            .unwrap()
            .contains("did you mean 'class'?")
    );
    for path in ["/api/v1/watch", "/api/v1/watch/backtest"] {
        let reply = post.post(path, &body(&wrong)).await;
        assert_eq!(reply.status, 400);
        assert!(
            reply.error().starts_with("watch.toml:6:10: "),
            "{}",
            reply.error()
        );
    }

    let tried = post.post("/api/v1/watch/backtest", &body(NIGHT)).await;
    assert_eq!(tried.status, 200, "{}", tried.body);
    let again = post.post("/api/v1/watch/backtest", &body(NIGHT)).await;
    assert_eq!(tried.body, again.body, "the same events, the same bytes");
    let tried = tried.json();
    assert_eq!(tried["rules"][0]["per_day"], json!([1, 1, 1]));
    assert_eq!((&tried["events"], &tried["count"]), (&json!(9), &json!(3)));
    assert_eq!(tried["alerts"][0]["run"], RUN);
    assert_eq!(
        tried["alerts"][0]["alert"]["reason"],
        "truck came into yard"
    );
    assert_eq!(
        post.get("/api/v1/watch").await.json()["n"],
        Value::Null,
        "a trial arms nothing"
    );

    let armed = post.post("/api/v1/watch", &body(NIGHT)).await;
    assert_eq!(armed.status, 200, "{}", armed.body);
    let now = post.get("/api/v1/watch").await.json();
    assert_eq!((&now["n"], &now["rules"]), (&json!(1), &json!(1)));
    assert_eq!(now, armed.json());
    let acts = post.store.acts(0, 100).await.unwrap();
    let arms: Vec<_> = acts.iter().filter(|a| a.what == "watch.arm").collect();
    assert_eq!(arms.len(), 1);
    assert!(arms[0].detail.contains(now["sha256"].as_str().unwrap()));
}
