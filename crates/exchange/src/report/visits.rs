//! Stays in zones, put together from their beginnings and ends.

use atalaya_model::{Event, EventKind, Micros};
use std::collections::BTreeMap;

/// A stay of a subject in a zone.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Visit<'a> {
    pub zone: &'a str,
    pub subject: &'a str,
    /// When it began; with `seen_coming` false, when it was first seen inside.
    pub from: Micros,
    pub seen_coming: bool,
    /// When it ended; with `seen_leaving` false, when it was last seen inside.
    pub to: Micros,
    pub seen_leaving: bool,
}

impl Visit<'_> {
    /// Seconds; a lower bound when an end is open.
    pub fn length_s(&self) -> f64 {
        self.to.since(self.from)
    }

    /// Both ends were seen.
    pub fn is_closed(&self) -> bool {
        self.seen_coming && self.seen_leaving
    }
}

/// The stays that events (in time order) speak of, by their beginning, zone and subject. One that
/// never ends lasts until `end`; an end without a beginning is a stay of no length.
pub(super) fn visits<'a>(events: &'a [Event], end: Micros) -> Vec<Visit<'a>> {
    let mut open: BTreeMap<(&str, &str), Visit<'a>> = BTreeMap::new();
    let mut out = Vec::new();
    for e in events {
        let Some(subject) = e.subjects.first() else {
            continue;
        };
        let key = (e.zone.as_str(), subject.as_str());
        let visit = |seen_coming| Visit {
            zone: key.0,
            subject: key.1,
            from: e.time,
            seen_coming,
            to: e.time.max(end),
            seen_leaving: false,
        };
        match e.kind {
            EventKind::Arrival | EventKind::Appeared => {
                let began = visit(e.kind == EventKind::Arrival);
                if let Some(mut v) = open.insert(key, began) {
                    // Its end was never told: it can't have lasted beyond the next beginning.
                    v.to = e.time;
                    out.push(v);
                }
            }
            EventKind::Departure | EventKind::Lost => {
                let mut v = open.remove(&key).unwrap_or_else(|| visit(false));
                v.to = e.time.max(v.from);
                v.seen_leaving = e.kind == EventKind::Departure;
                out.push(v);
            }
            // What happens during a visit neither begins nor ends it.
            _ => {}
        }
    }
    out.extend(open.into_values());
    out.sort_by(|a, b| (a.from, a.zone, a.subject).cmp(&(b.from, b.zone, b.subject)));
    out
}
