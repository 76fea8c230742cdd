//! `atalaya sim`: a simulated operation, to files, and live to UDP.

use crate::progress;
use crate::station::now;
use anyhow::{Result, bail};
use atalaya_sim::{Density, PlayOptions, World, WorldOptions, send_feeds, write_to_dir};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// How much goes on in the world.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Pace {
    /// A slow day
    Quiet,
    /// Something every half minute
    Normal,
    /// For scoring
    Busy,
}

impl From<Pace> for Density {
    fn from(b: Pace) -> Self {
        match b {
            Pace::Quiet => Self::Quiet,
            Pace::Normal => Self::Normal,
            Pace::Busy => Self::Busy,
        }
    }
}

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The world: compound
    #[arg(value_parser = ["compound"])]
    world: String,
    /// Everything in the world follows from this number
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for feeds, operation.toml, zones.geojson and truth/
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Length, seconds
    #[arg(long, default_value_t = 300.0, value_name = "S")]
    duration: f64,
    /// How much goes on
    #[arg(long, value_enum, default_value_t = Pace::Normal)]
    density: Pace,
    /// Then play it live to this address (the thermal picture to the next port), again and again
    /// with event time that goes on, until Ctrl-C
    #[arg(long, value_name = "HOST:PORT")]
    udp: Option<SocketAddr>,
    /// Leave the thermal picture out
    #[arg(long)]
    no_thermal: bool,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    if !(2.0..=7200.0).contains(&a.duration) {
        bail!(
            "--duration {} is out of range; give 2 to 7200 seconds",
            a.duration
        );
    }
    let world = World::compound(
        a.seed,
        &WorldOptions {
            duration_s: a.duration,
            density: a.density.into(),
            thermal: !a.no_thermal,
            ..WorldOptions::default()
        },
    );
    let bar = progress::bar(Some(0), "rendering");
    let start = std::time::Instant::now();
    let mut pictures = 0;
    write_to_dir(&world, &a.out, &mut |p| {
        bar.set_length(p.total);
        bar.set_position(p.done);
        pictures = p.done;
    })?;
    bar.finish_and_clear();
    eprintln!(
        "{}: {pictures} pictures, {:.1} a second; SIMULATED",
        a.out.display(),
        pictures as f64 / start.elapsed().as_secs_f64().max(1e-9)
    );
    a.udp.map_or(Ok(()), |address| play(a, address))
}

/// Plays what has been written, until the process is stopped.
fn play(a: &Args, address: SocketAddr) -> Result<()> {
    let mut feeds = vec![(a.out.join("eo.ts"), address)];
    if !a.no_thermal {
        let mut next = address;
        next.set_port(address.port().checked_add(1).unwrap_or(1024));
        feeds.push((a.out.join("ir.ts"), next));
    }
    for (file, to) in &feeds {
        eprintln!("{} to udp://{to}; Ctrl-C stops", file.display());
    }
    let options = PlayOptions {
        looping: true,
        start_us: Some(now().0),
    };
    Ok(send_feeds(&feeds, options, &AtomicBool::new(false))?)
}
