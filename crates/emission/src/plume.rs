//! What a reading says of a source: the Gaussian plume with reflection at the ground.

use crate::fast;
use crate::gas::Gas;
use crate::grid::Grid;
use crate::stability::Stability;
use crate::wind::Wind;
use atalaya_geo::Vector3;

/// A path is looked at in no more points than this.
const MOST_POINTS: usize = 32;

/// A steady plume in one wind (Seinfeld and Pandis, Atmospheric Chemistry and Physics, 18.9): spread grows with the
/// tangent of the measured deviations of the wind, or by Briggs' curves.
#[derive(Clone, Copy, Debug)]
pub struct Plume {
    speed: f64,
    downwind: (f64, f64),
    tan_h: Option<f64>,
    tan_v: Option<f64>,
    tan_direction: f64,
    class: Stability,
    ppm_per_kg_m3: f64,
}

impl Plume {
    /// In a wind, with the class that is used where the wind has no deviations, for a gas; the
    /// direction is known to `direction_sd` radians.
    pub fn new(wind: &Wind, class: Stability, gas: Gas, direction_sd: f64) -> Self {
        Self {
            speed: wind.speed,
            downwind: (-wind.from.sin(), -wind.from.cos()),
            // Beyond 60 degrees "downwind" has no meaning.
            tan_h: wind.sig_h.map(|s| s.clamp(0.01, 1.05).tan()),
            tan_v: wind.sig_v.map(|s| s.clamp(0.01, 1.05).tan()),
            tan_direction: direction_sd.tan(),
            class,
            ppm_per_kg_m3: gas.ppm_per_kg_m3(wind.kelvin, wind.kilopascal),
        }
    }

    /// The same with the wind turned clockwise by an angle, radians.
    pub fn turned(&self, angle: f64) -> Self {
        let (s, c) = angle.sin_cos();
        let (e, n) = self.downwind;
        Self {
            downwind: (e * c + n * s, n * c - e * s),
            ..*self
        }
    }

    /// ppm at a point (or, of a path, the mean along it) for each kg/h released, at each place of a grid.
    /// Places are smeared over their square and layer, so that no source falls between two of them.
    pub fn couple(
        &self,
        from: Vector3<f64>,
        to: Option<Vector3<f64>>,
        grid: &Grid,
        out: &mut [f32],
    ) {
        out.fill(0.0);
        let length = to.map_or(0.0, |t| (t - from).norm());
        let n = if length > 0.0 {
            ((length / grid.side.min(3.0)).ceil() as usize).clamp(4, MOST_POINTS)
        } else {
            1
        };
        let step = length / n as f64;
        for i in 0..n {
            let point = match to {
                Some(t) if length > 0.0 => from + (t - from) * ((i as f64 + 0.5) / n as f64),
                _ => from,
            };
            self.add(point, step, 1.0 / n as f64, grid, out);
        }
    }

    fn add(&self, at: Vector3<f64>, step: f64, weight: f64, grid: &Grid, out: &mut [f32]) {
        let layers = grid.heights.len();
        // A square's (and a step's) own spread: that of a uniform distribution.
        let own_y = (grid.side * grid.side + step * step) / 12.0;
        let own_z = (grid.layer * grid.layer / 12.0).max(0.01);
        let kg_s = 1.0 / 3600.0;
        let strength = weight * kg_s * self.ppm_per_kg_m3 / (std::f64::consts::TAU * self.speed);
        for square in 0..grid.squares() {
            let (e, n) = grid.middle(square);
            let (de, dn) = (at.x - e, at.y - n);
            let x = de * self.downwind.0 + dn * self.downwind.1;
            if x <= 0.0 {
                continue;
            }
            let y = de * self.downwind.1 - dn * self.downwind.0;
            let (by, bz) = self.class.spread(x);
            let sy = self.tan_h.map_or(by, |t| t * x);
            let sz = self.tan_v.map_or(bz, |t| t * x);
            let vy = sy * sy + own_y + (self.tan_direction * x).powi(2);
            let across = y * y / (2.0 * vy);
            if across > 20.0 {
                continue;
            }
            let vz = sz * sz + own_z;
            let peak = (strength / (vy * vz).sqrt()) as f32 * fast::exp(-across as f32);
            let half = (-0.5 / vz) as f32;
            for (layer, out) in out[square * layers..(square + 1) * layers]
                .iter_mut()
                .enumerate()
            {
                let h = grid.heights[layer];
                let (d, r) = ((at.z - h) as f32, (at.z + h) as f32);
                *out += peak * (fast::exp(half * d * d) + fast::exp(half * r * r));
            }
        }
    }
}
