//! What became of what a rule found.

use serde::Serialize;

/// Counts of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Times that it held of something, updates of the same event included.
    pub found: u64,
    /// Alerts that were opened.
    pub raised: u64,
    /// Duplicates that joined an open alert.
    pub joined: u64,
    /// Held back by quiet hours; raised, once each, when they ended.
    pub held: u64,
    /// Not raised because earlier ones like it were called wrong.
    pub learned: u64,
    /// Not told because the subject was there all along: a parked car that was out of sight.
    pub parked: u64,
    /// Became louder because nobody answered.
    pub escalated: u64,
    /// Expired unanswered.
    pub expired: u64,
    /// Not raised because the time that was not watched did not count, and it came after all.
    pub unwatched: u64,
    /// Still waiting at the end.
    pub undecided: u64,
    /// Times that its expression failed: a division by zero, a place beyond a list's end.
    pub failed: u64,
    /// The first of these failures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}
