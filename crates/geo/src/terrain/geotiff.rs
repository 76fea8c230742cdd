//! Terrain models as GeoTIFF.

use super::grid::Grid;
use super::raster::Raster;
use super::{SRTM_SIGMA_M, TerrainError};
use crate::georeference::Georeference;
use std::io::Cursor;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

/// Most pixels: 10,000 by 10,000.
const MOST_PIXELS: u64 = 100_000_000;

/// Reads a terrain model: one band of heights in metres above mean sea level, north up, in WGS84 degrees
/// (EPSG:4326) or UTM on WGS84 (EPSG:326xx, 327xx). Its vertical keys are not looked at: SRTM, Copernicus
/// and national models are above a geoid, within a metre or two of sea level.
pub(super) fn read(bytes: &[u8]) -> Result<Raster, TerrainError> {
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
    Ok(Raster::new(
        Grid::new(width, height, heights),
        place,
        SRTM_SIGMA_M,
    ))
}
