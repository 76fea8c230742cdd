//! Heights on a grid that lies on the earth, whatever file they were read from.

use super::Terrain;
use super::grid::Grid;
use crate::georeference::Georeference;

/// A terrain model of rows and columns, bilinear between its points.
#[derive(Clone, Debug)]
pub struct Raster {
    grid: Grid,
    place: Georeference,
    /// Metres between points, east and north, at the narrowest.
    step_m: (f64, f64),
    sigma_m: f64,
}

impl Raster {
    /// Heights and where they lie; `sigma_m` is their one-sigma error.
    pub(super) fn new(grid: Grid, place: Georeference, sigma_m: f64) -> Self {
        let step_m = place.step_m(grid.size().1);
        Self {
            grid,
            place,
            step_m,
            sigma_m,
        }
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        self.grid.size()
    }
}

impl Terrain for Raster {
    fn height_m(&self, lat: f64, lon: f64) -> Option<f64> {
        let (column, row) = self.place.pixel(lat, lon);
        self.grid.at(column, row)
    }

    fn spacing_m(&self) -> f64 {
        self.step_m.0.min(self.step_m.1)
    }

    fn highest_m(&self) -> f64 {
        self.grid.highest()
    }

    fn steepest(&self) -> f64 {
        self.grid.steepest(self.step_m.0, self.step_m.1)
    }

    fn sigma_m(&self) -> f64 {
        self.sigma_m
    }
}
