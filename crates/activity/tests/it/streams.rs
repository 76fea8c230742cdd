//! Tables that come as a stream: late rows, and many zones.

use atalaya_activity::table::{Options, run};
use atalaya_activity::{Change, Shape, Visits, Zone, geojson};
use atalaya_geo::Vector2;
use atalaya_model::operation::ZoneConfig;
use atalaya_model::{Event, EventKind, Micros};

const ZONES: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"id":"z","radius_m":25,
"exit_after_s":5},"geometry":{"type":"Point","coordinates":[-3.5,40.0]}}]}"#;

/// Comes from the north, stays, leaves: a row a second.
fn rows() -> Vec<String> {
    (0..120)
        .map(|i| {
            let north: f64 = match i {
                0..40 => 80.0 - 2.0 * f64::from(i),
                40..80 => 0.0,
                _ => 2.0 * f64::from(i - 80),
            };
            format!(
                "{},v1,{:.7},-3.5",
                1_700_000_000 + i,
                40.0 + north / 111_035.0
            )
        })
        .collect()
}

fn tell(rows: &[String], late_s: Option<f64>) -> (Vec<Event>, u64) {
    let (plane, zones) = geojson::zones(ZONES).expect("zones are right");
    let table = format!("time,id,lat,lon\n{}\n", rows.join("\n"));
    let options = Options {
        late_s,
        ..Options::default()
    };
    let mut events = Vec::new();
    let counts = run(table.as_bytes(), &options, &plane, zones, |e| {
        events.push(e);
        Ok(())
    })
    .expect("the table is right");
    (events, counts.late)
}

#[test]
fn rows_late_by_less_than_the_window_change_nothing_and_later_ones_are_counted() {
    let in_order = rows();
    let (wanted, none) = tell(&in_order, None);
    let kinds: Vec<_> = wanted.iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [EventKind::Arrival, EventKind::Departure]);
    assert_eq!(none, 0);
    // Every fifth row comes four rows later.
    let mut late = Vec::new();
    for five in in_order.chunks(5) {
        late.extend_from_slice(&five[1..]);
        late.push(five[0].clone());
    }
    assert_eq!(tell(&late, Some(5.0)), (wanted.clone(), 0));
    let (_, dropped) = tell(&late, Some(1.0));
    assert!(dropped > 0);
    // Without a window what is earlier than the subject's last is ignored.
    let mut one_late = in_order.clone();
    let row = one_late.remove(60);
    one_late.push(row);
    assert_eq!(tell(&one_late, None).0, wanted);
    assert_eq!(tell(&one_late, Some(5.0)), (wanted, 1));
}

#[test]
fn who_falls_silent_in_a_stream_is_lost_without_another_row_of_theirs() {
    let mut both: Vec<String> = rows().into_iter().take(60).collect();
    both.extend((60..400).map(|i| format!("{},v2,40.01,-3.5", 1_700_000_000 + i)));
    let (events, _) = tell(&both, Some(0.0));
    let lost = events.iter().find(|e| e.kind == EventKind::Lost).unwrap();
    assert_eq!(lost.time, Micros(1_700_000_059_000_000));
    assert!(lost.decided_at.since(lost.time) < 140.0);
}

#[test]
fn a_grid_of_zones_says_what_looking_at_every_zone_says() {
    let zone = |i: u32| {
        let config = ZoneConfig {
            id: format!("z{i}"),
            name: String::new(),
            role: Default::default(),
            polygon: None,
            drawn: None,
            exit_margin_m: 4.0,
            exit_after_s: 3.0,
            enter_after_s: if i.is_multiple_of(3) { 2.0 } else { 0.0 },
            gap_s: 30.0,
        };
        // Overlapping circles of different sizes.
        let at = Vector2::new(f64::from(i % 8) * 30.0, f64::from(i / 8) * 30.0);
        Zone::new(&config, Shape::Circle(at, 10.0 + f64::from(i % 5) * 6.0))
    };
    let zones: Vec<Zone> = (0..64).map(zone).collect();
    let mut state = 1u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut all = Visits::new(zones.clone());
    let mut alone: Vec<Visits> = zones.iter().map(|z| Visits::new(vec![z.clone()])).collect();
    let (mut together, mut apart) = (Vec::<Change>::new(), Vec::<Change>::new());
    let (mut t, mut at) = (0.0, Vector2::new(0.0, 0.0));
    for _ in 0..4000 {
        t += if random() < 0.01 { 60.0 } else { 1.0 };
        at += Vector2::new(random() - 0.47, random() - 0.47) * 12.0;
        if random() < 0.005 {
            at = Vector2::new(random() * 240.0, random() * 240.0);
        }
        all.observe("s", Micros::from_secs(t), at, &mut together);
        for (i, v) in alone.iter_mut().enumerate() {
            let from = apart.len();
            v.observe("s", Micros::from_secs(t), at, &mut apart);
            apart[from..].iter_mut().for_each(|c| c.zone = i);
        }
    }
    let key = |c: &Change| (c.decided_at, c.time, c.zone, c.kind);
    together.sort_by_key(key);
    apart.sort_by_key(key);
    assert!(together.len() > 200, "{}", together.len());
    assert_eq!(together, apart);
}
