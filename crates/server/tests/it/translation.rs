//! Notes in the other language.

use crate::client::{Options, Post};
use atalaya_engine::language::{Engine, EngineError, Interpreter, Rendered};
use atalaya_server::Web;
use serde_json::json;
use std::sync::Arc;

const PATH: &str = "/api/v1/translations";
const NOTE: &str = "El camión con matrícula 4821 KTR está en la finca, posición 40.41680, -3.70380, desde las 05:12";

/// Shouts: what it is given to keep would be lost if it weren't masked.
struct Loud;

impl Engine for Loud {
    fn name(&self) -> &str {
        "loud"
    }

    fn translate(&mut self, text: &str) -> Result<Rendered, EngineError> {
        Ok(Rendered {
            text: text.to_uppercase(),
            unknown: vec!["finca".into()],
        })
    }
}

async fn post_with(interpreter: Interpreter) -> Post {
    Post::with(Options {
        web: Web::None,
        interpreter: Some(Arc::new(interpreter)),
        ..Options::default()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_translates_and_says_so() {
    let post = post_with(Interpreter::new(Box::new(|_| Ok(Box::new(Loud))))).await;
    let body = json!({"text": NOTE, "to": "en"}).to_string();
    let reply = post.post(PATH, &body).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let said = reply.json();
    assert_eq!((&said["from"], &said["to"]), (&json!("es"), &json!("en")));
    assert_eq!(
        (&said["engine"], &said["machine"]),
        (&json!("loud"), &json!(true))
    );
    let text = said["text"].as_str().unwrap();
    for kept in ["4821 KTR", "40.41680, -3.70380", "05:12"] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    let kept = said["kept"].as_array().unwrap();
    assert!(kept.len() >= 3 && kept.iter().all(|k| k["kept"] == true));
    let flags = said["flags"].as_array().unwrap();
    assert!(flags.contains(&json!("unknown word: finca")), "{flags:?}");

    let body = json!({"text": NOTE, "to": "es"}).to_string();
    let same = post.post(PATH, &body).await.json();
    assert_eq!(same["machine"], false);
    let flag = same["flags"][0].as_str().unwrap();
    assert!(flag.starts_with("already: this looks like Spanish"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_engine_the_answer_says_so() {
    for interpreter in [
        Interpreter::glossary_only(),
        Interpreter::new(Box::new(|_| Err(EngineError::Gone("not installed".into())))),
    ] {
        let post = post_with(interpreter).await;
        let body = json!({"text": NOTE, "to": "en"}).to_string();
        let said = post.post(PATH, &body).await.json();
        assert_eq!(said["engine"], "glossary only");
        let flag = said["flags"][0].as_str().unwrap();
        assert!(
            flag.starts_with("glossary only: no engine translated this"),
            "{flag}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_translated_gets_one_clear_line() {
    let post = Post::start().await;
    let long = "a".repeat(2001);
    for (body, words) in [
        (
            json!({"text": "Hola", "to": "fr"}),
            "to 'fr' is not known; use es or en",
        ),
        (
            json!({"text": long, "to": "en"}),
            "the text has 2001 characters; translate 2000 at most at once",
        ),
        (
            json!({"text": "  ", "to": "en"}),
            "there is no text to translate",
        ),
    ] {
        let reply = post.post(PATH, &body.to_string()).await;
        assert_eq!(reply.status, 400, "{}", reply.body);
        let error = reply.error();
        assert!(error.contains(words) && !error.contains('\n'), "{error}");
    }
}
