//! Integration tests of the KLV codec.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail loudly")]

mod check;
mod damage;
mod docs;
mod examples;
mod fuzz;
mod generate;
mod json;
mod nested;
mod recordings;
mod rewrite;
mod round_trip;
mod support;
mod tables;
