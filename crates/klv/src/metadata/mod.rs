//! A typed view of a packet: what a camera on an aircraft says of itself; read and written.

mod write;

use crate::eg0104::{ANGLE_TO_NORTH, OBLIQUITY_ANGLE};
use crate::element::{Element, ElementId};
use crate::key::Standard;
use crate::packet::Packet;
use crate::st0102::Security;

/// A position on the ellipsoid, radians, WGS84.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LatLon {
    /// Latitude, north positive.
    pub lat_rad: f64,
    /// Longitude, east positive.
    pub lon_rad: f64,
}

/// What a height is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Datum {
    /// WGS84 ellipsoid.
    Ellipsoid,
    /// Mean sea level.
    MeanSeaLevel,
}

/// A height and what it is counted from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Altitude {
    /// Metres.
    pub metres: f64,
    /// Counted from.
    pub datum: Datum,
}

/// Values of one packet in radians and metres; `None` is what the packet does
/// not say, or says to be out of range. A full-range item is preferred to its
/// short form, and a height above the ellipsoid to one above sea level.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// UTC, microseconds since 1970 (item 2).
    pub time_us: Option<u64>,
    /// Mission (item 3).
    pub mission_id: Option<String>,
    /// Tail number (item 4).
    pub tail_number: Option<String>,
    /// Type of aircraft (item 10).
    pub platform_designation: Option<String>,
    /// Sensor in use (item 11).
    pub image_source: Option<String>,
    /// Revision of ST 0601 (item 65).
    pub version: Option<u64>,
    /// Aircraft heading from true north, clockwise (item 5).
    pub heading_rad: Option<f64>,
    /// Aircraft pitch, nose up positive (items 90, 6).
    pub pitch_rad: Option<f64>,
    /// Aircraft roll, right wing down positive (items 91, 7).
    pub roll_rad: Option<f64>,
    /// Sensor latitude (item 13).
    pub sensor_lat_rad: Option<f64>,
    /// Sensor longitude (item 14).
    pub sensor_lon_rad: Option<f64>,
    /// Sensor height (items 104, 75, 15).
    pub sensor_altitude: Option<Altitude>,
    /// Horizontal field of view (item 16).
    pub hfov_rad: Option<f64>,
    /// Vertical field of view (item 17).
    pub vfov_rad: Option<f64>,
    /// Azimuth of the line of sight relative to the nose (item 18).
    pub relative_azimuth_rad: Option<f64>,
    /// Elevation relative to the aircraft's horizontal plane (item 19).
    pub relative_elevation_rad: Option<f64>,
    /// Roll of the picture about the line of sight (item 20).
    pub relative_roll_rad: Option<f64>,
    /// Azimuth of the line of sight from true north (EG 0104 only).
    pub azimuth_from_north_rad: Option<f64>,
    /// Elevation of the line of sight above the horizontal (EG 0104's
    /// obliquity, as sent: negative downwards).
    pub elevation_above_horizon_rad: Option<f64>,
    /// Sensor to frame centre (item 21).
    pub slant_range_m: Option<f64>,
    /// Width of the picture on the ground (items 96, 22).
    pub target_width_m: Option<f64>,
    /// Frame centre on the ground (items 23, 24).
    pub frame_center: Option<LatLon>,
    /// Height of the frame centre (items 78, 25).
    pub frame_center_altitude: Option<Altitude>,
    /// Corners of the picture on the ground: upper left, upper right, lower
    /// right, lower left (items 82–89, else frame centre and 26–33).
    pub corners: Option<[LatLon; 4]>,
    /// Security marking (item 48, ST 0102).
    pub security: Option<Security>,
}

/// Latitudes and longitudes as they are met, until both are there.
#[derive(Default)]
struct Gathered {
    center: [Option<f64>; 2],
    offsets: [Option<f64>; 8],
    corners: [Option<f64>; 8],
    short_pitch: Option<f64>,
    short_roll: Option<f64>,
    short_width: Option<f64>,
    sensor_heights: [Option<f64>; 3],
    center_heights: [Option<f64>; 2],
}

impl Metadata {
    /// The view of a packet. It does not look at the checksum: whoever uses
    /// the values decides whether a packet with a bad one counts.
    pub fn of(packet: &Packet<'_>) -> Self {
        let mut metadata = Self::default();
        match packet.standard() {
            Standard::St0601 | Standard::Eg0104 => {
                let mut gathered = Gathered::default();
                for element in packet.elements() {
                    metadata.take(&element, &mut gathered);
                }
                metadata.settle(&gathered);
            }
            Standard::St0102Local | Standard::St0102Universal => {
                metadata.security = Some(Security::of(packet.elements()));
            }
            _ => {}
        }
        metadata
    }

    /// Whether the packet places a camera: position and height.
    pub fn has_position(&self) -> bool {
        self.sensor_lat_rad.is_some()
            && self.sensor_lon_rad.is_some()
            && self.sensor_altitude.is_some()
    }

    fn take(&mut self, element: &Element<'_>, gathered: &mut Gathered) {
        let tag = match element.id {
            ElementId::Tag(tag) => tag,
            ElementId::Key(key) => {
                let angle = element.value.number().map(f64::to_radians);
                if key.same(ANGLE_TO_NORTH) {
                    self.azimuth_from_north_rad = angle;
                } else if key.same(OBLIQUITY_ANGLE) {
                    self.elevation_above_horizon_rad = angle;
                }
                return;
            }
            ElementId::Index(_) | ElementId::Field(_) => return,
        };
        let number = element.value.number();
        let angle = number.map(f64::to_radians);
        let text = || element.value.text().map(str::to_owned);
        match tag {
            2 => self.time_us = element.value.unsigned(),
            3 => self.mission_id = text(),
            4 => self.tail_number = text(),
            5 => self.heading_rad = angle,
            6 => gathered.short_pitch = angle,
            7 => gathered.short_roll = angle,
            10 => self.platform_designation = text(),
            11 => self.image_source = text(),
            13 => self.sensor_lat_rad = latitude(angle),
            14 => self.sensor_lon_rad = longitude(angle),
            15 => gathered.sensor_heights[2] = number,
            16 => self.hfov_rad = angle,
            17 => self.vfov_rad = angle,
            18 => self.relative_azimuth_rad = angle,
            19 => self.relative_elevation_rad = angle,
            20 => self.relative_roll_rad = angle,
            21 => self.slant_range_m = number,
            22 => gathered.short_width = number,
            23 => gathered.center[0] = latitude(angle),
            24 => gathered.center[1] = longitude(angle),
            25 => gathered.center_heights[1] = number,
            26..=33 => gathered.offsets[tag as usize - 26] = angle,
            48 => {
                self.security = element.parts().map(Security::of);
            }
            65 => self.version = element.value.unsigned(),
            75 => gathered.sensor_heights[1] = number,
            78 => gathered.center_heights[0] = number,
            82..=89 => {
                let valid = if tag % 2 == 0 { latitude } else { longitude };
                gathered.corners[tag as usize - 82] = valid(angle);
            }
            90 => self.pitch_rad = angle,
            91 => self.roll_rad = angle,
            96 => self.target_width_m = number,
            104 => gathered.sensor_heights[0] = number,
            _ => {}
        }
    }

    /// Chooses among the forms in which a quantity was sent.
    fn settle(&mut self, gathered: &Gathered) {
        self.pitch_rad = self.pitch_rad.or(gathered.short_pitch);
        self.roll_rad = self.roll_rad.or(gathered.short_roll);
        self.target_width_m = self.target_width_m.or(gathered.short_width);
        let [extended, short, sea] = gathered.sensor_heights;
        self.sensor_altitude = altitude(extended.or(short), sea);
        let [ellipsoid, sea] = gathered.center_heights;
        self.frame_center_altitude = altitude(ellipsoid, sea);
        if let [Some(lat_rad), Some(lon_rad)] = gathered.center {
            self.frame_center = Some(LatLon { lat_rad, lon_rad });
        }
        self.corners = corners(
            &gathered.corners,
            LatLon {
                lat_rad: 0.0,
                lon_rad: 0.0,
            },
        )
        .or_else(|| corners(&gathered.offsets, self.frame_center?));
    }
}

fn altitude(ellipsoid: Option<f64>, sea: Option<f64>) -> Option<Altitude> {
    let of = |datum| move |metres| Altitude { metres, datum };
    ellipsoid
        .map(of(Datum::Ellipsoid))
        .or_else(|| sea.map(of(Datum::MeanSeaLevel)))
}

fn corners(values: &[Option<f64>; 8], origin: LatLon) -> Option<[LatLon; 4]> {
    let mut corners = [origin; 4];
    for (corner, pair) in corners.iter_mut().zip(values.chunks_exact(2)) {
        corner.lat_rad += pair[0]?;
        corner.lon_rad += pair[1]?;
    }
    Some(corners)
}

/// EG 0104 sends free numbers: what is no latitude is not one.
fn latitude(angle: Option<f64>) -> Option<f64> {
    angle.filter(|a| a.abs() <= std::f64::consts::FRAC_PI_2)
}

fn longitude(angle: Option<f64>) -> Option<f64> {
    angle.filter(|a| a.abs() <= std::f64::consts::PI)
}
