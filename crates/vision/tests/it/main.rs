//! Vision on pictures that are made here: what moves is found, light is not, a cut starts anew.

use atalaya_geo::{Homography, Vector2};
use atalaya_model::{
    Attention, Frame, FrameReport, Micros, PixelBox, PixelFormat, Plane, TieAsk, Trial, Verdict,
};
use atalaya_vision::{Vision, VisionSettings};
use std::sync::Arc;

const W: usize = 320;
const H: usize = 240;
const FPS: i64 = 10;

/// A repeatable number in 0..1 for a place: the ground's texture.
fn hash(x: i64, y: i64, seed: i64) -> f64 {
    let mut h = (x.wrapping_mul(73_856_093)
        ^ y.wrapping_mul(19_349_663)
        ^ seed.wrapping_mul(83_492_791)) as u64;
    h ^= h >> 33;
    h = h.wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^= h >> 33;
    (h >> 40) as f64 / (1u64 << 24) as f64
}

/// Smooth noise with a grain of `size` pixels.
fn texture(x: f64, y: f64, size: f64, seed: i64) -> f64 {
    let (u, v) = (x / size, y / size);
    let (i, j) = (u.floor(), v.floor());
    let (a, b) = (u - i, v - j);
    let at = |di: i64, dj: i64| hash(i as i64 + di, j as i64 + dj, seed);
    let top = at(0, 0) * (1.0 - a) + at(1, 0) * a;
    let bottom = at(0, 1) * (1.0 - a) + at(1, 1) * a;
    top * (1.0 - b) + bottom * b
}

/// Picture `n` of a camera that drifts over `ground`; `over` may change a level, given the pixel.
fn frame(n: i64, ground: i64, over: impl Fn(f64, f64, f64) -> f64) -> Frame {
    let (sx, sy) = (0.7 * n as f64, 0.4 * n as f64);
    let mut px = Vec::with_capacity(W * H);
    for y in 0..H {
        for x in 0..W {
            let (gx, gy) = (x as f64 + sx, y as f64 + sy);
            let level = 70.0
                + 60.0 * texture(gx, gy, 19.0, ground)
                + 30.0 * texture(gx, gy, 6.0, ground + 1);
            let noise = 5.0 * (hash(x as i64, y as i64, 1000 + n) - 0.5);
            px.push((over(x as f64, y as f64, level) + noise).clamp(1.0, 255.0) as u8);
        }
    }
    Frame {
        id: n as u64 + 1,
        t: Micros(n * 1_000_000 / FPS),
        pts_90k: None,
        width: W as u32,
        height: H as u32,
        format: PixelFormat::Gray8,
        planes: vec![Plane {
            bytes: Arc::new(px),
            stride: W,
        }],
        interlaced: false,
        damaged: false,
    }
}

fn vision() -> Vision {
    Vision::new(VisionSettings::default(), Vec::new())
}

/// Left edge of the square in picture `n`, 12 pixels a side, its top at 100.
fn square_x(n: i64) -> f64 {
    40.0 + 3.0 * n as f64
}

fn with_square(n: i64) -> impl Fn(f64, f64, f64) -> f64 {
    let x0 = square_x(n);
    move |x, y, level| {
        if (x0..x0 + 12.0).contains(&x) && (100.0..112.0).contains(&y) {
            225.0
        } else {
            level
        }
    }
}

#[test]
fn a_square_that_moves_over_shifting_noisy_ground_is_found() {
    let mut v = vision();
    let (mut looked, mut found, mut boxes) = (0, 0, 0);
    for n in 0..60 {
        let report = v.push(&frame(n, 5, with_square(n)), &Attention::default());
        assert_eq!(report.registration.is_some(), n > 0, "frame {n}");
        if n < 25 {
            continue;
        }
        looked += 1;
        boxes += report.detections.len();
        let truth = PixelBox {
            x: square_x(n) as f32,
            y: 100.0,
            w: 12.0,
            h: 12.0,
        };
        found += usize::from(report.detections.iter().any(|d| d.bbox.iou(&truth) > 0.4));
    }
    assert!(found * 10 >= looked * 9, "{found} of {looked}");
    assert!(boxes <= 2 * looked, "{boxes} boxes in {looked} frames");
}

#[test]
fn registration_says_how_the_ground_shifted() {
    let mut v = vision();
    let mut last = FrameReport::default();
    for n in 0..5 {
        last = v.push(&frame(n, 5, |_, _, level| level), &Attention::default());
    }
    let to = last.registration.unwrap().to_previous;
    let centre = atalaya_geo::Vector2::new(160.0, 120.0);
    let moved = to.apply(centre).unwrap() - centre;
    // The camera drifts by (0.7, 0.4): what is here now was that much further on before.
    assert!(
        (moved - atalaya_geo::Vector2::new(0.7, 0.4)).norm() < 0.15,
        "{moved}"
    );
}

#[test]
fn the_edge_of_a_clouds_shadow_is_no_object() {
    let mut v = vision();
    let mut boxes = 0;
    for n in 0..50 {
        let edge = 20.0 + 8.0 * n as f64;
        // A penumbra of 100 pixels, as a cloud's is many metres wide.
        let shade = |x: f64, _: f64, level: f64| {
            level * (1.0 - 0.35 * ((edge - x) / 100.0).clamp(0.0, 1.0))
        };
        boxes += v
            .push(&frame(n, 9, shade), &Attention::default())
            .detections
            .len();
    }
    assert!(boxes <= 25, "{boxes} boxes in 50 frames");
}

#[test]
fn a_cut_starts_anew() {
    let mut v = vision();
    for n in 0..30 {
        v.push(&frame(n, 5, with_square(n)), &Attention::default());
    }
    // Another place altogether: nothing to register with and nothing to compare with.
    let cut = v.push(&frame(30, 77, |_, _, level| level), &Attention::default());
    assert!(cut.registration.is_none());
    assert!(cut.detections.is_empty());
    let after = v.push(&frame(31, 77, |_, _, level| level), &Attention::default());
    assert!(after.registration.is_some());
    assert!(after.detections.is_empty());
}

#[test]
fn a_picture_without_its_bytes_gives_an_empty_report() {
    let mut v = vision();
    let mut f = frame(0, 5, |_, _, level| level);
    f.planes[0].bytes = Arc::new(vec![0u8; 100]);
    assert_eq!(v.push(&f, &Attention::default()).detections, []);
    f.planes.clear();
    assert!(v.push(&f, &Attention::default()).registration.is_none());
}

/// The verdict over the move from one place to another between two pictures.
fn verdict(
    from: i64,
    to: i64,
    was: (f64, f64),
    is: (f64, f64),
    over: impl Fn(i64) -> Paint,
) -> Verdict {
    let mut v = vision();
    for n in 0..=to {
        v.push(&frame(n, 5, over(n)), &Attention::default());
    }
    let around = |(x, y): (f64, f64)| PixelBox {
        x: x as f32 - 6.0,
        y: y as f32 - 6.0,
        w: 12.0,
        h: 12.0,
    };
    let trial = Trial {
        key: 7,
        then: Micros(from * 1_000_000 / FPS),
        was: around(was),
        is: around(is),
    };
    let asked = Attention {
        watches: Vec::new(),
        trials: vec![trial],
        ..Attention::default()
    };
    let report = v.push(&frame(to + 1, 5, over(to + 1)), &asked);
    assert_eq!(report.verdicts.len(), 1);
    assert_eq!(report.verdicts[0].key, 7);
    report.verdicts[0]
}

type Paint = Box<dyn Fn(f64, f64, f64) -> f64>;

#[test]
fn a_mover_takes_its_look_along_and_a_shadow_does_not() {
    // A square with a dark half.
    let square = |n: i64| -> Paint {
        let x0 = square_x(n);
        Box::new(move |x, y, level| match (x - x0, y) {
            (dx, y) if (0.0..12.0).contains(&dx) && (100.0..112.0).contains(&y) => {
                if dx < 5.0 {
                    40.0
                } else {
                    225.0
                }
            }
            _ => level,
        })
    };
    let at = |n: i64| (square_x(n) + 6.0, 106.0);
    let v = verdict(20, 30, at(20), at(30), square);
    assert!(v.moved > 0.85 && v.moved - v.stayed > 0.3, "{v:?}");
    // The ground under a moving shade: dimmer, but the same.
    let shade = |n: i64| -> Paint {
        let x0 = square_x(n);
        Box::new(move |x, _, level| {
            let depth = 1.0 - ((x - x0 - 6.0).abs() / 40.0).min(1.0);
            level * (1.0 - 0.3 * depth)
        })
    };
    let v = verdict(20, 30, at(20), at(30), shade);
    assert!(v.stayed > 0.85 && v.moved < 0.7, "{v:?}");
}

/// The same ground as seen by a camera that has turned by `angle` about the picture's middle and
/// come `nearer` by a factor.
fn turned(n: i64, angle: f64, nearer: f64) -> Frame {
    let (s, c) = angle.sin_cos();
    let mut f = frame(n, 5, |_, _, level| level);
    let mut px = Vec::with_capacity(W * H);
    for y in 0..H {
        for x in 0..W {
            let (u, v) = (x as f64 - 160.0, y as f64 - 120.0);
            let (gx, gy) = ((c * u - s * v) / nearer, (s * u + c * v) / nearer);
            let level = 70.0
                + 60.0 * texture(gx + 500.0, gy + 500.0, 19.0, 5)
                + 30.0 * texture(gx + 500.0, gy + 500.0, 6.0, 6);
            let noise = 5.0 * (hash(x as i64, y as i64, 1000 + n) - 0.5);
            px.push((level + noise).clamp(1.0, 255.0) as u8);
        }
    }
    f.planes[0].bytes = Arc::new(px);
    f
}

#[test]
fn a_kept_picture_is_found_again_from_another_side() {
    let mut v = vision();
    v.push(&turned(0, 0.0, 1.0), &Attention::default());
    let keep = Attention {
        keys: vec![3],
        ..Attention::default()
    };
    // It turns by a degree a frame: far more in all than following points bears.
    for n in 1..60 {
        v.push(&turned(n, (n as f64).to_radians(), 1.1), &keep);
    }
    let (s, c) = 59f64.to_radians().sin_cos();
    let m = |dx: f64| {
        let (a, b) = (c / 1.1, s / 1.1);
        let rows = [
            a,
            -b,
            160.0 - a * 160.0 + b * 120.0 + dx,
            b,
            a,
            120.0 - b * 160.0 - a * 120.0,
            0.0,
            0.0,
            1.0,
        ];
        Homography::from_rows(&rows).unwrap()
    };
    let ask = Attention {
        // What is known of both places is six pixels beside the truth.
        ties: vec![
            TieAsk {
                key: 3,
                guess: m(6.0),
            },
            TieAsk {
                key: 4,
                guess: m(0.0),
            },
        ],
        ..keep
    };
    let report = v.push(&turned(60, 60f64.to_radians(), 1.1), &ask);
    assert_eq!(report.ties.len(), 1, "{:?}", report.ties);
    assert_eq!(report.ties[0].key, 3);
    let (s, c) = 60f64.to_radians().sin_cos();
    for (x, y) in [(160.0, 120.0), (90.0, 70.0), (230.0, 160.0)] {
        let (u, v) = (x - 160.0, y - 120.0);
        let there = Vector2::new(160.0 + (c * u - s * v) / 1.1, 120.0 + (s * u + c * v) / 1.1);
        let found = report.ties[0].to_key.apply(Vector2::new(x, y)).unwrap();
        assert!((found - there).norm() < 0.5, "{found} {there}");
    }
}
