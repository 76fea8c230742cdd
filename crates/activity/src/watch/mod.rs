//! Watch rules: what a watch officer wants to be told, checked before it is armed, tried on recorded
//! days, and applied in event time.
//!
//! - [`read`] reads a `watch/1` document; every fault points at its word.
//! - [`Watch`] applies it: events in, alerts out. An alert has one life and one subject.
//! - [`backtest`] says what the rules would have raised on recorded events.

mod backtest;
mod check;
mod clock;
mod document;
mod expression;
mod fault;
mod fields;
mod found;
mod learn;
mod life;
mod patterns;
mod presence;
mod rule;
mod tally;
#[allow(clippy::module_inception)]
mod watch;

pub use backtest::{Backtest, MOST_DAYS, RuleResult, backtest};
pub use clock::{Local, Offset, Quiet};
pub use document::{MOST_BYTES, MOST_RULES, PATTERNS, Rules, read};
pub use expression::{Expression, ExpressionFault, FUNCTIONS, MOST_LENGTH};
pub use fault::Fault;
pub use fields::{FIELDS, Field, FieldType, Type};
pub use learn::{Answer, Said};
pub use tally::Tally;
pub use watch::Watch;
