//! `atalaya run` on real recordings, which are not part of the project (`make test-data`).

use crate::support::*;
use std::fs;
use std::path::{Path, PathBuf};

fn recording(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(name);
    assert!(path.exists(), "{} is not there", path.display());
    path.canonicalize().unwrap()
}

/// Runs an operation over one recording and gives its folder. `placed` names the middle of the
/// area, in degrees.
fn run(
    test: &str,
    file: &str,
    sensor: &str,
    placed: Option<(f64, f64)>,
    site: &str,
    start: Option<&str>,
) -> PathBuf {
    let dir = folder(test);
    let (lon, lat) = placed.unwrap_or((0.0, 0.0));
    let (w, e, s, n) = (lon - 0.05, lon + 0.05, lat - 0.05, lat + 0.05);
    let start = start
        .map(|s| format!("start = \"{s}\"\n"))
        .unwrap_or_default();
    let text = format!(
        r#"schema = "operation/1"
id = "{test}"
name = "Test over a recording"
[authority]
issuer = "test"
legal_basis = "test"
reference = "test"
purpose = "test"
valid_from = "2000-01-01T00:00:00Z"
valid_until = "2040-01-01T00:00:00Z"
sensors = ["{sensor}"]
objects = ["vehicle", "person", "unknown"]
area = [[{w}, {s}], [{e}, {s}], [{e}, {n}], [{w}, {n}]]
retention = {{ bystander_hours = 1, evidence_days = 1 }}
[site]
id = "site"
name = "Site"
{site}
[[feed]]
id = "a"
source = "{source}"
sensor = "{sensor}"
unplaced = {unplaced}
{start}"#,
        source = recording(file).display(),
        unplaced = placed.is_none(),
    );
    fs::write(dir.join("operation.toml"), text).unwrap();
    atalaya_in(&dir, &["run", "operation.toml", "--out", "out"]).ok();
    dir
}

fn feed(dir: &Path) -> serde_json::Value {
    summary(dir)["feeds"][0].clone()
}

/// Where the two clips look, longitude and latitude.
const SHORT_CLIP: Option<(f64, f64)> = Some((-77.354, 38.246));
const SLOW_CLIP: Option<(f64, f64)> = Some((-77.358, 38.185));

#[test]
#[ignore = "needs the evaluation recordings"]
fn the_interlaced_clip_is_placed_by_its_own_metadata() {
    let dir = run(
        "aphill-short",
        "fmv/kwiver_aphill_short.ts",
        "eo",
        SHORT_CLIP,
        "",
        None,
    );
    let f = feed(&dir);
    assert!(f["frames"].as_u64() > Some(20), "{f}");
    assert!(f["placed"].as_u64() > Some(0), "{f}");
    assert_eq!(f["time_source"], "metadata");
    let s = summary(&dir);
    assert!(s["gate"]["frames_passed"].as_u64() > Some(0), "{s}");
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn the_slow_clip_is_placed_too() {
    let dir = run(
        "aphill-10s",
        "fmv/kwiver_aphill_klv_10s.ts",
        "eo",
        SLOW_CLIP,
        "",
        None,
    );
    let f = feed(&dir);
    assert_eq!(f["frames"], 10, "{f}");
    assert!(f["metadata_paired"].as_u64() >= Some(9), "{f}");
    assert!(f["placed"].as_u64() >= Some(9), "{f}");
    let s = summary(&dir);
    assert!(s["gate"]["frames_passed"].as_u64() >= Some(9), "{s}");
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn the_orbit_without_metadata_is_followed_in_a_zone_drawn_on_a_frame() {
    let zone = r#"[[site.zone]]
id = "yard"
drawn = { feed = "a", frame = 1, polygon = [[100, 60], [260, 60], [260, 180], [100, 180]] }
[[rule]]
id = "comes"
kind = "arrival"
zone = "yard""#;
    let start = Some("2026-01-01T00:00:00Z");
    let dir = run(
        "orbit",
        "fmv/kwiver_aphill_240_1fps_crf32.mp4",
        "eo",
        None,
        zone,
        start,
    );
    let f = feed(&dir);
    assert!(f["frames"].as_u64() >= Some(300), "{f}");
    assert_eq!(f["metadata_paired"], 0);
    assert_eq!(f["placed"], 0);
    assert!(remarks(&dir).contains("carries no position metadata"));
    let observations = fs::read_to_string(dir.join("out/observations.jsonl")).unwrap();
    assert!(lines(&observations).iter().all(|o| o["lat"].is_null()));
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn the_thermal_persons_and_the_truck_run_to_the_end() {
    let start = Some("2026-01-01T00:00:00Z");
    let dir = run(
        "thermal",
        "motion/thermal_persons.ts",
        "ir",
        None,
        "",
        start,
    );
    assert_eq!(feed(&dir)["frames"], 150);
    let dir = run("truck", "motion/truck4.mp4", "eo", None, "", start);
    assert_eq!(feed(&dir)["frames"], 421);
    assert!(summary(&dir)["tracks"].as_u64() > Some(0));
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn metadata_of_the_recordings_are_read() {
    for (file, packets) in [
        ("fmv/kwiver_aphill_klv_10s.ts", 300),
        ("fmv/kwiver_aphill_short.ts", 48),
        ("fmv/osh_sample-stream.ts", 277),
        ("fmv/kwiver_h264_klv.ts", 30),
        ("fmv/kwiver_h264_no_klv.ts", 0),
    ] {
        let said = atalaya(&["klv", recording(file).to_str().unwrap()]).ok();
        assert_eq!(said.out.lines().count(), packets, "{file}");
    }
    let bad = recording("fmv/klvdata_DynamicConstantMISMMSPacketData.bin");
    let said = atalaya(&["klv", bad.to_str().unwrap()]).ok();
    assert_eq!(lines(&said.out)[0]["checksum"], "bad");
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn real_positions_become_events() {
    let tracks = recording("activity/meva_gps.csv.gz");
    let zones = recording("activity/meva_zones.geojson");
    let (tracks, zones) = (tracks.to_str().unwrap(), zones.to_str().unwrap());
    let said = atalaya(&[
        "activity",
        "--tracks",
        tracks,
        "--zones",
        zones,
        "--map",
        "time=t_utc",
    ]);
    assert!(said.ok().out.lines().count() > 100);
}
