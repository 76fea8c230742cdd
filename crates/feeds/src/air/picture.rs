//! All aircraft that are heard.

use super::doubts::{Branch, absurd, apart};
use super::loiter::{Loiter, Loiters};
use super::replayed::{Follows, Places};
use super::{AirReport, Doubt};
use atalaya_model::Micros;
use std::collections::{BTreeMap, VecDeque};

/// Aircraft that are kept in mind; of more, the one that was silent for longest is forgotten.
pub const AIRCRAFT: usize = 4096;
/// The same doubt is said again after so long, seconds.
const AGAIN_S: f64 = 600.0;
/// A line of places that nothing was added to for so long is over, seconds.
const OVER_S: f64 = 600.0;
/// Changes between two places, one line and the other by turns, before one address counts as two.
const CHANGES: usize = 4;
/// Single places far off, in `AGAIN_S`, before they count as jumps: receivers err.
const STRAYS: usize = 3;

/// What is said of an aircraft.
#[derive(Clone, Debug, PartialEq)]
pub enum AirEvent {
    /// It is not believed, from this report on.
    Doubted {
        /// Its address.
        address: String,
        /// When.
        t: Micros,
        /// Why.
        doubt: Doubt,
        /// Why, in words.
        reason: String,
    },
    /// It turned around a place, and has left it.
    Loitered {
        /// Its address.
        address: String,
        /// Where and for how long.
        loiter: Loiter,
        /// It was doubted before or meanwhile.
        doubted: bool,
    },
}

#[derive(Clone, Debug)]
struct Aircraft {
    /// At most two: where it is, and where somebody under its address also is.
    branches: Vec<Branch>,
    /// Which of them was heard last.
    heard: usize,
    changes: VecDeque<Micros>,
    strays: VecDeque<Micros>,
    said: BTreeMap<Doubt, Micros>,
    loiters: Loiters,
    follows: Follows,
}

/// The picture. Reports come in order of time; one that is older than the last of its aircraft is left
/// out and counted.
#[derive(Clone, Debug, Default)]
pub struct AirPicture {
    aircraft: BTreeMap<String, Aircraft>,
    places: Places,
    /// Reports left out because they came too late.
    pub late: u64,
}

impl AirPicture {
    /// Aircraft that are kept in mind.
    pub fn len(&self) -> usize {
        self.aircraft.len()
    }

    /// Is none?
    pub fn is_empty(&self) -> bool {
        self.aircraft.is_empty()
    }

    /// Is an aircraft heard and not doubted in the last ten minutes before `t`?
    pub fn believed(&self, address: &str, t: Micros) -> bool {
        let fresh = |said: &Micros| t.since(*said) < AGAIN_S;
        self.aircraft
            .get(address)
            .is_some_and(|a| !a.said.values().any(fresh))
    }

    /// The next report.
    pub fn push(&mut self, r: &AirReport, out: &mut Vec<AirEvent>) {
        let Some(a) = self.aircraft.get_mut(&r.address) else {
            self.forget(out);
            self.places.follow(&mut Follows::default(), r);
            let mut a = Aircraft::new(r);
            a.doubt(r, absurd(r), out);
            self.aircraft.insert(r.address.clone(), a);
            return;
        };
        if a.branches.iter().any(|b| r.t < b.last.t) {
            self.late += 1;
            return;
        }
        a.doubt(r, absurd(r), out);
        if let Some(behind) = self.places.follow(&mut a.follows, r) {
            let reason = format!("goes place by place where somebody went {behind:.0} s before");
            a.doubt(r, Some((Doubt::Replayed, reason)), out);
        }
        a.place(r, out);
    }

    /// Nothing more comes: stays that go on are said.
    pub fn finish(mut self, out: &mut Vec<AirEvent>) {
        for (address, a) in &mut self.aircraft {
            a.end(address, out);
        }
    }

    /// Makes room for one more.
    fn forget(&mut self, out: &mut Vec<AirEvent>) {
        if self.aircraft.len() < AIRCRAFT {
            return;
        }
        let heard = |a: &Aircraft| a.branches.iter().map(|b| b.last.t).max();
        let silent = self.aircraft.iter().min_by_key(|(_, a)| heard(a));
        let Some(address) = silent.map(|(address, _)| address.clone()) else {
            return;
        };
        if let Some(mut a) = self.aircraft.remove(&address) {
            a.end(&address, out);
        }
    }
}

impl Aircraft {
    fn new(r: &AirReport) -> Self {
        let mut loiters = Loiters::default();
        loiters.push(r);
        Self {
            branches: vec![Branch::new(r.clone())],
            heard: 0,
            changes: VecDeque::new(),
            strays: VecDeque::new(),
            said: BTreeMap::new(),
            loiters,
            follows: Follows::default(),
        }
    }

    /// Puts a report where it can belong, and says what does not fit.
    fn place(&mut self, r: &AirReport, out: &mut Vec<AirEvent>) {
        self.over(r.t);
        let reach = |(i, b): (usize, &Branch)| b.reaches(r).map(|off| (i, off));
        let all = self.branches.iter().enumerate().filter_map(reach);
        let Some((i, _)) = all.min_by(|a, b| a.1.total_cmp(&b.1)) else {
            // It waits until a second report says the same: a single place far off is a mistake.
            if self.branches.len() == 2 {
                // The one of the two that has not been heard for longer is given up.
                let stale = usize::from(self.branches[1].last.t < self.branches[0].last.t);
                let single = self.branches[stale].reports == 1;
                self.branches.remove(stale);
                if single {
                    self.stray(r, out);
                }
            }
            self.branches.push(Branch::new(r.clone()));
            self.heard = self.branches.len() - 1;
            return;
        };
        let confirms = i > 0 && self.branches[i].reports == 1;
        let far = (self.branches.len() == 2)
            .then(|| apart(&self.branches[0], &self.branches[1]) / 1000.0);
        if i != self.heard {
            self.changes.push_back(r.t);
            if self.branches[self.heard].reports == 1 {
                self.stray(r, out);
            }
        }
        self.heard = i;
        while self
            .changes
            .front()
            .is_some_and(|t| r.t.since(*t) > AGAIN_S)
        {
            self.changes.pop_front();
        }
        if self.changes.len() >= CHANGES {
            self.changes.clear();
            let reason = format!("is heard in two places {:.0} km apart", far.unwrap_or(0.0));
            self.doubt(r, Some((Doubt::TwoPlaces, reason)), out);
        } else if confirms {
            let reason = format!("is suddenly {:.0} km away", far.unwrap_or(0.0));
            self.doubt(r, Some((Doubt::Jump, reason)), out);
        }
        let found = self.branches[i].push(r.clone());
        self.doubt(r, found, out);
        let ended = self.loiters.push(r);
        self.loitered(&r.address, ended, out);
    }

    /// A line that nothing is added to is over; where one is left, it is the aircraft.
    fn over(&mut self, t: Micros) {
        let newest = self.branches.iter().map(|b| b.last.t).max();
        let fresh = |b: &Branch| t.since(b.last.t) <= OVER_S || Some(b.last.t) == newest;
        if self.branches.len() == 2 && !self.branches.iter().all(fresh) {
            self.branches.retain(fresh);
            self.heard = 0;
        }
    }

    fn stray(&mut self, r: &AirReport, out: &mut Vec<AirEvent>) {
        self.strays.push_back(r.t);
        while self.strays.front().is_some_and(|t| r.t.since(*t) > AGAIN_S) {
            self.strays.pop_front();
        }
        if self.strays.len() >= STRAYS {
            self.strays.clear();
            let reason = "is again and again far from where it can be".to_owned();
            self.doubt(r, Some((Doubt::Jump, reason)), out);
        }
    }

    /// A doubt is said, and not again for a while.
    fn doubt(&mut self, r: &AirReport, found: Option<(Doubt, String)>, out: &mut Vec<AirEvent>) {
        let Some((doubt, reason)) = found else { return };
        let said = self.said.get(&doubt);
        if said.is_none_or(|t| r.t.since(*t) >= AGAIN_S) {
            self.said.insert(doubt, r.t);
            out.push(AirEvent::Doubted {
                address: r.address.clone(),
                t: r.t,
                doubt,
                reason,
            });
        }
    }

    fn loitered(&self, address: &str, ended: Option<Loiter>, out: &mut Vec<AirEvent>) {
        out.extend(ended.map(|loiter| AirEvent::Loitered {
            address: address.to_owned(),
            doubted: !self.said.is_empty(),
            loiter,
        }));
    }

    fn end(&mut self, address: &str, out: &mut Vec<AirEvent>) {
        let ended = self.loiters.finish();
        self.loitered(address, ended, out);
    }
}
