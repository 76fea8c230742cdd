//! How far tracks reach: boxes of moving pixels show the ends of a vehicle, and the ground behind it; vision is asked
//! what else goes with it.

use crate::ground::View;
use crate::settings::TrackSettings;
use crate::shape;
use crate::track::{OUTLINED, Track, class_of, place};
use atalaya_geo::Vector2;
use atalaya_model::{Class, Micros, OutlineAsk, PixelBox};

/// Least speed of what is asked about and is not known to be a vehicle, m/s: people walk close together.
const FAST: f64 = 2.5;
/// Ways to compare over, pixels: the shortest recent one that is at least the first, else the longest if at least
/// the second.
const WAYS: (f64, f64) = (8.0, 4.0);
/// How far a vehicle may reach beyond the part that shows, metres.
const REACH_M: f64 = 8.0;

/// How much larger than that of a truck with its shadow an outline may be.
const LARGEST: f64 = 1.3;
/// Least and most of its area as a share of what it was: another vehicle beside it may go with it for a while.
const LIKE_BEFORE: (f64, f64) = (0.5, 1.7);
/// Share of the smaller of two outlines that both hold when they are of one thing.
const SAME: f32 = 0.6;
/// Age of a track from which it is another's double no more, seconds.
const OLD_S: f64 = 6.0;

/// What vision is to be asked about a track with the next frame.
pub fn ask(t: &Track, now: Micros, view: &View) -> Option<OutlineAsk> {
    let vehicle = class_of(t, view.placed).0.is_vehicle();
    let fast = t.kalman.v.norm() > FAST;
    if !view.placed || t.seen != now || t.hits < 5 || !(fast || vehicle) {
        return None;
    }
    let j = view.back.jacobian(t.kalman.p)?;
    let way = |p: &Vector2<f64>| (j * (t.kalman.p - p)).norm();
    let recent = t.trail.iter().rev().find(|e| way(&e.2) >= WAYS.0);
    let (then, _, from) = recent.or(t.trail.front().filter(|e| way(&e.2) >= WAYS.1))?;
    let gone = j * (t.kalman.p - from);
    Some(OutlineAsk {
        key: t.key,
        then: *then,
        seed: t.bbox,
        reach: (REACH_M * shape::scale(view, t.kalman.p)?) as f32,
        gone: [gone.x as f32, gone.y as f32],
    })
}

/// Takes an answer, carried to this frame, when it may be the outline of a vehicle. The first ones say where all of
/// the track has been, too: it was a part of what is there.
pub fn take(t: &mut Track, bbox: PixelBox, view: &View, s: &TrackSettings) {
    let Some(largest) = shape::project(view, t.kalman.p, t.heading, Class::Truck, view.shade)
    else {
        return;
    };
    let (w, h) = (f64::from(bbox.w), f64::from(bbox.h));
    if w > LARGEST * largest.w || h > LARGEST * largest.h {
        return;
    }
    let ratio = w * h / (t.size.0 * t.size.1).max(1.0);
    if t.outlines >= OUTLINED / 2 && !(LIKE_BEFORE.0..LIKE_BEFORE.1).contains(&ratio) {
        return;
    }
    t.outline = Some(bbox);
    if t.outlines < OUTLINED / 4 {
        t.size = (w, h);
        // So that its box is measured as an outline's.
        t.outlines = t.outlines.max(1);
        if let Some((z, _)) = place(t, &bbox, view, s) {
            t.translate(z - t.kalman.p);
        }
    }
}

/// Of tracks with one outline the younger, or the one that is not believed, is a part of the other: true for those.
pub fn parts(tracks: &[Track], now: Micros) -> Vec<bool> {
    let older =
        |o: &Track, t: &Track| (!o.confirmed, o.born, o.key) < (!t.confirmed, t.born, t.key);
    let part = |t: &Track| {
        let Some(b) = t
            .outline
            .filter(|_| !t.confirmed || now.since(t.born) < OLD_S)
        else {
            return false;
        };
        tracks.iter().any(|o| {
            o.outline
                .is_some_and(|a| older(o, t) && a.overlap(&b) > SAME * a.area().min(b.area()))
        })
    };
    tracks.iter().map(part).collect()
}
