//! What a clip may not show.

use crate::support::world;
use atalaya_engine::footage::no_look;
use atalaya_model::operation::NoLook;
use atalaya_model::{Coverage, Micros};
use atalaya_store::{Record, Store};

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
