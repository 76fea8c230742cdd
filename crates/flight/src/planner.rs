//! The best orbit that can be proven.

use crate::certify::{Certificate, certify};
use crate::envelope::Swing;
use crate::flight::{Flight, bend};
use crate::loiter::{flown, least_radius};
use crate::orbit::{Direction, Orbit, candidates};
use crate::room::HOME;
use crate::route::{Routes, straight_is_clear};
use crate::sight::{LineOfSight, line_of_sight};
use crate::task::Task;
use atalaya_geo::Vector2;
use rayon::prelude::*;
use std::f64::consts::TAU;

/// A flight that may be flown.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The flight.
    pub flight: Flight,
    /// Its proof.
    pub certificate: Certificate,
    /// How many orbits were looked at.
    pub considered: usize,
}

/// Why there is no flight.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PlanError {
    /// No orbit fits, before ways there are looked for.
    #[error("none of {considered} orbits fits: {why}")]
    NoOrbit {
        /// How many were looked at.
        considered: usize,
        /// What they failed by, with what would help.
        why: String,
    },
    /// No flight could be certified; the certificate is that of the best.
    #[error("refused: {}", certificate.refusal_line().unwrap_or_default())]
    Refused {
        /// What was found.
        certificate: Box<Certificate>,
        /// The flight that was refused.
        flight: Box<Flight>,
    },
}

/// Why an orbit doesn't fit.
#[derive(Clone, Copy, PartialEq)]
enum Unfit {
    Standoff,
    Fence,
    Terrain,
    Sight,
}

/// Most orbits for which ways there and back are looked for.
const MOST_TRIED: usize = 400;
/// So many flights refused for the circle over home say that no orbit will change it.
const ENOUGH_AT_HOME: usize = 24;
/// Angles at which an orbit may be joined and left.
const JOINTS: usize = 24;
/// The turn for which ways leave room, radians; sharper ones are refused where there is less.
const TYPICAL: f64 = 0.6;
/// Sharpest turn between two legs.
const SHARPEST: f64 = 1.75;

/// Plans: enumerates, scores, finds ways, proves. The result is the first in order of the worst
/// zone's share, then the mean share, then nearness to home, that can be certified.
pub fn plan(task: &Task) -> Result<Planned, PlanError> {
    let orbits = candidates(task);
    let scored: Vec<Result<(LineOfSight, Orbit), Unfit>> =
        orbits.par_iter().map(|o| score(task, o)).collect();
    let count = |u: Unfit| {
        scored
            .iter()
            .filter(|s| s.as_ref().err() == Some(&u))
            .count()
    };
    let considered = scored.len();
    let why = if considered == 0 {
        "height, wind and bank leave none; see above_site_m, ceiling_m, wind and bank_limit_deg"
            .into()
    } else {
        format!(
            "{} nearer than the standoff, {} out of the fences, {} too near the ground, {} see nothing; widen the area or approach, raise above_site_m, or lower standoff_m",
            count(Unfit::Standoff),
            count(Unfit::Fence),
            count(Unfit::Terrain),
            count(Unfit::Sight)
        )
    };
    let mut fit: Vec<(LineOfSight, Orbit)> = scored.into_iter().flatten().collect();
    if fit.is_empty() {
        return Err(PlanError::NoOrbit { considered, why });
    }
    // Stable: equal scores stay in the order of enumeration.
    fit.sort_by(|(s, o), (t, p)| {
        let away = |o: &Orbit| (o.centre - task.home).norm();
        t.worst()
            .total_cmp(&s.worst())
            .then(t.mean().total_cmp(&s.mean()))
            .then(away(o).total_cmp(&away(p)))
    });
    let highest = task
        .aircraft
        .ceiling_m
        .min(task.site_m + task.aircraft.plan.above_site_m[1]);
    let plan = &task.aircraft.plan;
    let need = plan.fence_margin_m + task.aircraft.tracking_m + 10.0;
    let routes = Routes::new(
        task,
        need + Swing::new(&task.aircraft, &task.wind, highest).beyond(None, TYPICAL),
    );
    let mut best: Option<(Flight, Certificate)> = None;
    let mut at_home = 0;
    for (_, orbit) in fit.iter().take(MOST_TRIED) {
        if at_home >= ENOUGH_AT_HOME {
            break;
        }
        for direction in [Direction::Clockwise, Direction::CounterClockwise] {
            let orbit = Orbit {
                direction,
                ..*orbit
            };
            let flight =
                flight_to(task, &routes, orbit, need).unwrap_or_else(|| direct_flight(task, orbit));
            let certificate = certify(task, &flight);
            if certificate.ok {
                return Ok(Planned {
                    flight,
                    certificate,
                    considered,
                });
            }
            at_home += usize::from(
                certificate
                    .refusals
                    .iter()
                    .any(|r| r.what.starts_with(HOME)),
            );
            best.get_or_insert((flight, certificate));
        }
    }
    match best {
        Some((flight, certificate)) => Err(PlanError::Refused {
            certificate: Box::new(certificate),
            flight: Box::new(flight),
        }),
        None => Err(PlanError::NoOrbit { considered, why }),
    }
}

/// What an orbit sees, or why it doesn't fit.
fn score(task: &Task, orbit: &Orbit) -> Result<(LineOfSight, Orbit), Unfit> {
    if orbit.standoff_m(task) < task.aircraft.plan.standoff_m {
        return Err(Unfit::Standoff);
    }
    let plan = &task.aircraft.plan;
    let band = orbit.flown(task);
    let reach = 0.5 * (band.outer_m - band.inner_m) + task.aircraft.tracking_m;
    let ring = |i: usize| orbit.at(band.middle_m(), TAU * i as f64 / 72.0);
    if (0..72).any(|i| task.fence.clearance(ring(i)) < reach + plan.fence_margin_m) {
        return Err(Unfit::Fence);
    }
    let low = orbit.height_m - task.aircraft.height_error_m - plan.terrain_margin_m;
    if (0..72).any(|i| task.ground.at(ring(i)).is_none_or(|g| g > low)) {
        return Err(Unfit::Terrain);
    }
    let sight = line_of_sight(task, orbit);
    if sight.mean() <= 0.0 {
        return Err(Unfit::Sight);
    }
    Ok((sight, *orbit))
}

/// Length of the tangents along which an orbit is joined and left: enough to have settled after the
/// turn before it, and to be outside of the widest circle where the tangent of the middle one ends.
fn lead_m(task: &Task, orbit: &Orbit) -> f64 {
    let a = &task.aircraft;
    let least = least_radius(a, &task.wind, orbit.height_m);
    let band = orbit.flown(task);
    let beyond = band.outer_m + a.tracking_m + a.acceptance_m;
    let outside = (beyond.powi(2) - band.middle_m().powi(2)).max(0.0).sqrt();
    let settled = 1.05 * Swing::new(a, &task.wind, orbit.height_m).settle_m();
    (2.5 * least).max(settled).max(1.1 * outside)
}

/// The shortest way there and back that keeps clear, joining and leaving the orbit tangentially.
fn flight_to(task: &Task, routes: &Routes<'_>, orbit: Orbit, need: f64) -> Option<Flight> {
    let lead = lead_m(task, &orbit);
    let radius = orbit.flown(task).middle_m();
    let there = |joins| at_height(task, orbit, vec![joins], Vec::new(), joins);
    // Joining swings beyond the orbit: that needs room, which isn't everywhere.
    let plan = &task.aircraft.plan;
    let room_to_join = |joins| {
        there(joins).orbit_room(task).iter().all(|r| {
            let low = r.low_m - task.aircraft.height_error_m - plan.terrain_margin_m;
            task.fence.clearance(r.at) >= r.tube_m + plan.fence_margin_m
                && task
                    .ground
                    .highest(r.at, r.tube_m)
                    .is_some_and(|g| g <= low)
        })
    };
    // No turn may lie in the circle over home; the highest circle is the widest.
    let top = task.aircraft.ceiling_m;
    let widest = least_radius(&task.aircraft, &task.wind, top);
    let home = flown(&task.aircraft, &task.wind, top, (1.2 * widest).ceil());
    let beyond_home = 1.25 * home.outer_m + task.aircraft.tracking_m;
    // Joining comes from behind along the tangent, leaving goes ahead along it.
    let joint = |sign: f64| {
        let mut ways: Vec<(f64, usize)> = (0..JOINTS)
            .filter_map(|i| {
                let angle = TAU * i as f64 / JOINTS as f64;
                let on = orbit.at(radius, angle);
                let off = on + orbit.heading(angle) * (sign * lead);
                straight_is_clear(task, on, off, need).then_some(())?;
                (sign > 0.0 || room_to_join(on)).then_some(())?;
                Some((routes.length(off)?, i))
            })
            .collect();
        ways.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        ways.into_iter().find_map(|(_, i)| {
            let angle = TAU * i as f64 / JOINTS as f64;
            let on = orbit.at(radius, angle);
            let off = on + orbit.heading(angle) * (sign * lead);
            let way = routes.to(off)?;
            let mut whole = vec![task.home];
            whole.extend(&way);
            whole.push(on);
            let gentle = whole
                .windows(3)
                .all(|w| bend(w[1] - w[0], w[2] - w[1]) < SHARPEST);
            let beyond = (whole[1] - task.home).norm() > beyond_home;
            (gentle && beyond).then_some((way, on))
        })
    };
    let (mut out, joins) = joint(-1.0)?;
    out.push(joins);
    let (mut back, leaves) = joint(1.0)?;
    back.reverse();
    Some(at_height(task, orbit, out, back, leaves))
}

/// The flight that one would draw by hand: straight to the orbit and straight back.
pub fn direct_flight(task: &Task, orbit: Orbit) -> Flight {
    let lead = lead_m(task, &orbit).min(1e5);
    let radius = orbit.flown(task).middle_m().min(1e5);
    let towards = task.home - orbit.centre;
    let bearing = towards.y.atan2(towards.x);
    // Tangents from about home's side: a quarter turn before and behind its bearing.
    let angle = |sign: f64| bearing + sign * orbit.direction.sign() * TAU / 4.0;
    let (a, b) = (angle(1.0), angle(-1.0));
    let (joins, leaves) = (orbit.at(radius, a), orbit.at(radius, b));
    at_height(
        task,
        orbit,
        vec![joins - orbit.heading(a) * lead, joins],
        vec![leaves + orbit.heading(b) * lead],
        leaves,
    )
}

/// The flight at the lowest transit height that keeps clear of the ground, and not below the orbit.
fn at_height(
    task: &Task,
    orbit: Orbit,
    out: Vec<Vector2<f64>>,
    back: Vec<Vector2<f64>>,
    leaves: Vector2<f64>,
) -> Flight {
    let plan = &task.aircraft.plan;
    let low_m = task.home_m + plan.takeoff_above_m;
    let highest = task.aircraft.ceiling_m - task.aircraft.height_error_m;
    let mut flight = Flight {
        home: task.home,
        home_circle_m: 0.0,
        home_direction: orbit.direction,
        low_m,
        transit_m: orbit.height_m.max(low_m),
        out,
        orbit,
        back,
        leaves,
    };
    // The room grows a little with the height: twice is enough, and the proof is not done here.
    for _ in 0..2 {
        let least = least_radius(&task.aircraft, &task.wind, flight.transit_m);
        flight.home_circle_m = if least.is_finite() {
            (1.2 * least).ceil()
        } else {
            1e4
        };
        let top = flight
            .room(task)
            .iter()
            .filter(|r| r.part.starts_with("way"))
            .filter_map(|r| task.ground.highest(r.at, r.tube_m))
            .fold(f64::NEG_INFINITY, f64::max);
        let wanted = top + plan.terrain_margin_m + task.aircraft.height_error_m + 1.0;
        flight.transit_m = wanted.min(highest).max(orbit.height_m).max(low_m).ceil();
    }
    flight
}
