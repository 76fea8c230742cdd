//! `atalaya mux`: logs, boxes and tracks into transport streams.

use crate::support::*;
use std::fs;
use std::path::Path;

const BOXES: &str = "1,7,10,20,30,12,0.9,4\n1,8,100,50,8,8,0.5,1\n3,7,12,20,30,12,0.9,4\n";

/// Records of `atalaya klv`.
fn packets(dir: &Path, file: &str) -> Vec<serde_json::Value> {
    lines(&atalaya_in(dir, &["klv", file]).ok().out)
}

#[test]
fn a_table_and_boxes_make_a_stream_that_conforms() {
    let dir = folder("mux-table");
    write_plain_video(&dir.join("plain.ts"));
    let rows: String = (0..4)
        .map(|n| {
            let t = f64::from(n) * 0.5;
            format!("{t},40.0{n},-3.5,950,90,2,-3,300,91.5,-45,0\n")
        })
        .collect();
    let header =
        "t,lat,lon,msl_m,heading,pitch,roll,above_home_m,gimbal_yaw,gimbal_pitch,gimbal_roll\n";
    fs::write(dir.join("log.csv"), format!("{header}{rows}")).unwrap();
    fs::write(dir.join("boxes.txt"), BOXES).unwrap();
    let order = "mux plain.ts --csv log.csv --map video_s=t --vmti boxes.txt --start 2026-05-01T10:00:00Z --country ESP --hfov 40 --out made.ts";
    let order: Vec<&str> = order.split(' ').collect();
    atalaya_in(&dir, &order).ok().says(&[
        "20 pictures, 20 with a new time stamp",
        "6 packets put in",
        "3 boxes",
    ]);
    atalaya_in(&dir, &["klv", "--check", "made.ts"]).ok();
    let first = fs::read(dir.join("made.ts")).unwrap();
    atalaya_in(&dir, &order).ok();
    assert!(
        first == fs::read(dir.join("made.ts")).unwrap(),
        "another stream the second time"
    );

    let all = packets(&dir, "made.ts");
    let with = |tag: &str| {
        all.iter()
            .filter(|p| !p["items"][tag].is_null())
            .collect::<Vec<_>>()
    };
    let placed = with("13");
    assert_eq!(placed.len(), 4);
    assert_eq!(placed[1]["time"], "2026-05-01T10:00:00.500000Z");
    // 300 m above the ground, 45 degrees down: 424 m away, to the east.
    let number = |tag: &str| placed[1]["items"][tag]["value"].as_f64().unwrap();
    assert!((number("21") - 424.3).abs() < 2.0, "{}", number("21"));
    assert!((number("23") - 40.01).abs() < 2e-4 && number("24") > -3.4975);
    let targets = with("74");
    assert_eq!(targets.len(), 2);
    assert_eq!(targets[1]["time"], "2026-05-01T10:00:00.200000Z");
    let seen = &targets[0]["items"]["74"]["value"]["items"]["101"]["value"];
    assert_eq!((&seen[0]["id"], &seen[1]["id"]), (&7.into(), &8.into()));
    // Row 27, column 26 of 160 columns.
    assert_eq!(seen[0]["items"]["1"]["value"], 26 * 160 + 26);
}

#[test]
fn metadata_that_a_video_has_are_passed_on_byte_by_byte() {
    let dir = folder("mux-own");
    let own = world().join("eo.ts");
    fs::write(dir.join("boxes.txt"), BOXES).unwrap();
    let own = own.to_str().unwrap();
    atalaya_in(
        &dir,
        &["mux", own, "--vmti", "boxes.txt", "--out", "made.ts"],
    )
    .ok();
    atalaya_in(&dir, &["klv", "--check", "made.ts"]).ok();
    let bytes = |file: &str| -> Vec<String> {
        let said = atalaya_in(&dir, &["klv", "--raw", file]).ok();
        let all = lines(&said.out);
        let kept = all.iter().filter(|p| p["items"]["74"].is_null());
        kept.map(|p| format!("{} {}", p["pts"], p["items"]))
            .collect()
    };
    let (before, after) = (bytes(own), bytes("made.ts"));
    assert_eq!(before.len(), WORLD_FRAMES);
    assert_eq!(before, after);
    // The marking of the new packets is the video's own.
    let all = packets(&dir, "made.ts");
    let mut marks = all.iter().map(|p| p["items"]["48"].to_string());
    let first = marks.next().unwrap();
    assert!(marks.all(|m| m == first));
}

#[test]
fn subtitles_of_a_camera_become_metadata_once_their_clock_is_known() {
    let dir = folder("mux-dji");
    write_plain_video(&dir.join("v.ts"));
    let block = |n: u32| {
        format!(
            "{}\r\n00:00:0{n},000 --> 00:00:0{},000\r\n2026.05.01 12:00:0{n}\r\nGPS(12.5000,-70.2500,0.0M) BAROMETER:21.{n}M\r\n\r\n",
            n + 1,
            n + 1
        )
    };
    fs::write(dir.join("v.srt"), format!("{}{}", block(0), block(1))).unwrap();
    let base = ["mux", "v.ts", "--srt", "v.srt", "--out", "made.ts"];
    let with = |more: &[&str]| {
        let all: Vec<&str> = base.iter().chain(more).copied().collect();
        atalaya_in(&dir, &all)
    };
    assert!(
        with(&["--country", "COL"])
            .err
            .contains("say --utc-offset +02:00")
    );
    assert!(!dir.join("made.ts").exists());
    let said = with(&["--country", "COL", "--utc-offset", "-05:00"]).ok();
    said.says(&[
        "latitude, longitude",
        "2 of 2 packets without sensor height: give --home-height",
    ]);
    let all = packets(&dir, "made.ts");
    assert_eq!(all.len(), 2);
    assert_eq!(all[1]["time"], "2026-05-01T17:00:01.000000Z");
    assert!(all[1]["items"]["15"].is_null());
    with(&[
        "--country",
        "COL",
        "--utc-offset",
        "-05:00",
        "--home-height",
        "100",
    ])
    .ok();
    let height = packets(&dir, "made.ts")[1]["items"]["15"]["value"]
        .as_f64()
        .unwrap();
    assert!((height - 121.1).abs() < 0.2, "{height}");
}

#[test]
fn what_cannot_be_put_together_is_said_in_one_line() {
    let dir = folder("mux-bad");
    write_plain_video(&dir.join("v.ts"));
    fs::write(dir.join("boxes.txt"), BOXES).unwrap();
    fs::write(dir.join("late.txt"), "99,1,0,0,5,5,1\n").unwrap();
    fs::write(dir.join("no.csv"), "time,latitude\n").unwrap();
    let start = "--start 2026-05-01T10:00:00Z";
    for (order, words) in [
        (
            "v.ts --out o.ts".to_owned(),
            vec!["nothing to put into v.ts", "--srt"],
        ),
        (
            "v.ts --vmti boxes.txt --out o.ts".into(),
            vec!["what time it was", "--start"],
        ),
        (
            format!("v.ts --vmti boxes.txt {start} --out o.ts"),
            vec!["--country", "ESP"],
        ),
        (
            format!("v.ts --vmti boxes.txt {start} --country spain --out o.ts"),
            vec!["\"spain\"", "capital letters"],
        ),
        (
            format!("v.ts --vmti late.txt {start} --country ESP --out o.ts"),
            vec!["late.txt", "frame 99", "20 pictures"],
        ),
        (
            format!("v.ts --vmti boxes.txt {start} --country ESP --out v.ts"),
            vec!["written over"],
        ),
        (
            format!("v.ts --csv no.csv {start} --country ESP --out o.ts"),
            vec!["no.csv", "no column lat", "--map"],
        ),
        (
            format!("none.mp4 --vmti boxes.txt {start} --out o.ts"),
            vec!["none.mp4"],
        ),
        (
            format!("v.ts --vmti boxes.txt {start} --country ESP --classification hush --out o.ts"),
            vec!["hush", "unclassified"],
        ),
    ] {
        let order: Vec<&str> = ["mux"].into_iter().chain(order.split(' ')).collect();
        atalaya_in(&dir, &order).fails_with(&words);
        assert!(!dir.join("o.ts").exists() && !dir.join("o.ts.part").exists());
    }
}
