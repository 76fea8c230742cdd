//! Digital Terrain Elevation Data, levels 0 to 2 (`.dt0`, `.dt1`, `.dt2`).
//!
//! STANAG 3809 and MIL-PRF-89020B, which give the same file: a user header label (UHL, 80 bytes), a data
//! set identification (DSI, 648), an accuracy description (ACC, 2700), and one record a meridian.

use super::grid::Grid;
use super::raster::Raster;
use super::{LE90, TerrainError};
use crate::georeference::Georeference;

const UHL: usize = 80;
const DSI: usize = 648;
const ACC: usize = 2700;
/// What a column's record holds beside its heights: sentinel, count, longitude and latitude count before
/// them, checksum behind (MIL-PRF-89020B, 3.13.4).
const AROUND: usize = 12;
/// Most columns and most heights of one: level 2 has 3601 of both.
const MOST: usize = 3601;
/// Error of heights, metres at 90 %, where a cell does not say it.
const UNSTATED_M: f64 = 30.0;
/// First byte of a column's record.
const SENTINEL: u8 = 0xaa;

/// Whether bytes begin as a cell does.
pub(super) fn is(bytes: &[u8]) -> bool {
    start(bytes).is_some()
}

/// Reads a cell, mostly of a degree by a degree: heights in metres above mean sea level on WGS84.
pub(super) fn read(bytes: &[u8]) -> Result<Raster, TerrainError> {
    let bytes = &bytes[start(bytes).ok_or_else(|| {
        TerrainError::new("it does not begin with DTED's UHL; is it a .dt0, .dt1 or .dt2?")
    })?..];
    let cut = || TerrainError::new("the file is cut off; fetch it again");
    let (uhl, rest) = bytes.split_at_checked(UHL).ok_or_else(cut)?;
    let (dsi, rest) = rest.split_at_checked(DSI).ok_or_else(cut)?;
    let (acc, data) = rest.split_at_checked(ACC).ok_or_else(cut)?;
    if !dsi.starts_with(b"DSI") || !acc.starts_with(b"ACC") {
        return Err(TerrainError::new(
            "its DSI or ACC record is not where DTED has it; fetch it again",
        ));
    }
    // Horizontal datum (MIL-PRF-89020B, table DSI, field 17); older cells are on WGS72.
    if !dsi[144..149].starts_with(b"WGS84") {
        return Err(TerrainError::new(
            "its horizontal datum is not WGS84; warp it with gdalwarp -t_srs EPSG:4326",
        ));
    }
    let unread = || TerrainError::new("its UHL holds no place and size; fetch it again");
    let corner = (
        angle(&uhl[4..12]).ok_or_else(unread)?,
        angle(&uhl[12..20]).ok_or_else(unread)?,
    );
    // Tenths of a second of arc.
    let step = |field: &[u8]| number(field).map(|n| n as f64 / 36_000.0);
    let step = (
        step(&uhl[20..24]).ok_or_else(unread)?,
        step(&uhl[24..28]).ok_or_else(unread)?,
    );
    let columns = number(&uhl[47..51]).ok_or_else(unread)?;
    let rows = number(&uhl[51..55]).ok_or_else(unread)?;
    let sane = (2..=MOST).contains(&columns) && (2..=MOST).contains(&rows);
    let extent = (step.0 * columns as f64, step.1 * rows as f64);
    if !sane || step.0 <= 0.0 || step.1 <= 0.0 || extent.0 > 7.0 || extent.1 > 7.0 {
        return Err(TerrainError::new(format!(
            "{columns} x {rows} heights are no cell of level 0, 1 or 2; fetch it again"
        )));
    }
    let record = 2 * rows + AROUND;
    if data.len() < columns * record {
        return Err(cut());
    }
    let mut heights = vec![f32::NAN; columns * rows];
    for (column, record) in data.chunks_exact(record).take(columns).enumerate() {
        let (body, sum) = record.split_at(record.len() - 4);
        let summed: u32 = body.iter().map(|b| u32::from(*b)).sum();
        if body[0] != SENTINEL || sum != summed.to_be_bytes() {
            return Err(TerrainError::new(format!(
                "the checksum of column {} of {columns} is wrong; fetch the file again",
                column + 1
            )));
        }
        for (k, b) in body[8..].chunks_exact(2).enumerate() {
            // From south to north.
            heights[(rows - 1 - k) * columns + column] = height([b[0], b[1]]);
        }
    }
    let north = corner.1 + (rows - 1) as f64 * step.1;
    // Absolute vertical accuracy, metres at 90 % (ACC, field 3).
    let error_m = number(&acc[7..11]).filter(|m| (1..=1000).contains(m));
    Ok(Raster::new(
        Grid::new(columns, rows, heights),
        Georeference::in_degrees((corner.0, north), step),
        error_m.map_or(UNSTATED_M, |m| m as f64) / LE90,
    ))
}

/// Where the UHL begins: at once, or behind labels of a tape (80 bytes each).
fn start(bytes: &[u8]) -> Option<usize> {
    (0..3)
        .map(|k| k * 80)
        .find(|at| bytes.get(*at..*at + 4) == Some(b"UHL1"))
        .filter(|at| *at == 0 || bytes.starts_with(b"VOL") || bytes.starts_with(b"HDR"))
}

/// Sign and magnitude (MIL-PRF-89020B, 3.11.2), -32767 where not known. What would lie deeper than 16 km is
/// a two's complement, as some makers wrote.
fn height(b: [u8; 2]) -> f32 {
    let magnitude = f32::from(u16::from_be_bytes(b) & 0x7fff);
    let negative = b[0] & 0x80 != 0;
    match (negative, magnitude) {
        (true, 32_767.0) => f32::NAN,
        (true, m) if m > 16_000.0 => f32::from(i16::from_be_bytes(b)),
        (true, m) => -m,
        (false, m) => m,
    }
}

/// Digits, with blanks before them or behind.
fn number(field: &[u8]) -> Option<usize> {
    std::str::from_utf8(field).ok()?.trim().parse().ok()
}

/// An angle as degrees, minutes, seconds and hemisphere: DDDMMSSH.
fn angle(field: &[u8]) -> Option<f64> {
    let part = |r: std::ops::Range<usize>| number(field.get(r)?).map(|n| n as f64);
    let degrees = part(0..3)? + part(3..5)? / 60.0 + part(5..7)? / 3600.0;
    match field.get(7)? {
        _ if degrees > 180.0 => None,
        b'E' | b'N' => Some(degrees),
        b'W' | b'S' => Some(-degrees),
        _ => None,
    }
}
