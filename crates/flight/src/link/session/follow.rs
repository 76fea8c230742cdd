//! What is heard while it flies, and when nothing is.

use super::{Autopilot, Event, QUIET_US, Session, State};
use crate::link::{AUTOPILOT, LinkError};
use atalaya_mav::common::{COMMAND_LONG_DATA, MavCmd, MavMessage};

impl Session {
    pub(super) fn begin_following(&mut self, now_us: u64) {
        self.state = State::Following;
        self.ask_for_telemetry(now_us);
    }

    /// What is heard in whatever state.
    pub(super) fn listen(&mut self, body: &MavMessage) {
        let was = self.telemetry.clone();
        let placed = self.telemetry.take(body);
        let now = &self.telemetry;
        if now.fence_breaches > was.fence_breaches.or(Some(0)) {
            self.events
                .push(Event::Breach(now.fence_breaches.unwrap_or(0)));
        }
        if let MavMessage::STATUSTEXT(t) = body {
            let text: String = t
                .text
                .to_str()
                .unwrap_or_default()
                .chars()
                .filter(|c| !c.is_control())
                .collect();
            self.events.push(Event::Text(text));
        }
        if !matches!(self.state, State::Starting(_) | State::Following) {
            return;
        }
        if let MavMessage::MISSION_ITEM_REACHED(r) = body
            && was.reached != now.reached
        {
            let home = usize::from(self.autopilot == Autopilot::ArduPilot);
            let n = (usize::from(r.seq) + 1).saturating_sub(home);
            self.events.push(Event::Reached(n, self.load.mission.len()));
        }
        if placed {
            self.events.push(Event::Position(Box::new(now.clone())));
        }
        self.flew |= now.armed == Some(true);
        let over = self.flew && now.armed == Some(false);
        if over && matches!(self.state, State::Following) {
            self.events.push(Event::Ended);
            self.state = State::Over;
        }
    }

    /// Position, attitude, battery, clock, fence: an autopilot that sends them already takes no harm.
    fn ask_for_telemetry(&mut self, now_us: u64) {
        self.asked_us = now_us;
        for (message, every_us) in [
            (33, 250_000.0),
            (30, 250_000.0),
            (74, 500_000.0),
            (24, 1e6),
            (1, 1e6),
            (2, 1e6),
            (42, 1e6),
            (162, 1e6),
        ] {
            self.out.push(MavMessage::COMMAND_LONG(COMMAND_LONG_DATA {
                param1: message as f32,
                param2: every_us,
                command: MavCmd::MAV_CMD_SET_MESSAGE_INTERVAL,
                target_system: self.system,
                target_component: AUTOPILOT,
                ..COMMAND_LONG_DATA::default()
            }));
        }
    }

    pub(super) fn quiet(&mut self, now_us: u64) {
        let silent = now_us.saturating_sub(self.last_us);
        if silent >= QUIET_US && !self.quiet {
            self.quiet = true;
            self.events.push(Event::Lost);
        }
        let following = matches!(self.state, State::Following);
        // Asked for again where nothing came of it.
        if following && self.telemetry.lat.is_none() && now_us >= self.asked_us + QUIET_US {
            self.ask_for_telemetry(now_us);
        }
        if silent >= self.options.lost_us {
            let place = match (self.telemetry.lat, self.telemetry.lon) {
                (Some(lat), Some(lon)) => {
                    format!("; last at {:.6}, {:.6}", lat.to_degrees(), lon.to_degrees())
                }
                _ => String::new(),
            };
            self.fail(LinkError {
                what: format!(
                    "aircraft {} was not heard for {} s{place}; it flies on by its own rules for a lost link",
                    self.system,
                    silent / 1_000_000
                ),
            });
        }
    }
}
