//! A plan to an autopilot and back: MAVLink's mission, fence and rally protocols, the start, and what
//! is heard afterwards. Nothing here opens a socket or reads a clock: [`Session`] is handed messages
//! and the time, and says what to send and when to be woken.
//!
//! ```text
//! find ─▶ upload mission, fence, rally ─▶ read all back, compare ─▶ ready ─ a person confirms ─▶ start ─▶ follow
//! ```
//!
//! Whatever fails ends the session with one line that says what and what to do. Messages may be lost,
//! doubled or late: every step is asked for again, several times, and the reading back decides what
//! the aircraft holds, not an acknowledgement. An aircraft that is armed is not loaded: its mission
//! would change under it.

mod command;
mod items;
mod session;
mod transfer;
mod words;

pub use items::{Difference, Kind, Load, WireItem, differences};
pub use session::{Autopilot, Event, Options, Phase, Session};

/// Why a session ended: one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct LinkError {
    /// Cause and remedy.
    pub what: String,
}

/// Microseconds after which a step that got no answer is asked for again, and how often. With a tenth
/// of all messages lost either way, a step fails once in a hundred million.
pub(crate) const AGAIN_US: u64 = 700_000;
/// How often.
pub(crate) const TRIES: u32 = 12;

/// When a step is repeated, and how often still.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timer {
    pub due_us: u64,
    pub left: u32,
}

impl Timer {
    pub(crate) fn new(now_us: u64) -> Self {
        Self {
            due_us: now_us + AGAIN_US,
            left: TRIES,
        }
    }

    /// Is it time? Then once less is left; `None` where none was.
    pub(crate) fn ring(&mut self, now_us: u64) -> Option<bool> {
        if now_us < self.due_us {
            return Some(false);
        }
        self.left = self.left.checked_sub(1)?;
        self.due_us = now_us + AGAIN_US;
        Some(true)
    }
}

/// Where messages go: the aircraft's autopilot, from this ground station.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub system: u8,
    pub ours: u8,
}

/// Component of an autopilot.
pub(crate) const AUTOPILOT: u8 = 1;
