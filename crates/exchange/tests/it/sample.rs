//! An operation that never was: a compound with a gate, a yard and a shed, twenty minutes long.

use atalaya_exchange::report::{
    Footprint, Language, ReportFeed, ReportGate, ReportInput, ReportTrack, Still, StillKey,
};
use atalaya_model::{
    Alert, AlertState, Class, Event, EventKind, EvidenceRef, FrameRef, Micros, Operation, PixelBox,
};
use std::collections::BTreeMap;

pub const DOCUMENT: &str = r#"
schema = "operation/1"
id = "sim-compound-7"
name = "Compound by the country road"
simulated = true

[authority]
issuer = "Investigating Court No. 3"
legal_basis = "Criminal Procedure Act, art. 588 quinquies"
reference = "112/2026"
purpose = "Establish who delivers to the north shed, and when"
valid_from = "2026-11-20T00:00:00Z"
valid_until = "2026-12-20T00:00:00Z"
sensors = ["eo", "ir"]
objects = ["vehicle", "person"]
area = [[-3.5030, 39.9980], [-3.4970, 39.9980], [-3.4970, 40.0018], [-3.5030, 40.0018]]
retention = { bystander_hours = 24, evidence_days = 365 }

[[authority.no_look]]
name = "Farmhouse"
polygon = [[-3.4992, 40.0009], [-3.4984, 40.0009], [-3.4984, 40.0014], [-3.4992, 40.0014]]

[site]
id = "compound"
name = "El Encinar compound"

[[site.zone]]
id = "gate"
name = "Gate"
polygon = [[-3.50125, 39.9992], [-3.50095, 39.9992], [-3.50095, 39.99945], [-3.50125, 39.99945]]

[[site.zone]]
id = "yard"
name = "Yard"
polygon = [[-3.5009, 39.9992], [-3.4997, 39.9992], [-3.4997, 40.0000], [-3.5009, 40.0000]]

[[site.zone]]
id = "shed"
name = "North shed"
polygon = [[-3.5007, 40.0002], [-3.4999, 40.0002], [-3.4999, 40.0006], [-3.5007, 40.0006]]

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
longer_than_s = 30
severity = "critical"

[[rule]]
id = "shed-visit"
kind = "arrival"
zone = "shed"
subject = "person"
"#;

/// All that a [`ReportInput`] borrows.
pub struct Sample {
    pub operation: Operation,
    pub feeds: Vec<ReportFeed>,
    pub gate: ReportGate,
    pub events: Vec<Event>,
    pub alerts: Vec<Alert>,
    pub tracks: Vec<ReportTrack>,
    pub footprints: Vec<Footprint>,
    pub stills: BTreeMap<StillKey, Still>,
    pub remarks: Vec<String>,
}

impl Sample {
    pub fn input(&self, language: Language) -> ReportInput<'_> {
        ReportInput {
            language,
            operation: &self.operation,
            settings: "5be1c2a0f7d94c31b1a7c0f4d8e96a2277c0b3f19e5d4a6688f1e2d3c4b5a697",
            version: "0.1.0",
            feeds: &self.feeds,
            gate: &self.gate,
            events: &self.events,
            alerts: &self.alerts,
            tracks: &self.tracks,
            footprints: &self.footprints,
            stills: &self.stills,
            remarks: &self.remarks,
        }
    }
}

/// Seconds after five in the morning.
pub fn at(s: f64) -> Micros {
    Micros(1_795_323_600_000_000 + (s * 1e6) as i64)
}

fn evidence(t: f64, n: u64) -> Vec<EvidenceRef> {
    let frame = |k: u64| FrameRef {
        frame: n + k,
        t: at(t + k as f64 / 30.0),
        bbox: Some(PixelBox {
            x: 300.0 + k as f32,
            y: 140.0,
            w: 46.0,
            h: 30.0,
        }),
    };
    vec![EvidenceRef {
        samples: None,
        feed: "eo".into(),
        segment: None,
        t0: at(t),
        t1: at(t + 8.0),
        frames: vec![frame(0), frame(120), frame(240)],
    }]
}

pub fn event(kind: EventKind, t: f64, zone: &str, who: &str, p: f64, reason: &str) -> Event {
    Event {
        about: None,
        schema: Event::SCHEMA.into(),
        class: None,
        id: Event::id_of(kind, zone, who, at(t)),
        kind,
        time: at(t),
        time_end: None,
        decided_at: at(t + 1.0),
        zone: zone.into(),
        subjects: vec![who.into()],
        p,
        lat: Some(39.9996),
        lon: Some(-3.5003),
        reason: reason.into(),
        evidence: evidence(t, (t * 30.0) as u64 + 1),
    }
}

fn gap(zone: &str, from: f64, to: f64) -> Event {
    Event {
        about: None,
        time_end: Some(at(to)),
        subjects: Vec::new(),
        evidence: Vec::new(),
        p: 1.0,
        lat: None,
        lon: None,
        ..event(
            EventKind::CoverageGap,
            from,
            zone,
            "-",
            1.0,
            &format!("the zone was not in view for {:.0} s", to - from),
        )
    }
}

pub fn alert(rule: &str, e: &Event, lat: f64, lon: f64) -> Alert {
    Alert {
        schema: Alert::SCHEMA.into(),
        life: None,
        id: format!("{rule}-{}", e.id),
        rule: rule.into(),
        opened_at: e.decided_at,
        zone: e.zone.clone(),
        subjects: e.subjects.clone(),
        events: vec![e.id.clone()],
        severity: if rule == "long-stay" {
            atalaya_model::Severity::Critical
        } else {
            atalaya_model::Severity::Warning
        },
        reason: "truck stays in yard for more than 30 s".into(),
        state: AlertState::Open,
        lat: Some(lat),
        lon: Some(lon),
        evidence: e.evidence.clone(),
    }
}

/// A path through corners, a point a second.
fn track(id: &str, class: Class, from: f64, corners: &[(f64, f64, f64)]) -> ReportTrack {
    let mut points = Vec::new();
    for pair in corners.windows(2) {
        let ((t0, x0, y0), (t1, x1, y1)) = (pair[0], pair[1]);
        let n = (t1 - t0) as usize;
        for i in 0..n {
            let k = i as f64 / n as f64;
            let wobble = 1.5e-6 * ((i * 7) as f64 * 0.61).sin();
            points.push((
                at(from + t0 + i as f64),
                x0 + k * (x1 - x0) + wobble,
                y0 + k * (y1 - y0) - wobble,
            ));
        }
    }
    let (t0, t1) = (points[0].0, points[points.len() - 1].0);
    ReportTrack {
        id: id.into(),
        class,
        class_p: 0.94,
        points,
        t0,
        t1,
    }
}

pub fn sample() -> Sample {
    use EventKind::{Appeared, Arrival, Departure, Dwell, Lost};
    let (seen, left) = (
        "seen outside the zone, then inside",
        "seen beyond the exit margin for long enough",
    );
    let first = "first seen inside the zone; where it came from was not observed";
    let last = "last seen inside the zone; whether it left was not observed";
    let stays = "inside since 2026-11-22T05:02:11.000Z, longer than 30 s";
    let mut events = vec![
        event(Appeared, 4.0, "yard", "A2", 0.81, first),
        event(Arrival, 118.0, "gate", "A17", 0.97, seen),
        event(Departure, 128.0, "gate", "A17", 0.95, left),
        event(Arrival, 131.0, "yard", "A17", 0.98, seen),
        event(Dwell, 161.0, "yard", "A17", 0.98, stays),
        event(Arrival, 205.0, "shed", "A21", 0.88, seen),
        event(Departure, 262.0, "shed", "A21", 0.84, left),
        event(Arrival, 214.0, "shed", "A22", 0.86, seen),
        event(Lost, 300.0, "shed", "A22", 0.62, last),
        event(Departure, 811.0, "yard", "A17", 0.96, left),
        event(Arrival, 640.0, "yard", "A30", 0.93, seen),
        event(Dwell, 670.0, "yard", "A30", 0.93, stays),
        event(Departure, 735.0, "yard", "A30", 0.90, left),
        event(Lost, 940.0, "yard", "A2", 0.55, last),
        gap("shed", 380.0, 470.0),
        gap("gate", 720.0, 745.0),
        gap("shed", 960.0, 1100.0),
    ];
    events.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    let find = |kind, who: &str| {
        events
            .iter()
            .find(|e| e.kind == kind && e.subjects.iter().any(|s| s == who))
            .unwrap()
    };
    let alerts = vec![
        alert("long-stay", find(Dwell, "A17"), 39.9996, -3.5003),
        alert("shed-visit", find(Arrival, "A21"), 40.0003, -3.5003),
        alert("long-stay", find(Dwell, "A30"), 39.9998, -3.5005),
    ];
    let tracks = vec![
        track(
            "A17",
            Class::Truck,
            90.0,
            &[
                (0.0, -3.5026, 39.9985),
                (25.0, -3.5013, 39.9993),
                (42.0, -3.5008, 39.9994),
                (55.0, -3.5003, 39.9996),
                (690.0, -3.50031, 39.99961),
                (730.0, -3.5013, 39.9993),
                (760.0, -3.5028, 39.9988),
            ],
        ),
        track(
            "A30",
            Class::Pickup,
            610.0,
            &[
                (0.0, -3.5027, 39.9987),
                (30.0, -3.5010, 39.9995),
                (45.0, -3.5005, 39.9998),
                (110.0, -3.50051, 39.99981),
                (125.0, -3.5010, 39.9995),
                (150.0, -3.5024, 39.9986),
            ],
        ),
        track(
            "A21",
            Class::Person,
            180.0,
            &[
                (0.0, -3.5003, 39.9997),
                (25.0, -3.5003, 40.0003),
                (60.0, -3.5002, 40.0004),
                (82.0, -3.5002, 40.0000),
            ],
        ),
        track(
            "A22",
            Class::Person,
            190.0,
            &[
                (0.0, -3.5003, 39.9997),
                (24.0, -3.5004, 40.0003),
                (110.0, -3.5005, 40.0005),
            ],
        ),
        track(
            "A2",
            Class::Car,
            4.0,
            &[(0.0, -3.4999, 39.9994), (900.0, -3.49989, 39.99941)],
        ),
        track(
            "A9",
            Class::Car,
            300.0,
            &[(0.0, -3.5029, 39.9983), (60.0, -3.4972, 39.9989)],
        ),
        track(
            "A12",
            Class::Unknown,
            500.0,
            &[(0.0, -3.5012, 40.0010), (50.0, -3.5007, 40.0008)],
        ),
    ];
    let footprints = (0..60)
        .map(|i| {
            let a = f64::from(i) * 0.105;
            let (cx, cy) = (-3.5004 + 0.0004 * a.cos(), 39.9997 + 0.0003 * a.sin());
            let corner = |x: f64, y: f64| {
                let (s, c) = a.sin_cos();
                [
                    cx + (x * c - y * s) * 0.0011,
                    cy + (x * s + y * c) * 0.00062,
                ]
            };
            Footprint {
                t: at(f64::from(i) * 20.0),
                corners: [
                    corner(-1.2, 1.1),
                    corner(1.2, 1.1),
                    corner(0.9, -1.0),
                    corner(-0.9, -1.0),
                ],
            }
        })
        .collect();
    let feeds = vec![
        ReportFeed {
            id: "eo".into(),
            source: "eo.ts".into(),
            sha256: Some("9f2c4e6a8b0d1f3355779900aabbccddeeff00112233445566778899aabbccdd".into()),
            t0: Some(at(0.0)),
            t1: Some(at(1200.0)),
            time_source: Some("metadata".into()),
            frames: 36_000,
            analysed: 6_000,
            metadata_paired: 35_640,
            metadata_stale: 300,
            metadata_absent: 60,
            placed: 5_940,
            unregistered: 4,
            metadata_bad: 2,
            damaged: 11,
            gaps: 1,
            faults: vec!["at 812.4 s: packet of PID 256 lost".into()],
            ..ReportFeed::default()
        },
        ReportFeed {
            id: "ir".into(),
            source: "ir.ts".into(),
            sha256: Some("0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9".into()),
            t0: Some(at(0.5)),
            t1: Some(at(1199.0)),
            time_source: Some("metadata".into()),
            frames: 29_900,
            analysed: 5_000,
            shed: 120,
            metadata_paired: 29_900,
            placed: 5_000,
            unregistered: 1,
            ..ReportFeed::default()
        },
    ];
    let gate = ReportGate {
        frames_passed: 10_940,
        frames_refused: BTreeMap::from([("window".into(), 60)]),
        points_passed: 18_233,
        points_refused: BTreeMap::from([("no_look".into(), 214), ("area".into(), 1_022)]),
    };
    Sample {
        operation: Operation::parse("sample", DOCUMENT).unwrap(),
        feeds,
        gate,
        events,
        alerts,
        tracks,
        footprints,
        stills: BTreeMap::new(),
        remarks: vec!["the thermal feed was started by hand".into()],
    }
}
