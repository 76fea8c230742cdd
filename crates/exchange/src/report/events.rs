//! The table of events, in order of time.

use super::page::Page;
use super::stills::{View, event_frame, picture};
use super::text::{clock, date, esc, percent, span};
use super::words::{Language, fill};
use atalaya_model::{About, Event, EventKind};
use std::fmt::Write;

/// Rows shown.
pub(super) const MAX_EVENTS: usize = 400;

pub(super) fn section(page: &Page<'_>, out: &mut String) {
    let (w, events) = (page.w, page.input.events);
    let _ = writeln!(out, "<section><h2>{}</h2>", w.chronology);
    if events.is_empty() {
        let _ = writeln!(out, "<p class=\"none\">{}</p></section>", w.no_events);
        return;
    }
    let _ = write!(
        out,
        "<table class=\"events\"><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th class=\"r\">{}</th><th>{}</th><th>{}</th></tr></thead><tbody>",
        w.time, w.what, w.zone, w.who, w.probability, w.reason, w.picture
    );
    let mut day = String::new();
    for e in events.iter().take(MAX_EVENTS) {
        let today = date(e.time);
        if today != day {
            let _ = write!(out, "<tr class=\"day\"><th colspan=\"7\">{today}</th></tr>");
            day = today;
        }
        row(page, e, out);
    }
    out.push_str("</tbody></table>\n");
    let more = events.len().saturating_sub(MAX_EVENTS);
    if more > 0 {
        let line = fill(w.more_events, &[&more.to_string()]);
        let _ = writeln!(out, "<p class=\"more\">{line}</p>");
    }
    out.push_str("</section>\n");
}

fn row(page: &Page<'_>, e: &Event, out: &mut String) {
    let w = page.w;
    let until = match e.time_end {
        Some(end) => format!("–{}", clock(end)),
        None => String::new(),
    };
    let view = event_frame(e).and_then(|(feed, f)| {
        picture(page, feed, f.frame, f.bbox, View::Close)
            .or_else(|| picture(page, feed, f.frame, f.bbox, View::Whole))
    });
    let who = if e.subjects.is_empty() {
        "–".into()
    } else {
        page.whos(&e.subjects)
    };
    let _ = writeln!(
        out,
        "<tr class=\"{}\"><td class=\"t\">{}{until}</td><td class=\"k\">{}</td><td class=\"z\">{}</td><td class=\"z\">{who}</td><td class=\"r\">{}</td><td class=\"why\">{}</td><td class=\"pic\">{}</td></tr>",
        e.kind.name(),
        clock(e.time),
        w.kind(e.kind),
        page.zone(&e.zone),
        percent(e.p),
        why(page, e),
        view.unwrap_or_default(),
    );
}

/// The record's own words are English; in another language the kind of event says why, which is
/// all that those words hold.
fn why(page: &Page<'_>, e: &Event) -> String {
    let w = page.w;
    if page.input.language == Language::En {
        return esc(&e.reason);
    }
    match e.kind {
        EventKind::Arrival => w.why_arrival.into(),
        EventKind::Departure if matches!(e.about, Some(About::Departure(_))) => {
            w.why_departure_unseen.into()
        }
        EventKind::Departure => w.why_departure.into(),
        EventKind::Appeared => w.why_appeared.into(),
        EventKind::Lost => w.why_lost.into(),
        EventKind::Dwell => w.why_dwell.into(),
        EventKind::CoverageGap => {
            let length = e.time_end.map_or(0.0, |end| end.since(e.time));
            fill(w.why_gap, &[&span(length)])
        }
        _ => match &e.about {
            Some(About::Emission(g)) => {
                let rate = |v: f64| format!("{v:.2}");
                let rates = [rate(g.rate_kg_h), rate(g.rate_lo90), rate(g.rate_hi90)];
                let [mid, lo, hi] = &rates;
                fill(w.why_emission, &[&esc(&g.gas), mid, lo, hi])
            }
            Some(About::Cue(c)) => fill(w.why_cue, &[&esc(&c.node)]),
            _ => esc(&e.reason),
        },
    }
}
