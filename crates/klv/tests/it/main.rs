//! Integration tests of the KLV codec.
#![allow(clippy::unwrap_used, reason = "a helper of a test may fail loudly")]

mod damage;
mod json;
mod recordings;
mod round_trip;
mod support;
