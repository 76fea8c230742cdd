//! Where a ray meets the ground.

use super::Ray;
use crate::geoid::undulation_m;
use crate::terrain::Terrain;
use crate::wgs84::{A, F, Geodetic};
use nalgebra::Vector3;

/// What a ray is followed to.
#[derive(Clone, Copy)]
pub enum Surface<'a> {
    /// So many metres above the WGS84 ellipsoid.
    Ellipsoid(f64),
    /// So many metres above mean sea level (EGM96).
    Geoid(f64),
    /// A terrain model.
    Terrain(&'a dyn Terrain),
}

/// Why a ray has no ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// It passes above all ground into the sky.
    Sky,
    /// Its ground is further away than asked, or than can be followed.
    Far,
    /// It comes down where no height is known.
    Unknown,
    /// The camera is not above the surface.
    Below,
}

/// A place on the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroundPoint {
    /// Where; its height is the surface's.
    pub at: Geodetic,
    /// Distance from the camera (slant range), metres.
    pub range_m: f64,
    /// Slope of the surface there, metres of height per metre east and per metre north.
    pub slope: (f64, f64),
}

/// Longest ray that is followed, metres: a horizon from 75 km.
const LONGEST_M: f64 = 1.0e6;
/// Most steps over terrain.
const MOST_STEPS: usize = 50_000;
/// Shortest step: over less than this a hill may be touched unseen, metres.
const SHORTEST_M: f64 = 0.05;
/// Longest step, over which the vertical turns by less than [`BEND`], metres.
const LONGEST_STEP_M: f64 = 10_000.0;
/// Turn of the vertical over the longest step, radians.
const BEND: f64 = 0.002;
/// No geoid slopes more: EGM96 reaches a third of it.
const GEOID_SLOPE: f64 = 1.0e-3;

impl Surface<'_> {
    /// Height of the surface above the ellipsoid, metres; nothing where it is not known.
    pub fn hae_m(&self, lat: f64, lon: f64) -> Option<f64> {
        match self {
            Self::Ellipsoid(h) => Some(*h),
            Self::Geoid(h) => Some(h + undulation_m(lat, lon)),
            Self::Terrain(t) => Some(t.height_m(lat, lon)? + undulation_m(lat, lon)),
        }
    }

    /// Distance over which its slope is measured, metres.
    pub(super) fn spacing_m(&self) -> f64 {
        match self {
            Self::Terrain(t) => t.spacing_m().max(0.1),
            _ => 1.0,
        }
    }

    /// Slope at a place, by central differences over the model's spacing; none beside what is not known.
    fn slope(&self, at: &Geodetic) -> (f64, f64) {
        let Self::Terrain(t) = self else {
            return (0.0, 0.0);
        };
        let half = 0.5 * self.spacing_m();
        let (dn, de) = (half / A, half / (A * at.lat.cos().max(1e-3)));
        let rise = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b) / (2.0 * half),
            _ => 0.0,
        };
        (
            rise(
                t.height_m(at.lat, at.lon + de),
                t.height_m(at.lat, at.lon - de),
            ),
            rise(
                t.height_m(at.lat + dn, at.lon),
                t.height_m(at.lat - dn, at.lon),
            ),
        )
    }
}

/// The first ground on a ray from a camera at `eye`.
pub(super) fn meet(ray: &Ray, eye: &Geodetic, surface: &Surface<'_>) -> Result<GroundPoint, Miss> {
    let s = match surface {
        Surface::Ellipsoid(h) => level(ray, eye, *h)?,
        Surface::Geoid(h) => sea(ray, eye, *h)?,
        Surface::Terrain(t) => hills(ray, eye, *t)?,
    };
    if s > LONGEST_M {
        return Err(Miss::Far);
    }
    let at = Geodetic::from_ecef(&ray.at(s));
    Ok(GroundPoint {
        at,
        range_m: s,
        slope: surface.slope(&at),
    })
}

/// Up at a place, earth-centred.
fn up(at: &Geodetic) -> Vector3<f64> {
    let (sl, cl) = at.lat.sin_cos();
    let (so, co) = at.lon.sin_cos();
    Vector3::new(cl * co, cl * so, sl)
}

/// Distance to the surface at a constant height above the ellipsoid. That is very nearly an ellipsoid
/// with longer axes (closed form); two steps of Newton take away the rest.
fn level(ray: &Ray, eye: &Geodetic, h: f64) -> Result<f64, Miss> {
    if eye.hae_m.partial_cmp(&h) != Some(std::cmp::Ordering::Greater) {
        return Err(Miss::Below);
    }
    let (a, b) = (A + h, A * (1.0 - F) + h);
    let axes = Vector3::new(a, a, b);
    let (p, d) = (
        ray.from.component_div(&axes),
        ray.along.component_div(&axes),
    );
    let (dd, pd, pp) = (d.norm_squared(), p.dot(&d), p.norm_squared() - 1.0);
    let root = pd * pd - dd * pp;
    // A ray that goes up, or passes above.
    if root < 0.0 || pd >= 0.0 {
        return Err(Miss::Sky);
    }
    let mut s = pp / (-pd + root.sqrt());
    for _ in 0..2 {
        let at = Geodetic::from_ecef(&ray.at(s));
        let sinking = ray.along.dot(&up(&at));
        if sinking < -1e-5 {
            s -= (at.hae_m - h) / sinking;
        }
    }
    Ok(s)
}

/// Distance to the surface at a constant height above mean sea level: the geoid is so flat that the
/// height where the ray comes down is found in a few rounds.
fn sea(ray: &Ray, eye: &Geodetic, h: f64) -> Result<f64, Miss> {
    let mut n = undulation_m(eye.lat, eye.lon);
    for _ in 0..12 {
        let s = level(ray, eye, h + n)?;
        if s > LONGEST_M {
            return Err(Miss::Far);
        }
        let at = Geodetic::from_ecef(&ray.at(s));
        let there = undulation_m(at.lat, at.lon);
        if (there - n).abs() < 1e-4 {
            return Ok(s);
        }
        n = there;
    }
    Err(Miss::Far)
}

/// How a ray lies over a surface at a distance.
pub(super) struct Over {
    /// Height above the surface, metres.
    pub clearance: f64,
    /// Fastest that this may shrink per metre of ray, over the next [`LONGEST_STEP_M`].
    pub closing: f64,
    /// Where.
    pub at: Geodetic,
    /// Metres up per metre of ray.
    rising: f64,
}

/// At distance `s` over a surface of this greatest slope; `None` where no height is known.
pub(super) fn over(ray: &Ray, s: f64, surface: &Surface<'_>, steepest: f64) -> Option<Over> {
    let at = Geodetic::from_ecef(&ray.at(s));
    let ground = surface.hae_m(at.lat, at.lon)?;
    let rising = ray.along.dot(&up(&at));
    let flat = ((1.0 - rising * rising).max(0.0).sqrt() + BEND).min(1.0);
    Some(Over {
        clearance: at.hae_m - ground,
        // A ray's angle to the vertical only grows on its way: it sinks ever more slowly.
        closing: (-rising).max(0.0) + (steepest + GEOID_SLOPE) * flat,
        at,
        rising,
    })
}

/// A step that cannot cross a surface that is `clearance` below.
pub(super) fn step(clearance: f64, closing: f64) -> f64 {
    (clearance / closing).clamp(SHORTEST_M, LONGEST_STEP_M)
}

/// Distance to the terrain: down to its highest peak at once, then in steps that the steepest slope
/// allows, then by halves.
fn hills(ray: &Ray, eye: &Geodetic, terrain: &dyn Terrain) -> Result<f64, Miss> {
    let (top, steepest) = (terrain.highest_m(), terrain.steepest());
    if !top.is_finite() {
        return Err(Miss::Unknown);
    }
    let surface = Surface::Terrain(terrain);
    let mut s = match sea(ray, eye, top + 0.01) {
        Ok(s) => s,
        Err(Miss::Below) => 0.0,
        Err(other) => return Err(other),
    };
    let mut before = None;
    for _ in 0..MOST_STEPS {
        if s > LONGEST_M {
            return Err(Miss::Far);
        }
        let here = over(ray, s, &surface, steepest).ok_or(Miss::Unknown)?;
        if here.clearance <= 0.0 {
            let free = before.ok_or(Miss::Below)?;
            return Ok(halve(ray, free, s, &surface, steepest));
        }
        if here.rising >= 0.0 && here.at.msl_m() > top {
            return Err(Miss::Sky);
        }
        before = Some(s);
        s += step(here.clearance, here.closing);
    }
    Err(Miss::Far)
}

/// The crossing between a distance above the surface and one below.
fn halve(ray: &Ray, mut above: f64, mut below: f64, surface: &Surface<'_>, steepest: f64) -> f64 {
    while below - above > 1e-4 {
        let middle = 0.5 * (above + below);
        match over(ray, middle, surface, steepest) {
            Some(o) if o.clearance > 0.0 => above = middle,
            _ => below = middle,
        }
    }
    0.5 * (above + below)
}
