//! Streams of every coding: time inside the pictures, and clips; H.265 and interlaced H.264 with lengths
//! before their units as MP4 has them, MPEG-2 with pictures out of order.

use std::fs;
use std::path::{Path, PathBuf};

use atalaya_exchange::stanag::{Added, Copied, Order, Piece, Timeline, clip, copy};
use atalaya_klv::sei::{self, TimeStatus, VideoCodec};
use atalaya_klv::st0601::SetBuilder;
use atalaya_model::Micros;
use atalaya_video::{DecodeOptions, Decoder, Deinterlace, Demuxer, Packet, Picture};

use crate::clip::{folder, hash, metadata};

const START: i64 = 1_790_000_000_123_456;
const CODINGS: [(&str, VideoCodec); 3] = [
    ("h265.mp4", VideoCodec::H265),
    ("mpeg2.ts", VideoCodec::H262),
    ("interlaced.mp4", VideoCodec::H264),
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../video/tests/fixtures")
        .join(name)
}

/// The first look at a video, with a clock, and a packet for each picture.
fn look(path: &Path) -> (Timeline, Vec<Added>) {
    let mut line = Timeline::read(path).unwrap();
    line.start_at(START);
    let added = line.pictures.iter().map(|&pts| Added {
        pts,
        packet: SetBuilder::new(line.time_at(pts).unwrap() as u64).finish(),
    });
    let added = added.collect();
    (line, added)
}

fn write(from: &Path, line: &Timeline, order: &Order<'_>, to: &Path) -> Copied {
    let out = Box::new(fs::File::create(to).unwrap());
    copy(Demuxer::open(from).unwrap(), line, order, out, "made.ts").unwrap()
}

fn pictures(path: &Path) -> (Vec<Packet>, Vec<Picture>) {
    let mut demuxer = Demuxer::open(path).unwrap();
    let video = demuxer.video().unwrap().clone();
    // Fields as they were coded: what is made of neighbours differs at the ends of a clip.
    let options = DecodeOptions {
        deinterlace: Deinterlace::Never,
        ..DecodeOptions::default()
    };
    let mut decoder = Decoder::with_options(&video, options).unwrap();
    let (mut coded, mut decoded) = (Vec::new(), Vec::new());
    while let Some(packet) = demuxer.read().unwrap() {
        if packet.stream == video.index {
            decoder.push(&packet, &mut decoded).unwrap();
            coded.push(packet);
        }
    }
    decoder.flush(&mut decoded).unwrap();
    assert_eq!(decoder.errors(), 0);
    (coded, decoded)
}

/// The pixels of a picture (4:2:0), without what pads its rows.
fn content(picture: &Picture) -> Vec<&[u8]> {
    let (w, h) = (picture.width as usize, picture.height as usize);
    let rows = |n: usize| {
        let (w, h) = if n == 0 { (w, h) } else { (w / 2, h / 2) };
        let rows = picture.plane(n).chunks(picture.stride(n)).take(h);
        rows.map(move |row| &row[..w])
    };
    (0..3).flat_map(rows).collect()
}

#[test]
fn pictures_say_the_time_that_their_metadata_say_and_show_the_same() {
    let dir = folder("stamps");
    for (name, codec) in CODINGS {
        let from = fixture(name);
        let (line, added) = look(&from);
        assert_eq!(line.pictures.len(), 20, "{name}");
        let to = dir.join(name).with_extension("ts");
        let order = Order {
            added: &added,
            stamps: true,
            ..Order::default()
        };
        let done = write(&from, &line, &order, &to);
        assert_eq!(
            (done.pictures, done.stamped, done.added),
            (20, 20, 20),
            "{name}"
        );
        let again = Timeline::read(&to).unwrap();
        let (coded, shown) = pictures(&to);
        assert_eq!(coded.len(), 20, "{name}");
        for packet in &coded {
            let stamp = sei::time_stamp(codec, packet.bytes()).unwrap();
            let time = again.time_at(packet.pts_90k.unwrap()).unwrap();
            assert_eq!(
                (stamp.time_us as i64, stamp.status),
                (time, TimeStatus::UNKNOWN),
                "{name}"
            );
        }
        // The same pictures, at the same distances in time.
        let (_, before) = pictures(&from);
        assert_eq!(before.len(), shown.len(), "{name}");
        let first = |all: &[Picture]| all[0].pts_90k.unwrap_or_default();
        for (a, b) in before.iter().zip(&shown) {
            let since = |p: &Picture, all| p.pts_90k.map(|t| t - first(all));
            assert_eq!(since(a, &before), since(b, &shown), "{name}");
            assert!(content(a) == content(b), "{name}: another picture");
        }
        // Whoever says the time already says it alone.
        let twice = dir.join(name).with_extension("twice.ts");
        let order = Order {
            stamps: true,
            ..Order::default()
        };
        let done = write(&to, &again, &order, &twice);
        assert_eq!((done.stamped, done.passed), (0, 20), "{name}");
        let bytes = |all: &[Packet]| all.iter().map(|p| p.bytes().to_vec()).collect::<Vec<_>>();
        assert!(
            bytes(&pictures(&twice).0) == bytes(&coded),
            "{name}: changed"
        );
    }
}

#[test]
fn clips_of_every_coding_have_the_very_pictures_and_metadata() {
    let dir = folder("codings");
    for (name, codec) in CODINGS {
        let from = fixture(name);
        let (line, added) = look(&from);
        let recorded = dir.join(name).with_extension("ts");
        let order = Order {
            added: &added,
            ..Order::default()
        };
        write(&from, &line, &order, &recorded);
        let at = |seconds: f64| Micros(START + (seconds * 1e6) as i64);
        let piece = Piece {
            sha256: hash(&fs::read(&recorded).unwrap()),
            path: recorded.clone(),
            from: at(0.0),
            to: at(0.95),
        };
        let cut = dir.join(name).with_extension("clip.ts");
        let out = Box::new(fs::File::create(&cut).unwrap());
        let made = clip(&[piece], (at(0.62), at(0.8)), out, "clip.ts").unwrap();
        let ((whole, shown), (parts, seen)) = (pictures(&recorded), pictures(&cut));
        // From a key frame on; what is shown after the end is there only where something is made of it.
        let pts = |p: &Packet| p.pts_90k.unwrap();
        let first = line.pictures[0] + pts(&whole[0]) - pts(&pictures(&from).0[0]);
        let keys = whole.iter().filter(|p| p.key).map(pts);
        let begin = keys.filter(|k| *k <= first + 55_800).max().unwrap();
        let inside = |p: &Packet| (begin..=first + 72_000).contains(&pts(p));
        let last = whole.iter().rposition(inside).unwrap();
        let wanted = whole[..=last].iter().filter(|p| pts(p) >= begin);
        let wanted: Vec<_> = wanted.map(|p| (p.pts_90k, p.bytes())).collect();
        let got: Vec<_> = parts.iter().map(|p| (p.pts_90k, p.bytes())).collect();
        assert!(got == wanted, "{name}: {made:?}");
        assert_eq!(made.pictures, wanted.len() as u64, "{name}");
        assert!(
            parts
                .iter()
                .all(|p| sei::time_stamp(codec, p.bytes()).is_none())
        );
        let all = metadata(&recorded);
        let kept = all
            .iter()
            .filter(|(t, _)| (begin..=first + 72_000).contains(&t.unwrap()));
        assert!(metadata(&cut).iter().eq(kept), "{name}: {made:?}");
        // Each decodes to the picture that it was, but those that never have their references are left out.
        assert_eq!(seen.len(), parts.len(), "{name}");
        for picture in &seen {
            let same = shown.iter().find(|p| p.pts_90k == picture.pts_90k).unwrap();
            assert!(content(same) == content(picture), "{name}: another picture");
        }
    }
}
