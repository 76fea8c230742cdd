//! Stays over time, a row for each zone, as SVG.

use super::page::Page;
use super::stills::MAX_ALERTS;
use super::text::{clock, span};
use super::visits::Visit;
use super::words::fill;
use atalaya_model::{EventKind, Micros};
use std::fmt::Write;

/// Drawing units: the picture is as wide as the page.
const WIDTH: f64 = 1000.0;
const LEFT: f64 = 132.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 46.0;
const LANE: f64 = 17.0;
const BAR: f64 = 13.0;
const PAD: f64 = 6.0;
/// Zones and stays drawn; gaps drawn in a zone.
const MAX_ZONES: usize = 40;
const MAX_LANES: usize = 12;
const MAX_BARS: usize = 400;
const MAX_GAPS: usize = 300;

/// Seconds between ticks to choose from.
const STEPS: [f64; 16] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
    21_600.0, 86_400.0,
];

struct Axis {
    t0: Micros,
    t1: Micros,
}

impl Axis {
    fn x(&self, t: Micros) -> f64 {
        let share = t.since(self.t0) / self.t1.since(self.t0);
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }
}

pub(super) fn section(page: &Page<'_>, out: &mut String) {
    let Some((t0, t1)) = page.period.filter(|(a, b)| a < b) else {
        return;
    };
    let w = page.w;
    let axis = Axis { t0, t1 };
    let rows = zones(page);
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "<section class=\"timeline\"><h2>{}</h2><p class=\"note\">{} {}</p>",
        w.timeline, w.timeline_note, w.utc_note
    );
    // Behind the bars, the bars, before them.
    let [mut back, mut bars, mut front] = [const { String::new() }; 3];
    let mut y = TOP;
    for (i, zone) in rows.iter().enumerate() {
        let height = row(page, &axis, zone, y, i % 2 == 1, &mut back, &mut bars);
        y += height;
    }
    let _ = write!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {:.0}\" role=\"img\" aria-label=\"{}\"><defs><pattern id=\"gap\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#eceae4\"/><line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\" stroke=\"#b9b4a8\" stroke-width=\"2\"/></pattern></defs>",
        y + 4.0,
        w.timeline
    );
    ticks(&axis, y, &mut back, &mut front);
    alerts(page, &axis, y, &mut front);
    for layer in [back, bars, front] {
        out.push_str(&layer);
    }
    out.push_str("</svg>\n");
    let mut legend = String::new();
    for class in super::map::classes(page) {
        let _ = write!(
            legend,
            "<li><span class=\"swatch {}\"></span>{}</li>",
            class.name(),
            w.class(class)
        );
    }
    let _ = writeln!(
        out,
        "<ul class=\"legend\">{legend}<li><span class=\"swatch hatched\"></span>{}</li><li><span class=\"pin small\">1</span>{}</li></ul></section>",
        w.legend_gap, w.legend_alert
    );
}

/// The operation's zones in their order, then others that events speak of.
fn zones<'a>(page: &Page<'a>) -> Vec<&'a str> {
    let mut out: Vec<&str> = page
        .input
        .operation
        .site
        .zones
        .iter()
        .map(|z| z.id.as_str())
        .collect();
    for e in page.input.events {
        if out.len() >= MAX_ZONES {
            break;
        }
        if !e.zone.is_empty() && !out.contains(&e.zone.as_str()) {
            out.push(&e.zone);
        }
    }
    out.truncate(MAX_ZONES);
    out
}

/// Draws a zone's row at `y`; gives its height.
fn row(
    page: &Page<'_>,
    axis: &Axis,
    zone: &str,
    y: f64,
    odd: bool,
    out: &mut String,
    bars: &mut String,
) -> f64 {
    let mine: Vec<&Visit<'_>> = page
        .visits
        .iter()
        .filter(|v| v.zone == zone)
        .take(MAX_BARS)
        .collect();
    let mut lanes: Vec<f64> = Vec::new();
    let mut placed: Vec<(usize, &Visit<'_>)> = Vec::new();
    let mut left_out = page.visits.iter().filter(|v| v.zone == zone).count() - mine.len();
    for v in mine {
        let from = axis.x(v.from);
        // A little room so that neighbours can be told apart.
        let to = axis.x(v.to).max(from + 6.0) + 4.0;
        match lanes.iter().position(|end| *end <= from) {
            Some(lane) => {
                lanes[lane] = to;
                placed.push((lane, v));
            }
            None if lanes.len() < MAX_LANES => {
                lanes.push(to);
                placed.push((lanes.len() - 1, v));
            }
            None => left_out += 1,
        }
    }
    let height = lanes.len().max(1) as f64 * LANE + 2.0 * PAD;
    let fill_colour = if odd { "#f7f6f2" } else { "#fdfcf9" };
    let _ = write!(
        out,
        "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{fill_colour}\"/>",
        WIDTH - LEFT - RIGHT
    );
    let gaps = page
        .input
        .events
        .iter()
        .filter(|e| e.kind == EventKind::CoverageGap && e.zone == zone);
    for e in gaps.take(MAX_GAPS) {
        let (a, b) = (axis.x(e.time), axis.x(e.time_end.unwrap_or(e.time)));
        let _ = write!(
            out,
            "<rect x=\"{a:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"url(#gap)\"/>",
            (b - a).max(0.5)
        );
    }
    let middle = y + 0.5 * height + 4.0;
    let _ = write!(
        out,
        "<text class=\"row\" x=\"{:.1}\" y=\"{middle:.1}\" text-anchor=\"end\">{}</text>",
        LEFT - 10.0,
        page.zone(zone)
    );
    if left_out > 0 {
        let _ = write!(
            out,
            "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 10.0,
            middle + 12.0,
            fill(page.w.more_lanes, &[&left_out.to_string()])
        );
    }
    for (lane, v) in placed {
        bar(
            page,
            axis,
            v,
            y + PAD + lane as f64 * LANE + 0.5 * (LANE - BAR),
            bars,
        );
    }
    height
}

/// A stay. Ends that were seen are straight, open ones jagged.
fn bar(page: &Page<'_>, axis: &Axis, v: &Visit<'_>, y: f64, out: &mut String) {
    let a = axis.x(v.from);
    let b = axis.x(v.to).max(a + 3.0);
    let tooth = 4.0_f64.min(0.5 * (b - a));
    let (m, e) = (y + 0.5 * BAR, y + BAR);
    let q = 0.25 * BAR;
    let left = if v.seen_coming {
        format!("M{a:.1} {e:.1}L{a:.1} {y:.1}")
    } else {
        format!(
            "M{a:.1} {e:.1}L{t:.1} {:.1}L{a:.1} {m:.1}L{t:.1} {:.1}L{a:.1} {y:.1}",
            e - q,
            y + q,
            t = a + tooth
        )
    };
    let right = if v.seen_leaving {
        format!("L{b:.1} {y:.1}L{b:.1} {e:.1}Z")
    } else {
        format!(
            "L{b:.1} {y:.1}L{t:.1} {:.1}L{b:.1} {m:.1}L{t:.1} {:.1}L{b:.1} {e:.1}Z",
            y + q,
            e - q,
            t = b - tooth
        )
    };
    let class = page.class_of(v.subject).name();
    let who = page.who(v.subject);
    let _ = write!(
        out,
        "<path class=\"bar {class}\" d=\"{left}{right}\"><title>{who}: {}–{} ({})</title></path>",
        clock(v.from),
        clock(v.to),
        span(v.length_s())
    );
    let name = v.subject.chars().count() as f64 * 6.2 + 10.0;
    if b - a > name {
        let _ = write!(
            out,
            "<text class=\"in\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            a + 6.0,
            m + 3.4,
            super::text::esc(v.subject)
        );
    }
}

fn ticks(axis: &Axis, bottom: f64, back: &mut String, front: &mut String) {
    let length = axis.t1.since(axis.t0);
    let step = STEPS
        .iter()
        .copied()
        .find(|s| length / s <= 9.0)
        .unwrap_or_else(|| (length / 8.0 / 86_400.0).ceil() * 86_400.0);
    let step_us = (step * 1e6) as i64;
    let mut t = axis.t0.0.saturating_sub(axis.t0.0.rem_euclid(step_us));
    // Bounded by the choice of the step.
    for _ in 0..12 {
        let at = Micros(t);
        if at >= axis.t0 && at <= axis.t1 {
            let x = axis.x(at);
            let text = clock(at);
            let text = if step >= 60.0 {
                text.get(..5).unwrap_or(&text).to_owned()
            } else {
                text
            };
            let _ = write!(
                back,
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom:.1}\"/>"
            );
            let _ = write!(
                front,
                "<text class=\"tick\" x=\"{x:.1}\" y=\"14\" text-anchor=\"middle\">{text}</text>"
            );
        }
        t = t.saturating_add(step_us);
    }
    let _ = write!(
        back,
        "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{TOP}\" y2=\"{TOP}\"/><line class=\"axis\" x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{bottom:.1}\" y2=\"{bottom:.1}\"/>",
        WIDTH - RIGHT,
        WIDTH - RIGHT
    );
}

/// Alerts by their numbers; those too near the one before share its mark.
fn alerts(page: &Page<'_>, axis: &Axis, bottom: f64, out: &mut String) {
    let mut last = f64::NEG_INFINITY;
    for (i, a) in page.input.alerts.iter().take(MAX_ALERTS).enumerate() {
        let x = axis.x(a.opened_at);
        let _ = write!(
            out,
            "<line class=\"raised\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{bottom:.1}\"/>",
            TOP - 6.0
        );
        if x - last >= 17.0 {
            let _ = write!(
                out,
                "<circle class=\"pin\" cx=\"{x:.1}\" cy=\"{:.1}\" r=\"8\"/><text class=\"num\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
                TOP - 14.0,
                TOP - 10.5,
                i + 1
            );
            last = x;
        }
    }
}
