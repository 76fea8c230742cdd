//! Which tracks are the same thing: seen by several feeds, or found again after a break; and where it is.
//!
//! [`Fuse`] gives each point the name of its subject: the track it was first known by. A track that
//! appears near another feed's track and goes with it is that one's subject (track-to-track
//! association with a common error, Bar-Shalom, Li & Kirubarajan 2001, ch. 8), unless another fits as well;
//! one that is born where and when another ended takes that one's up, a parked vehicle's also long after.
//! The end of a track is held back until it can't be taken up any more, so that nobody is said to be lost
//! who is found again. Two tracks of one subject that disagree part.
//!
//! What feeds of different aircraft see of one subject tells what their metadata get wrong against each
//! other ([`bias`]), and their fixes are joined to one.
//!
//! Event time only, in total order, over ordered maps: the same points give the same subjects.

mod bias;
mod join;
mod pairs;
mod settings;

use crate::calibrate::FeedErrors;
use atalaya_geo::{DMatrix, LocalFrame, Matrix2, Vector2};
use atalaya_model::{Class, FeedIx, GroundFix, Micros, Stamped, TrackId, TrackPoint, TrackState};
use bias::{Bias, Sighting};
pub use settings::FuseSettings;
use std::collections::BTreeMap;

/// A track without any word for this long is over, seconds: its end was kept from us.
const STALE_S: f64 = 60.0;
/// Fixes of two feeds this far apart in time are compared, seconds.
const TOGETHER_S: f64 = 0.5;
/// Speed below which a vehicle stands, m/s.
const STANDING: f64 = 0.7;
/// How fast a vehicle may drive off, m/s².
const DRIVE_OFF: f64 = 2.5;
/// Seconds for which it must have stood to be waited for as one that is parked.
const STOOD_S: f64 = 3.0;

/// A point and the subject it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Fused {
    /// The subject: the name of the first track it was known by.
    pub subject: TrackId,
    /// The point, under its own track's name, its place joined with what other feeds see of the subject.
    /// [`TrackState::Ended`] only once the subject is over.
    pub point: TrackPoint,
    /// The name the track went by until now, when this point shows that it is another's subject:
    /// what was said of that name is about a double and to be forgotten.
    pub renamed: Option<TrackId>,
}

impl Fused {
    /// The point under the name of its subject.
    pub fn named(&self) -> TrackPoint {
        TrackPoint {
            track: self.subject,
            ..self.point.clone()
        }
    }
}

#[derive(Clone, Debug)]
struct Known {
    subject: TrackId,
    /// When the subject was first known.
    since: Micros,
    feed: FeedIx,
    t: Micros,
    point: TrackPoint,
    /// When and where it was last observed.
    seen: (Micros, Option<Sighting>, Vector2<f64>),
    /// How its feed's errors move it.
    slopes: Option<DMatrix<f64>>,
    /// When its end was said, if it was.
    ended: Option<Stamped<TrackPoint>>,
    /// The track of another feed it goes with, and since when.
    beside: Option<(TrackId, Micros)>,
    /// Since when it stands.
    stood: Option<Micros>,
    /// When it became a track of its subject, and since when it disagrees with another of it.
    joined: Micros,
    parting: Option<Micros>,
    /// It was recognised standing where another feed saw its subject leave: the ground is, not the thing.
    ghost: bool,
    /// When the errors of feeds were last learnt from it.
    taught: Option<Micros>,
}

impl Known {
    fn sighting(&self) -> Option<Sighting> {
        let g = self.point.ground?;
        Some(Sighting {
            feed: self.feed,
            at: place(&g),
            own: random(&g),
            slopes: self.slopes.clone(),
            common: common(&g),
        })
    }

    /// Seen within the last half second.
    fn observed(&self, now: Micros) -> bool {
        self.ended.is_none()
            && self.point.state.is_observed()
            && now.since(self.t).abs() <= TOGETHER_S
    }

    /// A vehicle that stood when it was last seen.
    fn parked(&self) -> bool {
        let long = self.stood.is_some_and(|s| self.seen.0.since(s) >= STOOD_S);
        self.point.class.is_vehicle() && self.seen.2.norm() < STANDING && long
    }
}

/// Names subjects; one instance for all feeds of an operation.
#[derive(Clone, Debug)]
pub struct Fuse {
    settings: FuseSettings,
    frame: LocalFrame,
    tracks: BTreeMap<TrackId, Known>,
    bias: Bias,
}

impl Fuse {
    /// With these settings, in the local frame of the operation.
    pub fn new(settings: FuseSettings, frame: LocalFrame) -> Self {
        Self {
            settings,
            frame,
            tracks: BTreeMap::new(),
            bias: Bias::default(),
        }
    }

    /// What a feed knows of its metadata's errors with the frame whose points come next.
    pub fn hear(&mut self, frame: &Stamped<&FeedErrors>) {
        self.bias.hear(frame.feed, frame.t, frame.body);
    }

    /// A point, in total order; gives it back with its subject. An end is kept until
    /// [`Fuse::advance`] gives it, and of a track that is out of sight nothing is given while another
    /// feed sees its subject.
    pub fn push(&mut self, input: &Stamped<TrackPoint>) -> Option<Fused> {
        let p = &input.body;
        if p.state == TrackState::Ended {
            if let Some(k) = self.tracks.get_mut(&p.track) {
                k.ended = Some(input.clone());
            }
            return None;
        }
        let mut known = match self.tracks.remove(&p.track) {
            Some(k) => k,
            None => {
                let (subject, since) = self.taken_up(input).unwrap_or((p.track, input.t));
                Known {
                    subject,
                    since,
                    feed: input.feed,
                    t: input.t,
                    point: p.clone(),
                    seen: (input.t, None, Vector2::zeros()),
                    slopes: None,
                    ended: None,
                    beside: None,
                    joined: input.t,
                    parting: None,
                    ghost: false,
                    taught: None,
                    stood: None,
                }
            }
        };
        known.t = input.t;
        known.point = p.clone();
        let (cx, cy) = p.bbox.centre();
        known.slopes = self
            .bias
            .slopes(input.feed, Vector2::new(f64::from(cx), f64::from(cy)));
        let mut renamed = None;
        if p.state.is_observed() {
            let v = p.ground.as_ref().map_or_else(Vector2::zeros, velocity);
            known.seen = (input.t, known.sighting(), v);
            known.stood = match p.state {
                TrackState::Stopped => known.stood.or(Some(input.t)),
                _ => None,
            };
            self.part(&mut known);
            renamed = self.beside(&mut known);
            self.learn(&mut known);
        }
        let subject = known.subject;
        let unseen = !p.state.is_observed();
        known.ghost &= p.state != TrackState::Seen;
        // Nearly known to be a double.
        let double = known.beside.is_some_and(|(id, _)| {
            let older = |o: &Known| (o.since, o.subject) < (known.since, subject);
            self.tracks.get(&id).is_some_and(older)
        });
        let elsewhere = unseen
            && self
                .tracks
                .values()
                .any(|o| o.subject == subject && o.observed(input.t));
        let hushed = elsewhere || known.ghost || (double && renamed.is_none());
        let point = if hushed || unseen {
            p.clone()
        } else {
            self.joined(&known)
        };
        self.tracks.insert(p.track, known);
        (!hushed).then_some(Fused {
            subject,
            point,
            renamed,
        })
    }

    /// Gives the ends that are due at `now`, stamped so: of tracks that nothing took up in time, when
    /// no other track of the same subject goes on.
    pub fn advance(&mut self, now: Micros) -> Vec<Stamped<Fused>> {
        self.close(now, |k, patience| match &k.ended {
            Some(e) => now.since(e.t) > patience,
            None => now.since(k.t) > STALE_S.max(patience),
        })
    }

    /// The end of the input at `now`: all ends that are still kept.
    pub fn finish(&mut self, now: Micros) -> Vec<Stamped<Fused>> {
        self.close(now, |k, _| k.ended.is_some())
    }

    fn close(&mut self, now: Micros, due: impl Fn(&Known, f64) -> bool) -> Vec<Stamped<Fused>> {
        let over: Vec<TrackId> = self
            .tracks
            .iter()
            .filter(|(_, k)| due(k, self.patience(k)))
            .map(|(id, _)| *id)
            .collect();
        let mut out = Vec::new();
        for id in over {
            let Some(k) = self.tracks.remove(&id) else {
                continue;
            };
            if self.tracks.values().any(|o| o.subject == k.subject) {
                continue;
            }
            let (seq, point) = match k.ended {
                Some(e) => (e.seq, e.body),
                None => (
                    0,
                    TrackPoint {
                        state: TrackState::Ended,
                        ..k.point
                    },
                ),
            };
            out.push(Stamped {
                t: now,
                feed: k.feed,
                seq,
                body: Fused {
                    subject: k.subject,
                    point,
                    renamed: None,
                },
            });
        }
        out
    }

    /// How long an ended track may be taken up.
    fn patience(&self, k: &Known) -> f64 {
        // What was lost from sight while it was looked at has gone; what nobody looked at any more has not.
        let left = k.point.state == TrackState::Unobserved || k.ended.is_none();
        if left && k.parked() {
            self.settings.relink_parked_s
        } else if k.point.class.is_vehicle() {
            self.settings.relink_vehicle_s
        } else {
            self.settings.relink_person_s
        }
    }

    /// The subject of the track that a new one takes up, and since when it is known: the nearest that fits.
    fn taken_up(&mut self, input: &Stamped<TrackPoint>) -> Option<(TrackId, Micros)> {
        let s = self.settings.clone();
        let new = input.body.ground?;
        let (cx, cy) = input.body.bbox.centre();
        let px = Vector2::new(f64::from(cx), f64::from(cy));
        let here = Sighting {
            feed: input.feed,
            at: place(&new),
            own: random(&new),
            slopes: self.bias.slopes(input.feed, px),
            common: common(&new),
        };
        let mut best: Option<(f64, TrackId)> = None;
        let ids: Vec<TrackId> = self.tracks.keys().copied().collect();
        for id in ids {
            let k = &self.tracks[&id];
            let (then, Some(there), went) = k.seen.clone() else {
                continue;
            };
            let gap = input.t.since(then);
            let other = k.feed != input.feed;
            let silent = k.ended.is_some()
                || k.point.state == TrackState::Coasting
                || k.point.state == TrackState::Unobserved
                || gap > 1.0;
            let taken = || {
                let of = |o: &&Known| o.subject == k.subject && o.observed(input.t);
                other && self.tracks.values().any(|o| of(&o))
            };
            if !silent
                || gap > self.patience(k)
                || !alike(k.point.class, input.body.class)
                || (other && !self.bias.independent(k.feed, input.feed))
                || taken()
            {
                continue;
            }
            // Since it was lost from sight it has gone on, or stopped at once; for longer than others are waited for
            // only what stood is.
            let short = gap <= s.relink_vehicle_s;
            let moved = if short { went * gap } else { Vector2::zeros() };
            let turned = (velocity(&new) - went).norm() > 3.0 + s.accel * gap;
            if turned && went.norm() > 2.0 {
                continue;
            }
            let (places, errors) = self.bias.corrected(&[&here, &there]);
            let y = places[0] - places[1];
            let y = if (y - moved).norm() < y.norm() {
                y - moved
            } else {
                y
            };
            // What stood has not come far at that speed.
            let started = 2.0 * DRIVE_OFF * (y.norm() + 3.0);
            if !short && velocity(&new).norm_squared() > started {
                continue;
            }
            let bridged = gap.min(s.relink_vehicle_s);
            let spread = 0.5 * s.accel * bridged * bridged + 0.5;
            let mut cov = here.own + there.own + Matrix2::identity() * spread * spread;
            if other {
                cov += difference(&errors);
            }
            let Some(d2) = mahalanobis2(y, cov) else {
                continue;
            };
            if y.norm() <= s.relink_m && d2 <= s.gate && best.is_none_or(|(least, _)| d2 < least) {
                best = Some((d2, id));
            }
        }
        let (_, id) = best?;
        let k = self.tracks.get(&id)?;
        let found = (k.subject, k.since);
        // Taken up: its end is not an end.
        if k.ended.is_some() || k.feed != input.feed {
            self.tracks.remove(&id);
        }
        Some(found)
    }
}

/// Covariance of the difference of two places, from that of both stacked.
fn difference(c: &DMatrix<f64>) -> Matrix2<f64> {
    Matrix2::from_fn(|i, j| c[(i, j)] + c[(i + 2, j + 2)] - c[(i, j + 2)] - c[(i + 2, j)])
}

/// Kinds that may be the same thing.
fn alike(a: Class, b: Class) -> bool {
    let open = |c: Class| matches!(c, Class::Unknown | Class::Other);
    open(a) || open(b) || a.is_vehicle() == b.is_vehicle()
}

fn place(g: &GroundFix) -> Vector2<f64> {
    Vector2::new(g.e, g.n)
}

fn velocity(g: &GroundFix) -> Vector2<f64> {
    Vector2::new(g.ve, g.vn)
}

fn random(g: &GroundFix) -> Matrix2<f64> {
    let [a, b, c, d] = g.cov_random;
    Matrix2::new(a, b, c, d)
}

fn common(g: &GroundFix) -> Matrix2<f64> {
    let [a, b, c, d] = g.cov_common;
    Matrix2::new(a, b, c, d)
}

fn mahalanobis2(y: Vector2<f64>, cov: Matrix2<f64>) -> Option<f64> {
    cov.try_inverse()
        .map(|inv| (y.transpose() * inv * y)[(0, 0)])
}

#[cfg(test)]
mod tests;
