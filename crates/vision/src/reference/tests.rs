//! Ground that is found again on another day, and ground that is not.

use super::*;

/// A number of its own for each place of a lattice, 0 to 1.
fn hash(x: i64, y: i64, seed: u64) -> f64 {
    let mut h = (x as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        ^ (y as u64).wrapping_mul(0xc2b2_ae3d_27d4_eb4f)
        ^ seed.wrapping_mul(0x1656_67b1_9e37_79f9);
    h ^= h >> 29;
    h = h.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h ^= h >> 32;
    (h >> 11) as f64 / (1u64 << 53) as f64
}

/// Fields with winding borders, each of its own brightness, and tufts: grey levels at a place in metres.
fn ground(x: f64, y: f64, seed: u64) -> f64 {
    let p = |n: u64| 6.3 * hash(n as i64, 0, seed);
    let hills = (x / 8.9 + 1.3 * (y / 14.3 + p(0)).sin() + p(1)).sin()
        + (y / 7.3 + 1.1 * (x / 20.9 + p(2)).sin() + p(3)).sin()
        + ((x + 0.6 * y) / 15.1 + p(4)).sin();
    let field = hash((2.0 * hills).floor() as i64, 0, seed ^ 3);
    let tuft = hash((x / 1.6).floor() as i64, (y / 1.6).floor() as i64, seed ^ 7);
    70.0 + 90.0 * field + if tuft > 0.93 { -40.0 } else { 0.0 }
}

const PIXEL_M: f64 = 0.4;

/// 200 m of it, north up, its middle in the middle.
fn reference(seed: u64) -> Reference {
    let n = 500;
    let at = |i: usize| PIXEL_M * (i as f64 - 249.5);
    let px = (0..n * n).map(|i| ground(at(i % n), -at(i / n), seed) as u8);
    Reference::new(n, n, px.collect()).unwrap()
}

fn to_reference() -> Homography {
    let k = 1.0 / PIXEL_M;
    Homography::from_rows(&[k, 0.0, 249.5, 0.0, -k, 249.5, 0.0, 0.0, 1.0]).unwrap()
}

/// Display pixels (1280 x 720) to the ground, from obliquely above; `off` metres beside the truth.
fn outlook(off: Vector2<f64>) -> Homography {
    let v = Vector2::new;
    let from = [v(0.0, 0.0), v(1280.0, 0.0), v(1280.0, 720.0), v(0.0, 720.0)];
    let to = [
        v(-62.0, 48.0),
        v(58.0, 52.0),
        v(47.0, -38.0),
        v(-49.0, -41.0),
    ]
    .map(|p| p + off);
    Homography::from_quad(&from, &to).unwrap()
}

/// What the camera sees at half size: `look` makes grey levels of the ground's and the pixel.
fn picture(seed: u64, look: impl Fn(f64, usize, usize) -> f64) -> Pyramid {
    let map = outlook(Vector2::zeros());
    let (w, h) = (640, 360);
    let mut px = Vec::with_capacity(w * h);
    for (y, x) in (0..h).flat_map(|y| (0..w).map(move |x| (y, x))) {
        let display = Vector2::new(x as f64 + 0.5, y as f64 + 0.5) * 2.0;
        let at = map.apply(display).unwrap();
        px.push(look(ground(at.x, at.y, seed), x, y).clamp(1.0, 255.0) as u8);
    }
    Pyramid::new(Gray { w, h, px }, 4)
}

/// Asks with a guess that is `off`, and gives the match and how far its points are from the truth.
fn find(r: &Reference, now: &Pyramid, off: Vector2<f64>) -> (ReferenceMatch, Vector2<f64>) {
    let ask = ReferenceAsk {
        guess: outlook(off),
        to_reference: to_reference(),
        reach_m: 20.0,
    };
    let overlay = PixelBox {
        x: 0.0,
        y: 680.0,
        w: 330.0,
        h: 40.0,
    };
    let found = r.find(&ask, &Homography::identity(), now, 0.5, &[overlay]);
    let truth = outlook(Vector2::zeros());
    let left: Vector2<f64> = found
        .points
        .iter()
        .map(|(px, at)| at - truth.apply(*px).unwrap())
        .sum();
    let n = found.points.len().max(1) as f64;
    (found, left / n)
}

/// Another hour: contrast the other way round, half as strong, a gradient of light, noise.
fn another_day(v: f64, x: usize, y: usize) -> f64 {
    let noise = 10.0 * (hash(x as i64, y as i64, 99) - 0.5);
    190.0 - 0.5 * v + 0.05 * x as f64 - 0.08 * y as f64 + noise
}

#[test]
fn ground_is_found_to_a_fraction_of_a_pixel_on_another_day() {
    let r = reference(1);
    for off in [
        Vector2::new(0.0, 0.0),
        Vector2::new(5.3, -3.9),
        Vector2::new(-3.6, 4.7),
    ] {
        // A quarter of the picture is hidden by what stood not there before.
        let hidden = |v: f64, x: usize, y: usize| {
            let other = (320..500).contains(&x) && (60..290).contains(&y);
            let v = if other {
                ground(x as f64, y as f64, 5)
            } else {
                v
            };
            another_day(v, x, y)
        };
        let (found, left) = find(&r, &picture(1, hidden), off);
        assert!(
            found.points.len() >= 14,
            "{} of {}",
            found.points.len(),
            found.tried
        );
        // A pixel of the reference is 0.4 m, one of the picture that is compared 0.6 m.
        assert!(left.norm() < 0.12, "{off}: {left}");
        assert!(found.rms_m < 0.3, "{}", found.rms_m);
    }
}

#[test]
fn another_place_noise_and_nothing_are_not_found() {
    let r = reference(1);
    for seed in 2..6 {
        let (found, _) = find(&r, &picture(seed, another_day), Vector2::new(3.0, 2.0));
        assert_eq!(found.points, [], "{seed}: of {}", found.tried);
    }
    let noise = |_: f64, x: usize, y: usize| 60.0 + 120.0 * hash(x as i64, y as i64, 3);
    let (found, _) = find(&r, &picture(1, noise), Vector2::zeros());
    assert_eq!(found.points, []);
    let (found, _) = find(&r, &picture(1, |_, _, _| 90.0), Vector2::zeros());
    assert_eq!((found.points.len(), found.tried), (0, 0));
    // Further off than it may be.
    let (found, _) = find(&r, &picture(1, another_day), Vector2::new(45.0, 0.0));
    assert_eq!(found.points, []);
    // A reference that ends before the picture begins.
    let black = Reference::new(500, 500, vec![0; 250_000]).unwrap();
    let (found, _) = find(&black, &picture(1, another_day), Vector2::zeros());
    assert_eq!(found.points, []);
    assert!(
        Reference::new(500, 500, vec![0; 10]).is_none() && Reference::new(0, 9, vec![]).is_none()
    );
}

#[test]
fn half_a_reference_is_half_found() {
    let mut r = reference(1);
    let w = r.levels[0].w;
    for row in r.levels[0].px.chunks_mut(w) {
        row[..w / 2].fill(0);
    }
    let px = r.levels[0].px.clone();
    let r = Reference::new(w, w, px).unwrap();
    let (found, left) = find(&r, &picture(1, another_day), Vector2::new(6.0, -3.0));
    assert!(
        found.points.len() >= 8,
        "{} of {}",
        found.points.len(),
        found.tried
    );
    assert!(left.norm() < 0.15, "{left}");
    assert!(found.points.iter().all(|(_, at)| at.x > -12.0));
}
