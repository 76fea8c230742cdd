//! The network as its users meet it.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod dismantling;
mod files;
mod fuzz;
mod growth;
mod judging;
mod measures;
mod naming;
mod people;
mod random;
