//! A whole flight, and where its seconds go.

use crate::atmosphere::true_airspeed;
use crate::orbit::{Direction, Orbit};
use crate::task::Task;
use atalaya_geo::Vector2;
use std::f64::consts::TAU;

/// A flight: climb in a circle over home, out at one height, to the orbit's height and round it,
/// back over home at the height of the way out, and down in the circle over home.
#[derive(Clone, Debug, PartialEq)]
pub struct Flight {
    /// Centre of the circle over home.
    pub home: Vector2<f64>,
    /// Its commanded radius, metres.
    pub home_circle_m: f64,
    /// Its direction.
    pub home_direction: Direction,
    /// Height at which it begins and ends, metres above sea level.
    pub low_m: f64,
    /// Height of the way out and back, metres above sea level.
    pub transit_m: f64,
    /// Turning points of the way out; the last lies on the orbit, tangentially.
    pub out: Vec<Vector2<f64>>,
    /// The orbit.
    pub orbit: Orbit,
    /// Turning points of the way back, after the orbit is left tangentially.
    pub back: Vec<Vector2<f64>>,
    /// Where the orbit is left.
    pub leaves: Vector2<f64>,
}

/// Where the seconds of a flight go, with the wind always from ahead.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// From take-off to the orbit.
    pub out_s: f64,
    /// On station.
    pub station_s: f64,
    /// From the orbit to the ground.
    pub back_s: f64,
    /// Once round the orbit.
    pub lap_s: f64,
}

/// Time for approach and landing, seconds.
const LANDING_S: f64 = 120.0;
/// Angle between two directions.
pub(crate) fn bend(a: Vector2<f64>, b: Vector2<f64>) -> f64 {
    a.perp(&b).atan2(a.dot(&b)).abs()
}

impl Flight {
    /// Where the seconds go.
    pub fn budget(&self, task: &Task) -> Budget {
        let a = &task.aircraft;
        let tas = true_airspeed(a.cruise_m_s, task.home_m, task.wind.warmer_k);
        let ground = (tas - task.wind.speed_m_s).max(0.1);
        let length = |points: &[Vector2<f64>]| -> f64 {
            points.windows(2).map(|w| (w[1] - w[0]).norm()).sum()
        };
        let out: Vec<_> = [&[self.home][..], &self.out].concat();
        let back: Vec<_> = [&[self.leaves][..], &self.back, &[self.home]].concat();
        let change = (self.transit_m - self.orbit.height_m).abs();
        let lap_s = TAU * self.band(task).outer_m / ground;
        // Leaving tangentially may take a lap; so may each circle over home.
        let home_lap = TAU * self.home_band(task).outer_m / ground;
        let out_s = (self.transit_m - task.home_m).max(0.0) / a.climb_m_s
            + home_lap
            + length(&out) / ground
            + change / a.sink_m_s;
        let back_s = change / a.climb_m_s
            + lap_s
            + length(&back) / ground
            + (self.transit_m - task.home_m).max(0.0) / a.sink_m_s
            + LANDING_S;
        Budget {
            out_s,
            station_s: a.endurance_s - a.reserve_s - out_s - back_s,
            back_s,
            lap_s,
        }
    }
}
