//! When which site is looked at, and how well.

use super::places::SITES;
use super::{DAY_S, WeeksOptions};
use crate::rng::Stream;

/// A stretch of time in which a drone looks at a site.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub drone: usize,
    pub site: usize,
    /// Seconds since the start.
    pub from: f64,
    pub to: f64,
    /// Probability that a person, or a vehicle, that stands in view is being followed.
    pub p_person: f64,
    pub p_vehicle: f64,
    /// Error of place that the whole look shares, metres.
    pub bias: [f64; 2],
    /// Change of lightness and of the two colour axes by the light of the hour.
    pub light: [f64; 3],
}

impl Look {
    /// Night has other odds.
    fn at_night(t: f64) -> bool {
        let hour = t.rem_euclid(DAY_S) / 3_600.0;
        !(6.5..19.5).contains(&hour)
    }
}

/// All looks, by time. Two drones fly in turns, each over two or three sites in a flight; wind grounds them.
pub(super) fn looks(o: &WeeksOptions) -> Vec<Look> {
    let mut all: Vec<Look> = Vec::new();
    for drone in 0..2 {
        let mut r = Stream::new(o.seed, &format!("weeks drone {drone}"));
        let mut t = r.range(0.0, 3_600.0);
        let end = f64::from(o.days) * DAY_S;
        let mut grounded = r.range(2.0, 8.0) * DAY_S;
        while t < end {
            if t > grounded {
                t += r.range(3.0, 14.0) * 3_600.0;
                grounded = t + r.range(3.0, 9.0) * DAY_S;
                continue;
            }
            if Look::at_night(t) && r.unit() < 0.45 {
                t += r.range(0.5, 2.0) * 3_600.0;
                continue;
            }
            for _ in 0..2 + r.below(2) {
                let u = r.unit();
                let site = if u < 0.45 {
                    0
                } else if u < 0.8 {
                    1
                } else {
                    2
                };
                let to = t + r.range(900.0, 3_000.0);
                stretch(&mut r, drone, site, t, to.min(end), &mut all);
                t = to + r.range(60.0, 240.0);
            }
            t += r.range(900.0, 2_700.0);
        }
    }
    all.sort_by(|a, b| a.from.total_cmp(&b.from));
    all
}

/// A look with its short interruptions: the camera is needed elsewhere, a cloud, a lost link.
fn stretch(r: &mut Stream, drone: usize, site: usize, from: f64, to: f64, all: &mut Vec<Look>) {
    let night = Look::at_night(from);
    let bias = [1.1 * r.normal(), 1.1 * r.normal()];
    let light = [
        if night { -12.0 } else { 0.0 } + 5.0 * r.normal(),
        1.5 * r.normal(),
        3.0 * r.normal(),
    ];
    let mut t = from;
    while t < to {
        let end = (t + r.range(150.0, 900.0)).min(to);
        if end - t > 20.0 && site < SITES.len() {
            all.push(Look {
                drone,
                site,
                from: t,
                to: end,
                p_person: if night { 0.72 } else { 0.88 },
                p_vehicle: if night { 0.92 } else { 0.98 },
                bias,
                light,
            });
        }
        t = end + r.range(10.0, 70.0);
    }
}
