//! Terrain models of SRTM as they are given out: `.hgt`, a degree by a degree.
//!
//! Tiles of one or three seconds of arc: rows from north to south of 16-bit heights, the first byte the
//! greater, in metres above EGM96; -32768 where not known (NASA, SRTM Collection User Guide, section 2.1).

use super::grid::Grid;
use super::raster::Raster;
use super::{SRTM_SIGMA_M, TerrainError};
use crate::georeference::Georeference;

/// Reads a tile. Its name, such as `N34W119.hgt`, says where its south-west corner is.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Raster, TerrainError> {
    let (west, south) = corner(name).ok_or_else(|| {
        TerrainError::new(
            "an .hgt is placed by its name alone; name it after its south-west corner, such as N34W119.hgt",
        )
    })?;
    let points = match bytes.len() {
        n if n == 2 * 1201 * 1201 => 1201,
        n if n == 2 * 3601 * 3601 => 3601,
        n => {
            return Err(TerrainError::new(format!(
                "{n} bytes are neither an .hgt of 1 second (25934402 bytes) nor one of 3 seconds (2884802); fetch it again, unpacked"
            )));
        }
    };
    let heights = bytes
        .chunks_exact(2)
        .map(|b| f32::from(i16::from_be_bytes([b[0], b[1]])))
        .collect();
    let step = 1.0 / (points - 1) as f64;
    let place = Georeference::in_degrees((west, south + 1.0), (step, step));
    Ok(Raster::new(
        Grid::new(points, points, heights),
        place,
        SRTM_SIGMA_M,
    ))
}

/// Longitude and latitude of the south-west corner, degrees.
fn corner(name: &str) -> Option<(f64, f64)> {
    let name = name.as_bytes();
    if name.len() < 7 || !name.is_ascii() {
        return None;
    }
    let number = |digits: &[u8]| -> Option<f64> {
        digits.iter().try_fold(0.0, |n, d| {
            d.is_ascii_digit().then(|| n * 10.0 + f64::from(d - b'0'))
        })
    };
    let sign = |letter: u8, minus: u8, plus: u8| {
        let letter = letter.to_ascii_uppercase();
        (letter == plus)
            .then_some(1.0)
            .or((letter == minus).then_some(-1.0))
    };
    let lat = sign(name[0], b'S', b'N')? * number(&name[1..3])?;
    let lon = sign(name[3], b'W', b'E')? * number(&name[4..7])?;
    let inside = (-90.0..90.0).contains(&lat) && (-180.0..180.0).contains(&lon);
    inside.then_some((lon, lat))
}
