//! Feeds of other codings than most: H.265, MPEG-2, interlaced H.264, all with pictures out of order.

use std::path::{Path, PathBuf};
use std::time::Duration;

use atalaya_feeds::{Fmv, FmvOptions, Gap, Relay, Unit};
use atalaya_model::operation::StreamAddress;
use atalaya_video::{AnnexB, Demuxer, KlvKind, Packet, TsMuxer};

use crate::support::*;

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../video/tests/fixtures")
        .join(name)
}

/// A video's pictures as a transport stream that begins at one second, each with its packet of metadata.
pub fn coded(name: &str) -> Vec<u8> {
    let mut demuxer = Demuxer::open(&fixture(name)).unwrap();
    let video = demuxer.video().unwrap().clone();
    let form = AnnexB::new(&video).unwrap();
    let out = Shared::default();
    let kinds = [KlvKind::Synchronous];
    let mut muxer = TsMuxer::copy_of(Box::new(out.clone()), "made".into(), &video, &kinds).unwrap();
    let packets: Vec<Packet> = std::iter::from_fn(|| demuxer.read().unwrap()).collect();
    let shift = 90_000 - packets[0].pts_90k.unwrap();
    let mut shown: Vec<i64> = packets.iter().map(|p| p.pts_90k.unwrap() + shift).collect();
    shown.sort_unstable();
    // Metadata come in the order of time, pictures in that of coding.
    for (packet, at) in packets.iter().zip(shown) {
        muxer.klv(0, &metadata(at), Some(at)).unwrap();
        let moved = |time: Option<i64>| time.map(|t| t + shift);
        let (pts, dts) = (moved(packet.pts_90k), moved(packet.dts_90k));
        let moved = Packet::new(0, &form.bytes(packet), pts, dts, packet.key).unwrap();
        muxer.video(&moved).unwrap();
    }
    muxer.finish().unwrap();
    out.take()
}

#[test]
fn every_coding_is_recorded_as_it_came_and_seen_as_in_the_file() {
    for name in ["h265.mp4", "mpeg2.ts", "interlaced.mp4"] {
        let bytes = coded(name);
        let expected = read_bytes(&bytes, FmvOptions::default());
        assert_eq!(
            (expected.frames.len(), expected.metadata.len()),
            (20, 20),
            "{name}"
        );
        assert!(expected.faults.is_empty(), "{name}: {:?}", expected.faults);
        let dir = tempfile::tempdir().unwrap();
        let here = StreamAddress::parse("srt://127.0.0.1:0?mode=listener&latency=20").unwrap();
        let options = FmvOptions {
            record: Some((dir.path().to_owned(), "eo".into())),
            stop_after: Duration::from_secs(20),
            ..FmvOptions::default()
        };
        let mut fmv = Fmv::stream(&here, options).unwrap();
        let port = fmv.local_address().unwrap().port();
        let to = StreamAddress::parse(&format!("srt://127.0.0.1:{port}?latency=20")).unwrap();
        let sender = Relay::to(&to).unwrap();
        sender.push(&bytes);
        sender.finish();
        let mut seen = Sorted::default();
        while let Some(unit) = fmv.next_unit().unwrap() {
            let stopped = matches!(unit, Unit::Gap(Gap::Stopped { .. }));
            seen.take(unit);
            if stopped {
                break;
            }
        }
        assert_eq!(seen.frames.len(), 20, "{name}: {:?}", seen.faults);
        for (a, b) in seen.frames.iter().zip(&expected.frames) {
            assert!(
                a.frame.t == b.frame.t && a.frame.luma() == b.frame.luma(),
                "{name}"
            );
        }
        let stored: Vec<u8> = seen
            .segments
            .iter()
            .flat_map(|s| std::fs::read(&s.path).unwrap())
            .collect();
        assert!(stored == bytes, "{name}: recorded otherwise");
    }
}
