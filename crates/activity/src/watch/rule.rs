//! A rule as it is applied.

use super::clock::Quiet;
use super::expression::Expression;
use super::fields::Facts;
use atalaya_model::operation::Subject;
use atalaya_model::{Class, Event, EventKind, Same, Severity};

/// A set of kinds of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kinds(u64);

impl Kinds {
    pub const ALL: Self = Self(u64::MAX);

    pub fn of(kinds: &[EventKind]) -> Self {
        Self(kinds.iter().fold(0, |set, k| set | 1 << *k as u32))
    }

    pub fn has(self, kind: EventKind) -> bool {
        self.0 & (1 << kind as u32) != 0
    }
}

/// What a rule looks for in the events that concern it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pattern {
    /// Each of them.
    Plain,
    /// A stay of so long.
    Dwell { long_us: i64 },
    /// So many of them.
    Count {
        at_least: usize,
        within_us: i64,
        same: Same,
    },
    /// Its steps, one after the other.
    Sequence { within_us: i64, same: Same },
    /// None of its steps.
    Absent { within_us: i64, same: Same },
    /// Another subject close by.
    Near { near_m: f64, within_us: i64 },
}

/// What follows in a pattern.
#[derive(Debug)]
pub(crate) struct StepRule {
    pub kinds: Kinds,
    pub zones: Vec<String>,
    pub when: Option<Expression>,
}

/// A rule that was checked.
#[derive(Debug)]
pub(crate) struct Rule {
    pub id: String,
    pub kinds: Kinds,
    pub pattern: Pattern,
    pub zones: Vec<String>,
    pub subject: Subject,
    pub when: Option<Expression>,
    pub steps: Vec<StepRule>,
    pub p_at_least: f64,
    pub severity: Severity,
    pub quiet: Quiet,
    pub join_us: i64,
    pub escalate_us: Option<i64>,
    pub expires_us: i64,
    pub learn: bool,
    pub say: Option<String>,
}

/// Whether something concerns a rule; `Err` when its expression fails.
pub(crate) type Concerns = Result<bool, String>;

impl Rule {
    /// Place, class and probability fit.
    pub fn fits(&self, e: &Event) -> bool {
        in_zones(&self.zones, e)
            && e.p >= self.p_at_least
            && self.subject.covers(e.class.unwrap_or(Class::Unknown))
    }

    /// And so does what `where` says.
    pub fn concerns(&self, facts: &Facts<'_>) -> Concerns {
        if !self.fits(facts.event) {
            return Ok(false);
        }
        self.when.as_ref().map_or(Ok(true), |w| w.holds(facts))
    }

    /// Does it begin with such an event?
    pub fn begins(&self, facts: &Facts<'_>) -> Concerns {
        if !self.kinds.has(facts.event.kind) {
            return Ok(false);
        }
        self.concerns(facts)
    }
}

impl StepRule {
    pub fn concerns(&self, facts: &Facts<'_>) -> Concerns {
        if !self.kinds.has(facts.event.kind) || !in_zones(&self.zones, facts.event) {
            return Ok(false);
        }
        self.when.as_ref().map_or(Ok(true), |w| w.holds(facts))
    }
}

fn in_zones(zones: &[String], e: &Event) -> bool {
    zones.is_empty() || zones.contains(&e.zone)
}
