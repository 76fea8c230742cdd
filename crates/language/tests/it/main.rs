//! What the crate promises, with stand-in engines; the real one is tested with the command line.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod documents;
mod finding;
mod generator;
mod keeping;
mod remembering;
mod terms;
mod tongues;
