//! One vehicle as it is known.

use crate::fix::Fix;
use atalaya_geo::Vector2;
use atalaya_model::{Class, Micros};
use std::collections::VecDeque;
use std::sync::Arc;

/// What a vehicle looks like from above; nothing that names it. Logarithms of metres, and CIE L*, a*, b*.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// ln length, ln width, L*, a*, b*.
    pub v: [f64; 5],
}

impl Look {
    /// From metres and colour; `None` when a number is none.
    pub fn new(length_m: f64, width_m: f64, lab: [f64; 3]) -> Option<Self> {
        let sound = length_m > 0.1 && width_m > 0.1 && length_m < 100.0 && width_m < 100.0;
        let v = [length_m.ln(), width_m.ln(), lab[0], lab[1], lab[2]];
        (sound && v.iter().all(|x| x.is_finite())).then_some(Self { v })
    }
}

/// Fixes of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Votes([f64; 6]);

fn index(c: Class) -> usize {
    match c {
        Class::Unknown => 0,
        Class::Person => 1,
        Class::Car => 2,
        Class::Pickup => 3,
        Class::Truck => 4,
        Class::Other => 5,
    }
}

impl Votes {
    /// One more.
    pub fn add(&mut self, c: Class, weight: f64) {
        self.0[index(c)] += weight;
    }

    /// The class with most of them.
    pub fn best(&self) -> Class {
        let all = [
            Class::Unknown,
            Class::Person,
            Class::Car,
            Class::Pickup,
            Class::Truck,
            Class::Other,
        ];
        let best = all.into_iter().max_by(|a, b| {
            let (x, y) = (self.0[index(*a)], self.0[index(*b)]);
            x.total_cmp(&y).then(b.cmp(a))
        });
        best.unwrap_or(Class::Unknown)
    }
}

/// Inside a zone or not, as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    Outside,
    Inside,
}

/// Seconds of positions that say whether it stands.
const SPAN_S: f64 = 8.0;
/// It stands when it moved less than this within that time, metres, and three of its sigmas.
const STILL_M: f64 = 2.0;
/// Tracks whose looks are kept.
const LOOKS: usize = 16;

/// A vehicle that is taken to be there.
#[derive(Clone, Debug)]
pub struct Resident {
    /// Its name: that of its first track.
    pub name: Arc<str>,
    /// Its present track.
    pub track: Arc<str>,
    /// Its first and last observation.
    pub first: Micros,
    pub last: Micros,
    /// Where it was last seen, metres; of one that stands the mean.
    pub at: Vector2<f64>,
    /// What it is taken for.
    pub votes: Votes,
    /// Since when it has stood.
    pub stood_since: Option<Micros>,
    /// What it looks like, a word for each track.
    looks: VecDeque<(Arc<str>, Look)>,
    recent: VecDeque<(Micros, Vector2<f64>)>,
    fixes: u32,
    /// The last moment at which its place was looked at without it.
    pub(super) looked: Micros,
    /// Covered and not seen, seconds, weighed with the probability of seeing.
    pub(super) missing_s: f64,
    pub(super) missing_from: Option<Micros>,
    pub(super) place: Where,
    /// It moved within a zone when the camera looked away.
    pub(super) adrift: bool,
}

impl Resident {
    pub(super) fn new(fix: &Fix) -> Self {
        Self {
            name: fix.subject.clone(),
            track: fix.subject.clone(),
            first: fix.t,
            last: fix.t,
            at: fix.at,
            votes: Votes::default(),
            stood_since: None,
            looks: VecDeque::new(),
            recent: VecDeque::new(),
            fixes: 0,
            looked: fix.t,
            missing_s: 0.0,
            missing_from: None,
            place: Where::Outside,
            adrift: false,
        }
    }

    pub(super) fn observe(&mut self, fix: &Fix, look: Option<&Look>) {
        self.last = self.last.max(fix.t);
        self.looked = self.last;
        self.missing_s = 0.0;
        self.missing_from = None;
        self.adrift = false;
        self.fixes = self.fixes.saturating_add(1);
        self.votes.add(fix.class, 1.0);
        if let Some(look) = look
            && self.looks.back().is_none_or(|(t, _)| *t != fix.subject)
        {
            if self.looks.len() == LOOKS {
                self.looks.pop_front();
            }
            self.looks.push_back((fix.subject.clone(), *look));
        }
        self.recent.push_back((fix.t, fix.at));
        while self
            .recent
            .front()
            .is_some_and(|f| fix.t.since(f.0) > SPAN_S && self.recent.len() > 2)
        {
            self.recent.pop_front();
        }
        let still = STILL_M.max(3.0 * fix.sigma_m);
        let span = self.recent.front().map_or(0.0, |f| fix.t.since(f.0));
        let far = self
            .recent
            .iter()
            .map(|f| (f.1 - fix.at).norm())
            .fold(0.0, f64::max);
        if far <= still && (span >= 0.5 * SPAN_S || self.stood_since.is_some()) {
            let n = self.recent.len() as f64;
            self.at = self.recent.iter().map(|f| f.1).sum::<Vector2<f64>>() / n;
            let since = self.recent.front().map_or(fix.t, |f| f.0);
            self.stood_since.get_or_insert(since);
        } else {
            self.at = fix.at;
            if far > still {
                self.stood_since = None;
            }
        }
    }

    /// It stood when it was last seen.
    pub fn stands(&self) -> bool {
        self.stood_since.is_some()
    }

    /// Speed over the last seconds, m/s.
    pub fn velocity(&self) -> Vector2<f64> {
        match (self.recent.front(), self.recent.back()) {
            (Some(a), Some(b)) if b.0.since(a.0) > 0.5 => (b.1 - a.1) / b.0.since(a.0),
            _ => Vector2::zeros(),
        }
    }

    /// Probability that it is a vehicle at all, by how often it was seen.
    pub fn p(&self) -> f64 {
        let n = f64::from(self.fixes);
        0.6 + 0.39 * n / (n + 3.0)
    }

    /// What it looks like on the whole, and how many tracks said so.
    pub fn look(&self) -> Option<(Look, usize)> {
        let n = self.looks.len();
        if n == 0 {
            return None;
        }
        let mut v = [0.0; 5];
        for (_, l) in &self.looks {
            for (a, b) in v.iter_mut().zip(l.v) {
                *a += b / n as f64;
            }
        }
        Some((Look { v }, n))
    }

    /// It is inside a zone.
    pub fn inside(&self) -> bool {
        self.place == Where::Inside
    }
}
