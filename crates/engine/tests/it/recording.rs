//! Recordings: twice the same.

use crate::support::world;
use atalaya_engine::recording::{self, RunOptions};
use atalaya_engine::{Context, EngineSettings};

#[test]
fn a_recording_run_twice_gives_the_same_bytes() {
    let tmp = tempfile::tempdir().unwrap();
    let operation = world(tmp.path(), 4.0);
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    for out in ["a", "b"] {
        let result = recording::run(
            &context,
            tmp.path(),
            &tmp.path().join(out),
            &RunOptions::default(),
            &mut |_| {},
        )
        .unwrap();
        assert_eq!(result.summary.feeds[0].frames, 60);
        assert_eq!(result.summary.feeds[0].placed, 60);
    }
    for name in [
        "observations.jsonl",
        "tracks.geojson",
        "events.jsonl",
        "alerts.jsonl",
        "coverage.geojson",
        "summary.json",
    ] {
        let read = |out: &str| std::fs::read(tmp.path().join(out).join(name)).unwrap();
        assert_eq!(read("a"), read("b"), "{name}");
    }
}
