//! Terrain files, whole and damaged.

use super::*;

fn hgt(points: usize, at: impl Fn(usize, usize) -> i16) -> Vec<u8> {
    (0..points * points)
        .flat_map(|i| at(i % points, i / points).to_be_bytes())
        .collect()
}

fn rad(degrees: f64) -> f64 {
    degrees.to_radians()
}

#[test]
fn an_hgt_is_placed_by_its_name() {
    // Rises by a metre a column to the east and two a row to the south; a hole near the middle.
    let bytes = hgt(1201, |c, r| {
        if (c, r) == (600, 600) {
            -32768
        } else {
            (c + 2 * r) as i16
        }
    });
    let t = read("S34W119.hgt", &bytes).unwrap();
    let at = |lat: f64, lon: f64| t.height_m(rad(lat), rad(lon));
    let (lat, lon) = (-33.0 - 100.25 / 1200.0, -119.0 + 7.5 / 1200.0);
    assert!(
        (at(lat, lon).unwrap() - 208.0).abs() < 1e-4,
        "{:?}",
        at(lat, lon)
    );
    // The four corners and the edges are its own, what is beyond is not.
    assert!((at(-34.0, -118.0).unwrap() - 3600.0).abs() < 1e-4);
    assert_eq!((at(-34.001, -118.5), at(-33.5, -117.999)), (None, None));
    // Beside the hole nothing is known, never a zero.
    assert_eq!(at(-33.5 + 0.4 / 1200.0, -118.5), None);
    assert!(at(-33.5 + 1.5 / 1200.0, -118.5).is_some());
    assert!((t.highest_m() - 3600.0).abs() < 1e-6);
    let (east, north) = (76.8, 92.4);
    assert!((t.steepest() - (1.0f64 / east).hypot(2.0 / north)).abs() < 3e-4);
    assert!((t.spacing_m() - east).abs() < 1.0);
}

#[test]
fn an_hgt_of_another_size_or_name_is_refused() {
    for (name, bytes, says) in [
        ("N34W119.hgt", vec![0; 100], "100 bytes are neither"),
        ("tile.hgt", hgt(1201, |_, _| 0), "placed by its name"),
        ("N99W119.hgt", hgt(1201, |_, _| 0), "placed by its name"),
        ("N34W1é.hgt", hgt(1201, |_, _| 0), "placed by its name"),
        ("notes.txt", b"hello".to_vec(), "neither GeoTIFF nor DTED"),
    ] {
        let e = read(name, &bytes).err().unwrap().to_string();
        assert!(e.contains(says) && !e.contains('\n'), "{e}");
    }
}

/// A DTED cell as MIL-PRF-89020B lays it out.
fn dted(
    lon: &str,
    lat: &str,
    columns: usize,
    rows: usize,
    at: impl Fn(usize, usize) -> u16,
) -> Vec<u8> {
    let mut bytes = format!(
        "UHL1{lon}{lat}00300030  20U  {:12}{columns:04}{rows:04}0",
        ""
    );
    bytes.push_str(&" ".repeat(80 - bytes.len()));
    let dsi = format!("DSIU{:137}MSLWGS84", "");
    bytes.push_str(&format!("{dsi:648}{:2700}", "ACCNA  0020"));
    let mut bytes = bytes.into_bytes();
    for column in 0..columns {
        let mut record = vec![0xaa, 0, 0, 0];
        record.extend((column as u16).to_be_bytes());
        record.extend([0, 0]);
        for row in 0..rows {
            record.extend(at(column, row).to_be_bytes());
        }
        let sum: u32 = record.iter().map(|b| u32::from(*b)).sum();
        record.extend(sum.to_be_bytes());
        bytes.extend(record);
    }
    bytes
}

#[test]
fn dted_runs_from_south_to_north_with_sign_and_magnitude() {
    let bytes = dted("0070000E", "0460000N", 11, 21, |c, r| match (c, r) {
        (5, 5) => 0xffff,          // not known
        (0, 0) => 0x8000 | 12,     // twelve metres below the sea
        (0, 1) => (-30i16) as u16, // as some makers wrote what is below it
        _ => (100 * c + r) as u16,
    });
    let t = read("e007.dt1", &bytes).unwrap();
    let s = 3.0 / 3600.0;
    let at = |c: f64, r: f64| t.height_m(rad(46.0 + r * s), rad(7.0 + c * s));
    let near = |a: Option<f64>, b: f64| (a.unwrap() - b).abs() < 1e-3;
    assert!(near(at(0.0, 0.0), -12.0) && near(at(0.0, 1.0), -30.0));
    assert!(near(at(3.5, 17.25), 367.25) && near(at(10.0, 20.0), 1020.0));
    assert_eq!(
        (at(5.0, 4.5), at(10.1, 3.0), at(-0.1, 3.0)),
        (None, None, None)
    );
    assert!((t.sigma_m() - 20.0 / 1.645).abs() < 1e-9);
    // Behind the labels of a tape, and in the other half of the world.
    let mut tape = b"VOL1".to_vec();
    tape.resize(80, b' ');
    tape.extend(dted("0070000W", "0460000S", 11, 21, |c, _| c as u16));
    let t = read("x.dt0", &tape).unwrap();
    assert!(near(t.height_m(rad(-46.0 + s), rad(-7.0 + 4.0 * s)), 4.0));
}

#[test]
fn damaged_dted_is_refused_in_one_line_and_never_panics() {
    let whole = dted("0070000E", "0460000N", 11, 21, |c, r| (c + r) as u16);
    assert!(read("x.dt1", &whole).is_ok());
    let says = |bytes: &[u8]| read("x.dt1", bytes).err().unwrap().to_string();
    let mut flipped = whole.clone();
    let n = flipped.len();
    flipped[n - 30] ^= 4;
    assert!(says(&flipped).contains("checksum of column 11 of 11"));
    assert!(says(&whole[..n - 1]).contains("cut off"));
    assert!(says(&whole[..200]).contains("cut off"));
    let mut old = whole.clone();
    old[80 + 144..80 + 149].copy_from_slice(b"WGS72");
    assert!(says(&old).contains("gdalwarp"));
    let mut huge = whole.clone();
    huge[47..55].copy_from_slice(b"99999999");
    assert!(says(&huge).contains("9999 x 9999"));
    // Every header byte, damaged in turn, is read or refused in one line.
    for i in (0..240).chain(700..760).chain(3420..3460) {
        for v in [0u8, b' ', b'9', 0xff] {
            let mut bytes = whole.clone();
            bytes[i] = v;
            if let Err(e) = read("x.dt1", &bytes) {
                assert!(!e.to_string().contains('\n'));
            }
        }
    }
}

#[test]
fn the_first_tile_that_knows_a_height_says_it() {
    let west = hgt(1201, |_, _| 10);
    let east = hgt(1201, |_, _| 20);
    let t = Tiles(vec![
        Box::new(read("N40W004.hgt", &west).unwrap()),
        Box::new(read("N40W003.hgt", &east).unwrap()),
    ]);
    assert_eq!(t.height_m(rad(40.5), rad(-3.5)), Some(10.0));
    assert_eq!(t.height_m(rad(40.5), rad(-2.5)), Some(20.0));
    assert_eq!(t.height_m(rad(41.5), rad(-2.5)), None);
    assert_eq!((t.highest_m(), t.steepest()), (20.0, 0.0));
}
