//! Gas and ground sensors beside tracks.
#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use atalaya_activity::{Activity, ActivityOut, CueFix, TrackFix};
use atalaya_geo::{Geodetic, LocalFrame, Vector2};
use atalaya_model::{
    About, Alert, Class, Cue, EmissionMap, Event, EventKind, EvidenceRef, FeedIx, GroundFix,
    Micros, Operation, PixelBox, SampleRange, Stamped, TrackId, TrackPoint, TrackState,
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
sensors = ["eo", "gas", "ground"]
objects = ["vehicle", "person", "unknown"]
area = [[-3.51, 39.99], [-3.49, 39.99], [-3.49, 40.01], [-3.51, 40.01]]
retention = { bystander_hours = 24, evidence_days = 30 }
[site]
id = "site"
name = "Site"
[[site.zone]]
id = "yard"
polygon = [[-3.5002, 39.9998], [-3.4998, 39.9998], [-3.4998, 40.0002], [-3.5002, 40.0002]]
exit_after_s = 5.0
[[feed]]
id = "eo"
source = "eo.ts"
sensor = "eo"
[[feed]]
id = "nose"
source = "nose.csv"
sensor = "gas"
[[rule]]
id = "smell"
kind = "emission"
zone = "yard"
[[rule]]
id = "both"
kind = "emission_visit"
zone = "yard"
subject = "truck"
longer_than_s = 5.0
within_s = 120.0
[[rule]]
id = "wire"
kind = "tripwire"
zone = "*"
subject = "vehicle"
"#;

fn secs(s: i64) -> Micros {
    Micros(1_780_000_000_000_000 + s * 1_000_000)
}

fn stamp<T>(s: i64, feed: u16, body: T) -> Stamped<T> {
    Stamped {
        t: secs(s),
        feed: FeedIx(feed),
        seq: s as u64,
        body,
    }
}

struct Site(Activity, Vec<Stamped<ActivityOut>>);

impl Site {
    fn new() -> Self {
        let op = Operation::parse("test.toml", OPERATION).unwrap();
        let frame = LocalFrame::new(Geodetic::from_degrees(40.0, -3.5, 0.0));
        Self(Activity::new(&op, frame), Vec::new())
    }

    /// A truck `east` metres from the middle of the yard.
    fn truck(&mut self, s: i64, east: f64, class: Class) {
        let point = TrackPoint {
            track: TrackId {
                feed: FeedIx(0),
                n: 7,
            },
            frame: s as u64 + 1,
            state: TrackState::Seen,
            bbox: PixelBox {
                x: 1.0,
                y: 2.0,
                w: 3.0,
                h: 4.0,
            },
            ground: Some(GroundFix {
                e: east,
                n: 0.0,
                lat: 40.0,
                lon: -3.5,
                cov_random: [1.0, 0.0, 0.0, 1.0],
                cov_common: [0.0; 4],
                ve: 0.0,
                vn: 0.0,
            }),
            anchored: None,
            class,
            class_p: 1.0,
            p: 1.0,
            look: None,
        };
        let fix = TrackFix {
            feed: "eo".into(),
            point,
        };
        self.0.push(&stamp(s, 0, fix), &mut self.1);
    }

    /// An estimate whose place is a square of 5 m around (`east`, 0).
    fn smell(&mut self, s: i64, p: f64, east: f64) {
        let map = EmissionMap {
            feed: "nose".into(),
            t: secs(s),
            since: secs(0),
            gas: "ch4".into(),
            samples: s as u64,
            declined: None,
            p,
            lon_lat: (p > 0.5).then_some([-3.5, 40.0]),
            cov: [4.0, 0.0, 0.0, 9.0],
            rate_kg_h: [1.0, 2.0, 3.0],
            corners: [[0.0; 2]; 4],
            origin: [east - 2.5, -2.5],
            side_m: 5.0,
            columns: 1,
            rows: 1,
            squares: vec![1.0],
            region50: Vec::new(),
            region90: Vec::new(),
            evidence: vec![EvidenceRef {
                feed: "nose".into(),
                segment: None,
                t0: secs(10),
                t1: secs(20),
                frames: Vec::new(),
                samples: Some(SampleRange {
                    first: 10,
                    last: 20,
                }),
            }],
        };
        self.0.emission(&stamp(s, 1, map), &mut self.1);
    }

    fn said(&self) -> (Vec<&Event>, Vec<&Alert>) {
        let (mut events, mut alerts) = (Vec::new(), Vec::new());
        for o in &self.1 {
            match &o.body {
                ActivityOut::Event(e) => events.push(e),
                ActivityOut::Alert(a) => alerts.push(a),
            }
        }
        (events, alerts)
    }
}

#[test]
fn a_truck_and_an_emission_are_one_alert_whichever_comes_first() {
    for truck_first in [true, false] {
        let mut site = Site::new();
        let drive = |site: &mut Site, from: i64| {
            site.truck(from - 1, 100.0, Class::Truck);
            for s in from..from + 20 {
                site.truck(s, 0.0, Class::Truck);
            }
            for s in from + 20..from + 30 {
                site.truck(s, 100.0, Class::Truck);
            }
        };
        if truck_first {
            drive(&mut site, 5);
        }
        for s in [60, 70, 80] {
            site.smell(s, 0.99, 0.0);
        }
        if !truck_first {
            drive(&mut site, 100);
        }
        let (events, alerts) = site.said();
        let both: Vec<_> = alerts.iter().filter(|a| a.rule == "both").collect();
        assert_eq!(both.len(), 1, "{alerts:?}");
        let kinds: Vec<_> = both[0]
            .events
            .iter()
            .map(|id| events.iter().find(|e| e.id == *id).unwrap().kind)
            .collect();
        assert_eq!(kinds, [EventKind::Arrival, EventKind::Emission]);
        assert_eq!(both[0].subjects, ["A7"]);
        let feeds: Vec<_> = both[0].evidence.iter().map(|e| e.feed.as_str()).collect();
        assert_eq!(feeds, ["eo", "nose"]);
        assert_eq!(alerts.iter().filter(|a| a.rule == "smell").count(), 1);
        assert!(
            both[0]
                .reason
                .contains("ch4: source of 2.00 kg/h (1.00 to 3.00, 90 %)")
        );
    }
}

#[test]
fn what_does_not_belong_together_is_not_joined() {
    // A car; a truck that only passes; a truck six minutes after the emission was over.
    for (class, from, stay) in [
        (Class::Car, 5, 20),
        (Class::Truck, 5, 2),
        (Class::Truck, 400, 20),
    ] {
        let mut site = Site::new();
        for (s, p) in [(30, 0.99), (40, 0.99), (50, 0.1)] {
            site.smell(s, p, 0.0);
        }
        site.truck(from - 1, 100.0, class);
        for s in from..from + stay {
            site.truck(s, 0.0, class);
        }
        let (_, alerts) = site.said();
        let joined = alerts.iter().filter(|a| a.rule == "both").count();
        assert_eq!(joined, 0, "{class:?} {from} {stay}");
    }
}

#[test]
fn an_emission_begins_when_two_estimates_say_so_and_ends() {
    let mut site = Site::new();
    site.smell(10, 0.95, 0.0);
    site.smell(20, 0.3, 0.0);
    assert!(site.1.is_empty(), "one estimate is not enough");
    // Between one half and nine tenths it does not begin, but goes on.
    for (s, p) in [(30, 0.95), (40, 0.96), (50, 0.6), (60, 0.2)] {
        site.smell(s, p, 0.0);
    }
    let (events, _) = site.said();
    let first = events.first().unwrap();
    assert_eq!(
        (first.kind, first.zone.as_str()),
        (EventKind::Emission, "yard")
    );
    assert_eq!((first.time, first.time_end), (secs(10), None));
    let last = events.last().unwrap();
    assert_eq!((&last.id, last.time_end), (&first.id, Some(secs(50))));
    match &last.about {
        Some(About::Emission(e)) => {
            assert_eq!(e.gas, "ch4");
            assert_eq!(e.ellipse90, [6.4, 4.3, 0.0]);
        }
        other => panic!("{other:?}"),
    }
    // Elsewhere: the event is said, the rule about the yard is not.
    let mut far = Site::new();
    far.smell(10, 0.95, 400.0);
    far.smell(20, 0.95, 400.0);
    let (events, alerts) = far.said();
    assert_eq!(events[0].zone, "");
    assert!(alerts.is_empty());
}

#[test]
fn a_cue_is_said_once_and_again_after_silence() {
    let mut site = Site::new();
    let mut cue = |s: i64, object: &str, class: Class| {
        let cue = Cue {
            t: secs(s),
            number: s as u64,
            node: "n1".into(),
            object: object.into(),
            class,
            p: 0.9,
            lon_lat: [-3.5, 40.0],
            cov: [9.0, 0.0, 0.0, 4.0],
        };
        let fix = CueFix {
            feed: "wire".into(),
            at: Vector2::new(0.0, 0.0),
            quiet_s: 60.0,
            cue,
        };
        site.0.cue(&stamp(s, 1, fix), &mut site.1);
    };
    for s in 1..30 {
        cue(s, "x", Class::Truck);
    }
    cue(31, "y", Class::Person);
    cue(120, "x", Class::Truck);
    let (events, alerts) = site.said();
    assert_eq!(events.len(), 3);
    assert!(
        events
            .iter()
            .all(|e| e.kind == EventKind::Cue && e.zone == "yard")
    );
    // The rule is about vehicles.
    assert_eq!(alerts.len(), 2);
    assert_eq!(
        events[0].evidence[0].samples,
        Some(SampleRange { first: 1, last: 1 })
    );
}
