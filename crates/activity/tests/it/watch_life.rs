//! The lives of alerts: what joins, what is held back, what is learnt; backtests and documents.

use crate::watch::{enter, event, exit, opened, rule, t, times, watch};
use atalaya_activity::watch::{Answer, Backtest, FIELDS, Watch, backtest, read};
use atalaya_model::{
    About, AlertState, Class, Cued, Event, EventKind, EvidenceRef, Micros, Severity,
};
use std::sync::Arc;

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
