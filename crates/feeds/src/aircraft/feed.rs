//! Telemetry as a feed: where each aircraft on a link is.

use super::{AircraftError, AircraftLink};
use atalaya_mav::{Key, Message, Telemetry};
use atalaya_model::{Micros, PlatformState, VerticalDatum};
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A new position of an aircraft.
#[derive(Clone, Debug, PartialEq)]
pub struct AircraftReport {
    /// Its number.
    pub system: u8,
    /// By its own clock where that knows UTC, else when it was received.
    pub t: Micros,
    /// In the model's words.
    pub state: PlatformState,
    /// All it says of itself.
    pub telemetry: Telemetry,
}

/// Most aircraft on one link.
const MOST: usize = 250;

/// Listens to the aircraft of a link; sends nothing.
pub struct AircraftFeed {
    link: AircraftLink,
    system: Option<u8>,
    known: BTreeMap<u8, Telemetry>,
    ready: VecDeque<AircraftReport>,
}

/// The platform of telemetry, at a time.
pub fn platform(system: u8, t: Micros, said: &Telemetry) -> PlatformState {
    PlatformState {
        t,
        lat: said.lat,
        lon: said.lon,
        height_m: said.height_m,
        datum: said.height_m.map(|_| VerticalDatum::Msl),
        heading: said.heading,
        pitch: said.pitch,
        roll: said.roll,
        platform: Some(format!("aircraft {system}")),
        ..PlatformState::default()
    }
}

impl AircraftFeed {
    /// Opens a link ([`super::LinkAddress`]) and hears one aircraft or all, under a key where there is
    /// one.
    pub fn open(name: &str, system: Option<u8>, key: Option<Key>) -> Result<Self, AircraftError> {
        Ok(Self {
            link: AircraftLink::open(name, key)?,
            system,
            known: BTreeMap::new(),
            ready: VecDeque::new(),
        })
    }

    /// The link.
    pub fn link(&self) -> &AircraftLink {
        &self.link
    }

    /// The next position, if one comes in time.
    pub fn next(&mut self, wait: Duration) -> Result<Option<AircraftReport>, AircraftError> {
        if self.ready.is_empty() {
            let mut messages = Vec::new();
            self.link.receive(wait, &mut messages)?;
            let arrived = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX));
            for m in &messages {
                self.take(m, Micros(arrived));
            }
        }
        Ok(self.ready.pop_front())
    }

    fn take(&mut self, m: &Message, arrived: Micros) {
        let wanted = self.system.is_none_or(|n| n == m.system) && m.component == 1;
        let room = self.known.len() < MOST || self.known.contains_key(&m.system);
        if !wanted || !room {
            return;
        }
        let said = self.known.entry(m.system).or_default();
        if said.take(&m.body) {
            let t = said.utc_us().map_or(arrived, Micros);
            self.ready.push_back(AircraftReport {
                system: m.system,
                t,
                state: platform(m.system, t, said),
                telemetry: said.clone(),
            });
        }
    }
}
