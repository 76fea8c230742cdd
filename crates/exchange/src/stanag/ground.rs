//! What a camera sees, where a log only says how it stood.

use atalaya_geo::{Attitude, EarthCamera, Geodetic, Surface};
use atalaya_klv::{Altitude, Datum, LatLon, Metadata};

/// Ground further away than this is no frame centre, metres.
const FARTHEST_M: f64 = 50_000.0;

/// Adds slant range (item 21), width (22), frame centre (23 to 25 or 78) and corners (82 to 89) to
/// metadata that have position, height, angles and fields of view, and lack these. `size` is the
/// picture's, in pixels; `surface` is what it looks at. Without a vertical field of view pixels are square.
pub fn complete(metadata: &mut Metadata, size: (u32, u32), surface: &Surface<'_>) {
    if metadata.vfov_rad.is_none() && size.0 > 0 {
        metadata.vfov_rad = metadata.hfov_rad.map(|h| {
            let ratio = f64::from(size.1) / f64::from(size.0);
            2.0 * ((0.5 * h).tan() * ratio).atan()
        });
    }
    let Some(camera) = camera(metadata, size) else {
        return;
    };
    if metadata.frame_center.is_none()
        && let Ok(centre) = camera.ground(camera.middle(), surface)
        && centre.range_m <= FARTHEST_M
    {
        let lat_lon = |g: &Geodetic| LatLon {
            lat_rad: g.lat,
            lon_rad: g.lon,
        };
        metadata.frame_center = Some(lat_lon(&centre.at));
        metadata.frame_center_altitude = Some(Altitude {
            metres: centre.at.hae_m,
            datum: Datum::Ellipsoid,
        });
        metadata.slant_range_m = metadata.slant_range_m.or(Some(centre.range_m));
        let half = metadata.hfov_rad.map(|h| (0.5 * h).tan());
        metadata.target_width_m = metadata
            .target_width_m
            .or(half.map(|half| 2.0 * half * centre.range_m));
        if let Ok(seen) = camera.footprint(surface, FARTHEST_M)
            && let [Some(a), Some(b), Some(c), Some(d)] = &seen.corners
        {
            metadata.corners = Some([a, b, c, d].map(lat_lon));
        }
    }
}

fn camera(m: &Metadata, size: (u32, u32)) -> Option<EarthCamera> {
    let (lat, lon) = m.sensor_lat_rad.zip(m.sensor_lon_rad)?;
    let height = m.sensor_altitude?;
    let at = match height.datum {
        Datum::Ellipsoid => Geodetic {
            lat,
            lon,
            hae_m: height.metres,
        },
        Datum::MeanSeaLevel => Geodetic::from_msl(lat, lon, height.metres),
    };
    let attitude = Attitude {
        heading: m.heading_rad?,
        pitch: m.pitch_rad?,
        roll: m.roll_rad?,
        rel_azimuth: m.relative_azimuth_rad?,
        rel_elevation: m.relative_elevation_rad?,
        rel_roll: m.relative_roll_rad?,
    };
    EarthCamera::new(
        at,
        attitude,
        m.hfov_rad?,
        m.vfov_rad.unwrap_or_default(),
        size,
    )
    .ok()
}
