//! Bytes to values and back, and bytes that are none.

use atalaya_sapient::{Message, Node, NodeConfig, Value, check::check, frame, json, wire};
use proptest::prelude::*;

pub fn node() -> Node {
    Node::new(NodeConfig {
        id: "a8654cdf-4328-47de-81fa-c495589e30c9".into(),
        name: "Gate".into(),
        kind: "NODE_TYPE_PROXIMITY_SENSOR".into(),
        at: [-3.5, 40.0, 601.0],
        status_s: 30,
        can_look: false,
    })
    .unwrap()
}

#[test]
fn what_a_node_says_conforms_and_round_trips() {
    let registration = node().connected(1_795_404_000_250_000).remove(0);
    assert_eq!(check(&registration), []);
    let bytes = wire::encode(&registration);
    assert_eq!(wire::decode(&bytes).unwrap(), registration);
    let (again, found) = json::decode(&json::encode(&registration).to_string()).unwrap();
    assert_eq!(
        (wire::encode(&again), found),
        (wire::encode(&wire::decode(&bytes).unwrap()), vec![])
    );
}

#[test]
fn fields_that_are_missing_wrong_or_unknown_are_named() {
    let m = Message::new("SapientMessage")
        .unwrap()
        .with_text("node_id", "gate")
        .with_message("detection_report", |d| {
            d.with_text("object_id", "01GGYFBAXH4VYRQYEX7S3XGK3H")
                .with_message("location", |l| l.with("x", Value::Double(f64::NAN)))
        });
    let found: Vec<String> = check(&m)
        .into_iter()
        .map(|f| format!("{}: {}", f.path, f.what))
        .collect();
    for wanted in [
        "timestamp: is mandatory; it is missing",
        "node_id: 'gate' is not a UUID",
        "detection_report.report_id: is mandatory",
        "detection_report.location.x: is not a number",
        "detection_report.location.datum: is mandatory",
    ] {
        assert!(
            found.iter().any(|f| f.starts_with(wanted)),
            "{wanted}: {found:?}"
        );
    }
    let (_, found) =
        json::decode(r#"{"nodeId": 7, "weapon": {}, "error": {}, "alert": {}}"#).unwrap();
    let said: Vec<_> = found.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(said, ["error", "node_id", "weapon"]);
    assert!(json::decode("[]").is_err() && json::decode("{").is_err());
}

#[test]
fn a_stream_is_cut_wherever_its_pieces_end() {
    let messages: [&[u8]; 3] = [b"one", b"", b"three"];
    let stream: Vec<u8> = messages.iter().flat_map(|m| frame::framed(m)).collect();
    for piece in 1..stream.len() {
        let mut s = frame::Splitter::default();
        let mut got = Vec::new();
        for part in stream.chunks(piece) {
            s.push(part);
            while let Some(m) = s.take().unwrap() {
                got.push(m);
            }
        }
        assert_eq!(got, messages);
        assert_eq!(s.rest(), 0);
    }
    let mut s = frame::Splitter::default();
    s.push(&[0xff; 8]);
    assert_eq!(s.take(), Err(frame::TooLong(u32::MAX)));
}

proptest! {
    #[test]
    fn no_bytes_bring_it_down(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(m) = wire::decode(&bytes) {
            check(&m);
            let again = wire::decode(&wire::encode(&m)).unwrap();
            prop_assert_eq!(wire::encode(&again), wire::encode(&m));
        }
    }

    #[test]
    fn no_damage_brings_it_down(at in 0usize..400, with in any::<u8>(), cut in 0usize..400) {
        let mut bytes = wire::encode(&node().connected(0).remove(0));
        let n = bytes.len();
        bytes[at % n] = with;
        bytes.truncate(n - cut % n);
        if let Ok(m) = wire::decode(&bytes) {
            check(&m);
            json::decode(&json::encode(&m).to_string()).unwrap();
        }
    }
}
