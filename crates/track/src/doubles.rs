//! Tracks that are parts of the same thing.

use crate::track::{Track, grown};
use atalaya_model::Micros;

/// Ends one of two tracks that are parts of the same thing: the younger, when it lies within the
/// other and moves with it; the smaller, when they touch and drive with the same velocity (no two
/// vehicles do, and people who walk side by side are slower than that).
pub fn drop_doubles(tracks: &mut Vec<Track>, now: Micros, dt: f64) {
    let driving = 2.5;
    for i in 0..tracks.len() {
        let t = &tracks[i];
        let young = now.since(t.born) < 6.0;
        let doubled = tracks.iter().any(|o| {
            if !o.confirmed || (o.born, o.n) == (t.born, t.n) {
                return false;
            }
            let older = (o.born, o.n) < (t.born, t.n);
            let larger = if t.confirmed {
                o.bbox.area() > t.bbox.area()
            } else {
                older
            };
            let apart = (t.kalman.v - o.kalman.v).norm();
            let within = young
                && older
                && t.bbox.overlap(&o.bbox) > 0.6 * t.bbox.area()
                && apart < 1.0_f64.max(t.kalman.v.norm() * 0.25);
            let beside = larger
                && t.kalman.v.norm() > driving
                && o.kalman.v.norm() > driving
                && apart < 1.5_f64.max(0.25 * o.kalman.v.norm())
                && grown(&t.bbox, 0.1).overlap(&grown(&o.bbox, 0.2)) > 0.0;
            within || beside
        });
        let t = &mut tracks[i];
        t.doubled_s = if doubled {
            t.doubled_s + dt
        } else {
            (t.doubled_s - dt).max(0.0)
        };
    }
    // A double never was a thing of its own: it goes without a word about leaving.
    tracks.retain(|t| t.doubled_s < 0.6);
}
