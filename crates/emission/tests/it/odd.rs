//! Bad input: what is missing is said, and what can still be said is.

use crate::worlds::{CALM_AIR, Truth, area, world};
use atalaya_emission::sensor::{Lag, cross, warm_up};
use atalaya_emission::{
    Estimate, Flight, Inversion, Reading, Refused, Settings, Status, Taken, Wind,
};
use atalaya_geo::Vector3;

const TRUTH: Truth = Truth {
    at: Vector3::new(8.0, -12.0, 1.0),
    kg_h: 4.0,
};

fn fresh() -> Inversion {
    let settings = Settings {
        steps: 200,
        ..Settings::default()
    };
    Inversion::new(settings, &area(), Vec::new()).unwrap()
}

/// What is said of a world in which something is changed.
fn said(minutes: u32, change: impl Fn(usize, &mut Wind, &mut Vec<Reading>)) -> Estimate {
    let mut it = fresh();
    for (i, (mut wind, mut readings)) in world(7, Some(&TRUTH), CALM_AIR, minutes)
        .into_iter()
        .enumerate()
    {
        change(i, &mut wind, &mut readings);
        it.wind(wind).unwrap();
        for r in readings {
            it.push(r).unwrap();
        }
    }
    it.finish();
    it.estimate()
}

fn remarks(said: &Estimate, wanted: &str) -> bool {
    said.remarks.iter().any(|r| r.contains(wanted))
}

#[test]
fn nothing_odd_is_not_remarked() {
    let said = said(30, |_, _, _| ());
    assert!(said.remarks.is_empty(), "{:?}", said.remarks);
}

#[test]
fn no_wind_and_calm_are_said() {
    let calm = said(30, |_, w, _| w.speed = 0.1);
    assert_eq!(calm.status, Status::Declined);
    assert!(
        calm.reason.as_ref().unwrap().contains("0.5 m/s")
            && remarks(&calm, "240 readings in wind below")
    );
    let partly = said(30, |i, w, _| {
        if i < 5 {
            w.speed = 0.1
        }
    });
    assert_eq!(partly.status, Status::Ok);
    assert!(remarks(&partly, "40 readings in wind below"));
    let mut it = fresh();
    for i in 0..20 {
        let r = world(7, None, CALM_AIR, 1).remove(0).1.remove(0);
        let t_s = f64::from(i);
        assert_eq!(it.push(Reading { t_s, ..r }), Ok(Taken::NoWind));
    }
    let said = it.estimate();
    assert!(said.reason.unwrap().contains("no reading has a wind"));
    let flight = Flight {
        area: area(),
        speed: 5.0,
        every_s: 2.0,
        farthest_m: 60.0,
    };
    assert_eq!(
        it.next(Vector3::zeros(), &flight),
        None,
        "without wind nothing can be planned"
    );
}

#[test]
fn a_dead_vane_is_said() {
    assert!(remarks(
        &said(40, |_, w, _| w.from = 1.0),
        "vane looks dead"
    ));
}

#[test]
fn frozen_and_saturated_sensors_are_said() {
    let frozen = said(40, |_, _, r| r[2].ppm = 2.5);
    assert!(
        remarks(&frozen, "sensor 's2' repeats itself")
            && remarks(&frozen, "20 readings are left out")
    );
    assert_eq!(frozen.status, Status::Ok, "the others still speak");
    let cut = said(120, |_, _, r| {
        r.iter_mut().for_each(|r| r.ppm = r.ppm.min(2.3))
    });
    assert!(remarks(&cut, "looks saturated"), "{:?}", cut.remarks);
    let zeros = said(15, |_, _, r| r.iter_mut().for_each(|r| r.ppm = 0.0));
    assert_eq!(zeros.status, Status::Declined);
    assert!(remarks(&zeros, "every reading is zero"));
}

#[test]
fn one_sensor_says_less() {
    let alone = said(40, |_, _, r| r.truncate(1));
    assert!(remarks(&alone, "one sensor that does not move"));
    if let Some(s) = alone.sources.first() {
        assert!(s.region90.area() > 500.0);
    }
}

#[test]
fn times_out_of_order_are_refused() {
    let mut it = fresh();
    it.wind(Wind::new(5.0, 3.0, 0.0)).unwrap();
    assert_eq!(
        it.wind(Wind::new(4.0, 3.0, 0.0)),
        Err(Refused::Order(4.0, 5.0))
    );
}

fn readings(ppm: impl Fn(f64) -> f64, n: u32) -> Vec<Reading> {
    let one = |i| Reading {
        t_s: f64::from(i),
        sensor: "a".into(),
        at: Vector3::zeros(),
        to: None,
        ppm: ppm(f64::from(i)),
    };
    (0..n).map(one).collect()
}

#[test]
fn what_a_sensor_lags_is_undone() {
    let lag = Lag {
        rise_s: 5.0,
        fall_s: 20.0,
    };
    // Ten parts more from 20 to 60 s, as such a sensor shows it.
    let shown = |t: f64| {
        let up = |t: f64| 10.0 * (1.0 - (-t / 5.0).exp());
        match t {
            t if t < 20.0 => 2.0,
            t if t < 60.0 => 2.0 + up(t - 20.0),
            t => 2.0 + up(40.0) * (-(t - 60.0) / 20.0).exp(),
        }
    };
    let mut all = readings(shown, 120);
    lag.undo(&mut all);
    for r in &all {
        let truth = if (20.0..60.0).contains(&r.t_s) {
            12.0
        } else {
            2.0
        };
        // At the edges the mean of some seconds is not yet the new value.
        let edge = [20.0, 60.0]
            .iter()
            .any(|e| (0.0..=7.0).contains(&(r.t_s - e)));
        assert!(
            edge || (r.ppm - truth).abs() < 0.05,
            "{} s: {}",
            r.t_s,
            r.ppm
        );
    }
    assert!(
        !Lag {
            rise_s: -1.0,
            fall_s: 2.0
        }
        .fine()
    );
    warm_up(&mut all, 30.0);
    assert_eq!(all[0].t_s, 30.0);
}

#[test]
fn what_goes_with_humidity_is_taken_out() {
    let humid = |t: f64| 50.0 + 20.0 * (t / 40.0).sin();
    let mut all = readings(
        |t| 2.0 + 0.03 * humid(t) + if (90.0..100.0).contains(&t) { 5.0 } else { 0.0 },
        300,
    );
    let beside: Vec<[f64; 2]> = all.iter().map(|r| [humid(r.t_s), 15.0]).collect();
    cross(&mut all, &beside);
    let clean = all.iter().filter(|r| !(90.0..100.0).contains(&r.t_s));
    let (lo, hi) = clean.fold((f64::INFINITY, 0.0f64), |(lo, hi), r| {
        (lo.min(r.ppm), hi.max(r.ppm))
    });
    assert!(hi - lo < 0.1, "{lo} to {hi}");
    assert!((all[95].ppm - lo - 5.0).abs() < 0.15, "the plume stays");
}

#[test]
fn the_next_leg_is_one_that_tells() {
    let mut it = fresh();
    // What is known: nothing, in a wind from the north. To fly along the northern edge tells nothing.
    it.wind(Wind::new(0.0, 3.0, 0.0)).unwrap();
    let flight = Flight {
        area: area(),
        speed: 5.0,
        every_s: 2.0,
        farthest_m: 60.0,
    };
    let leg = it.next(Vector3::new(0.0, 50.0, 2.0), &flight).unwrap();
    let end = leg.waypoints.last().unwrap();
    assert!(end[1] < 30.0, "{leg:?}");
    assert!(leg.nats > 0.0 && leg.length_m <= 120.0);
    assert_eq!(Some(leg), it.next(Vector3::new(0.0, 50.0, 2.0), &flight));
}
