//! From the typed view to a packet of ST 0601.

use super::{Datum, Metadata};
use crate::st0601::{EncodeError, SetBuilder};
use std::f64::consts::TAU;

/// Revision of ST 0601 that packets state where [`Metadata::version`] says none.
const VERSION: u64 = 19;
/// What items 6 and 7 can say; beyond it items 90 and 91 do.
const SHORT_PITCH_DEG: f64 = 20.0;
const SHORT_ROLL_DEG: f64 = 50.0;
/// The widest picture that item 22 can say; beyond it item 96 does.
const SHORT_WIDTH_M: f64 = 10_000.0;

impl Metadata {
    /// Begins a packet of ST 0601 with everything that is known, in the order of the tags; a height
    /// goes to the item of its datum. `None` is left out. The security marking is not written from
    /// [`Metadata::security`], which is made for reading: add item 48 (see
    /// [`crate::st0102::Marking`]) and whatever else there is, then finish the set.
    ///
    /// # Errors
    /// A value lies outside what its item can say. Without a time the packet says 0.
    pub fn set(&self) -> Result<SetBuilder, EncodeError> {
        let mut set = SetBuilder::new(self.time_us.unwrap_or_default());
        let texts = [
            (3, &self.mission_id),
            (4, &self.tail_number),
            (10, &self.platform_designation),
            (11, &self.image_source),
        ];
        for (tag, text) in texts {
            if let Some(text) = text {
                set.text(tag, text)?;
            }
        }
        set.text(12, "Geodetic WGS84")?;
        self.attitude(&mut set)?;
        let frame = self.frame_center;
        let turned = |angle: Option<f64>| angle.map(|a| a.rem_euclid(TAU).to_degrees());
        let degrees = |angle: Option<f64>| angle.map(f64::to_degrees);
        let height =
            |a: Option<super::Altitude>, datum| a.filter(|a| a.datum == datum).map(|a| a.metres);
        let width = self.target_width_m;
        let numbers = [
            (13, degrees(self.sensor_lat_rad)),
            (14, degrees(self.sensor_lon_rad)),
            (15, height(self.sensor_altitude, Datum::MeanSeaLevel)),
            (16, degrees(self.hfov_rad)),
            (17, degrees(self.vfov_rad)),
            (18, turned(self.relative_azimuth_rad)),
            (19, degrees(self.relative_elevation_rad)),
            (20, turned(self.relative_roll_rad)),
            (21, self.slant_range_m),
            (22, width.filter(|w| *w <= SHORT_WIDTH_M)),
            (23, degrees(frame.map(|f| f.lat_rad))),
            (24, degrees(frame.map(|f| f.lon_rad))),
            (25, height(self.frame_center_altitude, Datum::MeanSeaLevel)),
            (75, height(self.sensor_altitude, Datum::Ellipsoid)),
            (78, height(self.frame_center_altitude, Datum::Ellipsoid)),
            (96, width.filter(|w| *w > SHORT_WIDTH_M)),
        ];
        for (tag, value) in numbers {
            if let Some(value) = value {
                set.number(tag, value)?;
            }
        }
        for (tag, corner) in (82..).step_by(2).zip(self.corners.iter().flatten()) {
            set.number(tag, corner.lat_rad.to_degrees())?
                .number(tag + 1, corner.lon_rad.to_degrees())?;
        }
        set.unsigned(65, self.version.unwrap_or(VERSION))?;
        Ok(set)
    }

    fn attitude(&self, set: &mut SetBuilder) -> Result<(), EncodeError> {
        if let Some(heading) = self.heading_rad {
            set.number(5, heading.rem_euclid(TAU).to_degrees())?;
        }
        let tilts = [
            (self.pitch_rad, SHORT_PITCH_DEG, 6, 90),
            (self.roll_rad, SHORT_ROLL_DEG, 7, 91),
        ];
        for (angle, short, tag, full) in tilts {
            if let Some(degrees) = angle.map(f64::to_degrees) {
                let tag = if degrees.abs() <= short { tag } else { full };
                set.number(tag, degrees)?;
            }
        }
        Ok(())
    }
}
