//! Event time of frames against the simulator's truth, for both ways of carrying metadata.

use atalaya_feeds::{Fmv, FmvOptions, Unit};
use atalaya_sim::{Density, World, WorldOptions, write_to_dir};

/// Event time of each frame less the moment it shows, seconds.
fn errors(file: &std::path::Path, start_us: i64, fps: f64) -> Vec<f64> {
    let mut fmv = Fmv::file(file, FmvOptions::default()).unwrap();
    let mut errors = Vec::new();
    while let Some(unit) = fmv.next_unit().unwrap() {
        if let Unit::Frame(f) = unit {
            let shown = start_us as f64 / 1e6 + (f.frame.id - 1) as f64 / fps;
            errors.push(f.frame.t.0 as f64 / 1e6 - shown);
        }
    }
    errors
}

#[test]
fn asynchronous_metadata_tell_the_time_as_well_as_synchronous_ones() {
    let tmp = tempfile::tempdir().unwrap();
    let world = World::compound(
        3,
        &WorldOptions {
            duration_s: 3.0,
            density: Density::Quiet,
            ..WorldOptions::default()
        },
    );
    write_to_dir(&world, tmp.path(), &mut |_| {}).unwrap();
    let start = world.start_us;
    // The metadata of a picture are 20 to 60 ms older than it, with a jitter of some milliseconds.
    let mut means = Vec::new();
    for (file, fps, frames) in [("eo.ts", 15.0, 45), ("ir.ts", 10.0, 30)] {
        let errors = errors(&tmp.path().join(file), start, fps);
        assert_eq!(errors.len(), frames, "{file}");
        assert!(
            errors.iter().all(|e| (-0.075..=-0.005).contains(e)),
            "{file}: {errors:?}"
        );
        means.push(errors.iter().sum::<f64>() / frames as f64);
    }
    assert!((means[0] - means[1]).abs() < 0.01, "{means:?}");
}
