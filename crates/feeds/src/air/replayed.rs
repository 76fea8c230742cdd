//! A track that goes where one went before, place by place, at one distance in time.

use super::AirReport;
use std::collections::{BTreeMap, VecDeque};

/// Places kept in mind.
const PLACES: usize = 1 << 17;
/// Places in a row that must be the same: two aircraft on one airway are not at the same metres.
const ROW: u32 = 6;
/// The distance in time may differ so much from place to place, seconds.
const JITTER_S: f64 = 2.0;
/// What comes back sooner is one broadcast, received twice, seconds.
const SOON_S: f64 = 90.0;

/// A place to about a metre.
type Place = (i32, i32);

fn place(r: &AirReport) -> Place {
    ((r.lat * 1e5).round() as i32, (r.lon * 1e5).round() as i32)
}

/// All places of all aircraft, as far back as there is room.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    first: BTreeMap<Place, f64>,
    order: VecDeque<Place>,
}

/// How far an aircraft has followed an earlier track.
#[derive(Clone, Debug, Default)]
pub(super) struct Follows {
    last: Option<Place>,
    behind_s: f64,
    row: u32,
}

impl Places {
    /// Keeps a place, and tells whether the aircraft has followed an earlier track for long enough; gives
    /// how far behind it is, seconds.
    pub fn follow(&mut self, f: &mut Follows, r: &AirReport) -> Option<f64> {
        let here = place(r);
        // Standing still, or told again: that is another doubt.
        if f.last.replace(here) == Some(here) {
            return None;
        }
        let t = r.t.secs();
        match self.first.get(&here) {
            Some(then) if t - then > SOON_S => {
                let behind = t - then;
                let same = f.row > 0 && (behind - f.behind_s).abs() <= JITTER_S;
                f.row = if same { f.row + 1 } else { 1 };
                f.behind_s = behind;
            }
            Some(_) => {}
            None => {
                f.row = 0;
                self.first.insert(here, t);
                self.order.push_back(here);
                if self.order.len() > PLACES
                    && let Some(old) = self.order.pop_front()
                {
                    self.first.remove(&old);
                }
            }
        }
        (f.row >= ROW).then_some(f.behind_s)
    }
}
