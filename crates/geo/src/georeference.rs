//! Where the pixels of a GeoTIFF lie on the earth.
//!
//! Read are those that lie north up, in degrees or UTM, on WGS84 (EPSG:4326, 326xx, 327xx) or ETRS89
//! (EPSG:4258, 258xx): the keys and tags are those of OGC 19-008r4 (GeoTIFF 1.1). Everything else is
//! refused with the command that makes it one of these.

use crate::etrs;
use crate::homography::Homography;
use crate::local::LocalFrame;
use crate::utm;
use crate::wgs84::{meridian_radius, prime_vertical_radius};
use nalgebra::{Vector2, Vector3};
use std::io::{Read, Seek};
use tiff::decoder::Decoder;
use tiff::tags::Tag;

/// How places are counted in the file.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Projection {
    /// Longitude and latitude in degrees, WGS84.
    Geographic,
    /// UTM on WGS84.
    Utm { zone: u8, south: bool },
}

/// The place of a raster whose rows run from west to east and follow each other to the south.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Georeference {
    projection: Projection,
    /// Place of the centre of the first pixel.
    first: (f64, f64),
    /// Size of a pixel, in the projection's unit.
    pixel: (f64, f64),
    /// Places are those of ETRS89.
    etrs: bool,
}

const MODEL_TYPE: u16 = 1024;
const RASTER_TYPE: u16 = 1025;
const GEOGRAPHIC: u16 = 2048;
const PROJECTED: u16 = 3072;
const MODEL_TRANSFORMATION: u16 = 34264;

/// A UTM grid's scale is within a thousandth of one.
const UTM_SCALE: f64 = 0.999;

impl Georeference {
    /// Square pixels on the grid of a UTM zone: easting and northing of the centre of the first, and their
    /// size, metres.
    pub fn in_utm(zone: u8, south: bool, first: (f64, f64), pixel_m: f64) -> Self {
        Self {
            projection: Projection::Utm { zone, south },
            first,
            pixel: (pixel_m, pixel_m),
            etrs: false,
        }
    }

    /// Degrees of longitude and latitude: centre of the first pixel, and size of a pixel.
    pub(crate) fn in_degrees(first: (f64, f64), pixel: (f64, f64)) -> Self {
        Self {
            projection: Projection::Geographic,
            first,
            pixel,
            etrs: false,
        }
    }

    /// Of the file's first picture; else cause and remedy.
    pub(crate) fn read<R: Read + Seek>(d: &mut Decoder<R>) -> Result<Self, String> {
        let keys = d.get_tag_u16_vec(Tag::GeoKeyDirectoryTag).map_err(|_| {
            "it has no GeoTIFF keys, so that its place is not known; use gdal_translate -a_srs EPSG:… -a_ullr …"
                .to_owned()
        })?;
        let (projection, etrs) = projection(&keys)?;
        let (first, pixel) = placing(d, &keys)?;
        Ok(Self {
            projection,
            first,
            pixel,
            etrs,
        })
    }

    /// Column and row of a latitude and longitude in radians; whole numbers are centres of pixels.
    pub fn pixel(&self, lat: f64, lon: f64) -> (f64, f64) {
        let (lat, lon) = if self.etrs {
            etrs::from_wgs84(lat, lon)
        } else {
            (lat, lon)
        };
        let (x, y) = match self.projection {
            Projection::Geographic => (lon.to_degrees(), lat.to_degrees()),
            Projection::Utm { zone, south } => utm::forward(lat, lon, zone, south),
        };
        (
            (x - self.first.0) / self.pixel.0,
            (self.first.1 - y) / self.pixel.1,
        )
    }

    /// East and north in a local frame, at height `up` metres, to columns and rows, about the `corners`
    /// of an area of a few kilometres. `None` where these are in line.
    pub fn from_ground(
        &self,
        frame: &LocalFrame,
        corners: &[Vector2<f64>; 4],
        up: f64,
    ) -> Option<Homography> {
        let to = corners.map(|c| {
            let g = frame.to_geodetic(&Vector3::new(c.x, c.y, up));
            let (column, row) = self.pixel(g.lat, g.lon);
            Vector2::new(column, row)
        });
        Homography::from_quad(corners, &to)
    }

    /// Metres between neighbouring centres, east and north, of `height` rows, at the narrowest.
    pub(crate) fn step_m(&self, height: usize) -> (f64, f64) {
        match self.projection {
            Projection::Utm { .. } => (UTM_SCALE * self.pixel.0, UTM_SCALE * self.pixel.1),
            Projection::Geographic => {
                let south = self.first.1 - self.pixel.1 * height.saturating_sub(1) as f64;
                narrowest_m(south, self.first.1, self.pixel)
            }
        }
    }
}

/// Metres between points at the narrowest, east and north; edges and steps in degrees.
fn narrowest_m(south: f64, north: f64, step: Pair) -> Pair {
    let far = south.abs().max(north.abs()).min(89.99).to_radians();
    let near = if south * north < 0.0 {
        0.0
    } else {
        south.abs().min(north.abs()).to_radians()
    };
    (
        prime_vertical_radius(far) * far.cos() * step.0.to_radians(),
        meridian_radius(near) * step.1.to_radians(),
    )
}

/// How places are counted, and whether they are those of ETRS89.
fn projection(keys: &[u16]) -> Result<(Projection, bool), String> {
    let key = |id: u16| {
        keys.chunks_exact(4)
            .skip(1)
            .find(|k| k[0] == id && k[1] == 0)
            .map(|k| k[3])
    };
    let elsewhere = |what: String| {
        Err(format!(
            "its coordinates are {what}; reproject it with gdalwarp -t_srs EPSG:4326"
        ))
    };
    match (key(MODEL_TYPE), key(PROJECTED), key(GEOGRAPHIC)) {
        (Some(1), Some(epsg), _) => {
            let utm = |base: u16, south, etrs| {
                let zone = (epsg - base) as u8;
                Ok((Projection::Utm { zone, south }, etrs))
            };
            match epsg {
                32601..=32660 => utm(32600, false, false),
                32701..=32760 => utm(32700, true, false),
                25828..=25838 => utm(25800, false, true),
                other => elsewhere(format!("EPSG:{other}")),
            }
        }
        (Some(2), _, Some(4326)) => Ok((Projection::Geographic, false)),
        (Some(2), _, Some(4258)) => Ok((Projection::Geographic, true)),
        (Some(2), _, other) => elsewhere(format!("EPSG:{}", other.unwrap_or(0))),
        _ => elsewhere("neither UTM nor WGS84 degrees".into()),
    }
}

/// A pair of numbers: of a place, or of a size.
type Pair = (f64, f64);

/// Centre of the first pixel, and size of a pixel.
fn placing<R: Read + Seek>(d: &mut Decoder<R>, keys: &[u16]) -> Result<(Pair, Pair), String> {
    let scale = d
        .get_tag_f64_vec(Tag::ModelPixelScaleTag)
        .unwrap_or_default();
    let tie = d.get_tag_f64_vec(Tag::ModelTiepointTag).unwrap_or_default();
    let turned = d.find_tag(Tag::Unknown(MODEL_TRANSFORMATION));
    let finite = scale.iter().chain(&tie).all(|v| v.is_finite());
    if scale.len() < 2
        || tie.len() < 6
        || !finite
        || scale[0] <= 0.0
        || scale[1] <= 0.0
        || turned.is_ok_and(|t| t.is_some())
    {
        return Err(
            "it is not placed north up by a corner and a pixel size; warp it with gdalwarp -t_srs EPSG:4326"
                .into(),
        );
    }
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
