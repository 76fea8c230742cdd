//! Where the camera was and where it looked, as the metadata say.

use crate::time::Micros;
use atalaya_geo::{Attitude, Camera, EarthCamera, Geodetic, LocalFrame, PoseFault, utm};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What heights are measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerticalDatum {
    /// Height above the WGS84 ellipsoid.
    Hae,
    /// Height above mean sea level: above the geoid EGM96.
    Msl,
}

/// From where headings and azimuths are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum North {
    /// True north, as ST 0601 has it.
    #[default]
    True,
    /// The north of the UTM grid, as some older systems have it.
    Grid,
}

impl North {
    /// Where nothing else is said.
    pub fn is_true(&self) -> bool {
        *self == Self::True
    }
}

/// Corners of the picture on the ground: upper left, upper right, lower right, lower left, each
/// (latitude, longitude) in radians.
pub type GroundCorners = [(f64, f64); 4];

/// Platform and sensor at one moment. Angles in radians, lengths in metres; what the source did
/// not say is `None`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlatformState {
    /// Time of the metadata (not of the picture they are paired with).
    pub t: Micros,
    /// Sensor latitude.
    pub lat: Option<f64>,
    /// Sensor longitude.
    pub lon: Option<f64>,
    /// Sensor height.
    pub height_m: Option<f64>,
    /// What `height_m` is measured from, as sent; [`PlatformState::position`] is above the ellipsoid
    /// whatever was sent.
    pub datum: Option<VerticalDatum>,
    /// Platform heading, clockwise from true north.
    pub heading: Option<f64>,
    /// Platform pitch.
    pub pitch: Option<f64>,
    /// Platform roll.
    pub roll: Option<f64>,
    /// Horizontal field of view.
    pub hfov: Option<f64>,
    /// Vertical field of view.
    pub vfov: Option<f64>,
    /// Sensor azimuth relative to the platform.
    pub rel_azimuth: Option<f64>,
    /// Sensor elevation relative to the platform.
    pub rel_elevation: Option<f64>,
    /// Sensor roll about the line of sight.
    pub rel_roll: Option<f64>,
    /// Azimuth of the line of sight from true north (older metadata give this instead of angles
    /// relative to the platform).
    pub azimuth: Option<f64>,
    /// Elevation of the line of sight above the horizontal: negative downwards.
    pub elevation: Option<f64>,
    /// Slant range to the frame centre.
    pub slant_range_m: Option<f64>,
    /// Frame centre: latitude, longitude, and height above the ellipsoid when a height was given.
    pub frame_centre: Option<(f64, f64, Option<f64>)>,
    /// Corners on the ground.
    pub corners: Option<GroundCorners>,
    /// Platform designation or tail number.
    pub platform: Option<String>,
    /// Mission id.
    pub mission: Option<String>,
    /// Security classification as marked.
    pub security: Option<String>,
}

impl PlatformState {
    /// Where the sensor is. A height above mean sea level (ST 0601 item 15, EG 0104) is made one above
    /// the ellipsoid (items 75, 104) by the geoid: they differ by tens of metres.
    pub fn position(&self) -> Option<Geodetic> {
        let (lat, lon, height) = (self.lat?, self.lon?, self.height_m?);
        Some(match self.datum {
            Some(VerticalDatum::Msl) => Geodetic::from_msl(lat, lon, height),
            Some(VerticalDatum::Hae) | None => Geodetic {
                lat,
                lon,
                hae_m: height,
            },
        })
    }

    /// The same with heading and azimuth from true north, where they were counted from another.
    pub fn from_north(mut self, north: North) -> Self {
        if let (North::Grid, Some(lat), Some(lon)) = (north, self.lat, self.lon) {
            let turn = utm::convergence(lat, lon, utm::zone(lon));
            self.heading = self.heading.map(|h| h + turn);
            self.azimuth = self.azimuth.map(|a| a + turn);
        }
        self
    }

    /// How the sensor is turned: platform heading with the sensor's relative elevation (platform pitch
    /// and roll, relative azimuth and roll count as zero when absent), or the line of sight's own azimuth
    /// and elevation.
    pub fn attitude(&self) -> Option<Attitude> {
        Some(match (self.rel_elevation, self.azimuth, self.elevation) {
            (None, Some(azimuth), Some(elevation)) => Attitude {
                heading: azimuth,
                rel_elevation: elevation,
                rel_roll: self.rel_roll.unwrap_or(0.0),
                ..Attitude::default()
            },
            (rel_elevation, ..) => Attitude {
                heading: self.heading?,
                pitch: self.pitch.unwrap_or(0.0),
                roll: self.roll.unwrap_or(0.0),
                rel_azimuth: self.rel_azimuth.unwrap_or(0.0),
                rel_elevation: rel_elevation?,
                rel_roll: self.rel_roll.unwrap_or(0.0),
            },
        })
    }

    /// The camera these metadata describe, in `frame`, when all it takes is there: position, angles
    /// and horizontal field of view.
    pub fn camera(
        &self,
        frame: &LocalFrame,
        size: (u32, u32),
    ) -> Option<Result<Camera, PoseFault>> {
        let (at, attitude, hfov) = (self.position()?, self.attitude()?, self.hfov?);
        if !at.is_valid() {
            return Some(Err(PoseFault::NotFinite));
        }
        let turn = frame.rotation_from(&at) * attitude.camera_to_enu();
        // Square pixels unless the vertical field of view differs from what they would give by
        // more than a tenth: many encoders round or leave out the vertical one.
        let square =
            2.0 * ((0.5 * hfov).tan() * f64::from(size.1) / f64::from(size.0.max(1))).atan();
        let vfov = self
            .vfov
            .filter(|v| (v - square).abs() > 0.1 * square)
            .unwrap_or(0.0);
        Some(Camera::new(frame.to_enu(&at), turn, hfov, vfov, size))
    }

    /// The camera these metadata describe above the earth, for a picture of this size (pixels; they may
    /// be oblong).
    pub fn earth_camera(&self, size: (u32, u32)) -> Option<Result<EarthCamera, PoseFault>> {
        let (at, attitude, hfov) = (self.position()?, self.attitude()?, self.hfov?);
        let vfov = self.vfov.unwrap_or(0.0);
        Some(EarthCamera::new(at, attitude, hfov, vfov, size))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_above_the_sea_are_made_heights_above_the_ellipsoid() {
        let mut p = PlatformState {
            lat: Some(38.16f64.to_radians()),
            lon: Some(-77.35f64.to_radians()),
            height_m: Some(1984.6),
            datum: Some(VerticalDatum::Msl),
            heading: Some(0.0),
            rel_elevation: Some(-std::f64::consts::FRAC_PI_2),
            hfov: Some(0.1),
            ..PlatformState::default()
        };
        // The geoid lies 33 m below the ellipsoid in Virginia.
        let up = p.position().unwrap().hae_m;
        assert!((up - 1951.5).abs() < 1.0, "{up}");
        let frame = LocalFrame::new(Geodetic {
            hae_m: 0.0,
            ..p.position().unwrap()
        });
        let camera = p.camera(&frame, (640, 480)).unwrap().unwrap();
        assert!((camera.position.z - up).abs() < 1e-6);
        p.datum = Some(VerticalDatum::Hae);
        assert_eq!(p.position().unwrap().hae_m, 1984.6);
        // West of its zone's middle the grid's north is west of true north.
        let turned = p.clone().from_north(North::Grid).heading.unwrap();
        assert!((turned.to_degrees() + 1.453).abs() < 0.005, "{turned}");
        assert_eq!(p.clone().from_north(North::True), p);
    }
}
