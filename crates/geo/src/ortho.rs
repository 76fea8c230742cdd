//! Pictures of the ground whose place is known: orthophotos as GeoTIFF.

use crate::georeference::Georeference;
use std::io::Cursor;
use tiff::ColorType;
use tiff::decoder::{ChunkType, Decoder, DecodingResult, Limits};
use tiff::tags::{PlanarConfiguration, Tag};

/// Why a picture can't be used: cause and remedy on one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct OrthoError {
    /// Cause and remedy.
    pub what: String,
}

/// Brightness of the ground seen from straight above.
#[derive(Clone, Debug, PartialEq)]
pub struct Ortho {
    /// Columns.
    pub width: usize,
    /// Rows, from north to south.
    pub height: usize,
    /// Brightness row by row, 1 to 255; 0 where nothing is known.
    pub luma: Vec<u8>,
    /// Where its pixels lie.
    pub place: Georeference,
    /// Metres between the centres of neighbouring pixels: the greater of east and north.
    pub pixel_m: f64,
}

/// Most pixels: 10,000 by 10,000.
const MOST_PIXELS: u64 = 100_000_000;
/// Most bytes of one strip or tile, unpacked.
const MOST_CHUNK: usize = 64 << 20;
/// Least columns and rows.
const LEAST: u32 = 16;

impl Ortho {
    /// Reads a file's bytes: 8 bits of grey, or of red, green and blue, with or without opacity, in strips
    /// or tiles that are not packed, or by Deflate, LZW or PackBits. Memory grows with what has been read
    /// and not with what the file says of itself: at most a strip or tile of 64 MiB ahead of it.
    pub fn read(bytes: &[u8]) -> Result<Self, OrthoError> {
        let mut limits = Limits::default();
        limits.decoding_buffer_size = MOST_CHUNK;
        limits.intermediate_buffer_size = MOST_CHUNK;
        let mut d = Decoder::new(Cursor::new(bytes))
            .map_err(unread)?
            .with_limits(limits);
        let (width, height) = d.dimensions().map_err(unread)?;
        if u64::from(width) * u64::from(height) > MOST_PIXELS || width < LEAST || height < LEAST {
            return fail(format!(
                "{width} x {height} pixels are not {LEAST} x {LEAST} to 10,000 x 10,000; cut it with gdalwarp -te, or make it coarser with -tr"
            ));
        }
        let bands = bands(d.colortype().map_err(unread)?)?;
        let planar = d.find_tag_unsigned::<u16>(Tag::PlanarConfiguration);
        let planar = planar.ok().flatten().unwrap_or(1);
        if bands.all > 1 && planar != PlanarConfiguration::Chunky.to_u16() {
            return fail(
                "its colours are stored apart; convert it with gdal_translate -co INTERLEAVE=PIXEL",
            );
        }
        let place = Georeference::read(&mut d).map_err(|what| OrthoError { what })?;
        let nothing = d
            .get_tag_ascii_string(Tag::GdalNodata)
            .ok()
            .and_then(|t| t.trim_matches(['\0', ' ']).parse::<f64>().ok());
        let luma = luma(&mut d, (width as usize, height as usize), &bands, nothing)?;
        let (east, north) = place.step_m(height as usize);
        Ok(Self {
            width: width as usize,
            height: height as usize,
            luma,
            place,
            pixel_m: east.max(north),
        })
    }
}

fn fail<T>(what: impl Into<String>) -> Result<T, OrthoError> {
    Err(OrthoError { what: what.into() })
}

fn unread(e: tiff::TiffError) -> OrthoError {
    let words = e.to_string();
    let words: Vec<&str> = words.split_whitespace().collect();
    OrthoError {
        what: format!(
            "not a TIFF that can be read ({}); convert it with gdal_translate -co TILED=YES -co COMPRESS=DEFLATE",
            words.join(" ")
        ),
    }
}

/// What a pixel is made of.
struct Bands {
    /// Bytes of a pixel.
    all: usize,
    /// It has red, green and blue first, and not one grey.
    coloured: bool,
    /// Which byte is its opacity.
    opacity: Option<usize>,
}

fn bands(colour: ColorType) -> Result<Bands, OrthoError> {
    let of = |all, coloured, opacity| {
        Ok(Bands {
            all,
            coloured,
            opacity,
        })
    };
    match colour {
        ColorType::Gray(8) => of(1, false, None),
        ColorType::GrayA(8) => of(2, false, Some(1)),
        ColorType::RGB(8) => of(3, true, None),
        ColorType::RGBA(8) => of(4, true, Some(3)),
        ColorType::Palette(_) => {
            fail("its pixels are numbers of a palette; convert it with gdal_translate -expand rgb")
        }
        ColorType::Gray(16) | ColorType::RGB(16) | ColorType::RGBA(16) => {
            fail("its pixels have 16 bits; convert it with gdal_translate -ot Byte -scale")
        }
        other => fail(format!(
            "its pixels are {other:?}; convert it to 8 bits of grey or RGB with gdal_translate -ot Byte -b 1 -b 2 -b 3"
        )),
    }
}

/// Reads all strips or tiles, a row of them after the other.
fn luma(
    d: &mut Decoder<Cursor<&[u8]>>,
    (width, height): (usize, usize),
    bands: &Bands,
    nothing: Option<f64>,
) -> Result<Vec<u8>, OrthoError> {
    let (cw, ch) = d.chunk_dimensions();
    let (cw, ch) = match d.get_chunk_type() {
        ChunkType::Strip => (width, (ch as usize).min(height)),
        ChunkType::Tile => (cw as usize, ch as usize),
    };
    if cw == 0 || ch == 0 {
        return fail("its strips or tiles have no size; convert it with gdal_translate");
    }
    let across = width.div_ceil(cw);
    let mut out: Vec<u8> = Vec::new();
    for row in 0..height.div_ceil(ch) {
        let top = row * ch;
        let rows = ch.min(height - top);
        for column in 0..across {
            let left = column * cw;
            let columns = cw.min(width - left);
            let DecodingResult::U8(px) = d
                .read_chunk((row * across + column) as u32)
                .map_err(unread)?
            else {
                return fail("its pixels are no bytes; convert it with gdal_translate -ot Byte");
            };
            if px.len() != columns * rows * bands.all {
                return fail(
                    "a strip or tile of it has another size than it says; convert it with gdal_translate",
                );
            }
            // What has been unpacked is there: now its room may be taken.
            out.resize((top + rows) * width, 0);
            for (r, line) in px.chunks_exact(columns * bands.all).enumerate() {
                let at = (top + r) * width + left;
                let to = &mut out[at..at + columns];
                for (o, px) in to.iter_mut().zip(line.chunks_exact(bands.all)) {
                    *o = bands.luma(px, nothing);
                }
            }
        }
    }
    Ok(out)
}

impl Bands {
    /// Brightness (ITU-R BT.709) of a pixel; 0 where it is transparent or declared as nothing.
    fn luma(&self, px: &[u8], nothing: Option<f64>) -> u8 {
        let seen = if self.coloured { &px[..3] } else { &px[..1] };
        let clear = self.opacity.is_some_and(|i| px[i] < 128);
        if clear || nothing.is_some_and(|n| seen.iter().all(|v| f64::from(*v) == n)) {
            return 0;
        }
        let v = match seen {
            [r, g, b] => (218 * u32::from(*r) + 732 * u32::from(*g) + 74 * u32::from(*b)) >> 10,
            _ => u32::from(seen[0]),
        };
        v.clamp(1, 255) as u8
    }
}

#[cfg(test)]
mod tests;
