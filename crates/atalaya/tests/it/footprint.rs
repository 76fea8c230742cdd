//! `atalaya footprint`.

use crate::support::*;
use atalaya_klv::st0601::SetBuilder;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A packet of a camera 1,000 m above sea level north of Valencia that looks 45 degrees down by heading and
/// gimbal, `up` more, and says that the middle of its picture is at `centre`.
fn packet(up: f64, centre: Option<(f64, f64)>) -> Vec<u8> {
    moved(0.0, 0.0, up, centre)
}

/// The same `t` seconds later and so many degrees further east.
fn moved(t: f64, east: f64, up: f64, centre: Option<(f64, f64)>) -> Vec<u8> {
    let mut set = SetBuilder::new(1_700_000_000_000_000 + (t * 1e6) as u64);
    let numbers = [
        (5, 100.0),
        (6, 2.0),
        (7, 0.0),
        (13, 39.6),
        (14, -0.4 + east),
        (15, 1000.0),
        (16, 10.0),
        (17, 7.5),
        (18, 350.0),
        (19, -47.0 + up),
        (20, 0.0),
    ];
    for (tag, value) in numbers {
        set.number(tag, value).unwrap();
    }
    if let Some((lat, lon)) = centre {
        set.number(23, lat).unwrap().number(24, lon).unwrap();
        set.number(25, 100.0).unwrap();
    }
    set.finish()
}

fn rows(text: &str) -> Vec<Value> {
    text.lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect()
}

#[test]
fn frame_centres_are_computed_and_held_against_what_is_reported() {
    let dir = folder("footprint");
    let file = dir.join("poses.klv");
    let place = (39.600_000, -0.389_51);
    let bytes = [
        packet(0.0, Some(place)),
        packet(40.0, None),
        packet(90.0, None),
        // Cut off: no camera.
        {
            let mut set = SetBuilder::new(1);
            set.number(13, 39.6).unwrap();
            set.finish()
        },
    ];
    fs::write(&file, bytes.concat()).unwrap();
    let out = atalaya(&["footprint", file.to_str().unwrap(), "--size", "640x480"]).ok();
    let (said, r) = (out.err, rows(&out.out));
    assert_eq!(r.len(), 4);
    let number = |v: &Value| v.as_f64().unwrap();
    // The frame centre's height is above the sea as the sensor's is: 900 m lie between them.
    let centre = &r[0]["centre"];
    let depression = number(&centre["look_down_deg"]).to_radians();
    let range = number(&centre["slant_range_m"]);
    assert!((range * depression.sin() - 900.0).abs() < 1.0, "{centre}");
    assert_eq!(
        (&r[0]["status"], &r[0]["surface"]),
        (&"ok".into(), &"reported".into())
    );
    assert!(number(&r[0]["reported"]["distance_m"]) < 30.0, "{}", r[0]);
    let pixel = range * 2.0 * (5f64.to_radians()).tan() / 640.0;
    assert!((number(&centre["gsd_across_m"]) - pixel).abs() < 0.01 * pixel);
    assert!(number(&centre["ellipse90"][0]) > number(&centre["ellipse90"][1]));
    assert_eq!(r[0]["horizon"], false);
    // Five degrees down from a kilometre: the upper edge is above the horizon only where the field of view
    // reaches there; then sky.
    assert_eq!(
        (&r[1]["status"], &r[1]["surface"]),
        (&"ok".into(), &"geoid".into())
    );
    assert_eq!(
        (&r[2]["status"], &r[2]["centre"]),
        (&"sky".into(), &Value::Null)
    );
    assert_eq!(
        (&r[3]["status"], &r[3]["sensor"]),
        (&"incomplete".into(), &Value::Null)
    );
    assert!(
        said.contains("4 packets (1 incomplete, 2 ok, 1 sky)"),
        "{said}"
    );
    assert!(said.contains("computed and reported, 1 packets"), "{said}");
    // Its centre is seen in the middle; a place behind the camera is not.
    for (point, status) in [("39.6,-0.38951", "seen"), ("39.6,-0.5,2", "behind")] {
        let out = atalaya(&[
            "footprint",
            file.to_str().unwrap(),
            "--size",
            "640x480",
            "--point",
            point,
        ])
        .ok();
        let seen = &rows(&out.out)[0]["point"];
        assert_eq!(seen["status"], status, "{seen}");
        if status == "seen" {
            let px = &seen["pixel"];
            assert!(
                (number(&px[0]) - 320.0).abs() < 20.0 && (number(&px[1]) - 240.0).abs() < 20.0,
                "{seen}"
            );
            assert!(number(&seen["inside_px"]) > 200.0 && number(&seen["range_m"]) > 900.0);
        }
    }
    // A lower ground is further away; without a size there are no sample distances.
    let out = atalaya(&["footprint", file.to_str().unwrap(), "--height", "-50"]).ok();
    let lower = rows(&out.out);
    assert!(number(&lower[0]["centre"]["slant_range_m"]) > range + 150.0);
    assert_eq!(lower[0]["centre"]["gsd_across_m"], Value::Null);
}

#[test]
fn metadata_that_may_be_late_are_less_sure_where_the_picture_sweeps() {
    let file = folder("footprint-late").join("sweep.klv");
    // 8.58 m east in each half second.
    let bytes: Vec<Vec<u8>> = (0..4)
        .map(|n| moved(0.5 * f64::from(n), 1e-4 * f64::from(n), 0.0, None))
        .collect();
    fs::write(&file, bytes.concat()).unwrap();
    let common = |ms: &str| -> Vec<[f64; 4]> {
        let errors = format!("time_ms={ms}");
        let out = atalaya(&["footprint", file.to_str().unwrap(), "--errors", &errors]).ok();
        let cov = |r: &Value| serde_json::from_value(r["centre"]["cov_common"].clone()).unwrap();
        rows(&out.out).iter().map(cov).collect()
    };
    let (sharp, late) = (common("0"), common("1000"));
    // Nothing is known of it from the first alone.
    assert_eq!(sharp[0], late[0]);
    for (a, b) in sharp.iter().zip(&late).skip(1) {
        let more = [0, 1, 3].map(|i| b[i] - a[i]);
        assert!((more[0] - 17.17f64.powi(2)).abs() < 4.0, "{more:?}");
        assert!(more[1].abs() < 4.0 && more[2].abs() < 1.0, "{more:?}");
    }
}

#[test]
fn nonsense_is_refused_in_a_line() {
    let dir = folder("footprint_bad");
    let file = dir.join("poses.klv");
    fs::write(&file, packet(0.0, None)).unwrap();
    let dem = dir.join("N39W001.hgt");
    fs::write(&dem, b"no heights").unwrap();
    let (file, dem) = (file.to_str().unwrap(), dem.to_str().unwrap());
    for (options, code, says) in [
        (["--terrain", dem], 1, "10 bytes are neither"),
        (["--terrain", "nothing.tif"], 1, "can't read"),
        (["--errors", "wind=3"], 2, "wind"),
        (["--size", "0x4"], 2, "1280x720"),
        (["--limit", "0"], 1, "limit"),
        (["--point", "40"], 2, "latitude and longitude"),
        (["--point", "40,999"], 2, "no place on the earth"),
    ] {
        let out = atalaya(&["footprint", file, options[0], options[1]]);
        assert_eq!(out.code, Some(code), "{}", out.err);
        out.says(&[says]);
    }
}

/// Median distance of computed frame centres, metres, and what the summary says.
fn median(name: &str, options: &[&str]) -> (f64, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/fmv")
        .join(name);
    assert!(path.exists(), "{} is not there", path.display());
    let path = path.to_str().unwrap();
    let out = atalaya(&[&["footprint", path], options].concat()).ok();
    let mut off: Vec<f64> = rows(&out.out)
        .iter()
        .filter_map(|r| r["reported"]["distance_m"].as_f64())
        .collect();
    off.sort_by(f64::total_cmp);
    (off[off.len() / 2], out.err)
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn frame_centres_of_real_recordings_are_those_reported() {
    assert!(median("osh_sample-stream.ts", &[]).0 < 0.5);
    // Its azimuths count from the UTM grid's north, 1.45 degrees from true north there.
    for (name, near) in [
        ("kwiver_aphill_klv_10s.ts", 2.0),
        ("kwiver_aphill_short.ts", 1.0),
    ] {
        let (off, said) = median(name, &[]);
        assert!(
            off > 30.0 && said.contains("fit the UTM grid's north better"),
            "{said}"
        );
        let (off, said) = median(name, &["--north", "auto"]);
        assert!(
            off < near && said.contains("counted from the UTM grid's north"),
            "{said}"
        );
    }
}
