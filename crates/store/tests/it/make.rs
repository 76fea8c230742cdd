//! Records to store.

use atalaya_model::operation::{Authority, Retention};
use atalaya_model::{
    Alert, AlertState, Author, Choice, Class, Coverage, Direction, Done, Event, EventKind,
    EvidenceRef, FeedIx, Micros, Operation, PixelBox, Release, ReleaseLanguage, ReleaseState,
    Segment, Severity, TrackId, TrackPoint, TrackState,
};
use atalaya_store::{NewDecision, Record, Run};

pub const RUN: &str = "r1";
pub const FAR: Micros = Micros(9_000_000_000_000_000);

pub fn secs(s: i64) -> Micros {
    Micros(s * 1_000_000)
}

pub fn run() -> Record {
    Record::Run {
        run: Run {
            id: RUN.into(),
            operation: "op".into(),
            started: secs(0),
            settings_hash: "00".into(),
            code_version: "test".into(),
            retention: Retention {
                bystander_hours: 1,
                evidence_days: 30,
            },
        },
        delete_by: FAR,
    }
}

pub fn alert(n: i64, delete_by: Micros) -> Record {
    Record::Alert {
        run: RUN.into(),
        alert: Alert {
            schema: Alert::SCHEMA.into(),
            life: None,
            id: format!("a{n}"),
            rule: "long-stay".into(),
            opened_at: secs(n / 2),
            zone: "yard".into(),
            subjects: vec!["A1".into()],
            events: vec![format!("e{n}")],
            severity: Severity::Warning,
            reason: "it stayed".into(),
            state: AlertState::Open,
            lat: None,
            lon: None,
            evidence: vec![evidence(100, 110)],
        },
        delete_by,
    }
}

pub fn evidence(t0: i64, t1: i64) -> EvidenceRef {
    EvidenceRef {
        samples: None,
        feed: "eo".into(),
        segment: None,
        t0: secs(t0),
        t1: secs(t1),
        frames: Vec::new(),
    }
}

pub fn event(id: &str, subject: &str, at: i64, delete_by: Micros) -> Record {
    Record::Event {
        run: RUN.into(),
        event: Event {
            about: None,
            schema: Event::SCHEMA.into(),
            class: None,
            id: id.into(),
            kind: EventKind::Arrival,
            time: secs(at),
            time_end: None,
            decided_at: secs(at + 1),
            zone: "yard".into(),
            subjects: vec![subject.into()],
            p: 0.9,
            lat: None,
            lon: None,
            reason: "came in".into(),
            evidence: vec![evidence(at, at + 1)],
        },
        delete_by,
    }
}

pub fn points(n: u32, at: i64, delete_by: Micros) -> Record {
    Record::TrackPoints {
        run: RUN.into(),
        feed: "eo".into(),
        t: secs(at),
        points: vec![TrackPoint {
            track: TrackId { feed: FeedIx(0), n },
            frame: at.unsigned_abs(),
            state: TrackState::Seen,
            bbox: PixelBox::default(),
            ground: None,
            anchored: None,
            class: Class::Truck,
            class_p: 0.8,
            p: 0.9,
            look: None,
        }],
        delete_by,
    }
}

pub fn coverage(at: i64, lon: f64, delete_by: Micros) -> Record {
    Record::Coverage {
        run: RUN.into(),
        feed: "eo".into(),
        t: secs(at),
        coverage: Coverage {
            frame: at.unsigned_abs(),
            footprint: None,
            footprint_lon_lat: Some([
                [lon, 40.0],
                [lon + 0.01, 40.0],
                [lon + 0.01, 39.99],
                [lon, 39.99],
            ]),
            sensor: None,
            tracking: true,
            ..Coverage::default()
        },
        delete_by,
    }
}

pub fn segment(path: &str, t0: i64, t1: i64, delete_by: Micros) -> Record {
    Record::Segment {
        run: RUN.into(),
        segment: Segment {
            feed: "eo".into(),
            path: path.into(),
            sha256: "ab".into(),
            bytes: 3,
            t0: secs(t0),
            t1: secs(t1),
        },
        delete_by,
    }
}

/// An authority that names a partner and a target.
pub fn authority() -> Authority {
    const OPERATION: &str = r#"
schema = "operation/1"
id = "op"
name = "Operation"
[authority]
issuer = "Court 1"
legal_basis = "Art. 1"
reference = "1/2026"
purpose = "test"
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2027-01-01T00:00:00Z"
sensors = ["eo"]
objects = ["vehicle"]
area = [[-3.51, 39.99], [-3.49, 39.99], [-3.49, 40.01]]
partners = ["Guardia"]
target = [{ name = "White truck", kind = "vehicle" }]
retention = { bystander_hours = 1, evidence_days = 30 }
[site]
id = "s"
name = "Site"
"#;
    Operation::parse("test", OPERATION).unwrap().authority
}

pub fn decision() -> NewDecision {
    NewDecision {
        assessment: "drums".into(),
        options: vec![Choice::Continue, Choice::ReferToPartner],
        choice: Choice::ReferToPartner,
        reason: "theirs".into(),
        partner: Some("Guardia".into()),
    }
}

fn done(name: &str) -> Done {
    Done {
        by: Author::verified(name),
        at: secs(1),
    }
}

pub fn release(id: &str) -> Release {
    Release {
        schema: Release::SCHEMA.into(),
        id: id.into(),
        direction: Direction::Sent,
        state: ReleaseState::Draft,
        from: "Atalaya".into(),
        to: "Guardia".into(),
        operation: "op".into(),
        alert: "r1~a0".into(),
        decision: 1,
        language: ReleaseLanguage::Es,
        title: "Bidones".into(),
        summary: "Un camión".into(),
        reply_within_h: 24,
        removed: Vec::new(),
        manifest_sha256: "00".into(),
        drafted: done("ana"),
        approved: None,
        sealed: None,
        recalled: None,
        machine: None,
    }
}

pub fn sealed(approved: Release) -> Release {
    Release {
        state: ReleaseState::Sealed,
        sealed: Some(done("carla")),
        ..approved
    }
}
