//! What one vehicle does: it stops, drives off, turns, turns round, goes backwards.
//!
//! Streaming, of one subject; fixes may come at any rate, with gaps. What a finding says is backed by the
//! probability of the model that it rests on ([`Motion`], [`Heading`]); its time is the first fix that
//! qualifies, which is earlier than the moment at which it is known.

mod heading;
mod motion;

pub use heading::{Course, Heading, Turned};
pub use motion::Motion;

use crate::fix::{Finding, Fix};
use atalaya_geo::Vector2;
use atalaya_model::{About, EventKind, Micros};
use std::collections::VecDeque;
use std::sync::Arc;

/// It stands, or moves, from this probability …
const SURE: f64 = 0.9;
/// … and at the end of its track from this one.
const LIKELY: f64 = 0.6;
/// Least way between a start and a stop, metres, and in sigmas of the places.
const WAY_M: f64 = 1.5;
const WAY_SIGMAS: f64 = 3.0;
/// Fixes within this of where it stands are "there", metres, and in sigmas.
const THERE_M: f64 = 0.5;
const THERE_SIGMAS: f64 = 2.0;
/// Fixes that are kept to say when something began: so long, and so many.
const RECENT_S: f64 = 12.0;
const RECENT: usize = 512;
/// A gap after which nothing follows from what was before, seconds.
const GAP_S: f64 = 60.0;

/// Whether it is known to move.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Unknown,
    Moving,
    Standing,
}

/// One vehicle.
#[derive(Clone, Debug)]
pub struct Moments {
    subject: Arc<str>,
    motion: Motion,
    heading: Heading,
    phase: Phase,
    /// Where the present phase was first known, and how sure it has been.
    since: Vector2<f64>,
    sure: f64,
    recent: VecDeque<(Micros, Vector2<f64>, f64)>,
    last: Micros,
}

impl Moments {
    /// From a first fix.
    pub fn new(fix: &Fix) -> Self {
        Self {
            subject: fix.subject.clone(),
            motion: Motion::new(fix.t, fix.at, fix.sigma_m),
            heading: Heading::default(),
            phase: Phase::Unknown,
            since: fix.at,
            sure: 0.5,
            recent: VecDeque::from([(fix.t, fix.at, fix.sigma_m)]),
            last: fix.t,
        }
    }

    /// How it moves.
    pub fn motion(&self) -> &Motion {
        &self.motion
    }

    /// The next fix, later than the last.
    pub fn push(&mut self, fix: &Fix, out: &mut Vec<Finding>) {
        if fix.t.since(self.last) > GAP_S {
            self.finish(out);
            *self = Self::new(fix);
            return;
        }
        self.last = fix.t;
        if !self.motion.push(fix.t, fix.at, fix.sigma_m) {
            return;
        }
        self.recent.push_back((fix.t, fix.at, fix.sigma_m));
        let old = |r: &(Micros, Vector2<f64>, f64)| fix.t.since(r.0) > RECENT_S;
        while self.recent.len() > RECENT || self.recent.front().is_some_and(old) {
            self.recent.pop_front();
        }
        self.phases(fix.t, SURE, out);
        let (v, v_sigma) = self.motion.velocity();
        let course = Course {
            t: fix.t,
            at: self.motion.at(),
            sigma_m: self.motion.sigma_m(),
            v,
            v_sigma,
            moving: self.motion.moving(),
        };
        let mut turned = Vec::new();
        self.heading.push(&course, &mut turned);
        self.tell(turned, out);
    }

    /// It is not seen any more: what is likelier than not is said.
    pub fn finish(&mut self, out: &mut Vec<Finding>) {
        self.phases(self.last, LIKELY, out);
        let mut turned = Vec::new();
        self.heading.close(&mut turned);
        self.tell(turned, out);
    }

    /// Stops and starts.
    fn phases(&mut self, now: Micros, sure: f64, out: &mut Vec<Finding>) {
        let moving = self.motion.moving();
        let at = self.motion.at();
        let sigma = self.recent.back().map_or(1.0, |r| r.2);
        let way = WAY_M + WAY_SIGMAS * sigma.min(self.motion.sigma_m() * 2.0);
        match self.phase {
            Phase::Unknown if moving > SURE => self.enter(Phase::Moving, at, moving),
            Phase::Unknown if moving < 1.0 - SURE => self.enter(Phase::Standing, at, 1.0 - moving),
            Phase::Moving if moving < 1.0 - sure => {
                if (at - self.since).norm() >= way {
                    let (t, p) = (self.reached(at), (1.0 - moving) * self.sure);
                    let (speed, from) = (self.sure, EventKind::Stop);
                    out.push(self.finding(from, t, now, at, p, speed));
                    let mut turned = Vec::new();
                    self.heading.close(&mut turned);
                    self.tell(turned, out);
                }
                self.enter(Phase::Standing, at, 1.0 - moving);
            }
            Phase::Standing if moving > sure && (at - self.since).norm() >= way => {
                let (t, p) = (self.left(self.since), moving * self.sure);
                let (before, place) = (self.sure, self.since);
                out.push(self.finding(EventKind::Start, t, now, place, p, before));
                self.enter(Phase::Moving, self.since, moving);
            }
            Phase::Moving => self.sure = self.sure.max(moving),
            Phase::Standing => self.sure = self.sure.max(1.0 - moving),
            Phase::Unknown => {}
        }
    }

    fn enter(&mut self, phase: Phase, at: Vector2<f64>, sure: f64) {
        self.phase = phase;
        self.since = at;
        self.sure = sure;
    }

    /// The first fix at a place where it now stands.
    fn reached(&self, at: Vector2<f64>) -> Micros {
        let there =
            |r: &&(Micros, Vector2<f64>, f64)| (r.1 - at).norm() <= THERE_M + THERE_SIGMAS * r.2;
        let first = self.recent.iter().rev().take_while(there).last();
        first.map_or(self.last, |r| r.0)
    }

    /// The first fix away from a place where it stood.
    fn left(&self, at: Vector2<f64>) -> Micros {
        let away =
            |r: &&(Micros, Vector2<f64>, f64)| (r.1 - at).norm() > THERE_M + THERE_SIGMAS * r.2;
        let first = self.recent.iter().rev().take_while(away).last();
        first.map_or(self.last, |r| r.0)
    }

    fn finding(
        &self,
        kind: EventKind,
        time: Micros,
        now: Micros,
        at: Vector2<f64>,
        p: f64,
        before: f64,
    ) -> Finding {
        let (was, is) = match kind {
            EventKind::Stop => ("moved", "stands"),
            _ => ("stood", "moves"),
        };
        Finding {
            kind,
            time,
            time_end: None,
            decided_at: now,
            subjects: vec![self.subject.clone()],
            at,
            p: p.clamp(0.0, 1.0),
            reason: format!(
                "{was} ({:.0} %), now {is} ({:.0} %)",
                before * 100.0,
                p / before * 100.0
            ),
            about: None,
        }
    }

    fn tell(&self, turned: Vec<Turned>, out: &mut Vec<Finding>) {
        for t in turned {
            let reason = match t.kind {
                EventKind::Reverse => {
                    "went back along its way, on the slower and shorter of two legs".to_owned()
                }
                _ => format!("its course changed by {:.0} degrees", t.deg.abs()),
            };
            out.push(Finding {
                kind: t.kind,
                time: t.time,
                time_end: Some(t.end),
                decided_at: self.last,
                subjects: vec![self.subject.clone()],
                at: t.at,
                p: t.p,
                reason,
                about: Some(About::Turn((t.deg * 10.0).round() / 10.0)),
            });
        }
    }
}

/// Of the standard normal distribution, by Abramowitz and Stegun 7.1.26 (error below 1e-7).
pub(crate) fn normal_cdf(z: f64) -> f64 {
    let x = (z / std::f64::consts::SQRT_2).abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly = t
        * (0.254_829_592
            + t * (-0.284_496_736
                + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let erf = 1.0 - poly * (-x * x).exp();
    if z >= 0.0 {
        0.5 * (1.0 + erf)
    } else {
        0.5 * (1.0 - erf)
    }
}
