//! Pictures, whole and damaged.

use super::*;
use crate::{Geodetic, LocalFrame, Vector2, Vector3};
use tiff::encoder::colortype::{self, ColorType as Colour};
use tiff::encoder::{Compression, DeflateLevel, Rational, TiffEncoder, TiffValue};

/// Geographic keys, and those of UTM zone 30 north.
const DEGREES: [u16; 16] = [1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326];
const UTM: [u16; 16] = [1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32630];

fn file<C: Colour>(
    (w, h): (u32, u32),
    px: &[C::Inner],
    packing: Compression,
    keys: &[u16],
    (corner, step): ((f64, f64), f64),
) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let mut out = Cursor::new(Vec::new());
    let mut tiff = TiffEncoder::new(&mut out)
        .unwrap()
        .with_compression(packing);
    let mut image = tiff.new_image::<C>(w, h).unwrap();
    image.rows_per_strip(7).unwrap();
    let e = image.encoder();
    e.write_tag(Tag::XResolution, Rational { n: 1, d: 1 })
        .unwrap();
    e.write_tag(Tag::ModelPixelScaleTag, &[step, step, 0.0][..])
        .unwrap();
    let tie = [0.0, 0.0, 0.0, corner.0, corner.1, 0.0];
    e.write_tag(Tag::ModelTiepointTag, &tie[..]).unwrap();
    e.write_tag(Tag::GeoKeyDirectoryTag, keys).unwrap();
    image.write_data(px).unwrap();
    out.into_inner()
}

const PLACE: ((f64, f64), f64) = ((456_000.0, 4_428_000.0), 0.25);

fn grey(packing: Compression) -> Vec<u8> {
    let px: Vec<u8> = (0..40 * 30).map(|i| (i % 251) as u8).collect();
    file::<colortype::Gray8>((40, 30), &px, packing, &UTM, PLACE)
}

/// Tiles of 16 by 16 that are not packed, written by hand: what encodes here writes strips alone.
fn tiled(w: u32, h: u32, at: impl Fn(u32, u32) -> u8) -> Vec<u8> {
    let (across, down) = (w.div_ceil(16), h.div_ceil(16));
    let mut bytes = b"II*\0\0\0\0\0".to_vec();
    let mut offsets = Vec::new();
    for (r, c) in (0..down).flat_map(|r| (0..across).map(move |c| (r, c))) {
        offsets.push(bytes.len() as u32);
        for (y, x) in (0..16).flat_map(|y| (0..16).map(move |x| (y, x))) {
            bytes.push(at(c * 16 + x, r * 16 + y));
        }
    }
    let mut long = |values: &[u32]| {
        let at = bytes.len() as u32;
        bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        at
    };
    let n = offsets.len() as u32;
    let (at, counts) = (long(&offsets), long(&vec![256; n as usize]));
    let mut double = |values: &[f64]| {
        let at = bytes.len() as u32;
        bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        at
    };
    let scale = double(&[0.25, 0.25, 0.0]);
    let tie = double(&[0.0, 0.0, 0.0, PLACE.0.0, PLACE.0.1, 0.0]);
    let keys = bytes.len() as u32;
    bytes.extend(UTM.iter().flat_map(|v| v.to_le_bytes()));
    let begin = bytes.len() as u32;
    let entries: [(u16, u16, u32, u32); 13] = [
        (256, 4, 1, w),
        (257, 4, 1, h),
        (258, 3, 1, 8),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (277, 3, 1, 1),
        (322, 4, 1, 16),
        (323, 4, 1, 16),
        (324, 4, n, at),
        (325, 4, n, counts),
        (33550, 12, 3, scale),
        (33922, 12, 6, tie),
        (34735, 3, 16, keys),
    ];
    bytes.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, n, v) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(n.to_le_bytes());
        bytes.extend(v.to_le_bytes());
    }
    bytes.extend([0; 4]);
    bytes[4..8].copy_from_slice(&begin.to_le_bytes());
    bytes
}

#[test]
fn strips_of_every_packing_and_tiles_give_the_same_picture() {
    let plain = Ortho::read(&grey(Compression::Uncompressed)).unwrap();
    assert_eq!((plain.width, plain.height), (40, 30));
    // Black is known: only what says so is not.
    assert_eq!((plain.luma[0], plain.luma[45], plain.luma[251]), (1, 45, 1));
    for packing in [
        Compression::Deflate(DeflateLevel::Fast),
        Compression::Lzw,
        Compression::Packbits,
    ] {
        assert_eq!(Ortho::read(&grey(packing)).unwrap(), plain);
    }
    let tiles = tiled(40, 30, |x, y| ((y * 40 + x) % 251) as u8);
    assert_eq!(Ortho::read(&tiles).unwrap(), plain);
}

#[test]
fn colours_weigh_as_the_eye_has_them_and_what_is_transparent_is_not_known() {
    let mut px = Vec::new();
    for i in 0..400u32 {
        px.extend([200, 100, 50, if i == 3 { 0 } else { 255 }]);
    }
    let rgba = file::<colortype::RGBA8>((20, 20), &px, Compression::Lzw, &UTM, PLACE);
    let o = Ortho::read(&rgba).unwrap();
    // 0.2126, 0.7152 and 0.0722 of them.
    assert!((i32::from(o.luma[0]) - 118).abs() <= 1, "{}", o.luma[0]);
    assert_eq!((o.luma[3], o.luma[4]), (0, o.luma[0]));
    let px: Vec<u8> = (0..1200).map(|_| 9).collect();
    let rgb = file::<colortype::RGB8>((20, 20), &px, Compression::Uncompressed, &UTM, PLACE);
    assert!(Ortho::read(&rgb).unwrap().luma.iter().all(|v| *v == 9));
}

#[test]
fn pixels_lie_where_utm_and_degrees_say() {
    let o = Ortho::read(&grey(Compression::Uncompressed)).unwrap();
    assert!((o.pixel_m - 0.25).abs() < 1e-3);
    // A metre east and north of the middle of the fifth pixel of the third row, through a local frame.
    let frame = LocalFrame::new(Geodetic::from_degrees(40.0, -3.515, 700.0));
    let v = Vector2::new;
    let corners = [
        v(-50.0, 50.0),
        v(50.0, 50.0),
        v(50.0, -50.0),
        v(-50.0, -50.0),
    ];
    let map = o.place.from_ground(&frame, &corners, 0.0).unwrap();
    for at in [v(0.0, 0.0), v(31.0, -17.0)] {
        let g = frame.to_geodetic(&Vector3::new(at.x, at.y, 0.0));
        let (e, n) = crate::utm::forward(g.lat, g.lon, 30, false);
        let want = v((e - PLACE.0.0) / 0.25 - 0.5, (PLACE.0.1 - n) / 0.25 - 0.5);
        assert!((map.apply(at).unwrap() - want).norm() < 1e-3);
    }
    let px = [7u8; 400];
    let degrees = ((-3.5, 40.0), 1e-5);
    let o = file::<colortype::Gray8>((20, 20), &px, Compression::Uncompressed, &DEGREES, degrees);
    let o = Ortho::read(&o).unwrap();
    let (c, r) = o
        .place
        .pixel(39.999f64.to_radians(), (-3.4995f64).to_radians());
    assert!(
        (c - 49.5).abs() < 1e-6 && (r - 99.5).abs() < 1e-6,
        "{c} {r}"
    );
    // The step to the south is the longer one.
    assert!((o.pixel_m - 1.11).abs() < 0.01, "{}", o.pixel_m);
}

fn says(bytes: &[u8]) -> String {
    let e = Ortho::read(bytes).unwrap_err().to_string();
    assert!(!e.contains('\n'), "{e}");
    e
}

#[test]
fn european_coordinates_have_gone_north_east_with_the_plate() {
    let px = [0u8; 400];
    let of = |keys: &[u16]| {
        let bytes = file::<colortype::Gray8>((20, 20), &px, Compression::Uncompressed, keys, PLACE);
        Ortho::read(&bytes).unwrap().place
    };
    let mut etrs = UTM;
    etrs[15] = 25830;
    let g = Geodetic::from_degrees(40.0, -3.5, 0.0);
    let (a, b) = (of(&UTM).pixel(g.lat, g.lon), of(&etrs).pixel(g.lat, g.lon));
    // The same place of today has coordinates further to the south-west there, by pixels of a quarter of a metre.
    let (east, north) = ((a.0 - b.0) * PLACE.1, (b.1 - a.1) * PLACE.1);
    assert!((0.68..0.78).contains(&east), "{east}");
    assert!((0.55..0.70).contains(&north), "{north}");
    let mut degrees = DEGREES;
    degrees[15] = 4258;
    assert_ne!(of(&degrees), of(&DEGREES));
}

#[test]
fn what_cannot_be_used_is_refused_with_the_remedy() {
    let px = vec![0u16; 400];
    let deep = file::<colortype::Gray16>((20, 20), &px, Compression::Uncompressed, &UTM, PLACE);
    assert!(says(&deep).contains("-ot Byte"));
    let px = [0u8; 400];
    let grey = |keys: &[u16], size| {
        let px = &px[..(size as usize).pow(2)];
        file::<colortype::Gray8>((size, size), px, Compression::Uncompressed, keys, PLACE)
    };
    let mut mercator = UTM;
    mercator[15] = 3857;
    assert!(says(&grey(&mercator, 20)).contains("EPSG:3857; reproject"));
    assert!(says(&grey(&[1, 1, 0, 0], 20)).contains("neither UTM nor WGS84"));
    assert!(says(&grey(&UTM, 8)).contains("8 x 8 pixels"));
    assert!(says(b"II*\0").contains("not a TIFF"));
    assert!(says(b"\x89PNG\r\n").contains("not a TIFF"));
    // A hundred million pixels in one strip that is not there: refused before room is taken for them.
    let mut bomb = tiled(40, 30, |_, _| 0);
    let directory = u32::from_le_bytes(bomb[4..8].try_into().unwrap()) as usize + 2;
    for (entry, v) in [(0, 10_000u32), (1, 10_000), (6, 9_984), (7, 9_984)] {
        let at = directory + 12 * entry + 8;
        bomb[at..at + 4].copy_from_slice(&v.to_le_bytes());
    }
    assert!(says(&bomb).contains("TILED=YES"));
}

#[test]
fn damage_anywhere_is_read_or_refused_in_one_line() {
    for whole in [
        grey(Compression::Deflate(DeflateLevel::Fast)),
        grey(Compression::Lzw),
        tiled(40, 30, |x, y| (x ^ y) as u8),
    ] {
        assert!(Ortho::read(&whole).is_ok());
        for cut in (0..whole.len()).step_by(37) {
            if Ortho::read(&whole[..cut]).is_err() {
                says(&whole[..cut]);
            }
        }
        for i in (0..whole.len()).step_by(3) {
            for v in [0u8, 1, 0x7f, 0xff] {
                let mut bytes = whole.clone();
                bytes[i] = v;
                if let Ok(o) = Ortho::read(&bytes) {
                    assert_eq!(o.luma.len(), o.width * o.height);
                }
            }
        }
    }
}
