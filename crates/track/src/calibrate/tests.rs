//! What is learnt on an orbit.

use super::*;
use atalaya_geo::{Attitude, Camera};

const SIZE: (f64, f64) = (1280.0, 720.0);
const FPS: f64 = 10.0;

/// A camera on an orbit of 80 s that looks at the middle, `turned` and `raised` by an error.
fn camera(t: f64, heading: f64, tilt: f64, raised: f64) -> Camera {
    let a = std::f64::consts::TAU * t / 80.0;
    let at = Vector3::new(250.0 * a.cos(), 250.0 * a.sin(), 300.0 + raised);
    let attitude = Attitude {
        heading: (-a.cos()).atan2(-a.sin()) + heading,
        rel_elevation: -(300.0f64 / 250.0).atan() + tilt,
        ..Attitude::default()
    };
    Camera::new(at, attitude.camera_to_enu(), 0.5, 0.0, (1280, 720)).unwrap()
}

fn placed(c: &Camera) -> Placed {
    let at = |i: usize| c.ground_effects(inner_points(SIZE)[i], 0.0).unwrap();
    Placed {
        map: c.ground_map(0.0).unwrap(),
        effects: Effects::new([at(0), at(1), at(2), at(3)], None, SIZE),
        camera: c.position,
        noise: 0.01,
    }
}

/// Error of the picture's middle after `seconds`, its stated covariance, and ties heard.
fn fly(seconds: f64, tilt: f64, wrong: bool) -> (Vector2<f64>, Cov2, usize) {
    let e = SensorErrors {
        position_m: 0.0,
        height_m: 2.0,
        heading_deg: 0.5,
        gimbal_deg: 0.2,
        position_noise_m: 0.05,
        pointing_noise_deg: 0.0,
        time_ms: 0.0,
    };
    let (heading, raised) = (0.006, 1.5);
    let mut cal = Calibration::new(&e);
    let mut kept = std::collections::BTreeMap::new();
    let (mut asks, mut heard) = (Vec::<TieAsk>::new(), 0);
    let mut end = None;
    for n in 0..(seconds * FPS) as i64 {
        let t = n as f64 / FPS;
        let now = Micros((t * 1e6) as i64);
        let frame = placed(&camera(t, heading, tilt, raised));
        let truth = camera(t, 0.0, 0.0, 0.0).ground_map(0.0).unwrap();
        // What vision would find: the ground as it is.
        let ties: Vec<Tie> = asks
            .iter()
            .map(|a| {
                let there: &Homography = &kept[&a.key];
                let mut to_key = there.inverse().unwrap().after(&truth).unwrap();
                if wrong {
                    let mut rows = to_key.to_rows();
                    rows[2] += 900.0;
                    to_key = Homography::from_rows(&rows).unwrap();
                }
                Tie {
                    key: a.key,
                    to_key,
                    inliers: 0.8,
                }
            })
            .collect();
        heard += ties.len();
        cal.predict(now);
        cal.learn(now, &frame, &ties);
        let (keys, next) = cal.ask(now, &frame);
        for k in keys {
            kept.entry(k).or_insert(truth);
        }
        asks = next;
        let middle = Vector2::new(0.5 * SIZE.0, 0.5 * SIZE.1);
        let said = cal.corrected(&frame.map, &frame.effects).unwrap();
        let off = said.apply(middle).unwrap() - truth.apply(middle).unwrap();
        end = Some((off, cal.remaining(&frame.effects).at(middle)));
    }
    let (off, cov) = end.unwrap();
    (off, cov, heard)
}

#[test]
fn an_orbit_shows_what_is_constantly_wrong() {
    let (at_first, stated, _) = fly(0.2, 0.003, false);
    assert!(at_first.norm() > 2.0, "{at_first}");
    let (off, cov, heard) = fly(60.0, 0.003, false);
    assert!(heard > 50, "{heard}");
    assert!(off.norm() < 0.25, "{off}");
    assert!(cov.trace() < 0.05 * stated.trace(), "{cov} {stated}");
    // And it is not surer than it is right: the true error is within what it states.
    let d2 = (off.transpose() * cov.try_inverse().unwrap() * off)[(0, 0)];
    assert!(d2 < 9.21, "{d2}");
}

#[test]
fn ties_that_cannot_be_are_not_believed() {
    let (off, cov, heard) = fly(20.0, 0.003, true);
    let (same, untied, _) = fly(1.0, 0.003, true);
    assert!(heard > 10);
    // Nothing learnt: as wrong, and as unsure, as at first.
    assert!((off.norm() - same.norm()).abs() < 0.3, "{off} {same}");
    assert!(cov.trace() > 0.8 * untied.trace());
}
