//! Clips out of recorded segments.

use std::fs;
use std::path::{Path, PathBuf};

use atalaya_exchange::stanag::{Error, Piece, Timeline, clip};
use atalaya_klv::st0601::SetBuilder;
use atalaya_model::Micros;
use atalaya_video::{Demuxer, Encoder, EncoderOptions, Image, KlvKind, TsMuxer};
use sha2::{Digest, Sha256};

const W: u32 = 64;
const H: u32 = 48;
/// Ten pictures a second, a key frame each second.
const STEP: i64 = 9_000;
const GOP: u32 = 10;
/// When the first picture was taken.
const START: i64 = 1_790_000_000_000_000;

/// A recording of so many pictures, each with its packet.
fn recording(path: &Path, pictures: u32) {
    let mut encoder = Encoder::h264(EncoderOptions {
        gop: GOP,
        ..EncoderOptions::new(W, H, (10, 1))
    })
    .unwrap();
    let mut muxer = TsMuxer::create(path, W, H, &[KlvKind::Synchronous]).unwrap();
    let chroma = vec![128u8; (W * H / 4) as usize];
    let mut packets = Vec::new();
    for n in 0..pictures {
        let luma: Vec<u8> = (0..W * H).map(|i| (i * 7 + n * 3) as u8 / 2).collect();
        let image = Image::yuv420p(W, H, &luma, &chroma, &chroma);
        let pts = 90_000 + i64::from(n) * STEP;
        encoder.push(&image, pts, false, &mut packets).unwrap();
        for p in packets.drain(..) {
            muxer.video(&p).unwrap();
        }
        let mut set = SetBuilder::new((START + i64::from(n) * 100_000) as u64);
        set.number(13, 40.0 + f64::from(n) * 1e-4).unwrap();
        muxer.klv(0, &set.finish(), Some(pts)).unwrap();
    }
    muxer.finish().unwrap();
}

pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// The recording in pieces of two seconds, each of which begins with the tables before a key frame.
fn pieces(dir: &Path, pictures: u32) -> Vec<Piece> {
    let whole = dir.join("whole.ts");
    recording(&whole, pictures);
    let bytes = fs::read(&whole).unwrap();
    // The tables stand before every picture.
    let tables: Vec<usize> = bytes
        .chunks(188)
        .enumerate()
        .filter(|(_, p)| p[1] & 0x5F == 0x40 && p[2] == 0)
        .map(|(n, _)| n * 188)
        .collect();
    assert_eq!(tables.len(), pictures as usize);
    let cuts: Vec<usize> = tables.iter().copied().step_by(2 * GOP as usize).collect();
    (0..cuts.len())
        .map(|n| {
            let end = cuts.get(n + 1).copied().unwrap_or(bytes.len());
            let piece = &bytes[cuts[n]..end];
            let path = dir.join(format!("{n}.ts"));
            fs::write(&path, piece).unwrap();
            let from = START + n as i64 * 2_000_000;
            Piece {
                path,
                sha256: hash(piece),
                from: Micros(from),
                to: Micros(from + 1_900_000),
            }
        })
        .collect()
}

/// Metadata of a stream, by presentation time.
pub fn metadata(path: &Path) -> Vec<(Option<i64>, Vec<u8>)> {
    let mut demuxer = Demuxer::open(path).unwrap();
    let mut all = Vec::new();
    while let Some(p) = demuxer.read().unwrap() {
        if demuxer.streams()[p.stream].is_klv() {
            all.push((p.pts_90k, p.bytes().to_vec()));
        }
    }
    all
}

pub fn folder(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::remove_dir_all(&dir).ok();
    fs::create_dir_all(&dir).unwrap();
    dir
}

fn at(seconds: f64) -> Micros {
    Micros(START + (seconds * 1e6) as i64)
}

#[test]
fn a_clip_has_the_pictures_and_the_very_metadata_of_the_recording() {
    let dir = folder("clip");
    let all = pieces(&dir, 80);
    let out = dir.join("clip.ts");
    let file = Box::new(fs::File::create(&out).unwrap());
    let made = clip(&all, (at(3.34), at(5.06)), file, "clip.ts").unwrap();
    // From the key frame at 3.0 s to the picture at 5.0 s.
    assert_eq!((made.from, made.to), (at(3.0), at(5.0)));
    assert_eq!(
        (made.pictures, made.metadata, made.cut_short),
        (21, 21, false)
    );
    assert_eq!(made.segments, [&all[1], &all[2]].map(|p| p.sha256.clone()));
    let original = metadata(&dir.join("whole.ts"));
    assert_eq!(metadata(&out), original[30..=50]);
    let line = Timeline::read(&out).unwrap();
    assert_eq!((line.size, line.pictures.len()), ((W, H), 21));
}

#[test]
fn a_clip_ends_where_the_recording_has_a_gap() {
    let dir = folder("clip-gap");
    let mut all = pieces(&dir, 80);
    all.remove(2);
    let out = Box::new(Vec::new());
    let made = clip(&all, (at(3.0), at(7.0)), out, "clip.ts").unwrap();
    assert_eq!((made.to, made.cut_short), (at(3.9), true));
}

#[test]
fn an_altered_segment_gives_no_clip_and_no_picture_none() {
    let dir = folder("clip-altered");
    let all = pieces(&dir, 40);
    let mut bytes = fs::read(&all[1].path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&all[1].path, bytes).unwrap();
    let made = |from, to| clip(&all, (at(from), at(to)), Box::new(Vec::new()), "clip.ts");
    assert!(matches!(made(1.0, 3.0), Err(Error::Altered(path)) if path.ends_with("1.ts")));
    // The other one is as it was.
    assert_eq!(made(0.2, 1.0).unwrap().pictures, 11);
    assert!(matches!(made(9.0, 9.5), Err(Error::NothingThere(_))));
}
