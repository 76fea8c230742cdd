//! The lives of alerts: opened, joined, made louder, expired; held back by quiet hours.

use super::clock::Offset;
use super::found::{Found, MOST_EVENTS, MOST_EVIDENCE, MOST_SUBJECTS, extend};
use super::learn::Learned;
use super::rule::Rule;
use super::tally::Tally;
use atalaya_model::{Alert, AlertLife, AlertState, Micros, Reason, Severity};

/// Alerts that duplicates can join; the one that was longest without news goes.
const MOST_LIVES: usize = 1024;
/// What quiet hours hold back at a time.
const MOST_HELD: usize = 256;

#[derive(Clone, Debug)]
struct Life {
    rule: usize,
    alert: Alert,
    updated: Micros,
    count: u32,
    escalates: Option<Micros>,
    /// What it is about is over: what comes now is another.
    ended: bool,
}

#[derive(Clone, Debug)]
struct Held {
    rule: usize,
    found: Found,
    since: Micros,
    until: Micros,
    count: u32,
    reasons: Vec<Reason>,
    p_right: Option<f64>,
}

/// All alerts that may still change.
#[derive(Debug, Default)]
pub(crate) struct Lives {
    lives: Vec<Life>,
    held: Vec<Held>,
    /// No sooner than this does anything happen by itself.
    next: Option<Micros>,
}

impl Lives {
    /// When something happens by itself.
    pub fn next(&self) -> Option<Micros> {
        self.next
    }

    /// A rule has found something.
    pub fn raise(
        &mut self,
        (at, rule): (usize, &Rule),
        found: Found,
        now: Micros,
        (offset, learned): (Offset, &Learned),
        tally: &mut Tally,
        out: &mut Vec<Alert>,
    ) {
        tally.found += 1;
        // Said again, with more to show: not a duplicate.
        if let Some(life) = self
            .lives
            .iter_mut()
            .find(|l| l.rule == at && knows(&l.alert, &found))
        {
            if extend(&mut life.alert.evidence, &found.evidence, MOST_EVIDENCE) {
                out.push(life.alert.clone());
            }
            return;
        }
        let joins = |l: &&mut Life| {
            l.rule == at
                && !l.ended
                && now.0 - l.updated.0 <= rule.join_us
                && same(&l.alert.subjects, &l.alert.zone, &found)
        };
        if let Some(life) = self.lives.iter_mut().rev().find(joins) {
            life.join(&found, now, rule);
            tally.joined += 1;
            out.push(life.alert.clone());
            self.settle(now, rule);
            return;
        }
        let held = |h: &&mut Held| h.rule == at && same(&h.found.subjects, &h.found.zone, &found);
        if let Some(held) = self.held.iter_mut().find(held) {
            if found
                .events
                .last()
                .is_none_or(|id| !held.found.events.contains(id))
            {
                held.count = held.count.saturating_add(1);
                tally.held += 1;
            }
            held.found.join(&found);
            return;
        }
        let said = learned.says(&rule.id, found.class, &found.zone);
        if let Some(said) = &said
            && rule.learn
            && rule.severity != Severity::Critical
            && found.p < said.bar()
        {
            tally.learned += 1;
            return;
        }
        let p_right = said.as_ref().map(super::learn::Said::p_right);
        let reasons: Vec<Reason> = said.iter().map(super::learn::Said::reason).collect();
        if let Some(until) = rule.quiet.until(offset, now)
            && self.held.len() < MOST_HELD
        {
            tally.held += 1;
            self.held.push(Held {
                rule: at,
                found,
                since: now,
                until,
                count: 1,
                reasons,
                p_right,
            });
            self.next = Some(self.next.map_or(until, |n| n.min(until)));
            return;
        }
        self.open((at, rule), found, now, (1, reasons, p_right), tally, out);
    }

    fn open(
        &mut self,
        (at, rule): (usize, &Rule),
        found: Found,
        now: Micros,
        (count, reasons, p_right): (u32, Vec<Reason>, Option<f64>),
        tally: &mut Tally,
        out: &mut Vec<Alert>,
    ) {
        if self.lives.len() >= MOST_LIVES {
            let oldest = (0..self.lives.len()).min_by_key(|i| self.lives[*i].updated);
            if let Some(i) = oldest {
                self.lives.remove(i);
            }
        }
        let escalates = rule
            .escalate_us
            .filter(|_| rule.severity != Severity::Critical)
            .map(|us| Micros(now.0.saturating_add(us)));
        let expires = Micros(now.0.saturating_add(rule.expires_us));
        let reason = match &rule.say {
            Some(say) => format!("{say}: {}", found.what),
            None => found.what,
        };
        let last = found.events.last().cloned().unwrap_or_default();
        let alert = Alert {
            schema: Alert::SCHEMA.into(),
            id: format!("{}-{last}", rule.id),
            rule: rule.id.clone(),
            opened_at: now,
            zone: found.zone,
            subjects: found.subjects,
            events: found.events,
            severity: rule.severity,
            reason,
            state: AlertState::Open,
            lat: found.lat,
            lon: found.lon,
            evidence: found.evidence,
            life: Some(AlertLife {
                updated_at: now,
                count,
                escalated_at: None,
                expires_at: Some(expires),
                p_right,
                reasons,
            }),
        };
        out.push(alert.clone());
        tally.raised += 1;
        self.lives.push(Life {
            rule: at,
            alert,
            updated: now,
            count,
            escalates,
            ended: false,
        });
        self.settle(now, rule);
    }

    /// What follows from an alert by itself follows no sooner than this.
    fn settle(&mut self, now: Micros, rule: &Rule) {
        let soon = rule.escalate_us.unwrap_or(i64::MAX).min(rule.expires_us);
        let soon = Micros(now.0.saturating_add(soon));
        self.next = Some(self.next.map_or(soon, |n| n.min(soon)));
    }

    /// Does what is due at `now`.
    pub fn due(
        &mut self,
        now: Micros,
        rules: &[Rule],
        tallies: &mut [Tally],
        out: &mut Vec<Alert>,
    ) {
        let due: Vec<Held> = self.held.extract_if(.., |h| h.until <= now).collect();
        for mut h in due {
            h.found.what = format!(
                "{} (held back by quiet hours since {}, {} in all)",
                h.found.what, h.since, h.count
            );
            h.reasons.push(Reason {
                what: "quiet_hours".into(),
                value: f64::from(h.count),
                weight: 0.0,
            });
            let rest = (h.count, h.reasons, h.p_right);
            let rule = (h.rule, &rules[h.rule]);
            self.open(rule, h.found, h.until, rest, &mut tallies[h.rule], out);
        }
        for l in &mut self.lives {
            if l.escalates.is_some_and(|t| t <= now) {
                let at = l.escalates.take();
                l.alert.severity = match l.alert.severity {
                    Severity::Info => Severity::Warning,
                    Severity::Warning | Severity::Critical => Severity::Critical,
                };
                if let Some(life) = &mut l.alert.life {
                    life.escalated_at = at;
                }
                tallies[l.rule].escalated += 1;
                out.push(l.alert.clone());
            }
        }
        let over = |l: &mut Life| l.expires(rules) <= now;
        for mut l in self.lives.extract_if(.., over) {
            if l.alert.state != AlertState::Open {
                continue;
            }
            l.alert.state = AlertState::Expired;
            tallies[l.rule].expired += 1;
            out.push(l.alert);
        }
        let soonest = self.lives.iter().map(|l| {
            let expires = l.expires(rules);
            l.escalates.map_or(expires, |e| e.min(expires))
        });
        self.next = soonest.chain(self.held.iter().map(|h| h.until)).min();
    }

    /// Somebody comes back: what is said of them from here on is another visit.
    pub fn returns(&mut self, zone: &str, subject: &str) {
        for l in &mut self.lives {
            if l.alert.zone == zone && l.alert.subjects.iter().any(|s| s == subject) {
                l.ended = true;
            }
        }
    }

    /// A subject has another name now.
    pub fn renamed(&mut self, zone: &str, before: &str, now: &str, out: &mut Vec<Alert>) {
        for l in &mut self.lives {
            if l.alert.zone == zone
                && l.alert.subjects.iter().any(|s| s == before)
                && extend(&mut l.alert.subjects, &[now.to_owned()], MOST_SUBJECTS)
            {
                out.push(l.alert.clone());
            }
        }
    }

    /// A person has answered: it gets no louder, and does not expire. What is closed or rejected
    /// still takes in its duplicates.
    pub fn answered(&mut self, alert: &str) {
        for l in &mut self.lives {
            if l.alert.id == alert {
                l.alert.state = AlertState::Acknowledged;
                l.escalates = None;
            }
        }
    }

    /// How many there are, held ones included.
    pub fn len(&self) -> usize {
        self.lives.len() + self.held.len()
    }
}

impl Life {
    fn join(&mut self, found: &Found, now: Micros, rule: &Rule) {
        self.count = self.count.saturating_add(1);
        self.updated = now;
        let a = &mut self.alert;
        extend(&mut a.events, &found.events, MOST_EVENTS);
        extend(&mut a.evidence, &found.evidence, MOST_EVIDENCE);
        extend(&mut a.subjects, &found.subjects, MOST_SUBJECTS);
        if let Some(life) = &mut a.life {
            life.updated_at = now;
            life.count = self.count;
            life.expires_at = Some(Micros(now.0.saturating_add(rule.expires_us)));
        }
    }

    /// An answered alert is only forgotten, an open one expires.
    fn expires(&self, rules: &[Rule]) -> Micros {
        Micros(self.updated.0.saturating_add(rules[self.rule].expires_us))
    }
}

/// The last event that was found has been told already.
fn knows(alert: &Alert, found: &Found) -> bool {
    found
        .events
        .last()
        .is_some_and(|id| alert.events.contains(id))
}

/// Is it about the same? They share a subject; or one of them has none (a ground sensor, gas) and
/// they are in the same zone.
fn same(subjects: &[String], zone: &str, found: &Found) -> bool {
    if subjects.is_empty() || found.subjects.is_empty() {
        return zone == found.zone;
    }
    subjects.iter().any(|s| found.subjects.contains(s))
}
