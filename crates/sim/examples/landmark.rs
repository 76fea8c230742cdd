//! A corner of a building as a `[[feed.landmark]]` of the colour camera: `landmark SEED SECONDS`.
//!
//! The corner's true place, and the pixel at which the picture of that moment truly shows it.

use atalaya_geo::Vector3;
use atalaya_model::Micros;
use atalaya_sim::{Sensor, World, WorldOptions, report};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, seed, t] = &args[..] else {
        return Err("usage: landmark SEED SECONDS".into());
    };
    let (seed, t): (u64, f64) = (seed.parse()?, t.parse()?);
    let world = World::compound(seed, &WorldOptions::default());
    let fps = f64::from(Sensor::Eo.fps());
    let n = (t * fps).round();
    let t = n / fps;
    let camera = world.flight.camera(Sensor::Eo, t);
    // The corner of a roof that stands best inside the picture.
    let corners = world.layout.buildings.iter().flat_map(|b| {
        let [w, s, e, n] = b.limits;
        [[w, s], [e, s], [e, n], [w, n]].map(|[x, y]| Vector3::new(x, y, b.eaves_m).map(f64::from))
    });
    let inside = |p: &Vector3<f64>| {
        let px = camera.project(p)?;
        Some(px.x.min(px.y).min(1280.0 - px.x).min(720.0 - px.y))
    };
    let best = corners
        .filter_map(|p| Some((inside(&p)?, p)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let (_, place) = best.ok_or("no building in the picture")?;
    let px = camera.project(&place).ok_or("behind the camera")?;
    let at = world.frame().to_geodetic(&place);
    println!(
        "[[feed.landmark]]\ntime = \"{}\"\npixel = [{:.1}, {:.1}]\nlat = {:.9}\nlon = {:.9}\nabove_m = {:.2}\nsigma_m = 0.3",
        // As a page that shows the picture has it: the time of its metadata.
        Micros(report(&world, Sensor::Eo, n as u64).time_us).to_rfc3339(),
        px.x,
        px.y,
        at.lat_deg(),
        at.lon_deg(),
        place.z
    );
    Ok(())
}
