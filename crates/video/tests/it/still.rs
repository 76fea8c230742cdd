use atalaya_video::still::{Crop, StillOptions, jpeg, jpeg_gray};
use atalaya_video::{Decoder, Demuxer};

use crate::support::*;

fn decode(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("still.jpg");
    std::fs::write(&path, bytes).unwrap();
    let mut demuxer = Demuxer::open(&path).unwrap();
    let mut decoder = Decoder::new(demuxer.video().unwrap()).unwrap();
    let mut pictures = Vec::new();
    while let Some(packet) = demuxer.read().unwrap() {
        decoder.push(&packet, &mut pictures).unwrap();
    }
    decoder.flush(&mut pictures).unwrap();
    assert_eq!(pictures.len(), 1);
    let p = &pictures[0];
    let rows = (0..p.height as usize)
        .flat_map(|y| p.plane(0)[y * p.stride(0)..][..p.width as usize].to_vec())
        .collect();
    (p.width, p.height, rows)
}

#[test]
fn a_still_shows_the_picture_and_a_crop_its_part() {
    let planes = picture(320, 200, 0);
    let whole = jpeg(&planes.image(), StillOptions::default()).unwrap();
    assert_eq!(&whole[..3], [0xFF, 0xD8, 0xFF]);
    assert_eq!(
        whole,
        jpeg(&planes.image(), StillOptions::default()).unwrap()
    );
    assert_eq!(decode(&whole).0, 320);

    let part = StillOptions {
        crop: Some(Crop {
            x: 4,
            y: 10,
            width: 12,
            height: 12,
        }),
        width: Some(48),
        quality: 95,
    };
    let (width, height, luma) = decode(&jpeg(&planes.image(), part).unwrap());
    assert_eq!((width, height), (48, 48));
    // The bright square, expanded from video to full range.
    assert!(luma[24 * 48 + 24] > 235, "{}", luma[24 * 48 + 24]);
}

#[test]
fn grey_rows_of_any_stride_do() {
    let luma: Vec<u8> = (0..70 * 33).map(|n| (n % 70) as u8 * 3).collect();
    let bytes = jpeg_gray(
        63,
        33,
        70,
        &luma,
        StillOptions {
            quality: 100,
            ..Default::default()
        },
    )
    .unwrap();
    let (width, height, decoded) = decode(&bytes);
    assert_eq!((width, height), (63, 33));
    assert!(
        decoded[16 * 63 + 40].abs_diff(120) < 6,
        "{}",
        decoded[16 * 63 + 40]
    );
}

#[test]
fn a_crop_outside_and_short_planes_are_refused() {
    let planes = picture(64, 64, 0);
    let outside = StillOptions {
        crop: Some(Crop {
            x: 64,
            y: 0,
            width: 5,
            height: 5,
        }),
        ..Default::default()
    };
    let text = jpeg(&planes.image(), outside).unwrap_err().to_string();
    assert!(text.contains("outside the 64x64 image"), "{text}");
    assert!(jpeg_gray(64, 64, 64, &planes.y[..100], StillOptions::default()).is_err());
}
