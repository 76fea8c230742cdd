//! The zone rule against brute-force truth on a real recording.

use atalaya_activity::{geojson, table};
use atalaya_model::EventKind;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[test]
#[ignore = "needs the evaluation recordings"]
fn meva_visits_are_the_truth() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/activity");
    let (plane, zones) =
        geojson::zones(&std::fs::read_to_string(data.join("meva_zones.geojson")).unwrap()).unwrap();
    let file = std::fs::File::open(data.join("meva_gps.csv.gz")).unwrap();
    let map = BTreeMap::from([("time".to_owned(), "t_utc".to_owned())]);
    let events = table::events(flate2::read::GzDecoder::new(file), &map, &plane, zones).unwrap();
    let mut mine: Vec<String> = events
        .iter()
        .map(|e| {
            let kind = match e.kind {
                EventKind::Arrival => "enter",
                EventKind::Departure => "exit",
                EventKind::Appeared => "appears_inside",
                _ => "lost_inside",
            };
            format!(
                "{},{},{kind},{}",
                e.zone,
                e.subjects[0],
                e.time.0 / 1_000_000
            )
        })
        .collect();
    let truth = std::fs::read_to_string(data.join("meva_gps_zone_truth.csv")).unwrap();
    let mut truth: Vec<String> = truth.lines().skip(1).map(str::to_owned).collect();
    mine.sort();
    truth.sort();
    let missing: Vec<_> = truth.iter().filter(|t| !mine.contains(t)).collect();
    assert!(
        missing.is_empty(),
        "{} of {} missing: {missing:?}",
        missing.len(),
        truth.len()
    );
    // Visits still open at the end of a person's data close as lost here and not in the truth.
    let extra: Vec<_> = mine
        .iter()
        .filter(|m| !truth.contains(m) && !m.contains("lost_inside"))
        .collect();
    assert!(extra.is_empty(), "{extra:?}");
}
