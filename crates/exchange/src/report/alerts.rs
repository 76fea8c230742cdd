//! Alerts with what was seen.

use super::page::Page;
use super::stills::{MAX_ALERTS, View, alert_frames, picture};
use super::text::{clock, esc, percent, place, span};
use super::words::fill;
use atalaya_model::operation::RuleKind;
use atalaya_model::{Alert, AlertState, Severity};
use std::fmt::Write;

/// What an alert says, in the reader's language where its rule is known; safe for HTML.
pub(super) fn headline(page: &Page<'_>, a: &Alert) -> String {
    let w = page.w;
    let who = page.whos(&a.subjects);
    let zone = page.zone(&a.zone);
    let rule = page.input.operation.rules.iter().find(|r| r.id == a.rule);
    match rule.map(|r| (r.kind, r.longer_than_s)) {
        Some((RuleKind::Dwell, Some(s))) => fill(w.alert_dwell, &[&who, &zone, &span(s)]),
        Some((RuleKind::Arrival, _)) => fill(w.alert_arrival, &[&who, &zone]),
        Some((RuleKind::Departure, _)) => fill(w.alert_departure, &[&who, &zone]),
        _ => esc(&a.reason),
    }
}

pub(super) fn section(page: &Page<'_>, out: &mut String) {
    let w = page.w;
    let _ = writeln!(out, "<section><h2>{}</h2>", w.alerts);
    if page.input.alerts.is_empty() {
        let _ = writeln!(out, "<p class=\"none\">{}</p>", w.no_alerts);
    }
    for (i, a) in page.input.alerts.iter().take(MAX_ALERTS).enumerate() {
        article(page, i + 1, a, out);
    }
    let more = page.input.alerts.len().saturating_sub(MAX_ALERTS);
    if more > 0 {
        let line = fill(w.more_alerts, &[&more.to_string()]);
        let _ = writeln!(out, "<p class=\"more\">{line}</p>");
    }
    out.push_str("</section>\n");
}

fn article(page: &Page<'_>, number: usize, a: &Alert, out: &mut String) {
    let w = page.w;
    let class = match a.severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    };
    let state = match a.state {
        AlertState::Open => w.state_open,
        AlertState::Acknowledged => w.state_acknowledged,
        AlertState::Rejected => w.state_rejected,
        AlertState::Closed => w.state_closed,
        AlertState::Expired => w.state_expired,
    };
    // The least certain of the events it rests on.
    let p = a
        .events
        .iter()
        .filter_map(|id| page.input.events.iter().find(|e| e.id == *id))
        .map(|e| e.p)
        .min_by(f64::total_cmp);
    let mut facts = vec![
        (w.raised, clock(a.opened_at)),
        (w.zone, page.zone(&a.zone)),
        (w.who, page.whos(&a.subjects)),
        (w.rule, esc(&a.rule)),
        (w.state, state.to_owned()),
    ];
    if let Some(p) = p {
        facts.push((w.probability, percent(p)));
    }
    if let (Some(lat), Some(lon)) = (a.lat, a.lon) {
        facts.push((
            w.place,
            format!("<span class=\"t\">{}</span>", place(lat, lon)),
        ));
    }
    let _ = write!(
        out,
        "<article class=\"alert {class}\"><h3><span class=\"pin\">{number}</span><span class=\"say\">{}</span> <em>{}</em></h3><dl>",
        headline(page, a),
        w.severity(a.severity)
    );
    for (name, value) in facts {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    out.push_str("</dl>");
    let frames = alert_frames(&a.evidence);
    let mut figures: Vec<String> = frames
        .iter()
        .filter_map(|(feed, f)| {
            let svg = picture(page, feed, f.frame, f.bbox, View::Whole)?;
            let frame = fill(w.frame, &[&f.frame.to_string()]);
            Some(format!(
                "<figure>{svg}<figcaption><b>{}</b> {} · {frame}</figcaption></figure>",
                clock(f.t),
                esc(feed)
            ))
        })
        .collect();
    // One look from near, at the latest frame that has a box.
    let near = frames.iter().rev().find_map(|(feed, f)| {
        let svg = picture(page, feed, f.frame, f.bbox, View::Close)?;
        let frame = fill(w.frame, &[&f.frame.to_string()]);
        Some(format!(
            "<figure>{svg}<figcaption><b>{}</b> {frame}</figcaption></figure>",
            w.close_up
        ))
    });
    figures.extend(near);
    if figures.is_empty() {
        let _ = write!(out, "<p class=\"none\">{}</p>", w.no_still);
    } else {
        let _ = write!(out, "<div class=\"stills\">{}</div>", figures.concat());
    }
    out.push_str("</article>\n");
}
