//! What kinds of thing look like from here: boxes of typical size, projected.

use crate::ground::View;
use atalaya_geo::Vector2;
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

/// A projected box.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Width, pixels.
    pub w: f64,
    /// Height, pixels.
    pub h: f64,
}

/// How a kind of thing that stands at `p` and points along `heading` (radians from east) shows.
pub fn project(view: &View, p: Vector2<f64>, heading: f64, class: Class) -> Option<Shape> {
    let (l, w, h) = dimensions(class);
    let along = Vector2::new(heading.cos(), heading.sin());
    let across = Vector2::new(-along.y, along.x);
    let base = view.back.apply(p)?;
    let j = view.back.jacobian(p)?;
    let tall = h * scale(view, p)? * view.look_down(p).cos();
    let (mut lo, mut hi) = (base, base);
    for (a, b) in [(0.5, 0.5), (0.5, -0.5), (-0.5, 0.5), (-0.5, -0.5)] {
        let c = base + j * (along * (a * l) + across * (b * w));
        lo = lo.inf(&c);
        hi = hi.sup(&c);
        lo.y = lo.y.min(c.y - tall);
    }
    Some(Shape {
        w: hi.x - lo.x,
        h: hi.y - lo.y,
    })
}

/// Log-likelihood of a box for each kind, from the ratio of its sides to the projected ones.
pub fn likelihoods(
    view: &View,
    p: Vector2<f64>,
    heading: f64,
    bbox: &PixelBox,
) -> Option<[f64; 4]> {
    // Boxes of moving pixels are loose: a third either way is common.
    const SPREAD: f64 = 0.33;
    const SHADOW_M: f64 = 1.2;
    let fit = |s: Shape| {
        let a = (f64::from(bbox.w) / s.w.max(1.0)).ln() / SPREAD;
        let b = (f64::from(bbox.h) / s.h.max(1.0)).ln() / SPREAD;
        // Heavy tails: a single merged or broken box must not decide.
        -0.5 * (a * a + b * b).min(18.0)
    };
    let mut out = [0.0; 4];
    for (o, class) in out.iter_mut().zip(KINDS) {
        *o = fit(project(view, p, heading, class)?);
    }
    // A person's shadow is as large as the person, and moves along: half of it shows in one direction
    // or the other.
    let alone = project(view, p, heading, Class::Person)?;
    let shadow = SHADOW_M * scale(view, p)?;
    let flat = shadow * view.look_down(p).sin();
    for (w, h) in [(shadow, 0.0), (0.0, flat), (shadow, flat)] {
        let with = Shape {
            w: alone.w + w,
            h: alone.h + h,
        };
        out[0] = out[0].max(fit(with));
    }
    Some(out)
}

/// Pixels per metre across the line of sight: the larger singular value.
fn scale(view: &View, p: Vector2<f64>) -> Option<f64> {
    Some(view.back.jacobian(p)?.svd(false, false).singular_values[0])
}

/// From the centre of a box to where its object stands, pixels, for a class with unknown heading.
pub fn foot_offset(class: Class, look_down: f64, bbox: &PixelBox) -> f64 {
    let (l, w, h) = dimensions(class);
    let depth = 0.5 * (l + w) * look_down.sin();
    let tall = h * look_down.cos();
    f64::from(bbox.h) * 0.5 * tall / (depth + tall).max(1e-6)
}
