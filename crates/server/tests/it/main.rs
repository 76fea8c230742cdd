//! The server as its clients see it, over TCP.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod acts;
mod auth;
mod bad;
mod client;
mod documents;
mod live;
mod network;
mod page;
mod release;
mod translation;
mod watch;
