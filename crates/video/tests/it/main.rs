//! Integration tests of the video crate.

mod mux;
mod support;
