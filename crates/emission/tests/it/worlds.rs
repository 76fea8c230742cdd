//! Sources in simulated air. The plume here is written anew and is not the one of the crate: it meanders,
//! flickers, and the vane that reports the wind is mounted askew.

use atalaya_emission::{Area, Estimate, Estimator, Reading, Settings, Status, Wind, heat};
use atalaya_geo::Vector3;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub struct Truth {
    pub at: Vector3<f64>,
    pub kg_h: f64,
}

/// What is wrong with a world, beyond noise.
#[derive(Clone, Copy)]
pub struct Errors {
    /// How askew the vane is, degrees (standard deviation).
    pub askew: f64,
    /// How much the plume's true direction wanders beside the reported one, degrees.
    pub meander: f64,
    /// Standard deviation of ln of the flicker of the signal.
    pub flicker: f64,
}

pub const CALM_AIR: Errors = Errors {
    askew: 0.0,
    meander: 0.0,
    flicker: 0.0,
};
pub const REAL_AIR: Errors = Errors {
    askew: 5.0,
    meander: 8.0,
    flicker: 0.6,
};

pub fn area() -> Area {
    Area::new(
        Vector3::new(-60.0, -60.0, 0.0),
        Vector3::new(60.0, 60.0, 4.0),
    )
    .unwrap()
}

pub fn settings() -> Settings {
    Settings {
        squares: 256,
        layers: 1,
        learning: 80,
        ..Settings::default()
    }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    // Box and Muller.
    let (a, b): (f64, f64) = (rng.random_range(1e-12..1.0), rng.random());
    (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// ppm of methane at 15 °C and one atmosphere from a source, by a plume that spreads as 0.12 and 0.08 of
/// the distance.
fn ppm(truth: &Truth, at: Vector3<f64>, speed: f64, to_deg: f64) -> f64 {
    let d = at - truth.at;
    let heading = to_deg.to_radians();
    let along = d.x * heading.sin() + d.y * heading.cos();
    if along < 0.5 {
        return 0.0;
    }
    let across = d.x * heading.cos() - d.y * heading.sin();
    let (sy, sz) = (0.12 * along + 0.3, 0.08 * along + 0.2);
    let bell = |v: f64, s: f64| (-v * v / (2.0 * s * s)).exp() / (s * std::f64::consts::TAU.sqrt());
    let kg_m3 = truth.kg_h / 3600.0 / speed
        * bell(across, sy)
        * (bell(at.z - truth.at.z, sz) + bell(at.z + truth.at.z, sz));
    // 16.04 g/mol in 23.645 litres.
    kg_m3 / (16.043e-3 / 23.645e-3) * 1e6
}

/// Wind and readings of eight sensors on a ring, once a minute.
pub fn world(
    seed: u64,
    truth: Option<&Truth>,
    errors: Errors,
    minutes: u32,
) -> Vec<(Wind, Vec<Reading>)> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let askew = errors.askew * normal(&mut rng);
    let offsets: Vec<f64> = (0..8).map(|_| 2.0 + 0.15 * normal(&mut rng)).collect();
    let (mut to, mut aside) = (rng.random_range(0.0..360.0), 0.0);
    (0..minutes)
        .map(|i| {
            let t_s = f64::from(i) * 60.0;
            to += 9.0 * normal(&mut rng);
            aside = 0.8 * aside + 0.6 * errors.meander * normal(&mut rng);
            let speed = 3.0 * (0.2 * normal(&mut rng)).exp();
            let mut wind = Wind::new(t_s, speed, f64::to_radians(to + 180.0 + askew));
            wind.sig_h = Some(0.12f64.atan());
            wind.sig_v = Some(0.08f64.atan());
            let readings = offsets.iter().enumerate().map(|(s, offset)| {
                let bearing = s as f64 / 8.0 * std::f64::consts::TAU;
                let at = Vector3::new(40.0 * bearing.sin(), 40.0 * bearing.cos(), 2.0);
                let flicker =
                    (errors.flicker * normal(&mut rng) - errors.flicker.powi(2) / 2.0).exp();
                let signal = truth.map_or(0.0, |t| ppm(t, at, speed, to + aside)) * flicker;
                let noise = 0.02 * normal(&mut rng);
                Reading {
                    t_s,
                    sensor: format!("s{s}"),
                    at,
                    to: None,
                    ppm: offset + signal + noise,
                }
            });
            (wind, readings.collect())
        })
        .collect()
}

pub fn solve(world: Vec<(Wind, Vec<Reading>)>) -> Estimator {
    let mut it = Estimator::new(settings(), &area(), Vec::new()).unwrap();
    for (wind, readings) in world {
        it.wind(wind).unwrap();
        for r in readings {
            it.push(r).unwrap();
        }
    }
    it.finish();
    it
}

fn somewhere(seed: u64) -> Truth {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x5eed);
    let (r, a): (f64, f64) = (
        rng.random_range(0.0..30.0),
        rng.random_range(0.0..std::f64::consts::TAU),
    );
    Truth {
        at: Vector3::new(r * a.sin(), r * a.cos(), rng.random_range(0.5..3.0)),
        kg_h: f64::powf(10.0, rng.random_range(-0.3..1.0)),
    }
}

#[test]
fn a_source_in_plain_air_is_found() {
    let truth = Truth {
        at: Vector3::new(8.0, -12.0, 1.0),
        kg_h: 2.0,
    };
    let said = solve(world(7, Some(&truth), CALM_AIR, 120)).estimate();
    assert_eq!(said.status, Status::Ok);
    assert!(said.p_any.unwrap() > 0.99);
    let s = &said.sources[0];
    let off = (s.e - truth.at.x).hypot(s.n - truth.at.y);
    assert!(off < 6.0, "{off} m off");
    assert!(s.region90.contains(truth.at.x, truth.at.y));
    assert!(
        s.rate_lo90 < 2.0 && 2.0 < s.rate_hi90,
        "{} to {}",
        s.rate_lo90,
        s.rate_hi90
    );
    assert!(s.region50.area() < s.region90.area());
    assert!((said.n_probs.iter().sum::<f64>() - 1.0).abs() < 1e-5);
    assert!((said.background_ppm["s0"] - 2.0).abs() < 0.6);
}

/// Of ten sources in air that the crate does not model most are found, and most regions and intervals hold
/// them: if nine tenths were held, fewer than six would be with a probability below 0.2 %. How many hold in
/// hundreds of worlds is measured by `make eval-emission`.
#[test]
fn regions_hold_what_they_say() {
    let cases: Vec<(Truth, Estimate)> = (1000..1010)
        .map(|seed| {
            let truth = somewhere(seed);
            let said = solve(world(seed, Some(&truth), REAL_AIR, 60)).estimate();
            (truth, said)
        })
        .collect();
    let found: Vec<_> = cases
        .iter()
        .filter_map(|(t, e)| e.sources.first().map(|s| (t, s)))
        .collect();
    let count = |f: &dyn Fn(&Truth, &atalaya_emission::Source) -> bool| {
        found.iter().filter(|(t, s)| f(t, s)).count()
    };
    let in90 = count(&|t, s| s.region90.contains(t.at.x, t.at.y));
    let rate = count(&|t, s| (s.rate_lo90..=s.rate_hi90).contains(&t.kg_h));
    assert!(found.len() >= 8, "found {}", found.len());
    assert!(
        in90 >= 6 && rate >= 6,
        "{in90} and {rate} of {}",
        found.len()
    );
}

#[test]
fn air_without_a_source_is_not_given_one() {
    for seed in 0..4 {
        let said = solve(world(300 + seed, None, REAL_AIR, 60)).estimate();
        let p = said.p_any.unwrap();
        assert!(p < 0.2, "seed {seed}: {p}");
        assert!(said.sources.is_empty());
    }
}

#[test]
fn what_no_wind_has_crossed_is_uncovered() {
    // The wind only ever blows east: what lies east of all sensors was never smelled.
    let mut it = Estimator::new(settings(), &area(), Vec::new()).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for i in 0..200 {
        let t_s = f64::from(i) * 60.0;
        it.wind(Wind::new(t_s, 3.0, 1.5 * std::f64::consts::PI))
            .unwrap();
        for s in 0..3 {
            let at = Vector3::new(0.0, f64::from(s) * 15.0 - 15.0, 2.0);
            let ppm = 2.0 + 0.02 * normal(&mut rng);
            it.push(Reading {
                t_s,
                sensor: format!("{s}"),
                at,
                to: None,
                ppm,
            })
            .unwrap();
        }
    }
    it.finish();
    let said = it.estimate();
    assert!(
        said.uncovered.contains(40.0, 0.0),
        "downwind of all sensors"
    );
    assert!(!said.uncovered.contains(-30.0, 0.0), "upwind of a sensor");
    assert_eq!(said.uncovered.rate_kg_h, Some(1.0));
    let p = said.p_any.unwrap();
    assert!(p > 0.01 && p < 0.2, "not seen is not absent: {p}");
}

#[test]
fn the_same_readings_give_the_same_bytes_asked_early_or_late() {
    let truth = somewhere(3);
    let air = || world(3, Some(&truth), REAL_AIR, 30);
    let whole = solve(air());
    let mut asked = Estimator::new(settings(), &area(), Vec::new()).unwrap();
    for (wind, readings) in air() {
        asked.wind(wind).unwrap();
        for r in readings {
            asked.push(r).unwrap();
        }
        let _ = asked.estimate();
    }
    asked.finish();
    let json = |e: &Estimator| serde_json::to_string(&e.estimate()).unwrap();
    assert_eq!(json(&whole), json(&asked));
    let picture = heat::png(whole.grid(), &whole.squares()).unwrap();
    assert_eq!(picture, heat::png(asked.grid(), &asked.squares()).unwrap());
    assert_eq!(&picture[1..4], b"PNG");
}
