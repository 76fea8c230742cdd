//! `atalaya learn` from chips to a model, and from a date to its end.

use crate::support::*;
use serde_json::json;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A picture of 40x30: a bright block with a dark windscreen, or ground.
fn picture(truck: bool, n: u32) -> Vec<u8> {
    bitmap(40, 30, |x, y| {
        let mut state = (n * 1200 + y * 40 + x).wrapping_mul(2_654_435_761) | 1;
        state ^= state >> 15;
        state = state.wrapping_mul(2_246_822_519);
        let noise = ((state >> 16) % 24) as u8;
        let body = truck && (10..30).contains(&x) && (10..20).contains(&y);
        match (body, x > 25) {
            (true, true) => 30 + noise,
            (true, false) => 190 + noise,
            (false, _) => 90 + noise,
        }
    })
}

/// A folder of chips, every other one an operation's that has to go by `delete_by`.
fn chips(dir: &Path, n: u32, delete_by: &str) {
    fs::create_dir_all(dir).unwrap();
    let mut list = String::new();
    for i in 0..n {
        let truck = i % 4 < 2;
        let file = format!("{i}.bmp");
        fs::write(dir.join(&file), picture(truck, 1000 * n + i)).unwrap();
        let mut chip = json!({
            "schema": "chip/1", "file": file, "box": [10, 10, 20, 10], "source": "drawn",
            "class": if truck { "truck" } else { "nothing" }, "kind": "real", "licence": "CC0",
        });
        if i % 2 == 1 {
            chip["operation"] = "op-1".into();
            chip["delete_by"] = delete_by.into();
        }
        writeln!(list, "{chip}").unwrap();
    }
    fs::write(dir.join("manifest.jsonl"), list).unwrap();
}

const TRAIN: [&str; 10] = [
    "learn",
    "train",
    "--chips",
    "chips",
    "--epochs",
    "100",
    "--hidden",
    "8",
    "--out",
    "m/model.json",
];

#[test]
fn a_model_says_what_it_was_made_of_and_how_well_it_does_and_goes_with_its_chips() {
    let dir = folder("learn");
    chips(&dir.join("chips"), 48, "2999-01-01T00:00:00Z");
    chips(&dir.join("others"), 12, "2999-01-01T00:00:00Z");
    fs::create_dir(dir.join("m")).unwrap();
    let mut arguments = TRAIN.to_vec();
    arguments.extend(["--check-chips", "others"]);
    let said = atalaya_in(&dir, &arguments).ok();
    for words in [
        "seed 1",
        "no chips of: person",
        "2999-01-01",
        "drawn (real)",
        "24 chips",
    ] {
        assert!(said.out.contains(words), "no '{words}' in: {}", said.out);
    }
    let model = fs::read(dir.join("m/model.json")).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&model).unwrap();
    assert_eq!(json["card"]["retained"].as_array().unwrap().len(), 24);
    let recall = json["card"]["checked"][0]["score"]["balanced_accuracy"].as_f64();
    assert!(recall.unwrap() > 0.9, "{recall:?}");
    // The same again is the same file.
    atalaya_in(&dir, &arguments).ok();
    assert_eq!(fs::read(dir.join("m/model.json")).unwrap(), model);
    let rows = atalaya_in(
        &dir,
        &[
            "learn",
            "score",
            "m/model.json",
            "--check-chips",
            "others",
            "--rows",
            "rows.csv",
        ],
    );
    rows.ok();
    let rows = fs::read_to_string(dir.join("rows.csv")).unwrap();
    assert_eq!(rows.lines().count(), 13);
    assert!(
        rows.starts_with("source,frame,x,y,w,h,label,said,p_nothing"),
        "{rows}"
    );
    // Pictures through it: what is drawn does not move, and a model is asked of nothing.
    atalaya_in(&dir, &["detect", "others", "--classifier", "m/model.json"]).ok();

    // The operation ends: its chips go, and the model that rests on them.
    let said = atalaya_in(
        &dir,
        &[
            "learn",
            "purge",
            "--chips",
            "chips",
            "--models",
            "m",
            "--operation",
            "op-1",
        ],
    )
    .ok();
    assert!(
        said.out.contains("learn it anew") && said.out.contains("24 chips deleted"),
        "{}",
        said.out
    );
    assert!(!dir.join("m/model.json").exists() && !dir.join("chips/1.bmp").exists());
    assert!(dir.join("chips/0.bmp").exists());
    let said = atalaya_in(&dir, &TRAIN).ok();
    assert!(
        said.out.contains("rests on no chip that must be deleted"),
        "{}",
        said.out
    );
}

#[test]
fn what_must_not_be_learnt_from_is_refused_in_a_line() {
    let dir = folder("learn-refused");
    let list = dir.join("chips/manifest.jsonl");
    chips(&dir.join("chips"), 4, "2001-01-01T00:00:00Z");
    fs::create_dir(dir.join("m")).unwrap();
    atalaya_in(&dir, &TRAIN).fails_with(&["2001-01-01", "purge"]);
    let good = fs::read_to_string(&list).unwrap().replace("2001-", "2999-");
    for (from, to, words) in [
        ("\"truck\"", "\"face\"", ["line 1", "biometric"]),
        ("\"truck\"", "\"boat\"", ["line 1", "'boat' is not known"]),
        ("0.bmp", "../0.bmp", ["line 1", "not below the folder"]),
        (
            "\"licence\":\"CC0\"",
            "\"group\":\"a\"",
            ["line 1", "licence"],
        ),
        ("chip/1", "chip/2", ["line 1", "chip/1"]),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good);
        fs::write(&list, bad).unwrap();
        atalaya_in(&dir, &TRAIN).fails_with(&words);
    }
    fs::write(
        &list,
        good.replace("\"delete_by\":\"2999-01-01T00:00:00Z\",", ""),
    )
    .unwrap();
    atalaya_in(&dir, &TRAIN).fails_with(&["line 2", "op-1", "delete_by"]);
    fs::write(dir.join("m/bad.json"), "{}").unwrap();
    atalaya_in(&dir, &["detect", "chips", "--classifier", "m/bad.json"])
        .fails_with(&["bad.json", "no classifier"]);
}

#[test]
fn a_model_whose_time_is_over_is_refused_and_purged() {
    let dir = folder("learn-expired");
    chips(&dir.join("chips"), 24, "2999-01-01T00:00:00Z");
    fs::create_dir(dir.join("m")).unwrap();
    atalaya_in(&dir, &TRAIN).ok();
    // As if years had passed: the same model with another date, and the hash that belongs to it.
    let bytes = fs::read(dir.join("m/model.json")).unwrap();
    let (mut model, _) = atalaya_vision::chip::Classifier::from_file(&bytes).unwrap();
    let over = atalaya_model::Micros::parse_rfc3339("2020-01-01T00:00:00Z");
    model.card.delete_by = over;
    fs::write(dir.join("m/model.json"), model.to_file().0).unwrap();
    atalaya_in(&dir, &["detect", "chips", "--classifier", "m/model.json"]).fails_with(&[
        "m/model.json",
        "2020-01-01",
        "learn it anew",
    ]);
    atalaya_in(&dir, &["learn", "purge", "--models", "m"]).ok();
    assert!(!dir.join("m/model.json").exists());
}

#[test]
fn chips_are_cut_out_of_a_video_with_the_date_they_have_to_go_by() {
    let dir = folder("learn-cut");
    let boxes =
        "frame,x,y,w,h,class\n1,100,80,30,16,truck\n2,-5,-5,20,20,person\n2,40,40,9,9,DontCare\n";
    fs::write(dir.join("boxes.csv"), boxes).unwrap();
    let video = world().join("eo.ts");
    let mut arguments = vec![
        "learn",
        "cut",
        video.to_str().unwrap(),
        "boxes.csv",
        "--every",
        "1",
        "--source",
        "eo",
        "--operation",
        "op-7",
        "--out",
        "chips",
    ];
    assert_eq!(atalaya_in(&dir, &arguments).code, Some(2), "without a date");
    arguments.extend(["--delete-by", "2999-01-01T00:00:00Z"]);
    let said = atalaya_in(&dir, &arguments).ok();
    assert!(said.out.contains("2 chips added"), "{}", said.out);
    let list = fs::read_to_string(dir.join("chips/manifest.jsonl")).unwrap();
    assert!(
        list.lines()
            .all(|l| l.contains("op-7") && l.contains("2999-01-01")),
        "{list}"
    );
    // Again: added to those that are there; then all go with the operation.
    atalaya_in(&dir, &arguments).ok();
    let said = atalaya_in(
        &dir,
        &["learn", "purge", "--chips", "chips", "--operation", "op-7"],
    )
    .ok();
    assert!(said.out.contains("4 chips deleted"), "{}", said.out);
    assert_eq!(fs::read_dir(dir.join("chips")).unwrap().count(), 1);
}
