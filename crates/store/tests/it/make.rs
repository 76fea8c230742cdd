//! Records to store.

use atalaya_model::operation::Retention;
use atalaya_model::{
    Alert, AlertState, Class, Coverage, Event, EventKind, EvidenceRef, FeedIx, Micros, PixelBox,
    Segment, Severity, TrackId, TrackPoint, TrackState,
};
use atalaya_store::{Record, Run};

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
