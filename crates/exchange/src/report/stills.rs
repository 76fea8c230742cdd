//! Pictures: which are wanted, and how one is shown with its box.

use super::input::{Still, StillKey};
use super::page::Page;
use super::text::base64;
use atalaya_model::{Alert, Event, EventKind, EvidenceRef, FrameRef, Micros, PixelBox};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Pictures in a report.
pub(super) const MAX_STILLS: usize = 200;
/// Alerts shown in full.
pub(super) const MAX_ALERTS: usize = 60;
/// Pictures of an alert.
pub(super) const PER_ALERT: usize = 3;
/// Largest picture taken, bytes and pixels a side.
const MAX_JPEG: usize = 2 << 20;
const MAX_SIDE: u32 = 16_384;

/// The frames a report would like to show, as (feed, frame number, time): those of the alerts
/// first, then one of each event; each once, 200 at most.
pub fn wanted_stills(alerts: &[Alert], events: &[Event]) -> Vec<(String, u64, Micros)> {
    let mut seen: BTreeSet<(&str, u64)> = BTreeSet::new();
    let mut out = Vec::new();
    let of_alerts = alerts
        .iter()
        .take(MAX_ALERTS)
        .flat_map(|a| alert_frames(&a.evidence));
    let of_events = events
        .iter()
        .take(super::events::MAX_EVENTS)
        .filter(|e| e.kind != EventKind::CoverageGap)
        .filter_map(event_frame);
    for (feed, f) in of_alerts.chain(of_events) {
        if out.len() >= MAX_STILLS {
            break;
        }
        if seen.insert((feed, f.frame)) {
            out.push((feed.to_owned(), f.frame, f.t));
        }
    }
    out
}

/// The first, a middle and the last frame of an alert's evidence.
pub(super) fn alert_frames(evidence: &[EvidenceRef]) -> Vec<(&str, &FrameRef)> {
    let all: Vec<_> = frames(evidence).collect();
    if all.len() <= PER_ALERT {
        return all;
    }
    [0, all.len() / 2, all.len() - 1].map(|i| all[i]).to_vec()
}

/// The frame nearest to when it happened.
pub(super) fn event_frame(e: &Event) -> Option<(&str, &FrameRef)> {
    frames(&e.evidence).min_by_key(|(_, f)| f.t.0.abs_diff(e.time.0))
}

fn frames(evidence: &[EvidenceRef]) -> impl Iterator<Item = (&str, &FrameRef)> {
    evidence
        .iter()
        .flat_map(|e| e.frames.iter().map(move |f| (e.feed.as_str(), f)))
}

/// A JPEG of a sound size.
pub(super) fn is_usable(s: &Still) -> bool {
    let side = |v: u32| (1..=MAX_SIDE).contains(&v);
    s.jpeg.starts_with(&[0xff, 0xd8])
        && s.jpeg.len() <= MAX_JPEG
        && [s.size, s.frame_size]
            .iter()
            .all(|(w, h)| side(*w) && side(*h))
}

/// Every picture once, to be shown by reference.
pub(super) fn library(page: &Page<'_>, out: &mut String) {
    if page.pictures.is_empty() {
        return;
    }
    out.push_str("<svg class=\"library\" width=\"0\" height=\"0\" aria-hidden=\"true\"><defs>\n");
    for (key, n) in &page.pictures {
        let Some(still) = page.input.stills.get(key) else {
            continue;
        };
        let (w, h) = still.size;
        let data = base64(&still.jpeg);
        let _ = writeln!(
            out,
            "<image id=\"p{n}\" width=\"{w}\" height=\"{h}\" preserveAspectRatio=\"none\" href=\"data:image/jpeg;base64,{data}\"/>"
        );
    }
    out.push_str("</defs></svg>\n");
}

/// How much of a picture.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum View {
    Whole,
    /// Around the box.
    Close,
}

/// A picture with its box drawn over it; `None` when it is not in the page, or when there is no box
/// to look at closely.
pub(super) fn picture(
    page: &Page<'_>,
    feed: &str,
    frame: u64,
    bbox: Option<PixelBox>,
    view: View,
) -> Option<String> {
    let key: StillKey = (feed.to_owned(), frame);
    let n = page.pictures.get(&key)?;
    let still = page.input.stills.get(&key)?;
    let (w, h) = (f64::from(still.size.0), f64::from(still.size.1));
    let sx = w / f64::from(still.frame_size.0);
    let sy = h / f64::from(still.frame_size.1);
    let b = bbox
        .map(|b| [b.x, b.y, b.w, b.h].map(f64::from))
        .filter(|b| b.iter().all(|v| v.abs() < 1e6) && b[2] > 0.0 && b[3] > 0.0)
        .map(|[x, y, bw, bh]| [x * sx, y * sy, bw * sx, bh * sy]);
    let [vx, vy, vw, vh] = match (view, b) {
        (View::Whole, _) => [0.0, 0.0, w, h],
        (View::Close, Some(b)) => close_up(b, w, h),
        (View::Close, None) => return None,
    };
    let mut svg = format!(
        "<svg viewBox=\"{vx:.1} {vy:.1} {vw:.1} {vh:.1}\" role=\"img\"><use href=\"#p{n}\"/>"
    );
    if let Some([x, y, bw, bh]) = b {
        for class in ["halo", "box"] {
            let _ = write!(
                svg,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{bw:.1}\" height=\"{bh:.1}\"/>"
            );
        }
    }
    svg.push_str("</svg>");
    Some(svg)
}

/// A view of the picture's shape, three to four times the box, kept inside the picture.
fn close_up([x, y, bw, bh]: [f64; 4], w: f64, h: f64) -> [f64; 4] {
    let shape = w / h;
    let vw = (3.0 * bw).max(3.5 * bh * shape).max(0.1 * w).min(w);
    let vh = vw / shape;
    let vx = (x + 0.5 * bw - 0.5 * vw).clamp(0.0, w - vw);
    let vy = (y + 0.5 * bh - 0.5 * vh).clamp(0.0, (h - vh).max(0.0));
    [vx, vy, vw, vh]
}
