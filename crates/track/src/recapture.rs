//! When a candidate is a believed track that was lost from sight: it turned, or drove on while
//! something else was taken for it.

use crate::ground::View;
use crate::settings::TrackSettings;
use crate::track::{Track, class_of, unit};
use atalaya_model::{Micros, TrackState};

/// How fast a vehicle may drive off, m/s².
const DRIVE_OFF: f64 = 2.5;

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
    if c.confirmed || c.detected != now || c.hits < s.recapture_hits || gap < -0.5 {
        return None;
    }
    let parked = class_of(t, view.placed).0.is_vehicle() && t.stands(unit) && t.seen != now;
    if parked || t.unverified(s, unit) {
        // What stood drives off: from there, and slowly at first.
        return left_from(t, c, view, unit);
    }
    if !(s.recapture_from_s..=s.recapture_s).contains(&lost) {
        return None;
    }
    // What drove out of the picture does not come back at once; something else comes in there.
    let left = t.away_s > 0.0 || t.state == TrackState::Unobserved;
    if left && then.norm() > 2.0 * unit && then.dot(&c.kalman.v) <= 0.0 {
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

/// The same for a candidate that may be a parked track that drives off.
fn left_from(t: &Track, c: &Track, view: &View, unit: f64) -> Option<f64> {
    let ratio = ((c.size.0 * c.size.1) / (t.size.0 * t.size.1).max(1.0)).ln();
    let vehicle = class_of(t, view.placed).0.is_vehicle();
    let gone = (c.kalman.p - c.birthplace).norm();
    if !vehicle || !(-1.6..=1.0).contains(&ratio) || gone < unit {
        return None;
    }
    // From rest it has not come far at that speed.
    let way = (c.kalman.p - t.kalman.p).norm();
    if c.kalman.v.norm_squared() > 2.0 * DRIVE_OFF * unit * (way + 2.0 * unit) {
        return None;
    }
    let spread = (0.5 * t.kalman.pp.trace()).sqrt();
    let share = (c.birthplace - t.kalman.p).norm() / (2.5 * unit + 2.0 * spread).min(4.0 * unit);
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
    (t.held, t.held_s) = (false, 0.0);
    (t.missed_s, t.away_s) = (0.0, 0.0);
    t.mark = c.mark;
    for (sum, l) in t.log_class.iter_mut().zip(c.log_class) {
        *sum += l;
    }
}
