//! Flight as its users meet it, and plans flown by a pilot of another making.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod flown;
mod link;
mod lossy;
mod pilot;
mod plan_files;
mod sites;
mod vehicle;
mod world;
