//! The room that a flight takes: every place where the aircraft may be, by the assumptions that
//! [`crate::envelope`] states.
//!
//! | part of the flight | what bounds it |
//! |---|---|
//! | circle over home | a disc: the widest circle, and what lies beyond it for whoever crosses it straight outwards, as from its centre after take-off or when coming home; at all heights from the lowest to that of the way |
//! | leaving a circle | the hull of all places where it may be left (of the circle over home, where the climb is too short to have settled: of its whole disc) and the next point; then the swing of an exit that is off by `EXIT` |
//! | a leg | `tracking_m` to either side, at the height of the way |
//! | a turn | for `settle_s` of the new leg the swing of its angle; before it, the corner that is cut by `acceptance_m`. What a leg is too short to settle, the next turn inherits |
//! | joining the orbit | for `settle_s` along it the swing beyond the widest circle; down to the orbit's height from `acceptance_m` before it |
//! | the orbit | its band, from the narrowest at its lowest to the widest at its highest, and `tracking_m` |
//!
//! The way back leads over home at its own height, so that an autopilot that begins to descend as
//! soon as it is told to does so in the circle: descending along the last leg, which has no proof at
//! lower heights, once broke certified margins.

use crate::envelope::{EXIT, Swing};
use crate::flight::{Flight, bend};
use crate::loiter::{Flown, flown};
use crate::task::Task;
use atalaya_geo::Vector2;
use std::f64::consts::{FRAC_PI_2, PI, TAU};

/// What the circle over home is called in refusals.
pub(crate) const HOME: &str = "circle over home";
const ORBIT: &str = "orbit";

/// Distance between samples of the path, metres; half of it is added to every tube, so that nothing
/// is lost between two.
const STEP_M: f64 = 20.0;
/// Most samples of a leg or circle.
const MOST_SAMPLES: f64 = 20_000.0;

/// How much faster than its rate an aircraft may climb.
const FASTER: f64 = 1.5;

/// A stretch of room: all places within `tube_m` of a point, between two heights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub at: Vector2<f64>,
    pub tube_m: f64,
    pub low_m: f64,
    pub high_m: f64,
    pub part: &'static str,
}

/// How a way begins.
struct Start {
    /// Radius of the disc from anywhere in which the first leg may begin.
    disc_m: f64,
    /// Which part of the flight it is.
    part: &'static str,
    /// Over the last metres of the way the aircraft may already be as low as this.
    low_end_m: f64,
}

impl Flight {
    /// The orbit's band over all heights it is flown at: it is joined and left at the way's.
    pub(crate) fn band(&self, task: &Task) -> Flown {
        let at = |h: f64| flown(&task.aircraft, &task.wind, h, self.orbit.commanded_m);
        let (low, high) = (at(self.orbit.height_m), at(self.transit_m));
        Flown {
            inner_m: low.inner_m.min(high.inner_m),
            outer_m: low.outer_m.max(high.outer_m),
            holds: low.holds && high.holds,
        }
    }

    /// The circle over home at its widest.
    pub(crate) fn home_band(&self, task: &Task) -> Flown {
        flown(
            &task.aircraft,
            &task.wind,
            self.transit_m,
            self.home_circle_m,
        )
    }

    fn swing(&self, task: &Task) -> Swing {
        Swing::new(
            &task.aircraft,
            &task.wind,
            self.transit_m.max(self.orbit.height_m),
        )
    }

    /// All the room the flight takes.
    pub(crate) fn room(&self, task: &Task) -> Vec<Room> {
        let swing = self.swing(task);
        let mut room = Vec::new();
        let home = self.home_band(task);
        let home_reach =
            home.outer_m + swing.beyond(Some(home.outer_m), FRAC_PI_2) + task.aircraft.tracking_m;
        room.push(Room {
            at: self.home,
            tube_m: home_reach,
            low_m: self.low_m.min(self.transit_m),
            high_m: self.transit_m.max(self.low_m),
            part: HOME,
        });
        let out: Vec<_> = [&[self.home][..], &self.out].concat();
        // Whoever has climbed for longer than capturing takes has settled on the circle.
        let captured_s = swing.settle_s() + swing.slowest_s(home.outer_m);
        let climbs_s = (self.transit_m - self.low_m) / (FASTER * task.aircraft.climb_m_s);
        let settled = climbs_s > captured_s;
        let begin = Start {
            disc_m: if settled {
                home.outer_m + task.aircraft.tracking_m
            } else {
                home_reach
            },
            part: "way out",
            low_end_m: self.orbit.height_m,
        };
        let (angle, off_m) = self.legs(task, &swing, &out, &begin, &mut room);
        self.around(task, &swing, angle, off_m, &mut room);
        let back: Vec<_> = [&[self.leaves][..], &self.back, &[self.home]].concat();
        let begin = Start {
            disc_m: self.exit_disc(task, back[1]),
            part: "way back",
            low_end_m: self.transit_m,
        };
        self.legs(task, &swing, &back, &begin, &mut room);
        room
    }

    /// The room of joining and flying round the orbit alone, when it is joined straight and settled.
    pub(crate) fn orbit_room(&self, task: &Task) -> Vec<Room> {
        let mut room = Vec::new();
        self.around(task, &self.swing(task), 0.0, 0.0, &mut room);
        room
    }

    /// Radius about `leaves` of a disc that holds all places where the orbit may be left for the next
    /// point: any circle of the band, any heading within [`EXIT`].
    fn exit_disc(&self, task: &Task, next: Vector2<f64>) -> f64 {
        let band = self.band(task);
        let to = next - self.orbit.centre;
        let (far, bearing) = (to.norm(), to.y.atan2(to.x));
        let mut disc = 0.0f64;
        for radius in [band.inner_m, band.middle_m(), band.outer_m] {
            for off in [-EXIT, 0.0, EXIT] {
                // Triangle of centre, place and next point; at the place a right angle, more or less.
                let at_next = (radius * off.cos() / far.max(1e-6)).clamp(0.0, 1.0).asin();
                let at_centre = PI - (FRAC_PI_2 + off) - at_next;
                let place = bearing - self.orbit.direction.sign() * at_centre;
                disc = disc.max((self.orbit.at(radius, place) - self.leaves).norm());
            }
        }
        disc
    }

    /// The orbit, and the stretch where it is joined at an angle to its tangent.
    fn around(&self, task: &Task, swing: &Swing, angle: f64, off_m: f64, room: &mut Vec<Room>) {
        let a = &task.aircraft;
        let band = self.band(task);
        let middle = band.middle_m();
        let half = (band.outer_m - middle).max(middle - band.inner_m);
        let stray = a.tracking_m + 0.5 * STEP_M;
        let joins = self.out.last().copied().unwrap_or(self.home) - self.orbit.centre;
        let from = joins.y.atan2(joins.x);
        // Along the tangent of its middle the widest circle is crossed outwards at this angle.
        let crossing = (middle / band.outer_m).clamp(0.0, 1.0).acos() + angle;
        let joining = swing.beyond(Some(band.outer_m), crossing) + off_m;
        let (before, after) = (a.acceptance_m, swing.settle_m());
        let places = (TAU * middle / STEP_M).ceil().clamp(12.0, MOST_SAMPLES) as usize;
        for i in 0..places {
            let turned = TAU * i as f64 / places as f64;
            let along = turned * middle;
            let near = along <= after + STEP_M || along >= TAU * middle - before - STEP_M;
            room.push(Room {
                at: self
                    .orbit
                    .at(middle, from + self.orbit.direction.sign() * turned),
                tube_m: half + stray + if near { joining } else { 0.0 },
                low_m: self.orbit.height_m.min(self.transit_m),
                high_m: self.orbit.height_m.max(self.transit_m),
                part: ORBIT,
            });
        }
    }

    /// Straight legs with the room of their turns; gives the angle and metres that the last one hands
    /// on to what comes after it.
    fn legs(
        &self,
        task: &Task,
        swing: &Swing,
        points: &[Vector2<f64>],
        start: &Start,
        room: &mut Vec<Room>,
    ) -> (f64, f64) {
        let a = &task.aircraft;
        let stray = a.tracking_m + 0.5 * STEP_M;
        let mut angle = EXIT;
        let mut off_m = swing.corner(EXIT);
        for (i, w) in points.windows(2).enumerate() {
            let leg = w[1] - w[0];
            let length = leg.norm().max(1e-6);
            let turn = points.get(i + 2).map_or(0.0, |next| bend(leg, next - w[1]));
            let cut = 0.5 * a.acceptance_m * turn.min(FRAC_PI_2).sin();
            let last = i + 2 == points.len();
            let steps = (length / STEP_M).ceil().clamp(1.0, MOST_SAMPLES) as usize;
            for k in 0..=steps {
                let s = k as f64 / steps as f64;
                let (gone, left) = (s * length, (1.0 - s) * length);
                let mut tube = if gone <= swing.settle_m() + STEP_M {
                    off_m
                } else {
                    0.0
                };
                if left <= a.acceptance_m + STEP_M {
                    tube = tube.max(cut);
                }
                if i == 0 {
                    tube += start.disc_m * (1.0 - s);
                }
                room.push(Room {
                    at: w[0] + leg * s,
                    tube_m: stray + tube,
                    low_m: self.transit_m,
                    high_m: self.transit_m,
                    part: start.part,
                });
                if last && left <= a.acceptance_m + STEP_M && start.low_end_m < self.transit_m {
                    room.push(Room {
                        at: w[0] + leg * s,
                        tube_m: stray + tube,
                        low_m: start.low_end_m,
                        high_m: self.transit_m,
                        part: ORBIT,
                    });
                }
            }
            let (carried, carried_off) = swing.carried(length, angle, off_m);
            if last {
                return (carried, carried_off);
            }
            angle = (turn + carried).min(PI);
            off_m = swing.corner(angle) + carried_off;
        }
        (0.0, 0.0)
    }
}
