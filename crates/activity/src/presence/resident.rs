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
    /// One sigma of each, of one track.
    pub sd: [f64; 5],
}

/// One sigma of a look within one track of a vehicle where the track does not say it.
pub const WITHIN: [f64; 5] = [0.07, 0.09, 3.0, 2.0, 2.0];

impl Look {
    /// From metres and colour; `None` when a number is none.
    pub fn new(length_m: f64, width_m: f64, lab: [f64; 3]) -> Option<Self> {
        let sound = length_m > 0.1 && width_m > 0.1 && length_m < 100.0 && width_m < 100.0;
        let v = [length_m.ln(), width_m.ln(), lab[0], lab[1], lab[2]];
        let sd = WITHIN;
        (sound && v.iter().all(|x| x.is_finite())).then_some(Self { v, sd })
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

/// Seconds of positions that say whether it stands.
const SPAN_S: f64 = 8.0;
/// It stands when it moved less than this within that time, metres, and three of its sigmas.
const STILL_M: f64 = 2.0;
/// A track is alive while its next position is not yet due: this share of the time between its last two.
const DUE: f64 = 0.95;
/// A track without a position for so long shows it no more, seconds.
const STALE_S: f64 = 30.0;
/// Tracks whose looks are kept.
const LOOKS: usize = 16;

/// Where one track had it within the last seconds.
#[derive(Clone, Debug)]
struct Recent {
    track: Arc<str>,
    camera: u16,
    places: VecDeque<(Micros, Vector2<f64>)>,
}

impl Recent {
    fn push(&mut self, fix: &Fix) {
        self.places.push_back((fix.t, fix.at));
        while self.places.len() > 2 && fix.t.since(self.first()) > SPAN_S {
            self.places.pop_front();
        }
    }

    fn first(&self) -> Micros {
        self.places.front().map_or(Micros::MIN, |p| p.0)
    }

    fn last(&self) -> Micros {
        self.places.back().map_or(Micros::MIN, |p| p.0)
    }

    /// Seconds between its last two positions.
    fn step(&self) -> f64 {
        let mut back = self.places.iter().rev();
        match (back.next(), back.next()) {
            (Some(b), Some(a)) => b.0.since(a.0),
            _ => 0.0,
        }
    }

    fn middle(&self) -> Vector2<f64> {
        let n = self.places.len().max(1) as f64;
        self.places.iter().map(|p| p.1).sum::<Vector2<f64>>() / n
    }

    /// Seconds that are known of, and the furthest that it was from the newest place.
    fn spread(&self, fix: &Fix) -> (f64, f64) {
        let far = self.places.iter().map(|p| (p.1 - fix.at).norm());
        (fix.t.since(self.first()), far.fold(0.0, f64::max))
    }
}

/// A vehicle that is taken to be there.
#[derive(Clone, Debug)]
pub struct Resident {
    /// Its name: that of its first track.
    pub name: Arc<str>,
    /// Its present track.
    pub track: Arc<str>,
    /// Its first observation.
    pub first: Micros,
    /// Its last.
    pub last: Micros,
    /// Where it was last seen, metres; of one that stands the mean.
    pub at: Vector2<f64>,
    /// The same without what each camera is off by, and what each track says of it.
    pub(super) home: Vector2<f64>,
    homes: VecDeque<(Arc<str>, Vector2<f64>)>,
    /// What it is taken for.
    pub votes: Votes,
    /// Since when it has stood.
    pub stood_since: Option<Micros>,
    /// What it looks like, a word for each track.
    looks: VecDeque<(Arc<str>, Look)>,
    /// The last positions of each track that shows it: two cameras place it apart.
    tracks: Vec<Recent>,
    fixes: u32,
    /// The last moment at which its place was looked at without it.
    pub(super) looked: Micros,
    /// Covered and not seen, seconds, weighed with the probability of seeing.
    pub(super) missing_s: f64,
    pub(super) missing_from: Option<Micros>,
    /// Zones in which it was said to be.
    pub(super) inside: Vec<usize>,
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
            home: fix.at,
            homes: VecDeque::new(),
            votes: Votes::default(),
            stood_since: None,
            looks: VecDeque::new(),
            tracks: Vec::new(),
            fixes: 0,
            looked: fix.t,
            missing_s: 0.0,
            missing_from: None,
            inside: Vec::new(),
            adrift: false,
        }
    }

    pub(super) fn observe(
        &mut self,
        fix: &Fix,
        camera: u16,
        offset: Vector2<f64>,
        look: Option<&Look>,
    ) {
        self.last = self.last.max(fix.t);
        self.looked = self.last;
        self.missing_s = 0.0;
        self.missing_from = None;
        self.adrift = false;
        self.fixes = self.fixes.saturating_add(1);
        self.votes.add(fix.class, 1.0);
        if let Some(look) = look {
            // What a track says of it gets better as it goes on.
            match self.looks.iter_mut().find(|(t, _)| *t == fix.subject) {
                Some((_, l)) => *l = *look,
                None => {
                    if self.looks.len() == LOOKS {
                        self.looks.pop_front();
                    }
                    self.looks.push_back((fix.subject.clone(), *look));
                }
            }
        }
        self.tracks
            .retain(|r| fix.t.since(r.last()) < STALE_S || r.track == fix.subject);
        let mine = self.tracks.iter().position(|r| r.track == fix.subject);
        let mine = mine.unwrap_or_else(|| {
            self.tracks.push(Recent {
                track: fix.subject.clone(),
                camera,
                places: VecDeque::new(),
            });
            self.tracks.len() - 1
        });
        self.tracks[mine].push(fix);
        let still = STILL_M.max(3.0 * fix.sigma_m);
        let (span, far) = self.tracks[mine].spread(fix);
        if far <= still && (span >= 0.5 * SPAN_S || self.stood_since.is_some()) {
            let n = self.tracks.len() as f64;
            self.at = self.tracks.iter().map(Recent::middle).sum::<Vector2<f64>>() / n;
            self.stood_since.get_or_insert(self.tracks[mine].first());
            self.stand_at(fix, self.tracks[mine].middle() - offset);
        } else {
            self.at = fix.at;
            if far > still {
                self.stood_since = None;
                self.homes.clear();
            }
        }
        if self.homes.is_empty() {
            self.home = fix.at - offset;
        }
    }

    fn stand_at(&mut self, fix: &Fix, home: Vector2<f64>) {
        match self.homes.iter_mut().find(|(t, _)| *t == fix.subject) {
            Some((_, h)) => *h = home,
            None => {
                if self.homes.len() == LOOKS {
                    self.homes.pop_front();
                }
                self.homes.push_back((fix.subject.clone(), home));
            }
        }
        let n = self.homes.len() as f64;
        self.home = self.homes.iter().map(|h| h.1).sum::<Vector2<f64>>() / n;
    }

    pub(super) fn enter(&mut self, zone: usize) {
        if !self.inside.contains(&zone) {
            self.inside.push(zone);
        }
    }

    /// It stood when it was last seen.
    pub fn stands(&self) -> bool {
        self.stood_since.is_some()
    }

    /// A camera follows it now, under one of its tracks.
    pub(super) fn followed_by(&self, camera: u16, now: Micros) -> bool {
        let mut mine = self.tracks.iter().filter(|r| r.camera == camera);
        mine.any(|r| now.since(r.last()) < DUE * r.step())
    }

    /// Speed over the last seconds, m/s.
    pub fn velocity(&self) -> Vector2<f64> {
        let newest = self.tracks.iter().max_by_key(|r| r.last());
        let places = newest.map(|r| &r.places);
        match places.map(|p| (p.front(), p.back())) {
            Some((Some(a), Some(b))) if b.0.since(a.0) > 0.5 => (b.1 - a.1) / b.0.since(a.0),
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
        let mean = |of: fn(&Look, usize) -> f64| {
            let one = |i| self.looks.iter().map(|(_, l)| of(l, i)).sum::<f64>() / n as f64;
            std::array::from_fn(one)
        };
        let (v, sd) = (mean(|l, i| l.v[i]), mean(|l, i| l.sd[i]));
        Some((Look { v, sd }, n))
    }
}
