//! The commands, one file each.

mod activity;
mod air;
mod audit;
mod bench;
mod demo;
mod detect;
mod emission;
mod fly;
mod footage;
mod footprint;
mod klv;
mod learn;
mod mux;
mod network;
mod network_grow;
mod partner;
mod placed;
mod plan;
mod relay;
mod release;
mod replay;
mod run;
mod sapient;
mod serve;
mod sim;
mod track;
mod translate;
mod user;
mod watch;

use clap::{Parser, Subcommand};

pub use fly::certified;
pub use plan::beside;

/// Turns drone video, gas readings and ground sensors into decisions a command post can stand
/// behind. Intelligence only.
#[derive(Parser, Debug)]
#[command(name = "atalaya", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Show a simulated operation, live in the browser
    Demo(demo::Args),
    /// Serve an operation: live feeds, page and API
    Serve(serve::Args),
    /// Run an operation over recordings: observations, tracks, events, alerts, report
    Run(run::Args),
    /// Read MISB metadata: one JSON object a packet
    Klv(klv::Args),
    /// Say where pictures lie on the ground by platform position, sensor angles and field of view
    Footprint(footprint::Args),
    /// Put telemetry, boxes or tracks into a video: a STANAG 4609 transport stream out
    Mux(mux::Args),
    /// Find which recorded video saw a place, and cut clips out of it
    Footage(footage::Args),
    /// Find what moves in a video or a folder of pictures: MOT rows
    Detect(detect::Args),
    /// Learn what boxes show: labelled chips in, a classifier out
    #[command(subcommand)]
    Learn(learn::Command),
    /// Follow given detections: MOT rows in, MOT rows out
    Track(track::Args),
    /// Say who comes and goes: a table of positions and zones in, events out
    Activity(activity::Args),
    /// Check a watch document, and see what its rules would have raised
    #[command(subcommand)]
    Watch(watch::Command),
    /// Find what emits: gas readings and wind in, a source with its probability out
    Emission(emission::Args),
    /// Read what aircraft broadcast (ADS-B): whom to doubt and why, who turns around a place
    Air(air::Args),
    /// Check messages of ground sensors against BSI Flex 335 v2 (SAPIENT)
    #[command(subcommand)]
    Sapient(sapient::Command),
    /// Say who matters in a network, how it would break, and which names are one
    Network(network::Args),
    /// Plan a certified flight over an operation's zones: QGroundControl plan and certificate out
    Plan(plan::Args),
    /// Load an aircraft with a certified plan, start it on a person's word, follow it
    Fly(fly::Args),
    /// Translate between Spanish and English: a line out for each line in
    Translate(translate::Args),
    /// Make a simulated operation with known truth: feeds, operation, truth
    Sim(sim::Args),
    /// Analyse a stored live run again and compare: same bytes, or it says so
    Replay(replay::Args),
    /// Measure this machine
    Bench(bench::Args),
    /// Verify that nothing in the record was altered: offline, from a store's folder or an export
    Audit(audit::Args),
    /// Pass a feed on as it is, metadata and all, over UDP and SRT
    Relay(relay::Args),
    /// Give a product to a partner agency: draft, approve, seal, open, answer, recall
    Release(release::Args),
    /// Our keys for partners, and theirs
    Partner(partner::Args),
    /// Manage the accounts of a store
    User(user::Args),
}

/// Runs a command.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Demo(a) => demo::run(&a),
        Command::Serve(a) => serve::run(&a),
        Command::Replay(a) => replay::run(&a),
        Command::Bench(a) => bench::run(&a),
        Command::Audit(a) => audit::run(&a),
        Command::User(a) => user::run(&a),
        Command::Relay(a) => relay::run(&a),
        Command::Release(a) => release::run(&a),
        Command::Partner(a) => partner::run(&a),
        Command::Run(a) => run::run(&a),
        Command::Klv(a) => klv::run(&a),
        Command::Mux(a) => mux::run(&a),
        Command::Footage(a) => footage::run(&a),
        Command::Footprint(a) => footprint::run(&a),
        Command::Detect(a) => detect::run(&a),
        Command::Learn(a) => learn::run(&a),
        Command::Track(a) => track::run(&a),
        Command::Activity(a) => activity::run(&a),
        Command::Watch(a) => watch::run(&a),
        Command::Emission(a) => emission::run(&a),
        Command::Air(a) => air::run(&a),
        Command::Network(a) => network::run(&a),
        Command::Plan(a) => plan::run(&a),
        Command::Fly(a) => fly::run(&a),
        Command::Translate(a) => translate::run(&a),
        Command::Sapient(a) => sapient::run(&a),
        Command::Sim(a) => sim::run(&a),
    }
}
