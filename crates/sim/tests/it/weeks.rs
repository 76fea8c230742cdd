//! Weeks at three sites: the same bytes twice, and tables that tell one story.

use atalaya_sim::{Weeks, WeeksOptions, write_weeks};
use std::collections::BTreeMap;
use std::path::Path;

fn written(seed: u64, dir: &Path) -> BTreeMap<String, String> {
    let world = Weeks::new(WeeksOptions { seed, days: 8 });
    let mut days = Vec::new();
    write_weeks(&world, dir, |d| days.push(d)).unwrap();
    assert_eq!(days, (1..=8).collect::<Vec<u32>>());
    let names = [
        "tracks.csv",
        "coverage.csv",
        "cues.csv",
        "emissions.csv",
        "zones.geojson",
        "truth/visits.csv",
        "truth/tracks.csv",
        "truth/planted.csv",
    ];
    let read = |n: &str| (n.to_owned(), std::fs::read_to_string(dir.join(n)).unwrap());
    names.into_iter().map(read).collect()
}

#[test]
fn weeks_are_the_same_twice_and_their_tables_tell_one_story() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let world = written(7, a.path());
    assert_eq!(world, written(7, b.path()));
    assert_ne!(world, written(8, b.path()));
    // Tracks are in order, and everyone of them has an owner or is nothing's.
    let rows: Vec<Vec<&str>> = world["tracks.csv"]
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    assert!(rows.len() > 20_000);
    assert!(rows.windows(2).all(|w| w[0][0] <= w[1][0]));
    let owners: BTreeMap<&str, &str> = world["truth/tracks.csv"]
        .lines()
        .skip(1)
        .filter_map(|l| l.split_once(','))
        .collect();
    for r in &rows {
        let vehicle = !owners[r[1]].is_empty();
        assert_eq!(vehicle, r[4] != "person", "{r:?}");
        assert_eq!(vehicle, !r[7].is_empty());
    }
    // Nobody is seen while nobody looks.
    let looks: Vec<(&str, &str)> = world["coverage.csv"]
        .lines()
        .skip(1)
        .map(|l| l.split_once(',').unwrap())
        .map(|(from, rest)| (from, rest.split_once(',').unwrap().0))
        .collect();
    for r in rows.iter().step_by(97) {
        assert!(
            looks.iter().any(|(from, to)| *from <= r[0] && r[0] <= *to),
            "{r:?}"
        );
    }
    // Goods have pieces, walks between standing and driving off; visits have neither.
    let visits: Vec<Vec<&str>> = world["truth/visits.csv"]
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    assert!(visits.iter().filter(|v| v[7] == "delivery").count() >= 3);
    for v in visits {
        let goods = v[7] == "delivery" || v[7] == "shipment";
        assert_eq!(goods, v[8] != "0");
        assert_eq!(goods, !v[10].is_empty());
        if goods {
            assert!(v[1] < v[10] && v[10] < v[11] && v[11] <= v[2], "{v:?}");
        }
    }
}
