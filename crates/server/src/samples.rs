//! Samples of what the page reads, kept in `web/test/samples.json`: this test keeps the file true to
//! the code, the page's own test keeps its types true to the file. `ATALAYA_BLESS=1` writes it anew.

use crate::alerts::{AlertDetail, AlertView};
use crate::frames::{Body, FrameView, Message};
use crate::operation::OperationView;
use crate::tracks::PointView;
use atalaya_model::*;
use atalaya_store::{
    AlertAct, AlertActKind, Author, Edit, FeedCounts, Note, NoteKind, Purged, TrackEdit,
};
use serde_json::{Value, json};
use std::sync::Arc;

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
no_look = [{ name = "school", polygon = [[-3.5, 40.0], [-3.499, 40.0], [-3.499, 40.001]] }]
retention = { bystander_hours = 1, evidence_days = 30 }
[site]
id = "s"
name = "Site"
[[site.zone]]
id = "yard"
polygon = [[-3.5, 40.0], [-3.499, 40.0], [-3.499, 40.001]]
[[feed]]
id = "eo"
source = "eo.ts"
sensor = "eo"
[[rule]]
id = "long-stay"
kind = "dwell"
zone = "yard"
longer_than_s = 30
"#;

fn evidence() -> Vec<EvidenceRef> {
    vec![EvidenceRef {
        samples: None,
        feed: "eo".into(),
        segment: None,
        t0: Micros(1),
        t1: Micros(2),
        frames: vec![FrameRef {
            frame: 1,
            t: Micros(1),
            bbox: Some(PixelBox::default()),
        }],
    }]
}

fn alert() -> AlertView {
    AlertView {
        key: "r~a".into(),
        run: "r".into(),
        alert: Alert {
            schema: Alert::SCHEMA.into(),
            life: None,
            id: "a".into(),
            rule: "long-stay".into(),
            opened_at: Micros(1),
            zone: "yard".into(),
            subjects: vec!["A1".into()],
            events: vec!["e".into()],
            severity: Severity::Warning,
            reason: "why".into(),
            state: AlertState::Open,
            lat: None,
            lon: None,
            evidence: evidence(),
        },
    }
}

fn event() -> Event {
    Event {
        about: None,
        schema: Event::SCHEMA.into(),
        class: None,
        id: "e".into(),
        kind: EventKind::Dwell,
        time: Micros(1),
        time_end: None,
        decided_at: Micros(2),
        zone: "yard".into(),
        subjects: vec!["A1".into()],
        p: 0.5,
        lat: None,
        lon: None,
        reason: "why".into(),
        evidence: evidence(),
    }
}

fn samples() -> Value {
    let author = Author::unverified("ana");
    let point = TrackPoint {
        track: TrackId {
            feed: FeedIx(0),
            n: 1,
        },
        frame: 1,
        state: TrackState::Stopped,
        bbox: PixelBox::default(),
        ground: Some(GroundFix {
            e: 0.0,
            n: 0.0,
            lat: 40.0,
            lon: -3.5,
            cov_random: [1.0, 0.0, 0.0, 1.0],
            cov_common: [3.0, 0.0, 0.0, 3.0],
            ve: 0.0,
            vn: 0.0,
        }),
        anchored: None,
        class: Class::Truck,
        class_p: 0.5,
        p: 0.5,
        look: None,
    };
    let edit = |edit| TrackEdit {
        n: 1,
        run: "r".into(),
        edit,
        author: author.clone(),
        made_at: Micros(1),
        undone: false,
    };
    let split = Edit::Split {
        track: "A1".into(),
        at: Micros(1),
    };
    let merge = Edit::Merge {
        track: "A1".into(),
        other: "A2".into(),
    };
    let live = [
        Body::Hello {
            feeds: vec!["eo".into()],
        },
        Body::Tick { server_us: 1 },
        Body::Status {
            run: "r".into(),
            feed: "eo".into(),
            t_us: 1,
            status: FeedStatus::Stopped { since: Micros(1) },
        },
        Body::Counts {
            run: "r".into(),
            feed: "eo".into(),
            t_us: 1,
            counts: FeedCounts::default().into(),
        },
        Body::Clocks {
            run: "r".into(),
            feed: "eo".into(),
            t_us: 1,
            faults: vec![
                TimeFault::Jump { by_us: 2_500_000 },
                TimeFault::Drift {
                    ppm: -300,
                    by_us: -60_000,
                    over_us: 200_000_000,
                },
                TimeFault::Pictures {
                    ahead_us: -240_000,
                    scale: None,
                },
                TimeFault::Received {
                    ahead_us: 18_000_000,
                    scale: Some(TimeScale::Gps),
                },
                TimeFault::Lag {
                    behind_us: 1_200_000,
                },
            ],
        },
        Body::Video {
            feed: "eo".into(),
            codec: "avc1.640028".into(),
        },
        Body::Frame(Box::new(FrameView {
            run: "r".into(),
            feed: "eo".into(),
            frame: 1,
            t_us: 1,
            pts_90k: 1,
            width: 2,
            height: 2,
            masked: Some(0.25),
            drawn: vec![crate::frames::DrawnView {
                zone: "door".into(),
                outline: vec![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]],
            }],
            coverage: Coverage {
                frame: 1,
                footprint: None,
                footprint_lon_lat: None,
                sensor: None,
                tracking: true,
                ..Coverage::default()
            },
            tracks: vec![PointView::of("A1".into(), Micros(1), &point)],
        })),
        Body::Emission(Box::new(crate::emission::sample())),
        Body::Aircraft(Box::new(crate::aircraft::sample())),
        Body::Event {
            run: "r".into(),
            event: Arc::new(event()),
        },
        Body::Alert(Box::new(alert())),
        Body::Note {
            note: Arc::new(Note {
                n: 1,
                kind: NoteKind::Fault,
                t: Micros(1),
                run: None,
                feed: None,
                text: "words".into(),
                author: author.clone(),
                written_at: Micros(1),
            }),
        },
        Body::TrackEdit {
            edit: Arc::new(edit(split)),
        },
        Body::TrackEdit {
            edit: Arc::new(edit(merge)),
        },
        Body::Purged {
            at_us: 1,
            what: Purged::default().into(),
        },
        Body::Lost { messages: 1 },
        Body::Refused {
            error: "why".into(),
        },
    ];
    let live: Vec<Value> = live
        .into_iter()
        .map(|body| serde_json::from_str(&Message::text(body)).unwrap())
        .collect();
    let acts = vec![AlertAct {
        act: AlertActKind::Comment,
        text: "words".into(),
        author,
        at: Micros(1),
    }];
    json!({
        "live": live,
        "alert": AlertDetail { view: alert(), acts, events: vec![event()] },
        "operation": OperationView::of(&Operation::parse("sample", OPERATION).unwrap()),
    })
}

#[test]
fn the_pages_samples_are_what_the_server_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/test/samples.json");
    let now = serde_json::to_string_pretty(&samples()).unwrap() + "\n";
    if std::env::var_os("ATALAYA_BLESS").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    let differs = kept != now;
    assert!(
        !differs,
        "web/test/samples.json is old: run this test with ATALAYA_BLESS=1, then npm test"
    );
}
