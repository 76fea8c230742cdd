//! What is warm: things of a person's size in one thermal picture, moving or not.
//!
//! Smaller than a square that is slid under the picture (white top-hat; Serra 1982), they stand out of
//! what lies below them. Each peak takes what is about half as high around it, and is judged by what one
//! knows of people in thermal pictures: warmer than most of the picture, warmer than just around them,
//! sharply so, and taller than wide. Nothing is learnt.

use crate::image::Gray;
use atalaya_model::{Class, Detection, PixelBox};

/// What warm looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Polarity {
    /// Warm is bright.
    #[default]
    WhiteHot,
    /// Warm is dark.
    BlackHot,
}

/// The numbers of finding what is warm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WarmSettings {
    /// Side of the square, pixels: what is wider and higher is no person.
    pub square: usize,
    /// Least rise over what lies below, grey levels.
    pub rise: u8,
    /// Share of the peak's rise that belongs to it.
    pub share: f32,
    /// Least number of pixels.
    pub pixels: usize,
    /// Height over width of somebody seen from the side and above, and how much its logarithm
    /// scatters.
    pub slender: (f32, f32),
    /// Product of the four signs at which it is even odds.
    pub even: f32,
    /// Least score.
    pub least: f32,
    /// Most boxes of a picture, the surest.
    pub most: usize,
}

impl Default for WarmSettings {
    fn default() -> Self {
        Self {
            square: 21,
            rise: 10,
            share: 0.45,
            pixels: 12,
            slender: (2.0, 0.45),
            even: 160.0,
            least: 0.1,
            most: 200,
        }
    }
}

/// Pixels that hang together: left and top inclusive, right and bottom exclusive.
struct Extent {
    x0: usize,
    y0: usize,
    x1: usize,
    y1: usize,
    pixels: usize,
}

/// How far around a peak is looked, pixels.
const REACH: usize = 24;
/// Width of the ring around a box that it is compared with, pixels.
const RING: usize = 6;
/// Most peaks that are looked at, the highest.
const MOST_PEAKS: usize = 4000;
/// Least scatter of grey levels, of the picture and of a ring: below it is the camera's noise.
const NOISE: (f32, f32) = (3.0, 5.0);

/// Boxes of what is warm.
pub fn find(picture: &Gray, polarity: Polarity, s: &WarmSettings) -> Vec<Detection> {
    let mut picture = picture.clone();
    if picture.w < 2 * s.square || picture.h < 2 * s.square {
        return Vec::new();
    }
    if polarity == Polarity::BlackHot {
        picture.px.iter_mut().for_each(|v| *v = 255 - *v);
    }
    let smooth = picture.smooth();
    let below = slide(&slide(&smooth, s.square, u8::min), s.square, u8::max);
    let rise = Gray {
        w: smooth.w,
        h: smooth.h,
        px: (smooth.px.iter().zip(&below.px))
            .map(|(a, b)| a.saturating_sub(*b))
            .collect(),
    };
    let (middle, scatter) = levels(&picture);
    let mut taken = vec![false; rise.px.len()];
    let mut found: Vec<Detection> = peaks(&rise, s.rise)
        .into_iter()
        .filter_map(|at| {
            let (blob, inside) = grow(&rise, &picture, at, s.share, &mut taken)?;
            if blob.pixels < s.pixels {
                return None;
            }
            let (ring, ring_scatter) = around(&picture, &blob)?;
            let (w, h) = ((blob.x1 - blob.x0) as f32, (blob.y1 - blob.y0) as f32);
            let slender = ((h / w).ln() - s.slender.0.ln()) / s.slender.1;
            let signs = ((inside - middle) / scatter).max(0.0)
                * f32::from(rise.px[at])
                * ((inside - ring) / (ring_scatter + NOISE.1)).max(0.0)
                * (-0.5 * slender * slender).exp();
            let score = signs / (signs + s.even);
            (score >= s.least).then(|| Detection {
                bbox: grown(&blob, &picture),
                score,
                class: Class::Person,
            })
        })
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(s.most);
    found
}

/// The least or greatest of each square of `n` pixels (odd) around a pixel; edges repeat (van Herk
/// 1992, Gil & Werman 1993).
fn slide(img: &Gray, n: usize, of: fn(u8, u8) -> u8) -> Gray {
    let (w, h) = (img.w, img.h);
    let mut rows = vec![0u8; w * h];
    let mut line = Vec::new();
    for y in 0..h {
        slide_line(img.row(y).iter().copied(), n, of, &mut line);
        rows[y * w..(y + 1) * w].copy_from_slice(&line);
    }
    let mut px = vec![0u8; w * h];
    for x in 0..w {
        slide_line((0..h).map(|y| rows[y * w + x]), n, of, &mut line);
        for (y, v) in line.iter().enumerate() {
            px[y * w + x] = *v;
        }
    }
    Gray { w, h, px }
}

fn slide_line(values: impl Iterator<Item = u8>, n: usize, of: fn(u8, u8) -> u8, out: &mut Vec<u8>) {
    let half = n / 2;
    let mut padded: Vec<u8> = values.collect();
    out.clear();
    let (Some(first), Some(last)) = (padded.first().copied(), padded.last().copied()) else {
        return;
    };
    let len = padded.len();
    padded.splice(0..0, std::iter::repeat_n(first, half));
    padded.extend(std::iter::repeat_n(last, half));
    // From the left within blocks of n, and from the right.
    let mut left = padded.clone();
    for i in 1..left.len() {
        if i % n != 0 {
            left[i] = of(left[i], left[i - 1]);
        }
    }
    let mut right = padded;
    for i in (0..right.len() - 1).rev() {
        if (i + 1) % n != 0 {
            right[i] = of(right[i], right[i + 1]);
        }
    }
    out.extend((0..len).map(|i| of(right[i], left[i + n - 1])));
}

/// Places that are the highest within two pixels, the highest first.
fn peaks(rise: &Gray, least: u8) -> Vec<usize> {
    let top = slide(rise, 5, u8::max);
    let mut at: Vec<usize> = (0..rise.px.len())
        .filter(|i| rise.px[*i] > least && rise.px[*i] == top.px[*i])
        .collect();
    at.sort_by_key(|i| (std::cmp::Reverse(rise.px[*i]), *i));
    at.truncate(MOST_PEAKS);
    at
}

/// What hangs together around a peak and is at least `share` as high, with its mean level; nothing
/// where somebody has it already, or it goes on beyond reach.
fn grow(
    rise: &Gray,
    picture: &Gray,
    at: usize,
    share: f32,
    taken: &mut [bool],
) -> Option<(Extent, f32)> {
    if taken[at] {
        return None;
    }
    let (w, h) = (rise.w, rise.h);
    let least = (share * f32::from(rise.px[at])).ceil().max(1.0) as u8;
    let (px, py) = (at % w, at / w);
    let (x0, x1) = (px.saturating_sub(REACH), (px + REACH).min(w - 1));
    let (y0, y1) = (py.saturating_sub(REACH), (py + REACH).min(h - 1));
    let mut blob = Extent {
        x0: px,
        y0: py,
        x1: px + 1,
        y1: py + 1,
        pixels: 0,
    };
    let (mut sum, mut whole) = (0u64, true);
    let mut open = vec![at];
    taken[at] = true;
    while let Some(i) = open.pop() {
        let (x, y) = (i % w, i / w);
        blob.pixels += 1;
        sum += u64::from(picture.px[i]);
        (blob.x0, blob.x1) = (blob.x0.min(x), blob.x1.max(x + 1));
        (blob.y0, blob.y1) = (blob.y0.min(y), blob.y1.max(y + 1));
        for ny in y.saturating_sub(1)..=(y + 1).min(h - 1) {
            for nx in x.saturating_sub(1)..=(x + 1).min(w - 1) {
                let n = ny * w + nx;
                if taken[n] || rise.px[n] < least {
                    continue;
                }
                if nx < x0 || nx > x1 || ny < y0 || ny > y1 {
                    whole = false;
                    continue;
                }
                taken[n] = true;
                open.push(n);
            }
        }
    }
    let mean = sum as f32 / blob.pixels as f32;
    whole.then_some((blob, mean))
}

/// Mean and scatter of the ring around a box.
fn around(picture: &Gray, b: &Extent) -> Option<(f32, f32)> {
    let (x0, y0) = (b.x0.saturating_sub(RING), b.y0.saturating_sub(RING));
    let (x1, y1) = ((b.x1 + RING).min(picture.w), (b.y1 + RING).min(picture.h));
    let (mut n, mut sum, mut squares) = (0u32, 0.0f64, 0.0f64);
    for y in y0..y1 {
        let row = picture.row(y);
        for (x, v) in row.iter().enumerate().take(x1).skip(x0) {
            if y >= b.y0 && y < b.y1 && x >= b.x0 && x < b.x1 {
                continue;
            }
            let v = f64::from(*v);
            (n, sum, squares) = (n + 1, sum + v, squares + v * v);
        }
    }
    if n < 20 {
        return None;
    }
    let mean = sum / f64::from(n);
    let variance = (squares / f64::from(n) - mean * mean).max(0.0);
    Some((mean as f32, variance.sqrt() as f32))
}

/// The picture's median, and half of what lies between its 16th and 84th hundredth.
fn levels(picture: &Gray) -> (f32, f32) {
    let mut histogram = [0usize; 256];
    picture
        .px
        .iter()
        .for_each(|v| histogram[usize::from(*v)] += 1);
    let at = |share: f64| {
        let mut left = (share * picture.px.len() as f64) as usize;
        let of = |n: &usize| {
            let here = left < *n;
            left = left.saturating_sub(*n);
            here
        };
        histogram.iter().position(of).unwrap_or(255) as f32
    };
    (at(0.5), ((at(0.84) - at(0.16)) / 2.0).max(NOISE.0))
}

/// Half its height is where a thing is cut; people who draw boxes go on to its end.
fn grown(b: &Extent, picture: &Gray) -> PixelBox {
    let (x0, y0) = ((b.x0 as f32 - 0.5).max(0.0), (b.y0 as f32 - 1.0).max(0.0));
    let x1 = (b.x1 as f32 + 0.5).min(picture.w as f32);
    let y1 = (b.y1 as f32 + 1.0).min(picture.h as f32);
    PixelBox {
        x: x0,
        y: y0,
        w: x1 - x0,
        h: y1 - y0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ground of changing warmth with noise, a warm roof, and persons of 8x18 pixels.
    fn scene(persons: &[(usize, usize)]) -> Gray {
        let (w, h) = (320, 240);
        let mut seed = 7u32;
        let mut px: Vec<u8> = (0..w * h)
            .map(|i| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (60 + (i % w) / 8 + (seed >> 29) as usize) as u8
            })
            .collect();
        let mut warm = |x0: usize, y0: usize, bw: usize, bh: usize, level: u8| {
            for y in y0..y0 + bh {
                px[y * w + x0..y * w + x0 + bw].fill(level);
            }
        };
        warm(20, 150, 120, 60, 190);
        persons.iter().for_each(|(x, y)| warm(*x, *y, 8, 18, 210));
        Gray { w, h, px }
    }

    const PERSONS: [(usize, usize); 3] = [(40, 30), (200, 80), (290, 200)];

    #[test]
    fn persons_are_found_and_the_roof_is_not() {
        let found = find(
            &scene(&PERSONS),
            Polarity::WhiteHot,
            &WarmSettings::default(),
        );
        assert_eq!(found.len(), 3, "{found:?}");
        for (x, y) in PERSONS {
            let truth = PixelBox {
                x: x as f32,
                y: y as f32,
                w: 8.0,
                h: 18.0,
            };
            let hit = found.iter().find(|d| d.bbox.iou(&truth) > 0.6);
            assert!(hit.is_some_and(|d| d.score > 0.5), "{x} {y}: {found:?}");
        }
    }

    #[test]
    fn dark_is_warm_where_it_is_said() {
        let mut dark = scene(&PERSONS);
        dark.px.iter_mut().for_each(|v| *v = 255 - *v);
        let s = WarmSettings::default();
        assert_eq!(
            find(&dark, Polarity::BlackHot, &s),
            find(&scene(&PERSONS), Polarity::WhiteHot, &s)
        );
        assert!(find(&dark, Polarity::WhiteHot, &s).is_empty());
    }

    #[test]
    fn nothing_is_in_nothing() {
        let s = WarmSettings::default();
        assert!(find(&scene(&[]), Polarity::WhiteHot, &s).is_empty());
        for (w, h) in [(1, 1), (64, 48), (41, 500), (0, 0)] {
            for level in [0, 128, 255] {
                let flat = Gray {
                    w,
                    h,
                    px: vec![level; w * h],
                };
                assert!(find(&flat, Polarity::WhiteHot, &s).is_empty());
            }
        }
    }

    #[test]
    fn a_slid_square_is_the_least_of_all_within() {
        let img = scene(&PERSONS);
        let slid = slide(&img, 5, u8::min);
        for (x, y) in [(0usize, 0usize), (3, 100), (319, 239), (200, 80), (41, 31)] {
            let of = |v: usize, by: isize, most: usize| {
                (v as isize + by).clamp(0, most as isize - 1) as usize
            };
            let least = (-2..=2)
                .flat_map(|dy| (-2..=2).map(move |dx| (dx, dy)))
                .map(|(dx, dy)| img.px[of(y, dy, img.h) * img.w + of(x, dx, img.w)])
                .min();
            assert_eq!(Some(slid.px[y * img.w + x]), least, "{x} {y}");
        }
    }
}
