//! Head, authority, and what happened in one paragraph.

use super::page::Page;
use super::text::{clock, date, esc, moment, span};
use super::words::{count, fill};
use atalaya_model::operation::{ObjectKind, SensorKind};
use atalaya_model::{Class, Event, EventKind, Micros};
use std::fmt::Write;

const CLASSES: [Class; 6] = [
    Class::Truck,
    Class::Pickup,
    Class::Car,
    Class::Person,
    Class::Other,
    Class::Unknown,
];

pub(super) fn head(page: &Page<'_>, out: &mut String) {
    let (w, op) = (page.w, page.input.operation);
    let badge = if op.simulated {
        format!(
            "<span class=\"badge\" title=\"{}\">{}</span>",
            w.simulated_note, w.simulated
        )
    } else {
        String::new()
    };
    let when = match page.period {
        Some((a, b)) if date(a) == date(b) => format!(
            "{} <b>{}</b> {} {}–{} UTC",
            w.period,
            date(a),
            "·",
            clock(a),
            clock(b)
        ),
        Some((a, b)) => format!(
            "{} <b>{}</b> {} <b>{}</b> UTC",
            w.period,
            moment(a),
            w.to,
            moment(b)
        ),
        None => w.no_time.to_owned(),
    };
    let _ = writeln!(
        out,
        "<header><p class=\"kicker\">Atalaya · {}</p><h1>{} {badge}</h1><p class=\"when\">{} · {when}</p></header>",
        w.report,
        esc(&op.name),
        esc(&op.site.name),
    );
    if op.simulated {
        let _ = writeln!(
            out,
            "<p class=\"simulated\">{}: {}</p>",
            w.simulated, w.simulated_note
        );
    }
}

pub(super) fn authority(page: &Page<'_>, out: &mut String) {
    let (w, a) = (page.w, &page.input.operation.authority);
    let sensors: Vec<&str> = a
        .sensors
        .iter()
        .map(|s| match s {
            SensorKind::Eo => w.sensor_eo,
            SensorKind::Ir => w.sensor_ir,
            SensorKind::Gas => w.sensor_gas,
            SensorKind::Ground => w.sensor_ground,
        })
        .collect();
    let objects: Vec<&str> = a
        .objects
        .iter()
        .map(|o| match o {
            ObjectKind::Vehicle => w.object_vehicle,
            ObjectKind::Person => w.object_person,
            ObjectKind::Unknown => w.object_unknown,
        })
        .collect();
    let time = |text: &str| {
        Micros::parse_rfc3339(text).map_or_else(
            || esc(text),
            |t| format!("<span class=\"t\">{}</span>", moment(t)),
        )
    };
    let kept = fill(
        w.retention_value,
        &[
            &a.retention.bystander_hours.to_string(),
            &a.retention.evidence_days.to_string(),
        ],
    );
    let _ = writeln!(
        out,
        "<section class=\"authority\"><h2>{}</h2><dl>",
        w.authority
    );
    for (name, value) in [
        (w.issuer, esc(&a.issuer)),
        (w.reference, esc(&a.reference)),
        (w.legal_basis, esc(&a.legal_basis)),
        (w.purpose, esc(&a.purpose)),
        (
            w.window,
            format!("{} {} {}", time(&a.valid_from), w.to, time(&a.valid_until)),
        ),
        (w.sensors, sensors.join(", ")),
        (w.objects, objects.join(", ")),
        (w.retention, kept),
    ] {
        let _ = write!(out, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    out.push_str("</dl></section>\n");
}

pub(super) fn summary(page: &Page<'_>, out: &mut String) {
    let w = page.w;
    let _ = writeln!(
        out,
        "<section><h2>{}</h2><p class=\"lead\">{}</p>",
        w.summary,
        paragraph(page)
    );
    tiles(page, out);
    classes(page, out);
    out.push_str("</section>\n");
}

fn of_kind<'a>(page: &Page<'a>, kind: EventKind) -> impl Iterator<Item = &'a Event> {
    page.input.events.iter().filter(move |e| e.kind == kind)
}

/// Seconds that zones were out of view, summed over zones.
fn out_of_view_s(page: &Page<'_>) -> f64 {
    of_kind(page, EventKind::CoverageGap)
        .filter_map(|e| e.time_end.map(|end| end.since(e.time)))
        .sum()
}

/// `11 min`, or `at least 11 min` when an end was not seen.
fn length(page: &Page<'_>, class: Option<Class>) -> Option<(String, usize)> {
    let (i, v) = page
        .visits
        .iter()
        .enumerate()
        .filter(|(_, v)| class.is_none_or(|c| page.class_of(v.subject) == c))
        .filter(|(_, v)| v.length_s() > 0.0)
        // The first of the longest.
        .rev()
        .max_by(|a, b| a.1.length_s().total_cmp(&b.1.length_s()))?;
    let text = span(v.length_s());
    Some((
        if v.is_closed() {
            text
        } else {
            fill(page.w.at_least, &[&text])
        },
        i,
    ))
}

fn paragraph(page: &Page<'_>) -> String {
    let (w, input) = (page.w, page.input);
    let Some((t0, t1)) = page.period else {
        return w.no_time.to_owned();
    };
    let mut say: Vec<String> = Vec::new();
    let feeds = count(input.feeds.len() as u64, w.feed_one, w.feed_many);
    let site = esc(&input.operation.site.name);
    let until = if date(t0) == date(t1) {
        clock(t1)
    } else {
        moment(t1)
    };
    say.push(fill(
        w.sum_period,
        &[&moment(t0), &until, &site, &feeds, &span(t1.since(t0))],
    ));
    if page.visits.is_empty() {
        say.push(w.sum_nothing.to_owned());
    } else {
        let by_class: Vec<String> = CLASSES
            .iter()
            .filter_map(|c| {
                let n = page
                    .visits
                    .iter()
                    .filter(|v| page.class_of(v.subject) == *c)
                    .count();
                (n > 0).then(|| format!("{} {n}", w.class(*c)))
            })
            .collect();
        let n = count(page.visits.len() as u64, w.visit_one, w.visit_many);
        say.push(fill(w.sum_visits, &[&n, &by_class.join(", ")]));
        let number = |kind| of_kind(page, kind).count().to_string();
        say.push(fill(
            w.sum_moves,
            &[&number(EventKind::Arrival), &number(EventKind::Departure)],
        ));
        let unseen_start = page.visits.iter().filter(|v| !v.seen_coming).count();
        let unseen_end = page.visits.iter().filter(|v| !v.seen_leaving).count();
        if unseen_start + unseen_end > 0 {
            say.push(fill(
                w.sum_open,
                &[&unseen_start.to_string(), &unseen_end.to_string()],
            ));
        }
        if let Some((text, i)) = length(page, None) {
            let v = &page.visits[i];
            say.push(fill(
                w.sum_longest,
                &[&page.who(v.subject), &page.zone(v.zone), &text],
            ));
        }
    }
    say.push(match input.alerts {
        [] => w.sum_alert_none.to_owned(),
        [a] => fill(w.sum_alert_one, &[&super::alerts::headline(page, a)]),
        [a, ..] => fill(
            w.sum_alert_many,
            &[
                &input.alerts.len().to_string(),
                &clock(a.opened_at),
                &super::alerts::headline(page, a),
            ],
        ),
    });
    let gaps = of_kind(page, EventKind::CoverageGap).count() as u64;
    if gaps > 0 {
        let times = count(gaps, w.time_one, w.time_many);
        say.push(fill(w.sum_gaps, &[&times, &span(out_of_view_s(page))]));
    }
    say.join(" ")
}

fn tiles(page: &Page<'_>, out: &mut String) {
    let w = page.w;
    let number = |kind| of_kind(page, kind).count().to_string();
    let gaps = out_of_view_s(page);
    let longest = length(page, None).map_or("–".into(), |(text, i)| {
        let v = &page.visits[i];
        format!(
            "{text}</b><i>{}, {}</i><b>",
            page.who(v.subject),
            page.zone(v.zone)
        )
    });
    let _ = write!(out, "<ul class=\"tiles\">");
    for (name, value, class) in [
        (w.alerts, page.input.alerts.len().to_string(), "red"),
        (w.visits, page.visits.len().to_string(), ""),
        (w.arrivals, number(EventKind::Arrival), ""),
        (w.departures, number(EventKind::Departure), ""),
        (w.longest, longest, "wide"),
        (
            w.out_of_view,
            format!("{}</b><i>{}</i><b>", span(gaps), w.of_zones),
            "grey",
        ),
    ] {
        let class = if class == "red" && page.input.alerts.is_empty() {
            ""
        } else {
            class
        };
        let _ = write!(
            out,
            "<li class=\"{class}\"><span>{name}</span><b>{value}</b></li>"
        );
    }
    out.push_str("</ul>\n");
}

fn classes(page: &Page<'_>, out: &mut String) {
    let w = page.w;
    if page.input.tracks.is_empty() && page.visits.is_empty() {
        return;
    }
    let _ = write!(
        out,
        "<table class=\"numbers\"><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>",
        w.class,
        w.tracks,
        w.visits,
        w.arrivals,
        w.departures,
        w.came_unseen,
        w.left_unseen,
        w.longest
    );
    for class in CLASSES {
        let tracks = page
            .input
            .tracks
            .iter()
            .filter(|t| t.class == class)
            .count();
        let mine = || {
            page.visits
                .iter()
                .filter(move |v| page.class_of(v.subject) == class)
        };
        if tracks == 0 && mine().next().is_none() {
            continue;
        }
        let longest = length(page, Some(class)).map_or("–".into(), |l| l.0);
        let _ = write!(
            out,
            "<tr><th><span class=\"dot {}\"></span>{}</th><td>{tracks}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{longest}</td></tr>",
            class.name(),
            w.class(class),
            mine().count(),
            mine().filter(|v| v.seen_coming).count(),
            mine().filter(|v| v.seen_leaving).count(),
            mine().filter(|v| !v.seen_coming).count(),
            mine().filter(|v| !v.seen_leaving).count(),
        );
    }
    out.push_str("</tbody></table>\n");
}
