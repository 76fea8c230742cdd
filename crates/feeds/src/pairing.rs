//! Which metadata belong to a frame.

use std::collections::VecDeque;
use std::f64::consts::{PI, TAU};

use atalaya_geo::Geodetic;
use atalaya_klv::{Datum, LatLon, Metadata};
use atalaya_model::{GroundCorners, Micros, PlatformState, VerticalDatum};

use crate::clock::ticks_to_us;
use crate::unit::Pairing;

/// Metadata older than this are not used for a frame.
const STALE_US: i64 = 1_000_000;
/// Metadata further apart are not interpolated.
const INTERPOLATE_US: i64 = 2_000_000;
/// Packets kept: at 60 a second, a few seconds.
const KEPT: usize = 256;

/// The last metadata of a feed, by presentation time.
#[derive(Debug, Default)]
pub(crate) struct History {
    states: VecDeque<(i64, PlatformState)>,
    platform: Option<String>,
    mission: Option<String>,
    security: Option<String>,
}

impl History {
    /// Takes the metadata presented at `pts_90k`. Names and markings, which
    /// are sent now and then only, are carried along.
    pub(crate) fn insert(&mut self, pts_90k: i64, mut state: PlatformState) -> PlatformState {
        carry(&mut self.platform, &mut state.platform);
        carry(&mut self.mission, &mut state.mission);
        carry(&mut self.security, &mut state.security);
        let at = self.states.partition_point(|(pts, _)| *pts <= pts_90k);
        self.states.insert(at, (pts_90k, state.clone()));
        if self.states.len() > KEPT {
            self.states.pop_front();
        }
        state
    }

    /// Whether metadata are known that were presented at or after `pts_90k`.
    pub(crate) fn reaches(&self, pts_90k: i64) -> bool {
        self.states.back().is_some_and(|(pts, _)| *pts >= pts_90k)
    }

    /// Presentation time starts anew at `pts_90k`: keeps and returns what was
    /// presented near it, which came before the pictures it belongs to.
    pub(crate) fn restart(&mut self, pts_90k: i64) -> Vec<(i64, Micros)> {
        self.states
            .retain(|(pts, _)| ticks_to_us(pts - pts_90k).abs() <= INTERPOLATE_US);
        self.states.iter().map(|(pts, s)| (*pts, s.t)).collect()
    }

    /// The platform at `pts_90k`.
    pub(crate) fn at(&self, pts_90k: i64) -> (Option<PlatformState>, Pairing) {
        let after = self.states.partition_point(|(pts, _)| *pts <= pts_90k);
        let Some((pts, state)) = after.checked_sub(1).and_then(|i| self.states.get(i)) else {
            return (None, Pairing::Absent);
        };
        let age_us = ticks_to_us(pts_90k - pts);
        if age_us > STALE_US {
            return (None, Pairing::Stale { age_us });
        }
        let next = self
            .states
            .get(after)
            .filter(|(next, _)| age_us > 0 && ticks_to_us(next - pts) <= INTERPOLATE_US);
        let state = match next {
            Some((next, other)) => {
                let share = (pts_90k - pts) as f64 / (next - pts) as f64;
                between(state, other, share)
            }
            None => state.clone(),
        };
        let interpolated = next.is_some();
        (
            Some(state),
            Pairing::Paired {
                age_us,
                interpolated,
            },
        )
    }
}

fn carry(known: &mut Option<String>, said: &mut Option<String>) {
    match said {
        Some(text) => *known = Some(text.clone()),
        None => said.clone_from(known),
    }
}

/// The model's platform state of a metadata packet.
pub fn platform_state(metadata: &Metadata, t: Micros) -> PlatformState {
    let pair = |p: LatLon| (p.lat_rad, p.lon_rad);
    PlatformState {
        t,
        lat: metadata.sensor_lat_rad,
        lon: metadata.sensor_lon_rad,
        height_m: metadata.sensor_altitude.map(|a| a.metres),
        datum: metadata.sensor_altitude.map(|a| match a.datum {
            Datum::Ellipsoid => VerticalDatum::Hae,
            Datum::MeanSeaLevel => VerticalDatum::Msl,
        }),
        heading: metadata.heading_rad,
        pitch: metadata.pitch_rad,
        roll: metadata.roll_rad,
        hfov: metadata.hfov_rad,
        vfov: metadata.vfov_rad,
        rel_azimuth: metadata.relative_azimuth_rad,
        rel_elevation: metadata.relative_elevation_rad,
        rel_roll: metadata.relative_roll_rad,
        azimuth: metadata.azimuth_from_north_rad,
        elevation: metadata.elevation_above_horizon_rad,
        slant_range_m: metadata.slant_range_m,
        frame_centre: metadata.frame_center.map(|center| {
            let height = metadata.frame_center_altitude.map(|a| match a.datum {
                Datum::Ellipsoid => a.metres,
                Datum::MeanSeaLevel => {
                    Geodetic::from_msl(center.lat_rad, center.lon_rad, a.metres).hae_m
                }
            });
            (center.lat_rad, center.lon_rad, height)
        }),
        corners: metadata.corners.map(|corners| corners.map(pair)),
        platform: metadata
            .platform_designation
            .clone()
            .or_else(|| metadata.tail_number.clone()),
        mission: metadata.mission_id.clone(),
        security: metadata
            .security
            .as_ref()
            .map(|s| s.line())
            .filter(|line| !line.is_empty()),
    }
}

/// The state at `share` (0 to 1) of the way from `a` to `b`. What only one of
/// them says is taken from `a` or left out.
fn between(a: &PlatformState, b: &PlatformState, share: f64) -> PlatformState {
    let line = |x: f64, y: f64| x + (y - x) * share;
    let linear = |x: Option<f64>, y: Option<f64>| match (x, y) {
        (Some(x), Some(y)) => Some(line(x, y)),
        (x, _) => x,
    };
    let angle = |x: Option<f64>, y: Option<f64>| match (x, y) {
        (Some(x), Some(y)) => Some(turn(x, y, share)),
        (x, _) => x,
    };
    let place = |x: (f64, f64), y: (f64, f64)| (line(x.0, y.0), wrap(turn(x.1, y.1, share)));
    let same_datum = a.datum == b.datum;
    PlatformState {
        t: Micros(a.t.0 + (b.t.0.saturating_sub(a.t.0) as f64 * share).round() as i64),
        lat: linear(a.lat, b.lat),
        lon: angle(a.lon, b.lon).map(wrap),
        height_m: if same_datum {
            linear(a.height_m, b.height_m)
        } else {
            a.height_m
        },
        heading: angle(a.heading, b.heading),
        pitch: angle(a.pitch, b.pitch),
        roll: angle(a.roll, b.roll),
        hfov: linear(a.hfov, b.hfov),
        vfov: linear(a.vfov, b.vfov),
        rel_azimuth: angle(a.rel_azimuth, b.rel_azimuth),
        rel_elevation: angle(a.rel_elevation, b.rel_elevation),
        rel_roll: angle(a.rel_roll, b.rel_roll),
        azimuth: angle(a.azimuth, b.azimuth),
        elevation: angle(a.elevation, b.elevation),
        slant_range_m: linear(a.slant_range_m, b.slant_range_m),
        frame_centre: match (a.frame_centre, b.frame_centre) {
            (Some(x), Some(y)) => {
                let (lat, lon) = place((x.0, x.1), (y.0, y.1));
                Some((lat, lon, linear(x.2, y.2)))
            }
            (x, _) => x,
        },
        corners: match (a.corners, b.corners) {
            (Some(x), Some(y)) => {
                let mut corners: GroundCorners = x;
                for (corner, (p, q)) in corners.iter_mut().zip(x.into_iter().zip(y)) {
                    *corner = place(p, q);
                }
                Some(corners)
            }
            (x, _) => x,
        },
        ..a.clone()
    }
}

/// From angle `x` the short way to `y`.
fn turn(x: f64, y: f64, share: f64) -> f64 {
    x + wrap(y - x) * share
}

/// An angle within -π..π.
fn wrap(angle: f64) -> f64 {
    (angle + PI).rem_euclid(TAU) - PI
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_klv::Altitude;

    fn state(t: i64, heading: f64) -> PlatformState {
        PlatformState {
            t: Micros(t),
            lat: Some(heading / 100.0),
            heading: Some(heading.to_radians()),
            ..Default::default()
        }
    }

    #[test]
    fn frames_between_two_packets_get_what_lies_between_the_short_way() {
        let mut history = History::default();
        history.insert(0, state(0, 350.0));
        history.insert(9000, state(100_000, 10.0));
        let (platform, pairing) = history.at(4500);
        let heading = platform.unwrap().heading.unwrap().to_degrees();
        assert!((heading - 360.0).abs() < 1e-9, "{heading}");
        assert_eq!(
            pairing,
            Pairing::Paired {
                age_us: 50_000,
                interpolated: true
            }
        );
        assert_eq!(history.at(0).0.unwrap(), state(0, 350.0));
        assert_eq!(history.at(-1), (None, Pairing::Absent));
    }

    #[test]
    fn old_metadata_are_not_used_and_names_are_carried() {
        let mut history = History::default();
        let named = PlatformState {
            platform: Some("MQ-0".into()),
            ..state(0, 0.0)
        };
        history.insert(0, named);
        assert!(matches!(
            history.at(90_000).1,
            Pairing::Paired {
                age_us: 1_000_000,
                ..
            }
        ));
        assert_eq!(
            history.at(90_009),
            (None, Pairing::Stale { age_us: 1_000_100 })
        );
        let second = history.insert(900_000, state(1, 0.0));
        assert_eq!(second.platform.as_deref(), Some("MQ-0"));
    }

    #[test]
    fn a_frame_centre_is_above_the_ellipsoid_whatever_was_sent() {
        let mut metadata = Metadata {
            frame_center: Some(LatLon {
                lat_rad: 40f64.to_radians(),
                lon_rad: -3.5f64.to_radians(),
            }),
            frame_center_altitude: Some(Altitude {
                metres: 620.0,
                datum: Datum::MeanSeaLevel,
            }),
            // The sensor's height is another's business.
            sensor_altitude: Some(Altitude {
                metres: 1000.0,
                datum: Datum::Ellipsoid,
            }),
            ..Metadata::default()
        };
        let height = |m: &Metadata| platform_state(m, Micros(0)).frame_centre.unwrap().2;
        let up = height(&metadata).unwrap();
        assert!((up - 671.5).abs() < 1.5, "{up}");
        metadata.frame_center_altitude = Some(Altitude {
            metres: 620.0,
            datum: Datum::Ellipsoid,
        });
        assert_eq!(height(&metadata), Some(620.0));
    }
}
