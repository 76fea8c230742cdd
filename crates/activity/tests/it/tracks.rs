//! Made-up tracks at the zones of an operation.

use atalaya_activity::{Activity, ActivityOut, TrackFix};
use atalaya_geo::{Geodetic, LocalFrame, Polygon, Vector2};
use atalaya_model::operation::ZoneConfig;
use atalaya_model::{
    Alert, Class, Coverage, Event, EventKind, FeedIx, GroundFix, Micros, Operation, PixelBox,
    Stamped, TrackId, TrackPoint, TrackState,
};

const OPERATION: &str = r#"
schema = "operation/1"
id = "test"
name = "Test"

[authority]
issuer = "Court"
legal_basis = "Order"
reference = "1"
purpose = "Test"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2027-01-01T00:00:00Z"
sensors = ["eo", "ir"]
objects = ["vehicle", "person", "unknown"]
area = [[-3.51, 39.99], [-3.49, 39.99], [-3.49, 40.01], [-3.51, 40.01]]
retention = { bystander_hours = 24, evidence_days = 30 }

[site]
id = "site"
name = "Site"

[[site.zone]]
id = "yard"
name = "Yard"
polygon = [[-3.5002, 39.9998], [-3.4998, 39.9998], [-3.4998, 40.0002], [-3.5002, 40.0002]]
exit_margin_m = 3.0
exit_after_s = 5.0
enter_after_s = 1.0

[[feed]]
id = "eo"
source = "eo.ts"
sensor = "eo"

[[feed]]
id = "ir"
source = "ir.ts"
sensor = "ir"

[[rule]]
id = "long-stay"
kind = "dwell"
zone = "yard"
subject = "vehicle"
longer_than_s = 30.0
severity = "warning"
"#;

fn activity() -> Activity {
    let operation = Operation::parse("test.toml", OPERATION).expect("the document is right");
    let frame = LocalFrame::new(Geodetic::from_degrees(40.0, -3.5, 600.0));
    Activity::new(&operation, frame)
}

fn stamp<T>(s: f64, feed: u16, body: T) -> Stamped<T> {
    Stamped {
        t: Micros((s * 1e6).round() as i64),
        feed: FeedIx(feed),
        seq: (s * 10.0) as u64,
        body,
    }
}

fn point(n: u32, frame: u64, at: Result<f64, [f64; 2]>, state: TrackState) -> TrackPoint {
    TrackPoint {
        track: TrackId { feed: FeedIx(0), n },
        frame,
        state,
        bbox: PixelBox {
            x: 5.0,
            y: 6.0,
            w: 20.0,
            h: 10.0,
        },
        ground: at.ok().map(|e| GroundFix {
            e,
            n: 0.0,
            lat: 40.0,
            lon: -3.5,
            cov_random: [0.3, 0.0, 0.0, 0.3],
            cov_common: [1.0, 0.0, 0.0, 1.0],
            ve: 0.0,
            vn: 0.0,
        }),
        anchored: at.err(),
        class: Class::Car,
        class_p: 0.9,
        p: 0.95,
        look: None,
    }
}

fn fix(feed: &str, point: TrackPoint) -> TrackFix {
    TrackFix {
        feed: feed.into(),
        point,
    }
}

fn sorted(out: Vec<Stamped<ActivityOut>>) -> (Vec<Event>, Vec<Alert>) {
    let (mut events, mut alerts) = (Vec::new(), Vec::new());
    for o in out {
        match o.body {
            ActivityOut::Event(e) => events.push(e),
            ActivityOut::Alert(a) => alerts.push(a),
        }
    }
    (events, alerts)
}

fn kinds(events: &[Event]) -> Vec<EventKind> {
    events.iter().map(|e| e.kind).collect()
}

#[test]
fn a_long_stay_raises_one_alert_with_the_frames_that_say_so() {
    let mut a = activity();
    let mut out = Vec::new();
    for i in 0..800u64 {
        let s = i as f64 / 10.0;
        // Drives in from 60 m east in ten seconds, stands for 45 s, drives out again.
        let e = match s {
            s if s < 10.0 => 60.0 - 6.0 * s,
            s if s < 55.0 => 0.0,
            s => 6.0 * (s - 55.0),
        };
        a.push(
            &stamp(s, 0, fix("eo", point(1, i, Ok(e), TrackState::Seen))),
            &mut out,
        );
    }
    let (events, alerts) = sorted(out);
    assert_eq!(
        kinds(&events),
        [
            EventKind::Arrival,
            EventKind::Stop,
            EventKind::Dwell,
            EventKind::Start,
            EventKind::Departure
        ]
    );
    let (arrival, dwell) = (&events[0], &events[2]);
    assert!((dwell.time.since(arrival.time) - 30.0).abs() < 1e-6);
    assert_eq!(arrival.decided_at.since(arrival.time), 1.0);
    assert_eq!(alerts.len(), 1);
    let evidence = &dwell.evidence[0];
    assert_eq!(evidence.feed, "eo");
    assert_eq!(evidence.frames.len(), 3);
    assert!(evidence.frames[0].t.since(arrival.time).abs() < 1.5);
    assert!(evidence.frames.iter().all(|f| f.bbox.is_some()));
}

#[test]
fn two_feeds_of_one_subject_say_things_once_and_a_double_is_dropped() {
    let mut a = activity();
    let mut out = Vec::new();
    for i in 0..300u64 {
        let s = i as f64 / 10.0;
        let e = (60.0 - 6.0 * s).max(0.0);
        a.push(
            &stamp(s, 0, fix("eo", point(1, i, Ok(e), TrackState::Seen))),
            &mut out,
        );
        // The other feed is off by more than the yard's margin.
        let ir = point(1, i, Ok(e + 22.0), TrackState::Seen);
        a.push(&stamp(s + 0.05, 1, fix("ir", ir)), &mut out);
        if i < 5 {
            let double = point(7, i, Ok(0.0), TrackState::Seen);
            a.push(&stamp(s + 0.06, 1, fix("ir", double)), &mut out);
        }
        if i == 5 {
            a.forget(TrackId {
                feed: FeedIx(0),
                n: 7,
            });
        }
    }
    a.finish(&stamp(30.0, 0, ()), &mut out);
    let (events, _) = sorted(out);
    let of = |n: &str| -> Vec<EventKind> {
        let mine = events.iter().filter(|e| e.subjects == [n]);
        mine.map(|e| e.kind).collect()
    };
    assert_eq!(
        of("A1"),
        [EventKind::Arrival, EventKind::Stop, EventKind::Lost]
    );
    assert_eq!(of("A7"), [EventKind::Appeared]);
}

#[test]
fn a_drawn_zone_is_suspended_when_its_pixels_are_lost() {
    let mut a = activity();
    let mut out = Vec::new();
    let config = ZoneConfig {
        role: atalaya_model::operation::ZoneRole::Yard,
        id: "door".into(),
        name: String::new(),
        polygon: None,
        drawn: None,
        exit_margin_m: 5.0,
        exit_after_s: 1.0,
        enter_after_s: 0.0,
        gap_s: 60.0,
    };
    let v = Vector2::new;
    let outline = vec![v(0.0, 0.0), v(100.0, 0.0), v(100.0, 100.0), v(0.0, 100.0)];
    a.draw_zone(FeedIx(0), &config, Polygon::new(outline).unwrap());
    for i in 0..30u64 {
        let p = point(1, i, Err([200.0 - 6.0 * i as f64, 50.0]), TrackState::Seen);
        a.push(&stamp(i as f64 / 10.0, 0, fix("eo", p)), &mut out);
    }
    a.suspend(&stamp(3.0, 0, FeedIx(0)), &mut out);
    // Pixels of the new picture mean nothing to the old outline.
    for i in 31..60u64 {
        let p = point(
            2,
            i,
            Err([200.0 - 6.0 * (i - 31) as f64, 50.0]),
            TrackState::Seen,
        );
        a.push(&stamp(i as f64 / 10.0, 0, fix("eo", p)), &mut out);
    }
    let (events, _) = sorted(out);
    assert_eq!(kinds(&events), [EventKind::Arrival, EventKind::Lost]);
    assert!(events.iter().all(|e| e.zone == "door" && e.lat.is_none()));
}

#[test]
fn a_zone_out_of_view_is_a_coverage_gap() {
    let mut a = activity();
    let mut out = Vec::new();
    for i in 0..200u64 {
        let s = i as f64 / 10.0;
        let east = if (5.0..15.0).contains(&s) { 500.0 } else { 0.0 };
        let c = [[-90.0, 90.0], [90.0, 90.0], [90.0, -90.0], [-90.0, -90.0]];
        let coverage = Coverage {
            frame: i,
            footprint: Some(c.map(|[e, n]| [e + east, n])),
            footprint_lon_lat: None,
            sensor: None,
            tracking: true,
            ..Coverage::default()
        };
        a.cover(&stamp(s, 0, coverage), &mut out);
    }
    a.finish(&stamp(20.0, 0, ()), &mut out);
    let (events, _) = sorted(out);
    assert_eq!(kinds(&events), [EventKind::CoverageGap]);
    let gap = &events[0];
    assert!((gap.time_end.unwrap().since(gap.time) - 10.1).abs() < 0.11);
}
