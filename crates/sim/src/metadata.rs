//! The metadata that a picture's packet carries: MISB ST 0601, with a flight's errors.
//!
//! The aircraft's angles are given against the level at the world's origin; over an
//! orbit's radius that turns by less than 0.003 degrees, far below the errors.

use crate::flight::{Pointing, Sensor, camera};
use crate::world::{GEOID_M, World};
use atalaya_geo::{Camera, LocalFrame, Vector2, Vector3};
use atalaya_klv::st0102::Marking;
use atalaya_klv::st0601::{EncodeError, SetBuilder};

/// Version of ST 0601 that the packets state.
const VERSION: u64 = 19;
/// The simulated world lies in Spain, and is nobody's secret.
const MARKING: Marking<'_> = Marking {
    classification: 1,
    country: "ESP",
    object_country: "ESP",
    caveats: "",
};

/// What a packet says, before it is coded.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    /// Age of the metadata against the picture, seconds: their time stamp is that much
    /// earlier than the moment of the picture.
    pub age_s: f64,
    /// Event time in the packet, microseconds UTC.
    pub time_us: i64,
    /// Position and angles as reported.
    pub pointing: Pointing,
}

impl Report {
    /// The camera as reported.
    pub fn camera(&self, sensor: Sensor) -> Camera {
        camera(&self.pointing, sensor)
    }
}

/// What the packet that comes with picture `n` of a sensor says.
pub fn report(world: &World, sensor: Sensor, n: u64) -> Report {
    let t = n as f64 / f64::from(sensor.fps());
    let name = match sensor {
        Sensor::Eo | Sensor::Small => "eo",
        Sensor::Ir => "ir",
    };
    let age_s = world.errors.age_s(name, n);
    let then = t - age_s;
    let truth = world.flight.at(then);
    Report {
        age_s,
        time_us: world.time_us(then),
        pointing: world.errors.reported(&truth, name, n, then),
    }
}

/// The coded packet that comes with picture `n`.
pub fn packet(world: &World, sensor: Sensor, n: u64) -> Result<Vec<u8>, EncodeError> {
    let r = report(world, sensor, n);
    let a = &r.pointing.attitude;
    let place = world.frame().to_geodetic(&r.pointing.position);
    let mut set = SetBuilder::new(r.time_us.max(0) as u64);
    set.text(3, "SIMULATED")?
        .text(10, "SIMULATED")?
        .text(
            11,
            match sensor {
                Sensor::Eo | Sensor::Small => "EO Nose",
                Sensor::Ir => "IR Nose",
            },
        )?
        .text(12, "Geodetic WGS84")?
        .number(5, a.heading.to_degrees().rem_euclid(360.0))?
        .number(6, a.pitch.to_degrees().clamp(-20.0, 20.0))?
        .number(7, a.roll.to_degrees().clamp(-50.0, 50.0))?
        .number(13, place.lat_deg())?
        .number(14, place.lon_deg())?
        .number(15, place.hae_m - GEOID_M)?
        .number(16, sensor.hfov().to_degrees())?
        .number(17, sensor.vfov().to_degrees())?
        .number(18, a.rel_azimuth.to_degrees().rem_euclid(360.0))?
        .number(19, a.rel_elevation.to_degrees())?
        .number(20, a.rel_roll.to_degrees().rem_euclid(360.0))?;
    footprint(world, sensor, &r.pointing, &mut set)?;
    set.number(75, place.hae_m)?;
    set.bytes(48, &MARKING.local_set());
    set.unsigned(65, VERSION)?;
    Ok(set.finish())
}

/// Items that follow from the reported pose and the ground: slant range, width, frame
/// centre and corners.
fn footprint(
    world: &World,
    sensor: Sensor,
    p: &Pointing,
    set: &mut SetBuilder,
) -> Result<(), EncodeError> {
    let camera = camera(p, sensor);
    let frame = world.frame();
    let (w, h) = (camera.width, camera.height);
    let at = |x: f64, y: f64| ground(&camera, frame, x, y);
    if let Some((lat, lon, range)) = at(0.5 * w, 0.5 * h) {
        set.number(21, range)?
            .number(22, (range * w / camera.fx).min(10_000.0))?
            .number(23, lat)?
            .number(24, lon)?
            .number(25, crate::world::GROUND_HAE_M - GEOID_M)?;
    }
    let corners = [(0.0, 0.0), (w, 0.0), (w, h), (0.0, h)];
    for (k, (x, y)) in corners.into_iter().enumerate() {
        if let Some((lat, lon, _)) = at(x, y) {
            let tag = 82 + 2 * k as u32;
            set.number(tag, lat)?.number(tag + 1, lon)?;
        }
    }
    Ok(())
}

/// Latitude and longitude, degrees, and distance, metres, of a pixel's ground.
fn ground(camera: &Camera, frame: &LocalFrame, x: f64, y: f64) -> Option<(f64, f64, f64)> {
    let g = camera.ground(Vector2::new(x, y), 0.0)?;
    let p = Vector3::new(g.x, g.y, 0.0);
    let q = frame.to_geodetic(&p);
    Some((q.lat_deg(), q.lon_deg(), (p - camera.position).norm()))
}
