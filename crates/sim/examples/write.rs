//! Writes a world to a folder: `write SEED DIR [SECONDS]`.
use atalaya_sim::{Density, World, WorldOptions};

fn main() -> Result<(), atalaya_sim::Error> {
    let args: Vec<String> = std::env::args().collect();
    let seed = args.get(1).and_then(|s| s.parse().ok()).unwrap_or(1);
    let dir = args.get(2).cloned().unwrap_or_else(|| "world".into());
    let options = WorldOptions {
        duration_s: args.get(3).and_then(|s| s.parse().ok()).unwrap_or(300.0),
        density: Density::Busy,
        thermal: args.get(4).is_none(),
        ..WorldOptions::default()
    };
    let t = std::time::Instant::now();
    let world = World::compound(seed, &options);
    atalaya_sim::write_to_dir(&world, dir.as_ref(), &mut |p| {
        if p.done % 100 == 0 || p.done == p.total {
            let rate = p.done as f64 / t.elapsed().as_secs_f64();
            eprintln!("{} of {} pictures, {rate:.1}/s", p.done, p.total);
        }
    })
}
