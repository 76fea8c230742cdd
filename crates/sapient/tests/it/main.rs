//! The codec on its own messages and on damage, both sides of a link, and the example messages.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod examples;
mod link;
mod round_trip;
