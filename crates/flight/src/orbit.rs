//! Orbits, and which are worth looking at.

use crate::loiter::{Flown, flown, least_radius};
use crate::task::Task;
use atalaya_geo::Vector2;
use std::f64::consts::TAU;

/// Which way round, seen from above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// North, east, south.
    Clockwise,
    /// North, west, south.
    CounterClockwise,
}

impl Direction {
    /// Sign of the angle's change, counted from east to north.
    pub fn sign(self) -> f64 {
        match self {
            Self::Clockwise => -1.0,
            Self::CounterClockwise => 1.0,
        }
    }
}

/// A loiter as it is commanded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Orbit {
    /// Centre on the plane of the task.
    pub centre: Vector2<f64>,
    /// Commanded radius, metres.
    pub commanded_m: f64,
    /// Height above sea level, metres.
    pub height_m: f64,
    /// Which way round.
    pub direction: Direction,
}

impl Orbit {
    /// The circle as flown.
    pub fn flown(&self, task: &Task) -> Flown {
        flown(&task.aircraft, &task.wind, self.height_m, self.commanded_m)
    }

    /// Place on a circle about the centre, by angle from east to north.
    pub fn at(&self, radius_m: f64, angle: f64) -> Vector2<f64> {
        self.centre + Vector2::new(angle.cos(), angle.sin()) * radius_m
    }

    /// Direction of flight there.
    pub fn heading(&self, angle: f64) -> Vector2<f64> {
        Vector2::new(-angle.sin(), angle.cos()) * self.direction.sign()
    }

    /// Distance over ground from the path as flown to the nearest point of the zones, metres.
    pub fn standoff_m(&self, task: &Task) -> f64 {
        let f = self.flown(task);
        let stray = task.aircraft.tracking_m;
        task.zones
            .iter()
            .map(|z| {
                let nearest = z.outline.signed_distance(self.centre);
                let farthest = z
                    .outline
                    .vertices()
                    .iter()
                    .map(|v| (v - self.centre).norm())
                    .fold(0.0, f64::max);
                let beside = nearest - f.outer_m - stray;
                let around = f.inner_m - stray - farthest;
                beside.max(around)
            })
            .fold(f64::INFINITY, f64::min)
    }
}

const BEARINGS: usize = 24;
const DISTANCES: usize = 5;
const HEIGHTS: usize = 10;
/// Radii, as multiples of the least that can be flown.
const RADII: [f64; 4] = [1.15, 1.5, 2.2, 3.2];

/// All orbits worth looking at, in fixed order: around the zones and beside them, at heights that
/// camera and aircraft allow. They turn clockwise; what is seen is the same either way.
pub fn candidates(task: &Task) -> Vec<Orbit> {
    let request = &task.aircraft.plan;
    let lowest = task.site_m + request.above_site_m[0];
    let highest = (task.site_m + request.above_site_m[1])
        .min(task.aircraft.ceiling_m - task.aircraft.height_error_m);
    if highest < lowest {
        return Vec::new();
    }
    let extent = task
        .zones
        .iter()
        .flat_map(|z| z.outline.vertices())
        .map(|v| v.norm())
        .fold(0.0, f64::max);
    let stray = task.aircraft.tracking_m;
    let near = request.standoff_m + extent + stray;
    let mut out = Vec::new();
    for h in 0..HEIGHTS {
        let height_m = (lowest + (highest - lowest) * h as f64 / (HEIGHTS - 1) as f64).floor();
        let least = least_radius(&task.aircraft, &task.wind, height_m);
        if !least.is_finite() {
            continue;
        }
        let orbit = |centre, commanded_m| Orbit {
            centre,
            commanded_m,
            height_m,
            direction: Direction::Clockwise,
        };
        for wider in [1.0, 1.25] {
            let around = (wider * near + 1.0).max(RADII[0] * least);
            if around <= request.max_slant_m {
                out.push(orbit(Vector2::zeros(), around));
            }
        }
        for radius in RADII.map(|r| (r * least).ceil()) {
            let first = near + 1.0 + flown(&task.aircraft, &task.wind, height_m, radius).outer_m;
            let last = request.max_slant_m - radius;
            for d in 0..DISTANCES {
                let distance = first + (last - first) * d as f64 / (DISTANCES - 1) as f64;
                if last < first && d > 0 {
                    break;
                }
                for b in 0..BEARINGS {
                    let a = TAU * b as f64 / BEARINGS as f64;
                    out.push(orbit(Vector2::new(a.cos(), a.sin()) * distance, radius));
                }
            }
        }
    }
    out
}
