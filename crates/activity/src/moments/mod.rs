//! What one vehicle does: it stops, drives off, turns, turns round, goes backwards.
//!
//! Streaming, of one subject; fixes may come at any rate, with gaps. What a finding says is backed by the
//! probability of the model that it rests on ([`Motion`], [`Heading`]); its time is the first fix that
//! qualifies, which is earlier than the moment at which it is known.

mod heading;
mod motion;
mod pace;
mod window;

pub use heading::{Heading, Turned};
pub use motion::Motion;
pub use pace::{Low, Pace, Paced};
pub use window::{Velocity, Window};

use crate::fix::{Finding, Fix};
use atalaya_geo::Vector2;
use atalaya_model::{About, EventKind, Micros};
use std::collections::VecDeque;
use std::sync::Arc;

/// It stands, or moves, from this probability …
const SURE: f64 = 0.9;
/// … and at the end of its track from this one.
const LIKELY: f64 = 0.6;
/// What rolled in and now stands has moved before with this probability.
const ROLLED_IN: f64 = 0.85;
/// Who has been seen for less than this is not known to stand, seconds.
const FIRST_S: f64 = 0.6;
/// A course counts where it moves with more than this.
const MOVED: f64 = 0.95;
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

/// A fix, and what was known after it.
#[derive(Clone, Copy, Debug)]
struct Recent {
    t: Micros,
    at: Vector2<f64>,
    sigma_m: f64,
    moving: f64,
}

/// One vehicle.
#[derive(Clone, Debug)]
pub struct Moments {
    subject: Arc<str>,
    motion: Motion,
    heading: Heading,
    pace: Pace,
    window: Window,
    phase: Phase,
    /// Where the present phase was first known, and how sure it has been.
    since: Vector2<f64>,
    sure: f64,
    recent: VecDeque<Recent>,
    first: Micros,
    last: Micros,
}

impl Moments {
    /// From a first fix.
    pub fn new(fix: &Fix) -> Self {
        Self {
            subject: fix.subject.clone(),
            motion: Motion::new(fix.t, fix.at, fix.sigma_m),
            heading: Heading::default(),
            pace: Pace::default(),
            window: Window::default(),
            phase: Phase::Unknown,
            since: fix.at,
            sure: 0.5,
            recent: VecDeque::new(),
            first: fix.t,
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
        self.recent.push_back(Recent {
            t: fix.t,
            at: fix.at,
            sigma_m: fix.sigma_m,
            moving: self.motion.moving(),
        });
        let old = |r: &Recent| fix.t.since(r.t) > RECENT_S;
        while self.recent.len() > RECENT || self.recent.front().is_some_and(old) {
            self.recent.pop_front();
        }
        self.phases(fix.t, SURE, out);
        let mut velocities = Vec::new();
        self.window
            .push(fix.t, fix.at, fix.sigma_m, &mut velocities);
        self.velocities(&velocities, out);
    }

    /// What velocities of a moment ago say.
    fn velocities(&mut self, velocities: &[Velocity], out: &mut Vec<Finding>) {
        let mut turned = Vec::new();
        for v in velocities {
            // The filter is late to believe in a start and late to give up on a stop: what moved is what it
            // held for moving at any time since.
            let since = self.recent.iter().rev().take_while(|r| r.t >= v.t);
            let moved = since.fold(0.0, |m: f64, r| m.max(r.moving));
            if moved > MOVED {
                self.heading.push(v, &mut turned);
            }
            self.paces(v, out);
        }
        self.tell(turned, out);
    }

    /// It is not seen any more: what is likelier than not is said.
    pub fn finish(&mut self, out: &mut Vec<Finding>) {
        let mut velocities = Vec::new();
        self.window.finish(&mut velocities);
        self.velocities(&velocities, out);
        let (v, v_sigma) = self.motion.velocity();
        let braking = self.pace.end(v.norm(), v_sigma);
        self.phases(self.last, LIKELY, out);
        if let Some(low) = braking.filter(|l| self.phase != Phase::Standing && l.p >= 0.5) {
            self.tell_low(
                EventKind::Stop,
                low,
                "was braking to a halt when last seen",
                out,
            );
        }
        let mut turned = Vec::new();
        self.heading.close(&mut turned);
        self.tell(turned, out);
    }

    /// Halts that are hardly stands.
    fn paces(&mut self, v: &Velocity, out: &mut Vec<Finding>) {
        if self.phase == Phase::Standing {
            return self.pace.stood();
        }
        let paced = self.pace.push(v.t, v.v.norm(), v.v_sigma, v.at);
        if let Some(low) = paced.rolled {
            self.tell_low(EventKind::Stop, low, "slowed to a halt and rolled on", out);
            self.tell_low(EventKind::Start, low, "sped up from a halt", out);
        }
        if let Some(low) = paced.pulled.filter(|l| l.p >= 0.5) {
            self.tell_low(
                EventKind::Start,
                low,
                "was pulling away when first seen",
                out,
            );
        }
    }

    fn tell_low(&self, kind: EventKind, low: Low, why: &str, out: &mut Vec<Finding>) {
        out.push(Finding {
            kind,
            time: low.t,
            time_end: None,
            decided_at: self.last,
            subjects: vec![self.subject.clone()],
            at: low.at,
            p: low.p,
            reason: why.to_owned(),
            about: None,
        });
    }

    /// Stops and starts.
    fn phases(&mut self, now: Micros, sure: f64, out: &mut Vec<Finding>) {
        let moving = self.motion.moving();
        let at = self.motion.at();
        let sigma = self.recent.back().map_or(1.0, |r| r.sigma_m);
        let way = WAY_M + WAY_SIGMAS * sigma.min(self.motion.sigma_m() * 2.0);
        match self.phase {
            Phase::Unknown if moving > SURE => self.enter(Phase::Moving, at, moving),
            // Never surely seen to move, but it came from elsewhere: it rolled in.
            Phase::Unknown if moving < 1.0 - sure && now.since(self.first) >= FIRST_S => {
                if (at - self.since).norm() >= way {
                    let (t, p) = (self.reached(at), (1.0 - moving) * ROLLED_IN);
                    out.push(self.finding(EventKind::Stop, t, now, at, p, ROLLED_IN));
                }
                self.enter(Phase::Standing, at, 1.0 - moving);
            }
            Phase::Moving if moving < 1.0 - sure => {
                if (at - self.since).norm() >= way {
                    let (t, p) = (self.reached(at), (1.0 - moving) * self.sure);
                    let (speed, from) = (self.sure, EventKind::Stop);
                    out.push(self.finding(from, t, now, at, p, speed));
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
        let there = |r: &&Recent| (r.at - at).norm() <= THERE_M + THERE_SIGMAS * r.sigma_m;
        let first = self.recent.iter().rev().take_while(there).last();
        first.map_or(self.last, |r| r.t)
    }

    /// The first fix away from a place where it stood.
    fn left(&self, at: Vector2<f64>) -> Micros {
        let away = |r: &&Recent| (r.at - at).norm() > THERE_M + THERE_SIGMAS * r.sigma_m;
        let first = self.recent.iter().rev().take_while(away).last();
        first.map_or(self.last, |r| r.t)
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

/// Of the standard normal distribution, by Abramowitz and Stegun 7.1.26 (error below 2e-7).
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
