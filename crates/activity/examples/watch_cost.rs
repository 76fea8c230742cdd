//! What watch rules cost: `cargo run -p atalaya-activity --example watch_cost`, or `make bench-watch`.
//!
//! A day of a busy yard (an arrival, a stop and a departure every ten seconds) through documents of 1, 8 and 64
//! rules, with and without an expression; microseconds an event, and an event and rule.

use atalaya_activity::watch::{Watch, read};
use atalaya_model::{Class, Event, EventKind, Micros};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

const VISITS: i64 = 8640;

fn event(kind: EventKind, n: i64, after_s: i64) -> Event {
    let time = Micros((n * 10 + after_s) * 1_000_000);
    let subject = format!("V{n}");
    Event {
        schema: Event::SCHEMA.into(),
        class: Some(if n % 3 == 0 { Class::Truck } else { Class::Car }),
        id: Event::id_of(kind, "yard", &subject, time),
        kind,
        time,
        time_end: None,
        decided_at: time,
        zone: "yard".into(),
        subjects: vec![subject],
        p: 0.9,
        lat: Some(40.0),
        lon: Some(-3.0),
        reason: "seen".into(),
        about: None,
        evidence: Vec::new(),
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut events = Vec::new();
    for n in 0..VISITS {
        events.push(event(EventKind::Arrival, n, 0));
        events.push(event(EventKind::Stop, n, 3));
        events.push(event(EventKind::Departure, n, 300));
    }
    events.sort_by(|a, b| (a.decided_at, &a.id).cmp(&(b.decided_at, &b.id)));
    // Evaluated to its end, and then false: no alert is in the figures.
    let expression = "where = \"persons >= 0 && (hour >= 22 || hour < 24) && class == 'person'\"\n";
    let plain = |id: usize, w: &str| {
        format!("[[rule]]\nid = \"r{id}\"\non = \"enter\"\nzone = \"yard\"\n{w}")
    };
    let patterns = |id: usize, w: &str| match id % 4 {
        0 => format!("[[rule]]\nid = \"r{id}\"\non = \"dwell\"\nlonger_than_s = 3600\n{w}"),
        1 => format!(
            "[[rule]]\nid = \"r{id}\"\non = \"count\"\nof = \"enter\"\nat_least = 400\nwithin_s = 600\n{w}"
        ),
        2 => format!(
            "[[rule]]\nid = \"r{id}\"\non = \"sequence\"\nof = \"enter\"\nthen = [\"unload\", \"exit\"]\nwithin_s = 600\n{w}"
        ),
        _ => format!(
            "[[rule]]\nid = \"r{id}\"\non = \"absent_within\"\nof = \"enter\"\nthen = [\"exit\"]\nwithin_s = 600\n{w}"
        ),
    };
    type Make<'a> = &'a dyn Fn(usize, &str) -> String;
    let nowhere = "where = \"zone == 'gate'\"\nsubject = \"person\"\n";
    let kinds: [(&str, Make<'_>, &str); 4] = [
        ("enter, of others", &plain, nowhere),
        ("enter, where", &plain, expression),
        ("patterns", &patterns, ""),
        ("patterns, where", &patterns, expression),
    ];
    println!(
        "{:20} {:>6} {:>12} {:>18} {:>8}",
        "rules", "number", "us an event", "us event and rule", "alerts"
    );
    for (name, make, with) in kinds {
        for n in [1, 8, 64] {
            let mut text = "schema = \"watch/1\"\nsite = \"yard\"\n".to_owned();
            for id in 0..n {
                write!(text, "{}", make(id, with))?;
            }
            let rules = read("cost", &text, &[]).map_err(|f| f[0].to_string())?;
            let mut watch = Watch::new(Arc::new(rules), &[]);
            let mut out = Vec::new();
            let begin = Instant::now();
            let mut alerts = 0;
            for e in &events {
                watch.push(e, &mut out);
                alerts += out.len();
                out.clear();
            }
            let us = begin.elapsed().as_secs_f64() * 1e6 / events.len() as f64;
            println!(
                "{name:20} {n:>6} {us:>12.2} {:>18.2} {alerts:>8}",
                us / n as f64
            );
        }
    }
    Ok(())
}
