//! A picture of where the source may be.

use crate::grid::Grid;
use flate2::{Compression, Crc, write::ZlibEncoder};
use std::io::{self, Write};

/// The longer side of a picture is about this, pixels.
const LONG: usize = 800;
/// White over yellow and red to dark.
const RAMP: [[f64; 3]; 5] = [
    [255.0, 255.0, 255.0],
    [255.0, 237.0, 160.0],
    [254.0, 178.0, 76.0],
    [240.0, 59.0, 32.0],
    [110.0, 0.0, 38.0],
];

/// The posterior of the place as a PNG (ISO/IEC 15948), north up; the darkest square is the likeliest,
/// in proportion to the square root, so that the edges of the region are seen. Empty is white.
pub fn png(grid: &Grid, squares: &[f64]) -> io::Result<Vec<u8>> {
    let top = squares.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let scale = (LONG / grid.columns.max(grid.rows)).max(1);
    let (w, h) = (grid.columns * scale, grid.rows * scale);
    let mut raw = Vec::with_capacity(h * (1 + 3 * w));
    for y in 0..h {
        // Each line begins with its filter: none.
        raw.push(0);
        for x in 0..w {
            let square = (grid.rows - 1 - y / scale) * grid.columns + x / scale;
            raw.extend_from_slice(&colour((squares[square] / top).sqrt()));
        }
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&raw)?;
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut head = Vec::new();
    head.extend_from_slice(&(w as u32).to_be_bytes());
    head.extend_from_slice(&(h as u32).to_be_bytes());
    // Eight bits, red green blue, deflate, filters by line, not interlaced.
    head.extend_from_slice(&[8, 2, 0, 0, 0]);
    chunk(&mut out, b"IHDR", &head);
    chunk(&mut out, b"IDAT", &packed.finish()?);
    chunk(&mut out, b"IEND", &[]);
    Ok(out)
}

fn colour(share: f64) -> [u8; 3] {
    let at = share.clamp(0.0, 1.0) * (RAMP.len() - 1) as f64;
    let i = (at as usize).min(RAMP.len() - 2);
    let f = at - i as f64;
    std::array::from_fn(|c| (RAMP[i][c] * (1.0 - f) + RAMP[i + 1][c] * f).round() as u8)
}

fn chunk(out: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    out.extend_from_slice(&(data.len() as u32).to_be_bytes());
    out.extend_from_slice(kind);
    out.extend_from_slice(data);
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    out.extend_from_slice(&crc.sum().to_be_bytes());
}
