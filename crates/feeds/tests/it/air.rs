//! The air picture: what is doubted and what is not, and who turns around a place.

use atalaya_feeds::air::{AIRCRAFT, AirEvent, AirPicture, AirReport, Doubt, Loiter};
use atalaya_model::Micros;
use std::f64::consts::{PI, TAU};

const DEGREE_M: f64 = 111_195.0;
const SPEED: f64 = 60.0;

/// At east, north of 40 N 3.5 W, metres, on a course.
fn at(t: f64, [e, n]: [f64; 2], course: f64) -> AirReport {
    let lat = 40.0 + n / DEGREE_M;
    AirReport {
        t: Micros::from_secs(1e9 + t),
        address: "a1".into(),
        callsign: None,
        lat,
        lon: -3.5 + e / (DEGREE_M * 40f64.to_radians().cos()),
        altitude_m: Some(1500.0),
        speed_m_s: Some(SPEED),
        course: Some(course.rem_euclid(TAU)),
        climb_m_s: Some(0.0),
    }
}

/// Northwards, a report every five seconds.
fn straight(seconds: u32) -> Vec<AirReport> {
    (0..seconds / 5)
        .map(|i| f64::from(i) * 5.0)
        .map(|t| at(t, [0.0, SPEED * t], 0.0))
        .collect()
}

/// Circles of a radius around the origin.
fn circles(radius: f64, seconds: u32) -> Vec<AirReport> {
    (0..seconds / 5)
        .map(|i| f64::from(i) * 5.0)
        .map(|t| {
            let a = SPEED * t / radius;
            at(t, [radius * a.sin(), radius * a.cos()], a + PI / 2.0)
        })
        .collect()
}

fn said(reports: &[AirReport]) -> Vec<AirEvent> {
    let mut picture = AirPicture::default();
    let mut out = Vec::new();
    for r in reports {
        picture.push(r, &mut out);
    }
    picture.finish(&mut out);
    out
}

fn doubts(reports: &[AirReport]) -> Vec<Doubt> {
    let doubt = |e| match e {
        AirEvent::Doubted { doubt, .. } => Some(doubt),
        AirEvent::Loitered { .. } => None,
    };
    said(reports).into_iter().filter_map(doubt).collect()
}

fn loiters(reports: &[AirReport]) -> Vec<Loiter> {
    let stay = |e| match e {
        AirEvent::Loitered { loiter, .. } => Some(loiter),
        AirEvent::Doubted { .. } => None,
    };
    said(reports).into_iter().filter_map(stay).collect()
}

#[test]
fn who_flies_as_it_says_is_believed_and_does_not_loiter() {
    assert_eq!(said(&straight(1200)), []);
    // Once around is a turn back, not a stay.
    assert_eq!(said(&circles(2000.0, 220)), []);
}

#[test]
fn a_stay_is_said_with_its_middle_when_it_is_over() {
    let mut reports = circles(2000.0, 900);
    let end = reports.last().unwrap().t;
    let flown = SPEED * 895.0 / 2000.0 / TAU;
    let [stay] = &loiters(&reports)[..] else {
        panic!("{:?}", said(&reports));
    };
    assert!((stay.turns - flown).abs() < 0.05, "{stay:?}");
    assert!((stay.radius_m - 2000.0).abs() < 30.0, "{stay:?}");
    assert!((stay.lon_lat[1] - 40.0).abs() < 5e-4 && (stay.lon_lat[0] + 3.5).abs() < 5e-4);
    assert_eq!((stay.from, stay.until), (reports[0].t, end));
    // It flies away: said when it has left, and once.
    let a = SPEED * 895.0 / 2000.0;
    reports.extend((1..120).map(|i| f64::from(i) * 5.0).map(|t| {
        let along = [a.cos(), -a.sin()].map(|v| v * SPEED * t);
        let place = [2000.0 * a.sin() + along[0], 2000.0 * a.cos() + along[1]];
        at(895.0 + t, place, a + PI / 2.0)
    }));
    assert_eq!(loiters(&reports).len(), 1);
    assert_eq!(doubts(&reports), []);
    // Of several thousand fixes as of few.
    let long = loiters(&circles(2000.0, 30_000));
    assert!(
        (long[0].turns - SPEED * 29_995.0 / 2000.0 / TAU).abs() < 1.0,
        "{long:?}"
    );
}

#[test]
fn a_jump_is_doubted_and_a_single_place_far_off_is_not() {
    let mut reports = straight(600);
    reports[60].lat += 3.0;
    assert_eq!(doubts(&reports), []);
    for r in &mut reports[61..] {
        r.lat += 3.0;
    }
    assert_eq!(doubts(&reports), [Doubt::Jump]);
    // Far off again and again is no mistake.
    let mut reports = straight(600);
    for i in [20, 30, 40, 50] {
        reports[i].lon += 5.0;
    }
    assert!(doubts(&reports).contains(&Doubt::Jump));
}

#[test]
fn one_address_in_two_places_is_doubted() {
    let mut reports = straight(600);
    for r in reports.iter_mut().step_by(2) {
        r.lon += 2.0;
    }
    assert!(doubts(&reports).contains(&Doubt::TwoPlaces));
}

#[test]
fn what_does_not_move_as_it_says_is_doubted() {
    let mut frozen = straight(600);
    let (lat, lon) = (frozen[40].lat, frozen[40].lon);
    for r in &mut frozen[40..] {
        (r.lat, r.lon) = (lat, lon);
    }
    assert!(doubts(&frozen).contains(&Doubt::Frozen));
    // Parked it stands still, and says so.
    for r in &mut frozen {
        (r.lat, r.lon, r.speed_m_s) = (lat, lon, Some(0.0));
    }
    assert_eq!(doubts(&frozen), []);
    let mut sideways = straight(600);
    for r in &mut sideways {
        r.course = Some(PI / 2.0);
    }
    assert_eq!(doubts(&sideways), [Doubt::Motion]);
}

#[test]
fn numbers_that_no_aircraft_has_are_doubted() {
    let with = |change: fn(&mut AirReport)| {
        let mut reports = straight(300);
        change(&mut reports[30]);
        doubts(&reports)
    };
    assert_eq!(with(|r| r.speed_m_s = Some(900.0)), [Doubt::Speed]);
    assert_eq!(with(|r| r.climb_m_s = Some(-200.0)), [Doubt::Climb]);
    assert!(with(|r| r.altitude_m = Some(36_000.0)).contains(&Doubt::Altitude));
    assert_eq!(with(|r| r.altitude_m = Some(9_000.0)), [Doubt::Climb]);
}

#[test]
fn a_track_that_was_flown_before_is_doubted_under_any_address() {
    for address in ["a1", "b2"] {
        let mut reports = straight(300);
        let again: Vec<AirReport> = reports
            .iter()
            .map(|r| AirReport {
                t: Micros(r.t.0 + 3_600_000_000),
                address: address.into(),
                ..r.clone()
            })
            .collect();
        reports.extend(again);
        assert_eq!(doubts(&reports), [Doubt::Replayed]);
    }
    // Around a place again and again is not the same to the metre.
    assert_eq!(doubts(&circles(2000.0, 6000)), []);
}

#[test]
fn any_number_of_addresses_is_bounded() {
    let mut picture = AirPicture::default();
    let mut out = Vec::new();
    for i in 0..AIRCRAFT + 100 {
        let mut r = at(i as f64, [0.0, i as f64 * 900.0 % 1e5], 0.0);
        r.address = format!("{i:06x}");
        picture.push(&r, &mut out);
    }
    assert_eq!(picture.len(), AIRCRAFT);
    let mut old = at(0.0, [0.0; 2], 0.0);
    old.address = format!("{:06x}", AIRCRAFT + 99);
    picture.push(&old, &mut out);
    assert_eq!(picture.late, 1);
}
