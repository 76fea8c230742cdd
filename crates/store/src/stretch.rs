//! The points of a stretch of one track as bytes.
//!
//! postcard names no fields and leaves none out, so what joined the record later can't stand within the points:
//! the look of the vehicle follows behind them, once, as it was last known in the stretch. Without it the bytes are
//! those that earlier versions wrote, and these are read as ever.

use atalaya_model::{Class, GroundFix, PixelBox, TrackId, TrackPoint, TrackState, VehicleLook};
use serde::{Deserialize, Serialize};

/// A point without what came later.
#[derive(Serialize, Deserialize)]
struct Bare {
    track: TrackId,
    frame: u64,
    state: TrackState,
    bbox: PixelBox,
    ground: Option<GroundFix>,
    anchored: Option<[f64; 2]>,
    class: Class,
    class_p: f32,
    p: f32,
}

impl From<&TrackPoint> for Bare {
    fn from(p: &TrackPoint) -> Self {
        Self {
            track: p.track,
            frame: p.frame,
            state: p.state,
            bbox: p.bbox,
            ground: p.ground,
            anchored: p.anchored,
            class: p.class,
            class_p: p.class_p,
            p: p.p,
        }
    }
}

impl Bare {
    fn with(self, look: Option<VehicleLook>) -> TrackPoint {
        TrackPoint {
            track: self.track,
            frame: self.frame,
            state: self.state,
            bbox: self.bbox,
            ground: self.ground,
            anchored: self.anchored,
            class: self.class,
            class_p: self.class_p,
            p: self.p,
            look: look.filter(|_| self.class.is_vehicle()),
        }
    }
}

/// Event times in microseconds, and points.
pub(crate) fn encode(points: &[(i64, &TrackPoint)]) -> postcard::Result<Vec<u8>> {
    let bare: Vec<(i64, Bare)> = points.iter().map(|(t, p)| (*t, (*p).into())).collect();
    let mut bytes = postcard::to_stdvec(&bare)?;
    if let Some(look) = points.iter().rev().find_map(|(_, p)| p.look) {
        bytes.extend(postcard::to_stdvec(&look)?);
    }
    Ok(bytes)
}

/// What [`encode`] wrote, by this version or one before it.
pub(crate) fn decode(bytes: &[u8]) -> postcard::Result<Vec<(i64, TrackPoint)>> {
    let (bare, rest): (Vec<(i64, Bare)>, _) = postcard::take_from_bytes(bytes)?;
    let look = match rest {
        [] => None,
        rest => Some(postcard::from_bytes(rest)?),
    };
    Ok(bare.into_iter().map(|(t, p)| (t, p.with(look))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_model::{Colour, FeedIx};

    fn point(frame: u64, look: Option<VehicleLook>) -> TrackPoint {
        TrackPoint {
            track: TrackId {
                feed: FeedIx(1),
                n: 7,
            },
            frame,
            state: TrackState::Seen,
            bbox: PixelBox {
                x: 1.0,
                y: 2.0,
                w: 30.0,
                h: 12.0,
            },
            ground: None,
            anchored: Some([3.0, 4.0]),
            class: Class::Truck,
            class_p: 0.9,
            p: 0.8,
            look,
        }
    }

    #[test]
    fn points_come_back_with_the_last_look_or_none() {
        let look = VehicleLook {
            length_m: 7.0,
            width_m: 2.4,
            size_sd_m: [0.6, 0.2],
            colour: Some(Colour {
                lab: [80.0, 1.0, 3.0],
                sd: [4.0, 1.0, 1.0],
                n: 9,
            }),
        };
        let (a, b) = (point(1, None), point(2, Some(look)));
        let read = decode(&encode(&[(10, &a), (20, &b)]).unwrap()).unwrap();
        assert_eq!(read, [(10, point(1, Some(look))), (20, b)]);
        let read = decode(&encode(&[(10, &a)]).unwrap()).unwrap();
        assert_eq!(read, [(10, a)]);
        let person = TrackPoint {
            class: Class::Person,
            ..point(3, Some(look))
        };
        let read = decode(&encode(&[(10, &person)]).unwrap()).unwrap();
        assert_eq!(read[0].1.look, None);
    }

    #[test]
    fn what_was_written_before_there_were_looks_is_read() {
        // The bytes of `point(1, None)` at time 10 as versions without a look wrote them.
        let old = concat!(
            "01140242370100",
            "0000803f000000400000f04100004041",
            "00010000000000000840000000000000104004",
            "6666663fcdcc4c3f",
        );
        let bytes: Vec<u8> = (0..old.len() / 2)
            .map(|i| u8::from_str_radix(&old[2 * i..2 * i + 2], 16).unwrap())
            .collect();
        assert_eq!(decode(&bytes).unwrap(), [(10, point(1, None))]);
        assert!(decode(&bytes[..bytes.len() - 1]).is_err());
    }
}
