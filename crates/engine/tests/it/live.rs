//! Live runs, and the same again from segments and admission log.

use crate::support::{begins, in_picture, landmark, run_live, run_with, without_metadata, world};
use atalaya_engine::live::{self, Landmarks, replay};
use atalaya_engine::{Context, EngineSettings};
use atalaya_model::operation::DrawnZone;
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

/// A part of the yard's ground, east and north in metres.
const PATCH: [[f64; 2]; 4] = [[4.0, -14.0], [16.0, -14.0], [16.0, -2.0], [4.0, -2.0]];
/// It is drawn on this frame, two seconds after the beginning.
const DRAWN_ON: u64 = 31;

#[test]
fn a_zone_drawn_on_a_live_frame_stays_on_its_ground() {
    let tmp = tempfile::tempdir().unwrap();
    let mut operation = world(tmp.path(), 5.0);
    operation.feeds[0].source = "udp://127.0.0.1:0".into();
    // Nothing says where the camera is: there is only the picture.
    operation.feeds[0].unplaced = true;
    operation.feeds[0].start = Some(begins(5.0));
    let video = tmp.path().join("video.ts");
    without_metadata(&tmp.path().join("eo.ts"), &video);
    let feed = operation.feeds[0].id.clone();
    let zone = &mut operation.site.zones[0];
    let id = zone.id.clone();
    zone.polygon = None;
    zone.drawn = Some(DrawnZone {
        feed,
        frame: DRAWN_ON,
        polygon: in_picture(5.0, DRAWN_ON, &PATCH),
    });
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    let run = run_live(&context, tmp.path(), &video);
    let mut frames = 0;
    for said in &run.said {
        let Live::Frame(f) = said else { continue };
        let outline = f.drawn.iter().find(|(zone, _)| *zone == id);
        let Some((_, outline)) = outline else {
            // Before it was drawn there is none.
            assert!(f.frame < DRAWN_ON + 2, "lost at frame {}", f.frame);
            continue;
        };
        frames += 1;
        for (is, truly) in outline.iter().zip(in_picture(5.0, f.frame, &PATCH)) {
            let off = (f64::from(is[0]) - truly[0]).hypot(f64::from(is[1]) - truly[1]);
            assert!(off < 6.0, "{off} pixels off at frame {}", f.frame);
        }
    }
    assert!(frames > 20, "{frames} frames of some 44 have it");
}
