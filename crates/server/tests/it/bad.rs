//! Bad input is answered in one line that says what to do.

use crate::client::Post;

#[tokio::test(flavor = "multi_thread")]
async fn words_for_what_is_wrong() {
    let post = Post::start().await;
    for (path, status, words) in [
        (
            "/api/v1/alerts?state=opne",
            400,
            "state 'opne' is not known; use open, acknowledged, rejected, closed, expired or all",
        ),
        (
            "/api/v1/alerts?after=x",
            400,
            "'x' is not a place in the list",
        ),
        (
            "/api/v1/alerts/nothing",
            404,
            "there is no alert 'nothing'; keys look like run~id",
        ),
        (
            "/api/v1/alerts/r1~nothing",
            404,
            "there is no alert 'nothing'",
        ),
        ("/api/v1/tracks", 400, "from and to are needed"),
        (
            "/api/v1/tracks?from=5&to=1",
            400,
            "the window must end after it begins",
        ),
        (
            "/api/v1/tracks?from=-9223372036854775808&to=9223372036854775807",
            400,
            "six hours at most",
        ),
        ("/api/v1/still?feed=xx&t=1", 404, "there is no feed 'xx'"),
        (
            "/api/v1/still?feed=eo&t=-1",
            404,
            "feed 'eo' has no picture at 1969-12-31T23:59:59.999999Z",
        ),
        (
            "/api/v1/tracks?from=soon",
            400,
            "from: invalid digit found in string",
        ),
        ("/api/v1/still?feed=eo", 400, "missing field `t`"),
        (
            "/background/x.pmtiles",
            404,
            "there is no background 'x.pmtiles'",
        ),
    ] {
        let reply = post.get(path).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
        assert!(reply.error().contains(words), "{path}: {}", reply.error());
        assert!(!reply.error().contains('\n'));
    }
    let post_to = |path: &'static str, body: &'static str| post.post(path, body);
    let unknown = post_to("/api/v1/alerts/r1~x/delete", "{}").await;
    assert_eq!(
        (unknown.status, unknown.error().as_str()),
        (
            404,
            "'delete' is not an act; use acknowledge, reject, close or comment"
        )
    );
    let empty = post_to("/api/v1/notes", r#"{"kind":"fault","t_us":1,"text":" "}"#).await;
    assert_eq!(
        (empty.status, empty.error().as_str()),
        (400, "the text is empty; write something")
    );
    assert_eq!(
        post_to("/api/v1/notes", r#"{"kind":"gossip","t_us":1,"text":"x"}"#)
            .await
            .status,
        422
    );
    let cut = post_to("/api/v1/notes", "{").await;
    assert_eq!(cut.status, 400);
    assert!(
        cut.error()
            .starts_with("Failed to parse the request body as JSON")
    );
    assert_eq!(
        post_to("/api/v1/tracks/A1/split", r#"{"run":"r1","at_us":1}"#)
            .await
            .status,
        404
    );
    let large = format!(
        r#"{{"kind":"fault","t_us":1,"text":"{}"}}"#,
        "x".repeat(70_000)
    );
    assert_eq!(post.post("/api/v1/notes", &large).await.status, 413);
    assert_eq!(
        post.ask("DELETE", "/api/v1/alerts", &[], "").await.status,
        405
    );
    assert_eq!(post.get("/api/v1/nothing").await.status, 404);
    post.server.shutdown().await;
}
