//! When a candidate is a believed track that was lost from sight: it turned, or drove on while
//! something else was taken for it.

use crate::ground::View;
use crate::settings::TrackSettings;
use crate::track::{Track, class_of, unit};
use atalaya_model::Micros;

/// Gives lost tracks back what looks like something new, the best fits first. `matched` says of each
/// track whether it was seen now, and stays in step with `tracks`.
pub fn recapture(
    tracks: &mut Vec<Track>,
    matched: &mut Vec<bool>,
    now: Micros,
    view: &View,
    s: &TrackSettings,
) {
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for (i, t) in tracks.iter().enumerate() {
            if !t.confirmed || t.detected == now {
                continue;
            }
            for (j, c) in tracks.iter().enumerate() {
                if let Some(m) = misfit(t, c, now, view, s)
                    && best.is_none_or(|b| m < b.0)
                {
                    best = Some((m, i, j));
                }
            }
        }
        let Some((_, i, j)) = best else { return };
        let c = tracks[j].clone();
        take_over(&mut tracks[i], c);
        matched[i] = true;
        tracks.remove(j);
        matched.remove(j);
    }
}

/// How far, in units of what is allowed, a candidate appeared from where a lost track should have
/// been by then; `None` when it can't be it. Between two velocities with steady acceleration the
/// mean velocity is their mean, whichever way it turned.
fn misfit(t: &Track, c: &Track, now: Micros, view: &View, s: &TrackSettings) -> Option<f64> {
    let unit = unit(view, t);
    let lost = now.since(t.detected);
    let gap = c.born.since(t.detected);
    let (was, then) = t.last;
    if c.confirmed
        || c.detected != now
        || c.hits < s.recapture_hits
        || !(s.recapture_from_s..=s.recapture_s).contains(&lost)
        || gap < -0.5
    {
        return None;
    }
    let gone = c.kalman.p - c.birthplace;
    let speed = c.kalman.v.norm();
    if gone.norm() < unit || speed < unit || speed > 1.5 * then.norm() + 3.0 * unit {
        return None;
    }
    let vehicle = |k: &Track| class_of(k, view.placed).0.is_vehicle();
    let ratio = ((c.size.0 * c.size.1) / (t.size.0 * t.size.1).max(1.0)).ln();
    if !(-1.6..=0.7).contains(&ratio) || (!vehicle(t) && vehicle(c)) {
        return None;
    }
    let due = was + (then + c.kalman.v) * (0.5 * gap);
    let allowed = 2.0 * unit + 0.25 * (then.norm() + speed) * gap.abs();
    let share = (c.birthplace - due).norm() / allowed;
    (share <= 1.0).then_some(share)
}

/// Gives a lost track what is known of the candidate that it is.
fn take_over(t: &mut Track, c: Track) {
    t.key = c.key;
    t.proof = c.proof;
    t.trail = c.trail;
    t.kalman = c.kalman;
    t.size = c.size;
    t.bbox = c.bbox;
    t.hits += c.hits;
    t.seen = c.seen;
    t.detected = c.detected;
    t.last = c.last;
    t.state = c.state;
    t.heading = c.heading;
    t.held = false;
    t.mark = c.mark;
    for (sum, l) in t.log_class.iter_mut().zip(c.log_class) {
        *sum += l;
    }
}
