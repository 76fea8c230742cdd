//! What one vehicle does and what two do, on made-up tracks with noise.

use atalaya_activity::{Composed, Finding, Fix, Shape, Zone};
use atalaya_geo::{Polygon, Vector2};
use atalaya_model::operation::{ZoneConfig, ZoneRole};
use atalaya_model::{About, Class, EventKind, Micros};
use std::sync::Arc;

/// Deterministic noise of unit variance, roughly normal: a sum of four uniform numbers.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn next(&mut self) -> f64 {
        let sum: f64 = (0..4).map(|_| self.uniform()).sum();
        (sum - 2.0) * 3f64.sqrt()
    }
}

/// A way by corners: east, north, seconds. Between them at constant speed.
fn along(way: &[[f64; 3]], t: f64) -> Option<Vector2<f64>> {
    let pair = way.windows(2).find(|w| (w[0][2]..=w[1][2]).contains(&t))?;
    let f = (t - pair[0][2]) / (pair[1][2] - pair[0][2]).max(1e-9);
    let at = |i: usize| pair[0][i] + (pair[1][i] - pair[0][i]) * f;
    Some(Vector2::new(at(0), at(1)))
}

struct Track<'a> {
    name: &'a str,
    class: Class,
    way: Vec<[f64; 3]>,
}

fn track<'a>(name: &'a str, class: Class, way: &[[f64; 3]]) -> Track<'a> {
    let way = way.to_vec();
    Track { name, class, way }
}

/// Runs tracks through the stages at `hz`, with noise of `sigma_m`.
fn run(
    stages: &mut Composed,
    tracks: &[Track<'_>],
    until: f64,
    hz: f64,
    sigma_m: f64,
) -> Vec<Finding> {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let mut out = Vec::new();
    for i in 0..(until * hz) as i64 {
        let t = i as f64 / hz;
        for k in tracks {
            let Some(at) = along(&k.way, t) else { continue };
            let subject: Arc<str> = k.name.into();
            let fix = Fix {
                t: Micros::from_secs(t),
                subject,
                class: k.class,
                at: at + Vector2::new(noise.next(), noise.next()) * sigma_m,
                sigma_m,
            };
            stages.push(&fix, &mut out);
        }
    }
    stages.finish(Micros::from_secs(until), &mut out);
    out
}

fn kinds(found: &[Finding]) -> Vec<EventKind> {
    found.iter().map(|f| f.kind).collect()
}

fn zone(id: &str, role: ZoneRole, lo: [f64; 2], hi: [f64; 2]) -> Zone {
    let config = ZoneConfig {
        id: id.into(),
        name: String::new(),
        role,
        polygon: None,
        drawn: None,
        exit_margin_m: 5.0,
        exit_after_s: 5.0,
        enter_after_s: 0.0,
        gap_s: 60.0,
    };
    let v = Vector2::new;
    let outline = vec![
        v(lo[0], lo[1]),
        v(hi[0], lo[1]),
        v(hi[0], hi[1]),
        v(lo[0], hi[1]),
    ];
    Zone::new(
        &config,
        Shape::Polygon(Polygon::new(outline).expect("four corners")),
    )
}

#[test]
fn a_vehicle_that_stops_and_drives_on_says_so_at_any_rate_and_noise() {
    // Drives in at 6 m/s, stands from 20 s to 50 s, drives on.
    let way = [
        [-120.0, 0.0, 0.0],
        [0.0, 0.0, 20.0],
        [0.0, 0.0, 50.0],
        [120.0, 0.0, 70.0],
    ];
    for (hz, sigma) in [(1.0, 0.3), (5.0, 0.2), (5.0, 1.0), (30.0, 0.5), (10.0, 3.0)] {
        let found = run(
            &mut Composed::default(),
            &[track("c", Class::Car, &way)],
            70.0,
            hz,
            sigma,
        );
        let halts: Vec<_> = found
            .iter()
            .filter(|f| matches!(f.kind, EventKind::Stop | EventKind::Start))
            .collect();
        let kinds: Vec<_> = halts.iter().map(|f| f.kind).collect();
        assert_eq!(
            kinds,
            [EventKind::Stop, EventKind::Start],
            "{hz} Hz, {sigma} m: {found:#?}"
        );
        for (f, t) in halts.iter().zip([20.0, 50.0]) {
            assert!(
                (f.time.secs() - t).abs() < 1.0 + sigma,
                "{hz} Hz, {sigma} m: {f:?}"
            );
            assert!(f.p > 0.8 && f.decided_at >= f.time);
        }
    }
}

#[test]
fn a_parked_car_is_silent_however_noisy() {
    for sigma in [0.2, 1.0, 3.0] {
        let parked = track("c", Class::Car, &[[5.0, 5.0, 0.0], [5.0, 5.0, 900.0]]);
        let found = run(&mut Composed::default(), &[parked], 900.0, 5.0, sigma);
        assert_eq!(kinds(&found), [], "{sigma} m: {found:#?}");
    }
}

#[test]
fn turns_have_their_side_and_a_turn_round_is_one() {
    // A quarter circle of 12 m at 6 m/s takes 3.1 s.
    let arc = |side: f64, degrees: f64| {
        let mut way = vec![[-60.0, 0.0, 0.0], [0.0, 0.0, 10.0]];
        let (r, n) = (12.0, 20);
        let mut t = 10.0;
        let end = degrees.to_radians();
        for i in 1..=n {
            let a = end * f64::from(i) / f64::from(n);
            t += r * end / f64::from(n) / 6.0;
            way.push([r * a.sin(), side * r * (1.0 - a.cos()), t]);
        }
        let last = way[way.len() - 1];
        way.push([
            last[0] + 60.0 * end.cos(),
            last[1] + side * 60.0 * end.sin(),
            t + 10.0,
        ]);
        (way, t + 10.0)
    };
    for (side, degrees, kind) in [
        (1.0, 90.0, EventKind::TurnLeft),
        (-1.0, 90.0, EventKind::TurnRight),
        (1.0, 180.0, EventKind::UTurn),
    ] {
        let (way, end) = arc(side, degrees);
        let found = run(
            &mut Composed::default(),
            &[track("c", Class::Truck, &way)],
            end,
            5.0,
            0.4,
        );
        assert_eq!(kinds(&found), [kind], "{found:#?}");
        let Some(About::Turn(turned)) = found[0].about else {
            panic!("{found:?}");
        };
        assert!((turned - side * degrees).abs() < 15.0, "{turned}");
        assert!((found[0].time.secs() - 10.0).abs() < 1.5);
    }
}

#[test]
fn backing_up_is_the_slower_shorter_leg() {
    // In at 6 m/s, then 12 m back at 1.2 m/s.
    let way = [
        [-90.0, 0.0, 0.0],
        [0.0, 0.0, 15.0],
        [0.0, 0.0, 18.0],
        [-12.0, 0.5, 28.0],
        [-12.0, 0.5, 40.0],
    ];
    let found = run(
        &mut Composed::default(),
        &[track("t", Class::Truck, &way)],
        40.0,
        5.0,
        0.3,
    );
    let back: Vec<_> = found
        .iter()
        .filter(|f| f.kind == EventKind::Reverse)
        .collect();
    assert_eq!(back.len(), 1, "{found:#?}");
    assert!((17.0..23.0).contains(&back[0].time.secs()));
    assert!(!kinds(&found).contains(&EventKind::UTurn));
}

#[test]
fn who_gets_out_and_is_left_behind_is_a_drop_off() {
    let car = [
        [-90.0, 0.0, 0.0],
        [0.0, 0.0, 15.0],
        [0.0, 0.0, 40.0],
        [120.0, 0.0, 60.0],
    ];
    let person = [[0.5, 1.5, 22.0], [0.0, 30.0, 45.0], [0.0, 40.0, 60.0]];
    let tracks = [
        track("car", Class::Car, &car),
        track("p", Class::Person, &person),
    ];
    let found = run(&mut Composed::default(), &tracks, 60.0, 5.0, 0.3);
    let of = |kind| found.iter().find(|f| f.kind == kind);
    let out = of(EventKind::ExitVehicle).unwrap();
    assert_eq!(
        out.subjects.iter().map(|s| &**s).collect::<Vec<_>>(),
        ["car", "p"]
    );
    assert!((out.time.secs() - 22.0).abs() < 0.5 && out.p > 0.6);
    let drop = of(EventKind::DropOff).unwrap();
    assert!(drop.p > 0.5 && drop.p <= out.p && of(EventKind::PickUp).is_none());
}

#[test]
fn who_walks_up_and_is_gone_when_the_car_leaves_is_a_pick_up() {
    let car = [
        [-90.0, 0.0, 0.0],
        [0.0, 0.0, 15.0],
        [0.0, 0.0, 40.0],
        [120.0, 0.0, 60.0],
    ];
    let person = [[0.0, 30.0, 5.0], [0.5, 1.5, 30.0]];
    let tracks = [
        track("car", Class::Car, &car),
        track("p", Class::Person, &person),
    ];
    let found = run(&mut Composed::default(), &tracks, 60.0, 5.0, 0.3);
    let pick = found.iter().find(|f| f.kind == EventKind::PickUp).unwrap();
    assert!(pick.p > 0.5, "{pick:?}");
    assert!(!kinds(&found).contains(&EventKind::DropOff));
}

#[test]
fn a_person_lost_in_the_open_has_gone_nowhere() {
    let walker = track("p", Class::Person, &[[0.0, 30.0, 5.0], [20.0, 30.0, 30.0]]);
    let other = track("q", Class::Person, &[[60.0, 60.0, 0.0], [62.0, 60.0, 60.0]]);
    let found = run(&mut Composed::default(), &[walker, other], 60.0, 5.0, 0.3);
    assert_eq!(kinds(&found), [], "{found:#?}");
}

#[test]
fn a_drawn_building_is_entered_and_left_and_a_dark_sensor_says_nothing() {
    let shed = zone("shed", ZoneRole::Structure, [0.0, 0.0], [20.0, 10.0]);
    let comes = track(
        "in",
        Class::Person,
        &[[10.0, -30.0, 0.0], [10.0, -0.3, 25.0]],
    );
    let goes = track(
        "out",
        Class::Person,
        &[[4.0, -0.3, 35.0], [4.0, -40.0, 60.0]],
    );
    let stays = track("q", Class::Person, &[[60.0, 60.0, 0.0], [62.0, 60.0, 60.0]]);
    let found = run(
        &mut Composed::new(vec![shed.clone()]),
        &[comes, goes, stays],
        60.0,
        5.0,
        0.3,
    );
    assert_eq!(
        kinds(&found),
        [EventKind::EnterStructure, EventKind::ExitStructure],
        "{found:#?}"
    );
    // The same end when everybody's tracks end: the sensor looked away.
    let comes = track(
        "in",
        Class::Person,
        &[[10.0, -30.0, 0.0], [10.0, -0.3, 25.0]],
    );
    let stays = track("q", Class::Person, &[[60.0, 60.0, 0.0], [62.0, 60.0, 25.0]]);
    let late = track(
        "r",
        Class::Person,
        &[[60.0, 60.0, 100.0], [62.0, 60.0, 120.0]],
    );
    let found = run(
        &mut Composed::new(vec![shed]),
        &[comes, stays, late],
        120.0,
        5.0,
        0.3,
    );
    assert!(
        !kinds(&found).contains(&EventKind::EnterStructure),
        "{found:#?}"
    );
}

#[test]
fn doors_are_learnt_from_where_tracks_begin_and_end() {
    let mut tracks = vec![track(
        "q",
        Class::Person,
        &[[60.0, 60.0, 0.0], [70.0, 60.0, 400.0]],
    )];
    let names: Vec<String> = (0..12).map(|i| format!("p{i:02}")).collect();
    for (i, name) in names.iter().enumerate() {
        // From different sides to one place, which is a door that nobody drew.
        let (t, a) = (30.0 * i as f64, i as f64);
        let from = [40.0 * a.cos(), 40.0 * a.sin(), t];
        tracks.push(track(name, Class::Person, &[from, [0.0, 0.0, t + 25.0]]));
    }
    let found = run(&mut Composed::default(), &tracks, 400.0, 5.0, 0.3);
    let entered: Vec<_> = found
        .iter()
        .filter(|f| f.kind == EventKind::EnterStructure)
        .collect();
    assert!(entered.len() >= 5, "{found:#?}");
    assert!(
        entered
            .iter()
            .all(|f| f.subjects[0].as_ref() >= "p02" && f.at.norm() < 2.0),
        "{entered:#?}"
    );
}

#[test]
fn two_who_come_together_and_stay_have_met_and_parked_cars_have_not() {
    let a = track(
        "a",
        Class::Person,
        &[[-30.0, 0.0, 0.0], [-0.6, 0.0, 25.0], [-0.6, 0.0, 60.0]],
    );
    let b = track(
        "b",
        Class::Person,
        &[[30.0, 0.0, 0.0], [0.6, 0.0, 25.0], [0.6, 0.0, 60.0]],
    );
    let passing = track("c", Class::Person, &[[-30.0, 1.0, 20.0], [30.0, 1.0, 60.0]]);
    let x = track("x", Class::Car, &[[50.0, 50.0, 0.0], [50.0, 50.0, 60.0]]);
    let y = track("y", Class::Car, &[[50.0, 53.0, 0.0], [50.0, 53.0, 60.0]]);
    let found = run(
        &mut Composed::default(),
        &[a, b, passing, x, y],
        60.0,
        5.0,
        0.3,
    );
    assert_eq!(kinds(&found), [EventKind::Meeting], "{found:#?}");
    assert_eq!(found[0].subjects.len(), 2);
    assert!((24.0..30.0).contains(&found[0].time.secs()));
}

#[test]
fn a_convoy_follows_one_way_and_a_queue_of_parked_cars_does_not() {
    let way = |late: f64| {
        vec![
            [0.0, 0.0, late],
            [100.0, 0.0, 10.0 + late],
            [100.0, 100.0, 20.0 + late],
            [200.0, 100.0, 30.0 + late],
        ]
    };
    let mut tracks = vec![
        track("a", Class::Truck, &way(0.0)),
        track("b", Class::Truck, &way(2.5)),
        track("far", Class::Car, &[[0.0, 40.0, 0.0], [300.0, 40.0, 30.0]]),
    ];
    let names: Vec<String> = (0..6).map(|i| format!("parked{i}")).collect();
    for (i, n) in names.iter().enumerate() {
        let e = 10.0 * i as f64;
        tracks.push(track(n, Class::Car, &[[e, -8.0, 0.0], [e, -8.0, 33.0]]));
    }
    let found = run(&mut Composed::default(), &tracks, 33.0, 5.0, 0.5);
    let convoys: Vec<_> = found
        .iter()
        .filter(|f| f.kind == EventKind::Convoy)
        .collect();
    assert_eq!(convoys.len(), 1, "{found:#?}");
    let who: Vec<&str> = convoys[0].subjects.iter().map(|s| &**s).collect();
    assert_eq!(who, ["a", "b"]);
}

#[test]
fn who_turns_round_before_the_gate_has_turned_away_and_who_passes_has_not() {
    let gate = zone("gate", ZoneRole::Gate, [0.0, -10.0], [10.0, 10.0]);
    let away = track(
        "away",
        Class::Car,
        &[
            [-100.0, 0.0, 0.0],
            [-10.0, 0.0, 15.0],
            [-10.0, 0.0, 25.0],
            [-14.0, 8.0, 28.0],
            [-100.0, 8.0, 45.0],
        ],
    );
    let enters = track(
        "in",
        Class::Car,
        &[[-100.0, 2.0, 0.0], [60.0, 2.0, 25.0], [-100.0, 2.0, 45.0]],
    );
    let passes = track(
        "by",
        Class::Car,
        &[[-6.0, -120.0, 0.0], [-6.0, 120.0, 30.0]],
    );
    let found = run(
        &mut Composed::new(vec![gate]),
        &[away, enters, passes],
        45.0,
        5.0,
        0.4,
    );
    let turned: Vec<_> = found
        .iter()
        .filter(|f| f.kind == EventKind::TurnedAway)
        .collect();
    assert_eq!(turned.len(), 1, "{found:#?}");
    assert_eq!(turned[0].subjects[0].as_ref(), "away");
}

#[test]
fn a_run_again_says_the_same() {
    let way = [
        [-120.0, 0.0, 0.0],
        [0.0, 0.0, 20.0],
        [0.0, 0.0, 50.0],
        [120.0, 0.0, 70.0],
    ];
    let once = || {
        run(
            &mut Composed::default(),
            &[track("c", Class::Car, &way)],
            70.0,
            5.0,
            1.0,
        )
    };
    assert_eq!(once(), once());
}

#[test]
fn absurd_fixes_are_borne() {
    let mut stages = Composed::new(vec![zone("z", ZoneRole::Structure, [0.0, 0.0], [9.0, 9.0])]);
    let mut out = Vec::new();
    let places = [0.0, 1e7, -1e300, f64::NAN, f64::INFINITY, 3.0];
    let errors = [0.3, 0.0, -1.0, f64::NAN, f64::INFINITY, 1e9];
    let times = [
        0,
        1_000_000,
        -5,
        i64::MIN,
        2_000_000,
        1_000_000_000_000_000,
        i64::MAX,
    ];
    for i in 0..2000usize {
        let fix = Fix {
            t: Micros(times[(i / 40) % times.len()].saturating_add(i as i64 * 10_000)),
            subject: format!("s{}", i % 5).into(),
            class: if i.is_multiple_of(2) {
                Class::Person
            } else {
                Class::Car
            },
            at: Vector2::new(places[i % 6], places[(i / 6) % 6]),
            sigma_m: errors[(i / 7) % 6],
        };
        stages.push(&fix, &mut out);
    }
    stages.finish(Micros::MAX, &mut out);
    assert!(
        out.iter()
            .all(|f| f.p.is_finite() && f.at.norm().is_finite())
    );
}
