//! The crate from outside: worlds with known truth, and recordings.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod odd;
mod recordings;
mod refused;
mod several;
mod smell;
mod tables;
mod worlds;
