//! What kinds of thing look like from here: boxes of typical size, projected.

use crate::ground::View;
use atalaya_geo::{Matrix3, Vector2, Vector3};
use atalaya_model::{Class, PixelBox};

/// Kinds that are told apart by size.
pub const KINDS: [Class; 4] = [Class::Person, Class::Car, Class::Pickup, Class::Truck];

/// Length, width and height in metres: a walking adult; typical European passenger car, pickup and
/// medium box truck by their makers' data sheets.
fn dimensions(class: Class) -> (f64, f64, f64) {
    match class {
        Class::Person => (0.6, 0.6, 1.75),
        Class::Car => (4.5, 1.8, 1.5),
        Class::Pickup => (5.4, 1.9, 1.8),
        Class::Truck => (7.5, 2.5, 3.0),
        Class::Unknown | Class::Other => (2.5, 1.8, 1.7),
    }
}

/// Share of a shadow's length that boxes of moving pixels hold: its far end is faint and breaks off.
/// Measured on simulated worlds (docs/measurements.md).
pub const SHOWN: f64 = 0.7;

/// How far the place of a thing is from where its boxes put it, as a share of its size, and of its
/// height where shadows fall (one sigma per axis). The same edges are missed in frame after frame, so
/// no averaging over a track removes it. Measured on simulated worlds (docs/measurements.md).
const MISSED: f64 = 0.28;

/// Variance per axis of where a kind of thing stands against where its boxes put it, m².
pub fn foot_variance(class: Class) -> f64 {
    let (l, w, h) = dimensions(class);
    (MISSED * 0.5 * (l + w)).powi(2) + (MISSED * h).powi(2)
}

/// A projected box.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Width, pixels.
    pub w: f64,
    /// Height, pixels.
    pub h: f64,
    /// From its centre to where the thing stands, pixels.
    pub foot: Vector2<f64>,
}

/// How a kind of thing that stands at `p` and points along `heading` (radians from east) shows, with
/// the shadow that it casts: `shade` is where the tip of what shows of a metre's shadow lies, metres.
pub fn project(
    view: &View,
    p: Vector2<f64>,
    heading: f64,
    class: Class,
    shade: Option<Vector2<f64>>,
) -> Option<Shape> {
    let (l, w, h) = dimensions(class);
    let [along, across] = axes(heading);
    let base = view.back.apply(p)?;
    let j = view.back.jacobian(p)?;
    let tall = h * scale(view, p)? * view.look_down(p).cos();
    let (mut lo, mut hi) = (base, base);
    for (a, b) in [(0.5, 0.5), (0.5, -0.5), (-0.5, 0.5), (-0.5, -0.5)] {
        let c = base + j * (along * (a * l) + across * (b * w));
        lo = lo.inf(&c);
        hi = hi.sup(&c);
        lo.y = lo.y.min(c.y - tall);
        if let Some(s) = shade {
            let tip = c + j * (s * h);
            lo = lo.inf(&tip);
            hi = hi.sup(&tip);
        }
    }
    Some(Shape {
        w: hi.x - lo.x,
        h: hi.y - lo.y,
        foot: base - (lo + hi) * 0.5,
    })
}

/// Length, width and height of a road vehicle of any kind, metres, and their covariance: the moments of the kinds,
/// each with the spread of its makers' models.
pub fn any_vehicle() -> (Vector3<f64>, Matrix3<f64>) {
    const MODELS: Vector3<f64> = Vector3::new(0.8, 0.15, 0.3);
    let vehicles = &KINDS[1..];
    let n = vehicles.len() as f64;
    let size = |c: &Class| Vector3::from(<[f64; 3]>::from(dimensions(*c)));
    let mean = vehicles.iter().map(size).sum::<Vector3<f64>>() / n;
    let own = Matrix3::from_diagonal(&MODELS.component_mul(&MODELS));
    let between = vehicles.iter().map(|c| {
        let off = size(c) - mean;
        off * off.transpose() / n
    });
    (mean, between.fold(own, |sum, m| sum + m))
}

/// Pixels of a box's width, and of its height, per metre of length, width and height of a thing that stands at `p`
/// and points along `heading`; `shaded` is the probability that the share `shown` of its shadow is within the box.
pub fn extents(
    view: &View,
    p: Vector2<f64>,
    heading: f64,
    (shaded, shown): (f64, f64),
) -> Option<[Vector3<f64>; 2]> {
    let [along, across] = axes(heading);
    let j = view.back.jacobian(p)?;
    let (a, c) = (j * along, j * across);
    let tall = scale(view, p)? * view.look_down(p).cos();
    let (mut wide, mut high) = (0.0, tall);
    if let Some(s) = view.shade {
        let s = j * (s * shown);
        wide = shaded * s.x.abs();
        high += shaded * (s.y.max(0.0) + (-s.y).max(tall) - tall);
    }
    Some([
        Vector3::new(a.x.abs(), c.x.abs(), wide),
        Vector3::new(a.y.abs(), c.y.abs(), high),
    ])
}

/// A level section of a thing at `up` metres above where it stands: its middle in the picture, and pixels per metre
/// along and across it.
pub fn section(view: &View, p: Vector2<f64>, heading: f64, up: f64) -> Option<[Vector2<f64>; 3]> {
    let [along, across] = axes(heading);
    let j = view.back.jacobian(p)?;
    let tall = up * scale(view, p)? * view.look_down(p).cos();
    let middle = view.back.apply(p)? - Vector2::new(0.0, tall);
    Some([middle, j * along, j * across])
}

/// To the tip of a shadow, of a thing of this height at `p`, pixels.
pub fn cast(view: &View, p: Vector2<f64>, height: f64) -> Option<Vector2<f64>> {
    Some(view.back.jacobian(p)? * (view.shade? * height))
}

/// Unit vectors along and across a heading.
fn axes(heading: f64) -> [Vector2<f64>; 2] {
    let along = Vector2::new(heading.cos(), heading.sin());
    [along, Vector2::new(-along.y, along.x)]
}

/// A box's log-likelihood for a shape, from the ratios of their sides.
fn fit(bbox: &PixelBox, s: &Shape) -> f64 {
    // Boxes of moving pixels are loose: a third either way is common.
    const SPREAD: f64 = 0.33;
    let a = (f64::from(bbox.w) / s.w.max(1.0)).ln() / SPREAD;
    let b = (f64::from(bbox.h) / s.h.max(1.0)).ln() / SPREAD;
    // Heavy tails: a single merged or broken box must not decide.
    -0.5 * (a * a + b * b).min(18.0)
}

/// Log-likelihood of a box for each kind.
pub fn likelihoods(
    view: &View,
    p: Vector2<f64>,
    heading: f64,
    bbox: &PixelBox,
) -> Option<[f64; 4]> {
    const SHADOW_M: f64 = 1.2;
    let mut out = [0.0; 4];
    for (o, class) in out.iter_mut().zip(KINDS) {
        *o = fit(bbox, &project(view, p, heading, class, None)?);
    }
    // A person's shadow is as large as the person, and moves along: half of it shows in one direction
    // or the other.
    let alone = project(view, p, heading, Class::Person, None)?;
    let shadow = SHADOW_M * scale(view, p)?;
    let flat = shadow * view.look_down(p).sin();
    for (w, h) in [(shadow, 0.0), (0.0, flat), (shadow, flat)] {
        let with = Shape {
            w: alone.w + w,
            h: alone.h + h,
            ..alone
        };
        out[0] = out[0].max(fit(bbox, &with));
    }
    Some(out)
}

/// How much better a box fits a kind of thing with the share `shown` of its shadow than without, as a logarithm.
pub fn shaded(
    view: &View,
    p: Vector2<f64>,
    heading: f64,
    class: Class,
    bbox: &PixelBox,
    shown: f64,
) -> Option<f64> {
    let shade = view.shade? * shown;
    let with = fit(bbox, &project(view, p, heading, class, Some(shade))?);
    Some(with - fit(bbox, &project(view, p, heading, class, None)?))
}

/// From the centre of a box to where its thing stands, pixels; `shaded` is the probability that the share `shown`
/// of its shadow is within the box.
pub fn foot(
    view: &View,
    p: Vector2<f64>,
    heading: f64,
    class: Class,
    bbox: &PixelBox,
    (shaded, shown): (f64, f64),
) -> Option<Vector2<f64>> {
    let of = |shade| -> Option<Vector2<f64>> {
        let s = project(view, p, heading, class, shade)?;
        // A box that is much smaller or larger than it should be is scaled no further.
        let share = |side: f32, due: f64| (f64::from(side) / due.max(1.0)).clamp(0.4, 2.0);
        Some(Vector2::new(
            s.foot.x * share(bbox.w, s.w),
            s.foot.y * share(bbox.h, s.h),
        ))
    };
    let plain = of(None)?;
    match view.shade {
        Some(s) => Some(plain + (of(Some(s * shown))? - plain) * shaded),
        None => Some(plain),
    }
}

/// Log-likelihood of an outline for each kind: all of a vehicle's shadow is in it with probability `shaded`.
pub fn outline_likelihoods(
    view: &View,
    p: Vector2<f64>,
    heading: f64,
    bbox: &PixelBox,
    shaded: f64,
) -> Option<[f64; 4]> {
    let mut out = likelihoods(view, p, heading, bbox)?;
    if view.shade.is_some() {
        for (o, class) in out.iter_mut().zip(KINDS).skip(1) {
            let with = fit(bbox, &project(view, p, heading, class, view.shade)?);
            *o = (shaded * with.exp() + (1.0 - shaded) * o.exp()).ln();
        }
    }
    Some(out)
}

/// Pixels per metre across the line of sight: the larger singular value.
pub fn scale(view: &View, p: Vector2<f64>) -> Option<f64> {
    Some(view.back.jacobian(p)?.svd(false, false).singular_values[0])
}

/// From the centre of a box to where its object stands, pixels, for a class with unknown heading.
pub fn foot_offset(class: Class, look_down: f64, bbox: &PixelBox) -> f64 {
    let (l, w, h) = dimensions(class);
    let depth = 0.5 * (l + w) * look_down.sin();
    let tall = h * look_down.cos();
    f64::from(bbox.h) * 0.5 * tall / (depth + tall).max(1e-6)
}
