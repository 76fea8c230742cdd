//! True positions on the ground.

use crate::world::World;
use atalaya_model::Micros;

/// Positions per second in `tracks.csv`.
pub const TRACK_HZ: f64 = 5.0;

/// `time,id,lat,lon,class` of everybody at [`TRACK_HZ`], sorted by time, then id.
pub fn tracks_csv(world: &World) -> String {
    use std::fmt::Write;
    let mut out = String::from("time,id,lat,lon,class\n");
    let count = (world.options.duration_s * TRACK_HZ).floor() as u64;
    for k in 0..=count {
        let t = k as f64 / TRACK_HZ;
        let time = Micros(world.time_us(t)).to_rfc3339();
        for s in world.truth_at(t) {
            let (lat, lon) = world.lat_lon(s.pose.at);
            let word = s.actor.kind.word();
            // Writing to a string does not fail.
            let _ = writeln!(out, "{time},{},{lat:.8},{lon:.8},{word}", s.actor.id);
        }
    }
    out
}
