//! The engine against a simulated world: twice the same, live and again the same.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use atalaya_engine::live::{self, LiveOptions, Stop, replay};
use atalaya_engine::recording::{self, RunOptions};
use atalaya_engine::{Context, EngineSettings};
use atalaya_model::Operation;
use atalaya_sim::{Density, PlayOptions, World, WorldOptions, send_udp, write_to_dir};
use atalaya_store::{Bus, Heard, Live, Store};
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn world(dir: &Path, seconds: f64) -> Operation {
    let world = World::compound(
        5,
        &WorldOptions {
            duration_s: seconds,
            density: Density::Busy,
            thermal: false,
            ..WorldOptions::default()
        },
    );
    write_to_dir(&world, dir, &mut |_| {}).unwrap();
    let text = std::fs::read_to_string(dir.join("operation.toml")).unwrap();
    Operation::parse("operation.toml", &text).unwrap()
}

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

#[test]
fn a_live_run_replays_to_the_same_bytes() {
    let tmp = tempfile::tempdir().unwrap();
    let mut operation = world(tmp.path(), 5.0);
    operation.feeds[0].source = "udp://127.0.0.1:0".into();
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tmp.path().join("store");
    let store = runtime.block_on(Store::open(&dir)).unwrap();
    let bus = Bus::default();
    let mut hear = bus.subscribe();
    let options = LiveOptions {
        run: "live".into(),
        dir: dir.clone(),
        writer: store.writer(),
        bus,
        // A short queue: on a busy machine frames are shed, and the replay must shed the same.
        queue: 2,
    };
    let stop = Stop::default();
    let summary = std::thread::scope(|scope| {
        let (send, address) = std::sync::mpsc::channel();
        let (stop, file) = (&stop, tmp.path().join("eo.ts"));
        scope.spawn(move || {
            let address: std::net::SocketAddr = address.recv().unwrap();
            let never = AtomicBool::new(false);
            send_udp(&file, address, PlayOptions::default(), &never).unwrap();
            stop.stop();
        });
        live::run(&context, &options, stop, |a| send.send(a[0]).unwrap()).unwrap()
    });
    let frames = summary.feeds[0].frames;
    assert!(frames > 60, "{frames} of 75 frames came through");
    let again = replay(&context, &dir.join("segments/live"), |_, _| {}).unwrap();
    assert!(again.frames > 0);
    assert_eq!(again.live.as_deref(), Some(summary.digest.as_str()));
    assert_eq!(again.digest, summary.digest);

    let (mut pictures, mut analysed) = (0, 0);
    while let Some(heard) = hear.try_next() {
        match heard {
            Heard::Message(Live::Video(_)) => pictures += 1,
            Heard::Message(Live::Frame(_)) => analysed += 1,
            Heard::Message(_) => {}
            Heard::Lost(n) => panic!("{n} messages lost"),
        }
    }
    assert_eq!(analysed, again.frames);
    assert!(pictures > 0);
    runtime.block_on(store.close());
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
