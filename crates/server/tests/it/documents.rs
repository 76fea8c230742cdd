//! Documents in both languages, and what people correct in them.

use crate::client::{Options, Post, Reply};
use atalaya_engine::language::{Engine, EngineError, Interpreter, Rendered};
use atalaya_server::Web;
use serde_json::{Value, json};
use std::sync::Arc;

const TEXT: &str = "INFORME\n\nEl camión con matrícula 4821 KTR entró en la finca a las 05:12. Salió por el norte hacia la carretera.\n";

/// Shouts, and knows no farms.
struct Loud;

impl Engine for Loud {
    fn name(&self) -> &str {
        "loud"
    }

    fn translate(&mut self, text: &str) -> Result<Rendered, EngineError> {
        let farm = text.contains("finca").then(|| "finca".to_owned());
        Ok(Rendered {
            text: text.to_uppercase(),
            unknown: farm.into_iter().collect(),
        })
    }
}

async fn post() -> Post {
    let interpreter = Interpreter::new(Box::new(|_| Ok(Box::new(Loud))))
        .reading_pdf(Box::new(|_| Ok("El camión salió por\nel norte.\n".into())));
    Post::with(Options {
        web: Web::None,
        interpreter: Some(Arc::new(interpreter)),
        ..Options::default()
    })
    .await
}

impl Post {
    async fn file(&self, path: &str, body: &str) -> Reply {
        let kind = [("content-type", "application/octet-stream")];
        self.ask("POST", path, &kind, body).await
    }

    async fn acts(&self) -> Vec<String> {
        let acts = self.store.acts(0, 1000).await.unwrap();
        acts.into_iter().map(|a| a.what).collect()
    }
}

fn sentences(document: &Value) -> Vec<Value> {
    let of = |p: &Value| p["sentences"].as_array().unwrap().clone();
    document["paragraphs"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(of)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_shown_sentence_by_sentence_corrected_and_exported() {
    let post = post().await;
    let made = post
        .file("/api/v1/documents?name=..%2Finforme.txt", TEXT)
        .await;
    assert_eq!(made.status, 200, "{}", made.body);
    let made = made.json();
    assert_eq!(
        (&made["name"], &made["lang"], &made["kind"]),
        (&json!("informe.txt"), &json!("es"), &json!("text"))
    );
    let get = || async { post.get("/api/v1/documents/1").await.json() };
    let document = get().await;
    assert_eq!(
        (&document["to"], &document["engine"]),
        (&json!("en"), &json!("loud"))
    );
    let all = sentences(&document);
    assert_eq!(all.len(), 3, "{document}");
    let first = all[1]["target"].as_str().unwrap();
    assert!(
        first.contains("4821 KTR") && first.contains("05:12"),
        "{first}"
    );
    assert_eq!(all[1]["machine"], true);
    assert_eq!(all[1]["flags"][0], "unknown word: finca");
    assert_eq!(
        (&document["flagged"], &document["corrected"]),
        (&json!(1), &json!(0))
    );

    // What loses a plate is refused, what keeps all is used from now on: here, elsewhere, in notes.
    let correct = |target: &str| {
        let source = all[1]["source"].as_str().unwrap();
        json!({"lang": "es", "source": source, "target": target, "document": 1}).to_string()
    };
    let lost = post
        .post("/api/v1/memory", &correct("The truck entered at 05:12."))
        .await;
    assert_eq!(lost.status, 400);
    assert!(lost.error().contains("lacks '4821 KTR'"), "{}", lost.body);
    let good = "The truck with plate 4821 KTR entered the farm at 05:12.";
    let kept = post.post("/api/v1/memory", &correct(good)).await;
    assert_eq!(kept.json()["n"], 1, "{}", kept.body);
    let document = get().await;
    let corrected = &sentences(&document)[1];
    assert_eq!(
        (&corrected["target"], &corrected["machine"]),
        (&json!(good), &json!(false))
    );
    assert_eq!(corrected["correction"]["n"], 1);
    assert_eq!(
        (&document["engine"], &document["flagged"]),
        (&json!("loud+memory"), &json!(0))
    );
    let note = json!({"text": "El camión con matrícula 9034 BCD entró en la finca a las 23:40.", "to": "en"});
    let note = post
        .post("/api/v1/translations", &note.to_string())
        .await
        .json();
    assert_eq!(
        note["text"],
        "The truck with plate 9034 BCD entered the farm at 23:40."
    );
    assert_eq!(
        (&note["machine"], &note["engine"]),
        (&json!(false), &json!("memory"))
    );
    let similar = json!({"text": "El camión con matrícula 4821 KTR entró despacio en la finca a las 05:12.", "to": "en"});
    let similar = post
        .post("/api/v1/translations", &similar.to_string())
        .await
        .json();
    let suggestion = &similar["lines"][0]["sentences"][0]["suggestions"][0];
    assert_eq!(suggestion["target"], good);
    assert!(suggestion["score"].as_f64().unwrap() >= 0.7, "{similar}");

    let text = post.get("/api/v1/documents/1/export?format=txt").await;
    assert!(
        text.head
            .contains("attachment; filename=\"informe.txt.txt\""),
        "{}",
        text.head
    );
    assert!(
        text.body.contains("MACHINE TRANSLATION") && text.body.contains("= The truck"),
        "{}",
        text.body
    );
    let tmx = post.get("/api/v1/documents/1/export?format=tmx").await.body;
    assert!(tmx.contains("creationid=\"machine: loud\""), "{tmx}");
    assert_eq!(
        post.get("/api/v1/documents/1/export?format=xls")
            .await
            .status,
        400
    );

    let undone = post.post("/api/v1/memory/1/undo", "").await.json();
    assert_eq!(
        (&undone["held"], &undone["corrections"][0]["undone"]),
        (&json!(0), &json!(true))
    );
    assert_eq!(get().await["corrected"], 0);
    assert_eq!(post.post("/api/v1/memory/1/undo", "").await.status, 404);
    assert_eq!(
        post.post("/api/v1/documents/1/remove", "").await.json(),
        json!([])
    );
    assert_eq!(post.get("/api/v1/documents/1").await.status, 404);
    let acts = post.acts().await;
    for act in [
        "document.add",
        "document.view",
        "document.export",
        "document.remove",
        "translation.correct",
        "translation.undo",
    ] {
        assert!(acts.contains(&act.to_owned()), "no {act} in {acts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pdf_is_read_and_what_can_not_be_gets_one_clear_line() {
    let post = post().await;
    let made = post
        .file("/api/v1/documents?name=a.pdf", "%PDF-1.4")
        .await
        .json();
    assert_eq!(
        (&made["kind"], &made["lang"]),
        (&json!("pdf"), &json!("es"))
    );
    let large = "a".repeat((8 << 20) + 1);
    for (path, body, words) in [
        (
            "/api/v1/documents?name=a.txt",
            "12 34",
            "its language can't be told",
        ),
        (
            "/api/v1/documents?name=a.txt",
            " ",
            "there is no text in it",
        ),
        (
            "/api/v1/documents?name=a.docx",
            "PK\u{3}\u{4}",
            "not a Word document",
        ),
        ("/api/v1/documents?name=%20", TEXT, "a file needs a name"),
        (
            "/api/v1/documents?name=a&from=fr",
            TEXT,
            "from 'fr' is not known",
        ),
        ("/api/v1/documents?name=a.txt", &large, "length limit"),
        (
            "/api/v1/memory/import?name=a.tmx",
            "<html/>",
            "there is no tmx element",
        ),
        (
            "/api/v1/memory/import?name=a.tmx",
            "<tmx/>",
            "no pair of it can be taken",
        ),
    ] {
        let said = post.file(path, body).await;
        assert!(said.status == 400 || said.status == 413, "{}", said.body);
        assert!(
            said.body.contains(words) && !said.body.contains('\n'),
            "{}",
            said.body
        );
    }
    let told = post
        .file("/api/v1/documents?name=a.txt&from=es", "12 34")
        .await;
    assert_eq!(told.json()["lang"], "es");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_goes_out_as_tmx_and_comes_in_elsewhere_as_one_file() {
    let (ours, theirs) = (post().await, post().await);
    for (source, target) in [
        ("Se fue a las 05:12.", "It left at 05:12."),
        ("Se fue a las 05:12.", "It was gone by 05:12."),
        ("Nadie lo vio.", "Nobody saw it."),
    ] {
        let body = json!({"lang": "es", "source": source, "target": target}).to_string();
        assert_eq!(ours.post("/api/v1/memory", &body).await.status, 200);
    }
    let tmx = ours.get("/api/v1/memory/export").await.body;
    assert_eq!(tmx.matches("<tu ").count(), 2, "{tmx}");
    assert!(
        tmx.contains("It was gone by 05:12."),
        "the last one holds: {tmx}"
    );
    // Somebody changed a time in it.
    let tmx = tmx.replace("Nobody saw it.", "Nobody saw it.</seg></tuv></tu><tu srclang=\"es\"><tuv xml:lang=\"es\"><seg>A las 07:00.</seg></tuv><tuv xml:lang=\"en\"><seg>At 08:00.");
    let taken = theirs.file("/api/v1/memory/import?name=m.tmx", &tmx).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    let taken = taken.json();
    assert_eq!((&taken["taken"], &taken["refused"]), (&json!(2), &json!(1)));
    assert!(
        taken["first_refused"]
            .as_str()
            .unwrap()
            .contains("lacks '07:00'")
    );
    let again = theirs.file("/api/v1/memory/import?name=m.tmx", &tmx).await;
    assert!(again.error().contains("2 known already"), "{}", again.body);
    let note = json!({"text": "Nadie lo vio. Se fue a las 06:30.", "to": "en"}).to_string();
    let said = theirs.post("/api/v1/translations", &note).await.json();
    assert_eq!(said["text"], "Nobody saw it. It was gone by 06:30.");
    let undone = theirs.post("/api/v1/memory/files/1/undo", "").await.json();
    assert_eq!(
        (&undone["held"], &undone["files"][0]["undone"]),
        (&json!(0), &json!(true))
    );
    let said = theirs.post("/api/v1/translations", &note).await.json();
    assert_eq!(said["machine"], true);
    let acts = [ours.acts().await, theirs.acts().await].concat();
    for act in [
        "translation.export",
        "translation.import",
        "translation.undo-import",
    ] {
        assert!(acts.contains(&act.to_owned()), "no {act} in {acts:?}");
    }
}
