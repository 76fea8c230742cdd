//! The stages as tools of their own: standard formats in and out (docs/formats.md).

use crate::support::*;
use std::fs;
use std::io::Write;

#[test]
fn klv_gives_a_record_for_every_packet() {
    let stream = world().join("eo.ts");
    let said = atalaya(&["klv", stream.to_str().unwrap()]).ok();
    let records = lines(&said.out);
    assert_eq!(records.len(), WORLD_FRAMES);
    for (n, r) in records.iter().enumerate() {
        assert_eq!(r["schema"], "klv/1");
        assert_eq!(r["n"], n);
        assert_eq!(r["standard"], "ST0601");
        assert_eq!(r["checksum"], "ok");
        assert!(r["pts"].is_u64() && r["time_us"].is_u64(), "{r}");
        let lat = r["items"]["13"]["value"].as_f64().unwrap();
        assert!((lat - 40.0).abs() < 0.1, "{lat}");
        assert_eq!(r["items"]["13"]["unit"], "deg");
        assert!(r["faults"].as_array().unwrap().is_empty());
    }
    said.says(&["45 packets, 0 with a bad checksum"]);
}

#[test]
fn a_file_is_there_whole_or_not_at_all() {
    let dir = folder("klv-out");
    let stream = world().join("eo.ts");
    let printed = atalaya(&["klv", stream.to_str().unwrap()]).ok().out;
    let stream = stream.to_str().unwrap();
    atalaya_in(&dir, &["klv", stream, "--out", "klv.jsonl"]).ok();
    let all = files(&dir);
    assert_eq!(all.keys().collect::<Vec<_>>(), ["klv.jsonl"]);
    assert_eq!(all["klv.jsonl"], printed.as_bytes());
}

#[test]
fn detections_as_records_have_place_covariance_and_appearance() {
    let stream = world().join("eo.ts");
    let said = atalaya(&["detect", stream.to_str().unwrap(), "--format", "jsonl"]).ok();
    let rows = atalaya(&["detect", stream.to_str().unwrap()]).ok();
    let records = lines(&said.out);
    assert_eq!(records.len(), rows.out.lines().count());
    assert!(!records.is_empty());
    assert!(!said.err.contains("null"), "{}", said.err);
    for (r, row) in records.iter().zip(rows.out.lines()) {
        let cells: Vec<f64> = row.split(',').map(|c| c.parse().unwrap()).collect();
        assert_eq!(r["schema"], "detection/1");
        assert_eq!(r["frame"], cells[0] as u64);
        assert!((r["box"][2].as_f64().unwrap() - cells[4]).abs() < 0.02);
        assert!(r["time"].as_str().unwrap().ends_with('Z'));
        // The compound: all of it lies within a few hundred metres of 40 N, 3.5 W.
        let (lat, lon) = (r["lat"].as_f64().unwrap(), r["lon"].as_f64().unwrap());
        assert!((lat - 40.0).abs() < 0.02 && (lon + 3.5).abs() < 0.02, "{r}");
        for cov in ["cov_random", "cov_common"] {
            let c: Vec<f64> = r[cov]
                .as_array()
                .unwrap()
                .iter()
                .map(|v| v.as_f64().unwrap())
                .collect();
            assert!(
                c[0] > 0.0 && c[3] > 0.0 && c[1] == c[2] && c[0] * c[3] > c[1] * c[1],
                "{r}"
            );
            assert!(c[0] < 2500.0, "{r}");
        }
        let look = &r["appearance"];
        let sum: f64 = look["histogram"]
            .as_array()
            .unwrap()
            .iter()
            .map(|v| v.as_f64().unwrap())
            .sum();
        assert!(
            (sum - 1.0).abs() < 0.01 && look["luma"].as_f64().unwrap() > 16.0,
            "{look}"
        );
        assert_eq!(look["chroma"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn without_metadata_records_have_no_place_and_say_so_once() {
    let dir = folder("detect-jsonl");
    write_plain_video(&dir.join("plain.ts"));
    let said = atalaya_in(&dir, &["detect", "plain.ts", "--format", "jsonl"]).ok();
    let records = lines(&said.out);
    assert!(!records.is_empty(), "{}", said.err);
    for r in &records {
        for field in ["time", "lat", "lon", "cov_random", "cov_common"] {
            assert!(r[field].is_null(), "{r}");
        }
        assert!(r["appearance"]["contrast"].is_number());
    }
    assert_eq!(
        said.err
            .matches("no metadata say where the camera looks")
            .count(),
        1
    );
}

#[test]
fn detections_and_tracks_are_mot_rows_and_the_same_twice() {
    let dir = folder("detect");
    let stream = world().join("eo.ts");
    let detect = || atalaya(&["detect", stream.to_str().unwrap()]).ok();
    let said = detect();
    said.says(&["45 frames"]);
    assert_eq!(said.out, detect().out);
    let mut last = 1;
    for row in said.out.lines() {
        let cells: Vec<f64> = row.split(',').map(|c| c.parse().unwrap()).collect();
        assert_eq!(cells.len(), 10, "{row}");
        assert!(cells[0] >= f64::from(last) && cells[0] <= WORLD_FRAMES as f64);
        assert_eq!(cells[1], -1.0);
        assert!(cells[4] > 0.0 && cells[5] > 0.0, "{row}");
        assert!((0.0..=5.0).contains(&cells[7]), "class of {row}");
        last = cells[0] as i32;
    }
    fs::write(dir.join("det.txt"), &said.out).unwrap();
    let tracks = atalaya_in(&dir, &["track", "--mot", "det.txt", "--fps", "15"]).ok();
    let piped = atalaya_with(said.out.as_bytes(), &["track", "--mot", "-", "--fps", "15"]).ok();
    assert_eq!(tracks.out, piped.out);
}

#[test]
fn what_is_warm_is_found_in_one_picture_without_colour() {
    let dir = folder("warm");
    fs::create_dir(dir.join("still")).unwrap();
    let (w, h) = (320usize, 240usize);
    let mut pgm = format!("P5 {w} {h} 255\n").into_bytes();
    pgm.extend((0..w * h).map(|i| {
        let (x, y) = (i % w, i / w);
        let warm = (100..108).contains(&x) && (60..78).contains(&y);
        if warm { 210 } else { 80 + (i * i % 7) as u8 }
    }));
    fs::write(dir.join("still/1.pgm"), pgm).unwrap();
    let said = atalaya_in(&dir, &["detect", "still"]).ok();
    said.says(&["no colour", "--sensor eo"]);
    let rows: Vec<Vec<f32>> = (said.out.lines())
        .map(|l| l.split(',').map(|c| c.parse().unwrap()).collect())
        .collect();
    assert_eq!(rows.len(), 1, "{}", said.out);
    assert!((rows[0][2] - 100.0).abs() <= 2.0 && (rows[0][5] - 18.0).abs() <= 3.0);
    assert_eq!(rows[0][7], 1.0);
    let asked = |more: &[&str]| {
        let said = atalaya_in(&dir, &[&["detect", "still"], more].concat()).ok();
        assert!(!said.err.contains("colour"), "{}", said.err);
        said.out
    };
    assert_eq!(asked(&["--sensor", "eo"]), "");
    assert_eq!(asked(&["--black-hot"]), "");
    atalaya_in(&dir, &["detect", "still", "--sensor", "eo", "--black-hot"])
        .fails_with(&["--black-hot is for thermal pictures"]);
    assert_eq!(asked(&["--sensor", "ir"]), said.out);
}

#[test]
fn one_thing_that_moves_steadily_is_one_track() {
    let rows: String = (1..=60)
        .map(|n| format!("{n},-1,{},50,30,20,0.9,-1,-1,-1\n", 10 + n * 3))
        .collect();
    let said = atalaya_with(rows.as_bytes(), &["track", "--mot", "-", "--fps", "30"]).ok();
    let tracks: Vec<Vec<f64>> = said
        .out
        .lines()
        .map(|l| l.split(',').map(|c| c.parse().unwrap()).collect())
        .collect();
    assert!(tracks.len() >= 50, "{}", tracks.len());
    assert!(tracks.iter().all(|t| t.len() == 10 && t[1] == tracks[0][1]));
    assert!(tracks.is_sorted_by_key(|t| (t[0] as i64, t[1] as i64)));
}

/// A walk through a circle of 20 m: 61 m west of it at second 0, eastwards at 2 m/s, for 120 s.
fn walk() -> String {
    let metre = 360.0 / (40_075_017.0 * 40f64.to_radians().cos());
    let mut csv = String::from("time,id,lat,lon\n");
    for s in 0..=120 {
        let east = -61.0 + 2.0 * f64::from(s);
        csv += &format!(
            "2026-01-01T00:{:02}:{:02}Z,w,40.0,{:.9}\n",
            s / 60,
            s % 60,
            -3.5 + east * metre
        );
    }
    csv
}

const CIRCLE: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature",
  "properties":{"id":"Z","radius_m":20},"geometry":{"type":"Point","coordinates":[-3.5,40.0]}}]}"#;

#[test]
fn positions_become_an_arrival_and_a_departure() {
    let dir = folder("activity");
    fs::write(dir.join("z.geojson"), CIRCLE).unwrap();
    fs::write(dir.join("t.csv"), walk()).unwrap();
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zip.write_all(walk().as_bytes()).unwrap();
    fs::write(dir.join("t.csv.gz"), zip.finish().unwrap()).unwrap();
    let run = |t: &str| atalaya_in(&dir, &["activity", "--tracks", t, "--zones", "z.geojson"]).ok();
    let said = run("t.csv");
    assert_eq!(said.out, run("t.csv.gz").out);
    let piped = atalaya_with(
        walk().as_bytes(),
        &[
            "activity",
            "--tracks",
            "-",
            "--zones",
            dir.join("z.geojson").to_str().unwrap(),
        ],
    );
    assert_eq!(said.out, piped.ok().out);
    let events = lines(&said.out);
    let seen: Vec<_> = events
        .iter()
        .map(|e| {
            (
                e["kind"].as_str().unwrap(),
                e["time"].as_str().unwrap(),
                e["decided_at"].as_str().unwrap(),
            )
        })
        .collect();
    // Inside from second 21; beyond the margin of 10 m from second 46, known 20 s later.
    assert_eq!(
        seen,
        [
            (
                "arrival",
                "2026-01-01T00:00:21.000Z",
                "2026-01-01T00:00:21.000Z"
            ),
            (
                "departure",
                "2026-01-01T00:00:46.000Z",
                "2026-01-01T00:01:06.000Z"
            ),
        ]
    );
    for e in &events {
        assert_eq!(
            (&e["schema"], &e["zone"], &e["subjects"][0]),
            (&"event/1".into(), &"Z".into(), &"w".into())
        );
    }
}

#[test]
fn a_watch_document_is_checked_and_tried_on_what_was_recorded() {
    let dir = folder("watch");
    fs::write(dir.join("z.geojson"), CIRCLE).unwrap();
    fs::write(dir.join("t.csv"), walk()).unwrap();
    let events = [
        "--tracks",
        "t.csv",
        "--zones",
        "z.geojson",
        "--out",
        "e.jsonl",
    ];
    atalaya_in(&dir, &[&["activity"][..], &events].concat()).ok();
    let document = |when: &str| {
        format!(
            "schema = \"watch/1\"\nsite = \"s\"\n[[rule]]\nid = \"comes\"\non = [\"enter\", \"exit\"]\nzone = \"Z\"\nwhere = \"{when}\"\n"
        )
    };
    fs::write(dir.join("good.toml"), document("hour == 0 && p > 0.5")).unwrap();
    fs::write(dir.join("bad.toml"), document("hours == 0 && zone == 'Y'")).unwrap();
    let check = |file| atalaya_in(&dir, &["watch", "check", file, "--zones", "z.geojson"]);
    assert_eq!(check("good.toml").ok().out, "good.toml: ok, 1 rule\n");
    let bad = check("bad.toml");
    bad.fails_with(&["bad.toml:7:10: where: unknown field 'hours'; did you mean 'hour'?"]);
    assert!(bad.out.contains("\n             ^^^^^\n"), "{}", bad.out);

    let trial = |more: &[&str]| {
        let begin = ["watch", "backtest", "good.toml", "--events", "e.jsonl"];
        atalaya_in(&dir, &[&begin[..], more].concat()).ok().out
    };
    let said = trial(&["--format", "jsonl"]);
    assert_eq!(said, trial(&["--format", "jsonl"]), "the same twice");
    let records = lines(&said);
    let schemas: Vec<_> = records
        .iter()
        .map(|r| r["schema"].as_str().unwrap())
        .collect();
    assert_eq!(schemas, ["backtest/1", "backtest-rule/1", "alert/1"]);
    assert_eq!(records[1]["per_day"], serde_json::json!([1]));
    assert_eq!(
        records[2]["life"]["count"], 2,
        "it went as it came: one alert"
    );
    assert!(trial(&[]).contains("comes"), "{}", trial(&[]));
    atalaya_in(
        &dir,
        &["watch", "backtest", "bad.toml", "--events", "e.jsonl"],
    )
    .fails_with(&["bad.toml:7:10"]);
    atalaya_in(&dir, &["watch", "backtest", "good.toml", "--store", "."])
        .fails_with(&["there is no store"]);
}

#[test]
fn weeks_of_a_place_are_understood_from_tables() {
    let dir = folder("weeks");
    atalaya_in(
        &dir,
        &["sim", "weeks", "--seed", "3", "--days", "6", "--out", "w"],
    )
    .ok();
    let run = |more: &[&str]| {
        let tables = ["--tracks", "w/tracks.csv", "--zones", "w/zones.geojson"];
        let beside = ["--coverage", "w/coverage.csv", "--cues", "w/cues.csv"];
        let gas = ["--emissions", "w/emissions.csv"];
        let all = [&["activity"][..], &tables, &beside, &gas, more].concat();
        atalaya_in(&dir, &all)
    };
    let said = run(&["--flow", "flow.csv", "--rates", "rates.csv"]).ok();
    assert_eq!(said.out, run(&[]).ok().out, "the same twice");
    let records = lines(&said.out);
    let of = |kind: &str| records.iter().filter(|r| r["kind"] == kind).count();
    assert!(
        of("arrival") > 60 && of("departure") > 60,
        "{}",
        of("arrival")
    );
    assert!(of("delivery") > 0 && of("return") > 20);
    let unseen = |r: &&serde_json::Value| r["about"]["departure"]["unseen"] == true;
    assert!(records.iter().filter(unseen).count() > 10);
    assert!(
        records
            .windows(2)
            .all(|w| w[0]["time"].as_str() <= w[1]["time"].as_str())
    );
    let flow = fs::read_to_string(dir.join("flow.csv")).unwrap();
    assert!(
        flow.starts_with("source,target,weight,kind,time,left,came\nfarm")
            || flow.contains("\ndepot,")
    );
    let rates = fs::read_to_string(dir.join("rates.csv")).unwrap();
    assert!(rates.contains("\nfarm,arrival,true,"));
    // What connects the sites is a network.
    atalaya_in(&dir, &["network", "measure", "flow.csv"]).ok();

    let both = run(&["--composed"]);
    assert_eq!(both.code, Some(2), "{}", both.err);
    fs::write(dir.join("w/cues.csv"), "time,zone\nnoon,farm.gate\n").unwrap();
    run(&[]).fails_with(&["cues: line 2: 'noon' is not a time (ISO 8601 UTC)"]);
}
