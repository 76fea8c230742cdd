//! Writes single pictures of a world as PPM, and the rendering speed to standard error.
use atalaya_sim::render::Renderer;
use atalaya_sim::{Density, Sensor, World, WorldOptions};
use std::io::Write;

fn main() -> std::io::Result<()> {
    let args: Vec<String> = std::env::args().collect();
    let seed = args.get(1).and_then(|s| s.parse().ok()).unwrap_or(1);
    let dir = args.get(2).cloned().unwrap_or_else(|| ".".into());
    let options = WorldOptions {
        density: Density::Busy,
        ..WorldOptions::default()
    };
    let t = std::time::Instant::now();
    let world = World::compound(seed, &options);
    eprintln!("world {:?}, {} actors", t.elapsed(), world.actors.len());
    for a in &world.actors {
        eprintln!("{:3} {:8} {:6.1} - {:6.1}", a.id, a.kind.word(), a.t0, a.t1());
    }
    let t = std::time::Instant::now();
    let r = Renderer::new(&world);
    eprintln!("bake {:?}", t.elapsed());
    for (sensor, name) in [(Sensor::Eo, "eo"), (Sensor::Ir, "ir")] {
        let t = std::time::Instant::now();
        for n in 0..30 {
            r.frame(sensor, n);
        }
        eprintln!("{name} {:.1} frames/s", 30.0 / t.elapsed().as_secs_f64());
        for at in args.iter().skip(3).filter_map(|s| s.parse::<f64>().ok()) {
            let n = (at * f64::from(sensor.fps())) as u64;
            let p = r.frame(sensor, n);
            let mut f = std::fs::File::create(format!("{dir}/{name}_{at}.ppm"))?;
            write!(f, "P6\n{} {}\n255\n", p.width, p.height)?;
            let mut rgb = Vec::new();
            for y in 0..p.height {
                for x in 0..p.width {
                    let l = (f32::from(p.luma[y * p.width + x]) - 16.0) * 255.0 / 219.0;
                    let c = y / 2 * (p.width / 2) + x / 2;
                    let u = (f32::from(p.cb[c]) - 128.0) * 255.0 / 224.0;
                    let v = (f32::from(p.cr[c]) - 128.0) * 255.0 / 224.0;
                    for q in [l + 1.5748 * v, l - 0.1873 * u - 0.4681 * v, l + 1.8556 * u] {
                        rgb.push(q.clamp(0.0, 255.0) as u8);
                    }
                }
            }
            f.write_all(&rgb)?;
        }
    }
    Ok(())
}
