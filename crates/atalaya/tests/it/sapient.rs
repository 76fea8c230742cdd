//! `atalaya sapient check` on the example messages and on what is none.

use crate::support::*;
use atalaya_sapient::{Node, NodeConfig, frame, json, wire};
use std::fs;
use std::path::Path;

fn registration() -> atalaya_sapient::Message {
    let config = NodeConfig {
        id: "a8654cdf-4328-47de-81fa-c495589e30c9".into(),
        name: "Gate".into(),
        kind: "NODE_TYPE_PROXIMITY_SENSOR".into(),
        at: [-3.5, 40.0, 601.0],
        status_s: 30,
        can_look: false,
    };
    Node::new(config)
        .unwrap()
        .connected(1_795_404_000_000_000)
        .remove(0)
}

#[test]
fn messages_are_read_as_json_lines_bare_and_with_lengths() {
    let dir = folder("sapient");
    let m = registration();
    let text = json::encode(&m).to_string();
    fs::write(dir.join("one.json"), &text).unwrap();
    fs::write(
        dir.join("two.jsonl"),
        format!("{text}\n{}\n", text.replace("nodeId", "noteId")),
    )
    .unwrap();
    fs::write(dir.join("bare.bin"), wire::encode(&m)).unwrap();
    fs::write(
        dir.join("framed.sapient"),
        frame::framed(&wire::encode(&m)).repeat(2),
    )
    .unwrap();
    let good = atalaya_in(
        &dir,
        &["sapient", "check", "one.json", "bare.bin", "framed.sapient"],
    )
    .ok();
    assert_eq!(good.out, "one.json: ok\nbare.bin: ok\nframed.sapient: ok\n");
    let bad = atalaya_in(&dir, &["sapient", "check", "two.jsonl"]);
    bad.fails_with(&["1 of 1 files do not conform"]);
    assert_eq!(
        bad.out,
        "two.jsonl: message 2: noteId: is not a field of the standard\n\
         two.jsonl: message 2: node_id: is mandatory; it is missing\n"
    );
    let bad = atalaya_in(
        &dir,
        &["sapient", "check", "--format", "jsonl", "two.jsonl"],
    );
    assert!(
        bad.out
            .lines()
            .all(|l| l.contains("\"schema\":\"sapient-check/1\""))
    );
}

#[test]
fn what_is_no_message_is_said_in_one_line() {
    let dir = folder("sapient-bad");
    let whole = frame::framed(&wire::encode(&registration()));
    fs::write(
        dir.join("cut.sapient"),
        &whole.repeat(2)[..whole.len() + 40],
    )
    .unwrap();
    fs::write(dir.join("text.txt"), "this is no message").unwrap();
    fs::write(dir.join("empty.bin"), "").unwrap();
    fs::write(dir.join("broken.json"), "{\"nodeId\": ").unwrap();
    let cut = atalaya_in(&dir, &["sapient", "check", "cut.sapient"]);
    assert!(
        cut.out
            .contains("message 2: message: the file ends 40 bytes into a message"),
        "{}",
        cut.out
    );
    assert_eq!(cut.code, Some(1));
    for name in ["text.txt", "broken.json"] {
        let said = atalaya_in(&dir, &["sapient", "check", name]);
        said.fails_with(&["do not conform"]);
        assert_eq!(said.out.lines().count(), 1, "{}", said.out);
    }
    atalaya_in(&dir, &["sapient", "check", "empty.bin"]).fails_with(&["empty.bin", "is empty"]);
    atalaya_in(&dir, &["sapient", "check", "gone.json"])
        .fails_with(&["gone.json", "check the path"]);
    assert_eq!(atalaya_in(&dir, &["sapient", "check"]).code, Some(2));
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn the_example_messages_of_the_evaluation_data() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sapient");
    for (kind, conform) in [("valid", true), ("invalid", false)] {
        for file in fs::read_dir(data.join(kind)).unwrap() {
            let path = file.unwrap().path();
            let said = atalaya_in(&data, &["sapient", "check", path.to_str().unwrap()]);
            assert_eq!(
                said.code == Some(0),
                conform,
                "{}: {}",
                path.display(),
                said.out
            );
        }
    }
}
