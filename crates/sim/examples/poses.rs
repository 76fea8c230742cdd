//! Metadata of many flights without their pictures, and what is true of them: `poses FIRST COUNT FILE.klv`.
//!
//! A packet each 30 s of five minutes a world, in `FILE.klv`; on standard output a line each, in the same
//! order: world, time, and where the middle of the picture truly is (latitude, longitude). The errors that
//! an operation states for such a flight go to standard error, in the form of `atalaya footprint --errors`.

use atalaya_geo::{Vector2, Vector3};
use atalaya_sim::{Density, SIGMAS, Sensor, World, WorldOptions, packet};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, first, count, path] = &args[..] else {
        return Err("usage: poses FIRST COUNT FILE.klv".into());
    };
    let (first, count): (u64, u64) = (first.parse()?, count.parse()?);
    let options = WorldOptions {
        density: Density::Quiet,
        thermal: false,
        ..WorldOptions::default()
    };
    let mut klv = std::io::BufWriter::new(std::fs::File::create(path)?);
    for seed in first..first + count {
        let world = World::compound(seed, &options);
        for k in 0..10 {
            let n = u64::from(Sensor::Eo.fps()) * 30 * k + 15;
            let t = n as f64 / f64::from(Sensor::Eo.fps());
            let camera = world.flight.camera(Sensor::Eo, t);
            let middle = Vector2::new(0.5 * camera.width, 0.5 * camera.height);
            let at = camera.ground(middle, 0.0).ok_or("no ground")?;
            let at = world.frame().to_geodetic(&Vector3::new(at.x, at.y, 0.0));
            klv.write_all(&packet(&world, Sensor::Eo, n)?)?;
            println!("{seed} {t:.3} {:.9} {:.9}", at.lat_deg(), at.lon_deg());
        }
    }
    klv.flush()?;
    let s = &SIGMAS;
    eprintln!(
        "position_m={:.3},height_m={:.3},heading_deg={:.3},gimbal_deg={:.3},position_noise_m={:.3},pointing_noise_deg={:.3}",
        s.position_m,
        s.height_m,
        s.heading.to_degrees(),
        s.gimbal.to_degrees(),
        s.position_noise_m.hypot(s.position_drift_m),
        s.gimbal_noise
            .to_degrees()
            .hypot(s.platform_noise.to_degrees()),
    );
    Ok(())
}
