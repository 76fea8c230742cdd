//! Watch rules in event time: what each pattern tells, and what it does not.

use atalaya_activity::watch::{Watch, read};
use atalaya_model::{About, Alert, Arrived, Class, Event, EventKind, EvidenceRef, Micros};
use std::sync::Arc;

const DAY0: i64 = 1_795_000_000; // 2026-11-18T11:06:40Z

pub fn t(s: f64) -> Micros {
    Micros(DAY0 * 1_000_000) + Micros::from_secs(s)
}

pub fn event(kind: EventKind, zone: &str, subject: &str, s: f64) -> Event {
    Event {
        schema: Event::SCHEMA.into(),
        class: Some(Class::Truck),
        id: Event::id_of(kind, zone, subject, t(s)),
        kind,
        time: t(s),
        time_end: None,
        decided_at: t(s),
        zone: zone.into(),
        subjects: if subject.is_empty() {
            Vec::new()
        } else {
            vec![subject.into()]
        },
        p: 0.9,
        lat: Some(40.0),
        lon: Some(-3.0),
        reason: "seen".into(),
        about: None,
        evidence: vec![EvidenceRef {
            feed: "north".into(),
            segment: None,
            t0: t(s),
            t1: t(s + 1.0),
            frames: Vec::new(),
            samples: None,
        }],
    }
}

pub fn enter(subject: &str, s: f64) -> Event {
    event(EventKind::Arrival, "yard", subject, s)
}

pub fn exit(subject: &str, s: f64) -> Event {
    event(EventKind::Departure, "yard", subject, s)
}

pub fn watch(rules: &str) -> Watch {
    let text = format!("schema = \"watch/1\"\nsite = \"yard\"\n{rules}");
    Watch::new(
        Arc::new(read("w.toml", &text, &[]).expect("a good document")),
        &[],
    )
}

pub fn rule(rest: &str) -> Watch {
    watch(&format!("[[rule]]\nid = \"r\"\n{rest}\n"))
}

/// Applies events; the alerts that are opened, then what became of them.
pub fn opened(w: &mut Watch, events: &[Event], until: f64) -> Vec<Alert> {
    let mut out = Vec::new();
    for e in events {
        w.push(e, &mut out);
    }
    w.advance(t(until), &mut out);
    let mut first: Vec<Alert> = Vec::new();
    for a in out {
        match first.iter_mut().find(|b| b.id == a.id) {
            Some(b) => *b = a,
            None => first.push(a),
        }
    }
    first
}

pub fn times(alerts: &[Alert]) -> Vec<f64> {
    alerts.iter().map(|a| a.opened_at.since(t(0.0))).collect()
}

#[test]
fn enter_and_exit_are_told_once_a_visit() {
    let mut w =
        rule("on = [\"enter\", \"exit\"]\nwhere = \"kind == 'arrival' || stayed_s > 50.0\"");
    let events = [
        enter("7", 0.0),
        exit("7", 60.0),
        enter("7", 100.0),
        exit("7", 110.0),
    ];
    let alerts = opened(&mut w, &events, 200.0);
    assert_eq!(times(&alerts), [0.0, 100.0], "a return is new");
    let life = alerts[0].life.as_ref().unwrap();
    assert_eq!(
        (life.count, alerts[0].events.len(), alerts[0].evidence.len()),
        (2, 2, 2)
    );
    assert_eq!(life.updated_at, t(60.0));
    assert_eq!(alerts[0].reason, "truck came into yard");
    assert_eq!(
        alerts[1].life.as_ref().unwrap().count,
        1,
        "it stayed for 10 s only"
    );
}

#[test]
fn a_parked_truck_that_goes_out_of_sight_is_silent_and_one_that_returns_is_new() {
    let mut w = rule("on = \"dwell\"\nlonger_than_s = 100");
    let events = [
        enter("7", 0.0),
        event(EventKind::Lost, "yard", "7", 150.0),
        // The same truck under another name, where it was lost.
        event(EventKind::Appeared, "yard", "9", 4000.0),
        event(EventKind::Lost, "yard", "9", 4500.0),
        event(EventKind::Appeared, "yard", "11", 9000.0),
        exit("11", 9500.0),
        enter("11", 9600.0),
    ];
    let alerts = opened(&mut w, &events, 20_000.0);
    assert_eq!(times(&alerts), [100.0, 9700.0]);
    assert_eq!(
        alerts[0].subjects,
        ["7", "9", "11"],
        "one subject under all its names"
    );
    let appeared = rule("on = \"appeared\"");
    let mut w = appeared;
    assert_eq!(
        opened(&mut w, &events, 20_000.0),
        [],
        "who was there all along has not come"
    );
    assert_eq!(w.tallies().next().unwrap().1.parked, 2);
}

#[test]
fn a_stay_counts_what_was_seen() {
    let mut w = rule("on = \"dwell\"\nlonger_than_s = 100");
    let mut out = Vec::new();
    w.push(&enter("7", 0.0), &mut out);
    w.unwatch("yard", t(60.0));
    w.advance(t(500.0), &mut out);
    assert_eq!(out, [], "nobody saw it stay");
    w.watch("yard", t(500.0));
    w.advance(t(539.0), &mut out);
    assert_eq!(out, []);
    w.advance(t(541.0), &mut out);
    assert_eq!(times(&out), [540.0]);
    assert!(
        out[0]
            .reason
            .ends_with("more than 100 s, 440 s of it out of sight"),
        "{}",
        out[0].reason
    );
}

#[test]
fn who_came_unseen_is_there_from_when_it_was_seen() {
    let mut e = enter("7", 0.0);
    e.about = Some(About::Arrival(Arrived {
        unseen: true,
        in_view: false,
    }));
    e.time_end = Some(t(900.0));
    e.decided_at = t(900.0);
    let mut w = rule("on = \"dwell\"\nlonger_than_s = 100");
    assert_eq!(times(&opened(&mut w, &[e.clone()], 2000.0)), [1000.0]);
    let mut w = rule("on = \"absent_within\"\nof = \"enter\"\nthen = [\"exit\"]\nwithin_s = 600");
    assert_eq!(times(&opened(&mut w, &[e.clone()], 2000.0)), [1530.0]);
    let mut w = rule("on = \"enter\"\nwhere = \"!unobserved\"");
    assert_eq!(opened(&mut w, &[e], 2000.0), []);
}

#[test]
fn persons_are_not_linked_over_more_than_five_minutes() {
    let mut w = rule("on = [\"enter\", \"appeared\"]");
    let person = |mut e: Event| {
        e.class = Some(Class::Person);
        e
    };
    let events = [
        person(enter("1", 0.0)),
        person(event(EventKind::Lost, "yard", "1", 10.0)),
        person(event(EventKind::Appeared, "yard", "2", 250.0)),
        person(event(EventKind::Lost, "yard", "2", 260.0)),
        person(event(EventKind::Appeared, "yard", "3", 600.0)),
        person(event(EventKind::Lost, "yard", "3", 610.0)),
        // Not even under the same name.
        person(event(EventKind::Appeared, "yard", "3", 1000.0)),
    ];
    let alerts = opened(&mut w, &events, 1100.0);
    assert_eq!(times(&alerts), [0.0, 600.0, 1000.0]);
    assert_eq!(alerts[1].subjects, ["3"]);
}

#[test]
fn counts_count_different_subjects_within_the_window() {
    let mut w = rule("on = \"count\"\nof = \"enter\"\nat_least = 3\nwithin_s = 100");
    let events = [
        enter("1", 0.0),
        exit("1", 5.0),
        enter("1", 10.0),
        enter("2", 20.0),
        enter("3", 130.0),
        enter("4", 140.0),
        enter("5", 150.0),
        enter("6", 160.0),
    ];
    let alerts = opened(&mut w, &events, 200.0);
    assert_eq!(
        times(&alerts),
        [150.0],
        "one that comes three times is one; the fourth joins"
    );
    assert_eq!(alerts[0].subjects, ["3", "4", "5", "6"]);
    assert_eq!(alerts[0].reason, "3 times arrival in yard within 100 s");
    assert_eq!(alerts[0].life.as_ref().unwrap().count, 2);
}

#[test]
fn sequences_follow_one_subject_in_order_and_in_time() {
    let text = "on = \"sequence\"\nof = \"enter\"\nthen = [\"unload\", { on = \"exit\", where = \"stayed_s > 10.0\" }]\nwithin_s = 100";
    let unload = |subject, s| event(EventKind::Unload, "yard", subject, s);
    let mut w = rule(text);
    let events = [
        enter("1", 0.0),
        enter("2", 1.0),
        unload("1", 10.0),
        exit("2", 20.0),
        exit("1", 30.0),
    ];
    let alerts = opened(&mut w, &events, 200.0);
    assert_eq!(times(&alerts), [30.0]);
    assert_eq!(
        (alerts[0].subjects.clone(), alerts[0].events.len()),
        (vec!["1".to_owned()], 3)
    );
    let mut w = rule(text);
    let late = [enter("1", 0.0), unload("1", 60.0), exit("1", 101.0)];
    assert_eq!(opened(&mut w, &late, 300.0), []);
    let mut w = rule(text);
    let wrong = [enter("1", 0.0), exit("1", 30.0), unload("1", 40.0)];
    assert_eq!(opened(&mut w, &wrong, 300.0), []);
}

#[test]
fn absence_is_told_only_where_it_would_have_been_seen() {
    let text = "on = \"absent_within\"\nof = \"enter\"\nthen = [\"exit\"]\nwithin_s = 600";
    let mut w = rule(text);
    let alerts = opened(
        &mut w,
        &[enter("1", 0.0), enter("2", 5.0), exit("2", 300.0)],
        1000.0,
    );
    assert_eq!(
        times(&alerts),
        [630.0],
        "half a minute for words that come late"
    );
    assert_eq!(alerts[0].subjects, ["1"]);

    // The same, but the yard was out of sight for ten of its minutes.
    let mut w = rule(text);
    let mut out = Vec::new();
    w.push(&enter("1", 0.0), &mut out);
    w.unwatch("yard", t(100.0));
    w.advance(t(700.0), &mut out);
    w.watch("yard", t(700.0));
    w.advance(t(1229.0), &mut out);
    assert_eq!(out, []);
    w.push(&exit("1", 1190.0), &mut out);
    w.advance(t(3000.0), &mut out);
    assert_eq!(
        out,
        [],
        "it left when it had been watched for less than ten minutes"
    );
    assert_eq!(
        w.tallies().next().unwrap().1.unwatched,
        1,
        "who does not know of coverage would have told"
    );

    // Out of sight and never seen again: not told, and said to be undecided.
    let mut w = rule(text);
    w.push(&enter("1", 0.0), &mut out);
    w.unwatch("yard", t(100.0));
    w.advance(t(90_000.0), &mut out);
    assert_eq!(out, []);
    assert_eq!(w.tallies().next().unwrap().1.undecided, 1);
}

#[test]
fn what_was_begun_goes_on_when_the_subject_has_another_name() {
    let lost = [
        enter("7", 0.0),
        event(EventKind::Lost, "yard", "7", 50.0),
        event(EventKind::Appeared, "yard", "9", 200.0),
        exit("9", 300.0),
    ];
    let rest = "of = \"enter\"\nthen = [\"exit\"]\nwithin_s = 600";
    let mut w = rule(&format!("on = \"absent_within\"\n{rest}"));
    assert_eq!(opened(&mut w, &lost, 5000.0), [], "it left, as 9");
    let mut w = rule(&format!("on = \"sequence\"\n{rest}"));
    let alerts = opened(&mut w, &lost, 5000.0);
    assert_eq!(times(&alerts), [300.0]);
    assert_eq!(alerts[0].subjects, ["7", "9"]);
    let mut w = rule(&format!("on = \"absent_within\"\n{rest}"));
    let alerts = opened(&mut w, &lost[..3], 5000.0);
    assert_eq!(times(&alerts), [630.0]);
    assert_eq!(alerts[0].subjects, ["7", "9"]);
}

#[test]
fn near_is_between_two_subjects() {
    let mut w = rule("on = \"near\"\nof = \"stop\"\nnear_m = 20\nwithin_s = 60");
    let stop = |subject, s, north_m: f64| {
        let mut e = event(EventKind::Stop, "", subject, s);
        e.lat = Some(40.0 + north_m / 111_000.0);
        e
    };
    let events = [
        stop("1", 0.0, 0.0),
        stop("1", 10.0, 1.0),
        stop("2", 20.0, 50.0),
        stop("3", 30.0, 15.0),
        stop("4", 200.0, 0.0),
    ];
    let alerts = opened(&mut w, &events, 300.0);
    assert_eq!(times(&alerts), [30.0]);
    assert_eq!(alerts[0].subjects, ["1", "3"]);
    assert!(
        alerts[0].reason.ends_with("14 m from truck 1"),
        "{}",
        alerts[0].reason
    );
}
