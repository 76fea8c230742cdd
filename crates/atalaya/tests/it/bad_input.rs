//! What cannot be used is refused with one line that names cause and remedy. The words are tested:
//! they are what a tired officer reads.

use crate::support::*;
use std::fs;
use std::net::TcpListener;

#[test]
fn a_video_that_is_not_there() {
    let dir = folder("missing");
    run_over(&dir, "gone.ts", "").fails_with(&[
        "feed 'eo'",
        "gone.ts",
        "no such file",
        "check the path",
    ]);
    for command in ["detect", "klv"] {
        atalaya_in(&dir, &[command, "gone.ts"]).fails_with(&["gone.ts", "check the path"]);
    }
    assert!(
        !dir.join("out").exists(),
        "nothing is written for a run that cannot start"
    );
}

#[test]
fn a_video_that_is_empty_cut_short_or_something_else() {
    let dir = folder("not-video");
    fs::write(dir.join("empty.ts"), "").unwrap();
    fs::write(dir.join("text.ts"), "this is text, not video\n".repeat(200)).unwrap();
    let stream = fs::read(world().join("eo.ts")).unwrap();
    fs::write(dir.join("stub.ts"), &stream[..100]).unwrap();
    let expected: [(&str, &[&str]); 3] = [
        (
            "empty.ts",
            &["truncated or empty", "copy it again from its source"],
        ),
        ("text.ts", &["not a video", "expected MPEG-TS"]),
        ("stub.ts", &["not a video", "expected MPEG-TS"]),
    ];
    for (file, words) in expected {
        for command in ["detect", "klv"] {
            let said = atalaya_in(&dir, &[command, file]);
            said.fails_with(words);
            said.says(&[file]);
        }
        let said = run_over(&dir, file, "");
        said.fails_with(words);
        said.says(&["feed 'eo'", file]);
    }
}

#[test]
fn a_video_cut_in_the_middle_is_read_as_far_as_it_goes() {
    let dir = folder("cut");
    let stream = fs::read(world().join("eo.ts")).unwrap();
    fs::write(dir.join("cut.ts"), &stream[..stream.len() / 2 + 71]).unwrap();
    run_over(&dir, "cut.ts", "").ok();
    let frames = summary(&dir)["feeds"][0]["frames"].as_u64().unwrap();
    assert!((5..WORLD_FRAMES as u64).contains(&frames), "{frames}");
}

#[test]
fn video_without_metadata_is_refused_by_the_gate_unless_the_operation_allows_it() {
    let dir = folder("no-klv");
    write_plain_video(&dir.join("plain.ts"));
    let start = "start = \"2026-05-12T08:40:00Z\"\n";
    let said = run_over(&dir, "plain.ts", start).ok();
    said.says(&[
        "carries no position metadata",
        "no frame passed the gate (unplaced 20)",
        "'unplaced' of the operation",
    ]);
    assert_eq!(summary(&dir)["gate"]["frames_passed"], 0);
    assert_eq!(summary(&dir)["gate"]["frames_refused"]["unplaced"], 20);

    run_over(&dir, "plain.ts", &format!("{start}unplaced = true\n")).ok();
    assert!(remarks(&dir).contains("tracks are in picture coordinates only"));
    assert_eq!(summary(&dir)["gate"]["frames_passed"], 20);
    let observations = fs::read_to_string(dir.join("out/observations.jsonl")).unwrap();
    for o in lines(&observations) {
        assert!(o["lat"].is_null(), "a place was guessed: {o}");
    }
}

#[test]
fn video_without_a_time_says_so() {
    let dir = folder("no-time");
    write_plain_video(&dir.join("plain.ts"));
    run_over(&dir, "plain.ts", "unplaced = true").ok().says(&[
        "carries no time",
        "give 'start' in the operation",
        "no frame passed the gate (window 20)",
    ]);
}

/// The level of a pixel: of picture, column, row.
type Level<'a> = &'a dyn Fn(usize, usize, usize) -> u32;
/// Name, size, brightest level, how many pictures, what they show, what is said.
type Case<'a> = (
    &'a str,
    (usize, usize),
    u32,
    usize,
    Level<'a>,
    &'a [&'a str],
);

/// Pictures as PGM files: `w` by `h`, of `most` levels.
fn write_pictures(
    dir: &std::path::Path,
    (w, h): (usize, usize),
    most: u32,
    n: usize,
    level: Level<'_>,
) {
    fs::create_dir_all(dir).unwrap();
    for i in 0..n {
        let mut file = format!("P5\n{w} {h}\n{most}\n").into_bytes();
        for y in 0..h {
            for x in 0..w {
                let v = level(i, x, y).min(most);
                if most > 255 {
                    file.push((v >> 8) as u8);
                }
                file.push(v as u8);
            }
        }
        fs::write(dir.join(format!("{i:03}.pgm")), file).unwrap();
    }
}

/// A fixed texture of levels below 200.
fn texture(x: usize, y: usize) -> u32 {
    let v = (x / 3).wrapping_mul(0x9E37_79B1) ^ (y / 3).wrapping_mul(0x85EB_CA77);
    (v.wrapping_mul(0xC2B2_AE3D) >> 9) as u32 % 200
}

#[test]
fn pictures_that_nothing_can_be_seen_in_are_said_to_be_so() {
    let dir = folder("odd-pictures");
    let blind = "could not be laid over the one before";
    let still = "the video stands still there";
    let drifts: Level<'_> = &|i, x, y| texture(x + 2 * i, y);
    let small = (160, 120);
    let cases: [Case<'_>; 7] = [
        ("dot", (1, 1), 255, 5, drifts, &["4 of 5", blind]),
        ("black", small, 255, 8, &|_, _, _| 0, &["7 of 8", blind]),
        (
            "frozen",
            small,
            255,
            8,
            &|_, x, y| texture(x, y),
            &["7 of 8", still],
        ),
        ("odd", (161, 121), 255, 8, drifts, &["8 frames"]),
        (
            "ten-bit",
            small,
            1023,
            8,
            &|i, x, y| 4 * texture(x + 2 * i, y),
            &["8 frames"],
        ),
        (
            "scrambled",
            small,
            255,
            6,
            &|i, x, y| texture(x * (i + 3), y * (i + 5)),
            &["5 of 6", blind],
        ),
        ("huge", (7680, 4320), 255, 2, drifts, &["2 frames"]),
    ];
    for (name, size, most, n, level, words) in cases {
        write_pictures(&dir.join(name), size, most, n, level);
        let said = atalaya_in(&dir, &["detect", name, "--sensor", "eo"]).ok();
        said.says(words);
        let sighted = !words.contains(&blind) && !words.contains(&still);
        assert!(
            !sighted || !said.err.contains("pictures"),
            "{name}: {}",
            said.err
        );
        fs::remove_dir_all(dir.join(name)).unwrap();
    }
}

#[test]
fn metadata_without_video() {
    let dir = folder("no-video");
    let packets: Vec<u8> = (0..3)
        .flat_map(|n| {
            let mut set = atalaya_klv::st0601::SetBuilder::new(1_778_575_200_000_000 + n * 100_000);
            set.number(13, 40.0).unwrap().number(14, -3.5).unwrap();
            set.finish()
        })
        .collect();
    fs::write(dir.join("alone.klv"), packets).unwrap();
    let said = run_over(&dir, "alone.klv", "");
    said.fails_with(&["feed 'eo'", "alone.klv", "video"]);
    let said = atalaya_in(&dir, &["klv", "alone.klv"]).ok();
    assert_eq!(said.out.lines().count(), 3);
}

#[test]
fn corrupt_metadata_are_counted_and_not_used() {
    let dir = folder("bad-klv");
    let mut stream = fs::read(world().join("eo.ts")).unwrap();
    let key = [
        0x06, 0x0e, 0x2b, 0x34, 0x02, 0x0b, 0x01, 0x01, 0x0e, 0x01, 0x03, 0x01, 0x01, 0, 0, 0,
    ];
    let starts: Vec<usize> = (0..stream.len() - 60)
        .filter(|i| stream[*i..].starts_with(&key))
        .collect();
    assert_eq!(starts.len(), WORLD_FRAMES);
    // Every other packet, a byte of its values.
    for start in starts.iter().step_by(2) {
        stream[start + 40] ^= 0xff;
    }
    fs::write(dir.join("bad.ts"), stream).unwrap();
    let said = run_over(&dir, "bad.ts", "").ok();
    said.says(&["23 metadata packets had a bad checksum and were not used"]);
    let feed = summary(&dir)["feeds"][0].clone();
    assert_eq!(feed["frames"], WORLD_FRAMES);
    assert!(
        feed["placed"].as_u64() > Some(0),
        "the good packets still place the picture"
    );
    // The report that its supplier is given: what is wrong, and that it does not conform.
    let said = atalaya_in(&dir, &["klv", "bad.ts", "--check"]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    said.says(&["45 packets, 23 with a bad checksum", "not conform"]);
    assert!(said.out.contains("checksum"), "{}", said.out);
}

#[test]
fn an_operation_with_a_mistake_in_it() {
    let dir = folder("operation");
    let good = operation("eo.ts", "");
    let line_of =
        |text: &str, word: &str| text.lines().position(|l| l.starts_with(word)).unwrap() + 1;
    let without_authority = {
        let start = good.find("[authority]").unwrap();
        let end = good.find("[site]").unwrap();
        format!("{}{}", &good[..start], &good[end..])
    };
    let cases: [(String, &str, &[&str]); 6] = [
        (
            good.replace("issuer =", "isuer ="),
            "isuer",
            &["unknown field 'isuer'", "did you mean 'issuer'?"],
        ),
        (
            without_authority,
            "#",
            &[
                "there is no [authority]",
                "without a legal authority is refused",
                "legal_basis",
            ],
        ),
        (
            good.replace("zone = \"yard\"", "zone = \"jard\""),
            "zone",
            &["there is no zone 'jard'", "zones are:", "yard"],
        ),
        (
            good.replace("sensors = [\"eo\", \"ir\"]", "sensors = [\"ir\"]"),
            "sensor =",
            &[
                "does not allow the sensor of feed 'eo'",
                "authority.sensors",
            ],
        ),
        (
            good.replace("operation/1", "operation/9"),
            "schema",
            &["schema 'operation/9' is not known", "operation/1"],
        ),
        (
            good.replace("source = \"eo.ts\"", "source = \"ftp://a:1\""),
            "source",
            &["source scheme 'ftp' is not supported", "udp://, srt://"],
        ),
    ];
    for (text, key, words) in cases {
        assert_ne!(text, good, "{key}");
        fs::write(dir.join("op.toml"), &text).unwrap();
        let said = atalaya_in(&dir, &["run", "op.toml", "--out", "out"]);
        said.fails_with(words);
        said.says(&[&format!("op.toml:{}: ", line_of(&text, key))]);
    }
    atalaya_in(&dir, &["run", "none.toml", "--out", "out"])
        .fails_with(&["can't read none.toml", "check the path"]);
    assert!(!dir.join("out").exists());
}

#[test]
fn a_zone_that_the_order_does_not_reach() {
    let dir = folder("zone");
    let text = operation("eo.ts", "");
    let outside = "[[site.zone]]\nid = \"far\"\npolygon = [[5.0, 45.0], [5.001, 45.0], [5.001, 45.001]]\n\n[[feed]]";
    fs::write(dir.join("op.toml"), text.replacen("[[feed]]", outside, 1)).unwrap();
    atalaya_in(&dir, &["run", "op.toml", "--out", "out"]).fails_with(&[
        "zone 'far' lies outside the authority's area",
        "have the order amended",
    ]);
}

#[test]
fn a_live_feed_is_not_a_recording_nor_the_other_way_round() {
    let dir = folder("live");
    run_over(&dir, "udp://127.0.0.1:0", "").fails_with(&["live source", "use atalaya serve"]);
    fs::write(dir.join("op.toml"), operation("eo.ts", "")).unwrap();
    let said = atalaya_in(
        &dir,
        &[
            "serve",
            "op.toml",
            "--dir",
            "store",
            "--bind",
            "127.0.0.1:0",
        ],
    );
    assert_eq!(said.code, Some(1), "{}", said.err);
    said.says(&["'eo.ts' is a recording", "atalaya run"]);
}

#[test]
fn a_port_that_is_taken() {
    let dir = folder("busy");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    fs::write(dir.join("op.toml"), operation("udp://127.0.0.1:0", "")).unwrap();
    atalaya_in(
        &dir,
        &["serve", "op.toml", "--dir", "store", "--bind", &address],
    )
    .fails_with(&[
        &format!(
            "port {} on 127.0.0.1 is in use",
            taken.local_addr().unwrap().port()
        ),
        "stop the other program",
        "--bind",
    ]);
}

#[test]
fn a_server_for_all_without_an_account() {
    let dir = folder("open");
    fs::write(dir.join("op.toml"), operation("udp://127.0.0.1:0", "")).unwrap();
    atalaya_in(
        &dir,
        &["serve", "op.toml", "--dir", "store", "--bind", "0.0.0.0:0"],
    )
    .fails_with(&[
        "there is no account",
        "only this machine may connect",
        "atalaya user add",
    ]);
}

#[test]
fn a_configuration_with_a_mistake_in_it() {
    let dir = folder("config");
    fs::write(
        dir.join("c.toml"),
        "dir = \"store\"\nbnid = \"127.0.0.1:0\"\n",
    )
    .unwrap();
    atalaya_in(&dir, &["serve", "--config", "c.toml"]).fails_with(&["c.toml:2:", "bnid", "bind"]);
    atalaya_in(&dir, &["serve"]).fails_with(&["no operation", "--config"]);
}

#[test]
fn a_table_with_other_columns() {
    let dir = folder("columns");
    let zones = world().join("zones.geojson");
    let zones = zones.to_str().unwrap();
    fs::write(
        dir.join("t.csv"),
        "when,id,lat,lon\n2026-01-01T00:00:00Z,a,40,-3.5\n",
    )
    .unwrap();
    let run = |more: &[&str]| {
        let mut arguments = vec!["activity", "--tracks", "t.csv", "--zones", zones];
        arguments.extend(more);
        atalaya_in(&dir, &arguments)
    };
    run(&[]).fails_with(&[
        "t.csv",
        "no column 'time'",
        "the header has: when, id, lat, lon",
        "--map time=COLUMN",
    ]);
    run(&["--map", "tme=when"]).fails_with(&["'tme=when'", "time, id, lat, lon"]);
    run(&["--map", "time=when"]).ok();
    fs::write(
        dir.join("t.csv"),
        "time,id,lat,lon\n0,a,40,-3.5\n1,a,40x,-3.5\n",
    )
    .unwrap();
    run(&[]).fails_with(&["t.csv: line 3: '40x' is not an angle in degrees"]);
}

#[test]
fn zones_that_are_none() {
    let dir = folder("zones");
    let t = dir.join("t.csv");
    fs::write(&t, "time,id,lat,lon\n0,a,40,-3.5\n").unwrap();
    let cases = [
        ("not json", "not JSON"),
        (r#"{"type":"Feature"}"#, "there is no list 'features'"),
        (r#"{"features":[]}"#, "give 1 to"),
        (
            r#"{"features":[{"properties":{"id":"a"},"geometry":{"type":"Point","coordinates":[1,2]}}]}"#,
            "zone 'a' is a Point without 'radius_m'",
        ),
        (
            r#"{"features":[{"properties":{"id":"a"},"geometry":{"type":"LineString","coordinates":[[1,2],[2,2]]}}]}"#,
            "zone 'a' is a LineString; zones are Polygon",
        ),
        (
            r#"{"features":[{"properties":{"id":"a","radius_m":5},"geometry":{"type":"Point","coordinates":[200,2]}}]}"#,
            "[longitude, latitude] in degrees",
        ),
    ];
    for (text, words) in cases {
        fs::write(dir.join("z.geojson"), text).unwrap();
        atalaya_in(
            &dir,
            &["activity", "--tracks", "t.csv", "--zones", "z.geojson"],
        )
        .fails_with(&["z.geojson", words]);
    }
}

#[test]
fn mot_rows_that_are_none() {
    let dir = folder("mot");
    let cases = [
        (
            "1,-1,10,10,5,5,0.9\n2,-1,abc,10,5,5,0.9\n",
            "line 2: 'abc' in column 3 is not a number",
        ),
        ("1,-1,10,10\n", "line 1: only 4 columns"),
        (
            "0,-1,10,10,5,5,0.9\n",
            "line 1: '0' is not a frame number from 1",
        ),
        ("1,-1,nan,10,5,5,0.9\n", "line 1: 'nan' in column 3"),
    ];
    for (text, words) in cases {
        fs::write(dir.join("det.txt"), text).unwrap();
        atalaya_in(&dir, &["track", "--mot", "det.txt"]).fails_with(&[
            "det.txt",
            words,
            "rows are frame,id,x,y,w,h,score",
        ]);
    }
}

#[test]
fn a_full_disk() {
    let stream = world().join("eo.ts");
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let said = command(&["klv", stream.to_str().unwrap()])
        .stdout(full)
        .output()
        .unwrap();
    let err = String::from_utf8(said.stderr).unwrap();
    assert_eq!(said.status.code(), Some(1), "{err}");
    assert!(err.to_lowercase().contains("no space left"), "{err}");
    assert!(!err.contains("panicked"), "{err}");
}

#[test]
fn a_folder_that_cannot_be_made_or_holds_nothing() {
    let dir = folder("folders");
    fs::write(dir.join("op.toml"), operation("eo.ts", "")).unwrap();
    fs::copy(world().join("eo.ts"), dir.join("eo.ts")).unwrap();
    fs::write(dir.join("file"), "").unwrap();
    atalaya_in(&dir, &["run", "op.toml", "--out", "file/out"]).fails_with(&["file/out", "check"]);
    fs::create_dir(dir.join("none")).unwrap();
    atalaya_in(&dir, &["detect", "none"]).fails_with(&["none: the folder is empty", "pictures"]);
}

#[test]
fn wrong_usage_exits_with_two() {
    for (arguments, words) in [
        (&["frobnicate"][..], "unrecognized subcommand"),
        (&["run", "op.toml"][..], "--out"),
        (&["sim", "moon", "--out", "x"][..], "compound"),
        (&["track"][..], "--mot"),
    ] {
        let said = atalaya(arguments);
        assert_eq!(said.code, Some(2), "{}", said.err);
        said.says(&[words, "--help"]);
    }
}

#[test]
fn a_store_that_is_not_there_is_not_made_by_asking_it() {
    let dir = folder("no-store");
    for order in [
        &["release", "board", "--dir", "none"][..],
        &["partner", "list", "--dir", "none"],
        &["footage", "find", "--place", "40,-3", "--dir", "none"],
    ] {
        atalaya_in(&dir, order).fails_with(&["there is no store in none", "--dir"]);
        assert!(!dir.join("none").exists());
    }
}
