//! How well pictures of a simulated world are found on an orthophoto:
//! `registration WORLD SEED ORTHO FEED EVERY_S [EAST_M NORTH_M TURN_DEG]`.
//!
//! Each look begins from the metadata as they are, moved and turned further by what is given last. Printed
//! are, for each, parts found and tried, how far the beginning puts the picture's middle from the truth,
//! and how far what was found lies from it (metres; east, north), the reference's own error taken out.

use atalaya_engine::{Context, EngineSettings};
use atalaya_feeds::{Fmv, FmvOptions, Unit};
use atalaya_geo::{Matrix3, Ortho, Vector2, Vector3};
use atalaya_model::{Attention, Operation, ReferenceAsk};
use atalaya_sim::{Sensor, World, WorldOptions, reference_error_m};
use atalaya_vision::{Reference, Vision, VisionSettings};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Looked for beyond what is given, metres.
const REACH_M: f64 = 12.0;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, folder, seed, ortho, feed, every, more @ ..] = &args[..] else {
        return Err(
            "usage: registration WORLD SEED ORTHO eo|ir EVERY_S [EAST_M NORTH_M TURN_DEG]".into(),
        );
    };
    let more: Vec<f64> = more.iter().map(|v| v.parse()).collect::<Result<_, _>>()?;
    let [east, north, turn] = [0, 1, 2].map(|i| more.get(i).copied().unwrap_or(0.0));
    let turn = turn.to_radians();
    let (seed, every): (u64, f64) = (seed.parse()?, every.parse()?);
    let sensor = if feed == "ir" { Sensor::Ir } else { Sensor::Eo };
    let fps = f64::from(sensor.fps());
    let every = (every * fps).max(2.0) as u64;
    let folder = Path::new(folder);
    let world = World::compound(seed, &WorldOptions::default());
    let text = std::fs::read_to_string(folder.join("operation.toml"))?;
    let operation = Operation::parse("operation.toml", &text)?;
    let context = Context::new(operation, EngineSettings::default())?;
    // World and operation measure from different origins.
    let shift = |p: Vector2<f64>| {
        let g = world.frame().to_geodetic(&Vector3::new(p.x, p.y, 0.0));
        context.frame.to_enu(&g).xy()
    };
    let ortho = Ortho::read(&std::fs::read(ortho)?)?;
    let (place, beside) = (ortho.place, Vector2::from(reference_error_m(seed)));
    let picture = Reference::new(ortho.width, ortho.height, ortho.luma).ok_or("empty")?;
    let mut vision =
        Vision::new(VisionSettings::default(), Vec::new()).with_reference(Some(Arc::new(picture)));
    let mut fmv = Fmv::file(&folder.join(format!("{feed}.ts")), FmvOptions::default())?;
    let mut attention = Attention::default();
    let (mut n, mut times) = (0u64, [Vec::new(), Vec::new()]);
    let mut found: Vec<Vector2<f64>> = Vec::new();
    while let Ok(Some(unit)) = fmv.next_unit() {
        let Unit::Frame(f) = unit else { continue };
        let asked = attention.reference.is_some();
        let begun = Instant::now();
        let report = vision.push(&f.frame, &attention);
        times[usize::from(asked)].push(begun.elapsed());
        attention = Attention::default();
        let t = n as f64 / fps;
        n += 1;
        let truth = world.flight.camera(sensor, t);
        let size = (f.frame.width, f.frame.height);
        let pointing = f.platform.as_ref().and_then(|p| context.pointing(p, size));
        let Some((mut camera, up)) = pointing.and_then(|p| Some((p.camera?, p.up))) else {
            continue;
        };
        camera.position += Vector3::new(east, north, 0.0);
        let (s, c) = turn.sin_cos();
        camera.to_local = Matrix3::new(c, s, 0.0, -s, c, 0.0, 0.0, 0.0, 1.0) * camera.to_local;
        let guess = camera.ground_map(up).ok_or("no ground")?;
        let true_place = |px| Some(shift(truth.ground(px, 0.0)?));
        let middle = Vector2::new(0.5 * camera.width, 0.5 * camera.height);
        if let Some(m) = &report.reference {
            let off =
                guess.apply(middle).ok_or("no ground")? - true_place(middle).ok_or("no ground")?;
            let ways = m.points.iter();
            let ways: Vec<Vector2<f64>> = ways
                .filter_map(|(px, at)| Some(at - beside - true_place(*px)?))
                .collect();
            let left = ways.iter().sum::<Vector2<f64>>() / ways.len().max(1) as f64;
            if !ways.is_empty() {
                found.push(left);
            }
            println!(
                "{t:6.1} s: {:2} of {:2}, off {:6.2} {:6.2}, left {:5.2} {:5.2}, rms {:.2}",
                ways.len(),
                m.tried,
                off.x,
                off.y,
                left.x,
                left.y,
                m.rms_m
            );
        }
        if n % every == 0 {
            let corners = camera
                .corners()
                .map(|px| guess.apply(px).unwrap_or_default());
            let to_reference = place.from_ground(&context.frame, &corners, up);
            let reach = east.hypot(north) + 400.0 * turn.abs();
            attention.reference = to_reference.map(|to_reference| ReferenceAsk {
                guess,
                to_reference,
                reach_m: REACH_M + reach,
            });
        }
    }
    let mean = found.iter().sum::<Vector2<f64>>() / found.len().max(1) as f64;
    let squares: f64 = found.iter().map(|v| v.norm_squared()).sum();
    let [without, with] =
        times.map(|t| 1e3 * t.iter().sum::<Duration>().as_secs_f64() / t.len().max(1) as f64);
    println!(
        "{} of {} found, left in the mean {:.2} {:.2}, rms per axis {:.2} m; {without:.1} ms a frame, {:.1} ms more with a look",
        found.len(),
        n.saturating_sub(1) / every,
        mean.x,
        mean.y,
        (0.5 * squares / found.len().max(1) as f64).sqrt(),
        with - without
    );
    Ok(())
}
