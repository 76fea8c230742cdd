//! A whole flight, and the room it takes: every place where the aircraft may be.

use crate::atmosphere::true_airspeed;
use crate::loiter::{flown, least_radius};
use crate::orbit::{Direction, Orbit};
use crate::task::Task;
use atalaya_geo::Vector2;
use std::f64::consts::TAU;

/// A flight: climb in a circle over home, out at one height, to the orbit's height and round it,
/// back, and down in the circle over home.
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

/// A stretch of room: all places within `tube_m` of a point, between two heights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub at: Vector2<f64>,
    pub tube_m: f64,
    pub low_m: f64,
    pub high_m: f64,
    pub part: &'static str,
}

/// What the circle over home is called in refusals.
pub(crate) const HOME: &str = "circle over home";

/// Distance between samples of the path, metres; half of it is added to every tube, so that nothing
/// is lost between two.
const STEP_M: f64 = 20.0;
/// Time for approach and landing, seconds.
const LANDING_S: f64 = 120.0;
/// How much farther than its band a circle reaches while it is captured along its tangent, as a share
/// of its radius; and one that is captured from its centre, as after take-off.
const CAPTURE: f64 = 0.08;
const CAPTURE_FROM_CENTRE: f64 = 0.3;

/// How far a turn from one leg to the next may carry the aircraft off both, metres: the turn begun at
/// the point itself, at the greatest speed over ground and with a second and a half for rolling in.
pub(crate) fn overshoot(task: &Task, height_m: f64, bend: f64) -> f64 {
    let least = least_radius(&task.aircraft, &task.wind, height_m);
    let v =
        true_airspeed(task.aircraft.cruise_m_s, height_m, task.wind.warmer_k) + task.wind.speed_m_s;
    1.2 * least * (1.0 - bend.cos()) + 1.5 * v * bend.min(std::f64::consts::FRAC_PI_2).sin()
}

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
        let lap_s = TAU * self.orbit.flown(task).outer_m / ground;
        // Leaving tangentially may take a lap; so may each circle over home.
        let home_lap =
            TAU * flown(a, &task.wind, self.transit_m, self.home_circle_m).outer_m / ground;
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

    /// All the room the flight takes.
    pub(crate) fn room(&self, task: &Task) -> Vec<Room> {
        let a = &task.aircraft;
        let stray = a.tracking_m + 0.5 * STEP_M;
        let mut room = Vec::new();
        let home = flown(a, &task.wind, self.transit_m, self.home_circle_m);
        let home_reach = home.outer_m * (1.0 + CAPTURE_FROM_CENTRE) + a.tracking_m;
        room.push(Room {
            at: self.home,
            tube_m: home_reach,
            low_m: self.low_m.min(self.transit_m),
            high_m: self.transit_m.max(self.low_m),
            part: HOME,
        });
        let out: Vec<_> = [&[self.home][..], &self.out].concat();
        self.legs(task, &out, home_reach, "way out", &mut room);
        let mut back: Vec<_> = [&[self.leaves][..], &self.back, &[self.home]].concat();
        // The way back ends in the circle as the way out begins: the same room, turned round.
        back.reverse();
        self.legs(task, &back, home_reach, "way back", &mut room);
        let band = self.orbit.flown(task);
        let middle = band.middle_m();
        let half = 0.5 * (band.outer_m - band.inner_m) + CAPTURE * band.outer_m;
        let places = (TAU * middle / STEP_M).ceil().clamp(12.0, 5000.0) as usize;
        for i in 0..places {
            room.push(Room {
                at: self.orbit.at(middle, TAU * i as f64 / places as f64),
                tube_m: half + stray,
                low_m: self.orbit.height_m.min(self.transit_m),
                high_m: self.orbit.height_m.max(self.transit_m),
                part: "orbit",
            });
        }
        room
    }

    /// Straight legs with the room for their turns. From the circle over home the first leg is joined
    /// tangentially: the room narrows from the circle's reach to the first point's.
    fn legs(
        &self,
        task: &Task,
        points: &[Vector2<f64>],
        home_reach: f64,
        part: &'static str,
        room: &mut Vec<Room>,
    ) {
        let least = least_radius(&task.aircraft, &task.wind, self.transit_m).max(1.0);
        let stray = task.aircraft.tracking_m + 0.5 * STEP_M;
        let wide: Vec<f64> = (0..points.len())
            .map(|i| {
                if i == 0 || i + 1 >= points.len() {
                    return 0.0;
                }
                let turn = bend(points[i] - points[i - 1], points[i + 1] - points[i]);
                overshoot(task, self.transit_m, turn)
            })
            .collect();
        for (i, w) in points.windows(2).enumerate() {
            let along = w[1] - w[0];
            let length = along.norm().max(1e-6);
            let steps = (length / STEP_M).ceil().clamp(1.0, 20_000.0) as usize;
            for k in 0..=steps {
                let s = k as f64 / steps as f64;
                // Whole up to two least radii from the turn, gone at five.
                let near = |d: f64| ((5.0 * least - d) / (3.0 * least)).clamp(0.0, 1.0);
                let turn = (wide[i] * near(s * length)).max(wide[i + 1] * near((1.0 - s) * length));
                let joining = if i == 0 { home_reach * (1.0 - s) } else { 0.0 };
                room.push(Room {
                    at: w[0] + along * s,
                    tube_m: stray + turn.max(joining),
                    low_m: self.transit_m,
                    high_m: self.transit_m,
                    part,
                });
            }
        }
    }
}
