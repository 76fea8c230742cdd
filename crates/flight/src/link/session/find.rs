//! Which aircraft is on the link, and whether it may be loaded.

use super::{Autopilot, Event, MOST_SYSTEMS, Session, State};
use crate::link::LinkError;
use atalaya_mav::Message;
use atalaya_mav::common::{HEARTBEAT_DATA, MavAutopilot, MavModeFlag};

impl Session {
    pub(super) fn heartbeat(&mut self, now_us: u64, m: &Message, h: &HEARTBEAT_DATA) {
        let autopilot = match h.autopilot {
            MavAutopilot::MAV_AUTOPILOT_INVALID => return,
            MavAutopilot::MAV_AUTOPILOT_ARDUPILOTMEGA => Autopilot::ArduPilot,
            MavAutopilot::MAV_AUTOPILOT_PX4 => Autopilot::Px4,
            _ => Autopilot::Other,
        };
        if m.system == 0 || self.heard.len() >= MOST_SYSTEMS {
            return;
        }
        let armed = h
            .base_mode
            .contains(MavModeFlag::MAV_MODE_FLAG_SAFETY_ARMED);
        self.heard.insert(m.system, (autopilot, armed, m.signed));
        if let State::Finding { first_us } = &mut self.state {
            first_us.get_or_insert(now_us);
        }
        if self.options.system == Some(m.system) {
            self.found(now_us, m.system);
        }
    }

    fn found(&mut self, now_us: u64, system: u8) {
        let Some((autopilot, armed, signed)) = self.heard.get(&system).copied() else {
            return;
        };
        if armed {
            return self.fail(LinkError {
                what: format!(
                    "aircraft {system} is armed; its mission is not changed under it: land and disarm it first"
                ),
            });
        }
        self.system = system;
        self.autopilot = autopilot;
        self.last_us = now_us;
        self.events.push(Event::Found {
            system,
            autopilot,
            signed,
        });
        self.upload(now_us, 0);
    }

    pub(super) fn finding(&mut self, now_us: u64, first_us: Option<u64>) {
        let known: Vec<String> = self.heard.keys().map(u8::to_string).collect();
        match (first_us, self.options.system) {
            (Some(t), None) if now_us >= t + self.options.listen_us => match known.as_slice() {
                [_] => {
                    let system = self.heard.keys().next().copied().unwrap_or_default();
                    self.found(now_us, system);
                }
                _ => self.fail(LinkError {
                    what: format!(
                        "{} aircraft are on this link: {}; say which with --system",
                        known.len(),
                        known.join(", ")
                    ),
                }),
            },
            _ if now_us >= self.began_us + self.options.patience_us => {
                let seconds = self.options.patience_us / 1_000_000;
                let what = match self.options.system {
                    Some(n) if !known.is_empty() => format!(
                        "aircraft {n} is not on this link; heard: {}",
                        known.join(", ")
                    ),
                    _ => format!(
                        "no heartbeat of an autopilot within {seconds} s; check address, port and that it is switched on"
                    ),
                };
                self.fail(LinkError { what });
            }
            _ => {}
        }
    }
}
