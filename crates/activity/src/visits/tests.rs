//! The zone rule, step by step.

use super::*;
use crate::zone::Shape;
use atalaya_model::operation::ZoneConfig;

fn zone(enter_after_s: f64) -> Zone {
    let config = ZoneConfig {
        role: atalaya_model::operation::ZoneRole::Yard,
        id: "z".into(),
        name: String::new(),
        polygon: None,
        drawn: None,
        exit_margin_m: 10.0,
        exit_after_s: 20.0,
        enter_after_s,
        gap_s: 120.0,
    };
    Zone::new(&config, Shape::Circle(Vector2::zeros(), 25.0))
}

/// Distances from the centre, one every 10 s.
fn run(enter_after_s: f64, path: &[f64]) -> Vec<(ChangeKind, i64, i64)> {
    let mut v = Visits::new(vec![zone(enter_after_s)]);
    let mut out = Vec::new();
    for (i, d) in path.iter().enumerate() {
        let t = Micros(i as i64 * 10_000_000);
        v.observe("a", t, Vector2::new(*d, 0.0), &mut out);
    }
    v.end_all(Micros(path.len() as i64 * 10_000_000), &mut out);
    out.iter()
        .map(|c| (c.kind, c.time.0 / 1_000_000, c.decided_at.0 / 1_000_000))
        .collect()
}

#[test]
fn comes_stays_and_leaves() {
    assert_eq!(
        run(0.0, &[60.0, 20.0, 5.0, 30.0, 36.0, 40.0, 50.0]),
        [
            (ChangeKind::Arrival, 10, 10),
            (ChangeKind::Departure, 40, 60)
        ]
    );
}

#[test]
fn jitter_at_the_edge_is_one_visit() {
    assert_eq!(
        run(0.0, &[60.0, 24.0, 26.0, 24.0, 36.0, 24.0, 30.0]),
        [(ChangeKind::Arrival, 10, 10), (ChangeKind::Lost, 60, 70)]
    );
}

#[test]
fn first_seen_inside_has_not_arrived() {
    assert_eq!(
        run(0.0, &[5.0, 60.0, 60.0, 60.0]),
        [
            (ChangeKind::Appeared, 0, 0),
            (ChangeKind::Departure, 10, 30)
        ]
    );
}

#[test]
fn a_touch_is_no_arrival_when_staying_is_asked() {
    assert_eq!(run(15.0, &[60.0, 20.0, 60.0, 60.0]), []);
    assert_eq!(
        run(15.0, &[60.0, 20.0, 20.0, 20.0]),
        [(ChangeKind::Arrival, 10, 30), (ChangeKind::Lost, 30, 40)]
    );
}

#[test]
fn who_was_seen_to_go_and_left_the_picture_has_departed_and_nobody_else() {
    let visit = |seen: &[f64]| {
        let mut v = Visits::new(vec![zone(0.0)]);
        let mut out = Vec::new();
        for (i, d) in seen.iter().enumerate() {
            let t = Micros(i as i64 * 10_000_000);
            v.observe("a", t, Vector2::new(*d, 0.0), &mut out);
        }
        for i in seen.len()..seen.len() + 4 {
            let t = Micros(i as i64 * 10_000_000);
            v.assume("a", t, Vector2::new(90.0, 0.0), &mut out);
        }
        out.iter()
            .filter(|c| c.kind == ChangeKind::Departure)
            .map(|c| (c.time.0 / 1_000_000, c.decided_at.0 / 1_000_000))
            .collect::<Vec<_>>()
    };
    assert_eq!(visit(&[60.0, 5.0, 40.0]), [(20, 40)]);
    assert_eq!(visit(&[60.0, 5.0, 30.0]), []);
}

#[test]
fn a_gap_is_not_a_departure() {
    let mut v = Visits::new(vec![zone(0.0)]);
    let mut out = Vec::new();
    for (s, d) in [(0, 60.0), (10, 5.0), (200, 5.0), (400, 60.0)] {
        v.observe("a", Micros(s * 1_000_000), Vector2::new(d, 0.0), &mut out);
    }
    let kinds: Vec<(ChangeKind, i64)> =
        out.iter().map(|c| (c.kind, c.time.0 / 1_000_000)).collect();
    assert_eq!(
        kinds,
        [
            (ChangeKind::Arrival, 10),
            (ChangeKind::Lost, 10),
            (ChangeKind::Appeared, 200),
            (ChangeKind::Lost, 200)
        ]
    );
}

#[test]
fn a_zone_taken_out_ends_its_visits_and_leaves_the_others_their_own() {
    let at = |e: f64| Vector2::new(e, 0.0);
    // Two zones on one place.
    let mut v = Visits::new(vec![zone(0.0), zone(0.0)]);
    let mut out = Vec::new();
    v.observe("b", Micros(0), at(5.0), &mut out);
    v.observe("a", Micros(0), at(5.0), &mut out);
    out.clear();
    v.remove_zone(0, Micros(1), &mut out);
    let said: Vec<_> = out.iter().map(|c| (c.kind, c.zone, &*c.subject)).collect();
    assert_eq!(
        said,
        [(ChangeKind::Lost, 0, "a"), (ChangeKind::Lost, 0, "b")]
    );
    assert_eq!(v.inside_since("a", 0), Some(Micros(0)));
    out.clear();
    v.add_zone(zone(0.0));
    v.observe("a", Micros(10_000_000), at(5.0), &mut out);
    let said: Vec<_> = out.iter().map(|c| (c.kind, c.zone)).collect();
    assert_eq!(said, [(ChangeKind::Arrival, 1)]);
}

#[test]
fn a_number_is_given_again_and_nothing_is_left_of_who_had_it() {
    let mut v = Visits::new(vec![zone(0.0)]);
    let mut out = Vec::new();
    let inside = Vector2::zeros();
    let first = v.subject("a");
    assert!(v.observe_ix(first, Micros(0), inside, &mut out));
    assert!(!v.observe_ix(first, Micros(-1), inside, &mut out));
    v.end("a", Micros(5), &mut out);
    assert!(!v.observe_ix(first, Micros(6), inside, &mut out));
    let second = v.subject("b");
    assert_eq!((second, v.name(second)), (first, "b"));
    assert_eq!(v.inside_since("b", 0), None);
    out.clear();
    v.observe_ix(second, Micros(7), inside, &mut out);
    v.end_silent(Micros(8), &mut out);
    v.end_silent(Micros(200_000_000), &mut out);
    v.end_all(Micros(300_000_000), &mut out);
    let said: Vec<_> = out
        .iter()
        .map(|c| (c.kind, c.time.0, c.decided_at.0))
        .collect();
    assert_eq!(
        said,
        [
            (ChangeKind::Appeared, 7, 7),
            (ChangeKind::Lost, 7, 200_000_000)
        ]
    );
}
