//! Where the camera was and where it looked, as the metadata say.

use crate::time::Micros;
use atalaya_geo::{Attitude, Camera, Geodetic, LocalFrame, PoseFault};
use serde::{Deserialize, Serialize};

/// What heights are measured from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerticalDatum {
    /// Height above the WGS84 ellipsoid.
    Hae,
    /// Height above mean sea level.
    Msl,
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
    /// What `height_m` and `frame_centre`'s height are measured from.
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
    /// Frame centre: latitude, longitude, and height when given.
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
    /// The camera these metadata describe, in `frame`, when all it takes is there: position,
    /// height, field of view, and either heading with the sensor's relative elevation (platform
    /// pitch and roll, relative azimuth and roll count as zero when absent) or the line of sight's
    /// own azimuth and elevation.
    pub fn camera(
        &self,
        frame: &LocalFrame,
        size: (u32, u32),
    ) -> Option<Result<Camera, PoseFault>> {
        let at = Geodetic {
            lat: self.lat?,
            lon: self.lon?,
            hae_m: self.height_m?,
        };
        let attitude = match (self.rel_elevation, self.azimuth, self.elevation) {
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
        };
        let hfov = self.hfov?;
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
}
