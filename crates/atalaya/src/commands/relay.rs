//! `atalaya relay`: a feed passed on as it is, metadata and all.

use anyhow::{Result, anyhow, bail};
use atalaya_feeds::{RelaySource, relay};
use atalaya_model::operation::StreamAddress;
use atalaya_video::Interrupt;
use std::path::PathBuf;
use std::time::Instant;

/// Arguments.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A recording, or udp://, srt://, rtsp:// or http(s):// as in an operation (docs/operation.md)
    source: String,
    /// Where it goes: udp://address:port or srt://host:port; may be given several times
    #[arg(long, value_name = "ADDRESS", required = true)]
    to: Vec<String>,
    /// Pass a recording on as fast as it is taken, not by its own clock
    #[arg(long)]
    fast: bool,
}

/// Runs it.
pub fn run(a: &Args) -> Result<()> {
    let parse = |text: &str| StreamAddress::parse(text).map_err(|e| anyhow!(e));
    let source = match a.source.contains("://") {
        true => RelaySource::Stream(parse(&a.source)?),
        false => RelaySource::File {
            path: PathBuf::from(&a.source),
            paced: !a.fast,
        },
    };
    let to = a.to.iter().map(|t| parse(t)).collect::<Result<Vec<_>>>()?;
    let stop = Interrupt::default();
    on_interrupt(&stop)?;
    let begun = Instant::now();
    let report = relay(&source, &to, &stop, |fault| eprintln!("atalaya: {fault}"))?;
    eprintln!(
        "{} bytes in {:.1} s from the source, {} pieces shed on arrival",
        report.bytes,
        begun.elapsed().as_secs_f64(),
        report.shed
    );
    for (name, s) in &report.to {
        eprintln!(
            "{name}: {} bytes passed on, {} shed, {} sent once more after {} connections",
            s.bytes, s.shed_bytes, s.repeated_bytes, s.connections
        );
    }
    if report.bytes == 0 {
        bail!("nothing came from the source; check its address");
    }
    Ok(())
}

/// Ctrl-C and SIGTERM end it in good order.
fn on_interrupt(stop: &Interrupt) -> Result<()> {
    let stop = stop.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let Ok(mut term) = signal(SignalKind::terminate()) else {
                return;
            };
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = term.recv() => {}
            }
            stop.stop();
        });
    });
    Ok(())
}
