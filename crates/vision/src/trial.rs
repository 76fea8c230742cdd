//! Did it move? The pictures themselves are asked.
//!
//! A thing that has gone from one place to another looks at the second as it looked at the first,
//! and the first looks different now. Leaves, the rims of roofs under parallax and the edges of
//! shadows fail one or the other: what was there is still there, or nothing like it came along.

use crate::image::Gray;
use atalaya_geo::{Homography, Vector2};
use atalaya_model::{PixelBox, Trial, Verdict};

/// Pixels around the said places that are searched.
const SEARCH: i32 = 3;
/// Least and most side of the compared window, working pixels.
const SIDES: (f32, f32) = (7.0, 40.0);
/// Least half side at the picture's edge.
const LEAST_HALF: i32 = 3;
/// How far turn and zoom between the frames may shift a pixel within the window.
const SLACK: i32 = 6;

/// Compares the earlier picture with the later one. `to_then`: display pixels of the later to display
/// pixels of the earlier; `scale`: display to working pixels. `None` when a window leaves its
/// picture or there is nothing to be recognised by.
pub fn judge(
    trial: &Trial,
    then: &Gray,
    now: &Gray,
    to_then: &Homography,
    scale: f32,
) -> Option<Verdict> {
    let to_now = to_then.inverse()?;
    let was = centre(&trial.was);
    let stay = to_now.apply(was)?;
    let turn = to_now.jacobian(was)?;
    let scale = f64::from(scale);
    let (was, stay, is) = (
        pixel(was * scale),
        pixel(stay * scale),
        pixel(centre(&trial.is) * scale),
    );
    // The window is the box, or what of it lies well within both pictures.
    let half = |a: f32, b: f32| (0.5 * (a.min(b) * scale as f32).clamp(SIDES.0, SIDES.1)) as i32;
    let (mut rx, mut ry) = (half(trial.was.w, trial.is.w), half(trial.was.h, trial.is.h));
    for (p, img, margin) in [
        (was, then, 0),
        (stay, now, SEARCH + SLACK),
        (is, now, SEARCH + SLACK),
    ] {
        rx = rx.min(p.0 - margin).min(img.w as i32 - 1 - margin - p.0);
        ry = ry.min(p.1 - margin).min(img.h as i32 - 1 - margin - p.1);
    }
    if rx < LEAST_HALF || ry < LEAST_HALF {
        return None;
    }
    let (mut look, mut steps) = (Vec::new(), Vec::new());
    for dy in -ry..=ry {
        for dx in -rx..=rx {
            look.push(f32::from(then.px[at(then, was.0 + dx, was.1 + dy)]));
            let d = turn * Vector2::new(f64::from(dx), f64::from(dy));
            let (u, v) = pixel(d);
            // Between the frames the camera hardly turned or zoomed, or there is nothing to compare.
            if (u - dx).abs() > SLACK || (v - dy).abs() > SLACK {
                return None;
            }
            steps.push(v * now.w as i32 + u);
        }
    }
    let n = look.len() as f32;
    let mean = look.iter().sum::<f32>() / n;
    let mut spread = 0.0;
    for v in &mut look {
        *v -= mean;
        spread += *v * *v;
    }
    if spread < 4.0 * n {
        return None;
    }
    let best = |place: (i32, i32)| {
        let mut best = -1.0f32;
        for dy in -SEARCH..=SEARCH {
            for dx in -SEARCH..=SEARCH {
                let base = at(now, place.0 + dx, place.1 + dy) as i32;
                let (mut sum, mut squares, mut product) = (0f32, 0f32, 0f32);
                for (v, step) in look.iter().zip(&steps) {
                    let p = f32::from(now.px[(base + step) as usize]);
                    sum += p;
                    squares += p * p;
                    product += p * v;
                }
                let var = squares - sum * sum / n;
                if var > n {
                    best = best.max(product / (var * spread).sqrt());
                }
            }
        }
        best
    };
    Some(Verdict {
        key: trial.key,
        moved: best(is),
        stayed: best(stay),
    })
}

fn centre(b: &PixelBox) -> Vector2<f64> {
    let (x, y) = b.centre();
    Vector2::new(f64::from(x), f64::from(y))
}

fn pixel(p: Vector2<f64>) -> (i32, i32) {
    (p.x.round() as i32, p.y.round() as i32)
}

fn at(img: &Gray, x: i32, y: i32) -> usize {
    y as usize * img.w + x as usize
}
