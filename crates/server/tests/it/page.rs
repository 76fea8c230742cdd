//! The page, the document of the API, and backgrounds.

use crate::client::{Options, Post};
use atalaya_server::Web;

#[tokio::test(flavor = "multi_thread")]
async fn without_a_page_the_server_says_so() {
    let post = Post::start().await;
    let reply = post.get("/").await;
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .body
            .starts_with("This server was built without its page.")
    );
    assert!(
        reply
            .body
            .contains("Este servidor se compiló sin su página.")
    );
    assert_eq!(post.get("/healthz").await.body, "ok\n");
    post.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_served_and_nothing_outside_of_it() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("dist/assets")).unwrap();
    std::fs::write(dir.path().join("dist/index.html"), "<p>page</p>").unwrap();
    std::fs::write(dir.path().join("dist/assets/a.js"), "1").unwrap();
    std::fs::write(dir.path().join("secret"), "secret").unwrap();
    std::fs::write(dir.path().join("own.pmtiles"), "0123456789").unwrap();
    let post = Post::with(Options {
        web: Web::Dir(dir.path().join("dist")),
        background: Some(dir.path().to_path_buf()),
        ..Options::default()
    })
    .await;
    let page = post.get("/").await;
    assert!(page.head.contains("content-type: text/html; charset=utf-8"));
    assert_eq!(page.body, "<p>page</p>");
    assert!(post.get("/assets/a.js").await.head.contains("immutable"));
    for path in [
        "/../secret",
        "/%2e%2e/secret",
        "/assets/../../secret",
        "//secret",
    ] {
        let reply = post.get(path).await;
        assert!(!reply.body.contains("secret"), "{path}: {}", reply.body);
    }
    let list = post.get("/api/v1/backgrounds").await.json();
    assert_eq!(
        list,
        serde_json::json!([{"name": "own.pmtiles", "bytes": 10}])
    );
    let part = post
        .ask(
            "GET",
            "/background/own.pmtiles",
            &[("range", "bytes=2-4")],
            "",
        )
        .await;
    assert_eq!((part.status, part.body.as_str()), (206, "234"));
    assert!(part.head.contains("content-range: bytes 2-4/10"));
    assert_eq!(post.get("/background/own.pmtiles").await.status, 416);
    assert_eq!(post.get("/background/..%2fsecret").await.status, 404);
    post.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_names_the_routes_that_answer() {
    let post = Post::start().await;
    let document = post.get("/api/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 20, "{}", paths.len());
    for (path, methods) in paths {
        let path = path.replace("{n}", "1").replace(['{', '}'], "");
        for method in methods.as_object().unwrap().keys() {
            let body = if method == "post" { "{}" } else { "" };
            let json = [("content-type", "application/json")];
            let reply = post.ask(&method.to_uppercase(), &path, &json, body).await;
            assert_ne!(reply.status, 405, "{method} {path}");
            assert!(reply.body != "there is no such page\n", "{method} {path}");
        }
    }
    post.server.shutdown().await;
}
