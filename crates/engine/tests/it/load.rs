//! More feeds than this machine can follow: what is left out is counted, and nothing else is.

use crate::support::world;
use atalaya_engine::live::{self, Admission, AdmissionLog, Landmarks, LiveOptions, Stop};
use atalaya_engine::{Context, EngineSettings};
use atalaya_sim::{PlayOptions, send_feeds};
use atalaya_store::{Bus, FeedCounts, Heard, Live, Store};
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

#[test]
fn four_feeds_at_once_account_for_every_frame() {
    let tmp = tempfile::tempdir().unwrap();
    let mut operation = world(tmp.path(), 5.0);
    let mut feed = operation.feeds[0].clone();
    feed.source = "udp://127.0.0.1:0".into();
    operation.feeds = ["a", "b", "c", "d"]
        .map(|id| {
            let mut feed = feed.clone();
            feed.id = id.into();
            feed
        })
        .to_vec();
    // One is thinned as well, so that this is told from shedding.
    operation.feeds[3].analyse_fps = Some(5.0);
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tmp.path().join("store");
    let store = runtime.block_on(Store::open(&dir)).unwrap();
    let bus = Bus::default();
    let mut hear = bus.subscribe();
    let options = LiveOptions {
        run: "load".into(),
        dir: dir.clone(),
        writer: store.writer(),
        bus,
        queue: 1,
        landmarks: Landmarks::default(),
    };
    let stop = Stop::default();
    let summary = std::thread::scope(|scope| {
        let (send, addresses) = std::sync::mpsc::channel::<Vec<std::net::SocketAddr>>();
        let (stop, file) = (&stop, tmp.path().join("eo.ts"));
        scope.spawn(move || {
            let all: Vec<_> = addresses.recv().unwrap();
            let targets: Vec<_> = all.iter().map(|a| (file.clone(), *a)).collect();
            let never = AtomicBool::new(false);
            send_feeds(&targets, PlayOptions::default(), &never).unwrap();
            stop.stop();
        });
        live::run(&context, &options, stop, |a| {
            send.send(a.to_vec()).unwrap();
        })
        .unwrap()
    });
    let log = dir.join("segments/load/admission.jsonl");
    let (_, lines) = AdmissionLog::read(&log).unwrap();
    let mut said: BTreeMap<String, FeedCounts> = BTreeMap::new();
    while let Some(heard) = hear.try_next() {
        if let Heard::Message(Live::Counts { feed, counts, .. }) = heard {
            said.insert(feed, counts);
        }
    }
    assert_eq!(summary.feeds.len(), 4);
    for (i, f) in summary.feeds.iter().enumerate() {
        assert!(f.frames > 0, "{f:?}");
        assert_eq!(f.frames, f.thinned + f.shed + f.analysed, "{f:?}");
        assert_eq!(f.thinned > 0, f.id == "d", "{f:?}");
        let (mut passed, mut dropped) = (0, 0);
        for line in &lines {
            match line {
                Admission::Passed(ix, _) => passed += u64::from(usize::from(ix.0) == i),
                Admission::Late(ix, _) => dropped += u64::from(usize::from(ix.0) == i),
                Admission::Finished(_)
                | Admission::Landmark(..)
                | Admission::Refused(..)
                | Admission::Resumed(..) => {}
            }
        }
        assert_eq!((passed + dropped, dropped), (f.analysed, f.late + f.early));
        // The last word on the bus is the same.
        let c = said[&f.id];
        assert_eq!(
            (c.frames, c.thinned, c.shed, c.analysed),
            (f.frames, f.thinned, f.shed, f.analysed)
        );
        assert_eq!((c.late, c.early), (f.late, f.early));
    }
    // How many are shed is the machine's affair: two cores shed some, sixteen none.
    let shed: Vec<u64> = summary.feeds.iter().map(|f| f.shed).collect();
    println!("shed: {shed:?}");
    runtime.block_on(store.close());
}
