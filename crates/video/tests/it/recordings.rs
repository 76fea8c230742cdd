//! The evaluation recordings, which are not part of the repository.

use std::path::PathBuf;

use atalaya_video::{Decoder, Demuxer, StreamKind};

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data")
        .join(name)
}

struct Seen {
    pictures: usize,
    klv: usize,
    timed_klv: usize,
    interlaced: usize,
    ordered: bool,
    damaged: usize,
    errors: u64,
}

fn read(name: &str) -> Seen {
    let mut demuxer = Demuxer::open(&data(name)).unwrap();
    let mut decoder = demuxer.video().map(|s| Decoder::new(s).unwrap());
    let mut pictures = Vec::new();
    let (mut klv, mut timed_klv) = (0, 0);
    while let Some(packet) = demuxer.read().unwrap() {
        if let StreamKind::Klv { .. } = demuxer.streams()[packet.stream].kind {
            klv += 1;
            timed_klv += usize::from(packet.pts_90k.is_some());
        }
        if let Some(decoder) = &mut decoder {
            decoder.push(&packet, &mut pictures).unwrap();
        }
    }
    if let Some(decoder) = &mut decoder {
        decoder.flush(&mut pictures).unwrap();
    }
    Seen {
        pictures: pictures.len(),
        klv,
        timed_klv,
        interlaced: pictures.iter().filter(|p| p.interlaced).count(),
        ordered: pictures.windows(2).all(|w| w[0].pts_90k < w[1].pts_90k),
        damaged: pictures.iter().filter(|p| p.damaged).count(),
        errors: decoder.map_or(0, |d| d.errors()),
    }
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn every_recording_is_read_to_its_end() {
    // Pictures as FFmpeg's own tool counts them; KLV packets; those with time.
    for (name, pictures, klv, timed) in [
        ("fmv/kwiver_aphill_klv_10s.ts", 10, 300, 300),
        ("fmv/kwiver_aphill_short.ts", 48, 48, 48),
        ("fmv/kwiver_aphill_240_1fps_crf32.mp4", 310, 0, 0),
        ("fmv/osh_sample-stream.ts", 277, 277, 277),
        ("fmv/kwiver_h264_klv.ts", 30, 30, 0),
        ("fmv/kwiver_h265_klv.ts", 30, 30, 0),
        ("fmv/kwiver_mpeg2_klv.ts", 30, 30, 0),
        ("fmv/kwiver_h265_tricky_klv.ts", 30, 90, 30),
        ("fmv/kwiver_h264_no_klv.ts", 30, 0, 0),
        ("fmv/kwiver_h264_audio.ts", 29, 0, 0),
        ("motion/truck4.mp4", 421, 0, 0),
        ("motion/thermal_persons.ts", 150, 0, 0),
    ] {
        let seen = read(name);
        println!(
            "{name}: {} pictures, {} KLV, {} timed, {} damaged, {} errors",
            seen.pictures, seen.klv, seen.timed_klv, seen.damaged, seen.errors
        );
        assert_eq!(
            (seen.pictures, seen.klv, seen.timed_klv),
            (pictures, klv, timed),
            "{name}"
        );
        assert_eq!(seen.interlaced, 0, "{name}");
        assert!(seen.ordered, "{name}");
    }
}
