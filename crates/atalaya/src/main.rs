//! Atalaya's command line: every stage as a tool, and together as a system.
//!
//! Commands read standard input or files and write standard formats (docs/formats); progress goes
//! to standard error. Exit 0 on success, 2 on bad usage, 1 on failure with one clear line.

mod aircraft;
mod apertium;
mod commands;
mod cot;
mod flights;
mod frames;
mod input;
mod onnx;
mod output;
mod packets;
mod partner_post;
mod pdf;
mod progress;
mod recovery;
mod report;
mod sign_in;
mod station;
mod story;
mod terrain;

use clap::Parser;
use std::process::ExitCode;

/// For Rust's and, since it takes `malloc` over, FFmpeg's memory. Threads of live runs come and go,
/// and the C library's allocator keeps in each of its arenas the most that any thread ever needed
/// there: a live demonstration grew for as long as it was watched (docs/measurements.md, Memory).
/// This one gives pages back.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = commands::Cli::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_env("ATALAYA_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match commands::run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            // Anyhow's alternate form puts the chain of causes on one line.
            eprintln!("atalaya: {e:#}");
            ExitCode::from(1)
        }
    }
}
