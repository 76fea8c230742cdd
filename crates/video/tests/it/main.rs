//! Integration tests of the video crate.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail loudly")]

mod bad_input;
mod mux;
mod recordings;
mod round_trip;
mod srt;
mod still;
mod support;
