//! Does the camera see a place?

use super::surface::{over, step};
use super::{EarthCamera, Ray, Surface};
use crate::wgs84::Geodetic;
use nalgebra::Vector2;

/// Most steps along a line of sight.
const MOST_STEPS: usize = 50_000;

/// Whether a place is seen, and why not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// In the picture, and nothing stands before it.
    Seen,
    /// Behind the camera.
    Behind,
    /// In front of the camera, beside the picture.
    Outside,
    /// Ground stands before it, first here.
    Masked(Geodetic),
    /// The height of the ground is not known there or on the way.
    Unknown,
}

/// How a camera looks at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    /// The answer.
    pub verdict: Verdict,
    /// The place itself.
    pub at: Geodetic,
    /// Its pixel, where it is in front of the camera.
    pub pixel: Option<Vector2<f64>>,
    /// Distance of that pixel from the picture's nearest side, pixels; negative outside.
    pub inside_px: Option<f64>,
    /// Distance, metres.
    pub range_m: f64,
    /// Least height of the line of sight above the ground before the last spacing of the terrain's
    /// heights, metres; negative where it is masked.
    pub clearance_m: Option<f64>,
}

impl EarthCamera {
    /// How it looks at what stands `above_m` metres over the surface at a latitude and longitude in
    /// radians; `None` where the height of the surface is not known.
    pub fn sees(&self, lat: f64, lon: f64, above_m: f64, surface: &Surface<'_>) -> Option<Look> {
        let at = Geodetic {
            lat,
            lon,
            hae_m: surface.hae_m(lat, lon)? + above_m,
        };
        let (from, to) = (self.at.to_ecef(), at.to_ecef());
        let range_m = (to - from).norm();
        let pixel = self.pixel(&at);
        let inside_px = pixel.map(|p| {
            let (w, h) = (self.lens.width, self.lens.height);
            p.x.min(p.y).min(w - p.x).min(h - p.y)
        });
        let ray = Ray {
            from,
            along: (to - from) / range_m.max(1e-9),
        };
        let way = way(&ray, range_m, surface);
        let verdict = match (inside_px, &way) {
            (None, _) => Verdict::Behind,
            (Some(d), _) if d < 0.0 => Verdict::Outside,
            (_, None) => Verdict::Unknown,
            (_, Some((_, Some(first)))) => Verdict::Masked(*first),
            _ => Verdict::Seen,
        };
        Some(Look {
            verdict,
            at,
            pixel,
            inside_px,
            range_m,
            clearance_m: way.map(|(least, _)| least),
        })
    }
}

/// Least clearance of a line of sight, and where it first goes through the ground; `None` when that is
/// not known. The last metre is the place's own.
fn way(ray: &Ray, range_m: f64, surface: &Surface<'_>) -> Option<(f64, Option<Geodetic>)> {
    let (top, steepest) = match surface {
        Surface::Terrain(t) => (t.highest_m(), t.steepest()),
        Surface::Geoid(h) => (*h, 0.0),
        Surface::Ellipsoid(h) => (*h, 0.0),
    };
    let near = (range_m - surface.spacing_m()).max(0.0);
    let (mut least, mut s) = (f64::INFINITY, 0.0);
    for _ in 0..MOST_STEPS {
        if s > (range_m - 1.0).max(0.0) {
            return Some((least, None));
        }
        let here = match over(ray, s, surface, steepest) {
            Some(here) => here,
            // Where the ground is not known, but all ground is far below.
            None => {
                let at = Geodetic::from_ecef(&ray.at(s));
                let free = at.msl_m() - top;
                if free <= 0.0 {
                    return None;
                }
                // As fast as a line can fall.
                s += step(free, 1.0);
                continue;
            }
        };
        if here.clearance < 0.0 {
            return Some((here.clearance.min(least), Some(here.at)));
        }
        // A step at whose end the line cannot be lower than the lowest met: what is higher than that is
        // of no interest, what is lower is looked at closely.
        if s <= near {
            least = least.min(here.clearance);
        }
        let spare = (here.clearance - least).max(0.1 * here.clearance);
        s += step(spare, here.closing);
    }
    None
}
