//! How many fixes a second: `visits TRACKS.csv ZONES.geojson [REPEATS]`, on one core.
//!
//! Reads a table of positions (not packed), repeats it with other subjects, and measures apart: reading
//! rows, visits from fixes in memory (subjects by number, and by name), and then ten thousand subjects at
//! once in a thousand zones, visits alone and with composed events. Prints JSON.

use atalaya_activity::table::Rows;
use atalaya_activity::{Composed, Fix, Shape, SubjectIx, Visits, Zone, geojson};
use atalaya_geo::Vector2;
use atalaya_model::operation::{ZoneConfig, ZoneRole};
use atalaya_model::{Class, Micros};
use serde_json::json;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

/// Simulated seconds of the crowd, its rate, how many there are, and zones a side.
const CROWD_S: u32 = 60;
const HZ: u32 = 5;
const CROWD: u32 = 10_000;
const SIDE: u32 = 32;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, tracks, zones, rest @ ..] = &args[..] else {
        return Err("give TRACKS.csv ZONES.geojson [REPEATS]".into());
    };
    let repeats: u32 = rest.first().map_or(Ok(20), |r| r.parse())?;
    let (plane, zones) = geojson::zones(&std::fs::read_to_string(zones)?)?;
    let table = std::fs::read(tracks)?;
    let map = BTreeMap::from([("time".to_owned(), "t_utc".to_owned())]);
    let begin = Instant::now();
    let (mut fixes, mut names) = (Vec::new(), BTreeMap::new());
    let mut n = 0u32;
    let mut checksum = 0.0;
    for _ in 0..repeats {
        let mut rows = Rows::new(&table[..], &map)?;
        while let Some(r) = rows.next_row()? {
            n += 1;
            checksum += r.lat + r.t.secs();
        }
    }
    let parse_s = begin.elapsed().as_secs_f64();
    let mut rows = Rows::new(&table[..], &map)?;
    while let Some(r) = rows.next_row()? {
        let next = names.len();
        let who = *names.entry(r.id.to_owned()).or_insert(next);
        fixes.push((
            who,
            r.t,
            plane.to_en(r.lat.to_radians(), r.lon.to_radians()),
        ));
    }
    let mut visits = Visits::new(zones.clone());
    let mut out = Vec::new();
    let (mut by_number, mut events) = (0.0, 0usize);
    for k in 0..repeats {
        let mut numbers: Vec<(usize, SubjectIx)> = names
            .iter()
            .map(|(name, i)| (*i, visits.subject(&format!("{k}-{name}"))))
            .collect();
        numbers.sort_unstable_by_key(|x| x.0);
        let begin = Instant::now();
        for (who, t, at) in &fixes {
            visits.observe_ix(numbers[*who].1, *t, *at, &mut out);
        }
        by_number += begin.elapsed().as_secs_f64();
        events += out.len();
        out.clear();
    }
    let mut visits = Visits::new(zones);
    let mut by_name = 0.0;
    for k in 0..repeats {
        let shifted: BTreeMap<usize, String> = names
            .iter()
            .map(|(name, i)| (*i, format!("{k}-{name}")))
            .collect();
        let shifted: Vec<String> = shifted.into_values().collect();
        let begin = Instant::now();
        for (who, t, at) in &fixes {
            visits.observe(&shifted[*who], *t, *at, &mut out);
        }
        by_name += begin.elapsed().as_secs_f64();
        out.clear();
    }
    let all = f64::from(repeats) * fixes.len() as f64;
    println!(
        "{}",
        json!({
            "fixes": all, "events": events, "checksum": checksum,
            "rows_per_s": f64::from(n) / parse_s,
            "visits_per_s": all / by_number,
            "visits_by_name_per_s": all / by_name,
            "crowd": crowd(),
        })
    );
    Ok(())
}

/// Ten thousand who walk or drive among a thousand zones.
fn crowd() -> serde_json::Value {
    let zones: Vec<Zone> = (0..1000)
        .map(|i| {
            let config = ZoneConfig {
                id: format!("z{i}"),
                name: String::new(),
                role: if i % 10 == 0 {
                    ZoneRole::Structure
                } else {
                    ZoneRole::Yard
                },
                polygon: None,
                drawn: None,
                exit_margin_m: 10.0,
                exit_after_s: 20.0,
                enter_after_s: 0.0,
                gap_s: 120.0,
            };
            let at = Vector2::new(f64::from(i % SIDE), f64::from(i / SIDE)) * 150.0;
            Zone::new(&config, Shape::Circle(at, 30.0))
        })
        .collect();
    let width = f64::from(SIDE) * 150.0;
    let names: Vec<Arc<str>> = (0..CROWD).map(|i| format!("s{i:05}").into()).collect();
    // Place of a subject at a step: back and forth along a line of its own.
    let place = |i: u32, step: u32| {
        let (a, s) = (f64::from(i) * 2.399_963, f64::from(i % 97) / 97.0);
        let speed = if i.is_multiple_of(3) { 8.0 } else { 1.3 };
        let way = speed * (f64::from(step) / f64::from(HZ) - 0.5 * f64::from(CROWD_S));
        let from = Vector2::new(
            f64::from((i * 7919) % CROWD),
            f64::from((i * 104_729) % CROWD),
        );
        from * (width / f64::from(CROWD)) + Vector2::new(a.cos(), a.sin()) * way.abs() * (0.5 + s)
    };
    let mut visits = Visits::new(zones.clone());
    let numbers: Vec<SubjectIx> = names.iter().map(|n| visits.subject(n)).collect();
    let mut stages = Composed::new(zones);
    let (mut changes, mut found) = (Vec::new(), Vec::new());
    let (mut visits_s, mut composed_s, mut slowest) = (0.0, 0.0, 0.0f64);
    for step in 0..CROWD_S * HZ {
        let t = Micros(i64::from(step) * 1_000_000 / i64::from(HZ));
        let at: Vec<Vector2<f64>> = (0..CROWD).map(|i| place(i, step)).collect();
        let begin = Instant::now();
        for (number, at) in numbers.iter().zip(&at) {
            visits.observe_ix(*number, t, *at, &mut changes);
        }
        let after = begin.elapsed().as_secs_f64();
        visits_s += after;
        let begin = Instant::now();
        for (i, (name, at)) in names.iter().zip(&at).enumerate() {
            let fix = Fix {
                t,
                subject: name.clone(),
                class: if i % 3 == 0 {
                    Class::Car
                } else {
                    Class::Person
                },
                at: *at,
                sigma_m: 0.5,
            };
            stages.push(&fix, &mut found);
        }
        let one = begin.elapsed().as_secs_f64();
        composed_s += one;
        slowest = slowest.max(one + after);
    }
    let simulated = f64::from(CROWD_S);
    json!({
        "tracks": CROWD, "zones": 1000, "hz": HZ, "simulated_s": simulated,
        "visits_times_real_time": simulated / visits_s,
        "visits_and_composed_times_real_time": simulated / (visits_s + composed_s),
        "slowest_step_ms": slowest * 1e3,
        "changes": changes.len(), "findings": found.len(),
    })
}
