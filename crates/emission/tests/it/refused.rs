//! What the data can't tell is not told.

use crate::worlds::{CALM_AIR, Truth, area, settings, world};
use atalaya_emission::{
    Area, AreaFault, Candidate, Declined, Estimator, Reading, Refused, Status, Taken, Wind,
};
use atalaya_geo::Vector3;

fn fresh() -> Estimator {
    Estimator::new(settings(), &area(), Vec::new()).unwrap()
}

fn reading(t_s: f64, ppm: f64) -> Reading {
    Reading {
        t_s,
        sensor: "a".into(),
        at: Vector3::new(0.0, 0.0, 2.0),
        to: None,
        ppm,
    }
}

fn after(speed: Option<f64>, n: u32, ppm: impl Fn(u32) -> f64) -> Estimator {
    let mut it = fresh();
    for i in 0..n {
        let t = f64::from(i);
        if let Some(speed) = speed {
            it.wind(Wind::new(t, speed, 0.0)).unwrap();
        }
        it.push(reading(t, ppm(i))).unwrap();
    }
    it.finish();
    it
}

#[test]
fn it_says_why_it_declines() {
    let noisy = |i: u32| 2.0 + f64::from(i % 7) * 0.01;
    let why = |e: &Estimator| e.why_declined().unwrap();
    assert_eq!(why(&fresh()), Declined::NoReadings);
    assert_eq!(why(&after(None, 50, noisy)), Declined::NoWind);
    assert_eq!(why(&after(Some(0.2), 50, noisy)), Declined::Calm);
    assert_eq!(why(&after(Some(3.0), 5, noisy)), Declined::TooFew(5, 10));
    assert_eq!(why(&after(Some(3.0), 50, |_| 0.0)), Declined::Frozen);
    let said = after(None, 50, noisy).estimate();
    assert_eq!(said.status, Status::Declined);
    assert!(said.reason.unwrap().contains("wind"));
    assert!(said.p_any.is_none() && said.sources.is_empty());
    assert!(said.uncovered.area() > 14_000.0, "nothing was covered");
    assert!(after(Some(3.0), 50, noisy).why_declined().is_none());
}

#[test]
fn a_sensor_upwind_of_the_whole_area_covers_nothing() {
    let mut it = fresh();
    for i in 0..50 {
        let t = f64::from(i);
        it.wind(Wind::new(t, 3.0, 0.0)).unwrap();
        let mut r = reading(t, 2.0 + f64::from(i % 5) * 0.01);
        r.at.y = 500.0;
        it.push(r).unwrap();
    }
    it.finish();
    assert_eq!(it.why_declined(), Some(Declined::NothingCovered));
}

#[test]
fn what_is_not_a_number_or_out_of_order_is_not_taken() {
    let mut it = fresh();
    it.wind(Wind::new(10.0, 3.0, 0.0)).unwrap();
    assert_eq!(it.push(reading(10.0, 2.0)), Ok(Taken::Weighed));
    assert_eq!(it.push(reading(10.0, f64::NAN)), Err(Refused::Value));
    assert_eq!(it.push(reading(f64::INFINITY, 2.0)), Err(Refused::Value));
    assert_eq!(it.push(reading(9.0, 2.0)), Err(Refused::Order(9.0, 10.0)));
    assert_eq!(
        it.wind(Wind::new(9.0, 3.0, 0.0)),
        Err(Refused::Order(9.0, 10.0))
    );
    assert_eq!(it.wind(Wind::new(11.0, f64::NAN, 0.0)), Err(Refused::Value));
    assert_eq!(it.push(reading(1000.0, 2.0)), Ok(Taken::NoWind));
    for i in 0..63 {
        it.wind(Wind::new(2000.0, 3.0, 0.0)).unwrap();
        let mut r = reading(2000.0, 2.0);
        r.sensor = format!("more {i}");
        it.push(r).unwrap();
    }
    let mut r = reading(2000.0, 2.0);
    r.sensor = "one too many".into();
    assert_eq!(it.push(r), Err(Refused::Sensors));
}

#[test]
fn areas_and_candidates_are_checked() {
    let zero = Vector3::zeros();
    assert!(Area::new(zero, Vector3::new(f64::NAN, 1.0, 1.0)).is_err());
    assert!(Area::new(zero, Vector3::new(-5.0, 10.0, 1.0)).is_err());
    assert!(Area::new(zero, Vector3::new(1e9, 10.0, 1.0)).is_err());
    assert!(Area::around(std::iter::empty()).is_none());
    let far = Candidate {
        name: "far".into(),
        at: Vector3::new(1000.0, 0.0, 0.0),
    };
    let fault = Estimator::new(settings(), &area(), vec![far]).unwrap_err();
    assert_eq!(fault, AreaFault::Candidate("far".into()));
}

#[test]
fn candidates_share_the_probability() {
    let truth = Truth {
        at: Vector3::new(8.0, -12.0, 1.0),
        kg_h: 3.0,
    };
    let named = |name: &str, e, n| Candidate {
        name: name.into(),
        at: Vector3::new(e, n, 1.0),
    };
    let two = vec![named("tank", 10.0, -14.0), named("shed", -20.0, 20.0)];
    let mut it = Estimator::new(settings(), &area(), two).unwrap();
    for (wind, readings) in world(7, Some(&truth), CALM_AIR, 100) {
        it.wind(wind).unwrap();
        for r in readings {
            it.push(r).unwrap();
        }
    }
    it.finish();
    let said = it.estimate();
    assert_eq!(said.sources[0].candidate.as_deref(), Some("tank"));
    let p: Vec<f64> = said.sources[0].candidates.iter().map(|c| c.p).collect();
    assert!(p[0] > 0.8 && p[1] < 0.01, "{p:?}");
}
