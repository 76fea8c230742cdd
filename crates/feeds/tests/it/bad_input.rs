use std::path::Path;

use atalaya_feeds::{Fmv, FmvOptions};
use atalaya_video::KlvKind;

use crate::support::*;

#[test]
fn a_busy_port_and_a_bad_address_are_one_line() {
    let first = Fmv::udp("127.0.0.1:0", FmvOptions::default()).unwrap();
    let address = first.local_address().unwrap().to_string();
    let text = Fmv::udp(&address, FmvOptions::default())
        .err()
        .unwrap()
        .to_string();
    assert!(
        text.starts_with(&format!("udp {address}: cannot listen: ")),
        "{text}"
    );
    assert!(text.contains("stop what uses the port"), "{text}");
    assert!(Fmv::udp("nowhere", FmvOptions::default()).is_err());
}

#[test]
fn a_missing_file_is_one_line() {
    let text = Fmv::file(Path::new("/nonexistent.ts"), FmvOptions::default())
        .err()
        .unwrap()
        .to_string();
    assert_eq!(text, "/nonexistent.ts: no such file; check the path");
}

#[test]
fn a_truncated_recording_gives_its_frames() {
    let bytes = make(&Made::default());
    let seen = read_bytes(&bytes[..bytes.len() * 2 / 3], FmvOptions::default());
    assert!(
        (15..30).contains(&seen.frames.len()),
        "{}",
        seen.frames.len()
    );
    assert_eq!(seen.segments.len(), 1);
}

#[test]
fn metadata_without_video_and_a_clock_never_set() {
    let made = Made {
        frames: 1,
        klv: Some(KlvKind::Synchronous),
        ..Made::default()
    };
    let seen = read_bytes(&make(&made), FmvOptions::default());
    assert_eq!((seen.frames.len(), seen.metadata.len()), (1, 1));
}
