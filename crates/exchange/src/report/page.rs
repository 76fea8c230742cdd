//! What all sections of a report share.

use super::input::{ReportInput, StillKey};
use super::stills::{MAX_STILLS, wanted_stills};
use super::text::esc;
use super::visits::{Visit, visits};
use super::words::Words;
use atalaya_model::{Class, Micros};
use std::collections::BTreeMap;

pub(super) struct Page<'a> {
    pub input: &'a ReportInput<'a>,
    pub w: &'static Words,
    pub visits: Vec<Visit<'a>>,
    /// First and last moment of the feeds, or of what is told when feeds have none.
    pub period: Option<(Micros, Micros)>,
    /// Pictures that are in the page, and their numbers there.
    pub pictures: BTreeMap<StillKey, usize>,
    classes: BTreeMap<&'a str, Class>,
    zones: BTreeMap<&'a str, &'a str>,
}

impl<'a> Page<'a> {
    pub fn new(input: &'a ReportInput<'a>) -> Self {
        let period = period(input);
        let end = period.map_or(Micros::MIN, |p| p.1);
        let pictures = wanted_stills(input.alerts, input.events)
            .into_iter()
            .map(|(feed, frame, _)| (feed, frame))
            .filter(|key| input.stills.get(key).is_some_and(super::stills::is_usable))
            .take(MAX_STILLS)
            .enumerate()
            .map(|(i, key)| (key, i))
            .collect();
        Self {
            input,
            w: input.language.words(),
            visits: visits(input.events, end),
            period,
            pictures,
            classes: input
                .tracks
                .iter()
                .map(|t| (t.id.as_str(), t.class))
                .collect(),
            zones: input
                .operation
                .site
                .zones
                .iter()
                .map(|z| (z.id.as_str(), z.name.as_str()))
                .collect(),
        }
    }

    pub fn class_of(&self, subject: &str) -> Class {
        self.classes.get(subject).copied().unwrap_or_default()
    }

    /// `truck A17`, safe for HTML.
    pub fn who(&self, subject: &str) -> String {
        match self.class_of(subject) {
            Class::Unknown => esc(subject),
            class => format!("{} {}", self.w.class(class), esc(subject)),
        }
    }

    /// The first few of several, safe for HTML.
    pub fn whos(&self, subjects: &[String]) -> String {
        let mut out: Vec<String> = subjects.iter().take(4).map(|s| self.who(s)).collect();
        if subjects.len() > 4 {
            out.push(format!("+{}", subjects.len() - 4));
        }
        out.join(", ")
    }

    /// A zone's name for people, or its id; safe for HTML.
    pub fn zone(&self, id: &str) -> String {
        match self.zones.get(id) {
            Some(name) if !name.trim().is_empty() => esc(name),
            _ => esc(id),
        }
    }

    /// Seconds from the first moment to the last.
    pub fn length_s(&self) -> f64 {
        self.period.map_or(0.0, |(t0, t1)| t1.since(t0))
    }
}

fn period(input: &ReportInput<'_>) -> Option<(Micros, Micros)> {
    let first = input.feeds.iter().filter_map(|f| f.t0).min();
    let last = input.feeds.iter().filter_map(|f| f.t1).max();
    if let (Some(t0), Some(t1)) = (first, last)
        && t0 <= t1
    {
        return Some((t0, t1));
    }
    let times = || {
        let events = input.events.iter().flat_map(|e| [Some(e.time), e.time_end]);
        let alerts = input.alerts.iter().map(|a| Some(a.opened_at));
        let tracks = input.tracks.iter().flat_map(|t| [Some(t.t0), Some(t.t1)]);
        events.chain(alerts).chain(tracks).flatten()
    };
    Some((times().min()?, times().max()?))
}
