//! Terrain models as GeoTIFF.

use super::grid::Grid;
use super::hgt::step_m;
use super::{Terrain, TerrainError};
use crate::utm;
use std::io::Cursor;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::tags::Tag;

/// How places are counted in the file.
#[derive(Clone, Copy, Debug)]
enum Projection {
    /// Longitude and latitude in degrees, WGS84.
    Geographic,
    /// UTM on WGS84.
    Utm { zone: u8, south: bool },
}

/// A terrain model: one band of heights in metres above mean sea level, north up, in WGS84 degrees
/// (EPSG:4326) or UTM on WGS84 (EPSG:326xx, 327xx).
///
/// The keys and tags are those of OGC 19-008r4 (GeoTIFF 1.1). Its vertical keys are not looked at:
/// SRTM, Copernicus and national models are above a geoid, within a metre or two of sea level.
#[derive(Clone, Debug)]
pub struct GeoTiff {
    grid: Grid,
    projection: Projection,
    /// Place of the centre of the first pixel.
    first: (f64, f64),
    /// Size of a pixel, in the projection's unit.
    pixel: (f64, f64),
    /// Metres between points, east and north, at the narrowest.
    step_m: (f64, f64),
}

/// Most pixels: 10,000 by 10,000.
const MOST_PIXELS: u64 = 100_000_000;

const MODEL_TYPE: u16 = 1024;
const RASTER_TYPE: u16 = 1025;
const GEOGRAPHIC: u16 = 2048;
const PROJECTED: u16 = 3072;

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
        let projection = projection(&mut d)?;
        let (first, pixel) = placing(&mut d)?;
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
        let step_m = match projection {
            // The scale of a zone's grid is within a thousandth of one.
            Projection::Utm { .. } => (0.999 * pixel.0, 0.999 * pixel.1),
            Projection::Geographic => {
                let south = first.1 - pixel.1 * (height - 1) as f64;
                step_m(south, first.1, pixel.0, pixel.1)
            }
        };
        Ok(Self {
            grid: Grid::new(width, height, heights),
            projection,
            first,
            pixel,
            step_m,
        })
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        self.grid.size()
    }
}

impl Terrain for GeoTiff {
    fn height_m(&self, lat: f64, lon: f64) -> Option<f64> {
        let (x, y) = match self.projection {
            Projection::Geographic => (lon.to_degrees(), lat.to_degrees()),
            Projection::Utm { zone, south } => utm::forward(lat, lon, zone, south),
        };
        let c = (x - self.first.0) / self.pixel.0;
        let r = (self.first.1 - y) / self.pixel.1;
        self.grid.at(c, r)
    }

    fn spacing_m(&self) -> f64 {
        match self.projection {
            Projection::Utm { .. } => self.pixel.0.min(self.pixel.1),
            Projection::Geographic => self.step_m.0.min(self.step_m.1),
        }
    }

    fn highest_m(&self) -> f64 {
        self.grid.highest()
    }

    fn steepest(&self) -> f64 {
        self.grid.steepest(self.step_m.0, self.step_m.1)
    }
}

fn projection(d: &mut Decoder<Cursor<&[u8]>>) -> Result<Projection, TerrainError> {
    let keys = d.get_tag_u16_vec(Tag::GeoKeyDirectoryTag).map_err(|_| {
        TerrainError::new("it has no GeoTIFF keys, so that its place is not known; use gdal_translate -a_srs EPSG:… -a_ullr …")
    })?;
    let key = |id: u16| {
        keys.chunks_exact(4)
            .skip(1)
            .find(|k| k[0] == id && k[1] == 0)
            .map(|k| k[3])
    };
    let elsewhere = |what: String| {
        TerrainError::new(format!(
            "its coordinates are {what}; reproject it with gdalwarp -t_srs EPSG:4326"
        ))
    };
    match (key(MODEL_TYPE), key(PROJECTED), key(GEOGRAPHIC)) {
        (Some(1), Some(epsg), _) => match epsg {
            32601..=32660 => Ok(Projection::Utm {
                zone: (epsg - 32600) as u8,
                south: false,
            }),
            32701..=32760 => Ok(Projection::Utm {
                zone: (epsg - 32700) as u8,
                south: true,
            }),
            other => Err(elsewhere(format!("EPSG:{other}"))),
        },
        (Some(2), _, Some(4326)) => Ok(Projection::Geographic),
        (Some(2), _, other) => Err(elsewhere(format!("EPSG:{}", other.unwrap_or(0)))),
        _ => Err(elsewhere("neither UTM nor WGS84 degrees".into())),
    }
}

/// A pair of numbers: of a place, or of a size.
type Pair = (f64, f64);

/// Centre of the first pixel, and size of a pixel.
fn placing(d: &mut Decoder<Cursor<&[u8]>>) -> Result<(Pair, Pair), TerrainError> {
    let scale = d
        .get_tag_f64_vec(Tag::ModelPixelScaleTag)
        .unwrap_or_default();
    let tie = d.get_tag_f64_vec(Tag::ModelTiepointTag).unwrap_or_default();
    let finite = scale.iter().chain(&tie).all(|v| v.is_finite());
    if scale.len() < 2 || tie.len() < 6 || !finite || scale[0] <= 0.0 || scale[1] <= 0.0 {
        return Err(TerrainError::new(
            "it is not placed north up by a corner and a pixel size; warp it with gdalwarp -t_srs EPSG:4326",
        ));
    }
    let keys = d
        .get_tag_u16_vec(Tag::GeoKeyDirectoryTag)
        .unwrap_or_default();
    let points = keys
        .chunks_exact(4)
        .skip(1)
        .any(|k| k[0] == RASTER_TYPE && k[3] == 2);
    // A tie point names a pixel's corner when pixels are areas, its centre when they are points.
    let half = if points { 0.0 } else { 0.5 };
    Ok((
        (
            tie[3] + (half - tie[0]) * scale[0],
            tie[4] - (half - tie[1]) * scale[1],
        ),
        (scale[0], scale[1]),
    ))
}
