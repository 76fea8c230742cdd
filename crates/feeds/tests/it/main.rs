//! Integration tests of collection.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail loudly")]

mod air;
mod aircraft;
mod bad_input;
mod codings;
mod damage;
mod door;
mod file;
mod https;
mod live;
mod network;
mod programs;
mod recordings;
mod rtsp;
mod segments;
mod sensors;
mod support;
mod time_faults;
