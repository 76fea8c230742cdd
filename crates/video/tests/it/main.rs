//! Integration tests of the video crate.

mod bad_input;
mod mux;
mod recordings;
mod round_trip;
mod still;
mod support;
