//! How a picture lies over a reference: a picture of the ground from another day.
//!
//! The reference is first drawn as the frame should look from here, at the frame's scale or coarser. What
//! the two share is neither brightness nor contrast, which season, hour and weather change, but the
//! directions of edges: where paths, walls and borders of fields run. Directions are compared without
//! their sense (what was darker than its surroundings may be brighter now) and without their strength
//! beyond noise, so that one hard shadow does not outvote a hundred soft edges (orientation correlation:
//! Fitch, Kadyrov, Christmas & Kittler 2002; angles doubled as in Kass & Witkin 1987).
//!
//! The whole frame is looked for first, coarsely, within all of what the metadata may be wrong by; then its
//! parts, finer, each for itself about there. Parts of the same ground lie beside their places by
//! nearly the same way; those of another ground lie anywhere. Only a frame whose parts agree is
//! believed, and only those parts are given out: roofs, which lean, and what has changed are not among them.

mod field;

use crate::image::{Gray, Pyramid};
use crate::motion::warp;
use atalaya_geo::{Homography, Matrix2, Matrix3, Vector2};
use atalaya_model::{PixelBox, ReferenceAsk, ReferenceMatch};
use field::{FULL, Field};

/// Coarse search is in a picture at most this wide, pixels …
const COARSE_WIDTH: usize = 240;
/// … and this far to each side at most.
const COARSE_REACH: i32 = 40;
/// The parts are as large, pixels of a picture twice as fine …
const SIDE: usize = 40;
/// … and are looked for this far about where the whole was found.
const REACH: i32 = 6;
/// Least mean strength of a part's edges, of one.
const LEAST_TEXTURE: f32 = 0.06;
/// Parts agree that lie this near to where the others say, pixels.
const AGREE: f64 = 1.0;
/// Most stretch, turn and slant of the picture against what was expected: errors of heading, height and,
/// seen obliquely, position.
const MOST_BEND: f64 = 0.1;
/// Least parts that must agree …
const LEAST_FOUND: usize = 9;
/// … and their least share of those that were looked for. A part that is nothing like it agrees with three
/// others by chance once in fifty times: half of twenty agree by chance once in some ten thousand looks.
const LEAST_SHARE: f64 = 0.5;

/// A picture of the ground, and its halves.
pub struct Reference {
    levels: Vec<Gray>,
}

impl Reference {
    /// From rows of grey levels, 0 where nothing is known; `None` when there are not as many as the
    /// sides say.
    pub fn new(width: usize, height: usize, px: Vec<u8>) -> Option<Self> {
        if width == 0 || height == 0 || px.len() != width.checked_mul(height)? {
            return None;
        }
        let mut levels = vec![Gray {
            w: width,
            h: height,
            px,
        }];
        while let Some(last) = levels.last().filter(|l| l.w >= 32 && l.h >= 32) {
            let next = half_known(last);
            levels.push(next);
        }
        Some(Self { levels })
    }

    /// Looks for a picture on the reference. `step`: its display pixels to those of the frame before,
    /// from which the ask goes on. Nothing is looked for within `overlays` (display pixels).
    pub fn find(
        &self,
        ask: &ReferenceAsk,
        step: &Homography,
        now: &Pyramid,
        base_scale: f64,
        overlays: &[PixelBox],
    ) -> ReferenceMatch {
        self.look(ask, step, now, base_scale, overlays)
            .unwrap_or_default()
    }

    fn look(
        &self,
        ask: &ReferenceAsk,
        step: &Homography,
        now: &Pyramid,
        base_scale: f64,
        overlays: &[PixelBox],
    ) -> Option<ReferenceMatch> {
        let guess = ask.guess.after(step)?;
        let base = now.0.first()?;
        let middle = Vector2::new(base.w as f64, base.h as f64) * (0.5 / base_scale);
        let metres = guess.jacobian(middle)?;
        let per_metre = metres.try_inverse()?;
        // How many display pixels the reach is, across and along.
        let reach = [0, 1].map(|r| ask.reach_m * per_metre.row(r).norm());
        let scale = |level: usize| base_scale / f64::from(1u32 << level);
        let most = reach[0].max(reach[1]);
        let coarse = (0..now.0.len())
            .find(|l| now.0[*l].w <= COARSE_WIDTH && most * scale(*l) <= f64::from(COARSE_REACH))
            .unwrap_or(now.0.len() - 1);
        let view = |level: usize, shift: Vector2<f64>, margin: (i32, i32)| {
            let from = View {
                guess,
                shift,
                scale: scale(level),
            };
            let size = (now.0[level].w, now.0[level].h);
            Some(Field::of(
                &self.draw(&from, &ask.to_reference, size, margin)?,
                &[],
            ))
        };
        let frame = |level: usize| {
            let k = scale(level) as f32;
            let hidden: Vec<PixelBox> = overlays.iter().map(|o| scaled(o, k)).collect();
            Field::of(&now.0[level], &hidden)
        };
        let margin = reach.map(|r| ((r * scale(coarse)).ceil() as i32).clamp(2, COARSE_REACH));
        let margin = (margin[0], margin[1]);
        let found = whole(
            &frame(coarse),
            &view(coarse, Vector2::zeros(), margin)?,
            margin,
        )?;
        let shift = found / scale(coarse);
        let fine = coarse.saturating_sub(1);
        let parts = parts(&frame(fine), &view(fine, shift, (REACH, REACH))?);
        let tried = parts.len() as u32;
        let agreeing = agreeing(&parts);
        let mut out = ReferenceMatch {
            tried,
            ..ReferenceMatch::default()
        };
        if agreeing.len() < LEAST_FOUND
            || (agreeing.len() as f64) < LEAST_SHARE * parts.len() as f64
        {
            return Some(out);
        }
        let from = View {
            guess,
            shift,
            scale: scale(fine),
        };
        let pixel = metres.determinant().abs().sqrt() / scale(fine);
        let squares: f64 = agreeing.iter().map(|(_, off)| off.norm_squared()).sum();
        out.rms_m = (0.5 * squares / agreeing.len() as f64).sqrt() * pixel;
        for (p, _) in agreeing {
            if let Some(at) = from.ground(p.at + p.off) {
                out.points.push((p.at / from.scale, at));
            }
        }
        Some(out)
    }

    /// The reference as a view shows it, with a margin.
    fn draw(
        &self,
        view: &View,
        to_reference: &Homography,
        (w, h): (usize, usize),
        (mx, my): (i32, i32),
    ) -> Option<Gray> {
        let map = to_reference.after(&view.map()?)?;
        let at = Vector2::new(0.5 * w as f64, 0.5 * h as f64);
        let step = map.jacobian(at)?.determinant().abs().sqrt();
        let level = (step.max(1.0).log2() + 0.3) as usize;
        let level = level.min(self.levels.len() - 1);
        let k = f64::from(1u32 << level);
        // Whole numbers are centres of pixels in the reference and its halves, and in what is drawn; in
        // the view they are edges.
        let shift = |x: f64, y: f64| Matrix3::new(1.0, 0.0, x, 0.0, 1.0, y, 0.0, 0.0, 1.0);
        let coarser = Matrix3::new(1.0 / k, 0.0, 0.0, 0.0, 1.0 / k, 0.0, 0.0, 0.0, 1.0);
        let map = shift(-0.5, -0.5)
            * coarser
            * shift(0.5, 0.5)
            * map.matrix()
            * shift(0.5 - f64::from(mx), 0.5 - f64::from(my));
        let size = (w + 2 * mx as usize, h + 2 * my as usize);
        let mut out = Gray::default();
        warp(
            &self.levels[level],
            &Homography::from_matrix(map)?,
            size,
            &mut out,
        );
        Some(out)
    }
}

/// How a picture at some scale is expected to lie.
struct View {
    /// Display pixels to the ground.
    guess: Homography,
    /// What has been found of the way to where it truly lies, display pixels.
    shift: Vector2<f64>,
    /// Pixels over display pixels.
    scale: f64,
}

impl View {
    /// Its pixels to the ground.
    fn map(&self) -> Option<Homography> {
        let (k, s) = (1.0 / self.scale, self.shift);
        let display = Matrix3::new(k, 0.0, s.x, 0.0, k, s.y, 0.0, 0.0, 1.0);
        Homography::from_matrix(self.guess.matrix() * display)
    }

    /// The ground at one of its pixels.
    fn ground(&self, px: Vector2<f64>) -> Option<Vector2<f64>> {
        self.guess.apply(px / self.scale + self.shift)
    }
}

/// Half the size; what is not known of one of four pixels is not known of their mean.
fn half_known(img: &Gray) -> Gray {
    let mut out = img.half();
    for y in 0..out.h {
        let (a, b) = (img.row(2 * y), img.row(2 * y + 1));
        for (x, o) in out.px[y * out.w..(y + 1) * out.w].iter_mut().enumerate() {
            let all = [a[2 * x], a[2 * x + 1], b[2 * x], b[2 * x + 1]];
            *o = if all.contains(&0) { 0 } else { (*o).max(1) };
        }
    }
    out
}

fn scaled(b: &PixelBox, k: f32) -> PixelBox {
    PixelBox {
        x: b.x * k,
        y: b.y * k,
        w: b.w * k,
        h: b.h * k,
    }
}

/// The best of likenesses over a window of shifts: whole shift, refined by parabolas.
fn peak(values: &[f32], (rx, ry): (i32, i32)) -> Option<(Vector2<f64>, bool)> {
    let n = (2 * rx + 1) as usize;
    let best = (0..values.len()).max_by(|a, b| values[*a].total_cmp(&values[*b]))?;
    let (x, y) = ((best % n) as i32 - rx, (best / n) as i32 - ry);
    let within = x.abs() < rx && y.abs() < ry;
    let bend = |step: usize| {
        let (a, b, c) = (
            f64::from(values[best - step]),
            f64::from(values[best]),
            f64::from(values[best + step]),
        );
        let curve = a - 2.0 * b + c;
        if curve < -1e-9 {
            (0.5 * (a - c) / curve).clamp(-0.5, 0.5)
        } else {
            0.0
        }
    };
    let (dx, dy) = if within {
        (bend(1), bend(n))
    } else {
        (0.0, 0.0)
    };
    Some((Vector2::new(f64::from(x) + dx, f64::from(y) + dy), within))
}

/// The shift at which all of the frame is most like the view, pixels.
fn whole(frame: &Field, view: &Field, (mx, my): (i32, i32)) -> Option<Vector2<f64>> {
    let mut values = Vec::new();
    for v in 0..=2 * my as usize {
        for u in 0..=2 * mx as usize {
            values.push(frame.likeness((0, 0), view, (u, v), (frame.w, frame.h)));
        }
    }
    let (at, within) = peak(&values, (mx, my))?;
    // At the edge of what may be it is not what is looked for.
    within.then_some(at)
}

/// A part of the frame: its middle, and how far from there it was found, pixels.
#[derive(Clone, Copy, Debug)]
struct Part {
    at: Vector2<f64>,
    off: Vector2<f64>,
}

/// Looks for each part of the frame that has anything to be recognised by.
fn parts(frame: &Field, view: &Field) -> Vec<Part> {
    let mut out = Vec::new();
    let least = LEAST_TEXTURE * (FULL * FULL) as f32 * (SIDE * SIDE) as f32;
    let places = |n: usize| {
        let count = n / SIDE;
        let first = (n - count * SIDE) / 2;
        (0..count).map(move |k| first + k * SIDE)
    };
    let size = (SIDE, SIDE);
    let reach = REACH as usize;
    for y in places(frame.h) {
        for x in places(frame.w) {
            if frame.energy((x, y), size) < least
                || view.energy((x + reach, y + reach), size) < least
            {
                continue;
            }
            let mut values = Vec::with_capacity((2 * reach + 1).pow(2));
            for v in 0..=2 * reach {
                for u in 0..=2 * reach {
                    values.push(frame.likeness((x, y), view, (x + u, y + v), size));
                }
            }
            let Some((off, within)) = peak(&values, (REACH, REACH)) else {
                continue;
            };
            let half = 0.5 * SIDE as f64;
            let at = Vector2::new(x as f64 + half, y as f64 + half);
            // One at the edge was tried, and agrees with nothing.
            let off = if within {
                off
            } else {
                Vector2::repeat(f64::NAN)
            };
            out.push(Part { at, off });
        }
    }
    out
}

/// How the ways of parts change over a picture, and the way of one place.
#[derive(Clone, Copy)]
struct Bend {
    m: Matrix2<f64>,
    way: Vector2<f64>,
    about: Vector2<f64>,
}

impl Bend {
    /// Where a part was found, less where it should have been.
    fn left(&self, p: &Part) -> Vector2<f64> {
        p.off - self.way - self.m * (p.at - self.about)
    }

    /// Unless it bends more than may be.
    fn of(m: Matrix2<f64>, way: Vector2<f64>, about: Vector2<f64>) -> Option<Self> {
        (m.norm() < MOST_BEND).then_some(Self { m, way, about })
    }

    fn through(p: &Part, q: &Part, r: &Part) -> Option<Self> {
        let d = Matrix2::from_columns(&[q.at - p.at, r.at - p.at]);
        if d.determinant().abs() < (SIDE * SIDE) as f64 {
            return None;
        }
        let e = Matrix2::from_columns(&[q.off - p.off, r.off - p.off]);
        Self::of(e * d.try_inverse()?, p.off, p.at)
    }

    /// Least squares.
    fn best(parts: &[Part]) -> Option<Self> {
        let n = parts.len() as f64;
        let about = parts.iter().map(|p| p.at).sum::<Vector2<f64>>() / n;
        let way = parts.iter().map(|p| p.off).sum::<Vector2<f64>>() / n;
        let (mut of, mut size) = (Matrix2::zeros(), Matrix2::zeros());
        for p in parts {
            let d = p.at - about;
            of += (p.off - way) * d.transpose();
            size += d * d.transpose();
        }
        Self::of(of * size.try_inverse()?, way, about)
    }
}

/// The parts that agree with each other on one way that changes evenly over the picture, and what is left
/// of each. All threes are tried: there are few.
fn agreeing(parts: &[Part]) -> Vec<(Part, Vector2<f64>)> {
    let with = |bend: &Bend| -> Vec<Part> {
        let agrees = |p: &&Part| bend.left(p).norm() < AGREE;
        parts.iter().filter(agrees).copied().collect()
    };
    let count = |bend: &Bend| {
        let agree = |p: &&Part| bend.left(p).norm_squared() < AGREE * AGREE;
        parts.iter().filter(agree).count()
    };
    let mut best: (usize, Vec<Part>) = (0, Vec::new());
    for (i, p) in parts.iter().enumerate() {
        for (j, q) in parts.iter().enumerate().skip(i + 1) {
            for r in &parts[j + 1..] {
                let Some(bend) = Bend::through(p, q, r) else {
                    continue;
                };
                if count(&bend) > best.0 {
                    best = (count(&bend), with(&bend));
                }
            }
        }
    }
    let mut best = best.1;
    // Least squares moves the middle, and with it who agrees.
    for _ in 0..2 {
        let Some(bend) = Bend::best(&best) else {
            return Vec::new();
        };
        best = with(&bend);
    }
    match Bend::best(&best) {
        Some(bend) => best.iter().map(|p| (*p, bend.left(p))).collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
