//! Pictures that lost packets.

use crate::support::world;
use atalaya_engine::recording::{self, RunOptions};
use atalaya_engine::{Context, EngineSettings};
use atalaya_feeds::{Fmv, FmvOptions, Unit};
use std::collections::BTreeSet;
use std::path::Path;

const PACKET: usize = 188;

/// Numbers of frames with something observed in them.
fn observed(context: &Context, dir: &Path) -> BTreeSet<u64> {
    let out = dir.join("out");
    recording::run(context, dir, &out, &RunOptions::default(), &mut |_| {}).unwrap();
    let text = std::fs::read_to_string(out.join("observations.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|o| o["frame"].as_u64().unwrap())
        .collect()
}

#[test]
fn nothing_is_observed_in_damaged_pictures() {
    let tmp = tempfile::tempdir().unwrap();
    let operation = world(tmp.path(), 4.0);
    let file = tmp.path().join(operation.feeds[0].source.secret_text());
    let context = Context::new(operation, EngineSettings::default()).unwrap();
    // A transport packet is lost when something has been observed for a while.
    let mut bytes = std::fs::read(&file).unwrap();
    let video = |p: &[u8]| p[1] & 0x5F == 0x01 && p[2] == 0;
    let at = (bytes.len() / PACKET * 4 / 5..)
        .find(|n| video(&bytes[n * PACKET..]))
        .unwrap();
    bytes.drain(at * PACKET..(at + 1) * PACKET);
    std::fs::write(&file, bytes).unwrap();
    let mut damaged = BTreeSet::new();
    let mut fmv = Fmv::file(&file, FmvOptions::default()).unwrap();
    while let Some(unit) = fmv.next_unit().unwrap() {
        if let Unit::Frame(f) = unit
            && f.frame.damaged
        {
            damaged.insert(f.frame.id);
        }
    }
    assert!(damaged.len() > 3);
    let seen = observed(&context, tmp.path());
    // To the last picture before the damage.
    let first = damaged.first().unwrap();
    assert!(seen.contains(&(first - 1)), "{seen:?} {damaged:?}");
    assert_eq!(
        seen.intersection(&damaged).count(),
        0,
        "{seen:?} {damaged:?}"
    );
}
