//! Proof that a flight keeps clear, or why not.

use crate::flight::{Flight, bend};
use crate::loiter::least_radius;
use crate::room::{HOME, Room};
use crate::sight::line_of_sight;
use crate::task::Task;
use atalaya_geo::Vector2;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Least distances that a flight keeps, metres.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Margins {
    /// From the room it takes to the nearest fence; negative beyond it.
    pub fence: f64,
    /// From its lowest height to the ground below that room; nothing where the ground isn't known.
    pub terrain: Option<f64>,
}

/// Why a flight is refused, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// Latitude, degrees.
    pub lat: f64,
    /// Longitude, degrees.
    pub lon: f64,
    /// What is wrong there, and what would help.
    pub what: String,
    /// How many metres are lacking, where it is a matter of metres.
    pub by_m: Option<f64>,
}

/// What was proven about a flight (`certificate/1`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Certificate {
    /// Always `certificate/1`.
    pub schema: String,
    /// May it be flown?
    pub ok: bool,
    /// SHA-256 of the plan's content ([`crate::qgc::PlanFile::content_sha256`]), hexadecimal, once it
    /// was written: what is uploaded has to be what was proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_sha256: Option<String>,
    /// The distances it keeps.
    pub margin_m: Margins,
    /// Radius of the orbit as flown: the greatest of its band, metres.
    pub flown_radius_m: f64,
    /// Radius that is commanded, metres.
    pub commanded_radius_m: f64,
    /// Share of the orbit from which each zone is in view.
    pub line_of_sight: BTreeMap<String, f64>,
    /// Seconds on station.
    pub station_s: f64,
    /// Why it is refused; empty when it isn't.
    pub refusals: Vec<Refusal>,
    /// What has to be known by whoever flies it.
    pub warnings: Vec<String>,
}

impl Certificate {
    /// The gravest refusal on one line.
    pub fn refusal_line(&self) -> Option<String> {
        let r = self.refusals.first()?;
        let by = r.by_m.map_or_else(String::new, |m| format!(" by {m:.0} m"));
        Some(format!("{}{by} at {:.6}, {:.6}", r.what, r.lat, r.lon))
    }
}

/// The worst of a kind: metres lacking, where, and in words.
type Worst = (Option<f64>, Vector2<f64>, String);

/// How much farther away than the circle over home reaches its first turning point has to be.
const ROOM_TO_LEAVE: f64 = 1.2;
/// How far off the tangent the orbit may be joined and left, radians; the room for it is reckoned
/// from the tangent, and this is well within what is allowed for leaving.
const OFF_TANGENT: f64 = 0.02;

/// Where the flight joins or leaves its orbit otherwise than along the tangent of its middle.
fn off_tangent(flight: &Flight, middle_m: f64, tracking_m: f64) -> Option<Vector2<f64>> {
    let orbit = &flight.orbit;
    let joins = *flight.out.last().unwrap_or(&flight.home);
    let before = match flight.out.len() {
        0 | 1 => flight.home,
        n => flight.out[n - 2],
    };
    let next = *flight.back.first().unwrap_or(&flight.home);
    let off = |place: Vector2<f64>, direction: Vector2<f64>| {
        let from = place - orbit.centre;
        let heading = orbit.heading(from.y.atan2(from.x));
        (from.norm() - middle_m).abs() > tracking_m || bend(direction, heading) > OFF_TANGENT
    };
    if off(joins, joins - before) {
        return Some(joins);
    }
    off(flight.leaves, next - flight.leaves).then_some(flight.leaves)
}

/// Proves, or refuses. The room that the flight takes is a chain of discs that leave no gap; distance
/// to a fence changes by no more than a metre a metre, so that what holds for the discs holds for
/// every place in between.
pub fn certify(task: &Task, flight: &Flight) -> Certificate {
    let a = &task.aircraft;
    let request = &a.plan;
    let mut fence = f64::INFINITY;
    let mut terrain = Some(f64::INFINITY);
    // The worst of each kind and part, in the order of the flight.
    let mut worst: BTreeMap<(&'static str, &'static str), Worst> = BTreeMap::new();
    let mut refuse = |part, kind, by: Option<f64>, at, what: String| {
        let lacking = |b: &Option<f64>| b.unwrap_or(f64::INFINITY);
        let entry = worst.entry((part, kind));
        let known = entry.or_insert_with(|| (by, at, what.clone()));
        if lacking(&by) > lacking(&known.0) {
            *known = (by, at, what);
        }
    };
    for Room {
        at,
        tube_m,
        low_m,
        high_m,
        part,
    } in flight.room(task)
    {
        let clear = task.fence.clearance(at) - tube_m;
        fence = fence.min(clear);
        if clear < request.fence_margin_m {
            let what = format!(
                "{part} comes too near the {}; it has to keep {} m as flown",
                task.fence.nearest(at),
                request.fence_margin_m
            );
            refuse(
                part,
                "fence",
                Some(request.fence_margin_m - clear),
                at,
                what,
            );
        }
        match task.ground.highest(at, tube_m) {
            Some(ground) => {
                let above = low_m - a.height_error_m - ground;
                terrain = terrain.map(|t| t.min(above));
                if above < request.terrain_margin_m {
                    let what = format!(
                        "{part} comes too near the ground; it has to keep {} m as flown",
                        request.terrain_margin_m
                    );
                    refuse(
                        part,
                        "terrain",
                        Some(request.terrain_margin_m - above),
                        at,
                        what,
                    );
                }
            }
            None => {
                terrain = None;
                let what = format!(
                    "{part} leads over ground whose height isn't known; give a terrain that covers it"
                );
                refuse(part, "terrain", None, at, what);
            }
        }
        let over = high_m + a.height_error_m - a.ceiling_m;
        if over > 0.0 {
            refuse(
                part,
                "ceiling",
                Some(over),
                at,
                format!("{part} is above the aircraft's ceiling"),
            );
        }
    }
    let orbit = &flight.orbit;
    let band = flight.band(task);
    if !band.holds {
        let highest = orbit.height_m.max(flight.transit_m);
        let least = least_radius(a, &task.wind, highest);
        let by = (least - band.inner_m).min(1e6);
        let what = format!(
            "bank doesn't allow an orbit of {:.0} m in this wind",
            orbit.commanded_m
        );
        refuse("orbit", "bank", Some(by), orbit.centre, what);
    }
    let home = flight.home_band(task);
    if !home.holds {
        let what = format!(
            "bank doesn't allow a circle of {:.0} m over home in this wind",
            flight.home_circle_m
        );
        refuse(HOME, "bank", None, flight.home, what);
    }
    // A circle is left where the next point lies ahead: it never does from around that point.
    let first = flight.out.first().copied().unwrap_or(flight.home);
    if (first - flight.home).norm() < home.outer_m * ROOM_TO_LEAVE + a.tracking_m {
        let what = "a turning point lies in the circle over home".into();
        refuse(HOME, "leaving", None, first, what);
    }
    let next = flight.back.first().copied().unwrap_or(flight.home);
    if (next - orbit.centre).norm() < band.outer_m + a.tracking_m {
        let what =
            "the orbit as flown goes round the first turning point of the way back, so that it may never be left".into();
        refuse("orbit", "leaving", None, next, what);
    }
    if let Some(at) = off_tangent(flight, band.middle_m(), a.tracking_m) {
        let what = "the orbit is not joined or left along its tangent".into();
        refuse("orbit", "joining", None, at, what);
    }
    let standoff = orbit.standoff_m(task);
    if standoff < request.standoff_m {
        let what = format!(
            "orbit comes nearer to a zone than the standoff of {} m",
            request.standoff_m
        );
        refuse(
            "orbit",
            "standoff",
            Some(request.standoff_m - standoff),
            orbit.centre,
            what,
        );
    }
    let budget = flight.budget(task);
    if budget.station_s < budget.lap_s {
        let what = format!(
            "endurance leaves {:.0} s on station after transit and reserve, less than one lap; take a home that is nearer",
            budget.station_s
        );
        refuse("orbit", "endurance", None, orbit.centre, what);
    }
    let mut refusals: Vec<Refusal> = worst
        .into_values()
        .map(|(by, at, what)| {
            let (lat, lon) = task.lat_lon_deg(at);
            Refusal {
                lat,
                lon,
                what,
                by_m: by.map(tenth),
            }
        })
        .collect();
    // The gravest first: what isn't a matter of metres, then by metres.
    let lacking = |r: &Refusal| r.by_m.unwrap_or(f64::INFINITY);
    refusals.sort_by(|x, y| lacking(y).total_cmp(&lacking(x)));
    Certificate {
        schema: "certificate/1".into(),
        ok: refusals.is_empty(),
        plan_sha256: None,
        margin_m: Margins {
            fence: tenth(fence.clamp(-1e6, 1e6)),
            terrain: terrain.map(tenth),
        },
        flown_radius_m: tenth(band.outer_m.min(1e6)),
        commanded_radius_m: tenth(orbit.commanded_m),
        line_of_sight: line_of_sight(task, orbit)
            .zones
            .into_iter()
            .map(|(id, share)| (id, (share * 1e4).round() / 1e4))
            .collect(),
        station_s: tenth(budget.station_s),
        refusals,
        warnings: warnings(task, flight),
    }
}

/// A lost link or a low battery sends most autopilots straight home, which isn't the way that was
/// proven: say so where it isn't clear.
fn warnings(task: &Task, flight: &Flight) -> Vec<String> {
    let need = task.aircraft.plan.fence_margin_m + task.aircraft.tracking_m;
    let band = flight.band(task);
    let from = |i: usize| {
        flight
            .orbit
            .at(band.middle_m(), std::f64::consts::TAU * i as f64 / 36.0)
    };
    let straight = |p: Vector2<f64>| crate::route::straight_is_clear(task, p, flight.home, need);
    let blocked = (0..36).filter(|i| !straight(from(*i))).count();
    if blocked == 0 {
        return Vec::new();
    }
    vec![format!(
        "from {blocked} of 36 places of the orbit the straight way home crosses a fence or its margin: set the autopilot to follow the mission back when the link is lost, not to return straight"
    )]
}

/// To a tenth.
fn tenth(v: f64) -> f64 {
    (v * 10.0).round() / 10.0
}
