//! A graph that grows from events.

use atalaya_model::{Event, EventKind, EvidenceRef, Micros};
use atalaya_network::measure::Options;
use atalaya_network::slices::{extent, slice, windows};
use atalaya_network::{Graph, Growth, Who};

fn event(kind: EventKind, s: i64, zone: &str, subject: &str) -> Event {
    let time = Micros(s * 1_000_000);
    Event {
        about: None,
        schema: Event::SCHEMA.into(),
        class: None,
        id: Event::id_of(kind, zone, subject, time),
        kind,
        time,
        time_end: None,
        decided_at: time,
        zone: zone.into(),
        subjects: vec![subject.into()],
        p: 0.9,
        lat: None,
        lon: None,
        reason: String::new(),
        evidence: vec![EvidenceRef {
            samples: None,
            feed: format!("{}-{s}", kind.name()),
            segment: None,
            t0: time,
            t1: time,
            frames: Vec::new(),
        }],
    }
}

/// Tracks that begin with V are vehicles.
fn who(subject: &str) -> Who {
    if subject.starts_with('V') {
        Who::Vehicle {
            id: format!("run1/{subject}"),
            name: subject.into(),
        }
    } else {
        Who::Anonymous
    }
}

fn grown(events: &[Event]) -> (Graph, Growth) {
    let mut graph = Graph::default();
    let mut growth = Growth::new("op", 60.0);
    for e in events {
        growth.push(&mut graph, e, who).unwrap();
    }
    (graph, growth)
}

/// `source target kind first-last weight` of each link.
fn said(g: &Graph) -> Vec<String> {
    let mut all = Vec::new();
    for l in g.links() {
        let id = |v: u32| g.nodes()[v as usize].id.clone();
        for s in &l.sightings {
            let (t0, t1) = s.span.unwrap();
            all.push(format!(
                "{} {} {} {}-{} {:.2}",
                id(l.a),
                id(l.b),
                g.kind(l),
                t0.0 / 1_000_000,
                t1.0 / 1_000_000,
                s.weight
            ));
        }
    }
    all
}

use EventKind::*;

#[test]
fn a_visit_lasts_from_arrival_to_departure_and_keeps_both_reasons() {
    let (g, _) = grown(&[
        event(Arrival, 10, "yard", "V1"),
        event(Departure, 95, "yard", "V1"),
    ]);
    assert_eq!(said(&g), ["run1/V1 op/yard visit 10-95 0.90"]);
    let feeds: Vec<&str> = g.links()[0].evidence().map(|e| e.feed.as_str()).collect();
    assert_eq!(feeds, ["arrival-10", "departure-95"]);
}

#[test]
fn every_link_has_evidence_and_an_open_visit_is_there_at_once() {
    let (g, _) = grown(&[event(Appeared, 10, "yard", "V1")]);
    assert_eq!(said(&g), ["run1/V1 op/yard visit 10-10 0.90"]);
    assert!(g.links().iter().all(|l| l.evidence().count() > 0));
}

#[test]
fn two_places_are_linked_by_the_vehicle_that_was_at_both() {
    let (g, _) = grown(&[
        event(Arrival, 10, "gate", "V1"),
        event(Departure, 30, "gate", "V1"),
        event(Arrival, 50, "shed", "V1"),
        event(Lost, 70, "shed", "V1"),
        event(Arrival, 90, "shed", "V1"),
    ]);
    assert_eq!(
        said(&g),
        [
            "run1/V1 op/gate visit 10-30 0.90",
            "run1/V1 op/shed visit 50-70 0.90",
            "run1/V1 op/shed visit 90-90 0.90",
            "op/gate op/shed route 30-50 0.90",
        ]
    );
}

#[test]
fn a_place_inside_another_is_reached_from_it() {
    let (g, _) = grown(&[
        event(Arrival, 10, "site", "V1"),
        event(Arrival, 40, "yard", "V1"),
    ]);
    assert!(said(&g).contains(&"op/site op/yard route 10-40 0.90".to_owned()));
}

#[test]
fn vehicles_meet_when_they_are_together_for_long_enough() {
    let (g, _) = grown(&[
        event(Arrival, 0, "yard", "V1"),
        event(Arrival, 30, "yard", "V2"),
        event(Arrival, 100, "yard", "V3"),
        event(Departure, 120, "yard", "V1"),
        event(Departure, 200, "yard", "V2"),
        event(Departure, 300, "yard", "V3"),
    ]);
    let meetings: Vec<String> = said(&g)
        .into_iter()
        .filter(|s| s.contains("meeting"))
        .collect();
    assert_eq!(
        meetings,
        [
            "run1/V1 run1/V2 meeting 30-120 0.81",
            "run1/V2 run1/V3 meeting 100-200 0.81"
        ]
    );
}

#[test]
fn anonymous_tracks_never_become_entities() {
    let (g, growth) = grown(&[
        event(Arrival, 0, "yard", "P1"),
        event(Arrival, 10, "yard", "V1"),
        event(Departure, 200, "yard", "P1"),
        event(Departure, 300, "yard", "V1"),
        event(Dwell, 310, "yard", "V1"),
        event(CoverageGap, 320, "yard", "-"),
    ]);
    assert_eq!(growth.anonymous(), 2);
    assert_eq!(said(&g), ["run1/V1 op/yard visit 10-300 0.90"]);
}

#[test]
fn slices_hold_what_was_seen_in_their_window() {
    let (g, _) = grown(&[
        event(Arrival, 0, "gate", "V1"),
        event(Departure, 50, "gate", "V1"),
        event(Arrival, 1000, "gate", "V2"),
        event(Arrival, 1005, "shed", "V1"),
        event(Departure, 1500, "gate", "V2"),
    ]);
    assert_eq!(extent(&g), Some((Micros(0), Micros(1_500_000_000))));
    let all = windows(&g, Micros(600_000_000), Micros(600_000_000)).unwrap();
    assert_eq!(all.len(), 3);
    let names: Vec<Vec<&str>> = all
        .iter()
        .map(|(from, until)| {
            let s = slice(&g, *from, *until, &Options::default());
            assert_eq!(s.measures.degree.len(), s.nodes.len());
            s.nodes
                .iter()
                .map(|v| g.nodes()[*v as usize].name.as_str())
                .collect()
        })
        .collect();
    assert_eq!(names[0], ["V1", "gate", "shed"]);
    assert_eq!(names[1], ["V1", "gate", "V2", "shed"]);
    assert_eq!(names[2], ["gate", "V2"]);
    let many = windows(&g, Micros(1_000_000), Micros(1))
        .unwrap_err()
        .to_string();
    assert!(
        many.contains("at most 10000") && many.contains("longer"),
        "{many}"
    );
    let none = windows(&Graph::default(), Micros(1), Micros(1))
        .unwrap_err()
        .to_string();
    assert!(none.contains("no link has a time"), "{none}");
}
