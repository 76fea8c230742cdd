//! What a clip may not show, and how one is made.

use crate::support::world;
use atalaya_engine::clip::{ClipError, Wanted, cut};
use atalaya_engine::footage::no_look;
use atalaya_model::operation::NoLook;
use atalaya_model::{Coverage, Micros, Operation, Segment};
use atalaya_store::{Author, Record, Store};

fn at(seconds: i64) -> Micros {
    Micros(seconds * 1_000_000)
}

/// A footprint of some 100 m with its south-western corner at this longitude.
fn looked(seconds: i64, lon: f64) -> Record {
    Record::Coverage {
        run: "r".into(),
        feed: "eo".into(),
        t: at(seconds),
        coverage: Coverage {
            footprint_lon_lat: Some([
                [lon, 40.001],
                [lon + 0.001, 40.001],
                [lon + 0.001, 40.0],
                [lon, 40.0],
            ]),
            ..Coverage::default()
        },
        delete_by: Micros::MAX,
    }
}

#[test]
fn a_clip_shows_no_area_that_must_not_be_looked_at_and_no_ground_that_is_not_known() {
    let tmp = tempfile::tempdir().unwrap();
    let mut operation = world(tmp.path(), 2.0);
    operation.authority.no_look.clear();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime
        .block_on(Store::open(&tmp.path().join("store")))
        .unwrap();
    // Twenty seconds beside the school, one over its corner, and nothing is known of the rest.
    let mut records: Vec<Record> = (0..20).map(|s| looked(s, -3.5)).collect();
    records.push(looked(20, -3.4985));
    store.writer().submit(records).unwrap().wait().unwrap();
    let ask = |operation: &_, from, to| {
        let hidden = no_look(&store, operation, "eo", "r", (at(from), at(to)));
        runtime.block_on(hidden).unwrap()
    };
    assert_eq!(ask(&operation, 0, 60), None, "there is nothing to hide");
    operation.authority.no_look.push(NoLook {
        name: "school".into(),
        polygon: vec![
            [-3.498, 40.0],
            [-3.497, 40.0],
            [-3.497, 40.001],
            [-3.498, 40.001],
        ],
    });
    assert_eq!(ask(&operation, 2, 18), None);
    assert_eq!(
        ask(&operation, 2, 19).as_deref(),
        Some("the no-look area school")
    );
    for (from, to) in [(30, 40), (-20, 5)] {
        let hidden = ask(&operation, from, to);
        assert_eq!(
            hidden.as_deref(),
            Some("ground of which no footprint is kept")
        );
    }
    runtime.block_on(store.close());
}

const OPERATION: &str = r#"
schema = "operation/1"
id = "op"
name = "Operation"
[authority]
issuer = "Court 1"
legal_basis = "Art. 1"
reference = "1/2026"
purpose = "test"
valid_from = "1970-01-01T00:00:00Z"
valid_until = "2027-01-01T00:00:00Z"
sensors = ["eo"]
objects = ["vehicle"]
area = [[-3.51, 39.99], [-3.49, 39.99], [-3.49, 40.01], [-3.51, 40.01]]
retention = { bystander_hours = 24, evidence_days = 365 }
[site]
id = "site"
name = "Site"
[[feed]]
id = "eo"
source = "eo.ts"
sensor = "eo"
"#;

#[test]
fn a_clip_is_shown_and_entered_by_what_it_holds_not_by_what_was_asked_for() {
    let tmp = tempfile::tempdir().unwrap();
    let mut operation = Operation::parse("test", OPERATION).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let dir = tmp.path().join("store");
    let store = runtime.block_on(Store::open(&dir)).unwrap();
    // Twenty pictures a second from 100 s on, MPEG-2; key frames at 100.0 and 100.6 s.
    let recorded = "../video/tests/fixtures/mpeg2.ts";
    let recorded = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(recorded);
    std::fs::copy(&recorded, dir.join("eo-1.ts")).unwrap();
    let (sha256, bytes) = atalaya_feeds::sha256_of_file(&recorded).unwrap();
    let moment = |seconds: f64| Micros((seconds * 1e6) as i64);
    let segment = Segment {
        feed: "eo".into(),
        t0: moment(100.0),
        t1: moment(100.95),
        sha256,
        path: "eo-1.ts".into(),
        bytes,
    };
    let mut records = vec![looked(99, -3.5), looked(100, -3.5), looked(101, -3.5)];
    records.push(Record::Segment {
        run: "r".into(),
        segment,
        delete_by: Micros::MAX,
    });
    store.writer().submit(records).unwrap().wait().unwrap();
    let ask = |operation: &Operation, from, to| {
        let wanted = Wanted {
            feed: "eo",
            run: None,
            span: (moment(from), moment(to)),
        };
        let who = Author::unverified("ana");
        let out = Box::new(std::io::sink());
        runtime.block_on(cut(&store, operation, &who, wanted, out, "c.ts"))
    };
    let acts = || runtime.block_on(store.acts(0, 100)).unwrap().len();
    let before = acts();
    let made = ask(&operation, 100.72, 100.8).unwrap();
    assert_eq!((made.run.as_str(), made.clip.from), ("r", moment(100.6)));
    assert_eq!(acts(), before + 1);
    assert!(matches!(ask(&operation, 300.0, 301.0), Err(ClipError::Nothing(feed)) if feed == "eo"));
    assert!(matches!(ask(&operation, 2.0, 1.0), Err(ClipError::Span)));
    operation.authority.no_look.push(NoLook {
        name: "house".into(),
        polygon: vec![[-3.4996, 40.0002], [-3.4994, 40.0002], [-3.4994, 40.0004]],
    });
    let hidden = ask(&operation, 100.72, 100.8).unwrap_err();
    assert!(
        hidden
            .to_string()
            .contains("the no-look area house; cut before"),
        "{hidden}"
    );
    std::fs::write(dir.join("eo-1.ts"), b"other").unwrap();
    assert!(matches!(
        ask(&operation, 100.72, 100.8),
        Err(ClipError::Video(_))
    ));
    assert_eq!(acts(), before + 1, "a clip that is none was entered");
    runtime.block_on(store.close());
}
