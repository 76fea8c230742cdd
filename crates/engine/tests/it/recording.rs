//! Recordings: twice the same.

use crate::support::{reference, world};
use atalaya_engine::recording::{self, RunOptions};
use atalaya_engine::{Context, EngineSettings};
use atalaya_model::operation::ReferenceImage;

#[test]
fn a_recording_run_twice_gives_the_same_bytes() {
    let tmp = tempfile::tempdir().unwrap();
    let mut operation = world(tmp.path(), 4.0);
    reference(&tmp.path().join("ortho.tif"), 4.0);
    operation.site.reference = Some(ReferenceImage {
        image: "ortho.tif".into(),
        sigma_m: 0.5,
    });
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    let without = context.hash.clone();
    let context = context.with_reference(tmp.path()).unwrap();
    assert_ne!(context.hash, without);
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
        // Recognised on a picture of another day, and closer to it each time.
        let looks = result.summary.feeds[0].reference.as_ref().unwrap();
        assert!(looks.looks >= 2 && looks.taken == looks.looks, "{looks:?}");
        let [before, after] = looks.fits[0].sigma_m.unwrap();
        assert!(after < 0.6 * before, "{looks:?}");
        let [first, second] = [0, 1].map(|i| looks.fits[i].off_m.unwrap());
        assert!(second < 0.3 * first, "{looks:?}");
        // And no further off than what was known by then can explain, at two sigma.
        let [known, _] = looks.fits[1].sigma_m.unwrap();
        assert!(second < 2.0 * known && known < 0.8, "{looks:?}");
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
    // A reference of nowhere near, and one that is none.
    let mut elsewhere = context.operation.clone();
    for p in &mut elsewhere.authority.area {
        p[0] += 1.0;
    }
    elsewhere.site.zones.clear();
    elsewhere.rules.clear();
    let says = |operation| {
        let context = Context::new(operation, EngineSettings::default()).unwrap();
        context.with_reference(tmp.path()).unwrap_err().to_string()
    };
    assert!(says(elsewhere).contains("shows nothing of the authority's area"));
    std::fs::write(tmp.path().join("ortho.tif"), "no picture").unwrap();
    assert!(says(context.operation.clone()).contains("not a TIFF"));
}
