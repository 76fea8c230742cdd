//! A vehicle that comes up to a zone, turns and leaves without entering.

use super::scene::Scene;
use crate::fix::Finding;
use crate::moments::normal_cdf;
use crate::zone::Zone;
use atalaya_geo::Vector2;
use atalaya_model::operation::ZoneRole;
use atalaya_model::{EventKind, Micros};
use std::collections::BTreeMap;
use std::sync::Arc;

/// It has come up to a zone within this distance, metres …
const CAME_M: f64 = 20.0;
/// … from farther than this, and is gone when it is so far again.
const FAR_M: f64 = 35.0;
/// Its way out is its way in, turned by at least this, degrees.
const TURNED_DEG: f64 = 110.0;
/// A visit to the front of a zone of longer than this is another matter, seconds.
const LONG_S: f64 = 600.0;

#[derive(Clone, Debug)]
struct Approach {
    came: Micros,
    way_in: Vector2<f64>,
    least: f64,
    sigma: f64,
    closest: (Micros, Vector2<f64>),
}

/// Vehicles in front of zones.
#[derive(Clone, Debug, Default)]
pub struct Away {
    open: BTreeMap<(Arc<str>, usize), Approach>,
}

impl Away {
    /// Looks at all vehicles. `near` gives the zones that may be within a distance of a place.
    pub fn tick(
        &mut self,
        now: Micros,
        scene: &Scene,
        zones: &[Zone],
        near: &mut dyn FnMut(Vector2<f64>, f64) -> Vec<usize>,
        out: &mut Vec<Finding>,
    ) {
        for v in scene.seen().filter(|a| a.is_vehicle()) {
            let at = v.at();
            for i in near(at, FAR_M) {
                if zones[i].role == ZoneRole::Structure {
                    continue;
                }
                let d = zones[i].shape.signed_distance(at);
                let key = (v.name.clone(), i);
                if let Some(a) = self.open.get_mut(&key) {
                    if d < a.least {
                        a.least = d;
                        a.sigma = v.sigma_m;
                        a.closest = (now, at);
                    }
                } else if d < FAR_M {
                    // It must have come from outside: who begins here has not come.
                    let came = v
                        .way
                        .iter()
                        .rev()
                        .find(|w| zones[i].shape.signed_distance(w.1) >= FAR_M);
                    if let Some(w) = came {
                        let approach = Approach {
                            came: now,
                            way_in: at - w.1,
                            least: d,
                            sigma: v.sigma_m,
                            closest: (now, at),
                        };
                        self.open.insert(key, approach);
                    }
                }
            }
        }
        let open = std::mem::take(&mut self.open);
        for ((name, i), a) in open {
            let Some(v) = scene.get(&name) else { continue };
            let d = zones[i].shape.signed_distance(v.at());
            if d < FAR_M && !v.over {
                // Who has entered is remembered, too: on the way out it would seem to come.
                self.open.insert((name, i), a);
                continue;
            }
            if a.least > CAME_M || d < FAR_M || now.since(a.came) > LONG_S {
                continue;
            }
            let (way_out, speed_sigma) = v.moments.motion().velocity();
            let turned = a.way_in.angle(&way_out).to_degrees();
            let sigma = (speed_sigma / way_out.norm().max(0.5)).to_degrees() + 10.0;
            let outside = normal_cdf(a.least / a.sigma.max(0.3));
            let meant = if zones[i].role == ZoneRole::Gate {
                0.95
            } else {
                0.8
            };
            let p = meant * outside * normal_cdf((turned - TURNED_DEG) / sigma);
            if p < 0.5 {
                continue;
            }
            out.push(Finding {
                kind: EventKind::TurnedAway,
                time: a.closest.0,
                time_end: Some(now),
                decided_at: now,
                subjects: vec![name],
                at: a.closest.1,
                p,
                reason: format!(
                    "came within {:.0} m of {}, did not enter, and left turned by {turned:.0} degrees",
                    a.least.max(0.0),
                    zones[i].id
                ),
                about: None,
            });
        }
    }
}
