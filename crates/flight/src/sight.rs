//! What an orbit sees.

use crate::orbit::Orbit;
use crate::task::{Task, WatchedZone};
use atalaya_geo::Vector2;
use std::f64::consts::TAU;

/// Share of an orbit from which each zone is in view, in the order of the task's zones.
#[derive(Clone, Debug, PartialEq)]
pub struct LineOfSight {
    /// Zone and share, 0 to 1.
    pub zones: Vec<(String, f64)>,
}

impl LineOfSight {
    /// The least share.
    pub fn worst(&self) -> f64 {
        self.zones.iter().map(|z| z.1).fold(1.0, f64::min)
    }

    /// The mean share.
    pub fn mean(&self) -> f64 {
        self.zones.iter().map(|z| z.1).sum::<f64>() / self.zones.len().max(1) as f64
    }
}

/// Places of an orbit that are looked from.
const PLACES: usize = 60;

/// Which share of an orbit, flown in still air at the middle of its band, has each zone in view:
/// every point of the zone within range, look-down and ground sample, and no ground between. The
/// earth's curvature is left out: 2 m at 5 km.
pub fn line_of_sight(task: &Task, orbit: &Orbit) -> LineOfSight {
    let radius = orbit.flown(task).middle_m();
    let mut seen = vec![0usize; task.zones.len()];
    for i in 0..PLACES {
        let eye = orbit.at(radius, TAU * i as f64 / PLACES as f64);
        for (n, zone) in seen.iter_mut().zip(&task.zones) {
            *n += usize::from(in_view(task, (eye, orbit.height_m), zone));
        }
    }
    LineOfSight {
        zones: task
            .zones
            .iter()
            .zip(seen)
            .map(|(z, n)| (z.id.clone(), n as f64 / PLACES as f64))
            .collect(),
    }
}

fn in_view(task: &Task, eye: (Vector2<f64>, f64), zone: &WatchedZone) -> bool {
    let request = &task.aircraft.plan;
    let pixel = task.aircraft.sensor.pixel_rad();
    let [least, most] = request.look_down_deg.map(f64::to_radians);
    let fits = |p: &(Vector2<f64>, f64)| {
        let (along, drop) = ((p.0 - eye.0).norm(), eye.1 - p.1);
        let slant = along.hypot(drop);
        let down = drop.atan2(along);
        // A pixel's length along the ground grows with the obliquity.
        slant <= request.max_slant_m
            && (least..=most).contains(&down)
            && pixel * slant <= request.max_sample_m * down.sin()
    };
    // Rays are dear: first what is cheap, for all points.
    zone.points.iter().all(fits) && zone.points.iter().all(|p| task.ground.sees(eye, *p))
}
