//! What was not seen, and what all of it rests on.

use super::input::ReportFeed;
use super::page::Page;
use super::text::{esc, moment, percent, span};
use super::words::{Words, count, fill};
use atalaya_model::EventKind;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Lines of one feed, of remarks, and rows of a table.
const MAX_LINES: usize = 20;
const MAX_ROWS: usize = 100;

pub(super) fn section(page: &Page<'_>, out: &mut String) {
    let (w, input) = (page.w, page.input);
    let _ = writeln!(
        out,
        "<section class=\"unseen\"><h2>{}</h2><p class=\"note\">{}</p>",
        w.unseen, w.unseen_note
    );
    let mut said = zones(page, out);
    let feeds: Vec<(&ReportFeed, Vec<String>)> = input
        .feeds
        .iter()
        .take(MAX_ROWS)
        .map(|f| (f, feed_lines(w, f)))
        .filter(|(_, lines)| !lines.is_empty())
        .collect();
    if !feeds.is_empty() {
        said = true;
        let _ = write!(out, "<h3>{}</h3><ul>", w.feeds_table);
        for (f, lines) in feeds {
            for line in lines {
                let _ = write!(out, "<li><b>{}</b> {line}</li>", esc(&f.id));
            }
        }
        out.push_str("</ul>\n");
    }
    said |= gate(page, out);
    if !input.remarks.is_empty() {
        said = true;
        let _ = write!(
            out,
            "<h3>{} <small>({})</small></h3><ul>",
            w.remarks, w.as_recorded
        );
        for r in input.remarks.iter().take(MAX_LINES) {
            let _ = write!(out, "<li>{}</li>", esc(r));
        }
        out.push_str("</ul>\n");
    }
    if !said {
        let nothing = if input.feeds.is_empty() {
            w.no_time
        } else {
            w.unseen_nothing
        };
        let _ = writeln!(out, "<p>{nothing}</p>");
    }
    out.push_str("</section>\n");
}

/// Coverage gaps by zone; true when there is anything to say.
fn zones(page: &Page<'_>, out: &mut String) -> bool {
    let w = page.w;
    // By zone: seconds in all, longest, how often.
    let mut gaps: BTreeMap<&str, (f64, f64, u64)> = BTreeMap::new();
    for e in page.input.events {
        if let (EventKind::CoverageGap, Some(end)) = (e.kind, e.time_end) {
            let s = end.since(e.time).max(0.0);
            let g = gaps.entry(e.zone.as_str()).or_default();
            *g = (g.0 + s, g.1.max(s), g.2 + 1);
        }
    }
    let on_the_ground = page
        .input
        .operation
        .site
        .zones
        .iter()
        .any(|z| z.polygon.is_some());
    let placed = page.input.feeds.iter().any(|f| f.placed > 0);
    if on_the_ground && !placed {
        let _ = writeln!(out, "<p class=\"warn\">{}</p>", w.unplaced_zones);
    }
    if gaps.is_empty() {
        if on_the_ground && placed {
            let _ = writeln!(out, "<p>{}</p>", w.no_gaps);
        }
        return on_the_ground;
    }
    let _ = write!(
        out,
        "<table class=\"numbers\"><thead><tr><th>{}</th><th>{}</th><th>{}</th><th>{}</th><th>{}</th></tr></thead><tbody>",
        w.zones_table, w.gaps_zone, w.gaps_share, w.gaps_longest, w.gaps_times
    );
    let whole = page.length_s();
    for (zone, (sum, longest, times)) in gaps.iter().take(MAX_ROWS) {
        let share = if whole > 0.0 {
            percent(sum / whole)
        } else {
            "–".into()
        };
        let _ = write!(
            out,
            "<tr><th>{}</th><td>{}</td><td>{share}</td><td>{}</td><td>{times}</td></tr>",
            page.zone(zone),
            span(*sum),
            span(*longest)
        );
    }
    out.push_str("</tbody></table>\n");
    true
}

/// What a reader must know about a feed, safe for HTML.
fn feed_lines(w: &Words, f: &ReportFeed) -> Vec<String> {
    if f.frames == 0 {
        return vec![w.feed_no_frame.to_owned()];
    }
    let mut out = Vec::new();
    let missing = f.metadata_absent + f.metadata_stale;
    if f.metadata_paired == 0 && f.metadata_stale == 0 {
        out.push(w.feed_no_position.to_owned());
    } else if missing > 0 {
        let numbers =
            [missing, f.frames, f.metadata_stale, f.metadata_absent].map(|n| n.to_string());
        out.push(fill(w.feed_partly, &numbers.each_ref().map(String::as_str)));
    }
    if f.time_source.as_deref() == Some("stream") {
        out.push(w.feed_no_clock.to_owned());
    }
    for (n, line) in [
        (f.metadata_bad, w.feed_bad),
        (f.damaged, w.feed_damaged),
        (f.shed, w.feed_shed),
    ] {
        if n > 0 {
            out.push(fill(line, &[&n.to_string()]));
        }
    }
    for (n, line) in [
        (f.gaps, w.feed_gaps),
        (f.unregistered.saturating_sub(1), w.feed_lost),
    ] {
        if n > 0 {
            out.push(fill(line, &[&count(n, w.time_one, w.time_many)]));
        }
    }
    out.extend(
        f.faults
            .iter()
            .take(MAX_LINES)
            .map(|fault| format!("<code>{}</code>", esc(fault))),
    );
    out
}

/// What the gate refused; true when it refused anything.
fn gate(page: &Page<'_>, out: &mut String) -> bool {
    let (w, g) = (page.w, page.input.gate);
    if g.frames_refused.is_empty() && g.points_refused.is_empty() {
        return false;
    }
    let _ = write!(
        out,
        "<h3>{}</h3><p class=\"note\">{}</p><table class=\"numbers\"><thead><tr><th></th><th>{}</th><th>{}</th></tr></thead><tbody>",
        w.gate, w.gate_note, w.gate_frames, w.gate_points
    );
    let mut reasons: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for (i, map) in [&g.frames_refused, &g.points_refused]
        .into_iter()
        .enumerate()
    {
        for (reason, n) in map.iter().take(MAX_ROWS) {
            reasons.entry(reason.as_str()).or_default()[i] = *n;
        }
    }
    for (reason, [frames, points]) in reasons {
        let _ = write!(
            out,
            "<tr><th>{}</th><td>{frames}</td><td>{points}</td></tr>",
            esc(w.refusal(reason))
        );
    }
    let _ = writeln!(
        out,
        "<tr class=\"sum\"><th>{}</th><td>{}</td><td>{}</td></tr></tbody></table>",
        w.gate_passed, g.frames_passed, g.points_passed
    );
    true
}

pub(super) fn evidence(page: &Page<'_>, out: &mut String) {
    let (w, input) = (page.w, page.input);
    let _ = write!(
        out,
        "<section class=\"evidence\"><h2>{}</h2><p class=\"note\">{}</p><table><thead><tr><th>{}</th><th>{}</th><th>SHA-256</th><th>{}</th><th>{}</th></tr></thead><tbody>",
        w.evidence, w.evidence_note, w.feed, w.source, w.first_last, w.frames
    );
    for f in input.feeds.iter().take(MAX_ROWS) {
        let time = |t: Option<atalaya_model::Micros>| t.map_or("–".into(), moment);
        let _ = write!(
            out,
            "<tr><th>{}</th><td class=\"src\">{}</td><td class=\"hash\">{}</td><td class=\"t\">{}<br>{}</td><td>{}<br><small>{} {} · {} {}</small></td></tr>",
            esc(&f.id),
            esc(&f.source),
            f.sha256
                .as_deref()
                .map_or_else(|| w.hash_none.to_owned(), esc),
            time(f.t0),
            time(f.t1),
            f.frames,
            w.analysed,
            f.analysed,
            w.placed,
            f.placed,
        );
    }
    let _ = writeln!(
        out,
        "</tbody></table><dl><div><dt>{}</dt><dd class=\"hash\">{}</dd></div><div><dt>{}</dt><dd>{}</dd></div><div><dt>{}</dt><dd>{}</dd></div></dl></section>",
        w.settings,
        esc(input.settings),
        w.version,
        esc(input.version),
        w.operation_id,
        esc(&input.operation.id),
    );
}
