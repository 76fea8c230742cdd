//! Tests of the exchange: what leaves the house.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod cot;
mod report;
mod sample;
