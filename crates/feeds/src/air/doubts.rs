//! What speaks against a track: each test looks at one contradiction.

use super::{AirReport, between, distance};
use std::collections::VecDeque;
use std::f64::consts::TAU;

/// Why a track is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doubt {
    /// It was suddenly somewhere it can't have flown to.
    Jump,
    /// One address is heard in two places at a time.
    TwoPlaces,
    /// It says a speed that no such aircraft flies.
    Speed,
    /// It moves otherwise than it says.
    Motion,
    /// It climbs or sinks faster than any aircraft.
    Climb,
    /// An altitude where none flies.
    Altitude,
    /// It says that it flies, and its place does not change.
    Frozen,
    /// It goes where another, or itself, has gone before, place by place at one distance in time.
    Replayed,
}

impl Doubt {
    /// Its name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jump => "jump",
            Self::TwoPlaces => "two_places",
            Self::Speed => "speed",
            Self::Motion => "motion",
            Self::Climb => "climb",
            Self::Altitude => "altitude",
            Self::Frozen => "frozen",
            Self::Replayed => "replayed",
        }
    }
}

/// No aircraft that broadcasts flies faster over ground, m/s (778 knots: a jet in a jet stream).
pub(super) const FASTEST_M_S: f64 = 400.0;
/// Between two reports it may have been so much faster than either says: a share, and m/s.
const FASTER: f64 = 1.5;
const FASTER_M_S: f64 = 60.0;
/// Room for how roughly places and times are told, metres.
pub(super) const ROUGH_M: f64 = 500.0;
/// Highest rate of climb or descent, m/s (15,000 feet a minute).
const CLIMB_M_S: f64 = 76.0;
/// Room for how roughly altitudes are told, metres.
const ROUGH_ALTITUDE_M: f64 = 100.0;
/// Altitudes of aircraft, metres by pressure.
const ALTITUDES_M: std::ops::RangeInclusive<f64> = -700.0..=20_000.0;
/// A place that is told again for so long while the speed says otherwise is frozen, seconds.
const FROZEN_S: f64 = 60.0;
/// Speed above which a place must change, m/s.
const MOVING_M_S: f64 = 25.0;
/// Motion is compared with what is said of it over so long, seconds.
const STRETCH_S: f64 = 60.0;
/// Reports further apart say too little of what lay between, seconds.
const SPARSE_S: f64 = 70.0;
/// Up to this turn in a stretch courses lead to a place, radians; with more only the way's length counts.
const STRAIGHT: f64 = 0.5;
/// Shares of the way that a place may be off, and that a way may be longer, than what is said.
const OFF: f64 = 0.4;
const LONGER: f64 = 0.25;
/// So many stretches one after the other must contradict.
const STRETCHES: u32 = 3;
/// Reports kept to compare with.
const KEPT: usize = 256;

/// What the numbers of one report say by themselves.
pub(super) fn absurd(r: &AirReport) -> Option<(Doubt, String)> {
    if let Some(v) = r.speed_m_s.filter(|v| !(0.0..=FASTEST_M_S).contains(v)) {
        return Some((Doubt::Speed, format!("says {v:.0} m/s")));
    }
    if let Some(v) = r.climb_m_s.filter(|v| v.abs() > CLIMB_M_S) {
        return Some((Doubt::Climb, format!("says {v:.0} m/s of climb")));
    }
    let high = r.altitude_m.filter(|a| !ALTITUDES_M.contains(a))?;
    Some((Doubt::Altitude, format!("says {high:.0} m")))
}

/// One consistent line of places under an address.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// The last report that belongs to it.
    pub last: AirReport,
    /// Reports that belong to it.
    pub reports: u64,
    recent: VecDeque<AirReport>,
    /// The first report at the place where it is now.
    here: AirReport,
    here_reports: u32,
    contradicted: u32,
}

impl Branch {
    pub fn new(r: AirReport) -> Self {
        Self {
            last: r.clone(),
            reports: 1,
            recent: VecDeque::from([r.clone()]),
            here: r,
            here_reports: 1,
            contradicted: 0,
        }
    }

    /// Can it have flown from here to there? How far from where it should be, metres, if so.
    pub fn reaches(&self, r: &AirReport) -> Option<f64> {
        let dt = r.t.since(self.last.t);
        let [e, n] = between(&self.last, r);
        let fastest = match (self.last.speed_m_s, r.speed_m_s) {
            (Some(a), Some(b)) => (FASTER * a.max(b) + FASTER_M_S).min(FASTEST_M_S),
            _ => FASTEST_M_S,
        };
        if e.hypot(n) > fastest * dt.max(0.0) + ROUGH_M {
            return None;
        }
        let (v, course) = (self.last.speed_m_s, self.last.course);
        let v = v.unwrap_or(0.0) * dt;
        let (sin, cos) = course.unwrap_or(0.0).sin_cos();
        Some((e - v * sin).hypot(n - v * cos))
    }

    /// The next report; gives what contradicts it.
    pub fn push(&mut self, r: AirReport) -> Option<(Doubt, String)> {
        self.reports += 1;
        let found = self
            .frozen(&r)
            .or_else(|| self.climb(&r))
            .or_else(|| self.motion(&r));
        self.last = r;
        found
    }

    fn frozen(&mut self, r: &AirReport) -> Option<(Doubt, String)> {
        let same = self.here.lat.to_bits() == r.lat.to_bits()
            && self.here.lon.to_bits() == r.lon.to_bits()
            && r.speed_m_s.is_some_and(|v| v > MOVING_M_S);
        if !same {
            self.here = r.clone();
            self.here_reports = 1;
            return None;
        }
        self.here_reports += 1;
        let still = r.t.since(self.here.t);
        (still >= FROZEN_S && self.here_reports >= 4).then(|| {
            let v = r.speed_m_s.unwrap_or_default();
            (
                Doubt::Frozen,
                format!("says {v:.0} m/s, and has been at one place for {still:.0} s"),
            )
        })
    }

    fn climb(&self, r: &AirReport) -> Option<(Doubt, String)> {
        let dt = r.t.since(self.last.t).max(1.0);
        let up = r.altitude_m? - self.last.altitude_m?;
        (up.abs() > CLIMB_M_S * dt + ROUGH_ALTITUDE_M)
            .then(|| (Doubt::Climb, format!("{up:+.0} m of altitude in {dt:.0} s")))
    }

    /// Where it should be by what it says of its speed and course, and where it is.
    fn motion(&mut self, r: &AirReport) -> Option<(Doubt, String)> {
        if r.t.since(self.last.t) > SPARSE_S {
            self.recent.clear();
            self.contradicted = 0;
        }
        self.recent.push_back(r.clone());
        if self.recent.len() > KEPT {
            self.recent.pop_front();
        }
        let first = self.recent.front()?;
        let dt = r.t.since(first.t);
        if dt < STRETCH_S {
            return None;
        }
        let (mut said, mut way, mut gone, mut turned) = ([0.0; 2], 0.0, 0.0, 0.0);
        for (a, b) in self.recent.iter().zip(self.recent.iter().skip(1)) {
            let dt = b.t.since(a.t);
            let (va, vb) = (a.speed_m_s?, b.speed_m_s?);
            let (ca, cb) = (a.course?, b.course?);
            turned += difference(cb, ca).abs();
            gone += distance(a, b);
            for (v, course) in [(va, ca), (vb, cb)] {
                said[0] += v * course.sin() * dt / 2.0;
                said[1] += v * course.cos() * dt / 2.0;
                way += v * dt / 2.0;
            }
        }
        let [e, n] = between(first, r);
        let off = (e - said[0]).hypot(n - said[1]);
        let elsewhere = turned < STRAIGHT && off > ROUGH_M.max(OFF * way);
        let wrong = elsewhere || gone - way > ROUGH_M.max(LONGER * way);
        self.recent.clear();
        self.recent.push_back(r.clone());
        self.contradicted = if wrong { self.contradicted + 1 } else { 0 };
        (self.contradicted >= STRETCHES).then(|| {
            (
                Doubt::Motion,
                format!(
                    "says {:.0} m/s, goes {:.0} m/s, and is {off:.0} m from where that leads in {dt:.0} s",
                    way / dt,
                    gone / dt
                ),
            )
        })
    }
}

/// The turn from one direction to another, radians, -pi to pi.
pub(super) fn difference(to: f64, from: f64) -> f64 {
    let d = (to - from).rem_euclid(TAU);
    if d > TAU / 2.0 { d - TAU } else { d }
}

/// How far apart two lines of places are, metres.
pub(super) fn apart(a: &Branch, b: &Branch) -> f64 {
    distance(&a.last, &b.last)
}
