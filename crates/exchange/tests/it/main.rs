//! Tests of the exchange: what leaves the house.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod clip;
mod codings;
mod cot;
mod release;
mod report;
mod sample;
