//! Watch rules in event time: what is told, what joins, what is held back, and what is not told.

use atalaya_activity::watch::{Answer, Backtest, FIELDS, Watch, backtest, read};
use atalaya_model::{
    About, Alert, AlertState, Arrived, Class, Cued, Event, EventKind, EvidenceRef, Micros, Severity,
};
use std::sync::Arc;

const DAY0: i64 = 1_795_000_000; // 2026-11-18T11:06:40Z

fn t(s: f64) -> Micros {
    Micros(DAY0 * 1_000_000) + Micros::from_secs(s)
}

fn event(kind: EventKind, zone: &str, subject: &str, s: f64) -> Event {
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

fn enter(subject: &str, s: f64) -> Event {
    event(EventKind::Arrival, "yard", subject, s)
}

fn exit(subject: &str, s: f64) -> Event {
    event(EventKind::Departure, "yard", subject, s)
}

fn watch(rules: &str) -> Watch {
    let text = format!("schema = \"watch/1\"\nsite = \"yard\"\n{rules}");
    Watch::new(
        Arc::new(read("w.toml", &text, &[]).expect("a good document")),
        &[],
    )
}

fn rule(rest: &str) -> Watch {
    watch(&format!("[[rule]]\nid = \"r\"\n{rest}\n"))
}

/// Applies events; the alerts that are opened, then what became of them.
fn opened(w: &mut Watch, events: &[Event], until: f64) -> Vec<Alert> {
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

fn times(alerts: &[Alert]) -> Vec<f64> {
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
    e.about = Some(About::Arrival(Arrived { unseen: true }));
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
    ];
    let alerts = opened(&mut w, &events, 700.0);
    assert_eq!(times(&alerts), [0.0, 600.0]);
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

#[test]
fn one_alert_for_what_several_sensors_say() {
    let mut w = rule("on = [\"cue\", \"enter\"]\nzone = \"yard\"");
    let cue = |s| {
        let mut e = event(EventKind::Cue, "yard", "", s);
        e.id = format!("cue-{s}");
        e.about = Some(About::Cue(Cued {
            node: "pir".into(),
            what: "vehicle".into(),
            sigma_m: 5.0,
        }));
        e
    };
    let alerts = opened(
        &mut w,
        &[
            cue(0.0),
            cue(20.0),
            enter("7", 30.0),
            cue(40.0),
            enter("8", 50.0),
        ],
        60.0,
    );
    assert_eq!(
        times(&alerts),
        [0.0, 50.0],
        "another truck is another alert"
    );
    assert_eq!(alerts[0].life.as_ref().unwrap().count, 4);
    assert_eq!(alerts[0].subjects, ["7"]);
}

#[test]
fn the_same_event_again_is_no_duplicate_and_brings_its_evidence() {
    let mut w = rule("on = \"emission\"");
    let mut e = event(EventKind::Emission, "yard", "", 0.0);
    let first = e.clone();
    e.decided_at = t(60.0);
    e.evidence.push(EvidenceRef {
        t0: t(50.0),
        ..e.evidence[0].clone()
    });
    let alerts = opened(&mut w, &[first, e], 100.0);
    assert_eq!(alerts.len(), 1);
    assert_eq!(
        (
            alerts[0].life.as_ref().unwrap().count,
            alerts[0].evidence.len()
        ),
        (1, 2)
    );
}

#[test]
fn nobody_answers_so_it_grows_louder_then_expires() {
    let mut w =
        rule("on = \"enter\"\nseverity = \"info\"\nescalate_after_s = 60\nexpires_after_s = 600");
    let mut out = Vec::new();
    w.push(&enter("1", 0.0), &mut out);
    w.push(&enter("2", 5.0), &mut out);
    w.answered(&out[1].id.clone());
    w.advance(t(10_000.0), &mut out);
    let said: Vec<_> = out
        .iter()
        .map(|a| (a.subjects[0].as_str(), a.severity, a.state))
        .collect();
    assert_eq!(
        said,
        [
            ("1", Severity::Info, AlertState::Open),
            ("2", Severity::Info, AlertState::Open),
            ("1", Severity::Warning, AlertState::Open),
            ("1", Severity::Warning, AlertState::Expired),
        ]
    );
    assert_eq!(out[2].life.as_ref().unwrap().escalated_at, Some(t(60.0)));
}

#[test]
fn quiet_hours_hold_back_and_tell_once_when_they_end() {
    // 11:06:40 UTC is 12:06:40 at +01:00; quiet until 13:00, 53 minutes and 20 s later.
    let mut w = watch(
        "utc_offset = \"+01:00\"\n[[rule]]\nid = \"r\"\non = \"enter\"\nquiet_hours = \"12:00-13:00\"\n",
    );
    let events = [
        enter("1", 0.0),
        exit("1", 60.0),
        enter("1", 600.0),
        enter("2", 700.0),
    ];
    let alerts = opened(&mut w, &events, 7000.0);
    assert_eq!(times(&alerts), [3200.0, 3200.0]);
    assert_eq!(alerts[0].life.as_ref().unwrap().count, 2);
    assert!(
        alerts[0].reason.contains("held back by quiet hours since"),
        "{}",
        alerts[0].reason
    );
    assert_eq!(w.tallies().next().unwrap().1.held, 3);
}

#[test]
fn what_was_rejected_raises_the_bar_where_it_was_rejected() {
    let answers = |wrong, right| {
        let one = |right| Answer {
            rule: "r".into(),
            class: Class::Truck,
            zone: "yard".into(),
            right,
        };
        let mut all = vec![one(false); wrong];
        all.extend(vec![one(true); right]);
        all
    };
    let text = |learn| {
        format!(
            "schema = \"watch/1\"\nsite = \"s\"\nlearn = {learn}\n[[rule]]\nid = \"r\"\non = \"enter\"\n"
        )
    };
    let told = |learn: bool, answers: &[Answer], zone: &str| {
        let rules = read("w", &text(learn), &[]).unwrap();
        let mut w = Watch::new(Arc::new(rules), answers);
        let mut out = Vec::new();
        let mut e = enter("1", 0.0);
        e.zone = zone.into();
        e.p = 0.8;
        w.push(&e, &mut out);
        out.pop().map(|a| a.life.unwrap().p_right)
    };
    assert_eq!(told(true, &[], "yard"), Some(None));
    assert_eq!(
        told(true, &answers(2, 0), "yard"),
        Some(Some(0.25)),
        "two answers are too few"
    );
    assert_eq!(
        told(true, &answers(4, 0), "yard"),
        None,
        "five in six are wrong: 0.8 is not sure enough"
    );
    assert_eq!(
        told(false, &answers(4, 0), "yard"),
        Some(Some(0.167)),
        "shown, not used"
    );
    assert_eq!(
        told(true, &answers(4, 0), "gate"),
        Some(None),
        "elsewhere the bar is as before"
    );
    assert_eq!(told(true, &answers(4, 4), "yard"), Some(Some(0.5)));
}

#[test]
fn a_failing_expression_is_counted_and_stops_nothing() {
    let mut w = rule("on = \"enter\"\nwhere = \"subjects[3] == 'x'\"");
    assert_eq!(opened(&mut w, &[enter("1", 0.0)], 10.0), []);
    let (_, tally) = w.tallies().next().unwrap();
    assert_eq!(tally.failed, 1);
    assert!(tally.failure.is_some());
}

#[test]
fn memory_is_bounded() {
    let mut w = watch(
        r#"
[[rule]]
id = "a"
on = "enter"
[[rule]]
id = "b"
on = "dwell"
longer_than_s = 100000
[[rule]]
id = "c"
on = "sequence"
of = "enter"
then = ["exit"]
within_s = 1000000
[[rule]]
id = "d"
on = "absent_within"
of = "enter"
then = ["exit"]
within_s = 1000000
[[rule]]
id = "e"
on = "count"
of = "enter"
at_least = 500
within_s = 1000000
"#,
    );
    let mut out = Vec::new();
    for i in 0..9_000 {
        w.push(&enter(&format!("{i}"), f64::from(i) * 0.1), &mut out);
        out.clear();
    }
    let kept = w.kept();
    assert!(kept < 25_000, "{kept}");
}

fn week(seed: u64) -> Vec<Event> {
    let mut events = Vec::new();
    for day in 0..7 {
        for visit in 0..10 {
            let s = f64::from(day * 86_400 + visit * 5000) + (seed % 7) as f64;
            let subject = format!("{day}-{visit}");
            events.push(enter(&subject, s));
            events.push(exit(&subject, s + 900.0));
        }
        let mut gap = event(
            EventKind::CoverageGap,
            "yard",
            "",
            f64::from(day * 86_400) + 100.0,
        );
        gap.time_end = Some(gap.time + Micros::from_secs(400.0));
        gap.decided_at = gap.time + Micros::from_secs(400.0);
        events.push(gap);
    }
    events
}

#[test]
fn a_backtest_counts_by_day_and_twice_the_same() {
    let text = "schema = \"watch/1\"\nsite = \"yard\"\n[[rule]]\nid = \"overstays\"\non = \"absent_within\"\nof = \"enter\"\nthen = \"exit\"\nwithin_s = 600\n[[rule]]\nid = \"night\"\non = \"enter\"\nwhere = \"hour >= 20\"\n".replace("then = \"exit\"", "then = [\"exit\"]");
    let rules = Arc::new(read("w", &text, &[]).unwrap());
    let mut events = week(0);
    let a = backtest(rules.clone(), &events, None, &[]);
    events.reverse();
    let b = backtest(rules.clone(), &events, None, &[]);
    let json = |b: &Backtest| serde_json::to_string(b).unwrap();
    assert_eq!(json(&a), json(&b), "the order of the file does not matter");
    assert_eq!(a.days.len(), 7);
    // The first visit of each day was out of sight for 400 of its 900 s: nine of ten are told.
    assert_eq!(a.rules[0].per_day.iter().sum::<u32>(), 63);
    assert_eq!(a.rules[0].tally.unwatched, 7);
    let night: u32 = a.rules[1].per_day.iter().sum();
    assert!(night > 0 && night < 70, "{night}");
    assert_eq!(a.alerts.len() as u32, 63 + night);
    assert!(a.table().contains("overstays"), "{}", a.table());
    let two = backtest(rules, &events, Some(2), &[]);
    assert!(two.days.len() <= 3 && !two.alerts.is_empty());
}

#[test]
fn the_rules_that_the_documents_show_are_good() {
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/watch.md"))
        .unwrap();
    let blocks: Vec<&str> = docs
        .split("```toml\n")
        .skip(1)
        .filter_map(|b| b.split("```").next())
        .collect();
    assert!(blocks.len() >= 6);
    for block in blocks {
        let head = "schema = \"watch/1\"\nsite = \"compound\"\n";
        let text = if block.contains("schema") {
            block.to_owned()
        } else {
            format!("{head}{block}")
        };
        let zones = ["gate".to_owned(), "yard".to_owned()];
        if let Err(faults) = read("docs/watch.md", &text, &zones) {
            panic!("{}\n{block}", faults[0]);
        }
    }
}

#[test]
fn fields_are_documented_as_they_are() {
    let docs = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/formats.md"
    ))
    .unwrap();
    for f in &FIELDS {
        let row = format!("| `{}` | {} | {} |", f.name, f.kind.name(), f.text);
        assert!(docs.contains(&row), "docs/formats.md lacks the row\n{row}");
    }
}
