//! The report, on an operation that never was.

use crate::sample::{alert, at, event, sample};
use atalaya_exchange::report::{Language, ReportGate, Still, html, wanted_stills};
use atalaya_model::EventKind;
use std::collections::BTreeMap;

/// The smallest thing that starts as a JPEG does.
fn still() -> Still {
    Still {
        jpeg: vec![0xff, 0xd8, 0xff, 0xd9],
        size: (320, 180),
        frame_size: (640, 360),
    }
}

/// Every element that is opened is closed, in order: what escaping is for.
fn assert_well_formed(page: &str) {
    let void = ["meta", "br", "!doctype"];
    let mut open: Vec<String> = Vec::new();
    for part in page.split('<').skip(1) {
        let tag = &part[..part.find('>').unwrap_or_else(|| panic!("no end: {part}"))];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(
                open.pop().as_deref(),
                Some(name),
                "</{name}> closes something else"
            );
        } else {
            let name = tag.split([' ', '\n']).next().unwrap();
            if !tag.ends_with('/') && !void.contains(&name) {
                open.push(name.to_owned());
            }
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

#[test]
fn a_commander_finds_what_happened_in_both_languages() {
    let mut s = sample();
    for (feed, frame, _) in wanted_stills(&s.alerts, &s.events) {
        s.stills.insert((feed, frame), still());
    }
    let en = html(&s.input(Language::En));
    let es = html(&s.input(Language::Es));
    assert_well_formed(&en);
    assert_well_formed(&es);
    for words in [
        "<html lang=\"en\">",
        ">SIMULATED<",
        "Investigating Court No. 3",
        "112/2026",
        "From 2026-11-22 05:00:00 to 05:20:00 UTC the site “El Encinar compound” was watched by 2 feeds",
        "There were 6 visits to zones (truck 2, pickup 1, car 1, person 2).",
        "3 alerts were raised, the first at 05:02:42: truck A17 in Yard for more than",
        "seen outside the zone, then inside",
        "360 of 36000 frames had no metadata in time",
        "NO LOOK: Farmhouse",
        "inside a no-look area",
        "Not observed is never absent.",
        "9f2c4e6a8b0d1f33",
        "5be1c2a0f7d94c31",
        "data:image/jpeg;base64,/9j/2Q==",
    ] {
        assert!(en.contains(words), "{words}");
    }
    for words in [
        "<html lang=\"es\">",
        ">SIMULADO<",
        "Hubo 6 visitas a zonas (camión 2, camioneta 1, coche 1, persona 2).",
        "camión A17 en Yard más de",
        "la zona no estuvo a la vista durante",
        "NO MIRAR: Farmhouse",
        "Lo que no se vio",
    ] {
        assert!(es.contains(words), "{words}");
    }
    assert!(!es.contains("seen outside the zone"));
    // Nothing to fetch and nothing to run.
    for page in [&en, &es] {
        for never in [
            "<script", "http://", "https://", "<link", "@import", "NaN", "inf",
        ] {
            let found = page
                .match_indices(never)
                .any(|(i, _)| !page[i..].starts_with("info"));
            assert!(!found, "{never}");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let (a, b) = (sample(), sample());
    assert_eq!(html(&a.input(Language::En)), html(&b.input(Language::En)));
    assert_ne!(html(&a.input(Language::En)), html(&a.input(Language::Es)));
}

#[test]
fn boxes_are_drawn_in_the_pixels_of_the_still() {
    let mut s = sample();
    let (feed, frame, _) = wanted_stills(&s.alerts, &s.events).remove(0);
    s.stills.insert((feed, frame), still());
    let page = html(&s.input(Language::En));
    // The box of the first frame is 300,140 46x30 of 640x360; the still is half as large.
    assert!(page.contains("x=\"150.0\" y=\"70.0\" width=\"23.0\" height=\"15.0\""));
    assert!(page.contains("<image id=\"p0\" width=\"320\" height=\"180\""));
}

#[test]
fn what_comes_from_outside_stays_text() {
    let mut s = sample();
    let evil = "</title><script>alert(1)</script>\"'><img src=x onerror=y>\u{202e}";
    s.operation.name = evil.into();
    s.operation.site.name = evil.into();
    s.operation.authority.purpose = evil.into();
    s.operation.authority.valid_from = evil.into();
    s.operation.authority.no_look[0].name = evil.into();
    s.operation.site.zones[1].name = evil.into();
    s.feeds[0].id = evil.into();
    s.feeds[0].source = evil.into();
    s.feeds[0].sha256 = Some(evil.into());
    s.feeds[0].faults = vec![evil.into()];
    s.tracks[0].id = evil.into();
    s.remarks = vec![evil.into()];
    s.gate.points_refused = BTreeMap::from([(evil.to_owned(), 3)]);
    for e in &mut s.events {
        e.reason = evil.into();
        e.subjects.iter_mut().for_each(|x| *x = evil.into());
    }
    for a in &mut s.alerts {
        a.rule = evil.into();
        a.reason = evil.into();
        a.zone = evil.into();
        a.subjects = vec![evil.into(); 9];
        a.evidence[0].feed = evil.into();
    }
    for (feed, frame, _) in wanted_stills(&s.alerts, &s.events) {
        s.stills.insert((feed, frame), still());
    }
    for language in [Language::En, Language::Es] {
        let page = html(&s.input(language));
        assert_well_formed(&page);
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains('\u{202e}'));
    }
}

#[test]
fn numbers_from_outside_break_nothing() {
    let mut s = sample();
    let bad = [f64::NAN, f64::INFINITY, 1e300, -1e300];
    for (i, t) in s.tracks.iter_mut().enumerate() {
        let v = bad[i % 4];
        t.points[0] = (at(0.0), v, v);
    }
    s.footprints[0].corners[0] = [f64::NAN, 4.0];
    s.alerts[0].lat = Some(f64::NAN);
    s.events[0].p = f64::NAN;
    s.events[1].time = atalaya_model::Micros::MAX;
    s.events[2].time = atalaya_model::Micros::MIN;
    if let Some(b) = &mut s.alerts[1].evidence[0].frames[0].bbox {
        b.x = f32::NAN;
    }
    let page = html(&s.input(Language::En));
    assert_well_formed(&page);
    for attribute in ["=\"NaN", "=\"inf", " NaN", "LNaN", "MNaN"] {
        assert!(!page.contains(attribute), "{attribute}");
    }
    // Times beyond the calendar, with no feed to hold them.
    s.feeds.clear();
    assert_well_formed(&html(&s.input(Language::En)));
    // And when there is nothing at all.
    s.gate = ReportGate::default();
    s.events.clear();
    s.alerts.clear();
    s.tracks.clear();
    s.footprints.clear();
    s.remarks.clear();
    s.operation.site.zones.clear();
    let page = html(&s.input(Language::En));
    assert_well_formed(&page);
    assert!(page.contains("no frame was received"));
    assert!(page.contains("There is no map"));
    assert!(!page.contains("the gate refused nothing"), "nobody looked");
}

#[test]
fn a_long_day_is_bounded_and_says_where_the_rest_is() {
    let mut s = sample();
    s.events = (0..3000)
        .map(|i| {
            let t = f64::from(i) * 0.3;
            event(EventKind::Arrival, t, "yard", &format!("A{i}"), 0.9, "seen")
        })
        .collect();
    s.alerts = s
        .events
        .iter()
        .take(300)
        .map(|e| alert("long-stay", e, 39.9996, -3.5003))
        .collect();
    let wanted = wanted_stills(&s.alerts, &s.events);
    assert_eq!(wanted.len(), 200);
    for (feed, frame, _) in &wanted {
        s.stills.insert((feed.clone(), *frame), still());
    }
    let page = html(&s.input(Language::En));
    assert_well_formed(&page);
    assert_eq!(page.matches("data:image/jpeg").count(), 200);
    assert!(page.contains("2600 more events are in events.jsonl."));
    assert!(page.contains("240 more alerts are in alerts.jsonl."));
    assert!(page.len() < 2 << 20, "{}", page.len());
}

#[test]
fn alerts_come_first_among_wanted_pictures_and_none_twice() {
    let s = sample();
    let wanted = wanted_stills(&s.alerts, &s.events);
    let first = &s.alerts[0].evidence[0].frames[0];
    assert_eq!(wanted[0], ("eo".to_owned(), first.frame, first.t));
    let mut keys: Vec<_> = wanted.iter().map(|w| (&w.0, w.1)).collect();
    let n = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), n);
    // A gap has no picture.
    assert!(wanted.iter().all(|w| w.0 == "eo"));
}

#[test]
fn open_ends_are_drawn_open() {
    let s = sample();
    let page = html(&s.input(Language::En));
    let bar = |who: &str| {
        let end = page.find(&format!("<title>{who}: ")).unwrap();
        let start = page[..end].rfind("<path class=\"bar").unwrap();
        page[start..end].matches('L').count()
    };
    // Straight ends take three lines; each jagged one adds three.
    assert_eq!(bar("car A2"), 9);
    assert_eq!(bar("truck A17"), 3);
    assert_eq!(bar("person A22"), 6);
}

#[test]
fn a_feed_without_position_says_so_and_has_no_map() {
    let mut s = sample();
    for f in &mut s.feeds {
        (f.metadata_paired, f.metadata_stale, f.placed) = (0, 0, 0);
        f.metadata_absent = f.frames;
        f.time_source = Some("stream".into());
    }
    s.tracks.iter_mut().for_each(|t| t.points.clear());
    s.alerts
        .iter_mut()
        .for_each(|a| (a.lat, a.lon) = (None, None));
    s.footprints.clear();
    for z in &mut s.operation.site.zones {
        z.polygon = None;
    }
    let page = html(&s.input(Language::En));
    assert!(page.contains("the video carries no position; tracks are in picture coordinates only"));
    assert!(page.contains("times count from 1970-01-01"));
    assert!(page.contains("There is no map: nothing has a place on the ground."));
}
