//! What the gate refuses is not recorded, and a live run that was refused for a while replays to the
//! same bytes.

use crate::support::{run_live, world};
use atalaya_engine::live::replay;
use atalaya_engine::{Context, EngineSettings};
use atalaya_feeds::{Fmv, FmvOptions, Unit};
use atalaya_model::{FeedStatus, Micros};
use atalaya_store::Live;
use std::path::Path;

/// Event times of all frames of a file.
fn times(file: &Path) -> Vec<Micros> {
    let mut fmv = Fmv::file(file, FmvOptions::default()).unwrap();
    let mut times = Vec::new();
    while let Some(unit) = fmv.next_unit().unwrap() {
        if let Unit::Frame(f) = unit {
            times.push(f.frame.t);
        }
    }
    times
}

#[test]
fn a_window_that_opens_and_closes_within_the_flight_bounds_what_is_stored() {
    let tmp = tempfile::tempdir().unwrap();
    let mut operation = world(tmp.path(), 7.0);
    let source = tmp.path().join("eo.ts");
    let all = times(&source);
    let (from, until) = (all[20], all[70]);
    operation.authority.valid_from = from.to_rfc3339();
    operation.authority.valid_until = until.to_rfc3339();
    operation.feeds[0].source = "udp://127.0.0.1:0".into();
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    let run = run_live(&context, tmp.path(), &source);

    let refused = &run.summary.refused["eo"];
    assert!(refused["window"] >= 20 + 30, "{refused:?}");
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(&run.segments).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "ts") {
            stored.extend(times(&path));
        }
    }
    stored.sort();
    // Event time is smoothed out of jittery metadata: a frame's is known to a few milliseconds.
    let slack = Micros(40_000);
    assert!(stored.len() > 20, "{} frames stored", stored.len());
    assert!(
        stored
            .iter()
            .all(|t| *t + slack >= from && *t <= until + slack)
    );
    let why = |m: &Live| match m {
        Live::Status {
            status: FeedStatus::Refused { why },
            ..
        } => Some(why.clone()),
        _ => None,
    };
    let said: Vec<String> = run.said.iter().filter_map(why).collect();
    assert_eq!(said, ["window", "window"]);

    let again = replay(&context, &run.segments, |_, _| {}).unwrap();
    assert!(again.frames > 20);
    assert_eq!(again.digest, run.summary.digest);
}

#[test]
fn looking_away_is_a_gap_and_the_run_replays_to_the_same_bytes() {
    let tmp = tempfile::tempdir().unwrap();
    let mut operation = world(tmp.path(), 9.0);
    let source = tmp.path().join("eo.ts");
    operation.feeds[0].source = "udp://127.0.0.1:0".into();
    // The window is whole, the way is not: a no-look area that the middle of the picture crosses.
    let plain = Context::new(operation.clone(), EngineSettings::default()).unwrap();
    let centres = centres(&plain, &source);
    let (a, b) = (centres[50], centres[75]);
    let at = |e: f64, n: f64| {
        let p = plain
            .frame
            .to_geodetic(&atalaya_geo::Vector3::new(e, n, 0.0));
        [p.lon.to_degrees(), p.lat.to_degrees()]
    };
    let (lo, hi) = (a.inf(&b), a.sup(&b));
    let m = 0.3;
    operation
        .authority
        .no_look
        .push(atalaya_model::operation::NoLook {
            name: "path".into(),
            polygon: vec![
                at(lo.x - m, lo.y - m),
                at(hi.x + m, lo.y - m),
                at(hi.x + m, hi.y + m),
                at(lo.x - m, hi.y + m),
            ],
        });
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    let run = run_live(&context, tmp.path(), &source);
    let refused = run.summary.refused.get("eo").cloned().unwrap_or_default();
    assert!(
        refused.get("no_look").is_some_and(|n| *n > 5),
        "{refused:?}"
    );
    let again = replay(&context, &run.segments, |_, _| {}).unwrap();
    assert_eq!(again.digest, run.summary.digest);
    assert_eq!(again.live, Some(run.summary.digest));
    let log = std::fs::read_to_string(run.segments.join("admission.jsonl")).unwrap();
    assert!(log.contains("\"refused\"") && log.contains("\"resumed\""));
}

/// Where the middle of each picture looks by its metadata, local metres.
fn centres(context: &Context, source: &Path) -> Vec<atalaya_geo::Vector2<f64>> {
    let mut fmv = Fmv::file(source, FmvOptions::default()).unwrap();
    let mut out = Vec::new();
    while let Some(unit) = fmv.next_unit().unwrap() {
        if let Unit::Frame(f) = unit {
            let size = (f.frame.width, f.frame.height);
            let pointing = context
                .pointing(f.platform.as_ref().unwrap(), size)
                .unwrap();
            let middle =
                atalaya_geo::Vector2::new(f64::from(size.0) / 2.0, f64::from(size.1) / 2.0);
            out.push(
                pointing
                    .camera
                    .unwrap()
                    .ground(middle, pointing.up)
                    .unwrap(),
            );
        }
    }
    out
}
