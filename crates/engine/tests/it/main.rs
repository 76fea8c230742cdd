//! Runs the engine against a simulated world.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod damaged;
mod footage;
mod live;
mod load;
mod masked;
mod recording;
mod refused;
mod sensors;
mod support;
mod times;
