//! The measuring commands end, whatever there is to measure.

use crate::support::{atalaya, folder, world};
use std::fs;

#[test]
fn latency_without_alerts_ends_after_three_rounds_and_says_why() {
    let dir = folder("bench-empty");
    let made = world();
    fs::copy(made.join("eo.ts"), dir.join("eo.ts")).unwrap();
    let operation = fs::read_to_string(made.join("operation.toml")).unwrap();
    // All that the authority covers is a no-look area: the gate lets nothing in.
    let hidden: Vec<String> = operation
        .lines()
        .flat_map(|line| match line.strip_prefix("area = ") {
            Some(area) => vec![
                line.to_owned(),
                format!("no_look = [{{ name = \"all\", polygon = {area} }}]"),
            ],
            None => vec![line.to_owned()],
        })
        .collect();
    fs::write(dir.join("operation.toml"), hidden.join("\n")).unwrap();
    let said = atalaya(&[
        "bench",
        "live",
        "--world",
        dir.to_str().unwrap(),
        "--dir",
        dir.join("store").to_str().unwrap(),
        "--alerts",
        "5",
    ]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    said.says(&["0 of 5 samples", "3 rounds in a row raised no alert"]);
    assert!(
        said.out.contains("3 rounds at the recordings' own pace"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("| 0 | 0 | - | - | - | - |"),
        "{}",
        said.out
    );
}
