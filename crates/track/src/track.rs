//! One track: what is known of it, and how a box is taken into it.

use crate::ground::View;
use crate::kalman::Kalman;
use crate::look::Look;
use crate::proof::Proof;
use crate::settings::TrackSettings;
use crate::shape::{self, KINDS, SHOWN};
use crate::tall::Height;
use atalaya_geo::{Cov2, Homography, Matrix2, Vector2};
use atalaya_model::{Class, Detection, Micros, PixelBox, TrackState};
use std::collections::VecDeque;

/// Seconds between the marks by which a track's way is measured.
const MARK_S: f64 = 0.5;
/// Speed of what is surely going somewhere, m/s.
const DRIVES: f64 = 2.0;
/// Seconds of standing after which it is taken to have stopped for good and not for a moment.
const STOOD_S: f64 = 2.0;
/// Boxes after which a track without outlines is taken to be as large as its boxes again.
pub const OUTLINED: u32 = 20;
/// Error of an outline's sides, as a share of them.
const OUTLINE_NOISE: f64 = 0.08;

/// What is followed.
#[derive(Clone, Debug)]
pub struct Track {
    /// Its number once it is believed; 0 before.
    pub n: u32,
    /// What it looks like if it is a vehicle.
    pub look: Look,
    /// What the pictures say of its moves.
    pub proof: Proof,
    /// Names it towards vision, from birth.
    pub key: u32,
    /// When and where it was detected of late: box, place on the plane.
    pub trail: VecDeque<(Micros, PixelBox, Vector2<f64>)>,
    /// Where it is and goes, on the plane.
    pub kalman: Kalman,
    /// Smoothed size of the box, pixels.
    pub size: (f64, f64),
    /// Its box, display pixels.
    pub bbox: PixelBox,
    /// When it was first detected.
    pub born: Micros,
    /// Where that was.
    pub birthplace: Vector2<f64>,
    /// Detections given to it.
    pub hits: u32,
    /// Frames since birth.
    pub frames: u32,
    /// When it was last detected or recognised.
    pub seen: Micros,
    /// Believed.
    pub confirmed: bool,
    /// How it stands now.
    pub state: TrackState,
    /// Log-likelihood of each kind.
    pub log_class: [f64; 4],
    /// Logarithm of the odds that its shadow is within its boxes.
    pub log_shade: f64,
    /// Where it points, radians from east.
    pub heading: f64,
    /// Seconds for which it has lain within an older track and moved with it.
    pub doubled_s: f64,
    /// Where it was at the last half-second mark …
    pub mark: (Micros, Vector2<f64>),
    /// … and the way it came by those marks.
    pub way: f64,
    /// Farthest it has been from where it was born.
    pub ranged: f64,
    /// When a detection was last given to it.
    pub detected: Micros,
    /// Where it was then, and its velocity.
    pub last: (Vector2<f64>, Vector2<f64>),
    /// Recognised by its picture since then …
    pub held: bool,
    /// … for so many seconds.
    pub held_s: f64,
    /// What its places tell of its height while it is recognised standing …
    pub height: Option<Height>,
    /// … and that it does not stand on the ground.
    pub tall: bool,
    /// How wide and high its kind showed from where it was last seen standing, pixels.
    pub sides: Option<(f64, f64)>,
    /// When something of it last differed from what was there before.
    pub shown: Micros,
    /// Its outline in this frame …
    pub outline: Option<PixelBox>,
    /// … and how many of its last boxes were outlines, at most [`OUTLINED`].
    pub outlines: u32,
    /// Vision remembers its look.
    pub watched: bool,
    /// Seconds for which it has not been seen though it was looked for …
    pub missed_s: f64,
    /// … and for which nobody looked.
    pub away_s: f64,
}

impl Track {
    /// It was recognised standing, and not for a moment only, when it was last seen.
    pub fn stands(&self, unit: f64) -> bool {
        self.held && self.held_s >= STOOD_S && self.kalman.v.norm() < 0.5 * unit
    }

    /// It stood, and nobody looked for so long that it may have gone: seen from elsewhere, neither it nor the
    /// bare ground looks as it did.
    pub fn unverified(&self, s: &TrackSettings, unit: f64) -> bool {
        self.confirmed && self.away_s > s.unverified_s && self.stands(unit)
    }

    /// `dt` seconds on. What stood when nobody looked any more is taken to stand.
    pub fn predict(&mut self, dt: f64, accel: f64, unit: f64, looked: bool) {
        if self.stands(unit) && !looked {
            self.kalman.stand(0.02 * unit);
            self.kalman.predict(dt, 0.0);
        } else {
            self.kalman.predict(dt, accel * unit);
        }
    }

    /// All of it has been elsewhere.
    pub fn translate(&mut self, by: Vector2<f64>) {
        let places = [
            &mut self.kalman.p,
            &mut self.birthplace,
            &mut self.mark.1,
            &mut self.last.0,
        ];
        let trail = self.trail.iter_mut().map(|(_, _, p)| p);
        places.into_iter().chain(trail).for_each(|p| *p += by);
    }

    /// Moves all that is known of its places: the plane has moved.
    pub fn shift(&mut self, moved: &Homography) {
        let places = [
            &mut self.kalman.p,
            &mut self.birthplace,
            &mut self.mark.1,
            &mut self.last.0,
        ];
        let trail = self.trail.iter_mut().map(|(_, _, p)| p);
        for p in places.into_iter().chain(trail) {
            *p = moved.apply(*p).unwrap_or(*p);
        }
        if let Some(h) = &mut self.height {
            h.shift(moved);
        }
    }
}

/// What a metre is on the plane: 1 when placed; else from the object's own size, as a typical
/// object is two and a half metres across.
pub fn unit(view: &View, t: &Track) -> f64 {
    if view.placed {
        1.0
    } else {
        ((t.size.0 * t.size.1).sqrt() / 2.5).max(1.0)
    }
}

/// What it is, by its size, and how surely.
pub fn class_of(t: &Track, placed: bool) -> (Class, f32) {
    if !placed || t.hits < 3 {
        return (Class::Unknown, 0.0);
    }
    let weights = class_weights(t);
    let best = (0..4)
        .max_by(|a, b| weights[*a].total_cmp(&weights[*b]))
        .unwrap_or(0);
    (KINDS[best], weights[best] as f32)
}

/// Probability of each kind.
pub fn class_weights(t: &Track) -> [f64; 4] {
    let top = t.log_class.iter().copied().fold(f64::MIN, f64::max);
    let weights = t.log_class.map(|l| (l - top).exp());
    let sum: f64 = weights.iter().sum();
    weights.map(|w| w / sum)
}

/// Probability that it is a vehicle, of whatever kind; none before its kind is known.
pub fn vehicle_p(t: &Track, placed: bool) -> f64 {
    match class_of(t, placed).0 {
        Class::Unknown => 0.0,
        _ => 1.0 - class_weights(t)[0],
    }
}

/// Where it stands and points, on the plane.
pub fn pose(t: &Track) -> (Vector2<f64>, f64) {
    (t.kalman.p, t.heading)
}

/// Probability that its shadow is within its boxes, and how much of it.
pub fn shade(t: &Track) -> (f64, f64) {
    let p = 1.0 / (1.0 + (-t.log_shade).exp());
    (p, if t.outlines > 0 { 1.0 } else { SHOWN })
}

/// Where the centre of a box lies on the plane.
pub fn ground(bbox: &PixelBox, view: &View) -> Option<Vector2<f64>> {
    let (cx, cy) = bbox.centre();
    view.map.apply(Vector2::new(f64::from(cx), f64::from(cy)))
}

/// From the centre of a track's box to the pixel where it stands.
fn foot_offset(bbox: &PixelBox, t: &Track, view: &View) -> Vector2<f64> {
    let class = class_of(t, view.placed).0;
    if view.placed
        && let Some(off) = shape::foot(view, t.kalman.p, t.heading, class, bbox, shade(t))
    {
        return off;
    }
    let down = view.look_down(t.kalman.p);
    Vector2::new(0.0, shape::foot_offset(class, down, bbox))
}

/// The pixel where the object of a box stands.
pub fn foot(bbox: &PixelBox, t: &Track, view: &View) -> Vector2<f64> {
    let (cx, cy) = bbox.centre();
    Vector2::new(f64::from(cx), f64::from(cy)) + foot_offset(bbox, t, view)
}

/// The box of a track that stands at pixel `foot`.
pub fn around(foot: Vector2<f64>, t: &Track, view: &View) -> PixelBox {
    let mut b = PixelBox {
        x: 0.0,
        y: 0.0,
        w: t.size.0 as f32,
        h: t.size.1 as f32,
    };
    let centre = foot - foot_offset(&b, t, view);
    b.x = centre.x as f32 - 0.5 * b.w;
    b.y = centre.y as f32 - 0.5 * b.h;
    b
}

/// True when a track goes so slowly that it overlaps with itself in the frames vision compares with:
/// then only its leading part differs from all of them.
fn shows_in_part(t: &Track, view: &View, s: &TrackSettings) -> bool {
    let gone = pixel_velocity(t, view).norm() * s.lag_s;
    class_of(t, view.placed).0.is_vehicle() && gone < 0.8 * t.size.0.max(t.size.1)
}

/// True of a vehicle that drives and lies in the picture with all of it: its boxes and colours are its own.
pub fn shows_well(t: &Track, view: &View) -> bool {
    const SURE: f64 = 0.9;
    let b = &t.bbox;
    let corner = |x: f32, y: f32| view.holds(Vector2::new(f64::from(x), f64::from(y)), 3.0);
    view.placed
        && t.confirmed
        && t.kalman.v.norm() > DRIVES
        && vehicle_p(t, true) >= SURE
        && corner(b.x, b.y)
        && corner(b.x + b.w, b.y + b.h)
}

fn pixel_velocity(t: &Track, view: &View) -> Vector2<f64> {
    view.back
        .jacobian(t.kalman.p)
        .map_or_else(Vector2::zeros, |j| j * t.kalman.v)
}

/// A box of the leading part made whole: the rest of the track lies behind it.
fn whole(t: &Track, bbox: &PixelBox, view: &View, s: &TrackSettings) -> PixelBox {
    if t.hits < 5 || !shows_in_part(t, view, s) {
        return *bbox;
    }
    let v = pixel_velocity(t, view);
    let lead = if v.norm() > 1.0 {
        v / v.norm()
    } else {
        Vector2::zeros()
    };
    let side = |at: f32, side: f32, size: f64, lead: f64| {
        let missing = (size as f32 - side).max(0.0);
        let behind = 0.5 * (1.0 + lead as f32);
        (at - missing * behind, side + missing)
    };
    let (x, w) = side(bbox.x, bbox.w, t.size.0, lead.x);
    let (y, h) = side(bbox.y, bbox.h, t.size.1, lead.y);
    PixelBox { x, y, w, h }
}

/// Where a box puts a track on the plane, and how well.
pub fn place(
    t: &Track,
    bbox: &PixelBox,
    view: &View,
    s: &TrackSettings,
) -> Option<(Vector2<f64>, Cov2)> {
    let (bbox, noise) = match t.outline {
        Some(_) => (*bbox, OUTLINE_NOISE),
        None => (whole(t, bbox, view, s), s.place_noise),
    };
    let foot = foot(&bbox, t, view);
    let z = view.map.apply(foot)?;
    let j = view.map.jacobian(foot)?;
    // A box of another size than the track's is a part of it, or more than it.
    let sigma = |side: f64, usual: f64| {
        (noise * usual.max(side))
            .hypot(0.35 * (side - usual))
            .max(0.7)
    };
    let sx = sigma(f64::from(bbox.w), t.size.0);
    let sy = sigma(f64::from(bbox.h), t.size.1);
    let r = j * Matrix2::new(sx * sx, 0.0, 0.0, sy * sy) * j.transpose();
    Some((z, r))
}

/// A detection and the other pieces that lie within the track's box: a vehicle of one colour often
/// shows as a front and a back.
pub fn gather(t: &Track, first: PixelBox, all: &[Detection], taken: &mut [bool]) -> PixelBox {
    let grow = 0.12;
    let (gx, gy) = (grow * t.bbox.w, grow * t.bbox.h);
    let mut sum = first;
    for (d, taken) in all.iter().zip(taken.iter_mut()) {
        if *taken {
            continue;
        }
        let (cx, cy) = d.bbox.centre();
        if cx < t.bbox.x - gx
            || cx > t.bbox.x + t.bbox.w + gx
            || cy < t.bbox.y - gy
            || cy > t.bbox.y + t.bbox.h + gy
        {
            continue;
        }
        let x = sum.x.min(d.bbox.x);
        let y = sum.y.min(d.bbox.y);
        let joined = PixelBox {
            x,
            y,
            w: (sum.x + sum.w).max(d.bbox.x + d.bbox.w) - x,
            h: (sum.y + sum.h).max(d.bbox.y + d.bbox.h) - y,
        };
        if f64::from(joined.w) <= 1.35 * t.size.0 + 3.0
            && f64::from(joined.h) <= 1.35 * t.size.1 + 3.0
        {
            sum = joined;
            *taken = true;
        }
    }
    sum
}

/// A box with a share of its size more on each side.
pub fn grown(b: &PixelBox, share: f32) -> PixelBox {
    PixelBox {
        x: b.x - share * b.w,
        y: b.y - share * b.h,
        w: (1.0 + 2.0 * share) * b.w,
        h: (1.0 + 2.0 * share) * b.h,
    }
}

/// Takes a box into a track.
pub fn observe(t: &mut Track, bbox: &PixelBox, now: Micros, view: &View, s: &TrackSettings) {
    let Some((z, r)) = place(t, bbox, view, s) else {
        return;
    };
    t.kalman.update(z, &r);
    if t.kalman.v.norm() > DRIVES * unit(view, t) {
        t.height = None;
    }
    t.hits += 1;
    t.seen = now;
    t.detected = now;
    t.last = (t.kalman.p, t.kalman.v);
    (t.held, t.held_s) = (false, 0.0);
    t.state = TrackState::Seen;
    t.trail.push_back((now, *bbox, t.kalman.p));
    while t.trail.front().is_some_and(|f| now.since(f.0) > 2.2) {
        t.trail.pop_front();
    }
    t.ranged = t.ranged.max((t.kalman.p - t.birthplace).norm());
    if now.since(t.mark.0) >= MARK_S {
        t.way += (t.kalman.p - t.mark.1).norm();
        t.mark = (now, t.kalman.p);
    }
    // Sizes grow faster than they shrink: parts of an object are seen more often than more than it.
    // While no more than a part can be seen, they don't shrink at all.
    let (grow, shrink) = match t.outline {
        Some(_) => (0.25, 0.25),
        None if t.outlines > 0 || shows_in_part(t, view, s) => (0.05, 0.01),
        None => (0.2, 0.08),
    };
    if t.outline.is_none() {
        t.shown = now;
    }
    t.outlines = match t.outline {
        Some(_) => (t.outlines + 2).min(OUTLINED),
        None => t.outlines.saturating_sub(1),
    };
    let follow = |size: &mut f64, side: f32| {
        let side = f64::from(side);
        *size += (side - *size) * if side > *size { grow } else { shrink };
    };
    follow(&mut t.size.0, bbox.w);
    follow(&mut t.size.1, bbox.h);
    if view.placed {
        let speed = t.kalman.v.norm();
        if speed > 1.0 {
            t.heading = t.kalman.v.y.atan2(t.kalman.v.x);
        }
        if shows_well(t, view) {
            let (shade, pose) = (shade(t), pose(t));
            let way = t.outline.is_none().then_some(speed * s.lag_s);
            t.look.measure(bbox, view, pose, shade, way, now);
        }
        let class = class_of(t, true).0;
        if let Some(gain) = shape::shaded(view, t.kalman.p, t.heading, class, bbox, shade(t).1) {
            // As with kinds, neighbouring frames say much the same.
            t.log_shade = 0.98 * t.log_shade + 0.1 * gain;
        }
        let kinds = match t.outline {
            Some(_) => shape::outline_likelihoods(view, t.kalman.p, t.heading, bbox, shade(t).0),
            None => shape::likelihoods(view, t.kalman.p, t.heading, bbox),
        };
        if let Some(mut l) = kinds {
            // Nobody on foot goes faster than this for long.
            l[0] -= if speed > 4.0 { 4.0 } else { 0.0 };
            for (sum, l) in t.log_class.iter_mut().zip(l) {
                // Neighbouring frames say much the same: each counts for a fifth, and the past
                // fades over about ten seconds.
                *sum = 0.99 * *sum + 0.2 * l;
            }
        }
    }
    if let Some(foot) = view.back.apply(t.kalman.p) {
        t.bbox = around(foot, t, view);
    }
}
