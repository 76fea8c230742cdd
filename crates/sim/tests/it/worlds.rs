//! Schedules, events and documents; no pictures.

use crate::world;
use atalaya_model::operation::ZoneRole;
use atalaya_model::{EventKind, Operation};
use atalaya_sim::{Density, World, WorldOptions, truth};

#[test]
fn busy_worlds_have_enough_to_score_and_are_no_crowd() {
    for seed in 1..=10 {
        let w = world(seed, 300.0);
        let events = truth::events(&w);
        let count = |k: EventKind| events.iter().filter(|e| e.kind == k).count();
        let (arrivals, departures) = (count(EventKind::Arrival), count(EventKind::Departure));
        assert!(arrivals >= 25, "seed {seed}: {arrivals} arrivals");
        assert!(departures >= 25, "seed {seed}: {departures} departures");
        for zone in ["gate", "yard", "road", "apron"] {
            assert!(
                events.iter().any(|e| e.zone == zone),
                "seed {seed}: nothing at {zone}"
            );
        }
        for k in 0..300 {
            let near = w
                .truth_at(f64::from(k))
                .iter()
                .filter(|s| s.pose.at[0].abs() < 90.0)
                .count();
            assert!(near <= 8, "seed {seed}: {near} movers at {k} s");
        }
    }
}

#[test]
fn looks_are_of_vehicles_only() {
    let w = world(4, 300.0);
    let text = truth::looks_csv(&w);
    let vehicles = w.actors.iter().filter(|a| a.kind.is_vehicle());
    let ids: Vec<String> = vehicles.map(|a| a.id.to_string()).collect();
    assert!(!ids.is_empty() && ids.len() < w.actors.len());
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|l| l.split(',').collect())
        .collect();
    assert_eq!(rows.iter().map(|r| r[0]).collect::<Vec<_>>(), ids);
    for r in rows {
        assert!(["car", "pickup", "truck"].contains(&r[1]));
        assert!(r[2].parse::<f32>().unwrap() > r[3].parse::<f32>().unwrap());
        let colour = |c: &&str| c.len() == 6 && u32::from_str_radix(c, 16).is_ok();
        assert!(r[5..].len() == 2 && r[5..].iter().all(colour));
    }
}

#[test]
fn movers_move_as_bodies_do() {
    let w = world(4, 300.0);
    for a in &w.actors {
        let limit = if a.kind.is_vehicle() { 11.0 } else { 2.2 };
        let mut before = a.pose(a.t0).unwrap();
        let mut t = a.t0 + 0.1;
        while let Some(p) = a.pose(t) {
            let d = (p.at[0] - before.at[0]).hypot(p.at[1] - before.at[1]) / 0.1;
            assert!(
                d < limit,
                "{} {} moves at {d:.1} m/s at {t:.1} s",
                a.kind.word(),
                a.id
            );
            before = p;
            t += 0.1;
        }
    }
}

#[test]
fn vehicles_stay_short_and_long() {
    let (mut short, mut long, mut carried) = (0, 0, false);
    for seed in 1..=6 {
        let w = world(seed, 300.0);
        for a in &w.actors {
            let poses: Vec<_> = (0..3000)
                .filter_map(|k| a.pose(0.1 * f64::from(k)))
                .collect();
            carried |= poses.iter().any(|p| p.carries);
            let stood = poses
                .iter()
                .filter(|p| p.speed < 0.01 && p.at[1] > -18.0)
                .count();
            if a.kind.is_vehicle() && (100..300).contains(&stood) {
                short += 1;
            }
            if a.kind.is_vehicle() && stood > 600 {
                long += 1;
            }
        }
    }
    assert!(
        short > 1 && long > 1 && carried,
        "{short} short, {long} long, carried: {carried}"
    );
}

#[test]
fn events_are_sorted_and_alternate() {
    let w = world(2, 300.0);
    let events = truth::events(&w);
    assert!(
        events
            .windows(2)
            .all(|p| p[0].sort_key() <= p[1].sort_key())
    );
    for zone in &w.layout.zones {
        for a in &w.actors {
            let id = a.id.to_string();
            let mut inside = false;
            for e in events
                .iter()
                .filter(|e| e.zone == zone.id && e.subjects[0] == id)
            {
                let comes = matches!(e.kind, EventKind::Arrival | EventKind::Appeared);
                assert_ne!(comes, inside, "{} {}", zone.id, id);
                inside = comes;
                let after = e.decided_at.since(e.time);
                let wait = match e.kind {
                    EventKind::Departure => 5.0,
                    EventKind::Arrival => 1.0,
                    _ => 0.0,
                };
                assert!((after - wait).abs() < 0.11, "{after}");
            }
            assert!(!inside, "a visit of {id} to {} has no end", zone.id);
        }
    }
}

#[test]
fn the_operation_document_is_valid_and_admits_the_world() {
    let w = world(7, 60.0);
    let op = Operation::parse("operation.toml", &atalaya_sim::operation_toml(&w)).unwrap();
    assert!(op.simulated);
    assert_eq!(op.feeds.len(), 2);
    let grounds = op
        .site
        .zones
        .iter()
        .filter(|z| z.role != ZoneRole::Structure);
    assert_eq!(grounds.count(), w.layout.zones.len());
}

#[test]
fn tracks_hold_everybody_and_zones_hold_their_fields() {
    let w = world(7, 120.0);
    let csv = truth::tracks_csv(&w);
    assert!(csv.starts_with("time,id,lat,lon,class\n"));
    for a in w.actors.iter().filter(|a| a.t0 < 110.0) {
        let cell = format!(",{},", a.id);
        assert!(
            csv.lines().any(|l| l.contains(&cell)),
            "{} is missing",
            a.id
        );
    }
    let zones: serde_json::Value = serde_json::from_str(&truth::zones_geojson(&w)).unwrap();
    for f in zones["features"].as_array().unwrap() {
        assert_eq!(f["properties"]["exit_margin_m"], 3.0);
        assert_eq!(f["geometry"]["coordinates"][0].as_array().unwrap().len(), 5);
    }
}

#[test]
fn goods_are_carried_at_most_trucks_one_way_each() {
    let (mut loads, mut unloads) = (0, 0);
    for seed in 1..=6 {
        let text = truth::goods_csv(&world(seed, 300.0));
        let rows: Vec<Vec<&str>> = text
            .lines()
            .skip(1)
            .map(|l| l.split(',').collect())
            .collect();
        for r in &rows {
            match r[1] {
                "load" => loads += 1,
                _ => unloads += 1,
            }
            assert!(r[2] <= r[3], "seed {seed}: {r:?}");
            assert_eq!(rows.iter().filter(|o| o[0] == r[0]).count(), 1, "{r:?}");
        }
    }
    assert!(
        loads >= 3 && unloads >= 3,
        "{loads} loaded, {unloads} unloaded"
    );
}
#[test]
fn a_world_with_goods_has_a_truck_at_which_three_work() {
    for seed in [1, 2, 3, 25] {
        let options = WorldOptions {
            duration_s: 150.0,
            density: Density::Busy,
            goods: true,
            ..WorldOptions::default()
        };
        let text = truth::goods_csv(&World::compound(seed, &options));
        let busiest = text.lines().skip(1).filter_map(|l| {
            let mut cells = l.split(',').skip(4);
            let pieces: u32 = cells.next()?.parse().ok()?;
            Some((pieces, cells.next()?.to_owned()))
        });
        let (pieces, persons) = busiest.max().expect("a truck");
        assert!(pieces >= 5 && persons == "3", "seed {seed}: {text}");
    }
}
