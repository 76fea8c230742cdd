//! The ground: heights above mean sea level, from GeoTIFF, SRTM's `.hgt` and DTED.
//!
//! Heights are above the geoid, as the models' makers give them; whoever needs them above the
//! ellipsoid adds [`undulation_m`](crate::geoid::undulation_m).

mod dted;
mod geotiff;
mod grid;
mod hgt;
mod raster;

pub use raster::Raster;

/// Why a terrain model can't be used: cause and remedy on one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct TerrainError {
    /// Cause and remedy.
    pub what: String,
}

impl TerrainError {
    /// With cause and remedy.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }
}

/// Heights of the ground.
pub trait Terrain: Send + Sync {
    /// Height above mean sea level, metres, at a latitude and longitude in radians; nothing where it
    /// is not known.
    fn height_m(&self, lat: f64, lon: f64) -> Option<f64>;
    /// Distance between the heights it holds, metres.
    fn spacing_m(&self) -> f64;
    /// No ground is higher than this, metres above mean sea level.
    fn highest_m(&self) -> f64;
    /// No ground is steeper than this, metres of height per metre of way: what lets a ray be followed
    /// in steps that cannot pass through a hill.
    fn steepest(&self) -> f64;
    /// One-sigma error of the heights, metres: SRTM's specification unless the model says its own (16 m
    /// at 90 %; Farr et al. 2007, The Shuttle Radar Topography Mission, section 5).
    fn sigma_m(&self) -> f64 {
        SRTM_SIGMA_M
    }
}

/// Sigmas in a linear error of 90 % (STANAG 3809, annex A: as DTED states its accuracy).
const LE90: f64 = 1.645;
/// See [`Terrain::sigma_m`].
const SRTM_SIGMA_M: f64 = 16.0 / LE90;

/// The same height everywhere: what one says about the ground without a terrain model.
#[derive(Clone, Copy, Debug)]
pub struct Flat(pub f64);

impl Terrain for Flat {
    fn height_m(&self, _: f64, _: f64) -> Option<f64> {
        Some(self.0)
    }

    fn spacing_m(&self) -> f64 {
        100.0
    }

    fn highest_m(&self) -> f64 {
        self.0
    }

    fn steepest(&self) -> f64 {
        0.0
    }
}

/// Several models side by side, such as tiles of a degree: the first that knows a height says it.
pub struct Tiles(pub Vec<Box<dyn Terrain>>);

impl Terrain for Tiles {
    fn height_m(&self, lat: f64, lon: f64) -> Option<f64> {
        self.0.iter().find_map(|t| t.height_m(lat, lon))
    }

    fn spacing_m(&self) -> f64 {
        self.of(|t| t.spacing_m()).fold(f64::INFINITY, f64::min)
    }

    fn highest_m(&self) -> f64 {
        self.of(|t| t.highest_m()).fold(f64::NEG_INFINITY, f64::max)
    }

    fn steepest(&self) -> f64 {
        self.of(|t| t.steepest()).fold(0.0, f64::max)
    }

    fn sigma_m(&self) -> f64 {
        self.of(|t| t.sigma_m()).fold(0.0, f64::max)
    }
}

impl Tiles {
    fn of(&self, what: fn(&dyn Terrain) -> f64) -> impl Iterator<Item = f64> {
        self.0.iter().map(move |t| what(t.as_ref()))
    }
}

/// Reads a terrain model of any of the kinds. `name` is the file's, without its folder: that of an `.hgt`
/// says where it lies.
pub fn read(name: &str, bytes: &[u8]) -> Result<Raster, TerrainError> {
    let tiff = bytes.starts_with(b"II") || bytes.starts_with(b"MM");
    let suffix = name.rsplit('.').next().unwrap_or_default();
    if tiff {
        geotiff::read(bytes)
    } else if suffix.eq_ignore_ascii_case("hgt") {
        hgt::read(name, bytes)
    } else if dted::is(bytes) {
        dted::read(bytes)
    } else {
        Err(TerrainError::new(
            "neither GeoTIFF nor DTED, and not named .hgt; convert it with gdal_translate -of GTiff",
        ))
    }
}

#[cfg(test)]
mod tests;
