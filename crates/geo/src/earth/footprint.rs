//! The ground that a picture shows.

use super::{EarthCamera, GroundPoint, Miss, Surface};
use crate::wgs84::Geodetic;
use nalgebra::Vector2;

/// Points along each side of the picture.
const PER_SIDE: usize = 8;
/// Points along a horizon.
const ALONG_HORIZON: usize = 12;

/// The ground of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Footprint {
    /// Around it in the order of the picture's corners: along the picture's sides and, where it holds
    /// the horizon or ground beyond the limit, along that.
    pub outline: Vec<Geodetic>,
    /// Upper left, upper right, lower right, lower left; `None` where the corner shows no ground or
    /// ground beyond the limit.
    pub corners: [Option<Geodetic>; 4],
    /// The picture holds sky, or ground beyond what can be followed.
    pub horizon: bool,
    /// Ground beyond the limit was cut off.
    pub limited: bool,
}

/// What a pixel shows, as far as a footprint cares.
struct Border<'a> {
    camera: &'a EarthCamera,
    surface: &'a Surface<'a>,
    limit_m: f64,
}

impl Border<'_> {
    fn ground(&self, px: Vector2<f64>) -> Result<GroundPoint, Miss> {
        self.camera
            .ground(px, self.surface)
            .and_then(|g| (g.range_m <= self.limit_m).then_some(g).ok_or(Miss::Far))
    }

    /// The last ground on the way from a pixel that shows some to one that does not.
    fn edge(&self, shows: Vector2<f64>, not: Vector2<f64>) -> Option<(Vector2<f64>, Geodetic)> {
        let (mut a, mut b) = (0.0, 1.0);
        let mut last = self.ground(shows).ok()?.at;
        let mut at = shows;
        for _ in 0..24 {
            let k = 0.5 * (a + b);
            let px = shows + (not - shows) * k;
            match self.ground(px) {
                Ok(g) => (a, at, last) = (k, px, g.at),
                Err(_) => b = k,
            }
        }
        Some((at, last))
    }

    /// Along the horizon from where it enters the picture to where it leaves it: ground lies on one side
    /// of the line between them, and bulges over it.
    fn horizon(&self, from: Vector2<f64>, to: Vector2<f64>, sky: Vector2<f64>) -> Vec<Geodetic> {
        let chord = to - from;
        let mut out = Vector2::new(-chord.y, chord.x);
        if out.dot(&(sky - from)) < 0.0 {
            out = -out;
        }
        let reach = self.camera.lens().width.max(self.camera.lens().height);
        let out = out / out.norm().max(1e-9) * reach;
        (1..ALONG_HORIZON)
            .filter_map(|k| {
                let px = from + chord * (k as f64 / ALONG_HORIZON as f64);
                Some(self.edge(px, px + out)?.1)
            })
            .collect()
    }
}

impl EarthCamera {
    /// The ground that the picture shows, out to `limit_m` of slant range. An error says why it shows
    /// none, or that a part of its ground is not known.
    pub fn footprint(&self, surface: &Surface<'_>, limit_m: f64) -> Result<Footprint, Miss> {
        let b = Border {
            camera: self,
            surface,
            limit_m,
        };
        let corners = self.lens().corners();
        let n = 4 * PER_SIDE;
        let px = |i: usize| {
            let (side, k) = (i / PER_SIDE % 4, (i % PER_SIDE) as f64 / PER_SIDE as f64);
            corners[side] + (corners[(side + 1) % 4] - corners[side]) * k
        };
        let mut shown = Vec::with_capacity(n);
        let (mut horizon, mut limited, mut why) = (false, false, Miss::Sky);
        for i in 0..n {
            match b.ground(px(i)) {
                Ok(g) => shown.push(Some(g.at)),
                Err(miss @ (Miss::Unknown | Miss::Below)) => return Err(miss),
                Err(miss) => {
                    // What is beyond the limit may still be ground.
                    let far = miss == Miss::Far && self.ground(px(i), surface).is_ok();
                    limited |= far;
                    horizon |= !far;
                    why = miss;
                    shown.push(None);
                }
            }
        }
        let corner = |k: usize| shown[k * PER_SIDE];
        let corners = [corner(0), corner(1), corner(2), corner(3)];
        let outline = if shown.iter().all(Option::is_some) {
            shown.into_iter().flatten().collect()
        } else {
            clipped(&b, &shown, px).ok_or(why)?
        };
        Ok(Footprint {
            outline,
            corners,
            horizon,
            limited,
        })
    }
}

/// The outline where some of the border shows no ground.
fn clipped(
    b: &Border<'_>,
    shown: &[Option<Geodetic>],
    px: impl Fn(usize) -> Vector2<f64>,
) -> Option<Vec<Geodetic>> {
    let n = shown.len();
    let at = |i: usize| i % n;
    // A point with ground whose predecessor has none: every run of ground begins at such a one.
    let first = (0..n).find(|i| shown[*i].is_some() && shown[at(i + n - 1)].is_none())?;
    let mut outline = Vec::new();
    let mut left: Option<(Vector2<f64>, Vector2<f64>)> = None;
    let (start, opening) = b.edge(px(first), px(at(first + n - 1)))?;
    outline.push(opening);
    for i in first..first + n {
        let (here, next) = (at(i), at(i + 1));
        outline.extend(shown[here]);
        match (shown[here].is_some(), shown[next].is_some()) {
            (true, false) => {
                let (p, g) = b.edge(px(here), px(next))?;
                outline.push(g);
                left = Some((p, px(next)));
            }
            (false, true) => {
                let (p, g) = if next == first {
                    (start, None)
                } else {
                    let (p, g) = b.edge(px(next), px(here))?;
                    (p, Some(g))
                };
                if let Some((from, sky)) = left.take() {
                    outline.extend(b.horizon(from, p, sky));
                }
                outline.extend(g);
            }
            _ => {}
        }
    }
    (outline.len() > 2).then_some(outline)
}
