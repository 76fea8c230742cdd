//! Turns, and going backwards, from where a vehicle heads.
//!
//! The course over ground is followed without jumps at ±180°. Where it flips by more than 120° over a
//! short way, the vehicle has not turned: it goes back the way it came (a cusp), and one of the two legs
//! was driven backwards, likely the slower and shorter. Between cusps, a turn is a run of the course
//! from one extreme to the next (a zigzag with a dead band), its ends trimmed to where it leaves and
//! reaches them. A turn's probability is that of its angle being beyond the limit, given the error of
//! the course at both ends.

use super::normal_cdf;
use super::window::Velocity;
use atalaya_geo::Vector2;
use atalaya_model::{EventKind, Micros};
use std::collections::VecDeque;

/// A turn is at least so many degrees …
const TURN_DEG: f64 = 30.0;
/// … over a way of so many metres (a car's turning circle has a radius of 5 m), and turning round so many degrees.
const TURN_M: f64 = 2.0;
const U_TURN_DEG: f64 = 135.0;
/// Courses differ from the way a vehicle points, degrees (one sigma).
const MODEL_DEG: f64 = 6.0;
/// What courses differ by chance, in sigmas of the difference.
const CHANCE_SIGMAS: f64 = 2.0;
/// Dead band of the zigzag, degrees, and in sigmas of the course.
const BAND_DEG: f64 = 12.0;
const BAND_SIGMAS: f64 = 2.5;
/// A turn is over when the course keeps within the band for this long, seconds.
const FLAT_S: f64 = 2.5;
/// A bend of the road takes longer than a turn, seconds.
const LONG_S: f64 = 20.0;
/// Where a turn's trimmed ends are, degrees from its extremes.
const TRIM_DEG: f64 = 6.0;
/// Seconds between samples of the course.
const STEP_S: f64 = 0.19;
/// A course counts from this speed, m/s, and from so many sigmas of it.
const SPEED: f64 = 0.6;
const SPEED_SIGMAS: f64 = 2.0;
/// A flip of the course by more than this is a cusp, degrees …
const CUSP_DEG: f64 = 90.0;
/// … if it happens within this way, metres and sigmas of the place (no car turns so much on it) …
const CUSP_M: f64 = 2.0;
const CUSP_SIGMAS: f64 = 2.0;
/// … and this time, seconds, or over a stand.
const CUSP_S: f64 = 2.0;
/// A leg counts from this length, metres.
const LEG_M: f64 = 1.5;
/// A later leg is long enough to tell that the earlier one was the slower at this length, metres.
const SURE_M: f64 = 4.0;
/// Legs shorter than this may have been driven backwards, metres.
const BACKWARDS_M: f64 = 60.0;
/// Without a course for longer than this a new series begins, seconds.
const GAP_S: f64 = 30.0;

/// A course at a moment.
#[derive(Clone, Copy, Debug)]
struct Sample {
    t: Micros,
    /// Degrees, counter-clockwise from east, without jumps; of the way the vehicle points.
    deg: f64,
    sigma: f64,
    at: Vector2<f64>,
    sigma_m: f64,
}

/// A way between two cusps.
#[derive(Clone, Copy, Debug)]
struct Leg {
    t0: Micros,
    t1: Micros,
    from: Vector2<f64>,
    to: Vector2<f64>,
    length: f64,
    fastest: f64,
}

/// A turn, or a way driven backwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Turned {
    /// `TurnLeft`, `TurnRight`, `UTurn` or `Reverse`.
    pub kind: EventKind,
    /// Begin and end.
    pub time: Micros,
    /// End.
    pub end: Micros,
    /// Where it began.
    pub at: Vector2<f64>,
    /// Degrees to the left; 180 for going backwards.
    pub deg: f64,
    /// Probability.
    pub p: f64,
}

/// The course of one vehicle.
#[derive(Clone, Debug, Default)]
pub struct Heading {
    samples: VecDeque<Sample>,
    /// Course over ground minus the way the vehicle points: 0 or 180 plus turns, degrees.
    back: f64,
    leg: Option<Leg>,
    before: Option<Leg>,
    told: bool,
}

impl Heading {
    /// The next fix.
    pub fn push(&mut self, c: &Velocity, out: &mut Vec<Turned>) {
        let speed = c.v.norm();
        if speed < SPEED.max(SPEED_SIGMAS * c.v_sigma) {
            return;
        }
        let course = c.v.y.atan2(c.v.x).to_degrees();
        let sigma = (c.v_sigma / speed).to_degrees().min(60.0);
        let Some(last) = self.samples.back().copied() else {
            return self.begin(c, course, sigma, speed);
        };
        let dt = c.t.since(last.t);
        if dt < STEP_S {
            return;
        }
        if dt > GAP_S || (c.at - last.at).norm() > 10.0 + dt * 60.0 {
            self.close(out);
            return self.begin(c, course, sigma, speed);
        }
        // A window over a cusp gives courses in between: so the flip is looked for over a moment, and they go.
        let reach = CUSP_M + CUSP_SIGMAS * c.sigma_m;
        let flips = |s: &Sample| {
            wrap(course - self.back - s.deg).abs() > CUSP_DEG
                && c.t.since(s.t) < CUSP_S.max(dt + STEP_S)
                && (c.at - s.at).norm() < reach
        };
        if let Some(i) = self.samples.iter().rposition(flips) {
            self.samples.truncate(i + 1);
            self.close(out);
            self.cusp(c, speed);
        }
        let Some(last) = self.samples.back().copied() else {
            return self.begin(c, course, sigma, speed);
        };
        let turn = wrap(course - self.back - last.deg);
        let s = Sample {
            t: c.t,
            deg: last.deg + turn,
            sigma,
            at: c.at,
            sigma_m: c.sigma_m,
        };
        self.samples.push_back(s);
        if let Some(leg) = &mut self.leg {
            leg.length += (c.at - leg.to).norm();
            leg.t1 = c.t;
            leg.to = c.at;
            leg.fastest = leg.fastest.max(speed);
        }
        self.backwards(out);
        self.turns(false, out);
    }

    /// The vehicle stands, or is not seen any more: a turn that is under way is over.
    pub fn close(&mut self, out: &mut Vec<Turned>) {
        self.turns(true, out);
        // What follows begins where this ended.
        if let Some(last) = self.samples.back().copied() {
            self.samples.clear();
            self.samples.push_back(last);
        }
    }

    fn begin(&mut self, c: &Velocity, course: f64, sigma: f64, speed: f64) {
        *self = Self::default();
        self.samples.push_back(Sample {
            t: c.t,
            deg: course,
            sigma,
            at: c.at,
            sigma_m: c.sigma_m,
        });
        self.leg = Some(new_leg(c, speed));
    }

    fn cusp(&mut self, c: &Velocity, speed: f64) {
        // A leg too short to count is part of the one before it.
        if self.leg.is_none_or(|l| l.length >= LEG_M) {
            self.before = self.leg;
            self.told = false;
        }
        self.back = wrap(self.back + 180.0);
        self.leg = Some(new_leg(c, speed));
    }

    /// Which of the two legs at the last cusp was driven backwards, once the later is long enough to tell.
    fn backwards(&mut self, out: &mut Vec<Turned>) {
        let (Some(a), Some(b)) = (self.before, self.leg) else {
            return;
        };
        if self.told || b.length < LEG_M {
            return;
        }
        // Backwards is slow and short: log-odds of the earlier leg, from speeds and lengths.
        let odds = 2.0 * (b.fastest.max(0.3) / a.fastest.max(0.3)).ln()
            + 1.0 * (b.length.max(1.0) / a.length.max(1.0)).ln();
        let first = 1.0 / (1.0 + (-odds).exp());
        let (leg, p) = if first > 0.5 {
            (a, first)
        } else {
            (b, 1.0 - first)
        };
        // The later leg has only begun: it is the earlier one's turn to be called slow only by what is
        // certain to stay.
        let sure = p > 0.75 && (first < 0.5 || b.length > a.length.min(SURE_M));
        if !sure || leg.length > BACKWARDS_M {
            return;
        }
        self.told = true;
        out.push(Turned {
            kind: EventKind::Reverse,
            time: leg.t0,
            end: leg.t1,
            at: leg.from,
            deg: 180.0,
            p,
        });
    }

    /// Tells turns that are over.
    fn turns(&mut self, over: bool, out: &mut Vec<Turned>) {
        let (Some(first), Some(last)) = (self.samples.front(), self.samples.back()) else {
            return;
        };
        let band = |s: &Sample| BAND_DEG.max(BAND_SIGMAS * s.sigma);
        // The extreme: where the course is farthest from where it began.
        let far = self
            .samples
            .iter()
            .enumerate()
            .max_by(|(_, a), (_, b)| {
                let d = |s: &Sample| (s.deg - first.deg).abs();
                d(a).total_cmp(&d(b))
            })
            .map_or(0, |(i, _)| i);
        let extreme = self.samples[far];
        let returned = (extreme.deg - last.deg).abs() > band(last);
        // Flat: within the band of the extreme since long enough.
        let flat_from = self
            .samples
            .iter()
            .rev()
            .take_while(|s| (s.deg - extreme.deg).abs() <= BAND_DEG)
            .last()
            .map_or(last.t, |s| s.t);
        let flat = last.t.since(flat_from) > FLAT_S;
        if !(over || returned || flat) {
            if last.t.since(first.t) > LONG_S {
                self.samples.pop_front();
            }
            return;
        }
        if let Some(t) = self.turn(far) {
            out.push(t);
        }
        // What follows begins at the extreme, or, on a straight way, a moment ago.
        let keep = if returned || over {
            far
        } else {
            let recent = |s: &Sample| last.t.since(s.t) > 0.5 * FLAT_S;
            self.samples.iter().take_while(|s| recent(s)).count()
        };
        self.samples.drain(..keep.min(self.samples.len() - 1));
    }

    fn turn(&self, far: usize) -> Option<Turned> {
        let (a, b) = (self.samples.front()?, self.samples.get(far)?);
        let deg = b.deg - a.deg;
        let left = |s: &&Sample| (s.deg - a.deg).abs() < TRIM_DEG;
        let from = self.samples.iter().take(far + 1).take_while(left).last()?;
        let to = self
            .samples
            .iter()
            .take(far + 1)
            .find(|s| (s.deg - b.deg).abs() < TRIM_DEG)?;
        if (to.at - from.at).norm() < TURN_M + 2.0 * from.sigma_m.hypot(to.sigma_m) {
            return None;
        }
        // Courses near each other have errors in common: about a second's worth of samples is one.
        let sigma = (a.sigma.powi(2) + b.sigma.powi(2) + MODEL_DEG.powi(2)).sqrt();
        // Of many courses the two that differ most: by chance alone they are sigmas apart.
        let least = TURN_DEG.max(CHANCE_SIGMAS * sigma);
        let turned = normal_cdf((deg.abs() - least) / sigma);
        let round = normal_cdf((deg.abs() - U_TURN_DEG) / sigma);
        let (kind, p) = if round >= 0.5 {
            (EventKind::UTurn, round)
        } else if deg > 0.0 {
            (EventKind::TurnLeft, turned - round)
        } else {
            (EventKind::TurnRight, turned - round)
        };
        (p >= 0.5).then_some(Turned {
            kind,
            time: from.t,
            end: to.t,
            at: from.at,
            deg,
            p,
        })
    }
}

fn new_leg(c: &Velocity, speed: f64) -> Leg {
    Leg {
        t0: c.t,
        t1: c.t,
        from: c.at,
        to: c.at,
        length: 0.0,
        fastest: speed,
    }
}

/// To -180..180 degrees.
fn wrap(deg: f64) -> f64 {
    (deg + 180.0).rem_euclid(360.0) - 180.0
}
