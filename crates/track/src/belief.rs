//! When a candidate is believed to be a thing of its own that moves.

use crate::ground::View;
use crate::settings::TrackSettings;
use crate::track::{Track, grown, unit};
use atalaya_model::Micros;

/// True for a candidate that got somewhere of its own accord.
pub fn has_moved(t: &Track, now: Micros, view: &View, s: &TrackSettings) -> bool {
    let age = now.since(t.born);
    if t.proof.n < s.proof_verdicts || (s.proof_verdicts > 0 && t.proof.mean < s.proof_gain) {
        return false;
    }
    // A mast leans over as the camera passes, and takes its look along.
    if t.size.1 > s.confirm_slender * t.size.0 {
        return false;
    }
    if t.hits < s.confirm_hits
        || age < s.confirm_age_s
        || f64::from(t.hits) < s.confirm_share * f64::from(t.frames)
    {
        return false;
    }
    let unit = unit(view, t);
    let moved = t.kalman.p - t.birthplace;
    let spread = t.kalman.pp.trace().sqrt();
    if moved.norm() < (s.confirm_move * unit).max(2.0 * spread) {
        return false;
    }
    // Leaves and flicker go to and fro; people and vehicles get somewhere …
    let way = t.way + (t.kalman.p - t.mark.1).norm();
    if moved.norm() < s.confirm_straight * way {
        return false;
    }
    // … and go on as they came.
    let rate = moved / age.max(1e-3);
    if (t.kalman.v - rate).norm() > s.confirm_steady * rate.norm() {
        return false;
    }
    // A still thing of height h seems to move at -v h / (H - h) while the camera moves at
    // v at height H: what remains beyond that must be a speed of its own.
    let own = match view.camera {
        Some((c, v)) if v.xy().norm() > 0.5 => {
            let k = s.clutter_height / (c.z - view.up - s.clutter_height).max(10.0);
            let shift = -v.xy();
            let share = (rate.dot(&shift) / shift.norm_squared()).clamp(0.0, k);
            rate - shift * share
        }
        _ => rate,
    };
    own.norm() >= s.confirm_speed * unit
}

/// True for a candidate that is a part of a believed track: at its box, and going with it. The
/// shadow of a vehicle, its front and its back do.
pub fn belongs_to_another(t: &Track, tracks: &[Track]) -> bool {
    tracks.iter().any(|o| {
        o.confirmed
            && o.kalman.v.norm() > 1.5
            && (t.kalman.v - o.kalman.v).norm() < 0.45 * o.kalman.v.norm()
            && grown(&o.bbox, 0.35).overlap(&t.bbox) > 0.2 * t.bbox.area()
    })
}
