//! The store as the engine and the server use it, on real files.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod acts;
mod audit;
mod brought;
mod full;
mod kill;
mod make;
mod purge;
mod releases;
mod watch;
