//! The camera over made-up ground.

use super::*;
use crate::terrain::Terrain;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const LAT: f64 = 0.7;
const LON: f64 = -0.06;

/// Ground of a formula about a place, metres above mean sea level.
struct Made {
    height: fn(f64, f64) -> f64,
    highest: f64,
    steepest: f64,
}

impl Terrain for Made {
    fn height_m(&self, lat: f64, lon: f64) -> Option<f64> {
        let p = crate::LocalPlane::new(LAT, LON).to_en(lat, lon);
        (p.norm() < 30_000.0).then(|| (self.height)(p.x, p.y))
    }
    fn spacing_m(&self) -> f64 {
        10.0
    }
    fn highest_m(&self) -> f64 {
        self.highest
    }
    fn steepest(&self) -> f64 {
        self.steepest
    }
}

/// A slope of 0.3 to the east and 0.1 to the north, about the place.
const SLOPE: Made = Made {
    height: |e, n| 500.0 + 0.3 * e + 0.1 * n,
    highest: 10_000.0,
    steepest: 0.33,
};

/// A wall of 100 m across, 1 km north of the place, on flat ground at 100 m.
const WALL: Made = Made {
    height: |_, n| 100.0 + (100.0 - 4.0 * (n - 1000.0).abs()).max(0.0),
    highest: 200.0,
    steepest: 4.0,
};

fn camera(height_msl: f64, heading_deg: f64, down_deg: f64) -> EarthCamera {
    let attitude = Attitude {
        heading: heading_deg.to_radians(),
        rel_elevation: -down_deg.to_radians(),
        pitch: 0.03,
        roll: -0.05,
        ..Attitude::default()
    };
    let at = Geodetic::from_msl(LAT, LON, height_msl);
    EarthCamera::new(at, attitude, 0.3, 0.0, (1280, 720)).unwrap()
}

#[test]
fn a_camera_that_looks_down_sees_its_nadir() {
    let at = Geodetic::from_degrees(52.0, 7.0, 3000.0);
    let down = Attitude {
        rel_elevation: -std::f64::consts::FRAC_PI_2,
        ..Attitude::default()
    };
    let c = EarthCamera::new(at, down, 0.5, 0.0, (640, 480)).unwrap();
    let g = c.ground(c.middle(), &Surface::Ellipsoid(100.0)).unwrap();
    assert!((g.range_m - 2900.0).abs() < 1e-6, "{}", g.range_m);
    assert!((g.at.lat - at.lat).abs() < 1e-12 && (g.at.hae_m - 100.0).abs() < 1e-6);
    let (across, along) = c.sample_distance_m(c.middle(), &g).unwrap();
    let pixel = 2.0 * 2900.0 * 0.25f64.tan() / 640.0;
    assert!((across - pixel).abs() < 1e-6 && (along - pixel).abs() < 1e-6);
    // Mean sea level is where the geoid says.
    let sea = c.ground(c.middle(), &Surface::Geoid(100.0)).unwrap();
    assert!((sea.at.msl_m() - 100.0).abs() < 1e-3);
}

#[test]
fn rays_end_on_every_surface_they_are_followed_to() {
    let c = camera(2500.0, 40.0, 30.0);
    for px in [(0.0, 0.0), (640.0, 360.0), (1280.0, 720.0)] {
        let px = Vector2::new(px.0, px.1);
        let e = c.ground(px, &Surface::Ellipsoid(-30.0)).unwrap();
        assert!((e.at.hae_m + 30.0).abs() < 1e-6, "{}", e.at.hae_m);
        let g = c.ground(px, &Surface::Geoid(700.0)).unwrap();
        assert!((g.at.msl_m() - 700.0).abs() < 1e-3);
        let t = c.ground(px, &Surface::Terrain(&SLOPE)).unwrap();
        let ground = SLOPE.height_m(t.at.lat, t.at.lon).unwrap();
        assert!((t.at.msl_m() - ground).abs() < 1e-3);
        assert!(
            (t.slope.0 - 0.3).abs() < 2e-3 && (t.slope.1 - 0.1).abs() < 2e-3,
            "{:?}",
            t.slope
        );
        // What is on the ray comes back to its pixel.
        assert!((c.pixel(&t.at).unwrap() - px).norm() < 1e-4);
    }
}

#[test]
fn the_sky_what_lies_deeper_and_what_is_not_known_have_no_ground() {
    let surface = Surface::Geoid(0.0);
    let up = camera(1000.0, 0.0, -10.0);
    assert_eq!(up.ground(up.middle(), &surface), Err(Miss::Sky));
    let c = camera(100.0, 0.0, 30.0);
    assert_eq!(
        c.ground(c.middle(), &Surface::Geoid(200.0)),
        Err(Miss::Below)
    );
    // 5 degrees down from 4 km, the ray comes down 44 km away, where the model ends.
    let far = camera(4000.0, 0.0, 5.0);
    let miss = far.ground(far.middle(), &Surface::Terrain(&WALL));
    assert_eq!(miss, Err(Miss::Unknown));
    // A degree and a half above the horizon of 36 km height there is sky, below it there is sea.
    let lens = |down: f64| {
        let c = camera(1000.0, 90.0, 0.0);
        let a = Attitude {
            heading: 1.57,
            rel_elevation: -down,
            ..Attitude::default()
        };
        EarthCamera::new(c.at, a, 0.3, 0.0, (1280, 720)).unwrap()
    };
    let dip = (6_371_000.0f64 / 6_372_000.0).acos();
    for (down, sea) in [(dip - 0.001, false), (dip + 0.001, true)] {
        let c = lens(down);
        assert_eq!(
            c.ground(c.middle(), &Surface::Geoid(0.0)).is_ok(),
            sea,
            "{down}"
        );
    }
}

#[test]
fn a_thin_wall_is_not_stepped_over() {
    // Two degrees down from 250 m: 200 m are reached after 1.4 km, behind the wall of 1 km away.
    let c = camera(217.0, 0.0, 1.0);
    let a = Attitude {
        rel_elevation: -(1.0f64).to_radians(),
        ..Attitude::default()
    };
    let c = EarthCamera::new(c.at, a, 0.3, 0.0, (1280, 720)).unwrap();
    let g = c.ground(c.middle(), &Surface::Terrain(&WALL)).unwrap();
    let h = WALL.height_m(g.at.lat, g.at.lon).unwrap();
    assert!((990.0..1001.0).contains(&g.range_m), "{} at {h}", g.range_m);
    assert!((g.at.msl_m() - h).abs() < 1e-3);
}

#[test]
fn a_wall_hides_what_stands_behind_it() {
    let plane = crate::LocalPlane::new(LAT, LON);
    let attitude = Attitude {
        rel_elevation: -0.2,
        ..Attitude::default()
    };
    let at = Geodetic::from_msl(LAT, LON, 400.0);
    let c = EarthCamera::new(at, attitude, 1.2, 0.0, (1280, 720)).unwrap();
    let surface = Surface::Terrain(&WALL);
    let look = |n: f64, above: f64| {
        let (lat, lon) = plane.to_lat_lon(&Vector2::new(0.0, n));
        c.sees(lat, lon, above, &surface).unwrap()
    };
    let before = look(900.0, 1.0);
    assert_eq!(before.verdict, Verdict::Seen);
    assert!(before.inside_px.unwrap() > 100.0 && before.clearance_m.unwrap() > 1.0);
    let behind = look(1300.0, 1.0);
    let Verdict::Masked(at) = behind.verdict else {
        panic!("{behind:?}")
    };
    assert!((plane.to_en(at.lat, at.lon).y - 1000.0).abs() < 25.0);
    assert!(behind.clearance_m.unwrap() <= 0.0);
    // A mast behind it looks over it: 400 m to 260 at 1.3 km, 292 at the wall of 200.
    let mast = look(1300.0, 160.0);
    assert_eq!(mast.verdict, Verdict::Seen);
    assert!((mast.clearance_m.unwrap() - 92.0).abs() < 10.0, "{mast:?}");
    assert_eq!(look(-900.0, 1.0).verdict, Verdict::Behind);
    let (lat, lon) = plane.to_lat_lon(&Vector2::new(900.0, 900.0));
    let beside = c.sees(lat, lon, 1.0, &surface).unwrap();
    assert_eq!(beside.verdict, Verdict::Outside);
    assert!(beside.inside_px.unwrap() < 0.0);
}

#[test]
fn a_footprint_is_cut_off_at_the_horizon_and_says_so() {
    let surface = Surface::Geoid(0.0);
    let whole = camera(3000.0, 10.0, 40.0).footprint(&surface, 1e6).unwrap();
    assert!(!whole.horizon && !whole.limited);
    assert!(whole.corners.iter().all(Option::is_some));
    // Level: the upper half is sky.
    let c = camera(3000.0, 10.0, 0.0);
    let cut = c.footprint(&surface, 1e6).unwrap();
    assert!(cut.horizon && !cut.limited);
    assert_eq!(cut.corners.map(|c| c.is_some()), [false, false, true, true]);
    let horizon = (2.0f64 * 6.371e6 * 3000.0).sqrt();
    for p in &cut.outline {
        let px = c.pixel(p).expect("never behind the camera");
        assert!(
            px.x > -1.0 && px.x < 1281.0 && px.y > 100.0 && px.y < 721.0,
            "{px}"
        );
        let range = (p.to_ecef() - c.position().to_ecef()).norm();
        assert!(range < 1.02 * horizon, "{range}");
    }
    let far = |f: &Footprint| {
        f.outline
            .iter()
            .map(|p| (p.to_ecef() - c.position().to_ecef()).norm())
            .fold(0.0, f64::max)
    };
    assert!(far(&cut) > 0.9 * horizon, "{} of {horizon}", far(&cut));
    let limited = c.footprint(&surface, 80_000.0).unwrap();
    assert!(limited.horizon && limited.limited);
    assert!((far(&limited) - 80_000.0).abs() < 20.0);
    let sky = camera(3000.0, 10.0, -30.0).footprint(&surface, 1e6);
    assert_eq!(sky, Err(Miss::Sky));
}

#[test]
fn covariance_on_a_slope_is_that_of_a_thousand_drawn_cameras() {
    let c = camera(2500.0, 75.0, 35.0);
    let px = Vector2::new(900.0, 200.0);
    let surface = Surface::Terrain(&SLOPE);
    let point = c.ground(px, &surface).unwrap();
    let random = PoseErrors {
        horizontal_m: 1.0,
        gimbal: 0.0005,
        ..PoseErrors::default()
    };
    let common = PoseErrors {
        horizontal_m: 2.0,
        vertical_m: 4.0,
        heading: 0.004,
        level: 0.002,
        gimbal: 0.001,
        gimbal_roll: 0.003,
        ground_m: 3.0,
    };
    let said = c.ground_errors(px, &point, &random, &common).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let local = LocalFrame::new(point.at);
    let n = 4000;
    let mut sum = crate::Cov2::zeros();
    for _ in 0..n {
        // Two sources of each error add; a normal number by the sum of twelve.
        let mut normal = |s: f64| s * ((0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0);
        let mut a = c.attitude;
        a.heading += normal(0.004);
        a.pitch += normal(0.002);
        a.roll += normal(0.002);
        a.rel_azimuth += normal(0.001) + normal(0.0005);
        a.rel_elevation += normal(0.001) + normal(0.0005);
        a.rel_roll += normal(0.003);
        let moved = Vector3::new(
            normal(2.0) + normal(1.0),
            normal(2.0) + normal(1.0),
            normal(4.0) - normal(3.0),
        );
        let at = c.frame.to_geodetic(&moved);
        let drawn = EarthCamera::new(at, a, 0.3, 0.0, (1280, 720)).unwrap();
        let hit = drawn.ground(px, &surface).unwrap();
        let d = local.to_enu(&hit.at).xy();
        sum += d * d.transpose();
    }
    let drawn = sum / f64::from(n);
    let off = said.total() - drawn;
    assert!(off.norm() < 0.08 * drawn.norm(), "{} {drawn}", said.total());
    // The slope matters: on level ground at that place the ellipse is another one.
    let level = GroundPoint {
        slope: (0.0, 0.0),
        ..point
    };
    let other = c
        .ground_errors(px, &level, &random, &common)
        .unwrap()
        .total();
    assert!(
        (other - drawn).norm() > 0.15 * drawn.norm(),
        "{other} {drawn}"
    );
    // Metadata late by a tenth of a second (one sigma) while the ground sweeps by at 5 m/s.
    let late = said.with_age(Vector2::new(3.0, 4.0), 0.1);
    let more = late.common - said.common;
    assert!((more - crate::Cov2::new(0.09, 0.12, 0.12, 0.16)).norm() < 1e-12);
    assert_eq!(late.random, said.random);
    // The parts stay apart.
    assert!(said.random.trace() < 0.3 * said.common.trace());
    let none = PoseErrors::default();
    let alone = c.ground_errors(px, &point, &random, &none).unwrap();
    assert_eq!(
        (alone.random, alone.common),
        (said.random, crate::Cov2::zeros())
    );
}

#[test]
#[ignore = "needs the evaluation recordings"]
fn rays_over_real_mountains_end_where_a_march_in_metres_does() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/terrain/bigtujunga_srtm30m_utm11.tif");
    let dem = crate::terrain::read("dem.tif", &std::fs::read(path).unwrap()).unwrap();
    let surface = Surface::Terrain(&dem);
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    let (mut hits, mut worst, mut took) = (0, 0.0f64, std::time::Duration::ZERO);
    for _ in 0..300 {
        let (lat, lon): (f64, f64) = (
            rng.random_range(34.30..34.34),
            rng.random_range(-118.25..-118.05),
        );
        let (lat, lon) = (lat.to_radians(), lon.to_radians());
        let Some(ground) = dem.height_m(lat, lon) else {
            continue;
        };
        let at = Geodetic::from_msl(lat, lon, ground + rng.random_range(100.0..800.0));
        let attitude = Attitude {
            heading: rng.random_range(0.0..std::f64::consts::TAU),
            rel_elevation: -rng.random_range(0.03..0.9f64),
            ..Attitude::default()
        };
        let c = EarthCamera::new(at, attitude, 0.3, 0.0, (1280, 720)).unwrap();
        let ray = c.ray(c.middle());
        let begun = std::time::Instant::now();
        let found = c.ground(c.middle(), &surface);
        took += begun.elapsed();
        // A metre at a time, until the ground or the end of what is known.
        let slow = (1..30_000).map(f64::from).find_map(|s| {
            let p = Geodetic::from_ecef(&ray.at(s));
            match dem.height_m(p.lat, p.lon) {
                Some(h) if p.msl_m() <= h => Some(Some(s)),
                Some(_) => None,
                None => Some(None),
            }
        });
        match (found, slow.flatten()) {
            (Ok(g), Some(s)) => {
                hits += 1;
                worst = worst.max((s - 0.5 - g.range_m).abs());
            }
            (Err(_), None) => {}
            other => panic!("{at:?} {attitude:?}: {other:?}"),
        }
    }
    println!(
        "{hits} of 300 rays end on the ground, within {worst:.2} m; {:.0} us each",
        took.as_secs_f64() * 1e6 / 300.0
    );
    assert!(hits > 200 && worst < 1.0, "{hits} {worst}");
}
