//! Live runs, and the same again from segments and admission log.

use crate::support::{landmark, run_with, world};
use atalaya_engine::live::{self, Landmarks, replay};
use atalaya_engine::{Context, EngineSettings};
use atalaya_store::Live;

#[test]
fn a_live_run_replays_to_the_same_bytes() {
    let tmp = tempfile::tempdir().unwrap();
    let mut operation = world(tmp.path(), 5.0);
    operation.feeds[0].source = "udp://127.0.0.1:0".into();
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    // Somebody points at a kerb; a replay must hear of it before the same frame.
    let landmarks = Landmarks::default();
    let id = context.operation.feeds[0].id.clone();
    assert!(landmarks.give(&id, landmark(5.0, 2.0)));
    let run = run_with(
        &context,
        tmp.path(),
        &tmp.path().join("eo.ts"),
        landmarks.clone(),
    );
    let fits = landmarks.fits(&id);
    assert!(fits.len() == 1 && fits[0].taken, "{fits:?}");
    let [before, after] = fits[0].sigma_m.unwrap();
    assert!(after < 0.6 * before, "{fits:?}");
    assert_eq!(run.summary.feeds[0].landmarks, fits);
    let frames = run.summary.feeds[0].frames;
    assert!(frames > 60, "{frames} of 75 frames came through");
    let again = replay(&context, &run.segments, |_, _| {}).unwrap();
    assert!(again.frames > 0);
    assert_eq!(again.live.as_deref(), Some(run.summary.digest.as_str()));
    assert_eq!(again.digest, run.summary.digest);

    let count = |is: fn(&Live) -> bool| run.said.iter().filter(|m| is(m)).count();
    let analysed = count(|m| matches!(m, Live::Frame(_)));
    assert_eq!(analysed as u64, again.frames);
    assert!(count(|m| matches!(m, Live::Video(_))) > 0);
    assert!(run.summary.masked.is_empty());
}

#[test]
fn a_replay_with_other_settings_is_refused() {
    let tmp = tempfile::tempdir().unwrap();
    let operation = world(tmp.path(), 2.0);
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    let weak = Context::new(context.operation.clone(), EngineSettings::weakened()).unwrap();
    let log = tmp.path().join("admission.jsonl");
    live::AdmissionLog::create(&log, &context)
        .unwrap()
        .finish()
        .unwrap();
    let e = replay(&weak, tmp.path(), |_, _| {})
        .unwrap_err()
        .to_string();
    assert!(e.contains("was written with other settings"), "{e}");
}
