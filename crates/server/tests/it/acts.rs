//! Alerts, tracks, notes and stills through the API.

use crate::client::{FAR, Post, RUN, point, run, stored};
use atalaya_model::Micros;
use atalaya_store::Record;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_acknowledged_commented_and_closed() {
    let post = Post::start().await;
    post.write(vec![run(), stored(1), stored(2), stored(3)]);
    let first = post.get("/api/v1/alerts?limit=2").await.json();
    assert_eq!(first["alerts"][0]["key"], "r1~long-stay-A3");
    let next = first["next"].as_str().unwrap();
    let second = post
        .get(&format!("/api/v1/alerts?limit=2&after={next}"))
        .await
        .json();
    assert_eq!(second["alerts"][0]["key"], "r1~long-stay-A1");
    assert!(second["next"].is_null());

    let path = "/api/v1/alerts/r1~long-stay-A3";
    let headers = [
        ("content-type", "application/json"),
        ("x-atalaya-name", "Jos%C3%A9"),
    ];
    let done = post
        .ask("POST", &format!("{path}/acknowledge"), &headers, "{}")
        .await;
    assert_eq!(
        (done.status, &done.json()["alert"]["state"]),
        (200, &json!("acknowledged"))
    );
    let again = post.post(&format!("{path}/acknowledge"), "{}").await;
    assert_eq!(again.status, 409);
    assert!(
        again
            .error()
            .contains("is acknowledged: can't acknowledge it"),
        "{}",
        again.error()
    );
    let said = post
        .post(&format!("{path}/comment"), r#"{"text":"same truck"}"#)
        .await;
    assert_eq!(said.status, 200);
    assert_eq!(post.post(&format!("{path}/close"), "{}").await.status, 200);

    let detail = post.get(path).await.json();
    assert_eq!(detail["alert"]["state"], "closed");
    assert_eq!(
        detail["acts"][0]["author"],
        json!({"name": "José", "verified": false})
    );
    assert_eq!(detail["acts"][1]["text"], "same truck");
    let open = post.get("/api/v1/alerts?state=open").await.json();
    assert_eq!(open["alerts"].as_array().unwrap().len(), 2);
    let metrics = post.get("/metrics").await.body;
    assert!(metrics.contains("\natalaya_alerts_open 2\n"), "{metrics}");
    post.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tracks_notes_and_stills() {
    let post = Post::start().await;
    let points = |n, s: i64| Record::TrackPoints {
        run: RUN.into(),
        feed: "eo".into(),
        t: Micros(s * 1_000_000),
        points: vec![point(n, s.unsigned_abs())],
        delete_by: FAR,
    };
    post.write((0..6).map(|s| points(1, s)).chain([run()]).collect());
    let window = "/api/v1/tracks?from=0&to=9000000";
    assert_eq!(
        post.get(window).await.json()[0]["points"][0]["box"]["w"],
        3.0
    );
    let split = post
        .post("/api/v1/tracks/A1/split", r#"{"run":"r1","at_us":3000000}"#)
        .await;
    assert_eq!(
        (split.status, &split.json()["edit"]),
        (200, &json!("split"))
    );
    let names = post.get(window).await.json();
    assert_eq!([&names[0]["name"], &names[1]["name"]], ["A1", "A1.2"]);
    let merge = post
        .post(
            "/api/v1/tracks/merge",
            r#"{"run":"r1","track":"A1","other":"A1.2"}"#,
        )
        .await;
    assert_eq!(merge.status, 200);
    assert_eq!(post.get(window).await.json().as_array().unwrap().len(), 1);
    let undone = post
        .post(
            &format!("/api/v1/track-edits/{}/undo", merge.json()["n"]),
            "{}",
        )
        .await;
    assert_eq!(undone.json()["undone"], true);
    assert_eq!(
        post.get("/api/v1/track-edits?run=r1")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );

    let note = post
        .post(
            "/api/v1/notes",
            r#"{"kind":"handover","t_us":5,"text":"quiet"}"#,
        )
        .await;
    assert_eq!(note.json()["author"]["name"], "nobody");
    assert_eq!(post.get("/api/v1/notes").await.json()[0]["text"], "quiet");

    let still = post.get("/api/v1/still?feed=ir&t=7&width=99999").await;
    assert!(
        still.head.contains("content-type: image/jpeg"),
        "{}",
        still.head
    );
    assert_eq!(still.body, "JPEG ir 7 1920");
    // Whoever looks is in the log.
    let acts = post.store.acts(0, 100).await.unwrap();
    let look = acts.iter().rfind(|a| a.what == "evidence.view").unwrap();
    assert_eq!(look.subject, "ir@1970-01-01T00:00:00.000007Z");
    assert!(!look.who.verified);
    let view = post.get("/api/v1/operation").await.json();
    assert_eq!(view["authority"]["no_look"][0]["name"], "school");
    assert_eq!(
        view["authority"]["valid_until_us"],
        1_798_761_600_000_000i64
    );
    assert_eq!(post.get("/api/v1/runs").await.json()[0]["id"], "r1");
    post.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_landmark_is_an_act_and_waits_for_its_feed() {
    let post = Post::start().await;
    let path = "/api/v1/feeds/eo/landmarks";
    let body = json!({
        "time": "2026-11-22T05:12:00.200Z", "pixel": [640.0, 360.0], "lat": 40.0, "lon": -3.5,
        "sigma_m": 0.5,
    });
    let done = post.post(path, &body.to_string()).await;
    assert_eq!(done.status, 204, "{}", done.error());
    // Nobody has looked at it yet, nor at a reference.
    assert_eq!(post.get(path).await.json(), json!([]));
    let looks = "/api/v1/feeds/eo/registrations";
    assert_eq!(post.get(looks).await.json(), json!([]));
    let none = "/api/v1/feeds/none/registrations";
    assert_eq!(post.get(none).await.status, 404);
    for (path, change, status, says) in [
        ("/api/v1/feeds/none/landmarks", None, 404, "no feed 'none'"),
        (
            path,
            Some(("lat", json!(95))),
            422,
            "lat = 95 is out of range",
        ),
        (path, Some(("radius", json!(5))), 422, "radius"),
    ] {
        let mut body = body.clone();
        if let Some((key, value)) = change {
            body[key] = value;
        }
        let refused = post.post(path, &body.to_string()).await;
        assert_eq!(refused.status, status, "{}", refused.error());
        assert!(refused.error().contains(says), "{}", refused.error());
    }
    let acts = post.store.acts(0, 100).await.unwrap();
    let given: Vec<_> = acts.iter().filter(|a| a.what == "landmark.give").collect();
    assert_eq!(given.len(), 1);
    assert_eq!(given[0].subject, "eo");
}
