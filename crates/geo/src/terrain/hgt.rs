//! Terrain models of SRTM as they are given out: `.hgt`, a degree by a degree.

use super::grid::Grid;
use super::{Terrain, TerrainError};
use crate::wgs84::{meridian_radius, prime_vertical_radius};

/// A tile of one or three seconds of arc: rows from north to south of 16-bit heights, the first byte the
/// greater, in metres above EGM96; -32768 where not known (NASA, SRTM Collection User Guide, section 2.1).
#[derive(Clone, Debug)]
pub struct Hgt {
    grid: Grid,
    /// South-west corner, degrees.
    corner: (f64, f64),
    /// Intervals a degree.
    per_degree: f64,
}

impl Hgt {
    /// Reads a tile. Its name, such as `N34W119.hgt`, says where its south-west corner is.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, TerrainError> {
        let corner = corner(name).ok_or_else(|| {
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
        Ok(Self {
            grid: Grid::new(points, points, heights),
            corner,
            per_degree: (points - 1) as f64,
        })
    }

    /// Metres between points, east and north, at the edge that is nearer to a pole.
    fn step_m(&self) -> (f64, f64) {
        step_m(
            self.corner.1,
            self.corner.1 + 1.0,
            self.per_degree.recip(),
            self.per_degree.recip(),
        )
    }
}

/// Metres between points of a tile at its narrowest, east and north; its edges and steps in degrees.
pub(crate) fn step_m(south: f64, north: f64, east_step: f64, north_step: f64) -> (f64, f64) {
    let far = south.abs().max(north.abs()).min(89.99).to_radians();
    let near = if south * north < 0.0 {
        0.0
    } else {
        south.abs().min(north.abs()).to_radians()
    };
    (
        prime_vertical_radius(far) * far.cos() * east_step.to_radians(),
        meridian_radius(near) * north_step.to_radians(),
    )
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

impl Terrain for Hgt {
    fn height_m(&self, lat: f64, lon: f64) -> Option<f64> {
        let column = (lon.to_degrees() - self.corner.0) * self.per_degree;
        let row = (self.corner.1 + 1.0 - lat.to_degrees()) * self.per_degree;
        self.grid.at(column, row)
    }

    fn spacing_m(&self) -> f64 {
        let (east, north) = self.step_m();
        east.min(north)
    }

    fn highest_m(&self) -> f64 {
        self.grid.highest()
    }

    fn steepest(&self) -> f64 {
        let (east, north) = self.step_m();
        self.grid.steepest(east, north)
    }
}
