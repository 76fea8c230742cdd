//! Who is there: every subject's motion, its way so far, how it began and whether it is still seen.

use crate::fix::{Finding, Fix};
use crate::moments::Moments;
use atalaya_geo::Vector2;
use atalaya_model::{Class, Micros};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Seconds between the remembered places of a way, and how many are kept.
const STEP_S: f64 = 1.0;
const STEPS: usize = 120;
/// A subject is over after this much silence, seconds, or after so many of its usual steps.
pub(super) const SILENCE_S: f64 = 4.0;
const SILENT_STEPS: f64 = 6.0;
/// A vehicle that is over is kept in mind for so long: it may have been there, unseen, seconds.
const GHOST_S: f64 = 30.0;
/// Subjects at once; who is new beyond that is not followed here.
const MOST: usize = 50_000;

/// A subject.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Its name.
    pub name: Arc<str>,
    /// First fix.
    pub first: (Micros, Vector2<f64>),
    /// Last fix.
    pub last: (Micros, Vector2<f64>),
    /// Error of its last fix, metres.
    pub sigma_m: f64,
    /// The way so far, a place a second.
    pub way: VecDeque<(Micros, Vector2<f64>)>,
    /// Its motion.
    pub moments: Moments,
    /// It is over: it has been silent for too long.
    pub over: bool,
    /// Its first moments have been judged.
    pub begun: bool,
    /// Since when it stands, if it does.
    pub stands: Option<Micros>,
    votes: [u32; 6],
    step_s: f64,
}

impl Actor {
    fn new(fix: &Fix) -> Self {
        let mut votes = [0; 6];
        votes[usize::from(fix.class.number())] = 1;
        Self {
            name: fix.subject.clone(),
            first: (fix.t, fix.at),
            last: (fix.t, fix.at),
            sigma_m: fix.sigma_m,
            way: VecDeque::from([(fix.t, fix.at)]),
            moments: Moments::new(fix),
            over: false,
            begun: false,
            stands: None,
            votes,
            step_s: 0.0,
        }
    }

    fn push(&mut self, fix: &Fix, out: &mut Vec<Finding>) {
        let dt = fix.t.since(self.last.0);
        self.step_s = if self.step_s == 0.0 {
            dt
        } else {
            0.9 * self.step_s + 0.1 * dt.min(60.0)
        };
        self.last = (fix.t, fix.at);
        self.sigma_m = fix.sigma_m;
        let vote = &mut self.votes[usize::from(fix.class.number())];
        *vote = vote.saturating_add(1);
        if self.way.back().is_none_or(|w| fix.t.since(w.0) >= STEP_S) {
            if self.way.len() == STEPS {
                self.way.pop_front();
            }
            self.way.push_back((fix.t, fix.at));
        }
        let from = out.len();
        self.moments.push(fix, out);
        if !self.class().is_vehicle() {
            out.truncate(from);
        }
        let moving = self.moments.motion().moving();
        if moving > 0.5 {
            self.stands = None;
        } else if self.stands.is_none() {
            self.stands = Some(fix.t);
        }
    }

    /// What it was taken for most often.
    pub fn class(&self) -> Class {
        let best = (1..6u8).max_by_key(|n| (self.votes[usize::from(*n)], 6 - n));
        let best = best.filter(|n| self.votes[usize::from(*n)] > 0);
        best.and_then(Class::from_number).unwrap_or_default()
    }

    /// A person.
    pub fn is_person(&self) -> bool {
        self.class() == Class::Person
    }

    /// A vehicle.
    pub fn is_vehicle(&self) -> bool {
        self.class().is_vehicle()
    }

    /// Probability that it stands.
    pub fn standing(&self) -> f64 {
        1.0 - self.moments.motion().moving()
    }

    /// Place after smoothing.
    pub fn at(&self) -> Vector2<f64> {
        self.moments.motion().at()
    }

    /// Where it was at a moment, within its remembered way.
    pub fn at_time(&self, t: Micros) -> Option<Vector2<f64>> {
        let i = self.way.partition_point(|w| w.0 <= t);
        let before = self.way.get(i.checked_sub(1)?)?;
        let after = self.way.get(i).copied().unwrap_or(self.last);
        let dt = after.0.since(before.0);
        let f = if dt > 0.0 {
            (t.since(before.0) / dt).clamp(0.0, 1.0)
        } else {
            0.0
        };
        Some(before.1 + (after.1 - before.1) * f)
    }

    fn silent(&self, now: Micros) -> bool {
        now.since(self.last.0) > SILENCE_S.max(SILENT_STEPS * self.step_s)
    }
}

/// All subjects.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    actors: BTreeMap<Arc<str>, Actor>,
}

impl Scene {
    /// The next fix of a subject; earlier ones than its last are ignored.
    pub fn push(&mut self, fix: &Fix, out: &mut Vec<Finding>) {
        let full = self.actors.len() >= MOST;
        match self.actors.get_mut(&fix.subject) {
            Some(a) if a.over => {
                // The same name again: it was not over. What was said is said; it does not begin anew.
                let mut again = Actor::new(fix);
                again.votes = a.votes;
                again.begun = true;
                *a = again;
            }
            Some(a) if fix.t > a.last.0 => a.push(fix, out),
            Some(_) => {}
            None if !full => {
                self.actors.insert(fix.subject.clone(), Actor::new(fix));
            }
            None => {}
        }
    }

    /// Ends who is silent; their last findings go to `out`, their names to `over`.
    pub fn silent(&mut self, now: Micros, out: &mut Vec<Finding>, over: &mut Vec<Arc<str>>) {
        for a in self.actors.values_mut() {
            if !a.over && a.silent(now) {
                a.over = true;
                if a.is_vehicle() {
                    a.moments.finish(out);
                }
                over.push(a.name.clone());
            }
        }
        self.actors
            .retain(|_, a| !a.over || now.since(a.last.0) < GHOST_S);
    }

    /// A subject by name.
    pub fn get(&self, name: &str) -> Option<&Actor> {
        self.actors.get(name)
    }

    /// Drops a subject without a word.
    pub fn forget(&mut self, name: &str) {
        self.actors.remove(name);
    }

    /// All, by name.
    pub fn all(&self) -> impl Iterator<Item = &Actor> {
        self.actors.values()
    }

    /// All that are still seen, by name.
    pub fn seen(&self) -> impl Iterator<Item = &Actor> {
        self.actors.values().filter(|a| !a.over)
    }

    /// Notes that the beginning of a subject has been judged.
    pub fn begun(&mut self, name: &str) {
        if let Some(a) = self.actors.get_mut(name) {
            a.begun = true;
        }
    }

    /// Nobody is there.
    pub fn is_empty(&self) -> bool {
        self.actors.is_empty()
    }
}
