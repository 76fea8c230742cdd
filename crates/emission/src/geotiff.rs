//! The posterior of the place as GeoTIFF (OGC 19-008r4): one band of 32-bit floats, north up.

use crate::grid::Grid;

/// A field of a TIFF directory: tag, type, count, bytes.
type Field = (u16, u16, u32, Vec<u8>);

const SHORT: u16 = 3;
const LONG: u16 = 4;
const ASCII: u16 = 2;
const DOUBLE: u16 = 12;
/// A value of a geo key that is not from a list.
const USER: u16 = 32767;

/// The probability of each square that it holds the source, given that there is one. `origin` is where
/// local metres are zero, longitude and latitude in degrees: the map is then placed by a transverse
/// Mercator projection around it, which at such distances is the local metres; without it the
/// coordinates are local metres and no more.
pub fn geotiff(grid: &Grid, squares: &[f64], origin: Option<[f64; 2]>) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(4 * squares.len());
    for row in squares.chunks(grid.columns.max(1)).rev() {
        for p in row {
            pixels.extend_from_slice(&(*p as f32).to_le_bytes());
        }
    }
    let shorts = |v: &[u16]| v.iter().flat_map(|s| s.to_le_bytes()).collect::<Vec<u8>>();
    let doubles = |v: &[f64]| v.iter().flat_map(|d| d.to_le_bytes()).collect::<Vec<u8>>();
    let short = |tag: u16, v: u16| -> Field { (tag, SHORT, 1, v.to_le_bytes().to_vec()) };
    let long = |tag: u16, v: u32| -> Field { (tag, LONG, 1, v.to_le_bytes().to_vec()) };
    let citation = if origin.is_some() {
        "local metres around the origin|"
    } else {
        "local metres|"
    };
    let (keys, numbers) = geo_keys(origin, citation.len() as u16);
    let north = grid.origin.1 + grid.rows as f64 * grid.side;
    let tie = [0.0, 0.0, 0.0, grid.origin.0, north, 0.0];
    let mut fields: Vec<Field> = vec![
        long(256, grid.columns as u32),
        long(257, grid.rows as u32),
        short(258, 32),
        // Not compressed; black is zero.
        short(259, 1),
        short(262, 1),
        // Where the strip begins is filled in below.
        long(273, 0),
        short(277, 1),
        long(278, grid.rows as u32),
        long(279, pixels.len() as u32),
        short(284, 1),
        // Floating point.
        short(339, 3),
        (33550, DOUBLE, 3, doubles(&[grid.side, grid.side, 0.0])),
        (33922, DOUBLE, 6, doubles(&tie)),
        (34735, SHORT, keys.len() as u32, shorts(&keys)),
    ];
    if !numbers.is_empty() {
        fields.push((34736, DOUBLE, numbers.len() as u32, doubles(&numbers)));
    }
    let mut ascii = citation.as_bytes().to_vec();
    ascii.push(0);
    fields.push((34737, ASCII, ascii.len() as u32, ascii));
    assemble(fields, &pixels)
}

/// The directory of geo keys, and the numbers that it refers to.
fn geo_keys(origin: Option<[f64; 2]>, citation: u16) -> (Vec<u16>, Vec<f64>) {
    const DOUBLES: u16 = 34736;
    const TEXTS: u16 = 34737;
    // Key, where its value is (0: here), count, value.
    let Some([lon, lat]) = origin else {
        let keys = vec![
            1, 1, 0, 3, 1024, 0, 1, USER, 1025, 0, 1, 1, 1026, TEXTS, citation, 0,
        ];
        return (keys, Vec::new());
    };
    let entries: [[u16; 4]; 14] = [
        [1024, 0, 1, 1],
        // A pixel is an area.
        [1025, 0, 1, 1],
        [1026, TEXTS, citation, 0],
        // WGS 84; a projection of our own: transverse Mercator, metres.
        [2048, 0, 1, 4326],
        [3072, 0, 1, USER],
        [3073, TEXTS, citation, 0],
        [3074, 0, 1, USER],
        [3075, 0, 1, 1],
        [3076, 0, 1, 9001],
        [3080, DOUBLES, 1, 0],
        [3081, DOUBLES, 1, 1],
        [3082, DOUBLES, 1, 2],
        [3083, DOUBLES, 1, 3],
        [3092, DOUBLES, 1, 4],
    ];
    let mut keys = vec![1, 1, 0, entries.len() as u16];
    keys.extend(entries.iter().flatten());
    (keys, vec![lon, lat, 0.0, 0.0, 1.0])
}

/// Header, directory, long values, pixels.
fn assemble(mut fields: Vec<Field>, pixels: &[u8]) -> Vec<u8> {
    const HEADER: usize = 8;
    let directory = 2 + 12 * fields.len() + 4;
    let even = |n: usize| n + n % 2;
    let values: usize = fields
        .iter()
        .filter(|f| f.3.len() > 4)
        .map(|f| even(f.3.len()))
        .sum();
    let strip = HEADER + directory + values;
    if let Some(offset) = fields.iter_mut().find(|f| f.0 == 273) {
        offset.3 = (strip as u32).to_le_bytes().to_vec();
    }
    let mut out = b"II*\0\x08\0\0\0".to_vec();
    out.extend_from_slice(&(fields.len() as u16).to_le_bytes());
    let mut at = HEADER + directory;
    let mut long = Vec::new();
    for (tag, kind, count, bytes) in &fields {
        out.extend_from_slice(&tag.to_le_bytes());
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&count.to_le_bytes());
        if bytes.len() <= 4 {
            let mut short = bytes.clone();
            short.resize(4, 0);
            out.extend_from_slice(&short);
        } else {
            out.extend_from_slice(&(at as u32).to_le_bytes());
            long.extend_from_slice(bytes);
            long.resize(even(long.len()), 0);
            at += even(bytes.len());
        }
    }
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&long);
    out.extend_from_slice(pixels);
    out
}
