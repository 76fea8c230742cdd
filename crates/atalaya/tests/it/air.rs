//! `atalaya air` on a recording, and on what is none.

use crate::support::*;
use std::fs;

#[test]
fn aircraft_are_doubted_and_followed_around_a_place() {
    let dir = folder("air");
    // One turns around a place at 60 m/s; of the other the place does not change.
    let mut rows = Vec::new();
    for i in 0..180 {
        let (t, a) = (1_600_000_000 + 5 * i, 0.15 * f64::from(i));
        rows.push(format!(
            r#"{{"timestamp": {t}, "icao24": "a1", "latitude": {}, "longitude": {}, "track": {}, "groundspeed": 116.6}}"#,
            40.0 + 0.018 * a.cos(),
            -3.5 + 0.0235 * a.sin(),
            (a.to_degrees() + 90.0) % 360.0
        ));
        rows.push(format!(
            r#"{{"timestamp": {t}, "icao24": "b2", "latitude": 41.0, "longitude": 2.0, "track": 10, "groundspeed": 200}}"#
        ));
    }
    fs::write(dir.join("air.jsonl"), rows.join("\n")).unwrap();
    let run = || atalaya_in(&dir, &["air", "air.jsonl"]).ok();
    let said = run();
    assert_eq!(said.out, run().out);
    let found: Vec<(String, String)> = lines(&said.out)
        .iter()
        .map(|l| {
            assert_eq!(l["schema"], "air/1");
            (l["kind"].to_string(), l["aircraft"].to_string())
        })
        .collect();
    let has = |kind: &str, who: &str| {
        found
            .iter()
            .any(|(k, w)| k == &format!("{kind:?}") && w == &format!("{who:?}"))
    };
    assert!(has("loiter", "a1") && has("doubt", "b2"), "{found:?}");
    assert!(!has("doubt", "a1"), "{found:?}");
}

#[test]
fn what_is_no_recording_fails_in_one_line() {
    let dir = folder("air-bad");
    fs::write(dir.join("page.json"), "<html>").unwrap();
    let said = atalaya_in(&dir, &["air", "page.json"]);
    said.fails_with(&["page.json", "neither JSON nor BaseStation lines"]);
}
