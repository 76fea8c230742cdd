//! What an operation holds to send with.

use super::address::{CotAddress, CotOutError};
use super::convert::{AircraftFix, CotSource};
use super::link::{CotStats, Shared, run};
use atalaya_cot::CotEvent;
use atalaya_model::{Alert, Micros, TrackId, TrackPoint, TrackState};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Event time between two messages about the same thing, seconds.
const EVERY_S: f64 = 1.0;
/// Tracks that are remembered; beyond it the one longest without news is forgotten.
const MAX_TRACKS: usize = 10_000;
/// Aircraft that are remembered.
const MAX_AIRCRAFT: usize = 100;

/// Sends to one address. Opening does not wait for the network, sending never blocks; dropping it
/// sends what waits, for two seconds at most, and stops.
pub struct CotSender {
    source: CotSource,
    address: CotAddress,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    tracks: BTreeMap<TrackId, (Micros, CotEvent)>,
    aircraft: BTreeMap<String, Micros>,
}

impl CotSender {
    /// To `url` (`udp://host:port`, also a multicast group such as `udp://239.2.3.1:6969`, or
    /// `tcp://host:port`), for an operation. The address is checked; who is there is found out in
    /// the background, again and again until somebody is.
    pub fn open(url: &str, source: CotSource) -> Result<Self, CotOutError> {
        let address = CotAddress::parse(url)?;
        let shared = Arc::new(Shared::default());
        let (theirs, to) = (Arc::clone(&shared), address.clone());
        let thread = std::thread::Builder::new()
            .name("cot".into())
            .spawn(move || run(&theirs, &to))
            .map_err(|e| CotOutError::Thread(e.to_string()))?;
        Ok(Self {
            source,
            address,
            shared,
            thread: Some(thread),
            tracks: BTreeMap::new(),
            aircraft: BTreeMap::new(),
        })
    }

    /// Where it goes.
    pub fn address(&self) -> &CotAddress {
        &self.address
    }

    /// A track's point at event time `t`: at most one a second per track goes out. What is out of
    /// view is not sent, so that it grows stale on the screen; what has ended is stale at once.
    pub fn send_track(&mut self, point: &TrackPoint, t: Micros) {
        match point.state {
            TrackState::Ended => {
                if let Some((_, last)) = self.tracks.remove(&point.track) {
                    self.shared.push(self.source.ended(&last, t).to_xml());
                }
                return;
            }
            TrackState::Unobserved => return,
            TrackState::Seen | TrackState::Stopped | TrackState::Coasting => {}
        }
        if self
            .tracks
            .get(&point.track)
            .is_some_and(|(last, _)| !due(*last, t))
        {
            return;
        }
        let Some(event) = self.source.track(point, t) else {
            self.shared.count_unplaced();
            return;
        };
        self.shared.push(event.to_xml());
        if self.tracks.len() >= MAX_TRACKS
            && !self.tracks.contains_key(&point.track)
            && let Some(oldest) = self
                .tracks
                .iter()
                .min_by_key(|(_, (t, _))| *t)
                .map(|(k, _)| *k)
        {
            self.tracks.remove(&oldest);
        }
        self.tracks.insert(point.track, (t, event));
    }

    /// The aircraft of a feed at event time `t`: at most one message a second.
    pub fn send_aircraft(&mut self, feed: &str, fix: &AircraftFix, t: Micros) {
        match self.aircraft.get(feed) {
            Some(last) if !due(*last, t) => return,
            None if self.aircraft.len() >= MAX_AIRCRAFT => return,
            _ => {}
        }
        match self.source.aircraft(feed, fix, t) {
            Some(event) => {
                self.shared.push(event.to_xml());
                self.aircraft.insert(feed.to_owned(), t);
            }
            None => self.shared.count_unplaced(),
        }
    }

    /// An alert, when it opens and whenever its state changes.
    pub fn send_alert(&mut self, alert: &Alert) {
        match self.source.alert(alert) {
            Some(event) => self.shared.push(event.to_xml()),
            None => self.shared.count_unplaced(),
        }
    }

    /// What became of it all so far.
    pub fn stats(&self) -> CotStats {
        self.shared.stats()
    }
}

/// A second has passed, or event time has started again (a loop, a new run).
fn due(last: Micros, t: Micros) -> bool {
    t < last || t.since(last) >= EVERY_S - 1e-6
}

impl Drop for CotSender {
    fn drop(&mut self) {
        // A thread that hangs in a name look-up is left behind: it holds nothing but the queue.
        if self.shared.finish()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}
