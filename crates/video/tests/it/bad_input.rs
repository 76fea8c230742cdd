use std::io::{Cursor, Read};
use std::path::Path;

use atalaya_video::{Decoder, Demuxer, Encoder, EncoderOptions, Error, TsMuxer};

use crate::support::*;

fn open(path: &Path) -> String {
    match Demuxer::open(path) {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => {
            let text = error.to_string();
            assert!(!text.contains('\n') && text.contains("; "), "{text}");
            text
        }
    }
}

#[test]
fn each_kind_of_bad_file_has_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    assert!(open(&dir.path().join("none.ts")).contains("no such file"));
    assert!(open(dir.path()).contains("cannot be opened: "));
    assert!(open(&file("empty.ts", b"")).contains("truncated or empty"));
    let text = "The quick brown fox jumps over the lazy dog.\n".repeat(400);
    assert!(open(&file("text.ts", text.as_bytes())).contains("not a video"));
    assert!(open(&file("notes.txt", text.as_bytes())).contains("not a video"));
    let noise: Vec<u8> = (0..60_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    assert!(open(&file("noise.bin", &noise)).contains("not a video"));
    let mut mp4 = b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\xFF\xFFmdat".to_vec();
    mp4.extend_from_slice(&noise[..5000]);
    assert!(open(&file("cut.mp4", &mp4)).contains("truncated"));
}

#[test]
fn a_file_cut_anywhere_gives_what_is_whole() {
    let dir = tempfile::tempdir().unwrap();
    let whole = transport_stream(30, FIRST_PTS);
    let mut most = 0;
    for cut in (0..whole.len()).step_by(1999) {
        let path = dir.path().join("cut.ts");
        std::fs::write(&path, &whole[..cut]).unwrap();
        let Ok(mut demuxer) = Demuxer::open(&path) else {
            continue;
        };
        let Some(stream) = demuxer.video().cloned() else {
            continue;
        };
        let mut decoder = Decoder::new(&stream).unwrap();
        let mut pictures = Vec::new();
        while let Some(packet) = demuxer.read().unwrap() {
            decoder.push(&packet, &mut pictures).unwrap();
        }
        decoder.flush(&mut pictures).unwrap();
        assert!(pictures.len() >= most);
        most = pictures.len();
    }
    assert!(most >= 25, "{most}");
}

struct Failing(Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer)? {
            0 => Err(std::io::Error::other("the cable is gone")),
            n => Ok(n),
        }
    }
}

#[test]
fn a_failing_reader_is_an_error_and_not_an_end() {
    let ts = transport_stream(30, FIRST_PTS);
    let mut demuxer = Demuxer::from_reader(Box::new(Failing(Cursor::new(ts)))).unwrap();
    let error = loop {
        match demuxer.read() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("ended without an error"),
            Err(error) => break error,
        }
    };
    assert!(
        matches!(&error, Error::Read { cause, .. } if cause == "the cable is gone"),
        "{error}"
    );
    assert!(demuxer.read().unwrap().is_none());
    let nothing = Demuxer::from_reader(Box::new(std::io::empty()));
    assert!(matches!(nothing, Err(Error::Truncated { .. })));
}

#[test]
fn impossible_wishes_are_refused() {
    assert!(Encoder::h264(EncoderOptions::new(161, 96, (15, 1))).is_err());
    assert!(Encoder::h264(EncoderOptions::new(160, 96, (0, 1))).is_err());
    let mut encoder = Encoder::h264(options()).unwrap();
    let mut out = Vec::new();
    let mut planes = picture(WIDTH, HEIGHT, 0);
    encoder
        .push(&planes.image(), 90_000, false, &mut out)
        .unwrap();
    let again = encoder
        .push(&planes.image(), 90_000, false, &mut out)
        .unwrap_err();
    assert!(again.to_string().contains("does not come after"));
    planes.u.truncate(5);
    assert!(
        encoder
            .push(&planes.image(), 96_000, false, &mut out)
            .is_err()
    );
    let nowhere = TsMuxer::create(Path::new("/nonexistent/x.ts"), 160, 96, &[]);
    assert!(matches!(nowhere, Err(Error::Write { .. })));
}
