//! From one source to any number of destinations.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use atalaya_model::operation::StreamAddress;
use atalaya_video::Interrupt;
use crossbeam_channel::{RecvTimeoutError, unbounded};

use super::{Relay, RelayStats};
use crate::error::Error;
use crate::source::{Line, Opened, Shared};

/// Received bytes that wait to be handed on.
const ROOM: usize = 16 << 20;
const POLL: Duration = Duration::from_millis(50);

/// What is passed on.
#[derive(Debug, Clone)]
pub enum RelaySource {
    /// A recording, held to its own clock, or as fast as the destinations take it.
    File {
        /// The file.
        path: PathBuf,
        /// Held to its clock.
        paced: bool,
    },
    /// A live stream.
    Stream(StreamAddress),
}

/// What a relay came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelayReport {
    /// Bytes of transport stream that came.
    pub bytes: u64,
    /// Pieces shed on arrival, because they came faster than they could be handed on.
    pub shed: u64,
    /// Each destination, and what it got.
    pub to: Vec<(String, RelayStats)>,
}

/// Passes `source` on to all destinations until its end, or until `stop`. `tell` hears what goes
/// wrong, one line each.
pub fn relay(
    source: &RelaySource,
    to: &[StreamAddress],
    stop: &Interrupt,
    mut tell: impl FnMut(&str),
) -> Result<RelayReport, Error> {
    let opened = match source {
        RelaySource::File { path, paced } => Opened::file(path, *paced)?,
        RelaySource::Stream(address) => Opened::open(address)?,
    };
    let relays = to.iter().map(Relay::to).collect::<Result<Vec<_>, _>>()?;
    let shared = Shared::stopped_by(stop);
    let (sender, pieces) = unbounded();
    let line = Line {
        shared: Arc::clone(&shared),
        sender,
        room: ROOM,
    };
    let thread = std::thread::spawn(move || opened.run(&line));
    let mut report = RelayReport::default();
    loop {
        match pieces.recv_timeout(POLL) {
            Ok((bytes, _)) => {
                shared.queued.fetch_sub(bytes.len(), Ordering::Relaxed);
                report.bytes += bytes.len() as u64;
                for relay in &relays {
                    relay.push(&bytes);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let faults = shared.faults.take();
        let of_relays = relays.iter().flat_map(Relay::take_faults);
        faults.into_iter().chain(of_relays).for_each(|f| tell(&f));
    }
    if thread.join().is_err() {
        tell("the source's thread failed; start it again");
    }
    report.shed = shared.shed.load(Ordering::Relaxed);
    if stop.is_stopped() {
        relays.iter().for_each(|r| r.interrupt().stop());
    }
    for relay in relays {
        let name = relay.name().to_owned();
        report.to.push((name, relay.finish()));
    }
    Ok(report)
}
