//! Who may.

use crate::client::{Options, Post, operation, run, stored};
use atalaya_server::{ServeError, ServerConfig, StillSource, Web, add_user, serve};
use atalaya_store::{Bus, Store};
use std::sync::Arc;

const JSON: (&str, &str) = ("content-type", "application/json");

async fn guarded() -> Post {
    let post = Post::with(Options {
        user: Some(("ana", "correct horse battery")),
        web: Web::None,
        ..Options::default()
    })
    .await;
    post.write(vec![run(), stored(1)]);
    post
}

#[tokio::test(flavor = "multi_thread")]
async fn with_accounts_nothing_is_said_before_a_login() {
    let post = guarded().await;
    for path in [
        "/api/v1/operation",
        "/api/v1/alerts",
        "/api/v1/alerts/r1~long-stay-A1",
        "/api/v1/events",
        "/api/v1/tracks?from=0&to=1",
        "/api/v1/notes",
        "/api/v1/still?feed=eo&t=1",
        "/api/v1/runs",
        "/api/v1/backgrounds",
        "/api/v1/track-edits?run=r1",
        "/background/a.pmtiles",
    ] {
        let reply = post.get(path).await;
        assert_eq!(reply.status, 401, "{path}");
        assert!(reply.error().starts_with("not logged in; POST"), "{path}");
    }
    let act = post
        .post("/api/v1/alerts/r1~long-stay-A1/acknowledge", "{}")
        .await;
    assert_eq!(act.status, 401);
    assert_eq!(post.get("/api/v1/me").await.json()["login_needed"], true);

    let wrong = post
        .post("/api/v1/login", r#"{"name":"ana","password":"guess"}"#)
        .await;
    let nobody = post
        .post("/api/v1/login", r#"{"name":"bo","password":"guess"}"#)
        .await;
    assert_eq!(
        (wrong.status, &wrong.body),
        (401, &nobody.body),
        "names don't show"
    );

    let login = r#"{"name":"ana","password":"correct horse battery"}"#;
    let right = post.post("/api/v1/login", login).await;
    assert_eq!(right.status, 200);
    let cookie = right
        .head
        .lines()
        .find_map(|l| l.strip_prefix("set-cookie: "))
        .unwrap();
    assert!(
        cookie.contains("; httponly; samesite=strict; max-age="),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap();
    // A typed name counts for nothing here.
    let headers = [("cookie", cookie), JSON, ("x-atalaya-name", "Mallory")];
    let act = "/api/v1/alerts/r1~long-stay-A1/acknowledge";
    assert_eq!(post.ask("POST", act, &headers, "{}").await.status, 200);
    let detail = post
        .ask("GET", "/api/v1/alerts/r1~long-stay-A1", &headers, "")
        .await
        .json();
    assert_eq!(
        detail["acts"][0]["author"],
        serde_json::json!({"name": "ana", "verified": true})
    );

    assert_eq!(
        post.ask("POST", "/api/v1/logout", &headers, "")
            .await
            .status,
        204
    );
    assert_eq!(
        post.ask("GET", "/api/v1/alerts", &headers, "").await.status,
        401
    );
    post.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down() {
    let post = guarded().await;
    let guess = r#"{"name":"ana","password":"guess"}"#;
    for _ in 0..5 {
        assert_eq!(post.post("/api/v1/login", guess).await.status, 401);
    }
    let reply = post.post("/api/v1/login", guess).await;
    assert_eq!(
        (reply.status, reply.error().as_str()),
        (429, "too many failed logins; wait a minute")
    );
    post.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_others_can_neither_read_nor_act() {
    let post = Post::with(Options {
        hosts: vec!["post.example".into()],
        web: Web::None,
        ..Options::default()
    })
    .await;
    let rebound = post
        .ask("GET", "/api/v1/alerts", &[("host", "evil.example")], "")
        .await;
    assert_eq!(rebound.status, 421);
    assert!(
        rebound
            .error()
            .contains("'evil.example' is not a name of this server")
    );
    assert_eq!(
        post.ask("GET", "/api/v1/alerts", &[("host", "post.example")], "")
            .await
            .status,
        200
    );
    let foreign = [("origin", "http://evil.example"), JSON];
    let note = r#"{"kind":"fault","t_us":1,"text":"x"}"#;
    let reply = post.ask("POST", "/api/v1/notes", &foreign, note).await;
    assert_eq!(reply.status, 403);
    let own = format!("http://{}", post.address());
    let ours = [("origin", own.as_str()), JSON];
    assert_eq!(
        post.ask("POST", "/api/v1/notes", &ours, note).await.status,
        200
    );
    let upgrade = [
        ("origin", "http://evil.example"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    assert_eq!(
        post.ask("GET", "/api/v1/live", &upgrade, "").await.status,
        403
    );
    let head = post.get("/api/v1/me").await.head;
    assert!(
        head.contains("content-security-policy: default-src 'self'"),
        "{head}"
    );
    post.server.shutdown().await;
}

struct NoStills;

impl StillSource for NoStills {
    fn still(&self, _: &str, _: atalaya_model::Micros, _: u32) -> Result<Vec<u8>, String> {
        Err("none".into())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_accounts_only_this_machine_is_served_and_a_busy_port_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path()).await.unwrap();
    let config = |bind: std::net::SocketAddr| ServerConfig {
        bind,
        hosts: Vec::new(),
        store: store.clone(),
        bus: Bus::default(),
        operation: operation(),
        stills: Arc::new(NoStills),
        interpreter: Arc::new(atalaya_engine::language::Interpreter::glossary_only()),
        flights: None,
        landmarks: atalaya_engine::live::Landmarks::default(),
        story: None,
        web: Web::None,
        background: None,
    };
    let open = serve(config("0.0.0.0:0".parse().unwrap()))
        .await
        .unwrap_err();
    assert!(matches!(open, ServeError::NoAccount { .. }));
    assert!(
        open.to_string()
            .starts_with("there is no account, so only this machine may connect")
    );

    let server = serve(config("127.0.0.1:0".parse().unwrap())).await.unwrap();
    let busy = serve(config(server.address()))
        .await
        .unwrap_err()
        .to_string();
    let port = server.address().port();
    assert!(
        busy.starts_with(&format!(
            "port {port} on 127.0.0.1 is in use; stop the other program"
        )),
        "{busy}"
    );
    server.shutdown().await;

    let short = add_user(&store, "ana", "short", &[])
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(
        short,
        "the password is too short; use at least 12 characters"
    );
    add_user(&store, "ana", "long enough for this", &[])
        .await
        .unwrap();
    let server = serve(config("0.0.0.0:0".parse().unwrap())).await.unwrap();
    server.shutdown().await;
}
