//! Faults of time in whole streams, with time inside the pictures (ST 0604).

use atalaya_feeds::FmvOptions;
use atalaya_klv::sei::{self, TimeStatus, VideoCodec};
use atalaya_klv::st0601::SetBuilder;
use atalaya_video::{Demuxer, KlvKind, Packet, TsMuxer};

use crate::support::*;

/// Ten seconds of pictures that know their time, with metadata whose time is wrong by what `error`
/// says of each picture, microseconds.
fn stream(error: impl Fn(i64) -> i64) -> Vec<u8> {
    let plain = make(&Made {
        frames: 100,
        klv: None,
        ..Made::default()
    });
    let (_dir, path) = file_of(&plain);
    let mut demuxer = Demuxer::open(&path).unwrap();
    let shared = Shared::default();
    let kinds = [KlvKind::Synchronous];
    let mut muxer = TsMuxer::to_writer(Box::new(shared.clone()), WIDTH, HEIGHT, &kinds).unwrap();
    let mut n = 0;
    while let Some(packet) = demuxer.read().unwrap() {
        let pts = packet.pts_90k.unwrap();
        let time = EPOCH_US + pts * 100 / 9;
        let metadata = SetBuilder::new((time + error(n)) as u64).finish();
        muxer.klv(0, &metadata, Some(pts)).unwrap();
        let stamp = sei::unit(VideoCodec::H264, time as u64, TimeStatus::LOCKED);
        // Behind the delimiter, where there is one.
        let bytes = packet.bytes();
        let delimiter = if bytes.starts_with(&[0, 0, 0, 1, 9]) {
            6
        } else {
            0
        };
        let stamped = [&bytes[..delimiter], &stamp, &bytes[delimiter..]].concat();
        let dts = packet.dts_90k;
        let packet = Packet::new(0, &stamped, Some(pts), dts, packet.key).unwrap();
        muxer.video(&packet).unwrap();
        n += 1;
    }
    muxer.finish().unwrap();
    shared.take()
}

fn faults(error: impl Fn(i64) -> i64) -> Vec<String> {
    let seen = read_bytes(&stream(error), FmvOptions::default());
    assert_eq!((seen.frames.len(), seen.metadata.len()), (100, 100));
    seen.faults
}

#[test]
fn each_is_told_once_with_its_size_and_a_sound_feed_has_none() {
    assert_eq!(faults(|_| 0), Vec::<String>::new());
    let leap = faults(|_| 18_000_000);
    assert_eq!(leap.len(), 1, "{leap:?}");
    assert!(
        leap[0].contains("18.000 s ahead") && leap[0].contains("GPS time"),
        "{leap:?}"
    );
    let lag = faults(|_| -240_000);
    assert_eq!(lag.len(), 1, "{lag:?}");
    assert!(
        lag[0].contains("0.240 s behind the time in the pictures"),
        "{lag:?}"
    );
    let jump = faults(|n| if n < 50 { 0 } else { 2_500_000 });
    assert!(
        jump.iter().any(|f| f.contains("jumped by 2.500 s")),
        "{jump:?}"
    );
}
