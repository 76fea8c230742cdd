//! `atalaya run` over a simulated world.

use crate::support::*;
use std::fs;

/// What docs/formats.md promises.
const FILES: [&str; 7] = [
    "alerts.jsonl",
    "coverage.geojson",
    "events.jsonl",
    "observations.jsonl",
    "report.html",
    "summary.json",
    "tracks.geojson",
];

#[test]
fn a_recording_run_twice_gives_the_same_bytes() {
    let dir = folder("twice");
    let operation = world().join("operation.toml");
    let operation = operation.to_str().unwrap();
    for out in ["first", "second"] {
        let said = atalaya_in(&dir, &["run", operation, "--out", out]).ok();
        said.says(&["45 frames analysed"]);
    }
    let (first, second) = (files(&dir.join("first")), files(&dir.join("second")));
    for name in FILES {
        assert!(first.contains_key(name), "{name} is missing");
    }
    assert_eq!(
        first.keys().collect::<Vec<_>>(),
        second.keys().collect::<Vec<_>>()
    );
    for (name, bytes) in &first {
        assert!(*bytes == second[name], "{name} differs between two runs");
    }
}

#[test]
fn what_a_run_writes_is_what_is_documented() {
    let dir = folder("written");
    fs::copy(world().join("eo.ts"), dir.join("eo.ts")).unwrap();
    run_over(&dir, "eo.ts", "").ok();
    let text = |name: &str| fs::read_to_string(dir.join("out").join(name)).unwrap();
    let json = |name: &str| serde_json::from_str::<serde_json::Value>(&text(name)).unwrap();

    let s = summary(&dir);
    assert_eq!(s["schema"], "summary/1");
    assert_eq!(s["simulated"], true);
    assert_eq!(s["settings"].as_str().unwrap().len(), 64);
    let feed = &s["feeds"][0];
    assert_eq!(feed["frames"], WORLD_FRAMES);
    assert_eq!(feed["metadata_paired"], WORLD_FRAMES);
    assert_eq!(feed["time_source"], "metadata");
    assert_eq!(feed["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(s["gate"]["frames_passed"], WORLD_FRAMES);

    let coverage = json("coverage.geojson");
    assert_eq!(coverage["schema"], "coverage/1");
    let pictures = coverage["features"].as_array().unwrap();
    assert!(
        (2..=4).contains(&pictures.len()),
        "one a second: {}",
        pictures.len()
    );
    assert_eq!(pictures[0]["geometry"]["type"], "Polygon");
    assert_eq!(pictures[0]["properties"]["feed"], "eo");

    let tracks = json("tracks.geojson");
    assert_eq!(tracks["schema"], "tracks/1");
    for t in tracks["features"].as_array().unwrap() {
        let p = &t["properties"];
        let n = p["times"].as_array().unwrap().len();
        for list in [
            "frames",
            "states",
            "boxes",
            "cov_random",
            "cov_common",
            "anchored_px",
        ] {
            assert_eq!(p[list].as_array().unwrap().len(), n, "{list}");
        }
    }
    for o in lines(&text("observations.jsonl")) {
        assert_eq!(o["schema"], "observation/1");
        assert_eq!(o["feed"], "eo");
        assert!(
            o["lat"].is_f64() && o["cov_common"].as_array().unwrap().len() == 4,
            "{o}"
        );
    }
    for (name, schema) in [("events.jsonl", "event/1"), ("alerts.jsonl", "alert/1")] {
        for r in lines(&text(name)) {
            assert_eq!(r["schema"], schema);
        }
    }
    let report = text("report.html");
    assert!(report.contains("SIMULATED"));
    for fetched in ["<script", "src=\"http", "href=\"http", "url(http"] {
        assert!(
            !report.contains(fetched),
            "the report is not self-contained: {fetched}"
        );
    }
}

#[test]
fn nothing_is_said_of_a_time_or_place_the_order_does_not_reach() {
    let dir = folder("outside");
    fs::copy(world().join("eo.ts"), dir.join("eo.ts")).unwrap();
    let text = operation("eo.ts", "");
    // No world is of that year.
    let later = |line: &str| match line.split_once(" = ") {
        Some((name @ ("valid_from" | "valid_until"), _)) => {
            let year = if name == "valid_from" { 2090 } else { 2091 };
            format!("{name} = \"{year}-01-01T00:00:00Z\"\n")
        }
        _ => format!("{line}\n"),
    };
    let cases = [
        ("window", text.lines().map(later).collect()),
        ("area", {
            // The same shape a hundred kilometres to the east, zones and rule left out.
            let area = text.lines().find(|l| l.starts_with("area")).unwrap();
            let site = text.find("[[site.zone]]").unwrap();
            let feed = text.find("[[feed]]").unwrap();
            let rule = text.find("[[rule]]").unwrap();
            format!("{}{}", &text[..site], &text[feed..rule])
                .replace(area, &area.replace("[-3.", "[-2."))
        }),
    ];
    for (reason, text) in cases {
        fs::write(dir.join("op.toml"), text).unwrap();
        let said = atalaya_in(&dir, &["run", "op.toml", "--out", "out"]).ok();
        said.says(&[&format!("no frame passed the gate ({reason} 45)")]);
        assert_eq!(
            summary(&dir)["gate"]["frames_refused"][reason],
            WORLD_FRAMES
        );
        assert_eq!(
            fs::read_to_string(dir.join("out/observations.jsonl")).unwrap(),
            ""
        );
        assert_eq!(
            fs::read_to_string(dir.join("out/events.jsonl")).unwrap(),
            ""
        );
    }
}
