//! Terrain models as GeoTIFF.

use super::grid::Grid;
use super::{Terrain, TerrainError};
use crate::georeference::Georeference;
use std::io::Cursor;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

/// A terrain model: one band of heights in metres above mean sea level, north up, in WGS84 degrees
/// (EPSG:4326) or UTM on WGS84 (EPSG:326xx, 327xx). Its vertical keys are not looked at: SRTM, Copernicus
/// and national models are above a geoid, within a metre or two of sea level.
#[derive(Clone, Debug)]
pub struct GeoTiff {
    grid: Grid,
    place: Georeference,
    /// Metres between points, east and north, at the narrowest.
    step_m: (f64, f64),
}

/// Most pixels: 10,000 by 10,000.
const MOST_PIXELS: u64 = 100_000_000;

impl GeoTiff {
    /// Reads a file's bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, TerrainError> {
        let bad = |e: tiff::TiffError| {
            TerrainError::new(format!(
                "not a TIFF that can be read ({}); convert it with gdal_translate -co COMPRESS=DEFLATE",
                e.to_string()
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
            ))
        };
        let mut limits = Limits::default();
        limits.decoding_buffer_size = 8 * MOST_PIXELS as usize;
        let mut d = Decoder::new(Cursor::new(bytes))
            .map_err(bad)?
            .with_limits(limits);
        let (width, height) = d.dimensions().map_err(bad)?;
        if u64::from(width) * u64::from(height) > MOST_PIXELS || width < 2 || height < 2 {
            return Err(TerrainError::new(format!(
                "{width} x {height} pixels is not a terrain model of at most 10,000 x 10,000; cut it with gdalwarp -te"
            )));
        }
        let place = Georeference::read(&mut d).map_err(TerrainError::new)?;
        let nodata = d
            .get_tag_ascii_string(Tag::GdalNodata)
            .ok()
            .and_then(|t| t.trim_matches(['\0', ' ']).parse::<f64>().ok());
        let raw: Vec<f32> = match d.read_image().map_err(bad)? {
            DecodingResult::I16(v) => v.into_iter().map(f32::from).collect(),
            DecodingResult::U16(v) => v.into_iter().map(f32::from).collect(),
            DecodingResult::U8(v) => v.into_iter().map(f32::from).collect(),
            DecodingResult::I32(v) => v.into_iter().map(|x| x as f32).collect(),
            DecodingResult::F32(v) => v,
            DecodingResult::F64(v) => v.into_iter().map(|x| x as f32).collect(),
            _ => {
                return Err(TerrainError::new(
                    "heights are of a kind that is not read; convert them with gdal_translate -ot Float32",
                ));
            }
        };
        let (width, height) = (width as usize, height as usize);
        if raw.len() != width * height {
            return Err(TerrainError::new(
                "it has more than one band; take the heights alone with gdal_translate -b 1",
            ));
        }
        // Nothing has a declared value for "not known" by chance.
        let heights = raw
            .into_iter()
            .map(|h| {
                if nodata == Some(f64::from(h)) {
                    f32::NAN
                } else {
                    h
                }
            })
            .collect();
        Ok(Self {
            grid: Grid::new(width, height, heights),
            place,
            step_m: place.step_m(height),
        })
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        self.grid.size()
    }
}

impl Terrain for GeoTiff {
    fn height_m(&self, lat: f64, lon: f64) -> Option<f64> {
        let (c, r) = self.place.pixel(lat, lon);
        self.grid.at(c, r)
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
}
