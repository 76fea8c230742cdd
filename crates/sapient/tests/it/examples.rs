//! The example messages of the evaluation data: all of `valid/`, none of `invalid/`.

use atalaya_sapient::{check::check, json, wire};
use std::fs;
use std::path::Path;

fn files(folder: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sapient");
    let mut all: Vec<_> = fs::read_dir(path.join(folder))
        .unwrap()
        .map(|e| e.unwrap().path())
        .map(|p| {
            (
                p.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read_to_string(&p).unwrap(),
            )
        })
        .collect();
    all.sort();
    all
}

fn faults(text: &str) -> Vec<String> {
    let (message, mut found) = match json::decode(text) {
        Ok(m) => m,
        Err(e) => return vec![e],
    };
    found.extend(check(&message));
    found
        .into_iter()
        .map(|f| format!("{}: {}", f.path, f.what))
        .collect()
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn valid_messages_are_accepted_and_invalid_ones_refused() {
    let mut wrong = Vec::new();
    for (name, text) in files("valid") {
        let f = faults(&text);
        if !f.is_empty() {
            wrong.push(format!("{name}: {f:?}"));
        }
        // And through the wire format and back.
        let (message, _) = json::decode(&text).unwrap();
        assert_eq!(
            wire::decode(&wire::encode(&message)).unwrap(),
            message,
            "{name}"
        );
        let again = json::encode(&message).to_string();
        assert_eq!(json::decode(&again).unwrap().0, message, "{name}");
    }
    for (name, text) in files("invalid") {
        if faults(&text).is_empty() {
            wrong.push(format!("{name}: accepted"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
