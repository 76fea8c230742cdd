//! A watch document on recorded events: what it would have raised.

use super::document::Rules;
use super::learn::Answer;
use super::tally::Tally;
use super::watch::Watch;
use atalaya_model::{Alert, Event, EventKind, Micros};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most days that are told apart; a longer record is cut at its beginning.
pub const MOST_DAYS: usize = 400;
const DAY_US: i64 = 86_400_000_000;

/// What the rules would have raised.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Backtest {
    /// Always `backtest/1`.
    pub schema: &'static str,
    /// Of the document.
    pub site: String,
    /// Events that were applied.
    pub events: usize,
    /// Local days, first to last.
    pub days: Vec<String>,
    /// Each rule, in the order of the document.
    pub rules: Vec<RuleResult>,
    /// The alerts as they stood at the end, in the order in which they were opened.
    pub alerts: Vec<Alert>,
}

/// What one rule would have raised.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleResult {
    /// The rule.
    pub rule: String,
    /// Alerts of each day.
    pub per_day: Vec<u32>,
    /// Longest time without an alert of it, seconds; all the time where there was none.
    pub longest_quiet_s: f64,
    /// What became of what it found.
    pub tally: Tally,
}

enum Act<'a> {
    Unwatch(&'a str),
    Watch(&'a str),
    Event(&'a Event),
}

/// Applies a document to recorded events; only the last `days` of them, where that is given. The
/// order in which they come does not matter, and the same events give the same result.
///
/// Coverage gaps are applied when they began, as a run knows them, not when they were written.
pub fn backtest(
    rules: Arc<Rules>,
    events: &[Event],
    days: Option<u32>,
    answers: &[Answer],
) -> Backtest {
    let offset = rules.offset();
    let site = rules.document.site.clone();
    let mut events: Vec<&Event> = events.iter().collect();
    events.sort_by(|a, b| {
        (a.decided_at, a.sort_key(), &a.id).cmp(&(b.decided_at, b.sort_key(), &b.id))
    });
    let last = events.last().map_or(Micros(0), |e| e.decided_at);
    let most = i64::from(days.unwrap_or(u32::MAX)).min(MOST_DAYS as i64);
    let begin = Micros(last.0.saturating_sub(most.saturating_mul(DAY_US)));
    events.retain(|e| e.decided_at > begin);
    let first = events.first().map_or(last, |e| e.decided_at);

    let mut acts: Vec<(Micros, u8, Act<'_>)> = Vec::new();
    for e in &events {
        if let (EventKind::CoverageGap, Some(end)) = (e.kind, e.time_end) {
            acts.push((e.time, 0, Act::Unwatch(&e.zone)));
            acts.push((end, 1, Act::Watch(&e.zone)));
        }
        acts.push((e.decided_at, 2, Act::Event(e)));
    }
    // Stable: events of one moment keep their order.
    acts.sort_by_key(|(t, order, _)| (*t, *order));

    let mut watch = Watch::new(rules.clone(), answers);
    let mut gaps: BTreeMap<&str, u32> = BTreeMap::new();
    let mut out = Vec::new();
    for (t, _, act) in acts {
        watch.advance(t, &mut out);
        match act {
            Act::Unwatch(zone) => {
                *gaps.entry(zone).or_default() += 1;
                watch.unwatch(zone, t);
            }
            Act::Watch(zone) => {
                let open = gaps.entry(zone).or_default();
                *open = open.saturating_sub(1);
                if *open == 0 {
                    watch.watch(zone, t);
                }
            }
            Act::Event(e) => watch.push(e, &mut out),
        }
    }
    // An alert is told of again when it changes; its last word counts, in the place of its first.
    let mut order: Vec<String> = Vec::new();
    let mut alerts: BTreeMap<String, Alert> = BTreeMap::new();
    for a in out {
        if alerts.insert(a.id.clone(), a.clone()).is_none() {
            order.push(a.id);
        }
    }
    let alerts: Vec<Alert> = order.iter().filter_map(|id| alerts.remove(id)).collect();

    let mut names: Vec<String> = Vec::new();
    if !events.is_empty() {
        let mut t = first;
        while t <= Micros(last.0.saturating_add(DAY_US)) && names.len() <= MOST_DAYS {
            let day = offset.day(t);
            if day > offset.day(last) {
                break;
            }
            names.push(day);
            t = t + Micros(DAY_US);
        }
    }
    let results = watch.tallies().map(|(id, tally)| {
        let mine: Vec<Micros> = alerts
            .iter()
            .filter(|a| a.rule == id)
            .map(|a| a.opened_at)
            .collect();
        let mut per_day = vec![0; names.len()];
        for t in &mine {
            let day = offset.day(*t);
            if let Some(n) = names.iter().position(|d| *d == day) {
                per_day[n] += 1;
            }
        }
        let mut ends = vec![first];
        ends.extend(&mine);
        ends.push(last);
        let longest = ends
            .windows(2)
            .map(|w| w[1].since(w[0]))
            .fold(0.0, f64::max);
        RuleResult {
            rule: id.into(),
            per_day,
            longest_quiet_s: longest,
            tally,
        }
    });
    let rules = results.collect();
    Backtest {
        schema: "backtest/1",
        site,
        events: events.len(),
        days: names,
        rules,
        alerts,
    }
}

impl Backtest {
    /// A small table for people.
    pub fn table(&self) -> String {
        use std::fmt::Write;
        let days = self.days.len().max(1) as f64;
        let span = match (self.days.first(), self.days.last()) {
            (Some(a), Some(b)) => format!("{a} to {b}"),
            _ => "no days".into(),
        };
        let mut out = format!(
            "{}: {} events, {} days ({span}), {} alerts\n",
            self.site,
            self.events,
            self.days.len(),
            self.alerts.len()
        );
        let wide = self
            .rules
            .iter()
            .map(|r| r.rule.len())
            .max()
            .unwrap_or(0)
            .max(4);
        let _ = writeln!(
            out,
            "{:wide$} {:>7} {:>7} {:>5} {:>9} {:>6} {:>5} {:>7} {:>6} {:>9} {:>9} {:>6}",
            "rule",
            "alerts",
            "per day",
            "most",
            "quiet h",
            "joined",
            "held",
            "learned",
            "parked",
            "unwatched",
            "undecided",
            "failed"
        );
        for r in &self.rules {
            let n: u32 = r.per_day.iter().sum();
            let t = &r.tally;
            let _ = writeln!(
                out,
                "{:wide$} {n:>7} {:>7.2} {:>5} {:>9.1} {:>6} {:>5} {:>7} {:>6} {:>9} {:>9} {:>6}",
                r.rule,
                f64::from(n) / days,
                r.per_day.iter().max().unwrap_or(&0),
                r.longest_quiet_s / 3600.0,
                t.joined,
                t.held,
                t.learned,
                t.parked,
                t.unwatched,
                t.undecided,
                t.failed
            );
        }
        for r in &self.rules {
            if let Some(why) = &r.tally.failure {
                let _ = writeln!(
                    out,
                    "{}: where failed {} times, first: {why}",
                    r.rule, r.tally.failed
                );
            }
        }
        out
    }
}
