//! Doors that nobody has drawn, learnt from where persons' tracks begin and end, and how long persons are
//! where.
//!
//! Tracks are lost anywhere, in proportion to the time that persons spend at a place; at a door they end
//! far more often than that. So the two densities are kept apart: beginnings and ends as a sum of
//! Gaussian kernels (with a uniform part, as in a Dirichlet process, for doors not seen yet), presence as
//! a grid of seconds.

use atalaya_geo::Vector2;
use std::collections::BTreeMap;

/// Width of a door's kernel, metres (one sigma).
const DOOR_M: f64 = 2.2;
/// Kernels at most; the weakest goes.
const MOST: usize = 256;
/// Beginnings and ends that the uniform part is worth.
const UNSEEN: f64 = 3.0;
/// Area over which what is not known is spread, m².
pub(super) const AREA_M2: f64 = 3000.0;
/// Cell of the grid of presence, metres, and cells at most.
const CELL_M: f64 = 3.0;
const CELLS: usize = 100_000;
/// Seconds of presence that its uniform part is worth.
const UNSEEN_S: f64 = 120.0;

/// Where tracks begin and end, and where persons are.
#[derive(Clone, Debug, Default)]
pub struct Doors {
    ends: Vec<(Vector2<f64>, f64)>,
    all: f64,
    presence: BTreeMap<(i32, i32), f64>,
    present_s: f64,
}

impl Doors {
    /// A track begins or ends here, with the probability that it did so at a door.
    pub fn learn(&mut self, at: Vector2<f64>, weight: f64) {
        if weight < 0.05 {
            return;
        }
        self.all += weight;
        let near = self
            .ends
            .iter_mut()
            .find(|(c, _)| (*c - at).norm() < DOOR_M);
        if let Some((c, w)) = near {
            *c += (at - *c) * (weight / (*w + weight));
            *w += weight;
            return;
        }
        if self.ends.len() == MOST {
            let weakest = (0..MOST).min_by(|a, b| self.ends[*a].1.total_cmp(&self.ends[*b].1));
            if let Some(i) = weakest {
                let gone = self.ends.swap_remove(i);
                self.all -= gone.1;
            }
        }
        self.ends.push((at, weight));
    }

    /// Somebody is here for so long.
    pub fn present(&mut self, at: Vector2<f64>, seconds: f64) {
        let cell = cell(at);
        if self.presence.len() < CELLS || self.presence.contains_key(&cell) {
            *self.presence.entry(cell).or_insert(0.0) += seconds;
            self.present_s += seconds;
        }
    }

    /// Density of ends at doors here, per m², and how many beginnings and ends that rests on.
    pub fn door(&self, at: Vector2<f64>, sigma_m: f64) -> (f64, f64) {
        let var = DOOR_M * DOOR_M + sigma_m * sigma_m;
        let sum: f64 = self
            .ends
            .iter()
            .map(|(c, w)| w * (-0.5 * (c - at).norm_squared() / var).exp())
            .sum();
        let density = sum / (std::f64::consts::TAU * var) + UNSEEN / AREA_M2;
        (density / (self.all + UNSEEN), sum)
    }

    /// Density of presence here, per m².
    pub fn presence(&self, at: Vector2<f64>) -> f64 {
        let (x, y) = cell(at);
        let mut sum = 0.0;
        for dx in -1..=1 {
            for dy in -1..=1 {
                sum += self.presence.get(&(x + dx, y + dy)).copied().unwrap_or(0.0);
            }
        }
        let here = sum / (9.0 * CELL_M * CELL_M);
        (here + UNSEEN_S / AREA_M2) / (self.present_s + UNSEEN_S)
    }
}

fn cell(at: Vector2<f64>) -> (i32, i32) {
    (
        (at.x / CELL_M).floor() as i32,
        (at.y / CELL_M).floor() as i32,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_tracks_end_again_and_again_is_a_door_and_where_people_stand_is_none() {
        let mut d = Doors::default();
        let (door, bench) = (Vector2::new(0.0, 0.0), Vector2::new(20.0, 0.0));
        for i in 0..10 {
            d.learn(door + Vector2::new(0.1 * f64::from(i), 0.0), 0.5);
            d.present(door, 1.0);
            d.present(bench, 100.0);
        }
        d.learn(bench, 0.5);
        assert!(d.door(door, 0.3).0 > 5.0 * d.presence(door));
        assert!(d.door(bench, 0.3).0 < d.presence(bench));
        let far = Vector2::new(500.0, 500.0);
        assert!(d.door(far, 0.3).0 > 0.0 && d.presence(far) > 0.0);
    }
}
