//! Who turns around a place: heading adds up while the aircraft stays within a circle.

use super::doubts::difference;
use super::{AirReport, between};
use atalaya_model::Micros;
use std::collections::VecDeque;
use std::f64::consts::TAU;

/// The circle's radius, metres.
const RADIUS_M: f64 = 9_000.0;
/// Two turns, whichever way: a figure of eight is one too.
const TURNED: f64 = 2.0 * TAU;
/// At least so long, seconds.
const LONG_S: f64 = 240.0;
/// Beyond such a pause it is another stay, seconds.
const PAUSE_S: f64 = 300.0;
/// Slower than this it taxies, m/s.
const FLYING_M_S: f64 = 15.0;
/// Reports kept of a stay; of a longer one every second is forgotten.
const KEPT: usize = 2048;

/// A stay in the air around a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Loiter {
    /// The first report of it.
    pub from: Micros,
    /// The last report of it.
    pub until: Micros,
    /// Longitude, latitude of its middle, degrees.
    pub lon_lat: [f64; 2],
    /// From the middle to the furthest report, metres.
    pub radius_m: f64,
    /// Heading added up, turns.
    pub turns: f64,
}

#[derive(Clone, Debug)]
struct Fix {
    report: AirReport,
    /// Turned since the fix before, radians without sign.
    turned: f64,
}

/// Of one aircraft.
#[derive(Clone, Debug, Default)]
pub(super) struct Loiters {
    fixes: VecDeque<Fix>,
    turned: f64,
    on: bool,
}

impl Loiters {
    /// The next report; gives a stay that has ended with it.
    pub fn push(&mut self, r: &AirReport) -> Option<Loiter> {
        if r.speed_m_s.is_some_and(|v| v < FLYING_M_S) {
            return self.finish();
        }
        let mut ended = None;
        let turned = match self.fixes.back() {
            Some(last) if r.t.since(last.report.t) > PAUSE_S => {
                ended = self.finish();
                0.0
            }
            Some(last) => turn(&last.report, r),
            None => 0.0,
        };
        self.fixes.push_back(Fix {
            report: r.clone(),
            turned,
        });
        self.turned += turned;
        if self.fixes.len() > KEPT {
            self.thin();
        }
        let (_, radius) = self.circle();
        if radius > RADIUS_M {
            if self.on {
                // It has left: the stay is what was before.
                let leaving = self.fixes.pop_back();
                ended = self.finish();
                self.fixes.extend(leaving.map(|f| Fix { turned: 0.0, ..f }));
            } else {
                while self.fixes.len() > 1 && self.circle().1 > RADIUS_M {
                    self.fixes.pop_front();
                    if let Some(first) = self.fixes.front_mut() {
                        first.turned = 0.0;
                    }
                }
                self.turned = self.fixes.iter().map(|f| f.turned).sum();
            }
        }
        let long = |f: &Fix| r.t.since(f.report.t) >= LONG_S;
        self.on = self.turned >= TURNED && self.fixes.front().is_some_and(long);
        ended
    }

    /// Nothing more comes of it; gives the stay that it was in.
    pub fn finish(&mut self) -> Option<Loiter> {
        let stay = self.on.then(|| self.stay()).flatten();
        *self = Self::default();
        stay
    }

    fn stay(&self) -> Option<Loiter> {
        let ([e, n], radius_m) = self.circle();
        let (first, last) = (&self.fixes.front()?.report, &self.fixes.back()?.report);
        let degree = super::EARTH_M.to_radians();
        let lat = first.lat + n / degree;
        let lon = first.lon + e / (degree * first.lat.to_radians().cos().max(1e-6));
        Some(Loiter {
            from: first.t,
            until: last.t,
            lon_lat: [lon, lat],
            radius_m,
            turns: self.turned / TAU,
        })
    }

    /// The middle, east and north of the first fix, and the furthest fix from it, metres.
    fn circle(&self) -> ([f64; 2], f64) {
        let Some(first) = self.fixes.front() else {
            return ([0.0; 2], 0.0);
        };
        let at = |f: &Fix| between(&first.report, &f.report);
        let (mut lo, mut hi) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
        for p in self.fixes.iter().map(at) {
            for i in 0..2 {
                lo[i] = lo[i].min(p[i]);
                hi[i] = hi[i].max(p[i]);
            }
        }
        let middle = [(lo[0] + hi[0]) / 2.0, (lo[1] + hi[1]) / 2.0];
        let far = |p: [f64; 2]| (p[0] - middle[0]).hypot(p[1] - middle[1]);
        let radius = self.fixes.iter().map(at).map(far).fold(0.0, f64::max);
        (middle, radius)
    }

    /// Every second fix is forgotten, its turn is not.
    fn thin(&mut self) {
        let old = std::mem::take(&mut self.fixes);
        let mut carried = 0.0;
        for (i, mut f) in old.into_iter().enumerate() {
            if i % 2 == 1 {
                carried += f.turned;
            } else {
                f.turned += std::mem::take(&mut carried);
                self.fixes.push_back(f);
            }
        }
    }
}

/// How far it turned between two reports, radians without sign: by what it says of its course, else
/// nothing.
fn turn(a: &AirReport, b: &AirReport) -> f64 {
    match (a.course, b.course) {
        (Some(a), Some(b)) => difference(b, a).abs(),
        _ => 0.0,
    }
}
