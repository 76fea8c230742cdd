//! What counts, sequences, absences and nearness remember between events.

use super::fields::Facts;
use super::found::{Found, MOST_SUBJECTS, extend, metres, there_since};
use super::rule::{Pattern, Rule};
use atalaya_model::{Event, Micros, Same};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Most events of a window, runs of a sequence, and absences waited for, of a rule; the oldest goes.
const MOST_SEEN: usize = 512;
const MOST_RUNS: usize = 256;
const MOST_WAITS: usize = 1024;
/// An absence is told so long after its time: what would end the wait may be known late.
const SETTLE_US: i64 = 30_000_000;

/// Waiting for what does not come.
#[derive(Clone, Debug)]
struct Wait {
    found: Found,
    /// When it is over, moved on by what was not watched.
    due: Micros,
    /// When it would be over if all had been watched.
    plain: Micros,
    /// The zone where it would be seen.
    zone: String,
    paused: Option<Micros>,
}

/// The memory of one rule.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    seen: VecDeque<(String, Found)>,
    runs: VecDeque<(String, usize, Found)>,
    waits: BTreeMap<String, Wait>,
    due: BTreeSet<(Micros, String)>,
    /// Waits that ended in time only because unwatched time did not count.
    pub saved: u64,
}

fn key(same: Same, e: &Event) -> Option<String> {
    match same {
        Same::Subject => e.subjects.first().cloned(),
        Same::Zone => Some(e.zone.clone()),
        Same::Any => Some(String::new()),
    }
}

fn is_of(same: Same, key: &str, e: &Event) -> bool {
    match same {
        Same::Subject => e.subjects.iter().any(|s| s == key),
        Same::Zone => e.zone == key,
        Same::Any => true,
    }
}

fn span(a: Micros, b: Micros) -> i64 {
    b.0.saturating_sub(a.0)
}

impl Memory {
    /// The next event; `begins` says that it is of the kind that the pattern begins with. `Err` when
    /// a step's expression fails.
    pub fn push(
        &mut self,
        rule: &Rule,
        facts: &Facts<'_>,
        begins: bool,
        unwatched: impl Fn(&str) -> Option<Micros>,
    ) -> Result<Option<Found>, String> {
        let e = facts.event;
        match rule.pattern {
            Pattern::Plain | Pattern::Dwell { .. } => Ok(begins.then(|| Found::of(e))),
            Pattern::Count {
                at_least,
                within_us,
                same,
            } => Ok(begins
                .then(|| self.count(e, at_least, within_us, same))
                .flatten()),
            Pattern::Near { near_m, within_us } => {
                Ok(begins.then(|| self.near(e, near_m, within_us)).flatten())
            }
            Pattern::Sequence { within_us, same } => {
                self.sequence(rule, facts, begins, within_us, same)
            }
            Pattern::Absent { within_us, same } => {
                self.came(rule, facts, same)?;
                if begins && let Some(key) = key(same, e) {
                    self.wait(rule, e, key, within_us, unwatched);
                }
                Ok(None)
            }
        }
    }

    fn remember(&mut self, key: String, found: Found, within_us: i64) {
        let now = found.until;
        while self.seen.len() >= MOST_SEEN
            || self
                .seen
                .front()
                .is_some_and(|(_, f)| span(f.until, now) > within_us)
        {
            self.seen.pop_front();
        }
        self.seen.push_back((key, found));
    }

    /// Different subjects, or events where they have none.
    fn count(&mut self, e: &Event, at_least: usize, within_us: i64, same: Same) -> Option<Found> {
        let key = key(same, e)?;
        self.remember(key.clone(), Found::of(e), within_us);
        let mine = |(k, f): &&(String, Found)| *k == key && span(f.until, e.time) <= within_us;
        let of_subjects = same != Same::Subject;
        let what = |f: &Found| match f.subjects.first() {
            Some(s) if of_subjects => (true, s.clone()),
            _ => (false, f.events[0].clone()),
        };
        let different: BTreeSet<_> = self
            .seen
            .iter()
            .filter(mine)
            .map(|(_, f)| what(f))
            .collect();
        let n = different.len();
        if n < at_least {
            return None;
        }
        let mut mine = self.seen.iter().filter(mine).map(|(_, f)| f);
        let mut all = mine.next()?.clone();
        mine.for_each(|f| all.join(f));
        let place = match e.zone.as_str() {
            "" => String::new(),
            zone => format!(" in {zone}"),
        };
        all.what = format!(
            "{n} times {}{place} within {:.0} s",
            e.kind.name().replace('_', " "),
            within_us as f64 / 1e6
        );
        Some(all)
    }

    fn near(&mut self, e: &Event, near_m: f64, within_us: i64) -> Option<Found> {
        // A meeting says by itself how near they came.
        if let Some(atalaya_model::About::Together(t)) = &e.about {
            return (t.apart_m <= near_m).then(|| Found::of(e));
        }
        let at = e.lat.zip(e.lon)?;
        let subject = e.subjects.first()?;
        let other = self
            .seen
            .iter()
            .filter(|(s, f)| s != subject && span(f.until, e.time).abs() <= within_us)
            .filter_map(|(_, f)| Some((metres(f.lat.zip(f.lon)?, at), f)))
            .filter(|(d, _)| *d <= near_m)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(d, f)| (d, f.clone()));
        self.remember(subject.clone(), Found::of(e), within_us);
        let (d, mut found) = other?;
        let class = found.class.name();
        let me = Found::of(e);
        found.what = format!("{}, {d:.0} m from {class} {}", me.what, found.subjects[0]);
        found.join(&me);
        Some(found)
    }

    fn sequence(
        &mut self,
        rule: &Rule,
        facts: &Facts<'_>,
        begins: bool,
        within_us: i64,
        same: Same,
    ) -> Result<Option<Found>, String> {
        let e = facts.event;
        self.runs
            .retain(|(_, _, f)| span(f.from, e.time) <= within_us);
        let mut fits = Vec::new();
        for step in &rule.steps {
            fits.push(step.concerns(facts)?);
        }
        let mut whole = None;
        if fits.contains(&true) {
            for (key, step, found) in &mut self.runs {
                if fits[*step] && is_of(same, key, e) && e.time >= found.until {
                    *step += 1;
                    let next = Found::of(e);
                    found.what = format!("{}; then {}", found.what, next.what);
                    found.join(&next);
                }
            }
            let n = rule.steps.len();
            // One event completes one sequence: that which began last.
            whole = self
                .runs
                .iter()
                .rev()
                .find(|r| r.1 == n)
                .map(|r| r.2.clone());
            self.runs.retain(|r| r.1 < n);
        }
        if begins && let Some(key) = key(same, e) {
            self.runs.retain(|(k, step, _)| *k != key || *step > 0);
            if self.runs.len() >= MOST_RUNS {
                self.runs.pop_front();
            }
            self.runs.push_back((key, 0, Found::of(e)));
        }
        Ok(whole)
    }

    /// What was waited for has come: any of the steps will do.
    fn came(&mut self, rule: &Rule, facts: &Facts<'_>, same: Same) -> Result<(), String> {
        if self.waits.is_empty() {
            return Ok(());
        }
        let e = facts.event;
        let mut fits = false;
        for step in &rule.steps {
            fits |= step.concerns(facts)?;
        }
        if !fits {
            return Ok(());
        }
        let over: Vec<String> = match same {
            Same::Subject => e.subjects.clone(),
            Same::Zone => vec![e.zone.clone()],
            Same::Any => vec![String::new()],
        };
        for key in over {
            let Some(wait) = self.waits.get(&key).filter(|w| e.time >= w.found.from) else {
                continue;
            };
            if e.time > wait.plain {
                self.saved += 1;
            }
            self.due.remove(&(wait.due, key.clone()));
            self.waits.remove(&key);
        }
        Ok(())
    }

    fn wait(
        &mut self,
        rule: &Rule,
        e: &Event,
        key: String,
        within_us: i64,
        unwatched: impl Fn(&str) -> Option<Micros>,
    ) {
        if self.waits.len() >= MOST_WAITS
            && let Some((_, first)) = self.due.pop_first()
        {
            self.waits.remove(&first);
        }
        let named = rule.steps.iter().find_map(|s| s.zones.first());
        let zone = named.unwrap_or(&e.zone).clone();
        let since = there_since(e);
        let due = Micros(since.0.saturating_add(within_us));
        let wait = Wait {
            found: Found::of(e),
            due,
            plain: due,
            paused: unwatched(&zone).map(|t| t.max(since)),
            zone,
        };
        if let Some(before) = self.waits.remove(&key) {
            self.due.remove(&(before.due, key.clone()));
        }
        if wait.paused.is_none() {
            self.due.insert((due, key.clone()));
        }
        self.waits.insert(key, wait);
    }

    /// A subject has another name now: what was begun under the old one goes on.
    pub fn renamed(&mut self, rule: &Rule, before: &str, now: &str) {
        let (Pattern::Sequence { same, .. } | Pattern::Absent { same, .. }) = rule.pattern else {
            return;
        };
        if same != Same::Subject || before == now {
            return;
        }
        for (key, _, found) in self.runs.iter_mut().filter(|r| r.0 == before) {
            now.clone_into(key);
            extend(&mut found.subjects, &[now.to_owned()], MOST_SUBJECTS);
        }
        if let Some(mut wait) = self.waits.remove(before) {
            if self.due.remove(&(wait.due, before.to_owned())) {
                self.due.insert((wait.due, now.to_owned()));
            }
            extend(&mut wait.found.subjects, &[now.to_owned()], MOST_SUBJECTS);
            if let Some(other) = self.waits.insert(now.to_owned(), wait) {
                let due = (other.due, now.to_owned());
                if self.waits.get(now).is_none_or(|w| w.due != other.due) {
                    self.due.remove(&due);
                }
            }
        }
    }

    /// Nobody sees the zone: the clocks that need it stop.
    pub fn unwatch(&mut self, zone: &str, at: Micros) {
        let of = |(_, w): &(&String, &mut Wait)| w.zone == zone && w.paused.is_none() && w.due > at;
        for (key, wait) in self.waits.iter_mut().filter(of) {
            wait.paused = Some(at);
            self.due.remove(&(wait.due, key.clone()));
        }
    }

    /// It is seen again: they go on.
    pub fn watch(&mut self, zone: &str, at: Micros) {
        for (key, wait) in self.waits.iter_mut().filter(|(_, w)| w.zone == zone) {
            if let Some(p) = wait.paused.take() {
                wait.due = Micros(wait.due.0.saturating_add(span(p, at).max(0)));
                self.due.insert((wait.due, key.clone()));
            }
        }
    }

    /// When the next wait is over, late words allowed for.
    pub fn next(&self) -> Option<Micros> {
        self.due
            .first()
            .map(|(due, _)| Micros(due.0.saturating_add(SETTLE_US)))
    }

    /// Absences that are certain at `now`.
    pub fn due(&mut self, rule: &Rule, now: Micros) -> Vec<Found> {
        let mut all = Vec::new();
        while self.next().is_some_and(|t| t <= now)
            && let Some((_, key)) = self.due.pop_first()
        {
            let Some(wait) = self.waits.remove(&key) else {
                continue;
            };
            let Pattern::Absent { within_us, .. } = rule.pattern else {
                continue;
            };
            let mut found = wait.found;
            let unseen = match span(wait.plain, wait.due) / 1_000_000 {
                0 => String::new(),
                s => format!(", {s} s out of sight not counted"),
            };
            found.what = format!(
                "{}, and what should follow did not within {:.0} s{unseen}",
                found.what,
                within_us as f64 / 1e6
            );
            found.until = wait.due;
            all.push(found);
        }
        all
    }

    /// Absences still waited for.
    pub fn waiting(&self) -> u64 {
        self.waits.len() as u64
    }

    /// All that is remembered, for tests of bounds.
    pub fn len(&self) -> usize {
        self.seen.len() + self.runs.len() + self.waits.len() + self.due.len()
    }
}
