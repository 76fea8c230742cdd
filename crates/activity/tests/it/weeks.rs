//! Understanding of a place over days: made-up tracks of one yard with one building.

use atalaya_activity::geojson;
use atalaya_activity::sites::table::{Beside, Told, events};
use atalaya_model::{About, Event, EventKind, Micros};
use std::fmt::Write;

const LAT: f64 = 36.2;
const LON: f64 = -8.4;
/// Metres of a degree there, near enough for a test.
const NORTH_M: f64 = 110_974.0;
const EAST_M: f64 = 89_950.0;

fn degrees(e: f64, n: f64) -> (f64, f64) {
    (LON + e / EAST_M, LAT + n / NORTH_M)
}

fn ring(w: f64, s: f64, e: f64, n: f64) -> String {
    let corners = [(w, s), (e, s), (e, n), (w, n), (w, s)].map(|(x, y)| {
        let (lon, lat) = degrees(x, y);
        format!("[{lon:.8},{lat:.8}]")
    });
    corners.join(",")
}

fn zones() -> String {
    let zone = |id: &str, role: &str, ring: String| {
        format!(
            r#"{{"type":"Feature","properties":{{"id":"{id}","site":"farm","role":"{role}"}},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#
        )
    };
    format!(
        r#"{{"type":"FeatureCollection","features":[{},{}]}}"#,
        zone("yard", "yard", ring(-40.0, -30.0, 40.0, 44.0)),
        zone("hall", "structure", ring(-25.0, 45.0, 25.0, 65.0))
    )
}

fn time(s: f64) -> String {
    Micros(1_772_409_600_000_000 + (s * 1e6) as i64).to_rfc3339()
}

/// Rows of tracks in any order of writing; sorted by time when read.
#[derive(Default)]
struct Tracks(Vec<(f64, String)>);

impl Tracks {
    fn at(&mut self, t: f64, id: &str, class: &str, feed: &str, e: f64, n: f64) {
        let (lon, lat) = degrees(e, n);
        let look = if class == "person" {
            ",,,,".to_owned()
        } else {
            "7.5,2.4,90,0,0".to_owned()
        };
        let row = format!(
            "{},{id},{lat:.8},{lon:.8},{class},0.3,{feed},{look}",
            time(t)
        );
        self.0.push((t, row));
    }

    fn stands(&mut self, from: f64, to: f64, id: &str, feed: &str, e: f64, n: f64) {
        let mut t = from;
        while t < to {
            self.at(t, id, "truck", feed, e, n);
            t += 2.0;
        }
    }

    /// Straight, at a speed; the moment of arrival.
    fn goes(
        &mut self,
        from: f64,
        who: (&str, &str),
        a: (f64, f64),
        b: (f64, f64),
        speed: f64,
    ) -> f64 {
        let d = (b.0 - a.0).hypot(b.1 - a.1);
        let took = d / speed;
        let steps = (took * 2.0).ceil().max(1.0);
        for k in 0..=steps as u32 {
            let f = f64::from(k) / steps;
            let (e, n) = (a.0 + f * (b.0 - a.0), a.1 + f * (b.1 - a.1));
            self.at(from + f * took, who.0, who.1, "d1", e, n);
        }
        from + took
    }

    fn csv(mut self) -> String {
        self.0.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut text = String::from("time,id,lat,lon,class,sigma_m,feed,length_m,width_m,l,a,b\n");
        for (_, row) in self.0 {
            text += &row;
            text.push('\n');
        }
        text
    }
}

fn coverage(looks: &[(f64, f64, &str)]) -> String {
    let mut text = String::from("from,to,feed,p_person,p_vehicle,outline\n");
    let corners = [
        (-120.0, -90.0),
        (120.0, -90.0),
        (120.0, 80.0),
        (-120.0, 80.0),
    ]
    .map(|(e, n)| {
        let (lon, lat) = degrees(e, n);
        format!("{lon:.8} {lat:.8}")
    });
    for (a, b, feed) in looks {
        let _ = writeln!(
            text,
            "{},{},{feed},0.9,0.98,{}",
            time(*a),
            time(*b),
            corners.join(" ")
        );
    }
    text
}

fn told(tracks: Tracks, looks: &[(f64, f64, &str)], cues: &str) -> Told {
    let (plane, zones) = geojson::zones(&zones()).expect("zones");
    let beside = Beside {
        coverage: coverage(looks).leak().as_bytes(),
        cues: Some(cues.to_owned().leak().as_bytes()),
        emissions: None::<&[u8]>,
    };
    events(tracks.csv().as_bytes(), beside, &plane, zones).expect("tables")
}

const NO_CUES: &str = "time,zone,p\n";

fn of(all: &[Event], kind: EventKind) -> Vec<&Event> {
    all.iter().filter(|e| e.kind == kind).collect()
}

#[test]
fn a_parked_truck_stays_one_over_broken_tracks_other_cameras_and_hours_unwatched() {
    let mut t = Tracks::default();
    let end = t.goes(100.0, ("1", "truck"), (0.0, -70.0), (0.0, 10.0), 4.0);
    t.stands(end, 300.0, "1", "d1", 0.0, 10.0);
    // The track breaks.
    t.stands(310.0, 600.0, "2", "d1", 0.3, 10.2);
    // Two hours later another aircraft sees it three metres off, while the first comes back.
    t.stands(7_800.0, 8_400.0, "3", "d2", 2.2, 12.0);
    t.stands(8_000.0, 8_400.0, "4", "d1", -0.4, 9.8);
    let looks = [
        (0.0, 600.0, "d1"),
        (7_790.0, 8_400.0, "d2"),
        (7_995.0, 8_400.0, "d1"),
    ];
    let all = told(t, &looks, NO_CUES).events;
    assert_eq!(of(&all, EventKind::Arrival).len(), 1);
    assert_eq!(of(&all, EventKind::Departure).len(), 0);
    assert_eq!(of(&all, EventKind::Appeared).len(), 0);
}

#[test]
fn what_left_and_came_unseen_is_said_with_the_time_between_the_looks() {
    let mut t = Tracks::default();
    let end = t.goes(100.0, ("1", "truck"), (0.0, -70.0), (0.0, 10.0), 4.0);
    t.stands(end, 600.0, "1", "d1", 0.0, 10.0);
    // Something else stands elsewhere in the second look.
    t.stands(4_010.0, 4_600.0, "2", "d1", 30.0, -20.0);
    let looks = [(0.0, 600.0, "d1"), (4_000.0, 4_600.0, "d1")];
    let all = told(t, &looks, NO_CUES).events;
    let left = of(&all, EventKind::Departure);
    assert_eq!(left.len(), 1);
    assert!(matches!(&left[0].about, Some(About::Departure(d)) if d.unseen));
    assert_eq!(left[0].time.to_rfc3339(), time(598.0));
    let known = left[0].time_end.unwrap();
    assert!((4_000.0..4_010.0).contains(&known.since(Micros(1_772_409_600_000_000))));
    let came = of(&all, EventKind::Arrival);
    assert_eq!(came.len(), 2);
    assert!(matches!(&came[1].about, Some(About::Arrival(a)) if a.unseen));
    assert!(
        came[1].time.0 <= left[0].time_end.unwrap().0
            && came[1].time_end.unwrap().0 > came[1].time.0
    );
}

#[test]
fn nobody_has_left_whom_nobody_could_have_seen() {
    let mut t = Tracks::default();
    let end = t.goes(100.0, ("1", "truck"), (0.0, -70.0), (0.0, 10.0), 4.0);
    t.stands(end, 600.0, "1", "d1", 0.0, 10.0);
    // Half a minute of a look without it is not enough, a day without a look is nothing.
    let all = told(
        t,
        &[(0.0, 600.0, "d1"), (90_000.0, 90_030.0, "d1")],
        NO_CUES,
    )
    .events;
    assert_eq!(of(&all, EventKind::Departure).len(), 0);
}

#[test]
fn a_ground_sensor_says_when_what_nobody_saw_happened() {
    let mut t = Tracks::default();
    let end = t.goes(100.0, ("1", "truck"), (0.0, -70.0), (0.0, 10.0), 4.0);
    t.stands(end, 600.0, "1", "d1", 0.0, 10.0);
    let cues = format!("time,zone,p\n{},yard,0.9\n", time(2_345.0));
    let all = told(t, &[(0.0, 600.0, "d1"), (4_000.0, 4_600.0, "d1")], &cues).events;
    let left = of(&all, EventKind::Departure);
    assert_eq!(left[0].time.to_rfc3339(), time(2_345.0));
    assert!(left[0].reason.contains("ground sensor"));
}

/// A truck stands; a person walks ten times between it and the door, at these speeds to and from it.
fn handled(to: f64, from: f64) -> Vec<Event> {
    let mut t = Tracks::default();
    let end = t.goes(100.0, ("1", "truck"), (0.0, -70.0), (0.0, 28.0), 4.0);
    let mut now = end + 60.0;
    for k in 0..10 {
        let name = format!("p{k}");
        let who = (name.as_str(), "person");
        let at = t.goes(now, who, (0.0, 46.0), (0.0, 33.0), to);
        for s in 0..6 {
            t.at(at + f64::from(s), who.0, who.1, "d1", 0.0, 33.0);
        }
        now = t.goes(at + 6.0, who, (0.0, 33.0), (0.0, 46.0), from) + 15.0;
    }
    t.stands(end, now + 60.0, "1", "d1", 0.0, 28.0);
    t.goes(now + 60.0, ("1", "truck"), (0.0, 28.0), (0.0, -100.0), 4.0);
    told(t, &[(0.0, now + 400.0, "d1")], NO_CUES).events
}

#[test]
fn who_carries_walks_slower_and_that_tells_delivery_from_shipment() {
    let out = handled(1.1, 1.4);
    assert_eq!(of(&out, EventKind::Delivery).len(), 0);
    let shipment = of(&out, EventKind::Shipment);
    assert_eq!(shipment.len(), 1);
    assert!(shipment[0].p > 0.6, "{}", shipment[0].p);
    let Some(About::Handling(h)) = &shipment[0].about else {
        panic!("no reasons: {:?}", shipment[0]);
    };
    assert_eq!((h.walks_in, h.walks_out, h.persons), (10, 10, 1));
    let back = handled(1.4, 1.1);
    assert_eq!(of(&back, EventKind::Delivery).len(), 1);
    assert_eq!(of(&back, EventKind::Shipment).len(), 0);
    // Without a difference nothing is said about the way.
    let even = handled(1.25, 1.25);
    let said: Vec<&Event> = even
        .iter()
        .filter(|e| matches!(e.kind, EventKind::Delivery | EventKind::Shipment))
        .collect();
    assert!(said.iter().all(|e| e.p < 0.55));
}

#[test]
fn a_visit_in_which_people_only_get_out_and_back_is_no_delivery() {
    let mut t = Tracks::default();
    let end = t.goes(100.0, ("1", "truck"), (0.0, -70.0), (0.0, 28.0), 4.0);
    t.goes(end + 20.0, ("p", "person"), (0.0, 31.0), (0.0, 46.0), 1.3);
    t.goes(end + 900.0, ("q", "person"), (0.0, 46.0), (0.0, 31.0), 1.3);
    t.stands(end, end + 1_000.0, "1", "d1", 0.0, 28.0);
    t.goes(
        end + 1_000.0,
        ("1", "truck"),
        (0.0, 28.0),
        (0.0, -100.0),
        4.0,
    );
    let all = told(t, &[(0.0, end + 1_300.0, "d1")], NO_CUES).events;
    assert_eq!(of(&all, EventKind::Departure).len(), 1);
    let handled = [
        EventKind::Load,
        EventKind::Unload,
        EventKind::Delivery,
        EventKind::Shipment,
    ];
    assert!(all.iter().all(|e| !handled.contains(&e.kind)));
}

#[test]
fn a_truck_at_night_is_new_after_weeks_of_days_and_the_routine_is_not() {
    let mut t = Tracks::default();
    let mut looks = Vec::new();
    let day = 86_400.0;
    for d in 0..21 {
        for hour in [2.0, 10.0] {
            let from = f64::from(d) * day + hour * 3_600.0;
            looks.push((from, from + 3_000.0, "d1"));
        }
        let mut visit = |hour: f64, id: String| {
            let from = f64::from(d) * day + hour * 3_600.0 + 300.0;
            let who = (id.as_str(), "truck");
            let end = t.goes(from, who, (0.0, -80.0), (0.0, 28.0), 4.0);
            t.stands(end, end + 300.0, &id, "d1", 0.0, 28.0);
            t.goes(end + 300.0, who, (0.0, 28.0), (0.0, -110.0), 4.0);
        };
        visit(10.0, format!("day{d}"));
        if d == 18 {
            visit(2.0, "night".into());
        }
    }
    let told = told(t, &looks, NO_CUES);
    let novel = of(&told.events, EventKind::Novelty);
    let who: Vec<&str> = novel.iter().map(|e| e.subjects[0].as_str()).collect();
    assert_eq!(who, ["night"]);
    // One a day at ten o'clock, in 50 watched minutes.
    let rates = told.sites.routine.csv();
    let monday = rates
        .lines()
        .find(|l| l.starts_with("farm,arrival,true,1,10,"));
    assert!(
        monday
            .unwrap()
            .starts_with("farm,arrival,true,1,10,3.00,2."),
        "{monday:?}"
    );
    // The same truck came every day.
    assert!(of(&told.events, EventKind::Return).len() > 15);
}

#[test]
fn tables_that_cannot_be_read_say_where() {
    let (plane, zones) = geojson::zones(&zones()).unwrap();
    let beside = || Beside {
        coverage: "from,to,outline\n2026-03-02T00:00:00Z,2026-03-02T01:00:00Z,-8.4 36.2 here\n"
            .as_bytes(),
        cues: None::<&[u8]>,
        emissions: None::<&[u8]>,
    };
    let tracks = "time,id,lat,lon,class\n".as_bytes();
    let bad = events(tracks, beside(), &plane, zones.clone())
        .err()
        .unwrap();
    assert_eq!(
        bad.to_string(),
        "coverage: line 2: '-8.4 36.2 here' is not an outline: longitude latitude, three times or more"
    );
    let beside = Beside {
        coverage: "from,to,outline\n".as_bytes(),
        ..beside()
    };
    let bad = events("time,id,lat,lon\n".as_bytes(), beside, &plane, zones)
        .err()
        .unwrap();
    assert_eq!(
        bad.to_string(),
        "tracks: there is no column 'class'; the header has: time, id, lat, lon"
    );
}
