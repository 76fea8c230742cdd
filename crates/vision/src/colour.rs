//! The colour of a part of a picture.
//!
//! A grid of samples over the part that was asked for; of these, the ones that move against the ground, so that
//! what of it is ground after all does not count; of each axis the median, so that windows, wheels and an edge
//! of shadow don't either. Video levels are read as ITU-R BT.709 in limited range, the transfer as IEC 61966-2-1
//! (sRGB, which a display makes of them), and given as CIE 1976 L*a*b* under D65 (CIE 15:2018, 8.2.1).

use atalaya_model::{ColourAsk, Frame, PixelFormat};

/// Samples along and across.
const GRID: (i32, i32) = (11, 7);
/// Least share of samples that must move.
const LEAST: f32 = 0.4;

/// The colour of what moves in a part of a frame. `moves` says whether the ground does not look like this at a
/// display pixel. `None` without planes of chroma, or when too little of it lies in the picture and moves.
pub fn colour(
    frame: &Frame,
    ask: &ColourAsk,
    moves: impl Fn(usize, usize) -> bool,
) -> Option<[f32; 3]> {
    let mut samples = Vec::with_capacity((GRID.0 * GRID.1) as usize);
    let n = (GRID.0 * GRID.1) as f32;
    for i in 0..GRID.0 {
        for j in 0..GRID.1 {
            // From -1 to 1, edges left out by half a step.
            let (u, v) = (
                (2 * i + 1 - GRID.0) as f32 / GRID.0 as f32,
                (2 * j + 1 - GRID.1) as f32 / GRID.1 as f32,
            );
            let x = ask.centre[0] + u * ask.along[0] + v * ask.across[0];
            let y = ask.centre[1] + u * ask.along[1] + v * ask.across[1];
            if !(x >= 0.0 && y >= 0.0 && x < frame.width as f32 && y < frame.height as f32) {
                continue;
            }
            let (x, y) = (x as usize, y as usize);
            if moves(x, y) {
                samples.push(lab(levels(frame, x, y)?));
            }
        }
    }
    if (samples.len() as f32) < LEAST * n {
        return None;
    }
    samples.sort_by(|a, b| b[0].total_cmp(&a[0]));
    samples.truncate(samples.len().div_ceil(2));
    Some([0, 1, 2].map(|k| {
        let mut axis: Vec<f32> = samples.iter().map(|lab| lab[k]).collect();
        axis.sort_by(f32::total_cmp);
        axis[axis.len() / 2]
    }))
}

/// Luma and chroma of a display pixel.
fn levels(frame: &Frame, x: usize, y: usize) -> Option<[u8; 3]> {
    let at = |plane: usize, x: usize, y: usize| {
        let p = frame.planes.get(plane)?;
        (*p.bytes).as_ref().get(y * p.stride + x).copied()
    };
    let (cb, cr) = match frame.format {
        PixelFormat::Gray8 => return None,
        PixelFormat::Yuv420p => (at(1, x / 2, y / 2)?, at(2, x / 2, y / 2)?),
        PixelFormat::Yuv422p => (at(1, x / 2, y)?, at(2, x / 2, y)?),
        PixelFormat::Nv12 => (at(1, x / 2 * 2, y / 2)?, at(1, x / 2 * 2 + 1, y / 2)?),
    };
    Some([at(0, x, y)?, cb, cr])
}

/// L*, a*, b* of video levels.
fn lab([y, cb, cr]: [u8; 3]) -> [f32; 3] {
    let y = (f32::from(y) - 16.0) / 219.0;
    let (cb, cr) = (
        (f32::from(cb) - 128.0) / 224.0,
        (f32::from(cr) - 128.0) / 224.0,
    );
    let (r, b) = (y + 1.5748 * cr, y + 1.8556 * cb);
    let g = (y - 0.2126 * r - 0.0722 * b) / 0.7152;
    let [r, g, b] = [r, g, b].map(|v| {
        let v = v.clamp(0.0, 1.0);
        if v <= 0.040_45 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    });
    // Over the white of D65.
    let f = |v: f32| {
        if v > 216.0 / 24_389.0 {
            v.cbrt()
        } else {
            (24_389.0 / 27.0 * v + 16.0) / 116.0
        }
    };
    let x = f((0.412_456 * r + 0.357_576 * g + 0.180_438 * b) / 0.950_47);
    let y = f(0.212_673 * r + 0.715_152 * g + 0.072_175 * b);
    let z = f((0.019_334 * r + 0.119_192 * g + 0.950_304 * b) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use atalaya_model::{FeedIx, Micros, Plane, TrackId};
    use std::sync::Arc;

    fn near(a: [f32; 3], b: [f32; 3]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1.5)
    }

    #[test]
    fn known_colours() {
        // Levels by BT.709 of sRGB white, black, red and blue, and what CIE makes of these.
        assert!(near(lab([235, 128, 128]), [100.0, 0.0, 0.0]));
        assert!(near(lab([16, 128, 128]), [0.0, 0.0, 0.0]));
        assert!(near(lab([63, 102, 240]), [53.2, 80.1, 67.2]));
        assert!(near(lab([32, 240, 118]), [32.3, 79.2, -107.9]));
    }

    /// A red square of 20 pixels in a green field, in each layout.
    fn picture(format: PixelFormat) -> Frame {
        let red = |x: usize, y: usize| (20..40).contains(&x) && (20..40).contains(&y);
        let plane = |w: usize, h: usize, of: &dyn Fn(usize, usize) -> u8| Plane {
            bytes: Arc::new((0..w * h).map(|i| of(i % w, i / w)).collect::<Vec<u8>>()),
            stride: w,
        };
        let (w, h) = (80, 60);
        let luma = plane(w, h, &|x, y| if red(x, y) { 63 } else { 173 });
        let tall = if format == PixelFormat::Yuv422p { 1 } else { 2 };
        let cb = |x: usize, y: usize| if red(2 * x, tall * y) { 102 } else { 42 };
        let cr = |x: usize, y: usize| if red(2 * x, tall * y) { 240 } else { 26 };
        let planes = match format {
            PixelFormat::Gray8 => vec![luma],
            PixelFormat::Nv12 => {
                let both = |x: usize, y: usize| {
                    if x.is_multiple_of(2) {
                        cb(x / 2, y)
                    } else {
                        cr(x / 2, y)
                    }
                };
                vec![luma, plane(w, h / 2, &both)]
            }
            _ => vec![
                luma,
                plane(w / 2, h / tall, &cb),
                plane(w / 2, h / tall, &cr),
            ],
        };
        Frame {
            id: 1,
            t: Micros(0),
            pts_90k: None,
            width: w as u32,
            height: h as u32,
            format,
            planes,
            interlaced: false,
            damaged: false,
        }
    }

    fn ask(x: f32, y: f32, half: f32) -> ColourAsk {
        ColourAsk {
            track: TrackId {
                feed: FeedIx(0),
                n: 1,
            },
            centre: [x, y],
            along: [half, 0.0],
            across: [0.0, half],
        }
    }

    #[test]
    fn what_moves_gives_the_colour_whatever_the_layout() {
        for format in [
            PixelFormat::Yuv420p,
            PixelFormat::Yuv422p,
            PixelFormat::Nv12,
        ] {
            let frame = picture(format);
            let square = |x: usize, y: usize| (20..40).contains(&x) && (20..40).contains(&y);
            // More than half of what is asked lies beside the square, but does not move.
            let lab = colour(&frame, &ask(30.0, 30.0, 14.0), square).unwrap();
            assert!(near(lab, [53.2, 80.1, 67.2]), "{format:?}: {lab:?}");
            let still = colour(&frame, &ask(30.0, 30.0, 14.0), |_, _| false);
            assert_eq!(still, None);
            assert_eq!(colour(&frame, &ask(-50.0, 30.0, 9.0), |_, _| true), None);
            assert_eq!(colour(&frame, &ask(f32::NAN, 30.0, 9.0), |_, _| true), None);
        }
        let grey = picture(PixelFormat::Gray8);
        assert_eq!(colour(&grey, &ask(30.0, 30.0, 9.0), |_, _| true), None);
    }
}
