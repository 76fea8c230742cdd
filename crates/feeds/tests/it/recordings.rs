//! The evaluation recordings, which are not part of the repository.

use std::path::PathBuf;

use atalaya_feeds::{Fmv, FmvOptions, Pairing, TimeSource};

use crate::support::*;

fn seen(name: &str) -> Sorted {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    read(Fmv::file(&folder.join(name), FmvOptions::default()).unwrap())
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn recordings_with_metadata_are_placed_and_those_without_say_so() {
    for (name, frames, metadata, placed) in [
        ("fmv/kwiver_aphill_klv_10s.ts", 10, 300, 10),
        ("fmv/kwiver_aphill_short.ts", 48, 48, 48),
        ("fmv/osh_sample-stream.ts", 277, 277, 277),
        ("fmv/kwiver_aphill_240_1fps_crf32.mp4", 310, 0, 0),
        ("fmv/kwiver_h264_klv.ts", 30, 30, 30),
        ("fmv/kwiver_h265_klv.ts", 30, 30, 30),
        ("fmv/kwiver_mpeg2_klv.ts", 30, 30, 30),
        ("fmv/kwiver_h265_tricky_klv.ts", 30, 30, 30),
        ("fmv/kwiver_h264_no_klv.ts", 30, 0, 0),
        ("motion/thermal_persons.ts", 150, 0, 0),
        ("motion/truck4.mp4", 421, 0, 0),
    ] {
        let seen = seen(name);
        let paired = |f: &&atalaya_feeds::FrameUnit| matches!(f.pairing, Pairing::Paired { .. });
        let found = seen.frames.iter().filter(paired).count();
        let first = seen.frames.first().unwrap();
        println!(
            "{name}: {} frames from {} ({:?}), {} metadata, {found} placed, {:?}",
            seen.frames.len(),
            first.frame.t,
            first.time_source,
            seen.metadata.len(),
            first.platform
        );
        assert_eq!(
            (seen.frames.len(), seen.metadata.len(), found),
            (frames, metadata, placed),
            "{name}"
        );
        assert!(
            seen.frames.windows(2).all(|w| w[0].frame.t < w[1].frame.t),
            "{name}"
        );
        let expected = if metadata > 0 {
            TimeSource::Metadata
        } else {
            TimeSource::Presentation
        };
        assert_eq!(first.time_source, expected, "{name}");
        assert!(seen.gaps.is_empty(), "{name}");
        assert!(seen.faults.is_empty(), "{name}: {:?}", seen.faults);
    }
}
