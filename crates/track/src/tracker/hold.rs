//! What stands: which tracks vision is to recognise, and what becomes of it.

use super::Tracker;
use crate::ground::View;
use crate::tall::is_tall;
use crate::track::{Track, class_of, foot, unit};
use atalaya_model::{Class, FrameReport, Micros, TrackState, Watch};

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
            // The picture is found to about a pixel.
            let r = j * j.transpose() * 1.5;
            if t.kalman.distance2(z, &r) > 4.0 * s.gate {
                continue;
            }
            t.tall = is_tall(&mut t.height, z, foot, view, now);
            let unit = unit(view, t);
            t.kalman.update(z, &r);
            t.kalman.stand(0.15 * unit);
            t.bbox = h.bbox;
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
        })
    }
}
