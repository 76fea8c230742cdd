//! Events in, alerts out.

use super::document::Rules;
use super::fields::Facts;
use super::found::Found;
use super::learn::{Answer, Learned};
use super::life::Lives;
use super::patterns::Memory;
use super::presence::{Came, Presence};
use super::rule::{Pattern, Rule};
use super::tally::Tally;
use atalaya_model::{Alert, Event, EventKind, Micros};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Applies a watch document in event time.
///
/// [`Watch::push`] takes events in the order in which they were known (`decided_at`);
/// [`Watch::advance`] lets time pass between them; [`Watch::unwatch`] and [`Watch::watch`] say when a
/// zone goes out of sight and comes back. Alerts come out when they are opened and again, under the
/// same id, when they change. All memory is bounded.
#[derive(Debug)]
pub struct Watch {
    rules: Arc<Rules>,
    memories: Vec<Memory>,
    tallies: Vec<Tally>,
    presence: Presence,
    lives: Lives,
    learned: Learned,
    /// Stays that a dwell rule waits for: when, which rule, zone, subject.
    dwells: BTreeSet<(Micros, usize, String, String)>,
    now: Micros,
}

impl Watch {
    /// For a document, and the answers that people gave to earlier alerts.
    pub fn new(rules: Arc<Rules>, answers: &[Answer]) -> Self {
        let n = rules.rules.len();
        Self {
            memories: (0..n).map(|_| Memory::default()).collect(),
            tallies: vec![Tally::default(); n],
            presence: Presence::default(),
            lives: Lives::default(),
            learned: Learned::from(answers),
            dwells: BTreeSet::new(),
            now: Micros::MIN,
            rules,
        }
    }

    /// The document that it applies.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The next event, by `decided_at`. One that was decided before the clock is taken at the clock.
    pub fn push(&mut self, e: &Event, out: &mut Vec<Alert>) {
        self.advance(e.decided_at, out);
        let subject = e.subjects.first().map_or("", String::as_str);
        let came = self.presence.take(e);
        match &came {
            Came::New => self.lives.returns(&e.zone, subject),
            Came::Same(before) => {
                self.lives.renamed(&e.zone, before, subject, out);
                for (memory, rule) in self.memories.iter_mut().zip(&self.rules.rules) {
                    memory.renamed(rule, before, subject);
                }
            }
            Came::No => {}
        }
        if came != Came::No {
            self.await_dwell(&e.zone, subject);
        }
        // A stay that ends is still known to the rules about its end.
        let rules = self.rules.clone();
        let facts = facts(&self.presence, &rules, e, self.now);
        for (i, rule) in rules.rules.iter().enumerate() {
            let found = match self.consider(i, rule, &facts, &came) {
                Ok(found) => found,
                Err(why) => {
                    let tally = &mut self.tallies[i];
                    tally.failed += 1;
                    tally.failure.get_or_insert(why);
                    None
                }
            };
            if let Some(found) = found {
                self.raise(i, rule, found, out);
            }
        }
        if e.kind == EventKind::Departure {
            self.presence.leave(e);
        }
    }

    fn consider(
        &mut self,
        i: usize,
        rule: &Rule,
        facts: &Facts<'_>,
        came: &Came,
    ) -> Result<Option<Found>, String> {
        if matches!(rule.pattern, Pattern::Dwell { .. }) {
            return Ok(None);
        }
        let begins = rule.begins(facts)?;
        // Who was there all along has not come.
        if begins && matches!(came, Came::Same(_)) {
            self.tallies[i].parked += 1;
            return Ok(None);
        }
        let presence = &self.presence;
        self.memories[i].push(rule, facts, begins, |zone| presence.unwatched_since(zone))
    }

    fn raise(&mut self, i: usize, rule: &Rule, found: Found, out: &mut Vec<Alert>) {
        let with = (self.rules.offset, &self.learned);
        let tally = &mut self.tallies[i];
        self.lives
            .raise((i, rule), found, self.now, with, tally, out);
    }

    /// Time passes: stays grow long, waits end, quiet hours end, alerts grow louder or expire.
    pub fn advance(&mut self, to: Micros, out: &mut Vec<Alert>) {
        let rules = self.rules.clone();
        loop {
            let dwell = self.dwells.first().map(|d| d.0);
            let waits = self.memories.iter().filter_map(Memory::next).min();
            let Some(next) = [dwell, waits, self.lives.next()]
                .into_iter()
                .flatten()
                .min()
                .filter(|t| *t <= to)
            else {
                break;
            };
            self.now = self.now.max(next);
            while let Some(d) = self.dwells.first()
                && d.0 <= self.now
                && let Some((_, i, zone, subject)) = self.dwells.pop_first()
            {
                self.dwell(i, &zone, &subject, out);
            }
            for (i, rule) in rules.rules.iter().enumerate() {
                for found in self.memories[i].due(rule, self.now) {
                    self.raise(i, rule, found, out);
                }
            }
            if self.lives.next().is_some_and(|t| t <= self.now) {
                self.lives
                    .due(self.now, &rules.rules, &mut self.tallies, out);
            }
        }
        self.now = self.now.max(to);
    }

    /// Nobody sees the zone from `at` on.
    pub fn unwatch(&mut self, zone: &str, at: Micros) {
        self.presence.unwatch(zone, at);
        for m in &mut self.memories {
            m.unwatch(zone, at);
        }
    }

    /// It is seen again.
    pub fn watch(&mut self, zone: &str, at: Micros) {
        for subject in self.presence.watch(zone, at) {
            self.await_dwell(zone, &subject);
        }
        for m in &mut self.memories {
            m.watch(zone, at);
        }
    }

    /// A person has answered an alert.
    pub fn answered(&mut self, alert: &str) {
        self.lives.answered(alert);
    }

    /// What became of what each rule found: its id and its counts.
    pub fn tallies(&self) -> impl Iterator<Item = (&str, Tally)> {
        let ids = self.rules.rules.iter().map(|r| r.id.as_str());
        ids.zip(&self.tallies)
            .zip(&self.memories)
            .map(|((id, t), m)| {
                let mut t = t.clone();
                t.unwatched = m.saved;
                t.undecided = m.waiting();
                (id, t)
            })
    }

    /// How many things it keeps in mind, for tests of its bounds.
    pub fn kept(&self) -> usize {
        let memories: usize = self.memories.iter().map(Memory::len).sum();
        memories + self.lives.len() + self.dwells.len() + self.presence.len()
    }

    /// Sets the clock of every dwell rule that a stay concerns.
    fn await_dwell(&mut self, zone: &str, subject: &str) {
        let rules = self.rules.clone();
        for (i, rule) in rules.rules.iter().enumerate() {
            let Pattern::Dwell { long_us } = rule.pattern else {
                continue;
            };
            let Some(stay) = self.presence.stay(zone, subject) else {
                continue;
            };
            if stay.paused.is_none() && stay.told & (1 << i) == 0 && rule.fits(&stay.event) {
                let due = stay.due(long_us);
                self.dwells.insert((due, i, zone.into(), subject.into()));
            }
        }
    }

    /// A dwell rule's clock has run out: is it so?
    fn dwell(&mut self, i: usize, zone: &str, subject: &str, out: &mut Vec<Alert>) {
        let rules = self.rules.clone();
        let rule = &rules.rules[i];
        let Pattern::Dwell { long_us } = rule.pattern else {
            return;
        };
        let now = self.now;
        let Some(stay) = self.presence.stay(zone, subject) else {
            return;
        };
        // It is not seen now, or its time was moved on: the clock is set again when it is seen.
        let due = stay.due(long_us);
        if stay.paused.is_some() || stay.told & (1 << i) != 0 || due > now {
            return;
        }
        let (seen, unseen) = stay.seconds(now);
        let mut e = stay.event.clone();
        e.kind = EventKind::Dwell;
        let class = e.class.map_or("subject", |c| c.name());
        let mut found = Found::of(&e);
        found.until = due;
        let hidden = if unseen >= 1.0 {
            format!(", {unseen:.0} s of it out of sight")
        } else {
            String::new()
        };
        found.what = format!(
            "{class} stays in {zone} for more than {:.0} s{hidden}",
            long_us as f64 / 1e6
        );
        e.time = due;
        e.decided_at = now;
        let mut facts = facts(&self.presence, &rules, &e, now);
        (facts.stayed_s, facts.unseen_s) = (seen, unseen);
        match rule.concerns(&facts) {
            Ok(true) => {
                if let Some(stay) = self.presence.stay_mut(zone, subject) {
                    stay.told |= 1 << i;
                }
                self.raise(i, rule, found, out);
            }
            Ok(false) => {}
            Err(why) => {
                self.tallies[i].failed += 1;
                self.tallies[i].failure.get_or_insert(why);
            }
        }
    }
}

/// An event with what is known beside it.
fn facts<'a>(presence: &Presence, rules: &Rules, e: &'a Event, now: Micros) -> Facts<'a> {
    let stay = e
        .subjects
        .first()
        .and_then(|s| presence.stay(&e.zone, s))
        .map_or((0.0, 0.0), |s| {
            s.seconds(e.time_end.unwrap_or(e.time).min(now))
        });
    let (persons, vehicles) = presence.counts(&e.zone);
    Facts {
        event: e,
        local: rules.offset.local(e.time),
        stayed_s: stay.0,
        unseen_s: stay.1,
        persons,
        vehicles,
    }
}
