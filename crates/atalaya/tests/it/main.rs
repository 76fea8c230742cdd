//! The command line as its users meet it: the built program, its files, its words and exit codes;
//! and the rules of the house that no single crate can keep.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod air;
mod audit;
mod bad_input;
mod bench;
mod dependencies;
mod docs;
mod emission;
mod fly;
mod footprint;
mod learn;
mod mux;
mod network;
mod onnx;
mod plan;
mod recordings;
mod relay;
mod release;
mod run;
mod sapient;
mod stages;
mod support;
mod translate;
#[path = "../../../flight/tests/it/vehicle.rs"]
mod vehicle;
