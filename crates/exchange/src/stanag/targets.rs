//! Boxes and tracks as moving target indicators (MISB ST 0903, in item 74 of ST 0601).

use super::{Added, Error, Timeline};
use atalaya_klv::st0601::{EncodeError, SetBuilder};
use atalaya_klv::st0903::{self, Frame, Target};
use std::collections::BTreeMap;

/// Revision of ST 0903 that is written.
const VERSION: u64 = 6;
/// Revision of ST 0601.
const UAS_VERSION: u64 = 19;

/// A thing seen in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// Its number, the same from picture to picture; nothing if it is not followed.
    pub id: Option<u64>,
    /// Left, top, width, height, pixels.
    pub bbox: [f64; 4],
    /// How likely it is there, 0 to 1.
    pub p: f64,
    /// What it is, if known.
    pub class: Option<(String, f64)>,
    /// Latitude and longitude, radians, and height above the ellipsoid, metres.
    pub place: Option<(f64, f64, f64)>,
}

/// A packet for each picture (by its presentation time) with what was seen in it. Between packets that
/// say everything these say what changes: time, marking, targets and revision.
pub fn targets(
    timeline: &Timeline,
    pictures: &BTreeMap<i64, Vec<Sighting>>,
    marking: &[u8],
) -> Result<Vec<Added>, Error> {
    let (width, height) = timeline.size;
    let mut added = Vec::with_capacity(pictures.len());
    for (&pts, seen) in pictures {
        let time_us = timeline.time_at(pts).and_then(|t| u64::try_from(t).ok());
        let frame = Frame {
            time_us,
            system: Some("Atalaya"),
            version: Some(VERSION),
            detected: Some(seen.len() as u64),
            reported: Some(seen.len() as u64),
            width_px: Some(u64::from(width)),
            height_px: Some(u64::from(height)),
            ..Frame::default()
        };
        let packs: Vec<Target<'_>> = (1..)
            .zip(seen)
            .map(|(n, s)| target(s, n, timeline.size))
            .collect();
        let fill = || -> Result<Vec<u8>, EncodeError> {
            let mut set = SetBuilder::new(time_us.unwrap_or_default());
            set.bytes(48, marking).unsigned(65, UAS_VERSION)?;
            set.bytes(74, &st0903::write(&frame, &packs)?);
            Ok(set.finish())
        };
        let packet = fill().map_err(|cause| Error::Metadata {
            at_s: timeline.seconds(pts),
            cause,
        })?;
        added.push(Added { pts, packet });
    }
    Ok(added)
}

/// Rows and columns count from 1, pixels row by row (ST 0903, target centroid pixel number).
fn target(s: &Sighting, n: u64, (width, height): (u32, u32)) -> Target<'_> {
    let [x, y, w, h] = s.bbox;
    let on = |v: f64, size: u32| (v.floor().clamp(0.0, f64::from(size.max(1) - 1)) as u64) + 1;
    let at = |x: f64, y: f64| (on(y, height), on(x, width));
    let number = |(row, column): (u64, u64)| column + (row - 1) * u64::from(width);
    let middle = at(x + 0.5 * w, y + 0.5 * h);
    let percent = |p: f64| (100.0 * p.clamp(0.0, 1.0)).round();
    Target {
        id: s.id.unwrap_or(n),
        centroid: Some(number(middle)),
        centroid_row_col: Some(middle),
        bounding_box: Some((number(at(x, y)), number(at(x + w - 1.0, y + h - 1.0)))),
        confidence: Some(percent(s.p) as u64),
        location: s.place,
        class: s.class.as_ref().map(|(name, _)| name.as_str()),
        class_confidence: s.class.as_ref().map(|(_, p)| percent(*p)),
        ..Target::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_numbered_from_one_row_by_row() {
        let seen = Sighting {
            id: None,
            bbox: [0.0, 0.0, 10.0, 4.0],
            p: 0.876,
            class: Some(("truck".into(), 0.5)),
            place: None,
        };
        let t = target(&seen, 3, (100, 50));
        assert_eq!(
            (t.id, t.confidence, t.class_confidence),
            (3, Some(88), Some(50.0))
        );
        assert_eq!(t.bounding_box, Some((1, 310)));
        assert_eq!(t.centroid_row_col, Some((3, 6)));
        assert_eq!(t.centroid, Some(206));
        // What hangs over the edge ends there.
        let over = Sighting {
            bbox: [95.0, 48.0, 30.0, 30.0],
            ..seen
        };
        assert_eq!(target(&over, 1, (100, 50)).bounding_box, Some((4896, 5000)));
    }
}
