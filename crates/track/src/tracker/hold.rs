//! What stands: which tracks vision is to recognise, and what becomes of it.

use super::Tracker;
use crate::ground::View;
use crate::shape::project;
use crate::tall::is_tall;
use crate::track::{Track, around, class_of, foot, shade, unit};
use atalaya_model::{Class, FrameReport, Micros, TrackState, Watch};

/// Variance of where the picture of something is found that has just stopped, pixels² …
const FOUND: f64 = 1.5;
/// … and of what has stood for a while: errors of neighbouring pictures are the same ones.
const PARKED: f64 = 25.0;
/// Most by which a box may change its sides from one picture to the next.
const TURN: f64 = 1.1;

/// Gives what stands the box it shows from here, as the camera goes round it.
pub(super) fn turn(t: &mut Track, view: &View) {
    let class = class_of(t, view.placed).0;
    let stands = view.placed && class.is_vehicle() && t.stands(unit(view, t));
    let of = |shade| project(view, t.kalman.p, t.heading, class, shade);
    let (shaded, shown) = shade(t);
    let sides = of(None).filter(|_| stands).map(|plain| {
        let with = of(view.shade.map(|s| s * shown)).unwrap_or(plain);
        let mix = |a: f64, b: f64| a + (b - a) * shaded;
        (mix(plain.w, with.w), mix(plain.h, with.h))
    });
    if let (Some(was), Some(is)) = (t.sides, sides) {
        let by = |was: f64, is: f64| (is / was.max(1.0)).clamp(1.0 / TURN, TURN);
        t.size.0 *= by(was.0, is.0);
        t.size.1 *= by(was.1, is.1);
    }
    t.sides = sides;
}

impl Tracker {
    /// Recognises what has stopped.
    pub(super) fn hold(
        &mut self,
        now: Micros,
        dt: f64,
        view: &View,
        report: &FrameReport,
        matched: &mut [bool],
    ) {
        let s = &self.settings;
        if dt > s.gap_s {
            // What is remembered of it is from another side.
            return;
        }
        for h in &report.holds {
            let Some(i) = self.tracks.iter().position(|t| t.n == h.track.n) else {
                continue;
            };
            let t = &mut self.tracks[i];
            // What has not gone anywhere yet is not believed to have stopped, nor what was last
            // seen at speed.
            let standing = t.state == TrackState::Stopped;
            let proven = t.hits >= s.stop_hits && t.ranged >= s.stop_range * unit(view, t);
            let gap = now.since(t.detected);
            let mut slow = t.kalman.v.norm() < (s.stop_speed + s.brake * gap) * unit(view, t);
            if class_of(t, view.placed).0 == Class::Person {
                // The ground around it is most of its picture, and is found again wherever it is
                // looked for: who was walking when last detected is walking still.
                slow &= t.last.1.norm() < s.stroll;
            }
            let braked = standing || (gap <= s.stop_gap_s && slow);
            if matched[i] || h.likeness < s.hold_likeness || !proven || !(braked || t.held) {
                continue;
            }
            let foot = foot(&h.bbox, t, view);
            let (Some(z), Some(j)) = (view.map.apply(foot), view.map.jacobian(foot)) else {
                continue;
            };
            // The picture is found to about a pixel; of what is parked it is known no better than its place.
            let parked = t.stands(unit(view, t));
            let r = j * j.transpose() * if parked { PARKED } else { FOUND };
            if t.kalman.distance2(z, &r) > 4.0 * s.gate {
                continue;
            }
            t.tall = is_tall(&mut t.height, z, foot, view, now);
            let unit = unit(view, t);
            t.kalman.update(z, &r);
            t.kalman.stand(0.15 * unit);
            t.bbox = match view.back.apply(t.kalman.p).filter(|_| parked) {
                Some(foot) => around(foot, t, view),
                None => h.bbox,
            };
            t.seen = now;
            t.held = true;
            t.held_s += dt;
            t.state = if t.kalman.v.norm() < 0.5 * unit {
                TrackState::Stopped
            } else {
                TrackState::Seen
            };
            matched[i] = true;
        }
    }

    /// True of a vehicle that nobody has looked at for so long that one detection is no proof of it: it is
    /// known again by how something comes from where it went ([`recapture`]).
    pub(super) fn is_gone(&self, t: &Track, view: &View) -> bool {
        let drove = t.away_s > self.settings.away_s && class_of(t, view.placed).0.is_vehicle();
        let unit = unit(view, t);
        (drove && !t.stands(unit)) || t.unverified(&self.settings, unit)
    }

    /// True of a vehicle that stands: as long as it is recognised there, what differs at its place is something else,
    /// and when it is recognised no more, that is the ground which it uncovered.
    pub(super) fn is_parked(&self, t: &Track, view: &View) -> bool {
        class_of(t, view.placed).0.is_vehicle() && t.stands(unit(view, t))
    }

    /// What vision is to recognise of a track that may be standing.
    pub(super) fn watch(&self, t: &Track, now: Micros, view: &View) -> Option<Watch> {
        let unit = unit(view, t);
        if t.kalman.v.norm() >= self.settings.watch_speed * unit
            || t.state == TrackState::Unobserved
            || t.unverified(&self.settings, unit)
        {
            return None;
        }
        let vehicle = class_of(t, view.placed).0.is_vehicle();
        // A person fills too little of its box: the ground around it, which stands still, would be recognised in
        // its stead.
        let detected = t.state == TrackState::Seen && t.detected == now && vehicle;
        // Nor is a look remembered of where a vehicle is only thought to be.
        let known = detected || t.watched || t.stands(unit) || !vehicle;
        known.then_some(Watch {
            track: self.id(t),
            bbox: t.bbox,
            detected,
            parked: t.stands(unit),
        })
    }
}
