//! Until when something may be kept.

use atalaya_model::Micros;
use atalaya_model::operation::Retention;

/// What is kept, and therefore for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// Tracks, coverage and video that no event refers to (the store keeps what one refers to as
    /// long as that event).
    Bystander,
    /// Events, alerts and runs.
    Evidence,
}

impl Keeping {
    /// The moment after which it must be gone, for something that came at `t`.
    pub fn delete_by(self, t: Micros, retention: &Retention) -> Micros {
        let hours = match self {
            Self::Bystander => i64::from(retention.bystander_hours),
            Self::Evidence => i64::from(retention.evidence_days) * 24,
        };
        t + Micros(hours.saturating_mul(3_600_000_000))
    }
}
